//! The p-norm of all entries, y = (Σ |xᵢⱼ|ᵖ)^(1/p) for a p between 1 and ∞, without overflow.
//!
//! ẏ = ⟨U, Ẋ⟩ with U = sign(R)∘|R|ᵖ⁻¹ and R = X/y, whose entries are at most 1: no power leaves the range of numbers.
//! Where X = 0, U = 0 (the minimum-norm subgradient). For p < 2 the second derivative is infinite at an entry that is
//! 0; there the entry counts as constant in U, and the kink is reported. (At 1, 2 and ∞ there are simpler ways.)

use super::*;
use crate::dense::sequences;
use crate::program::scalar;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct LpNorm {
    bits: u64,
}

impl LpNorm {
    pub fn new(p: f64) -> Self {
        LpNorm { bits: p.to_bits() }
    }

    fn p(&self) -> f64 {
        f64::from_bits(self.bits)
    }
}

impl Primitive for LpNorm {
    fn name(&self) -> &'static str {
        "lp_norm"
    }

    fn shape(&self, _: &[Shape]) -> Result<Shape, Mismatch> {
        match self.p() >= 1.0 && self.p().is_finite() {
            true => Ok(Shape::SCALAR),
            false => Err(Mismatch::new(format!("p = {}; it is at least 1", self.p()))),
        }
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        target.out.data[0] = sequences::lp_norm(args[0].data, self.p());
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], _: Shape) -> Result<Vec<N>> {
        let real: Vec<f64> = args[0].entries.iter().map(N::real).collect();
        let y = sequences::lp_norm(&real, self.p());
        if y == 0.0 || !y.is_finite() {
            return Ok(vec![N::constant(y)]);
        }
        // A constant, exact in every derivative: the norm of s·x is s times that of x. Its reciprocal is needed too.
        let scale = y.clamp(1e-300, 1e300);
        let (down, up) = (N::constant(1.0 / scale), N::constant(scale));
        let mut sum = N::constant(0.0);
        for x in args[0].entries.iter().filter(|x| x.real() != 0.0) {
            let x = if x.real() < 0.0 { -x.clone() } else { x.clone() };
            sum = sum + N::row(&scalar::POWF, self.p(), &[x * down.clone()])?;
        }
        Ok(vec![N::row(&scalar::POWF, 1.0 / self.p(), &[sum])? * up])
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        let r = b.map(&scalar::DIV_OR_ZERO, &[at.args[0], at.result]);
        let (size, sign) = (b.map(&scalar::ABS, &[r]), b.map(&scalar::SIGN, &[r]));
        let power = b.map_with(&scalar::POWF, self.p() - 1.0, &[size]);
        let u = b.mul(sign, power);
        // Shut at 0, where derivatives of the power may be infinite.
        let u = b.gate(sign, u);
        Some(b.emit(Dot, &[u, tangents[0]?]))
    }

    fn transpose(&self, _: &mut Builder, _: At<'_>, _: usize, _: Value) -> Option<Value> {
        None
    }

    fn kink(&self, args: &[&Array<f64>], result: &Array<f64>) -> Option<usize> {
        let zero = args[0].entries.contains(&0.0);
        (!args[0].entries.is_empty() && (result.entries[0] == 0.0 || (self.p() < 2.0 && zero))).then_some(0)
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let of = |p: f64| [(3, 4), (1, 1), (5, 1)].map(|s| (LpNorm::new(p), shapes(&[s])));
        [1.25, 2.5, 3.0, 4.0].into_iter().flat_map(of).collect()
    }
}
