//! Exact second derivatives of functions of matrices.
mod calculus;
mod dense;
mod engine;
mod error;
mod hessian;
mod passes;
mod program;
mod record;
pub use error::{Error, Line, Phase, Result};

pub use engine::control::{Control, DEFAULT_BUDGET, Progress};
pub use hessian::{Block, Estimate, Function, Hessian, Mode, Operator, PerVariable, Point};
pub use record::{Binding, Entries, Graph, Key, Matrix, Scalar, Var, bind};
