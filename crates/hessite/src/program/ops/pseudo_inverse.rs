//! P = A⁺ = (AᵀA)⁻¹Aᵀ for A of full column rank, from its QR factorisation.
//!
//! Ṗ = H − (PȦ + HA)P with H = PPᵀȦᵀ (Golub and Pereyra 1973, doi:10.1137/0710036, eq. 4.12, where PA = I): products
//! with what the point makes once.

use super::*;
use crate::dense::lanes::ViewMut;
use crate::dense::triangular;
use crate::program::scalar;

/// Arguments A, [`Qr`] of A.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PseudoInverse;

impl Primitive for PseudoInverse {
    fn name(&self) -> &'static str {
        "pseudo_inverse"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        Ok(args[0].transposed())
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let Target { out, stop, .. } = target;
        let (n, m) = (out.rows, out.cols);
        let qr = args[1].data;
        for i in 0..m {
            for j in 0..n {
                out.data[j + n * i] = qr[i + (m + n) * j];
            }
        }
        let part = crate::dense::product::Part { data: qr, first: m, row: 1, col: m + n };
        let t = triangular::Triangle { part, lower: false, unit: false };
        triangular::solve(t, ViewMut { data: out.data, rows: n, cols: m, lanes: 1 }, stop);
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let (n, m) = (shape.rows, shape.cols);
        let mut p = Array::from_fn(shape, |j, i| args[1].at(i, j).clone()).entries;
        for column in p.chunks_exact_mut(n.max(1)) {
            let at = |i: usize, j: usize| args[1].at(m + i, j);
            factors::substitute(column, false, at, |i| at(i, i).clone())?;
        }
        Ok(p)
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        let (t, p) = (tangents[0]?, at.result);
        let gram = b.emit(Matmul { ta: false, tb: true }, &[p, p]);
        let h = b.emit(Matmul { ta: false, tb: true }, &[gram, t]);
        let along = b.emit(Matmul::PLAIN, &[p, t]);
        let back = b.emit(Matmul::PLAIN, &[h, at.args[0]]);
        let both = b.add(along, back);
        let both = b.emit(Matmul::PLAIN, &[both, p]);
        Some(b.map(&scalar::SUB, &[h, both]))
    }

    fn transpose(&self, _: &mut Builder, _: At<'_>, _: usize, _: Value) -> Option<Value> {
        None
    }

    fn flops(&self, args: &[Shape], _: Shape) -> u64 {
        args[0].cols as u64 * args[0].len() as u64
    }

    #[cfg(test)]
    fn made_by(&self, j: usize) -> Option<(Op, usize)> {
        (j == 1).then(|| (Qr.into(), 0))
    }

    #[cfg(test)]
    fn tame(&self, args: &mut [Array<f64>]) {
        (0..3).for_each(|_| factors::dominate(&mut args[0]));
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        [(3, 3), (3, 2), (5, 2), (1, 1), (4, 1), (2, 0), (0, 0)].map(|s| (PseudoInverse, shapes(&[s]))).to_vec()
    }
}
