//! 1 at the first entry, in column-major order, that equals the extremum of its group, else 0; constant.

use super::*;
use crate::dense::reduce;

/// Arguments: the array and its extremum.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Selected {
    pub rows: bool,
    pub cols: bool,
}

impl Primitive for Selected {
    fn name(&self) -> &'static str {
        "selected"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        Ok(args[0])
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        reduce::selected(args[0], args[1], target.out);
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let (x, y) = (args[0], args[1]);
        let mut taken = vec![false; y.entries.len()];
        entrywise(shape, |i, j| {
            let at = |i, n| if n == 1 { 0 } else { i };
            let group = at(i, y.shape.rows) + y.shape.rows * at(j, y.shape.cols);
            let hit = !taken[group] && x.at(i, j).real() == y.entries[group].real();
            taken[group] |= hit;
            N::constant(if hit { 1.0 } else { 0.0 })
        })
    }

    fn tangent(&self, _: &mut Builder, _: At<'_>, _: &[Option<Value>]) -> Option<Value> {
        None
    }

    fn transpose(&self, _: &mut Builder, _: At<'_>, _: usize, _: Value) -> Option<Value> {
        None
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        vec![(Selected { rows: true, cols: true }, shapes(&[(3, 2), (1, 1)]))]
    }
}
