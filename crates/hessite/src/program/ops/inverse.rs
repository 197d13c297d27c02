//! Y = A⁻¹ from a finished factorisation F of A. Ẏ = −Y Ȧ Y, by products with Y, which the point makes once.
//!
//! A zero pivot, or a reciprocal condition number below ε, is `Singular`.

use super::*;

/// Arguments A, F.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Inverse {
    pub factors: Factors,
}

impl Primitive for Inverse {
    fn name(&self) -> &'static str {
        match self.factors {
            Factors::Lu => "inverse",
            Factors::Cholesky => "inverse_positive_definite",
        }
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        square(args[0])
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        self.factors.inverse(args[1], target.out, target.stop);
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let unit = |i, j| N::constant(if i == j { 1.0 } else { 0.0 });
        let mut x = Array::from_fn(shape, unit).entries;
        self.factors.literal_solve(args[1], shape.rows, false, &mut x)?;
        Ok(x)
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        let t = self.factors.direction(b, tangents[0]?);
        let half = b.emit(Matmul::PLAIN, &[at.result, t]);
        let both = b.emit(Matmul::PLAIN, &[half, at.result]);
        Some(b.neg(both))
    }

    fn transpose(&self, _: &mut Builder, _: At<'_>, _: usize, _: Value) -> Option<Value> {
        None
    }

    fn fallible(&self) -> bool {
        self.factors == Factors::Lu
    }

    fn failure(&self, args: &[View<'_>], _: View<'_>) -> Option<Failure> {
        self.factors.failure(args[1], args[0].rows)
    }

    fn reciprocal_condition(&self, args: &[&Array<f64>]) -> Option<f64> {
        self.factors.reciprocal_condition(&args[1].entries, args[0].shape.rows)
    }

    fn flops(&self, args: &[Shape], _: Shape) -> u64 {
        2 * args[0].rows as u64 * args[0].len() as u64
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
        for n in [3, 1, 2, 0, 5] {
            for factors in [Factors::Lu, Factors::Cholesky] {
                all.push((Inverse { factors }, shapes(&[(n, n)])));
            }
        }
        all
    }
}
