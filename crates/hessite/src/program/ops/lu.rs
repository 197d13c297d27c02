//! PA = LU by elimination with partial pivoting: a cache, packed as `dense::lu` says, for operations that take A too.
//!
//! No factor is ever differentiated: what takes this has a tangent of its own, in A.

use super::*;
use crate::dense::lu;
use crate::program::scalar;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Lu;

impl Primitive for Lu {
    fn name(&self) -> &'static str {
        "lu"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        square(args[0])?;
        Ok(Shape::new(lu::len(args[0].rows), 1))
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        lu::factor(args[0], target.out.data, target.stop);
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let n = args[0].shape.rows;
        let mut a = args[0].entries.clone();
        let mut swaps = Vec::with_capacity(n);
        for k in 0..n {
            let size = |i: &usize| a[*i + n * k].real().abs();
            let pivot = (k + 1..n).fold(k, |p, i| if size(&i) > size(&p) { i } else { p });
            (0..n).for_each(|j| a.swap(k + n * j, pivot + n * j));
            swaps.push(pivot as f64);
            if a[k + n * k].real() == 0.0 {
                continue;
            }
            for i in k + 1..n {
                a[i + n * k] = N::row(&scalar::DIV, 0.0, &[a[i + n * k].clone(), a[k + n * k].clone()])?;
                for j in k + 1..n {
                    a[i + n * j] = a[i + n * j].clone() - a[i + n * k].clone() * a[k + n * j].clone();
                }
            }
        }
        let mut reals: Vec<f64> = a.iter().map(N::real).chain(swaps).collect();
        reals.resize(shape.len(), 0.0);
        let norm = lu::norm(&args[0].entries.iter().map(N::real).collect::<Vec<_>>(), n);
        lu::describe(&mut reals, n, norm);
        a.extend(reals[n * n..].iter().map(|&x| N::constant(x)));
        Ok(a)
    }

    fn tangent(&self, _: &mut Builder, _: At<'_>, _: &[Option<Value>]) -> Option<Value> {
        None
    }

    fn transpose(&self, _: &mut Builder, _: At<'_>, _: usize, _: Value) -> Option<Value> {
        None
    }

    fn flops(&self, args: &[Shape], _: Shape) -> u64 {
        2 * args[0].rows as u64 * args[0].len() as u64 / 3
    }

    #[cfg(test)]
    fn is_cache(&self) -> bool {
        true
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        vec![(Lu, shapes(&[(3, 3)]))]
    }
}
