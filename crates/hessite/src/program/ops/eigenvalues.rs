//! The largest eigenvalues of a symmetric matrix (A + Aᵀ)/2, as a column. Arguments: A and its [`SymmetricEigen`].
//!
//! λ̇ᵢ = vᵢᵀ Ȧ vᵢ, with vᵢ from [`Eigenvectors`], which has none to give where eigenvalues coincide.

use super::*;
use crate::program::scalar;

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Eigenvalues {
    /// This many of the largest.
    pub count: usize,
    /// From the largest down, else upwards.
    pub falling: bool,
}

impl Eigenvalues {
    /// The number, upwards from 0, of the k-th one of n.
    pub fn place(self, k: usize, n: usize) -> usize {
        if self.falling { n - 1 - k } else { n - self.count + k }
    }

    fn vectors(self, checked: bool) -> Eigenvectors {
        Eigenvectors { of: self, checked }
    }
}

/// The eigenvalues in rising order and the eigenvectors, of A = A₀ + D where D has no real part: by Jacobi's rotations
/// of all pairs at once, each round of which squares what is off the diagonal.
pub(super) fn perturbed<N: Number>(a: &Array<N>, factored: &Array<N>) -> Result<(Vec<N>, Array<N>)> {
    let n = a.shape.rows;
    let constant = |x: &N| N::constant(x.real());
    let v = Array::from_fn(a.shape, |i, j| constant(factored.at(i, j)));
    let lambda: Vec<f64> = (0..n).map(|i| factored.at(i, n).real()).collect();
    let near = crate::dense::eigen::resolution(&lambda);
    let moved = |i: usize, j: usize| {
        let part = |x: &N| (x.clone() - constant(x)) * N::constant(0.5);
        part(a.at(i, j)) + part(a.at(j, i))
    };
    let zero = N::constant(0.0);
    let product = |x: &Array<N>, tx: bool, y: &Array<N>| {
        Array::from_fn(a.shape, |i, j| {
            (0..n).fold(zero.clone(), |sum, p| {
                let x = if tx { x.at(p, i) } else { x.at(i, p) };
                sum + x.clone() * y.at(p, j).clone()
            })
        })
    };
    let inner = product(&v, true, &product(&Array::from_fn(a.shape, moved), false, &v));
    let whole = |i: usize, j: usize| {
        let diagonal = if i == j { lambda[i] } else { 0.0 };
        inner.at(i, j).clone() + N::constant(diagonal)
    };
    let whole = Array::from_fn(a.shape, whole);
    let one = |i: usize, j: usize| N::constant(if i == j { 1.0 } else { 0.0 });
    let mut u = Array::from_fn(a.shape, one);
    let mut m = whole.clone();
    for _ in 0..N::NILPOTENT {
        let mut z = Array::from_fn(a.shape, |_, _| zero.clone());
        for j in 0..n {
            for i in (0..n).filter(|&i| (lambda[i] - lambda[j]).abs() > near) {
                let gap = N::row(&scalar::RECIP, 0.0, &[m.at(j, j).clone() - m.at(i, i).clone()])?;
                z.entries[i + n * j] = m.at(i, j).clone() * gap;
            }
        }
        // I + Z + Z²/2 is orthogonal up to Z⁴.
        let square = product(&z, false, &z);
        let turn = |i: usize, j: usize| {
            one(i, j) + z.at(i, j).clone() + square.at(i, j).clone() * N::constant(0.5)
        };
        u = product(&u, false, &Array::from_fn(a.shape, turn));
        m = product(&u, true, &product(&whole, false, &u));
    }
    Ok(((0..n).map(|i| m.at(i, i).clone()).collect(), product(&v, false, &u)))
}

impl Primitive for Eigenvalues {
    fn name(&self) -> &'static str {
        "eigenvalues"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        let n = SymmetricEigen.shape(args)?.rows;
        match self.count <= n {
            true => Ok(Shape::new(self.count, 1)),
            false => Err(Mismatch::new(format!("there are {n} eigenvalues"))),
        }
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let n = args[0].rows;
        for (k, o) in target.out.data.iter_mut().enumerate() {
            *o = args[1].data[n * n + self.place(k, n)];
        }
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let (lambda, _) = perturbed(args[0], args[1])?;
        Ok((0..shape.rows).map(|k| lambda[self.place(k, lambda.len())].clone()).collect())
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        let a_dot = b.emit(SymmetricPart::ANY, &[tangents[0]?]);
        let v = b.emit(self.vectors(true), at.args);
        let moved = b.emit(Matmul::PLAIN, &[a_dot, v]);
        let products = b.mul(v, moved);
        let row = b.emit(Sum { rows: true, cols: false }, &[products]);
        Some(b.emit(Transpose, &[row]))
    }

    fn transpose(&self, _: &mut Builder, _: At<'_>, _: usize, _: Value) -> Option<Value> {
        None
    }

    #[cfg(test)]
    fn made_by(&self, j: usize) -> Option<(Op, usize)> {
        (j == 1).then(|| (SymmetricEigen.into(), 0))
    }

    #[cfg(test)]
    fn tame(&self, args: &mut [Array<f64>]) {
        apart(args);
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let of = |count, falling, n| (Eigenvalues { count, falling }, shapes(&[(n, n)]));
        vec![of(1, false, 1), of(2, false, 2), of(3, false, 3), of(2, true, 3), of(0, false, 0)]
    }
}

/// Distinct eigenvalues, near a diagonal matrix.
#[cfg(test)]
pub(super) fn apart(args: &mut [Array<f64>]) {
    let a = args[0].clone();
    args[0] = Array::from_fn(a.shape, |i, j| {
        0.05 * a.at(i, j).sin() + if i == j { 3.0 * i as f64 - 1.0 } else { 0.0 }
    });
}
