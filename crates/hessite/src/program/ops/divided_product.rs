//! Rᵢₖ = Σⱼ f[λᵢ, λⱼ, λₖ] (Pᵢⱼ Eⱼₖ + Eᵢⱼ Pⱼₖ): the second derivative of a spectral function in the eigenvectors' basis,
//! with the table of [`DividedDifferences`]. It serves [`Spectral`] in the direction part, where nothing is
//! differentiated again.
//!
//! The table is symmetric, so Ē is the same of Pᵀ and R̄.

use super::*;
use crate::dense::spectral;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct DividedProduct;

impl Primitive for DividedProduct {
    fn name(&self) -> &'static str {
        "product with divided differences"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        let n = args[1].rows;
        let fits = args[1] == Shape::new(n, n) && args[2] == args[1];
        match fits && args[0].rows == spectral::packed_triples(n) {
            true => Ok(args[1]),
            false => Err(Mismatch::new("the shapes differ")),
        }
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let (p, e) = if args[1].lanes == 1 { (args[1], args[2]) } else { (args[2], args[1]) };
        spectral::contract(args[0].data, p, e, target.out, target.stop);
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let (table, p, e) = (args[0], args[1], args[2]);
        let at = |i: usize, j: usize, k: usize| {
            let mut all = [i, j, k];
            all.sort_unstable();
            let [i, j, k] = all;
            table.entries[spectral::packed_triples(k) + j * (j + 1) / 2 + i].clone()
        };
        entrywise(shape, |i, k| {
            (0..shape.rows).fold(N::constant(0.0), |sum, j| {
                let products = p.at(i, j).clone() * e.at(j, k).clone() + e.at(i, j).clone() * p.at(j, k).clone();
                sum + at(i, j, k) * products
            })
        })
    }

    fn tangent(&self, _: &mut Builder, _: At<'_>, _: &[Option<Value>]) -> Option<Value> {
        None
    }

    fn transpose(&self, b: &mut Builder, at: At<'_>, j: usize, w: Value) -> Option<Value> {
        if j == 0 {
            return None;
        }
        let other = b.emit(Transpose, &[at.args[3 - j]]);
        Some(b.emit(DividedProduct, &[at.args[0], other, w]))
    }

    fn flops(&self, args: &[Shape], shape: Shape) -> u64 {
        6 * args[1].rows as u64 * shape.len() as u64
    }

    #[cfg(test)]
    fn is_cache(&self) -> bool {
        true
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        vec![(DividedProduct, shapes(&[(10, 1), (3, 3), (3, 3)]))]
    }
}
