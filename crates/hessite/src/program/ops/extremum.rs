//! The largest or smallest entry over rows, columns or both: y = max x, NaN if any entry is.
//!
//! ẏ is the tangent of the selected entry, the first in column-major order at a tie. Ties are kinks.

use super::*;
use crate::dense::reduce;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Extremum {
    /// The largest; otherwise the smallest.
    pub max: bool,
    pub rows: bool,
    pub cols: bool,
}

impl Primitive for Extremum {
    fn name(&self) -> &'static str {
        if self.max { "max" } else { "min" }
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        let s = Sum { rows: self.rows, cols: self.cols }.shape(args)?;
        if s.len() > 0 && args[0].len() == 0 {
            return Err(Mismatch::new("an empty array has none"));
        }
        Ok(s)
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        reduce::extremum(args[0], self.max, target.out);
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let better = |x: &N, m: &N| {
            x.real().is_nan() || if self.max { x.real() > m.real() } else { x.real() < m.real() }
        };
        entrywise(shape, |i, j| {
            let all = super::logsumexp::group(args[0], self.rows, self.cols, i, j);
            all.iter().skip(1).fold(all[0].clone(), |m, x| if better(x, &m) { x.clone() } else { m })
        })
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        let t = tangents[0]?;
        let chosen = b.emit(Selected { rows: self.rows, cols: self.cols }, &[at.args[0], at.result]);
        let only = b.gate(chosen, t);
        Some(b.emit(Sum { rows: self.rows, cols: self.cols }, &[only]))
    }

    fn transpose(&self, _: &mut Builder, _: At<'_>, _: usize, _: Value) -> Option<Value> {
        None
    }

    fn kink(&self, args: &[&Array<f64>], result: &Array<f64>) -> Option<usize> {
        let s = result.shape;
        (0..s.len()).find(|&e| {
            let all = super::logsumexp::group(args[0], self.rows, self.cols, e % s.rows, e / s.rows);
            all.iter().filter(|&&x| x == result.entries[e]).count() > 1
        })
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let mut all = Vec::new();
        for (l, s) in LogSumExp::samples() {
            for max in [true, false] {
                all.push((Extremum { max, rows: l.rows, cols: l.cols }, s.clone()));
            }
        }
        all
    }
}
