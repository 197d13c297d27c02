//! ‖X·X·Y‖_F in Rust's other automatic differentiation, which records or carries scalars.

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

/// echidna's tape of it.
pub mod echidna_tape {
    use super::{norm, product};
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
}

/// num-dual's Hessian over Y for n×n matrices, `N` = n²; P = X·X is a constant.
pub fn num_dual_yy<const N: usize>(
    n: usize,
    p: &[f64],
    y: &nalgebra::SVector<f64, N>,
) -> nalgebra::SMatrix<f64, N, N> {
    use num_dual::{Dual2SVec64, DualNum, hessian};
    let norm = |v: nalgebra::SVector<Dual2SVec64<N>, N>| {
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
