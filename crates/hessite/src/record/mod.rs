//! What the user writes with: a [`Graph`] of named variables, and handles with operators on them.
//!
//! Every operation is recorded at once, with its shape and the caller's line. An operator can't return an error, so
//! one that fails gives a handle that carries the failure along; `Graph::function` returns it.

mod elementwise;
mod entries;
mod graph;
mod matrix;
mod operators;
mod spectral;

pub use entries::{Binding, Entries, Key, bind};
pub(crate) use graph::Variable;
pub use graph::{Graph, Var};
pub use matrix::{Matrix, Scalar};
pub use operators::{Addend, Factor, Number, ScalarFactor};
#[cfg(test)]
pub(crate) use spectral::FUNCTIONS as SPECTRAL_FUNCTIONS;
pub use spectral::Spectral;
