//! V | λ with (A + Aᵀ)/2 = V diag(λ) Vᵀ, as one n × (n + 1) array, λ in rising order: factored once for a point.
//!
//! What is made of it depends on A alone, and is differentiated as a function of A.

use super::*;
use crate::dense::eigen;
use crate::dense::stop::Stop;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SymmetricEigen;

/// V of a factored array of n rows.
pub(super) fn vectors(b: &mut Builder, factored: Value) -> Value {
    let n = b.shape(factored).rows;
    b.emit(Slice { row: 0, col: 0, rows: n, cols: n }, &[factored])
}

impl Primitive for SymmetricEigen {
    fn name(&self) -> &'static str {
        "eigenvalue decomposition"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        match args[0].rows == args[0].cols {
            true => Ok(Shape::new(args[0].rows, args[0].cols.saturating_add(1))),
            false => Err(Mismatch::new("the matrix is not square")),
        }
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        eigen::symmetric(args[0].data, args[0].rows, target.out.data, target.stop);
    }

    /// Constants: see the head of this file.
    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let real: Vec<f64> = args[0].entries.iter().map(N::real).collect();
        let mut out = vec![0.0; shape.len()];
        eigen::symmetric(&real, shape.rows, &mut out, Stop::default());
        Ok(out.into_iter().map(N::constant).collect())
    }

    fn tangent(&self, _: &mut Builder, _: At<'_>, _: &[Option<Value>]) -> Option<Value> {
        None
    }

    fn transpose(&self, _: &mut Builder, _: At<'_>, _: usize, _: Value) -> Option<Value> {
        None
    }

    fn flops(&self, args: &[Shape], _: Shape) -> u64 {
        9 * args[0].rows as u64 * args[0].len() as u64
    }

    #[cfg(test)]
    fn is_cache(&self) -> bool {
        true
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        vec![(SymmetricEigen, shapes(&[(3, 3)]))]
    }
}
