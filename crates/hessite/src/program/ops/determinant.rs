//! y = det A, by the factors of elimination with partial pivoting. ẏ = ⟨C₀(A), Ȧ⟩, the cofactors of [`Cofactor`].
//!
//! Smooth everywhere, and so computed: at rank n − 1 the gradient is the adjugate, transposed; at rank n − 2 it is 0 and
//! the Hessian is not. The empty matrix has determinant 1.

use super::*;
use crate::dense::lu::Factored;

/// Arguments A, F.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Determinant;

impl Primitive for Determinant {
    fn name(&self) -> &'static str {
        "determinant"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        square(args[0])?;
        Ok(Shape::SCALAR)
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let f = Factored::new(args[1].data, args[0].rows);
        target.out.data[0] = f.pivots().fold(f.facts.parity, |p, x| p * x);
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], _: Shape) -> Result<Vec<N>> {
        let (a, n) = (args[0], args[0].shape.rows);
        Ok(vec![cofactor::Eliminated::new(&a.entries, n, cofactor::THRESHOLD)?.determinant()])
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        let t = tangents[0]?;
        let pivots = b.emit(CompletePivots, &[at.args[0]]);
        let cofactors = b.emit(Cofactor { order: 0 }, &[at.args[0], pivots]);
        Some(b.emit(Dot, &[cofactors, t]))
    }

    fn transpose(&self, _: &mut Builder, _: At<'_>, _: usize, _: Value) -> Option<Value> {
        None
    }

    fn simplify(&self, b: &mut Builder, args: &[Value], _: Shape) -> Option<Value> {
        b.shape(args[0]).is_scalar().then_some(args[0])
    }

    #[cfg(test)]
    fn made_by(&self, j: usize) -> Option<(Op, usize)> {
        (j == 1).then(|| (Lu.into(), 0))
    }

    #[cfg(test)]
    fn tame(&self, args: &mut [Array<f64>]) {
        factors::dominate(&mut args[0]);
        let size = args[0].shape.rows as f64;
        args[0].entries.iter_mut().for_each(|x| *x /= size);
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        [3, 1, 2, 0, 5].map(|n| (Determinant, shapes(&[(n, n)]))).to_vec()
    }
}
