//! pᵢⱼ: ± the product of all pivots but i and j, 0 for i = j, from [`CompletePivots`]: a cache for [`Cofactor`].

use super::*;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PairProducts;

impl PairProducts {
    fn write<N: Number>(packed: &[N], n: usize, all: &mut [N]) {
        let d = &packed[2 * n * n..];
        // The product of all behind k waits on the diagonal.
        let mut after = N::constant(1.0);
        for k in (0..n).rev() {
            all[k * (n + 1)] = after.clone();
            after = after * d[k].clone();
        }
        let mut before = N::constant(1.0);
        for i in 0..n {
            all[i * (n + 1)] = N::constant(0.0);
            // Times those between i and j.
            let mut between = before.clone() * d[n].clone();
            for j in i + 1..n {
                let p = between.clone() * all[j * (n + 1)].clone();
                all[i + n * j] = p.clone();
                all[j + n * i] = p;
                between = between * d[j].clone();
            }
            before = before * d[i].clone();
        }
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
        PairProducts::write(args[0].data, args[0].rows, target.out.data);
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], _: Shape) -> Result<Vec<N>> {
        let n = args[0].shape.rows;
        let mut all = vec![N::constant(0.0); n * n];
        PairProducts::write(&args[0].entries, n, &mut all);
        Ok(all)
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
