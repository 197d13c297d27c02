//! XAY = D by elimination with complete pivoting: a cache for [`Cofactor`], packed as [X, Y, d, ±1] of n rows.

use super::*;
use crate::dense::complete;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CompletePivots;

impl CompletePivots {
    fn packed<N: Number>(a: &[N], shape: Shape) -> Result<Vec<N>> {
        let n = shape.rows;
        let e = cofactor::Eliminated::new(a, n, 0.0)?;
        let mut all = e.x;
        all.extend((0..n * n).map(|k| e.y_transposed[k / n + n * (k % n)].clone()));
        let zeros = std::iter::repeat_with(|| N::constant(0.0));
        all.extend(e.pivots.into_iter().chain(zeros).take(n));
        all.resize(shape.len(), N::constant(e.sign));
        Ok(all)
    }
}

impl Primitive for CompletePivots {
    fn name(&self) -> &'static str {
        "determinant"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        let n = square(args[0])?.rows;
        Ok(Shape::new(n, n.saturating_mul(2).saturating_add(2)))
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        complete::factor(args[0].data, target.out.rows, target.out.data, target.stop);
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        CompletePivots::packed(&args[0].entries, shape)
    }

    fn tangent(&self, _: &mut Builder, _: At<'_>, _: &[Option<Value>]) -> Option<Value> {
        None
    }

    fn transpose(&self, _: &mut Builder, _: At<'_>, _: usize, _: Value) -> Option<Value> {
        None
    }

    fn flops(&self, args: &[Shape], _: Shape) -> u64 {
        2 * args[0].rows as u64 * args[0].len() as u64
    }

    #[cfg(test)]
    fn is_cache(&self) -> bool {
        true
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        vec![(CompletePivots, shapes(&[(3, 3)]))]
    }
}
