//! y = X[i, j] for the entry that two numbers name; zero where there is none.
//!
//! The numbers are indices: constant to differentiation. Ẋ[i, j]; X̄ = ȳ eᵢeⱼᵀ.

use super::*;
use super::pick_column::{index, within};

/// Arguments: the matrix, the number of a row and that of a column, which each direction may have for itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PickEntry;

impl Primitive for PickEntry {
    fn name(&self) -> &'static str {
        "entry"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        match args[1].is_scalar() && args[2].is_scalar() {
            true => Ok(Shape::SCALAR),
            false => Err(Mismatch::new("the numbers of a row and a column are scalars")),
        }
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let (x, out) = (&args[0], target.out);
        for (l, o) in out.data.iter_mut().enumerate().take(out.lanes) {
            let at = index(&args[1], l, x.rows).zip(index(&args[2], l, x.cols));
            let lane = if x.lanes == 1 { 0 } else { l };
            *o = at.map_or(0.0, |(i, j)| x.data[(i + j * x.rows) * x.lanes + lane]);
        }
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], _: Shape) -> Result<Vec<N>> {
        let s = args[0].shape;
        let at = within(args[1].entries[0].real(), s.rows).zip(within(args[2].entries[0].real(), s.cols));
        Ok(vec![at.map_or(N::constant(0.0), |(i, j)| args[0].at(i, j).clone())])
    }

    fn flops(&self, _: &[Shape], _: Shape) -> u64 {
        1
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        tangents[0].map(|t| b.emit(PickEntry, &[t, at.args[1], at.args[2]]))
    }

    fn transpose(&self, b: &mut Builder, at: At<'_>, j: usize, w: Value) -> Option<Value> {
        (j == 0).then(|| {
            let s = b.shape(at.args[0]);
            let row = b.emit(Unit { len: s.rows }, &[at.args[1]]);
            let column = b.emit(Unit { len: s.cols }, &[at.args[2]]);
            let row = b.mul(w, row);
            b.emit(Matmul { ta: false, tb: true }, &[row, column])
        })
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        [(3, 2), (1, 4), (0, 2), (1, 1)].map(|s| (PickEntry, shapes(&[s, (1, 1), (1, 1)]))).to_vec()
    }
}
