//! ‖X·X·Y‖_F, W3 and W6 in Rust's other automatic differentiation, which records or carries scalars.

use crate::chains::{Arithmetic, Chain, constraint, valley};
use nalgebra::{SMatrix, SVector};
use num_dual::{Dual2SVec64, DualNum, HyperDualSVec64, hessian, partial_hessian};

/// A·B for n×n matrices stacked by columns.
fn product<T: echidna::Scalar>(n: usize, a: &[T], b: &[T]) -> Vec<T> {
    let entry = |at: usize| {
        let (i, j) = (at % n, at / n);
        (0..n).map(|p| a[i + n * p] * b[p + n * j]).reduce(|sum, term| sum + term)
    };
    (0..n * n).filter_map(entry).collect()
}

fn norm<T: echidna::Scalar>(z: &[T]) -> T {
    z.iter().map(|&z| z * z).fold(T::zero(), |sum, term| sum + term).sqrt()
}

fn exp<T: echidna::Scalar>(x: T) -> T {
    x.exp()
}

fn sin<T: echidna::Scalar>(x: T) -> T {
    x.sin()
}

/// echidna's tape of it.
pub mod echidna_tape {
    use super::{Arithmetic, Chain, norm, product};
    use echidna::{BReverse, BytecodeTape, record};

    /// For the 2n² variables (X, Y).
    pub fn of_both(n: usize, point: &[f64]) -> BytecodeTape<f64> {
        let value = |v: &[BReverse<f64>]| {
            let (x, y) = v.split_at(n * n);
            norm(&product(n, x, &product(n, x, y)))
        };
        record(value, point).0
    }

    /// For the n² variables Y; P = X·X is constant.
    pub fn of_y(n: usize, p: &[f64], y: &[f64]) -> BytecodeTape<f64> {
        let p: Vec<_> = p.iter().map(|&p| BReverse::constant(p)).collect();
        record(|y| norm(&product(n, &p, y)), y).0
    }

    /// Of W3 or W6.
    pub fn of_chain(chain: &Chain, point: &[f64]) -> BytecodeTape<f64> {
        let arithmetic = Arithmetic { constant: BReverse::constant, exp: super::exp, sin: super::sin };
        record(|x| chain.value(&arithmetic, x), point).0
    }
}

/// num-dual's Hessian over Y for n×n matrices, `N` = n²; P = X·X is a constant.
pub fn num_dual_yy<const N: usize>(n: usize, p: &[f64], y: &SVector<f64, N>) -> SMatrix<f64, N, N> {
    let norm = |v: SVector<Dual2SVec64<N>, N>| {
        let mut sum = Dual2SVec64::<N>::from(0.0);
        for j in 0..n {
            for i in 0..n {
                let mut z = Dual2SVec64::<N>::from(0.0);
                for k in 0..n {
                    z += v[k + n * j] * p[i + n * k];
                }
                sum += z * z;
            }
        }
        sum.sqrt()
    };
    hessian(norm, y).2
}

fn duals<const N: usize>() -> Arithmetic<Dual2SVec64<N>> {
    Arithmetic { constant: Dual2SVec64::from, exp: |x| x.exp(), sin: |x| x.sin() }
}

/// num-dual's H·v of a chain of `N` variables: the derivatives of f(x + tv) in x and t.
pub fn num_dual_product<const N: usize>(
    chain: &Chain,
    x: &SVector<f64, N>,
    v: &SVector<f64, N>,
) -> SVector<f64, N> {
    type Dual<const N: usize> = HyperDualSVec64<N, 1>;
    let arithmetic: Arithmetic<Dual<N>> =
        Arithmetic { constant: Dual::from, exp: |x| x.exp(), sin: |x| x.sin() };
    let along = |(x, t): (SVector<Dual<N>, N>, SVector<Dual<N>, 1>)| {
        let moved = x.zip_map(v, |x, v| x + t[0] * v);
        chain.value(&arithmetic, moved.as_slice())
    };
    partial_hessian(along, (x, &SVector::<f64, 1>::zeros())).3
}

/// The bands of a chain's Hessian from num-dual's Hessians of its elements, which are small.
pub fn num_dual_bands(chain: &Chain, x: &[f64], out: &mut [f64]) {
    out.fill(0.0);
    let (diagonal, beside) = out.split_at_mut(x.len());
    for (i, w) in x.windows(2).enumerate() {
        let h = hessian(|v| valley(&duals(), v[0], v[1]), &SVector::<f64, 2>::new(w[0], w[1])).2;
        diagonal[i] += h[(0, 0)];
        diagonal[i + 1] += h[(1, 1)];
        beside[i] += h[(0, 1)];
    }
    for (i, (w, y)) in x.windows(3).zip(&chain.multipliers).enumerate() {
        let at = SVector::<f64, 3>::new(w[0], w[1], w[2]);
        let h = hessian(|v| constraint(&duals(), v[0], v[1], v[2]), &at).2 * *y;
        for k in 0..3 {
            diagonal[i + k] += h[(k, k)];
        }
        beside[i] += h[(0, 1)];
        beside[i + 1] += h[(1, 2)];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chains::{seeds, tridiagonal, uncolour};
    use crate::problems;

    #[test]
    fn engines_of_scalars_agree_with_bands_by_hand() {
        for with_multipliers in [false, true] {
            let chain = problems::chain(8, with_multipliers);
            let p = problems::rosenbrock(8);
            let (mut expected, mut seen) = ([0.0; 15], [0.0; 15]);
            let close = |a: &[f64], b: &[f64]| assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-11));
            chain.bands(&p.point, &mut expected);
            num_dual_bands(&chain, &p.point, &mut seen);
            close(&seen, &expected);

            let tape = echidna_tape::of_chain(&chain, &p.point);
            let products: Vec<f64> = seeds(8).chunks(8).flat_map(|s| tape.hvp(&p.point, s).1).collect();
            uncolour(&products, &mut seen);
            close(&seen, &expected);

            let (x, v) = (SVector::from_column_slice(&p.point), SVector::from_column_slice(&p.directions));
            let mut along = [0.0; 8];
            tridiagonal(&expected, &p.directions, &mut along);
            close(num_dual_product::<8>(&chain, &x, &v).as_slice(), &along);
        }
    }
}
