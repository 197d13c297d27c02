//! The two factorisations that systems of equations are solved with, and their literal forms.

use super::*;
use crate::dense::lanes::ViewMut;
use crate::dense::{cholesky as spd, lu as general};
use crate::program::scalar;

/// What an operation on a matrix A takes beside A, made once for a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Factors {
    /// [`Lu`] of A.
    Lu,
    /// [`Cholesky`] of A, which stands for its symmetric part then.
    Cholesky,
}

impl Factors {
    /// The operation that makes it.
    pub fn maker(self) -> Op {
        match self {
            Factors::Lu => Lu.into(),
            Factors::Cholesky => Cholesky.into(),
        }
    }

    /// Ȧ as it counts.
    pub fn direction(self, b: &mut Builder, t: Value) -> Value {
        match self {
            Factors::Lu => t,
            Factors::Cholesky => b.emit(SymmetricPart::ANY, &[t]),
        }
    }

    pub fn solve(self, factors: View<'_>, transposed: bool, x: ViewMut<'_>, stop: Stop<'_>) {
        match self {
            Factors::Lu => {
                general::solve_in_place(general::Factored::new(factors.data, x.rows), transposed, x, stop);
            }
            Factors::Cholesky => spd::solve_in_place(factors.data, x, stop),
        }
    }

    pub fn inverse(self, factors: View<'_>, out: ViewMut<'_>, stop: Stop<'_>) {
        match self {
            Factors::Lu => general::inverse(general::Factored::new(factors.data, out.rows), out.data, stop),
            Factors::Cholesky => spd::inverse(factors.data, out.rows, out.data, stop),
        }
    }

    /// A random matrix made one that it exists for.
    #[cfg(test)]
    pub fn tame(self, a: &mut Array<f64>) {
        match self {
            Factors::Lu => dominate(a),
            Factors::Cholesky => make_positive(a),
        }
    }

    /// Why there is no inverse.
    pub fn failure(self, factors: View<'_>, n: usize) -> Option<Failure> {
        match self {
            Factors::Lu => {
                let facts = general::Factored::new(factors.data, n).facts;
                facts.singular().then_some(Failure::Singular { pivot: facts.zero_pivot, rcond: facts.rcond })
            }
            Factors::Cholesky => None,
        }
    }

    /// 1/(‖A‖₁‖A⁻¹‖₁) by estimate, which the factors of a general matrix carry.
    pub fn reciprocal_condition(self, factors: &[f64], n: usize) -> Option<f64> {
        match self {
            Factors::Lu => Some(general::Factored::new(factors, n).facts.rcond),
            Factors::Cholesky => None,
        }
    }

    /// op(A)⁻¹ of each column of `x`.
    pub fn literal_solve<N: Number>(
        self,
        f: &Array<N>,
        n: usize,
        transposed: bool,
        x: &mut [N],
    ) -> Result<()> {
        let at = |i: usize, j: usize| &f.entries[i + n * j];
        let turned = |i: usize, j: usize| &f.entries[j + n * i];
        let (one, pivot) = (|_: usize| N::constant(1.0), |i: usize| f.entries[i * (n + 1)].clone());
        let swap = |column: &mut [N], k: usize| column.swap(k, f.entries[n * n + k].real() as usize);
        for column in x.chunks_exact_mut(n.max(1)) {
            match (self, transposed) {
                (Factors::Cholesky, _) => {
                    substitute(column, true, at, pivot)?;
                    substitute(column, false, turned, pivot)?;
                }
                (Factors::Lu, false) => {
                    (0..n).for_each(|k| swap(column, k));
                    substitute(column, true, at, one)?;
                    substitute(column, false, at, pivot)?;
                }
                (Factors::Lu, true) => {
                    substitute(column, true, turned, pivot)?;
                    substitute(column, false, turned, one)?;
                    (0..n).rev().for_each(|k| swap(column, k));
                }
            }
        }
        Ok(())
    }
}

/// A square matrix, or why not.
pub(super) fn square(s: Shape) -> Result<Shape, Mismatch> {
    if s.rows != s.cols {
        return Err(Mismatch::new("a square matrix is needed"));
    }
    Ok(s)
}

/// The shape of A⁻¹B.
pub(super) fn solved(a: Shape, b: Shape) -> Result<Shape, Mismatch> {
    if a.rows != b.rows {
        return Err(Mismatch::new(format!("{} rows != {}", a.rows, b.rows)));
    }
    Ok(b)
}

/// Solves a triangular system in place, first row to last or last to first.
pub(super) fn substitute<'a, N: Number + 'a>(
    x: &mut [N],
    forward: bool,
    at: impl Fn(usize, usize) -> &'a N,
    diagonal: impl Fn(usize) -> N,
) -> Result<()> {
    let n = x.len();
    for step in 0..n {
        let i = if forward { step } else { n - 1 - step };
        let known = if forward { 0..i } else { i + 1..n };
        let rest = known.fold(x[i].clone(), |sum, p| sum - at(i, p).clone() * x[p].clone());
        x[i] = N::row(&scalar::DIV, 0.0, &[rest, diagonal(i)])?;
    }
    Ok(())
}

/// A random matrix made well-conditioned: not symmetric, pivots anywhere.
#[cfg(test)]
pub(super) fn dominate(a: &mut Array<f64>) {
    let (m, n) = (a.shape.rows, a.shape.rows.min(a.shape.cols));
    for i in 0..n {
        a.entries[i * (m + 1)] += 2.5 * (n as f64).sqrt() * if i % 2 == 0 { 1.0 } else { -1.0 };
    }
}

/// A random matrix made positive definite and exactly symmetric.
#[cfg(test)]
pub(super) fn make_positive(a: &mut Array<f64>) {
    let n = a.shape.rows;
    let old = a.clone();
    *a = Array::from_fn(a.shape, |i, j| {
        let sum: f64 = (0..n).map(|p| old.at(i, p) * old.at(j, p)).sum();
        (sum + if i == j { 2.0 + n as f64 } else { 0.0 }) / (1.0 + n as f64)
    });
}
