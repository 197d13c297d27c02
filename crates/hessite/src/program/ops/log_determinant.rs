//! ln det A, ln |det A|, or ln det A of the symmetric part by Cholesky, from a finished factorisation F.
//!
//! ẏ = ⟨A⁻ᵀ, Ȧ⟩. The sign of det A is constant where there is a derivative.
//!
//! At det A = 0 the value is −∞, and the derivatives are `Singular`. det A < 0 is outside the domain of ln det A, and the
//! empty matrix has determinant 1.

use super::*;
use crate::dense::lu::Factored;
use crate::program::scalar;

/// Arguments A, F.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct LogDeterminant {
    pub factors: Factors,
    /// Of the absolute value of the determinant.
    pub absolute: bool,
}

impl LogDeterminant {
    fn twice(&self) -> f64 {
        if self.factors == Factors::Cholesky { 2.0 } else { 1.0 }
    }
}

impl Primitive for LogDeterminant {
    fn name(&self) -> &'static str {
        match (self.factors, self.absolute) {
            (Factors::Lu, true) => "log_abs_determinant",
            (Factors::Lu, false) => "log_determinant",
            (Factors::Cholesky, _) => "log_determinant_positive_definite",
        }
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        square(args[0])?;
        Ok(Shape::SCALAR)
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let n = args[0].rows;
        let pivots = (0..n).map(|k| args[1].data[k * (n + 1)]);
        target.out.data[0] = self.twice() * pivots.map(|p| p.abs().ln()).sum::<f64>();
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], _: Shape) -> Result<Vec<N>> {
        let n = args[0].shape.rows;
        let mut sum = N::constant(0.0);
        for k in 0..n {
            let p = args[1].entries[k * (n + 1)].clone();
            let size = if p.real() < 0.0 { -p } else { p };
            sum = sum + N::row(&scalar::LN, 0.0, &[size])?;
        }
        Ok(vec![N::constant(self.twice()) * sum])
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        let t = tangents[0]?;
        let inverse = b.emit(Inverse { factors: self.factors }, at.args);
        // An inverse of a symmetric matrix is its own transpose, and sees the symmetric part alone.
        let turned = match self.factors {
            Factors::Lu => b.emit(Transpose, &[inverse]),
            Factors::Cholesky => inverse,
        };
        Some(b.emit(Dot, &[turned, t]))
    }

    fn transpose(&self, _: &mut Builder, _: At<'_>, _: usize, _: Value) -> Option<Value> {
        None
    }

    fn fallible(&self) -> bool {
        self.factors == Factors::Lu && !self.absolute
    }

    fn failure(&self, args: &[View<'_>], _: View<'_>) -> Option<Failure> {
        if !self.fallible() {
            return None;
        }
        let f = Factored::new(args[1].data, args[0].rows);
        let value = f.facts.parity * f.pivots().product::<f64>();
        let negative = f.pivots().fold(f.facts.parity, |s, p| s * p.signum()) < 0.0;
        let zero = f.facts.zero_pivot.is_some();
        (negative && !zero).then_some(Failure::Domain { needs: "a positive determinant", value })
    }

    #[cfg(test)]
    fn made_by(&self, j: usize) -> Option<(Op, usize)> {
        (j == 1).then(|| (self.factors.maker(), 0))
    }

    #[cfg(test)]
    fn tame(&self, args: &mut [Array<f64>]) {
        self.factors.tame(&mut args[0]);
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let mut all = Vec::new();
        for n in [4, 1, 5, 0] {
            for (factors, absolute) in
                [(Factors::Lu, true), (Factors::Lu, false), (Factors::Cholesky, false)]
            {
                all.push((LogDeterminant { factors, absolute }, shapes(&[(n, n)])));
            }
        }
        all
    }
}
