use super::*;
use crate::dense::random::numbers;
use nalgebra::DMatrix;

fn positive(n: usize, seed: u64) -> DMatrix<f64> {
    let a = DMatrix::from_vec(n, n, numbers(n * n, seed));
    &a * a.transpose() + DMatrix::identity(n, n)
}

fn factored(a: &DMatrix<f64>) -> Vec<f64> {
    let n = a.nrows();
    let mut out = vec![f64::NAN; n * n];
    factor(View { data: a.as_slice(), rows: n, cols: n, lanes: 1 }, &mut out, Stop::default());
    out
}

#[test]
fn the_factor_is_that_of_nalgebra() {
    for n in [0, 1, 2, 5, 8, 16, 17, 32, 33, 65, 70, 150, 200] {
        let a = positive(n, n as u64);
        let l = DMatrix::from_vec(n, n, factored(&a));
        let theirs = a.clone().cholesky().unwrap().l();
        assert!((&l - theirs).amax() < 1e-12 * a.amax().max(1.0), "{n}");
        let mut inv = vec![f64::NAN; n * n];
        inverse(l.as_slice(), n, &mut inv, Stop::default());
        let inv = DMatrix::from_vec(n, n, inv);
        assert!((a * &inv - DMatrix::identity(n, n)).amax() < 1e-11, "{n}");
        assert_eq!(inv, inv.transpose());
    }
}

/// However large the condition: LLᵀ is A, entry by entry, up to rounding of the entries on the way.
#[test]
fn the_residual_is_small_for_graded_and_nearly_singular_matrices() {
    for n in [3, 12, 40, 90, 130] {
        // A Gaussian kernel of near points, and powers of ten in rows and columns.
        let a = DMatrix::from_fn(n, n, |i, j| {
            let near = (-0.02 * (i as f64 - j as f64).powi(2)).exp() + if i == j { 1e-10 } else { 0.0 };
            near * 10f64.powi(-((i % 4 + j % 4) as i32))
        });
        let a = a.symmetric_part();
        let l = DMatrix::from_vec(n, n, factored(&a));
        let Some(k) = first_failure(l.as_slice(), n) else {
            let size = l.abs() * l.abs().transpose();
            let r = (&l * l.transpose() - &a).zip_map(&size, |r, s| r.abs() / s).max();
            assert!(r <= (n + 2) as f64 * f64::EPSILON, "{n}: {r:e}");
            continue;
        };
        panic!("{n}: {k}");
    }
}

#[test]
fn the_first_minor_that_fails_is_named() {
    for (n, k) in [(1, 0), (5, 3), (40, 0), (40, 39), (70, 33)] {
        let mut a = positive(n, 3);
        let l = factored(&a);
        // The pivot of row k becomes −1.
        a[(k, k)] -= l[k * (n + 1)] * l[k * (n + 1)] + 1.0;
        assert_eq!(first_failure(&factored(&a), n), Some(k), "{n}");
    }
}
