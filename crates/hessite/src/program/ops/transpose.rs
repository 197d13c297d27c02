//! Y = Xᵀ. Ẏ = Ẋᵀ, X̄ = Ȳᵀ.

use super::*;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Transpose;

impl Primitive for Transpose {
    fn name(&self) -> &'static str {
        "transpose"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        Ok(args[0].transposed())
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let (x, out) = (&args[0], target.out);
        let k = x.lanes;
        for (e, o) in out.data.chunks_exact_mut(k.max(1)).enumerate() {
            let (i, j) = (e % x.cols, e / x.cols);
            let from = (j + x.rows * i) * k;
            o.copy_from_slice(&x.data[from..from + k]);
        }
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        entrywise(shape, |i, j| args[0].at(j, i).clone())
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        multilinear(self, b, at, tangents)
    }

    fn transpose(&self, b: &mut Builder, _: At<'_>, _: usize, w: Value) -> Option<Value> {
        Some(b.emit(Transpose, &[w]))
    }

    fn simplify(&self, b: &mut Builder, args: &[Value], shape: Shape) -> Option<Value> {
        let x = b.instr(args[0]);
        match &x.op {
            Op::Transpose(_) => Some(x.args[0]),
            // Column-major entries of a vector are the same either way round.
            _ if shape.is_scalar() => Some(args[0]),
            _ if shape.rows == 1 || shape.cols == 1 => Some(b.emit(Reshape::new(shape), args)),
            _ => None,
        }
    }

    fn act(&self, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
        match args {
            [Side::Lanes(t)] => s.unary(self.clone(), t, shape, |s, o| Some(Terms::one(shape, s.flipped(o).term()))),
            _ => s.opaque(self.clone(), args, shape),
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        [(2, 3), (1, 4), (4, 1), (1, 1), (0, 3), (5, 5)].map(|s| (Transpose, shapes(&[s]))).to_vec()
    }
}
