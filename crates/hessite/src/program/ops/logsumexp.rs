//! y = ln Σ exp(x) over rows, columns or both, shifted by the largest entry.
//!
//! ẏ = Σ s∘ẋ with s = softmax(x). Where every entry is −∞ the value is −∞ and the derivative 0; where one is +∞
//! the value is +∞ and s is 1 on those entries, shared evenly at ties.

use super::*;
use crate::dense::reduce;
use crate::program::scalar;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct LogSumExp {
    /// Over the rows: the result has one row.
    pub rows: bool,
    /// Over the columns: the result has one column.
    pub cols: bool,
}

/// The entries of `x` that go into entry (i, j) of the reduction.
pub(super) fn group<N: Number>(x: &Array<N>, rows: bool, cols: bool, i: usize, j: usize) -> Vec<N> {
    let mut all = Vec::new();
    for q in if cols { 0..x.shape.cols } else { j..j + 1 } {
        for p in if rows { 0..x.shape.rows } else { i..i + 1 } {
            all.push(x.at(p, q).clone());
        }
    }
    all
}

pub(super) fn largest<N: Number>(group: &[N]) -> f64 {
    group.iter().fold(f64::NEG_INFINITY, |m, x| if x.real() > m || x.real().is_nan() { x.real() } else { m })
}

impl Primitive for LogSumExp {
    fn name(&self) -> &'static str {
        "logsumexp"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        Sum { rows: self.rows, cols: self.cols }.shape(args)
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        reduce::log_sum_exp(args[0], target.out);
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let mut out = Vec::with_capacity(shape.len());
        for j in 0..shape.cols {
            for i in 0..shape.rows {
                let all = group(args[0], self.rows, self.cols, i, j);
                let top = largest(&all);
                if !top.is_finite() {
                    out.push(N::constant(top));
                    continue;
                }
                let mut sum = N::constant(0.0);
                for x in all {
                    sum = sum + N::row(&scalar::EXP, 0.0, &[x - N::constant(top)])?;
                }
                out.push(N::row(&scalar::LN, 0.0, &[sum])? + N::constant(top));
            }
        }
        Ok(out)
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        let s = b.emit(Softmax { rows: self.rows, cols: self.cols }, at.args);
        let weighted = b.mul(s, tangents[0]?);
        Some(b.emit(Sum { rows: self.rows, cols: self.cols }, &[weighted]))
    }

    fn transpose(&self, _: &mut Builder, _: At<'_>, _: usize, _: Value) -> Option<Value> {
        None
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let mut all = Vec::new();
        for s in [(3, 4), (1, 4), (4, 1), (1, 1)] {
            for (rows, cols) in [(true, true), (true, false), (false, true)] {
                all.push((LogSumExp { rows, cols }, shapes(&[s])));
            }
        }
        all
    }
}
