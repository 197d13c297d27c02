//! Dense and lane arithmetic on slices. Knows no graph.
//!
//! An array with K *lanes* holds K numbers side by side for each entry, one for each direction; a plain array is
//! the case K = 1. Everything here writes to memory that the caller owns, and the only unsafe code of the
//! workspace stands here, each block behind a function that checks the sizes.

pub(crate) mod assemble;
pub(crate) mod buffer;
pub(crate) mod cholesky;
pub(crate) mod columns;
pub(crate) mod combine;
pub(crate) mod complete;
pub(crate) mod divided;
pub(crate) mod eigen;
pub(crate) mod expm;
pub(crate) mod functions;
pub(crate) mod lanes;
pub(crate) mod lu;
pub(crate) mod product;
pub(crate) mod qr;
#[cfg(test)]
mod random;
pub(crate) mod reduce;
mod reflectors;
pub(crate) mod segments;
pub(crate) mod sequences;
pub(crate) mod simd;
pub(crate) mod spectral;
pub(crate) mod stop;
pub(crate) mod symmetric;
pub(crate) mod threads;
pub(crate) mod triangular;
