//! S = (A + Aᵀ)/2; its own adjoint.

use super::*;

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
        let (x, k) = (args[0].data, args[0].lanes);
        let n = args[0].rows;
        for (e, out) in target.out.data.chunks_exact_mut(k.max(1)).enumerate() {
            let (here, there) = (e * k, (e / n + n * (e % n)) * k);
            if here == there {
                out.copy_from_slice(&x[here..here + k]);
                continue;
            }
            let pairs = x[here..here + k].iter().zip(&x[there..there + k]);
            out.iter_mut().zip(pairs).for_each(|(o, (x, y))| *o = 0.5 * x + 0.5 * y);
        }
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
