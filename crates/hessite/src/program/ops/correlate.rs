//! The correlation of a column with a shorter one, where that fits: cᵢ = Σⱼ yᵢ₊ⱼ bⱼ, of length m − n + 1.
//!
//! ċ = ẏ ⋆ b + y ⋆ ḃ. ȳ is the convolution c̄ ∗ b ([`Convolve`]), b̄ the correlation y ⋆ c̄.

use super::convolve::{banded, columns};
use super::*;
use crate::dense::sequences;
use crate::program::split::Term;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Correlate;

impl Primitive for Correlate {
    fn name(&self) -> &'static str {
        "correlate"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        let [m, n] = columns(args)?;
        match m.checked_sub(n) {
            Some(more) => Ok(Shape::new(more + 1, 1)),
            None => Err(Mismatch::new(format!("{n} entries don't fit into {m}"))),
        }
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        sequences::correlate(args[0], args[1], target.out);
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let (y, b) = (&args[0].entries, &args[1].entries);
        entrywise(shape, |i, _| {
            let pairs = y[i..].iter().zip(b);
            pairs.fold(N::constant(0.0), |sum, (y, b)| sum + y.clone() * b.clone())
        })
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        multilinear(self, b, at, tangents)
    }

    fn transpose(&self, b: &mut Builder, at: At<'_>, j: usize, w: Value) -> Option<Value> {
        Some(match j {
            0 => b.emit(Convolve, &[w, at.args[1]]),
            _ => b.emit(Correlate, &[at.args[0], w]),
        })
    }

    fn act(&self, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
        let (fixed, t, long) = match args {
            [Side::Lanes(t), Side::Point(b)] => (*b, t, true),
            [Side::Point(y), Side::Lanes(t)] => (*y, t, false),
            _ => return s.opaque(Correlate, args, shape),
        };
        let n = t.shape.rows;
        let each = |s: &mut Split, t: &Term| {
            let o = s.resolved(t, Shape::new(n, 1))?;
            if !s.free(&o) {
                return None;
            }
            banded(s, o, fixed, (shape.rows, n), |i, j| if long { j.checked_sub(i) } else { Some(i + j) })
        };
        s.termwise(t, shape, each, |s, rest| {
            let (rest, fixed) = (Side::Lanes(rest.clone()), Side::Point(fixed));
            s.opaque(Correlate, &if long { [rest, fixed] } else { [fixed, rest] }, shape)
        })
    }

    fn flops(&self, args: &[Shape], shape: Shape) -> u64 {
        2 * args[1].len() as u64 * shape.len() as u64
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        [(4, 3), (5, 2), (1, 1), (4, 1), (3, 3)].map(|(m, n)| (Correlate, shapes(&[(m, 1), (n, 1)]))).to_vec()
    }
}
