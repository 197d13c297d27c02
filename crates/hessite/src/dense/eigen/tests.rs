use super::*;
use crate::dense::random::numbers;
use nalgebra::DMatrix;

fn decomposed(a: &DMatrix<f64>) -> (DMatrix<f64>, Vec<f64>) {
    let n = a.nrows();
    let mut out = vec![f64::NAN; n * (n + 1)];
    symmetric(a.as_slice(), n, &mut out, Stop::default());
    let values = out.split_off(n * n);
    (DMatrix::from_vec(n, n, out), values)
}

/// Residual, orthogonality, order and signs; the eigenvalues, beside those of nalgebra.
fn check(a: &DMatrix<f64>, what: &str) -> Vec<f64> {
    let n = a.nrows();
    let (v, values) = decomposed(a);
    let size = a.amax().max(f64::MIN_POSITIVE);
    // A power of two, so that nothing is rounded.
    let scale = 2f64.powi(size.log2().floor().clamp(-1000.0, 1000.0) as i32);
    let scaled = DMatrix::from_fn(n, n, |i, j| 0.5 * (a[(i, j)] / scale) + 0.5 * (a[(j, i)] / scale));
    let small: Vec<f64> = values.iter().map(|x| x / scale).collect();
    let norm = small.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    let tolerance = (4 * n + 4) as f64 * f64::EPSILON;
    let residual = &scaled * &v - &v * DMatrix::from_diagonal(&small.clone().into());
    let residual = residual.column_iter().map(|c| c.norm()).fold(0.0, f64::max);
    assert!(residual <= tolerance * norm, "{what}: residual {residual:e} of {norm:e}");
    let orthogonal = (v.transpose() * &v - DMatrix::identity(n, n)).amax();
    assert!(orthogonal <= tolerance, "{what}: orthogonal to {orthogonal:e}");
    assert!(values.is_sorted(), "{what}: {values:?}");
    assert!(v.column_iter().all(|c| c[c.iamax()] > 0.0), "{what}");
    if n == 0 {
        return values;
    }
    let mut theirs = scaled.symmetric_eigenvalues().as_slice().to_vec();
    theirs.sort_by(f64::total_cmp);
    let error = small.iter().zip(&theirs).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
    assert!(error <= tolerance * norm, "{what}: eigenvalues off by {error:e} of {norm:e}");
    values
}

fn random(n: usize, seed: u64) -> DMatrix<f64> {
    let a = DMatrix::from_vec(n, n, numbers(n * n, seed));
    &a + a.transpose()
}

/// With these eigenvalues.
fn with(values: &[f64], seed: u64) -> DMatrix<f64> {
    let n = values.len();
    let q = DMatrix::from_vec(n, n, numbers(n * n, seed)).qr().q();
    let a = &q * DMatrix::from_diagonal(&values.to_vec().into()) * q.transpose();
    0.5 * (&a + a.transpose())
}

fn tridiagonal(d: &[f64], e: &[f64]) -> DMatrix<f64> {
    DMatrix::from_fn(d.len(), d.len(), |i, j| match i.abs_diff(j) {
        0 => d[i],
        1 => e[i.min(j)],
        _ => 0.0,
    })
}

const SIZES: [usize; 16] = [0, 1, 2, 3, 4, 5, 9, 31, 32, 33, 34, 64, 65, 97, 130, 200];

#[test]
fn random_matrices_of_every_size_and_scale() {
    for n in SIZES {
        check(&random(n, n as u64), &format!("random {n}"));
    }
    for n in [3, 40, 70] {
        for scale in [1e-307, 1e-200, 1e200, 1e307] {
            check(&(random(n, 1) * scale), &format!("random {n} times {scale:e}"));
        }
    }
}

#[test]
fn the_symmetric_part_alone_is_read() {
    let a = DMatrix::from_vec(50, 50, numbers(2500, 2));
    check(&a, "a matrix that is not symmetric");
}

/// Of a number.
type Values = fn(usize) -> f64;

#[test]
fn repeated_and_clustered_eigenvalues() {
    for n in [2, 20, 40, 70, 150] {
        check(&DMatrix::zeros(n, n), "zeros");
        check(&DMatrix::identity(n, n), "the identity");
        check(&DMatrix::from_element(n, n, 1.0), "ones");
        let cases: [(&str, Values); 6] = [
            ("three values", |k| (k % 3) as f64),
            ("a projector", |k| if k < 5 { 1.0 } else { 0.0 }),
            ("signs", |k| if k % 2 == 0 { 1.0 } else { -1.0 }),
            ("clusters", |k| (k % 4) as f64 + 1e-13 * k as f64),
            ("close to one", |k| 1.0 + 1e-10 * k as f64),
            ("falling powers", |k| 2f64.powi(-(k as i32))),
        ];
        for (what, value) in cases {
            let values: Vec<f64> = (0..n).map(value).collect();
            check(&with(&values, n as u64), &format!("{what} {n}"));
        }
    }
}

#[test]
fn graded_and_tridiagonal_matrices() {
    for n in [6, 40, 100, 180] {
        let graded =
            DMatrix::from_fn(n, n, |i, j| 10f64.powf(-0.2 * (i + j) as f64)).component_mul(&random(n, 4));
        check(&graded, &format!("graded downwards {n}"));
        let flipped = DMatrix::from_fn(n, n, |i, j| graded[(n - 1 - i, n - 1 - j)]);
        check(&flipped, &format!("graded upwards {n}"));
        let rising: Vec<f64> = (0..n).map(|k| k as f64).collect();
        check(&tridiagonal(&vec![2.0; n], &vec![-1.0; n - 1]), &format!("second differences {n}"));
        check(&tridiagonal(&rising, &vec![1e-9; n - 1]), &format!("almost diagonal {n}"));
        check(&tridiagonal(&rising, &vec![0.0; n - 1]), &format!("diagonal {n}"));
        // Pairs of eigenvalues that are nearer than rounding.
        let wilkinson: Vec<f64> = (0..n).map(|k| (k as f64 - 0.5 * (n - 1) as f64).abs()).collect();
        check(&tridiagonal(&wilkinson, &vec![1.0; n - 1]), &format!("Wilkinson's {n}"));
        // Two copies, barely joined.
        let glued: Vec<f64> = (0..n - 1).map(|k| if k == n / 2 { 1e-14 } else { 1.0 }).collect();
        check(&tridiagonal(&wilkinson, &glued), &format!("glued {n}"));
    }
}

/// The eigenvalues of second differences are 2 − 2 cos(kπ/(n + 1)).
#[test]
fn eigenvalues_of_second_differences_are_known() {
    for n in [1, 5, 33, 100] {
        let values = check(&tridiagonal(&vec![2.0; n], &vec![-1.0; n - 1]), "second differences");
        for (k, value) in values.iter().enumerate() {
            let angle = (k + 1) as f64 * std::f64::consts::PI / (n + 1) as f64;
            assert!((value - (2.0 - 2.0 * angle.cos())).abs() <= 4.0 * n as f64 * f64::EPSILON, "{n}, {k}");
        }
    }
}

#[test]
fn what_is_not_finite_has_no_eigenvalues() {
    for bad in [f64::NAN, f64::INFINITY] {
        let mut a = random(40, 1);
        a[(3, 4)] = bad;
        let (v, values) = decomposed(&a);
        assert!(v.iter().chain(&values).all(|x| x.is_nan()));
    }
}

#[cfg(feature = "rayon")]
#[test]
fn threads_give_the_bits_of_one_thread() {
    let a = random(450, 3);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| decomposed(&a))
    };
    assert!(on(1) == on(3));
}
