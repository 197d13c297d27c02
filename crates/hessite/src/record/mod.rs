//! What the user writes with: a [`Graph`] of named variables, and handles with operators on them.
//!
//! Every operation is recorded at once, with its shape and the caller's line. An operator can't return an error, so
//! one that fails gives a handle that carries the failure along; `Graph::function` returns it.

mod arrays;
mod elementwise;
mod entries;
mod graph;
mod linear_algebra;
mod matrix;
mod operators;
mod spectral;
mod structure;
mod structured;

pub use entries::{Binding, Entries, Key, bind};
pub(crate) use graph::Variable;
pub use graph::{Graph, Var};
pub use matrix::{Matrix, Scalar};
pub use operators::{Addend, Factor, Number, ScalarFactor};
#[cfg(test)]
pub(crate) use spectral::FUNCTIONS as SPECTRAL_FUNCTIONS;
pub use spectral::Spectral;
pub(crate) use structure::Packing;
pub use structure::{Coordinates, Structure};
