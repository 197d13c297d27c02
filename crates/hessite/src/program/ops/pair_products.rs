//! pᵢⱼ: ± the product of all pivots but i and j, 0 for i = j, from [`CompletePivots`]: a cache for [`Cofactor`].

use super::*;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PairProducts;

impl PairProducts {
    fn all<N: Number>(packed: &[N], n: usize) -> Vec<N> {
        let d = &packed[2 * n * n..];
        let (one, zero) = (N::constant(1.0), N::constant(0.0));
        let mut after = vec![one.clone(); n + 1];
        for k in (0..n).rev() {
            after[k] = after[k + 1].clone() * d[k].clone();
        }
        let mut all = vec![zero; n * n];
        let mut before = one;
        for i in 0..n {
            // Times those between i and j.
            let mut between = before.clone() * d[n].clone();
            for j in i + 1..n {
                let p = between.clone() * after[j + 1].clone();
                all[i + n * j] = p.clone();
                all[j + n * i] = p;
                between = between * d[j].clone();
            }
            before = before * d[i].clone();
        }
        all
    }
}

impl Primitive for PairProducts {
    fn name(&self) -> &'static str {
        "determinant"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        Ok(Shape::new(args[0].rows, args[0].rows))
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        target.out.data.copy_from_slice(&PairProducts::all(args[0].data, args[0].rows));
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], _: Shape) -> Result<Vec<N>> {
        Ok(PairProducts::all(&args[0].entries, args[0].shape.rows))
    }

    fn tangent(&self, _: &mut Builder, _: At<'_>, _: &[Option<Value>]) -> Option<Value> {
        None
    }

    fn transpose(&self, _: &mut Builder, _: At<'_>, _: usize, _: Value) -> Option<Value> {
        None
    }

    #[cfg(test)]
    fn is_cache(&self) -> bool {
        true
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        vec![(PairProducts, shapes(&[(3, 8)]))]
    }
}
