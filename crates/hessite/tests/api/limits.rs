//! Functions of symmetric matrices at the ends of their domains: a 1×1 matrix is as its number, a diagonal one as its
//! entries, any other as the limit of A + εI.

use super::support::*;
use hessite::{Error, Function, Graph, Matrix, Mode, Phase, Scalar, bind};
use nalgebra::{DMatrix, DVector, dmatrix, dvector};

type OfMatrix = for<'g> fn(Matrix<'g>) -> Matrix<'g>;
type OfNumber = for<'g> fn(Scalar<'g>) -> Scalar<'g>;

/// A function of matrices, the same of numbers, and a number within its domain.
const FUNCTIONS: &[(&str, OfMatrix, OfNumber, f64)] = &[
    ("recip", |a| a.spectral().recip(), |x| x.recip(), 4.0),
    ("sqrt", |a| a.spectral().sqrt(), |x| x.sqrt(), 4.0),
    ("cbrt", |a| a.spectral().cbrt(), |x| x.cbrt(), 4.0),
    ("exp", |a| a.spectral().exp(), |x| x.exp(), 0.5),
    ("exp_m1", |a| a.spectral().exp_m1(), |x| x.exp_m1(), 0.5),
    ("ln", |a| a.spectral().ln(), |x| x.ln(), 4.0),
    ("ln_1p", |a| a.spectral().ln_1p(), |x| x.ln_1p(), 4.0),
    ("log2", |a| a.spectral().log2(), |x| x.log2(), 4.0),
    ("log10", |a| a.spectral().log10(), |x| x.log10(), 4.0),
    ("xlnx", |a| a.spectral().xlnx(), |x| x.xlnx(), 4.0),
    ("asin", |a| a.spectral().asin(), |x| x.asin(), 0.5),
    ("acos", |a| a.spectral().acos(), |x| x.acos(), 0.5),
    ("acosh", |a| a.spectral().acosh(), |x| x.acosh(), 4.0),
    ("atanh", |a| a.spectral().atanh(), |x| x.atanh(), 0.5),
    ("sinh", |a| a.spectral().sinh(), |x| x.sinh(), 0.5),
    ("cosh", |a| a.spectral().cosh(), |x| x.cosh(), 0.5),
    ("tanh", |a| a.spectral().tanh(), |x| x.tanh(), 0.5),
    ("powf(0.5)", |a| a.spectral().powf(0.5), |x| x.powf(0.5), 4.0),
    ("powf(1.5)", |a| a.spectral().powf(1.5), |x| x.powf(1.5), 4.0),
    ("powf(2.5)", |a| a.spectral().powf(2.5), |x| x.powf(2.5), 4.0),
    ("powf(-0.5)", |a| a.spectral().powf(-0.5), |x| x.powf(-0.5), 4.0),
    ("powi(-1)", |a| a.spectral().powi(-1), |x| x.powi(-1), 4.0),
    ("powi(-2)", |a| a.spectral().powi(-2), |x| x.powi(-2), 4.0),
    ("powi(3)", |a| a.spectral().powi(3), |x| x.powi(3), 4.0),
];

/// Zeros of either sign, ends of domains, what is outside of them, and overflow.
const POINTS: [f64; 9] = [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 800.0, -800.0, 1e200];

fn function(n: usize, record: impl for<'g> Fn(Matrix<'g>) -> Scalar<'g>) -> Function {
    let g = Graph::new();
    let f = record(g.matrix("A", n, n));
    g.function(f).unwrap()
}

/// Value, first and second derivative of the scalar row.
fn row(f: OfNumber, x: f64) -> [f64; 3] {
    let g = Graph::new();
    let f = g.function(f(g.scalar("x"))).unwrap().with_mode(Mode::Ieee);
    let at = f.at(&[bind("x", x)]).unwrap();
    let second = at.hessian(&["x"]).unwrap().matrix()[(0, 0)];
    [at.value(), at.gradient().unwrap()["x"][0], second]
}

