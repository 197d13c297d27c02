//! Finite-difference certificates for gradients and Hessians, over closures on slices.

mod check;
mod error;
mod evidence;
mod extrapolate;
mod fault;
mod line;
mod noise;
mod options;
mod random;
mod report;
mod survey;
mod symmetry;

pub use check::Check;
pub use error::{Error, Result};
pub use extrapolate::Estimate;
pub use fault::Fault;
pub use noise::noise;
pub use options::Options;
pub use report::{Along, Comparison, Evaluations, Place, Report, Symmetry};
