//! The lower triangular L with positive diagonal and LLᵀ = (A + Aᵀ)/2, zeros above.
//!
//! L̇ = L Φ(L⁻¹ Ṡ L⁻ᵀ), with S the symmetric part and Φ the lower triangle with half the diagonal (Murray 2016,
//! arXiv:1602.07527, eq. 8). The gradient is symmetric, since S is read.
//!
//! A matrix that is not positive definite is `NotPositiveDefinite`, one that is not symmetric up to 1e-12 of its largest
//! entry `NotSymmetric`.

use super::*;
use crate::dense::cholesky;
use crate::program::scalar;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Cholesky;

impl Primitive for Cholesky {
    fn name(&self) -> &'static str {
        "cholesky"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        square(args[0])
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        cholesky::factor(args[0], target.out.data, target.stop);
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let n = shape.rows;
        let s = SymmetricPart::ANY.literal(args, shape)?;
        let mut l = vec![N::constant(0.0); n * n];
        for j in 0..n {
            for i in j..n {
                let sum = |sum: N, p: usize| sum - l[i + n * p].clone() * l[j + n * p].clone();
                let rest = (0..j).fold(s[i + n * j].clone(), sum);
                l[i + n * j] = if i > j {
                    N::row(&scalar::DIV, 0.0, &[rest, l[j + n * j].clone()])?
                } else if rest.real() <= 0.0 {
                    l[i + n * j] = rest;
                    return Ok(l);
                } else {
                    N::row(&scalar::SQRT, 0.0, &[rest])?
                };
            }
        }
        Ok(l)
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        let s = b.emit(SymmetricPart::ANY, &[tangents[0]?]);
        let half = b.emit(SolveTriangular::LOWER, &[at.result, s]);
        let half = b.emit(Transpose, &[half]);
        let both = b.emit(SolveTriangular::LOWER, &[at.result, half]);
        let phi = b.emit(Triangle::new(false, 0.5), &[both]);
        Some(b.emit(Matmul::PLAIN, &[at.result, phi]))
    }

    fn transpose(&self, _: &mut Builder, _: At<'_>, _: usize, _: Value) -> Option<Value> {
        None
    }

    fn fallible(&self) -> bool {
        true
    }

    fn failure(&self, args: &[View<'_>], result: View<'_>) -> Option<Failure> {
        let (a, n) = (args[0].data, args[0].rows);
        let minor = cholesky::first_failure(result.data, n);
        let not_definite = minor.map(|k| Failure::NotPositiveDefinite { minor: k + 1 });
        not_definite.or_else(|| symmetric_part::asymmetry(a, n))
    }

    fn flops(&self, args: &[Shape], _: Shape) -> u64 {
        args[0].rows as u64 * args[0].len() as u64 / 3
    }

    #[cfg(test)]
    fn tame(&self, args: &mut [Array<f64>]) {
        factors::make_positive(&mut args[0]);
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        [3, 1, 2, 0, 5].map(|n| (Cholesky, shapes(&[(n, n)]))).to_vec()
    }
}
