//! S = (A + Aᵀ)/2, for functions of symmetric matrices. Self-adjoint: Ṡ is that of Ȧ, Ā that of S̄.

use super::*;
use crate::dense::symmetric;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SymmetricPart {
    /// A must be symmetric up to rounding.
    pub checked: bool,
}

impl SymmetricPart {
    pub const ANY: SymmetricPart = SymmetricPart { checked: false };
}

/// Entries that belong together may differ by this, relative to the largest.
const TOLERANCE: f64 = 1e-12;

/// Where an n×n matrix that should be symmetric is not.
pub(super) fn asymmetry(x: &[f64], n: usize) -> Option<Failure> {
    let difference = symmetric::largest_difference(x, n);
    if difference == 0.0 {
        return None;
    }
    let largest = x.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    let index = || {
        let mut below = (0..n).flat_map(|j| (j + 1..n).map(move |i| (i, j)));
        below.find(|&(i, j)| (x[i + n * j] - x[j + n * i]).abs() == difference).unwrap_or_default()
    };
    (difference > TOLERANCE * largest).then(|| Failure::NotSymmetric { index: index(), difference })
}

impl Primitive for SymmetricPart {
    fn name(&self) -> &'static str {
        if self.checked { "function of a symmetric matrix" } else { "symmetric_part" }
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        square(args[0])
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let (x, k, n) = (args[0].data, args[0].lanes, args[0].rows);
        let out = target.out.data;
        if k == 1 {
            return symmetric::symmetric_part(x, out, n);
        }
        let mean = |x: f64, y: f64| if x == y { x } else { 0.5 * x + 0.5 * y };
        for (e, out) in out.chunks_exact_mut(k).enumerate() {
            let (here, there) = (e * k, (e / n + n * (e % n)) * k);
            let pairs = x[here..here + k].iter().zip(&x[there..there + k]);
            out.iter_mut().zip(pairs).for_each(|(o, (x, y))| *o = mean(*x, *y));
        }
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let half = N::constant(0.5);
        entrywise(shape, |i, j| match i == j {
            true => args[0].at(i, i).clone(),
            false => half.clone() * args[0].at(i, j).clone() + half.clone() * args[0].at(j, i).clone(),
        })
    }

    fn tangent(&self, b: &mut Builder, _: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        Some(b.emit(SymmetricPart::ANY, &[tangents[0]?]))
    }

    fn transpose(&self, b: &mut Builder, _: At<'_>, _: usize, w: Value) -> Option<Value> {
        Some(b.emit(SymmetricPart::ANY, &[w]))
    }

    fn simplify(&self, b: &mut Builder, args: &[Value], shape: Shape) -> Option<Value> {
        let symmetric = matches!(b.instr(args[0]).op, Op::SymmetricPart(_) | Op::Fill(_));
        (!self.checked && (shape.is_scalar() || symmetric)).then_some(args[0])
    }

    fn act(&self, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
        let [Side::Lanes(t)] = args else { return s.opaque(SymmetricPart::ANY, args, shape) };
        s.unary(SymmetricPart::ANY, t, shape, |s, o| {
            let flipped = s.flipped(o);
            let half = |o: crate::program::split::Outer| o.term().scaled(0.5);
            Some(Terms { shape, list: [half(o), half(flipped)].into_iter().collect() })
        })
    }

    fn fallible(&self) -> bool {
        self.checked
    }

    fn failure(&self, args: &[View<'_>], _: View<'_>) -> Option<Failure> {
        asymmetry(args[0].data, args[0].rows)
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        [(3, 3), (1, 1), (0, 0), (5, 5)].map(|s| (SymmetricPart::ANY, shapes(&[s]))).to_vec()
    }
}