#[test]
fn a_matrix_of_one_number_is_as_the_number_in_every_mode() {
    for &(name, matrix, number, _) in FUNCTIONS {
        for x in POINTS {
            let what = format!("{name} at {x:e}");
            let [value, first, second] = row(number, x);
            // By the trace, and by an entry.
            for f in [function(1, |a| matrix(a).trace()), function(1, |a| matrix(a).entry(0, 0) * 1.0)] {
                let at = f.with_mode(Mode::Ieee).at_stacked(&[x]).unwrap();
                let all = all_ways(&at);
                assert_same(&[all.value], &[value], &what);
                assert_same(&all.gradient, &[first], &format!("{what}, gradient"));
                assert_same(all.hessian.as_slice(), &[second], &format!("{what}, hessian"));
                for mode in [Mode::Checked, Mode::Strict] {
                    let at = f.with_mode(mode).at_stacked(&[x]);
                    if !value.is_finite() {
                        assert!(matches!(at, Err(Error::Domain { .. })), "{what}: {:?}", at.err());
                        continue;
                    }
                    let at = at.unwrap();
                    let failed = |e: Option<Error>, phase: Phase, finite: bool| match e {
                        None => assert!(finite, "{what}: no error in {phase}"),
                        Some(Error::NonFinite { phase: p, index: (0, 0), .. }) if !finite => {
                            assert_eq!(p, phase)
                        }
                        Some(e) => panic!("{what}: {e}"),
                    };
                    failed(at.gradient().err(), Phase::Gradient, first.is_finite());
                    let finite = second.is_finite();
                    failed(at.hvp(&[bind("A", 1.0)]).err(), Phase::Tangent, finite);
                    failed(at.hessian(&["A"]).err(), Phase::Tangent, finite);
                }
            }
        }
    }
}

#[test]
fn a_diagonal_matrix_is_as_its_entries() {
    for &(name, matrix, number, inside) in FUNCTIONS {
        let regular = row(number, inside);
        for x in POINTS {
            let what = format!("{name} at diag({x:e}, {inside})");
            let singular = row(number, x);
            let f = function(2, |a| matrix(a).trace()).with_mode(Mode::Ieee);
            let at = f.at_stacked(&[x, 0.0, 0.0, inside]).unwrap();
            assert_same(&[at.value()], &[singular[0] + regular[0]], &what);
            // Off the diagonal is no infinity, and no NaN.
            let gradient = at.gradient().unwrap().stacked();
            let expected = [singular[1], 0.0, 0.0, regular[1]];
            assert_close(gradient.as_slice(), &expected, &format!("{what}, gradient"));
            let unit = |e: usize| {
                let mut unit = [0.0; 4];
                unit[e] = 1.0;
                unit
            };
            let along = at.jvp(&[bind("A", &unit(3))]).unwrap()[0];
            if singular[1].is_finite() {
                assert_close(&[along], &[regular[1]], &format!("{what}, jvp"));
            }
            // The zeros of a direction are numbers: beside an infinite coefficient they make NaN.
            let h = at.hessian(&["A"]).unwrap().into_matrix();
            let zero = 0.0 * singular[2];
            assert_close(&[h[(0, 0)], h[(3, 3)]], &[singular[2], regular[2]], &format!("{what}, hessian"));
            assert_close(&[h[(0, 3)]], &[zero], &format!("{what}, hessian"));
            for e in 0..4 {
                let hv = at.hvp(&[bind("A", &unit(e))]).unwrap().stacked();
                assert_close(hv.as_slice(), h.column(e).as_slice(), &format!("{what}, hvp {e}"));
            }
            let panel = at.hvp_many(&DMatrix::<f64>::identity(4, 4)).unwrap();
            assert_close(panel.as_slice(), h.as_slice(), &format!("{what}, panel"));
        }
    }
}

