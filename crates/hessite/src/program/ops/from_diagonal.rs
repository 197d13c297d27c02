//! The square matrix with a given column as its diagonal; the adjoint reads the diagonal.

use super::*;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FromDiagonal;

impl Primitive for FromDiagonal {
    fn name(&self) -> &'static str {
        "from_diagonal"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        if args[0].cols != 1 {
            return Err(Mismatch::new("a column is needed"));
        }
        let n = args[0].rows;
        n.checked_mul(n).map(|_| Shape::new(n, n)).ok_or_else(|| Mismatch::new("too large"))
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let (x, k) = (&args[0], args[0].lanes);
        target.out.data.fill(0.0);
        for (i, entry) in x.data.chunks_exact(k.max(1)).enumerate() {
            let to = i * (x.rows + 1) * k;
            target.out.data[to..to + k].copy_from_slice(entry);
        }
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        entrywise(shape, |i, j| if i == j { args[0].at(i, 0).clone() } else { N::constant(0.0) })
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        multilinear(self, b, at, tangents)
    }

    fn transpose(&self, b: &mut Builder, _: At<'_>, _: usize, w: Value) -> Option<Value> {
        Some(b.emit(Diagonal, &[w]))
    }

    fn simplify(&self, b: &mut Builder, args: &[Value], shape: Shape) -> Option<Value> {
        (b.shape(args[0]) == shape).then_some(args[0])
    }

    fn act(&self, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
        match args {
            [Side::Lanes(t)] => s.unary(self.clone(), t, shape, |s, o| s.spread_out(o).map(|o| Terms::one(shape, o.term()))),
            _ => s.opaque(self.clone(), args, shape),
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        [(3, 1), (1, 1), (0, 1)].map(|s| (FromDiagonal, shapes(&[s]))).to_vec()
    }
}
