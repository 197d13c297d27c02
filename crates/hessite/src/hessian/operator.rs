//! The Hessian as a linear operator.

use super::point::Point;
use crate::engine::control::Control;
use crate::error::Result;

/// H at a point, over all variables stacked: `apply` is one product, `apply_many` a panel of them.
#[derive(Clone, Copy, Debug)]
pub struct Operator<'p> {
    pub(crate) point: &'p Point,
}

impl Operator<'_> {
    /// The order n of H.
    pub fn dimension(&self) -> usize {
        self.point.function.dimension()
    }

    /// out = H·v.
    ///
    /// # Errors
    /// Lengths other than the dimension; a non-finite direction or result, unless the mode is Ieee.
    pub fn apply(&self, v: &[f64], out: &mut [f64]) -> Result<()> {
        self.apply_many(v, 1, out)
    }

    /// out = H·V for a panel of `count` directions, column after column.
    ///
    /// # Errors
    /// As [`apply`](Operator::apply).
    pub fn apply_many(&self, panel: &[f64], count: usize, out: &mut [f64]) -> Result<()> {
        self.point.products(panel, count, out, &Control::new())
    }
}
