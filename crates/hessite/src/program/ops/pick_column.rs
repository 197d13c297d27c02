//! y = X[:, j] for the column that a number j names; zero where there is none.
//!
//! The number is an index: constant to differentiation. Ẋ[:, j]; X̄ = ȳ eⱼᵀ.

use super::*;
use smallvec::SmallVec;

/// Arguments: the matrix and the number of a column, which each direction may have for itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PickColumn;

/// The index that lane `l` of a number holds, if it is below `n`.
pub(super) fn index(x: &View<'_>, l: usize, n: usize) -> Option<usize> {
    within(x.data[if x.lanes == 1 { 0 } else { l }], n)
}

pub(super) fn within(x: f64, n: usize) -> Option<usize> {
    (x >= 0.0 && x < n as f64).then_some(x as usize)
}

impl Primitive for PickColumn {
    fn name(&self) -> &'static str {
        "column"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        match args[1].is_scalar() {
            true => Ok(Shape::new(args[0].rows, 1)),
            false => Err(Mismatch::new("the number of a column is a scalar")),
        }
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let (x, out) = (&args[0], target.out);
        // Of lane l from its own lane of X; nothing where it names no column.
        let columns: SmallVec<[&[f64]; 32]> = (0..out.lanes)
            .map(|l| match index(&args[1], l, x.cols) {
                None => &[][..],
                Some(j) => {
                    let column = &x.data[j * x.rows * x.lanes..(j + 1) * x.rows * x.lanes];
                    &column[if x.lanes == 1 { 0 } else { l.min(column.len()) }..]
                }
            })
            .collect();
        // Entry by entry, for the lanes of one lie side by side.
        for (e, entry) in out.data.chunks_exact_mut(out.lanes.max(1)).enumerate() {
            for (o, column) in entry.iter_mut().zip(&columns) {
                *o = column.get(e * x.lanes).copied().unwrap_or(0.0);
            }
        }
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let column = within(args[1].entries[0].real(), args[0].shape.cols);
        entrywise(shape, |i, _| column.map_or(N::constant(0.0), |j| args[0].at(i, j).clone()))
    }

    fn flops(&self, _: &[Shape], shape: Shape) -> u64 {
        // Each lane looks its numbers up somewhere else.
        4 * shape.len() as u64
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        tangents[0].map(|t| b.emit(PickColumn, &[t, at.args[1]]))
    }

    fn transpose(&self, b: &mut Builder, at: At<'_>, j: usize, w: Value) -> Option<Value> {
        (j == 0).then(|| {
            let len = b.shape(at.args[0]).cols;
            let unit = b.emit(Unit { len }, &[at.args[1]]);
            b.emit(Matmul { ta: false, tb: true }, &[w, unit])
        })
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        [(3, 2), (1, 4), (0, 2), (1, 1)].map(|s| (PickColumn, shapes(&[s, (1, 1)]))).to_vec()
    }
}
