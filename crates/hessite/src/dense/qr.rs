//! A = QR by Householder reflections, R with a positive diagonal.

use super::lanes::View;
use super::triangular::{dot, subtract};

/// Writes [Q; R] of an m × n matrix with m ≥ n: each column of `out` holds one of Q above one of R.
pub(crate) fn factor(a: View<'_>, out: &mut [f64]) {
    let (m, n) = (a.rows, a.cols);
    let height = m + n;
    if n == 0 {
        return;
    }
    for (column, from) in out.chunks_exact_mut(height).zip(a.data.chunks_exact(m.max(1))) {
        column[..m].copy_from_slice(from);
        column[m..].fill(0.0);
    }
    // Reflections below the diagonal, their first entries on it; what R has there goes to its place at once.
    for k in 0..n {
        let (own, rest) = out[k * height..].split_at_mut(height);
        let (upper, r) = own.split_at_mut(m);
        r[..k].copy_from_slice(&upper[..k]);
        let v = &mut upper[k..];
        let norm = super::reduce::norm(v);
        // The sign that does not cancel.
        r[k] = if v[0] > 0.0 { -norm } else { norm };
        v[0] -= r[k];
        let half = 0.5 * dot(v, v);
        if half > 0.0 {
            let scale = half.sqrt().recip();
            v.iter_mut().for_each(|x| *x *= scale);
            for column in rest.chunks_exact_mut(height) {
                let target = &mut column[k..m];
                subtract(dot(v, target), v, target);
            }
        }
    }
    for k in (0..n).rev() {
        let (own, rest) = out[k * height..].split_at_mut(height);
        let v = &mut own[k..m];
        for column in rest.chunks_exact_mut(height) {
            let target = &mut column[k..m];
            subtract(dot(v, target), v, target);
        }
        // I − vvᵀ on the unit vector.
        let first = v[0];
        v.iter_mut().for_each(|x| *x *= -first);
        v[0] += 1.0;
        own[..k].fill(0.0);
    }
    for k in 0..n {
        if out[k * height + m + k] < 0.0 {
            out[k * height..k * height + m].iter_mut().for_each(|x| *x = -*x);
            (k..n).for_each(|j| out[j * height + m + k] = -out[j * height + m + k]);
        }
    }
}

/// The number of columns that do not depend on those before them, up to rounding; NaN depends on nothing.
pub(crate) fn rank(qr: &[f64], m: usize, n: usize) -> usize {
    let column = |k: usize| &qr[k * (m + n) + m..(k + 1) * (m + n)];
    let tolerance = m.max(n) as f64 * f64::EPSILON;
    let dependent = |k: &usize| {
        let size = column(*k)[..=*k].iter().fold(0.0_f64, |s, x| s.max(x.abs()));
        column(*k)[*k].abs() <= tolerance * size
    };
    n - (0..n).filter(dependent).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dense::random::numbers;
    use nalgebra::DMatrix;

    #[test]
    fn the_product_is_the_matrix_and_q_is_orthonormal() {
        for (m, n) in [(0, 0), (1, 1), (3, 0), (4, 1), (5, 5), (9, 4), (40, 33), (70, 70)] {
            let a = DMatrix::from_vec(m, n, numbers(m * n, (m + n) as u64));
            let mut out = vec![f64::NAN; (m + n) * n];
            factor(View { data: a.as_slice(), rows: m, cols: n, lanes: 1 }, &mut out);
            let both = DMatrix::from_vec(m + n, n, out.clone());
            let (q, r) = (both.rows(0, m), both.rows(m, n));
            assert!(
                (q.transpose() * q - DMatrix::identity(n, n)).iter().all(|x| x.abs() < 1e-13),
                "{m} x {n}"
            );
            assert!((q * r - &a).iter().all(|x| x.abs() < 1e-13), "{m} x {n}");
            assert!((0..n).all(|j| (0..n).all(|i| (i <= j) || r[(i, j)] == 0.0) && r[(j, j)] > 0.0));
            assert_eq!(rank(&out, m, n), n);
        }
    }

    #[test]
    fn dependent_columns_are_counted() {
        let mut a = DMatrix::from_vec(6, 4, numbers(24, 3));
        let sum = a.column(0) + a.column(1) * 1e-3;
        a.set_column(2, &sum);
        let mut out = vec![0.0; 40];
        factor(View { data: a.as_slice(), rows: 6, cols: 4, lanes: 1 }, &mut out);
        assert_eq!(rank(&out, 6, 4), 3);
        factor(View { data: &[0.0; 24], rows: 6, cols: 4, lanes: 1 }, &mut out);
        assert_eq!(rank(&out, 6, 4), 0);
        // Scales of columns do not matter.
        a.column_mut(2).fill(0.0);
        a[(5, 2)] = 1e-200;
        factor(View { data: a.as_slice(), rows: 6, cols: 4, lanes: 1 }, &mut out);
        assert_eq!(rank(&out, 6, 4), 4);
    }
}
