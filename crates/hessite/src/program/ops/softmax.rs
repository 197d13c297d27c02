//! s = exp(x) / Σ exp(x), the sum over rows, columns or both.
//!
//! ṡ = s∘ẋ − s·Σ(s∘ẋ). Entries that are infinite make s constant (see logsumexp), so there the tangent is 0.

use super::*;
use crate::dense::reduce;
use crate::program::scalar;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Softmax {
    pub rows: bool,
    pub cols: bool,
}

impl Primitive for Softmax {
    fn name(&self) -> &'static str {
        "softmax"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        Ok(args[0])
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        reduce::softmax(args[0], self.rows, self.cols, target.out);
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let mut out = Vec::with_capacity(shape.len());
        for j in 0..shape.cols {
            for i in 0..shape.rows {
                let all = super::logsumexp::group(args[0], self.rows, self.cols, i, j);
                let top = super::logsumexp::largest(&all);
                let own = args[0].at(i, j);
                if !top.is_finite() {
                    let ties = all.iter().filter(|x| x.real() == top).count() as f64;
                    let share = if top > 0.0 && own.real() == top { 1.0 / ties } else { 0.0 };
                    out.push(N::constant(if top.is_nan() { top } else { share }));
                    continue;
                }
                let mut sum = N::constant(0.0);
                for x in all {
                    sum = sum + N::row(&scalar::EXP, 0.0, &[x - own.clone()])?;
                }
                out.push(N::row(&scalar::RECIP, 0.0, &[sum])?);
            }
        }
        Ok(out)
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        let (s, op) = (at.result, Sum { rows: self.rows, cols: self.cols });
        let t = tangents[0]?;
        let st = b.mul(s, t);
        let total = b.emit(op, &[st]);
        let level = b.emit(LogSumExp { rows: self.rows, cols: self.cols }, at.args);
        let finite = b.map(&scalar::NOT_INFINITE, &[level]);
        let varying = b.gate(finite, s);
        let (own, mean) = (b.mul(varying, t), b.mul(varying, total));
        Some(b.map(&scalar::SUB, &[own, mean]))
    }

    fn transpose(&self, _: &mut Builder, _: At<'_>, _: usize, _: Value) -> Option<Value> {
        None
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        LogSumExp::samples().into_iter().map(|(l, s)| (Softmax { rows: l.rows, cols: l.cols }, s)).collect()
    }
}