#[test]
fn a_singular_matrix_has_the_limits_of_its_neighbours_inside() {
    // [0] and a rotated matrix with the eigenvalues 1 and 4; and a rotated one with the eigenvalues 0, 1 and 4, where
    // the first is 0 up to rounding alone.
    let exact = dmatrix![0.0, 0.0, 0.0; 0.0, 2.92, -1.44; 0.0, -1.44, 2.08];
    let w = dvector![0.8, -0.36, -0.48];
    let last = dvector![0.0, 0.8, -0.6];
    let rotated = &w * w.transpose() + &last * last.transpose() * 4.0;
    let e = dmatrix![0.3, -0.2, 0.5; -0.2, 0.7, 0.1; 0.5, 0.1, -0.4];
    let identity = DMatrix::<f64>::identity(3, 3);
    let cases = [
        ("sqrt", &rotated),
        ("xlnx", &rotated),
        ("sqrt", &exact),
        ("xlnx", &exact),
        ("ln", &exact),
        ("recip", &exact),
    ];
    for (name, a) in cases {
        let (_, matrix, ..) = FUNCTIONS.iter().find(|f| f.0 == name).unwrap();
        let g = Graph::new();
        let f = g.function(matrix(g.matrix("A", 3, 3))).unwrap().with_mode(Mode::Ieee);
        let derivative =
            |a: &DMatrix<f64>| f.at_stacked(a.as_slice()).unwrap().jvp(&[bind("A", &e)]).unwrap();
        let values = |a: &DMatrix<f64>| f.at_stacked(a.as_slice()).unwrap().value_matrix().clone_owned();
        for take in [&values as &dyn Fn(&DMatrix<f64>) -> DMatrix<f64>, &derivative] {
            let limit = take(a);
            let [far, near] = [1e-10, 1e-12].map(|eps| take(&(a + &identity * eps)));
            for ((x, far), near) in limit.iter().zip(far.iter()).zip(near.iter()) {
                match x.is_finite() {
                    true => assert!((x - near).abs() < 1e-4 * (1.0 + x.abs()), "{name}: {limit}, {near}"),
                    false => {
                        assert_eq!(x.signum(), near.signum(), "{name}: {limit}, {near}");
                        assert!(near.abs() > far.abs() + 0.1, "{name}: {limit}, {far}, {near}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_root_of_a_singular_matrix_is_exact() {
    let q = dmatrix![0.6, 0.8, 0.0; 0.48, -0.36, 0.8; 0.64, -0.48, -0.6];
    for eigenvalues in [[0.0, 1.0, 4.0], [0.0, 0.0, 9.0], [0.0, 100.0, 4.0], [0.0; 3]] {
        let part = |f: fn(f64) -> f64| {
            let diagonal = eigenvalues.map(f);
            &q * DMatrix::from_diagonal(&DVector::from_row_slice(&diagonal)) * q.transpose()
        };
        for (root, c) in [(2, 0.5), (3, 1.0 / 3.0)] {
            let a = part(|x| x);
            let g = Graph::new();
            let a_var = g.matrix("A", 3, 3);
            let spectral = a_var.symmetric_part().spectral();
            let (value, expected) = match root {
                2 => (spectral.sqrt(), part(f64::sqrt)),
                _ => (spectral.powf(c), part(f64::cbrt)),
            };
            let at = g.function(value).unwrap().at_stacked(a.as_slice()).unwrap();
            let error = (at.value_matrix().clone_owned() - &expected).amax();
            assert!(error <= 1e-14 * expected.amax(), "{eigenvalues:?}, {root}: {error:e}");
        }
    }
    // What is small and not zero keeps its root: the entry of a diagonal matrix has no rounding.
    let f = function(2, |a| a.spectral().sqrt().entry(0, 0) * 1.0);
    assert_same(&[f.at_stacked(&[1e-20, 0.0, 0.0, 1.0]).unwrap().value()], &[1e-10], "a small entry");
}

#[test]
fn a_product_that_vanishes_beside_an_infinite_derivative_is_no_silent_zero() {
    // tr (√A)²/2 = tr A/2 has the gradient I/2, which the chain rule can't have at a singular A.
    let f = function(2, |a| a.spectral().sqrt().norm_squared()).with_mode(Mode::Ieee);
    let gradient = f.at_stacked(&[0.0, 0.0, 0.0, 4.0]).unwrap().gradient().unwrap().stacked();
    assert!(gradient[0].is_nan(), "{gradient}");
    assert_close(&gradient.as_slice()[3..], &[1.0], "where A is definite");
}

#[test]
fn a_third_derivative_beside_an_end_is_no_silent_number() {
    let f = function(2, |a| a.spectral().sqrt().trace());
    let ones = [1.0; 4];
    let along = || [bind("A", &ones)];
    for a in [[0.0, 0.0, 0.0, 4.0], [1.0, 1.0, 1.0, 1.0]] {
        let at = f.with_mode(Mode::Ieee).at_stacked(&a).unwrap();
        let third = at.third(&along(), &along()).unwrap().stacked();
        assert!(third.iter().all(|x| !x.is_finite()), "{third}");
        let e = f.at_stacked(&a).unwrap().third(&along(), &along()).unwrap_err();
        assert!(matches!(e, Error::NonFinite { .. }), "{e}");
    }
}
