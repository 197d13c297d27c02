//! The main diagonal of a matrix as a column; the adjoint is the diagonal matrix ([`FromDiagonal`]).

use super::*;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Diagonal;

impl Primitive for Diagonal {
    fn name(&self) -> &'static str {
        "diagonal"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        if args[0].rows != args[0].cols {
            return Err(Mismatch::new("a square matrix is needed"));
        }
        Ok(Shape::new(args[0].rows, 1))
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let (x, k) = (&args[0], args[0].lanes);
        for (i, out) in target.out.data.chunks_exact_mut(k.max(1)).enumerate() {
            let from = i * (x.rows + 1) * k;
            out.copy_from_slice(&x.data[from..from + k]);
        }
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        entrywise(shape, |i, _| args[0].at(i, i).clone())
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        multilinear(self, b, at, tangents)
    }

    fn transpose(&self, b: &mut Builder, _: At<'_>, _: usize, w: Value) -> Option<Value> {
        Some(b.emit(FromDiagonal, &[w]))
    }

    fn simplify(&self, b: &mut Builder, args: &[Value], _: Shape) -> Option<Value> {
        let x = b.instr(args[0]);
        match &x.op {
            Op::FromDiagonal(_) => Some(x.args[0]),
            _ => x.shape.is_scalar().then_some(args[0]),
        }
    }

    fn act(&self, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
        match args {
            [Side::Lanes(t)] => s.unary(self.clone(), t, shape, |s, o| Some(Terms::one(shape, s.main_diagonal(o, shape.rows).term()))),
            _ => s.opaque(self.clone(), args, shape),
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        [(3, 3), (1, 1), (0, 0)].map(|s| (Diagonal, shapes(&[s]))).to_vec()
    }
}
