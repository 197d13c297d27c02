//! S = (A + Aᵀ)/2; its own adjoint.

use super::*;
use crate::dense::cholesky::above;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SymmetricPart;

/// How unsymmetric a matrix may be, relative to its largest entry.
const TOLERANCE: f64 = 1e-12;

/// Where an n×n matrix that should be symmetric is not.
pub(super) fn asymmetry(a: &[f64], n: usize) -> Option<Failure> {
    let mut worst = Failure::NotSymmetric { index: (0, 0), difference: 0.0 };
    let (mut most, mut size) = (0.0, 0.0_f64);
    (0..n).for_each(|k| size = size.max(a[k * (n + 1)].abs()));
    above(n, |i, j| {
        let (x, y) = (a[i + n * j], a[j + n * i]);
        size = size.max(x.abs()).max(y.abs());
        if (x - y).abs() > most {
            most = (x - y).abs();
            worst = Failure::NotSymmetric { index: (j, i), difference: most };
        }
    });
    (most > TOLERANCE * size).then_some(worst)
}

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
        // Halves of the smallest numbers are rounded: equal entries are left as they are.
        let mean = |x: f64, y: f64| if x == y { x } else { 0.5 * x + 0.5 * y };
        above(n, |i, j| {
            let (here, there) = ((i + n * j) * k, (j + n * i) * k);
            for l in 0..k {
                let both = mean(x[here + l], x[there + l]);
                (out[here + l], out[there + l]) = (both, both);
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
