//! Program → Program: what is not needed goes, and what does not depend on the direction moves to the point.
//!
//! Common subexpressions and local identities are found while building (`program::Builder`); elementwise
//! neighbours of the point part are fused when it is scheduled (`engine::schedule`).

mod cost;
mod prune;
mod split;

pub(crate) use prune::prune;
pub(crate) use split::{Parts, split};
