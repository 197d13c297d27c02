//! The Frobenius norm y = √Σ xᵢⱼ², without overflow.
//!
//! ẏ = ⟨U, Ẋ⟩ with U = X/y, and U = 0 where X = 0 (the minimum-norm subgradient): there the gradient is 0 and,
//! 1/y being replaced by 0, so is every further derivative. The kink is reported. U is divided, not multiplied by
//! 1/y, whose own derivative −1/y² leaves the range of numbers when y merely comes near its root.

use super::*;
use crate::dense::reduce;
use crate::program::scalar;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Norm;

impl Primitive for Norm {
    fn name(&self) -> &'static str {
        "norm"
    }

    fn shape(&self, _: &[Shape]) -> Result<Shape, Mismatch> {
        Ok(Shape::SCALAR)
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        target.out.data[0] = reduce::norm(args[0].data);
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], _: Shape) -> Result<Vec<N>> {
        let largest = args[0].entries.iter().fold(0.0, |m: f64, x| m.max(x.real().abs()));
        // Clamped, for its reciprocal is needed too.
        let scale = if largest > 0.0 && largest.is_finite() { largest.clamp(1e-300, 1e300) } else { 1.0 };
        let (down, up) = (N::constant(1.0 / scale), N::constant(scale));
        let sum = args[0].entries.iter().fold(N::constant(0.0), |sum, x| {
            let x = x.clone() * down.clone();
            sum + x.clone() * x
        });
        Ok(vec![N::row(&scalar::SQRT, 0.0, &[sum])? * up])
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        let u = b.map(&scalar::DIV_OR_ZERO, &[at.args[0], at.result]);
        Some(b.emit(Dot, &[u, tangents[0]?]))
    }

    fn transpose(&self, _: &mut Builder, _: At<'_>, _: usize, _: Value) -> Option<Value> {
        None
    }

    fn kink(&self, args: &[&Array<f64>], result: &Array<f64>) -> Option<usize> {
        (result.entries[0] == 0.0 && !args[0].entries.is_empty()).then_some(0)
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        [(3, 4), (1, 1), (5, 1), (1, 2)].map(|s| (Norm, shapes(&[s]))).to_vec()
    }
}
