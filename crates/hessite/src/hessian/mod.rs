//! What is asked of a function: value, gradient, products, blocks, Hessians, Jacobians.
//!
//! A [`Function`] is planned once; a [`Point`] keeps what was computed at one point, stage by stage as it is
//! needed; lane blocks are dealt with rayon.

mod blocks;
mod certificate;
#[cfg(test)]
mod counts;
mod equation;
mod failures;
mod function;
mod implicit;
mod jacobian;
mod literal;
mod operator;
mod plan;
mod point;
mod products;
mod results;
mod second;
mod structured;
mod sweep;
mod tensor;
mod variables;
mod words;

pub use certificate::Certificate;
pub use failures::Condition;
pub use function::{Estimate, Function, Mode};
pub use operator::Operator;
pub use point::Point;
pub use results::{Block, Hessian, PerVariable};
pub use tensor::Tensor;
#[cfg(test)]
pub(crate) use {
    plan::{Key as PlanKey, Kind, derive},
    sweep::Directions,
    variables::{Set, Variables},
};
