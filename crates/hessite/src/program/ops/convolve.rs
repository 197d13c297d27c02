//! The full convolution of two columns: yₖ = Σ aᵢ bⱼ over i + j = k, of length m + n − 1.
//!
//! ẏ = ȧ∗b + a∗ḃ. The adjoints are correlations: ā = ȳ ⋆ b, b̄ = ȳ ⋆ a ([`Correlate`]).

use super::*;
use crate::dense::sequences;
use crate::program::split::{Factor, Outer};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Convolve;

/// Shapes of two columns that have entries.
pub(super) fn columns(args: &[Shape]) -> Result<[usize; 2], Mismatch> {
    match args {
        [a, b] if a.cols == 1 && b.cols == 1 && a.rows > 0 && b.rows > 0 => Ok([a.rows, b.rows]),
        [a, b] if a.len() == 0 || b.len() == 0 => Err(Mismatch::new("an empty array has none")),
        _ => Err(Mismatch::new("two columns are needed")),
    }
}

/// A thin column of length `n` under the `rows`×`n` matrix whose entry (i, j) is that number of the fixed column which
/// `index` says, or 0. Few directions do better without the matrix.
pub(super) fn banded(
    s: &mut Split,
    o: Outer,
    fixed: Value,
    (rows, n): (usize, usize),
    index: impl Fn(usize, usize) -> Option<usize>,
) -> Option<Terms> {
    if !matches!(o.thin.u, Factor::Unit(_)) || n > s.directions {
        return None;
    }
    let len = s.point.shape(fixed).rows;
    let padded = s.point.emit(Pad { row: 0, col: 0, rows: len + 1, cols: 1 }, &[fixed]);
    let list = (0..rows * n).map(|e| index(e % rows, e / rows).filter(|&k| k < len).unwrap_or(len)).collect();
    let band = s.point.emit(Gather { list, rows: true }, &[padded]);
    let band = s.point.emit(Reshape::new(Shape::new(rows, n)), &[band]);
    Some(Terms::one(Shape::new(rows, 1), s.multiplied(o, band, false, true).term()))
}

impl Primitive for Convolve {
    fn name(&self) -> &'static str {
        "convolve_full"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        let [m, n] = columns(args)?;
        m.checked_add(n - 1).map(|rows| Shape::new(rows, 1)).ok_or_else(|| Mismatch::new("too large"))
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        sequences::convolve(args[0], args[1], target.out);
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let (a, b) = (&args[0].entries, &args[1].entries);
        entrywise(shape, |k, _| {
            let pairs = (0..a.len()).filter_map(|i| Some((&a[i], b.get(k.checked_sub(i)?)?)));
            pairs.fold(N::constant(0.0), |sum, (x, y)| sum + x.clone() * y.clone())
        })
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        multilinear(self, b, at, tangents)
    }

    fn transpose(&self, b: &mut Builder, at: At<'_>, j: usize, w: Value) -> Option<Value> {
        Some(b.emit(Correlate, &[w, at.args[1 - j]]))
    }

    fn act(&self, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
        let (fixed, t) = match args {
            [Side::Point(a), Side::Lanes(t)] | [Side::Lanes(t), Side::Point(a)] => (*a, t),
            _ => return s.opaque(Convolve, args, shape),
        };
        let n = t.shape.rows;
        let each = |s: &mut Split, t: &crate::program::split::Term| {
            let o = s.resolved(t, Shape::new(n, 1))?;
            if !s.free(&o) {
                return None;
            }
            banded(s, o, fixed, (shape.rows, n), |i, j| i.checked_sub(j))
        };
        s.termwise(t, shape, each, |s, rest| {
            s.opaque(Convolve, &[Side::Lanes(rest.clone()), Side::Point(fixed)], shape)
        })
    }

    fn flops(&self, args: &[Shape], _: Shape) -> u64 {
        2 * args[0].len() as u64 * args[1].len() as u64
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        [(4, 3), (2, 5), (1, 1), (1, 4), (3, 1)].map(|(m, n)| (Convolve, shapes(&[(m, 1), (n, 1)]))).to_vec()
    }
}
