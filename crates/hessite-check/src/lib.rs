//! Finite-difference certificates for gradients and Hessians, over closures on slices.

mod error;
mod fault;
mod options;

pub use error::{Error, Result};
pub use fault::Fault;
pub use options::Options;
