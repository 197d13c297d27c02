//! Exact second derivatives of functions of matrices: Hessian-vector products, any mixed block d/dX[dL/dY], full
//! Hessians and Jacobians, by dual-number forward mode over a reverse-mode core.
//!
//! **What enters**: a function written with operators on the handles of a [`Graph`]. **What leaves**: a
//! [`Function`], which evaluated [at](Function::at) a [`Point`] gives its value, gradient, products H·v, blocks and
//! Hessians, each with its index convention stated.
//!
//! ```
//! # fn main() -> hessite::Result<()> {
//! use hessite::Graph;
//! use nalgebra::dmatrix;
//!
//! let g = Graph::new();
//! let x = g.matrix("X", 2, 2);
//! let y = g.matrix("Y", 2, 2);
//! let f = g.function((x * x * y).norm())?; // recorded, transformed and planned once
//!
//! let (x0, y0) = (dmatrix![1.0, 2.0; 3.0, 4.0], dmatrix![0.5, -1.0; 1.5, 2.0]);
//! let at = f.at(&[x.is(&x0), y.is(&y0)])?; // what is computed once for a point
//! let hxy = at.block(x, y)?; // d/dX[dL/dY]
//! assert!((hxy[(0, 0, 0, 0)] - 3.4885).abs() < 1e-4); // d²L / dX_00 dY_00
//!
//! let hv = at.hvp(&[x.is(&y0), y.is(&x0)])?; // one direction, at the cost of two gradients
//! assert_eq!(hv.of(x)?.shape(), (2, 2));
//! # Ok(())
//! # }
//! ```
//!
//! # Conventions
//! * Arrays are column-major (`vec` order) wherever a slice stands for one, as in nalgebra.
//! * `block(a, b)[(i, j, k, l)]` = ∂²L/∂Aᵢⱼ∂Bₖₗ; as a matrix its row is i + rows(A)·j, its column k + rows(B)·l.
//! * Variables have independent entries.
//! * Results are the same bits for any number of threads.
//! * At a kink one selection is made on the value and used by all derivatives; see [`Mode`].
//!
//! # Deliberately absent
//! Complex numbers and f32; in-place mutation of recorded values; control flow on recorded values (there is no
//! comparison to write it with; use [`Matrix::select`]); sparse matrices as operands.
//!
//! # Features
//! `rayon` (default) deals blocks of directions, and strips of large products, to the cores.
#![deny(unsafe_code)]

mod calculus;
mod dense;
mod engine;
mod error;
mod hessian;
mod passes;
mod program;
mod record;
#[cfg(test)]
mod tests;

pub use engine::control::{Control, DEFAULT_BUDGET, Progress};
pub use error::{Error, Line, Phase, Result};
pub use hessian::{
    Block, Certificate, Condition, Estimate, Function, Hessian, Mode, Operator, PerVariable, Point, Tensor,
};
pub use hessite_check::{Fault, Options as CheckOptions};
pub use record::{
    Addend, Binding, Coordinates, Entries, Factor, Graph, Key, Matrix, Number, Scalar, ScalarFactor,
    Spectral, Structure, Var, bind,
};
