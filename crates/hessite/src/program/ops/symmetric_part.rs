//! S = (A + Aᵀ)/2; its own adjoint.

use super::*;
use crate::dense::cholesky::above;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SymmetricPart;

impl Primitive for SymmetricPart {
    fn name(&self) -> &'static str {
        "symmetric_part"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        square(args[0])
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let (x, k, n) = (args[0].data, args[0].lanes, args[0].rows);
        let out = target.out.data;
        for diagonal in (0..n).map(|i| i * (n + 1) * k) {
            out[diagonal..diagonal + k].copy_from_slice(&x[diagonal..diagonal + k]);
        }
        above(n, |i, j| {
            let (here, there) = ((i + n * j) * k, (j + n * i) * k);
            for l in 0..k {
                let mean = 0.5 * x[here + l] + 0.5 * x[there + l];
                (out[here + l], out[there + l]) = (mean, mean);
            }
        });
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let half = N::constant(0.5);
        entrywise(shape, |i, j| match i == j {
            true => args[0].at(i, i).clone(),
            false => half.clone() * args[0].at(i, j).clone() + half.clone() * args[0].at(j, i).clone(),
        })
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        multilinear(self, b, at, tangents)
    }

    fn transpose(&self, b: &mut Builder, _: At<'_>, _: usize, w: Value) -> Option<Value> {
        Some(b.emit(SymmetricPart, &[w]))
    }

    fn simplify(&self, b: &mut Builder, args: &[Value], shape: Shape) -> Option<Value> {
        let symmetric = shape.is_scalar() || matches!(b.instr(args[0]).op, Op::SymmetricPart(_) | Op::Fill(_));
        symmetric.then_some(args[0])
    }

    fn act(&self, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
        let [Side::Lanes(t)] = args else { return s.opaque(SymmetricPart, args, shape) };
        s.unary(SymmetricPart, t, shape, |s, o| {
            let flipped = s.flipped(o);
            let half = |o: crate::program::split::Outer| o.term().scaled(0.5);
            Some(Terms { shape, list: [half(o), half(flipped)].into_iter().collect() })
        })
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        [(3, 3), (1, 1), (0, 0), (5, 5)].map(|s| (SymmetricPart, shapes(&[s]))).to_vec()
    }
}
