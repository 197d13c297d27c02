//! The eigenvectors of the largest eigenvalues of a symmetric matrix (A + Aᵀ)/2, as columns of length 1 whose entry of
//! largest modulus is positive. Arguments: A and its [`SymmetricEigen`].
//!
//! v̇ᵢ = Σⱼ vⱼ (vⱼᵀ Ȧ vᵢ)/(λᵢ − λⱼ) over j ≠ i, which needs λᵢ to be distinct from all others.

use super::*;
use crate::dense::eigen;
use crate::program::scalar;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Eigenvectors {
    /// Of which eigenvalues.
    pub of: Eigenvalues,
    /// For a derivative: the eigenvalues must be distinct.
    pub checked: bool,
}

impl Primitive for Eigenvectors {
    fn name(&self) -> &'static str {
        "eigenvectors"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        self.of.shape(args).map(|s| Shape::new(args[0].rows, s.rows))
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let n = args[0].rows;
        for (k, out) in target.out.data.chunks_exact_mut(n.max(1)).enumerate() {
            let from = self.of.place(k, n) * n;
            out.copy_from_slice(&args[1].data[from..from + n]);
        }
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let (_, v) = eigenvalues::perturbed(args[0], args[1])?;
        entrywise(shape, |i, k| v.at(i, self.of.place(k, shape.rows)).clone())
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        let a_dot = b.emit(SymmetricPart::ANY, &[tangents[0]?]);
        let n = b.shape(at.args[0]).rows;
        let every = Eigenvalues { count: n, falling: false };
        let v = b.emit(Eigenvectors { of: self.of, checked: true }, at.args);
        let w = b.emit(Eigenvectors { of: every, checked: false }, at.args);
        let (own, all) = (b.emit(self.of, at.args), b.emit(every, at.args));
        let own = b.emit(Transpose, &[own]);
        let gaps = b.map(&scalar::SUB, &[own, all]);
        // 0 for a vector's own eigenvalue.
        let weights = b.map(&scalar::RECIP_OR_ZERO, &[gaps]);
        let moved = b.emit(Matmul::PLAIN, &[a_dot, v]);
        let inner = b.emit(Matmul { ta: true, tb: false }, &[w, moved]);
        let weighted = b.mul(weights, inner);
        Some(b.emit(Matmul::PLAIN, &[w, weighted]))
    }

    fn transpose(&self, _: &mut Builder, _: At<'_>, _: usize, _: Value) -> Option<Value> {
        None
    }

    fn fallible(&self) -> bool {
        self.checked
    }

    fn failure(&self, args: &[View<'_>], _: View<'_>) -> Option<Failure> {
        let n = args[0].rows;
        let lambda = &args[1].data[n * n..n * n + n];
        let gaps = (0..self.of.count).flat_map(|k| {
            let i = self.of.place(k, n);
            let neighbours = [i.checked_sub(1), Some(i + 1).filter(|&j| j < n)];
            neighbours.into_iter().flatten().map(move |j| (lambda[i] - lambda[j]).abs())
        });
        let gap = gaps.fold(f64::INFINITY, f64::min);
        let largest = lambda.iter().fold(f64::MIN_POSITIVE, |m: f64, x| m.max(x.abs()));
        (gap <= eigen::resolution(lambda)).then_some(Failure::Degenerate { gap: gap / largest })
    }

    #[cfg(test)]
    fn made_by(&self, j: usize) -> Option<(Op, usize)> {
        (j == 1).then(|| (SymmetricEigen.into(), 0))
    }

    #[cfg(test)]
    fn tame(&self, args: &mut [Array<f64>]) {
        eigenvalues::apart(args);
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let of = |(of, shapes)| (Eigenvectors { of, checked: false }, shapes);
        Eigenvalues::samples().into_iter().map(of).collect()
    }
}
