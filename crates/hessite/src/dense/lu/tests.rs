use super::*;
use crate::dense::random::numbers;
use nalgebra::DMatrix;

fn matrix(n: usize, seed: u64) -> DMatrix<f64> {
    DMatrix::from_vec(n, n, numbers(n * n, seed))
}

fn factored(a: &DMatrix<f64>) -> Vec<f64> {
    let n = a.nrows();
    let mut out = vec![f64::NAN; len(n)];
    factor(View { data: a.as_slice(), rows: n, cols: n, lanes: 1 }, &mut out, Stop::default());
    out
}

const SIZES: [usize; 11] = [0, 1, 2, 3, 8, 9, 17, 33, 70, 129, 200];

#[test]
fn the_factors_are_those_of_nalgebra() {
    for n in SIZES {
        let a = matrix(n, n as u64);
        let out = factored(&a);
        let f = Factored::new(&out, n);
        let lu = a.clone().lu();
        let theirs = lu.l() + lu.u() - DMatrix::identity(n, n);
        let error = (DMatrix::from_column_slice(n, n, f.factors) - theirs).amax();
        assert!(error < 1e-11, "{n}: {error:e}");
        let det = f.facts.parity * f.pivots().product::<f64>();
        assert!((det - lu.determinant()).abs() <= 1e-11 * det.abs(), "{n}: {det}");
    }
}

#[test]
fn solutions_have_small_residuals_in_every_lane() {
    for n in SIZES {
        let a = matrix(n, 7 + n as u64);
        let out = factored(&a);
        for (m, k) in [(1, 1), (5, 1), (2, 8), (3, 4), (1, 3)] {
            for transposed in [false, true] {
                let b = numbers(n * m * k, 3);
                let mut x = b.clone();
                let view = ViewMut { data: &mut x, rows: n, cols: m, lanes: k };
                solve_in_place(Factored::new(&out, n), transposed, view, Stop::default());
                let op = if transposed { a.transpose() } else { a.clone() };
                for (j, l) in (0..m).flat_map(|j| (0..k).map(move |l| (j, l))) {
                    let column = |x: &[f64]| DMatrix::from_fn(n, 1, |i, _| x[l + k * (i + n * j)]);
                    let (x, b) = (column(&x), column(&b));
                    let size = op.abs() * x.abs() + b.abs();
                    let r = (&op * &x - b).abs().zip_map(&size, |r, s| r / s).amax();
                    assert!(r < 8.0 * (n + 1) as f64 * f64::EPSILON, "{n}, {m} x {k}, {transposed}: {r:e}");
                }
            }
        }
    }
}

#[test]
fn the_inverse_and_its_condition() {
    for n in SIZES {
        let a = matrix(n, 40 + n as u64);
        let out = factored(&a);
        let f = Factored::new(&out, n);
        let mut inv = vec![f64::NAN; n * n];
        inverse(f, &mut inv, Stop::default());
        let inv = DMatrix::from_vec(n, n, inv);
        let exact = 1.0 / (norm(a.as_slice(), n) * norm(inv.as_slice(), n));
        assert!((&a * &inv - DMatrix::identity(n, n)).amax() < 1e-13 / exact.min(1.0), "{n}");
        if n > 0 {
            let ratio = f.facts.rcond / exact;
            assert!((0.999..3.0).contains(&ratio), "{n}: {} beside {exact}", f.facts.rcond);
        }
    }
}

#[test]
fn singular_matrices_are_known() {
    let mut a = matrix(20, 5);
    let twice = a.column(3) * 2.0;
    a.set_column(7, &twice);
    let out = factored(&a);
    assert!(Factored::new(&out, 20).facts.singular());
    a.fill_column(11, 0.0);
    let out = factored(&a);
    let facts = Factored::new(&out, 20).facts;
    assert!(facts.zero_pivot.is_some() && facts.rcond == 0.0, "{facts:?}");
    a.fill_column(11, f64::NAN);
    let out = factored(&a);
    assert!(!Factored::new(&out, 20).facts.singular(), "what is not a number is no singularity");
}
