//! Functions given by equations and minima, against closed forms.

use hessite::{Error, Function, Graph, Matrix, Mode, Scalar, Var};
use nalgebra::{DMatrix, DVector, dvector};

fn numbers(rows: usize, cols: usize, seed: f64) -> DMatrix<f64> {
    DMatrix::from_fn(rows, cols, |i, j| ((seed + 1.3) * (i as f64 + 1.9 * j as f64 + 0.4)).sin())
}

/// A well-conditioned matrix.
fn regular(n: usize, seed: f64) -> DMatrix<f64> {
    numbers(n, n, seed) + DMatrix::from_diagonal_element(n, n, 2.0 + n as f64)
}

#[track_caller]
fn near(x: f64, y: f64, tolerance: f64) {
    assert!((x - y).abs() <= tolerance * (1.0 + y.abs()), "{x:e} is not {y:e}");
}

#[track_caller]
fn all_near(x: &DMatrix<f64>, y: &DMatrix<f64>, tolerance: f64) {
    assert_eq!(x.shape(), y.shape());
    x.iter().zip(y.iter()).for_each(|(x, y)| near(*x, *y, tolerance));
}

/// Value, gradient, Hessian and a third derivative of two functions are the same.
#[track_caller]
fn same(g: &Graph, names: &[&str], x: &DVector<f64>, one: Scalar<'_>, other: Scalar<'_>, tolerance: f64) {
    let [a, b] = [one, other].map(|s| {
        let f = g.function(Matrix::from(s)).unwrap();
        f.at_stacked(x.as_slice()).unwrap()
    });
    near(a.value(), b.value(), tolerance);
    let (ga, gb) = (a.gradient().unwrap(), b.gradient().unwrap());
    names.iter().for_each(|n| all_near(&ga[*n], &gb[*n], tolerance));
    let (ha, hb) = (a.hessian(names).unwrap(), b.hessian(names).unwrap());
    all_near(ha.matrix(), hb.matrix(), tolerance);
    all_near(ha.matrix(), &ha.matrix().transpose(), tolerance);
    let mut at = 0;
    let mut parts = Vec::new();
    for name in names {
        let (rows, cols) = ga[*name].shape();
        parts.push((numbers(rows, cols, at as f64), numbers(rows, cols, at as f64 + 0.7)));
        at += rows * cols;
    }
    let u: Vec<_> = names.iter().zip(&parts).map(|(n, p)| hessite::bind(*n, &p.0)).collect();
    let v: Vec<_> = names.iter().zip(&parts).map(|(n, p)| hessite::bind(*n, &p.1)).collect();
    let (ta, tb) = (a.third(&u, &v).unwrap(), b.third(&u, &v).unwrap());
    names.iter().for_each(|n| all_near(&ta[*n], &tb[*n], 10.0 * tolerance));
}

#[test]
fn a_scalar_root_has_the_derivatives_of_its_closed_form() {
    // z³ = x from above.
    let g = Graph::new();
    let x = g.scalar("x");
    let z = g.root_of(&[x.into()], 1.0, |_, z, x| z.powi(3) - x[0]);
    for x0 in [1e-6_f64, 0.3, 1.0, 8.0, 1e9] {
        let f = g.function(z).unwrap();
        let at = f.at(&[x.is(x0)]).unwrap();
        let c = x0.cbrt();
        near(at.value() / c, 1.0, 1e-15);
        near(at.gradient().unwrap()["x"][0] * x0 / c, 1.0 / 3.0, 1e-14);
        near(at.hessian(&["x"]).unwrap().matrix()[(0, 0)] * x0 * x0 / c, -2.0 / 9.0, 1e-14);
        let one = [x.is(1.0)];
        near(at.third(&one, &one).unwrap()["x"][0] * x0.powi(3) / c, 10.0 / 27.0, 1e-13);
    }
}

#[test]
fn a_linear_system_as_a_root_is_solve() {
    for n in [1, 2, 3] {
        let g = Graph::new();
        let (a, b) = (g.matrix("A", n, n), g.matrix("B", n, 2));
        let z = g.root_of(&[a, b], &DMatrix::zeros(n, 2), |_, z, x| x[0] * z - x[1]);
        let x: Vec<f64> = regular(n, 0.2).iter().chain(numbers(n, 2, 0.5).iter()).copied().collect();
        let (one, other) = (z.sin().sum(), a.solve(b).sin().sum());
        same(&g, &["A", "B"], &DVector::from_vec(x), one, other, 1e-12);
    }
}

#[test]
fn sylvesters_equation_as_a_root() {
    for (m, n) in [(2, 3), (1, 1), (3, 1)] {
        let g = Graph::new();
        let (a, b, c) = (g.matrix("A", m, m), g.matrix("B", n, n), g.matrix("C", m, n));
        let z = g.root_of(&[a, b, c], &DMatrix::zeros(m, n), |_, z, x| x[0] * z + z * x[1] - x[2]);
        let whole = g.identity(n).kronecker(a) + b.transpose().kronecker(g.identity(m));
        let closed = whole.solve(c.reshape(m * n, 1)).reshape(m, n);
        let parts = [regular(m, 0.1), regular(n, 0.4), numbers(m, n, 0.9)];
        let x: Vec<f64> = parts.iter().flat_map(|p| p.iter().copied()).collect();
        let (one, other) = ((z.transpose() * z).trace(), (closed.transpose() * closed).trace());
        same(&g, &["A", "B", "C"], &DVector::from_vec(x), one, other, 1e-12);
    }
}

/// A Newton step writes out what a root is to first order, and its derivative in turn to second: two steps from the
/// solution, recorded as ordinary operations, have the derivatives of the root up to the third.
#[test]
fn a_nonlinear_fixed_point_has_the_derivatives_of_unrolled_newton_steps() {
    let n = 3;
    let g = Graph::new();
    let (a, x) = (g.matrix("A", n, n), g.vector("x", n));
    let z = g.fixed_point_of(&[a, x], &[0.0; 3], |_, z, args| (args[0] * z + args[1]).tanh());
    let (a0, x0) = (0.4 * numbers(n, n, 0.3), numbers(n, 1, 0.8));
    let at = g.function(z).unwrap().at(&[a.is(&a0), x.is(&x0)]).unwrap();
    let z0 = at.value_matrix().clone_owned();
    all_near(&(&a0 * &z0 + &x0).map(f64::tanh), &z0, 1e-15);
    let mut unrolled = g.data(&z0);
    for _ in 0..2 {
        let image = (a * unrolled + x).tanh();
        let slope = g.repeat(n, 1, 1.0) - image.component_mul(image);
        let jacobian = g.identity(n) - slope.from_diagonal() * a;
        unrolled = unrolled - jacobian.solve(unrolled - image);
    }
    let stacked: Vec<f64> = a0.iter().chain(x0.iter()).copied().collect();
    let (one, other) = (z.exp().sum(), unrolled.exp().sum());
    same(&g, &["A", "x"], &DVector::from_vec(stacked), one, other, 1e-12);
}

#[test]
fn a_hypergradient_of_ridge_regression_is_that_of_its_closed_form() {
    let g = Graph::new();
    let (a, b, s) = (g.matrix("A", 4, 2), g.vector("b", 4), g.scalar("s"));
    let z = g.argmin_of(&[a, b, s.into()], &[0.0, 0.0], |_, z, x| {
        (x[0] * z - x[1]).norm_squared() + x[2].exp().entry(0, 0) * z.norm_squared()
    });
    let closed = (a.tr_mul(a) + g.identity(2) * s.exp()).solve(a.tr_mul(b));
    let held_out = g.data(&numbers(3, 2, 1.7));
    let wanted = g.data(&dvector![1.0, -0.5, 0.25]);
    let [one, other] = [z, closed].map(|z| (held_out * z - wanted).norm_squared());
    let x: Vec<f64> =
        numbers(4, 2, 0.2).iter().chain(numbers(4, 1, 0.6).iter()).copied().chain([-1.0]).collect();
    same(&g, &["A", "b", "s"], &DVector::from_vec(x), one, other, 1e-11);
}

#[test]
fn lamberts_function_near_its_branch_point() {
    // W(x) with W e^W = x; W′ = W/(x(1 + W)), W″ = −W²(W + 2)/(x²(1 + W)³).
    let g = Graph::new();
    let x = g.scalar("x");
    let f = g.function(g.root_of(&[x.into()], 0.0, |_, z, x| z.component_mul(z.exp()) - x[0])).unwrap();
    for w in [-0.999_f64, -0.5, 0.1, 2.0, 30.0] {
        let x0 = w * w.exp();
        let at = f.at(&[x.is(x0)]).unwrap();
        // The rounding of x counts as much as the condition says.
        let condition = 1.0 / (1.0 + w).abs() + 2.0;
        near(at.value(), w, 4.0 * f64::EPSILON * condition);
        let w = at.value();
        let tolerance = 64.0 * f64::EPSILON * condition;
        let e = w.exp();
        near(at.gradient().unwrap()["x"][0] * e * (1.0 + w), 1.0, tolerance);
        let second = at.hessian(&["x"]).unwrap().matrix()[(0, 0)];
        near(second * e * e * (1.0 + w).powi(3), -(w + 2.0), tolerance);
    }
}

#[test]
fn certificates_pass() {
    let g = Graph::new();
    let (a, b) = (g.matrix("A", 3, 2), g.vector("b", 3));
    let z = g.argmin_of(&[a, b], &[0.0, 0.0], |_, z, x| {
        (x[0] * z - x[1]).softplus().sum() + z.norm_squared() * 0.5 + z.powi(4).sum()
    });
    let f = g.function((a * z).norm_squared() + z.sum()).unwrap();
    let at = f.at(&[a.is(&numbers(3, 2, 0.1)), b.is(&numbers(3, 1, 0.5))]).unwrap();
    let certificate = at.check().unwrap();
    assert!(certificate.passed(), "{certificate}");
    let h = at.hessian(&["A", "b"]).unwrap();
    assert!(h.asymmetry() < 1e-14, "{}", h.asymmetry());
}

#[test]
fn a_root_within_a_root() {
    // u = √y inside, z³ = u outside: z = y^(1/6).
    let g = Graph::new();
    let x = g.scalar("x");
    let z = g.root_of(&[x.into()], 1.0, |g, z, x| {
        let u = g.root_of(&[x[0]], 1.0, |_, u, y| u.powi(2) - y[0]);
        z.powi(3) - u
    });
    let sixth = g.root_of(&[x.into()], 1.0, |_, z, x| z.powi(6) - x[0]);
    let [one, other] = [z, sixth].map(|z| z.entry(0, 0));
    for x0 in [0.2, 1.0, 3.0] {
        same(&g, &["x"], &DVector::from_element(1, x0), one, other, 1e-13);
    }
}

#[test]
fn empty_unknowns_and_arguments() {
    let g = Graph::new();
    let x = g.matrix("X", 0, 3);
    let z = g.root_of(&[x], &DMatrix::zeros(0, 3), |_, z, x| z.exp() - x[0]);
    let m = g.argmin_of(&[x], &DMatrix::zeros(0, 3), |_, z, x| (z - x[0]).norm_squared());
    let f = g.function(z.sum() + m.sum()).unwrap();
    let at = f.at(&[x.is(&DMatrix::zeros(0, 3))]).unwrap();
    assert_eq!(at.value(), 0.0);
    assert_eq!(at.hessian(&["X"]).unwrap().matrix().shape(), (0, 0));
    // Without arguments a root is a constant.
    let two = g.root_of(&[], 1.0, |g, z, _| z.powi(2) - g.data(4.0));
    near(g.function(two).unwrap().at(&[x.is(&DMatrix::zeros(0, 3))]).unwrap().value(), 2.0, 1e-15);
}

/// The same error in every mode.
#[track_caller]
fn fails(f: &Function, x: Var, x0: f64, right: impl Fn(&Error) -> bool) {
    for mode in [Mode::Ieee, Mode::Checked, Mode::Strict] {
        let e = f.with_mode(mode).at(&[x.is(x0)]).unwrap_err();
        assert!(right(&e), "{mode:?}: {e}");
        assert!(e.to_string().contains("implicit.rs:"), "{e}");
    }
}

#[test]
fn at_a_singular_jacobian_a_root_has_no_derivative_and_may_not_be_found() {
    let g = Graph::new();
    let x = g.scalar("x");
    let square = g.root_of(&[x.into()], 0.0, |_, z, x| z.powi(2) - x[0]);
    let f = g.function(square).unwrap();
    let at = f.at(&[x.is(0.0)]).unwrap();
    assert_eq!(at.value(), 0.0);
    for mode in [Mode::Ieee, Mode::Checked, Mode::Strict] {
        let at = f.with_mode(mode).at(&[x.is(0.0)]).unwrap();
        assert!(matches!(at.gradient(), Err(Error::Singular { pivot: Some(0), .. })));
        assert!(matches!(at.hvp(&[x.is(1.0)]), Err(Error::Singular { .. })));
        assert!(matches!(at.jvp(&[x.is(1.0)]), Err(Error::Singular { .. })));
    }
    // From 0 no step leads to ±1.
    fails(&f, x.var(), 1.0, |e| matches!(e, Error::Singular { op, rcond: 0.0, .. } if op == "root"));
    // Equations that depend on each other.
    let twice = g.root_of(&[x.into()], &[1.0, 2.0], |g, z, x| {
        g.repeat(2, 2, 1.0) * z - g.repeat(2, 1, 1.0) * x[0].entry(0, 0) - g.data(&[0.0, 1.0])
    });
    fails(&g.function(twice.sum()).unwrap(), x.var(), 1.0, |e| matches!(e, Error::Singular { .. }));
    assert!(f.at(&[x.is(0.0)]).is_ok());
}

#[test]
fn an_equation_without_a_root_does_not_converge() {
    let g = Graph::new();
    let x = g.scalar("x");
    let log = g.root_of(&[x.into()], 1.0, |_, z, x| z.exp() - x[0]);
    let f = g.function(log).unwrap();
    near(f.at(&[x.is(5.0)]).unwrap().value(), 5f64.ln(), 1e-15);
    fails(&f, x.var(), -1.0, |e| matches!(e, Error::NoConvergence { residual, .. } if *residual >= 1.0));
    // A double root is approached too slowly to be told from another.
    let double = g.root_of(&[x.into()], 1.0, |_, z, x| (z - x[0]).powi(2));
    let double = g.function(double).unwrap();
    fails(&double, x.var(), 0.5, |e| matches!(e, Error::NoConvergence { residual, .. } if *residual < 1e-30));
    // No number at the start.
    let undefined = g.root_of(&[x.into()], 0.0, |_, z, x| z.ln() - x[0]);
    let undefined = g.function(undefined).unwrap();
    fails(&undefined, x.var(), 1.0, |e| matches!(e, Error::NoConvergence { steps: 0, .. }));
    // An operation of the equation without a result at the start.
    let inverse = g.root_of(&[x.into()], 0.0, |_, z, x| z.inverse() - x[0]);
    let inverse = g.function(inverse).unwrap();
    fails(&inverse, x.var(), 1.0, |e| matches!(e, Error::Singular { .. }));
}

#[test]
fn where_the_search_for_a_minimum_ends_at_none_is_an_error() {
    let g = Graph::new();
    let x = g.scalar("x");
    // A minimum for x > 0, a saddle at 0 for x < 0.
    let z = g.argmin_of(&[x.into()], &[1.0, 0.0], |_, z, x| {
        z.entry(0, 0).powi(2) + x[0].entry(0, 0) * z.entry(1, 0).powi(2)
    });
    let f = g.function(z.sum()).unwrap();
    assert_eq!(f.at(&[x.is(1.0)]).unwrap().value(), 0.0);
    fails(&f, x.var(), -1.0, |e| matches!(e, Error::NotAMinimum { op, minor: 2, .. } if op == "argmin"));
    // Flat in one direction.
    fails(&f, x.var(), 0.0, |e| matches!(e, Error::NotAMinimum { minor: 2, .. }));
    // Not bounded below, curved and not.
    let curved = g.argmin_of(&[x.into()], 1.0, |_, z, x| z.norm_squared() * x[0].entry(0, 0));
    fails(&g.function(curved).unwrap(), x.var(), -1.0, |e| matches!(e, Error::NotAMinimum { minor: 1, .. }));
    let falling = g.argmin_of(&[x.into()], 1.0, |_, z, x| (x[0] - z).exp().sum());
    fails(&g.function(falling).unwrap(), x.var(), 0.0, |e| matches!(e, Error::NoConvergence { .. }));
    // A minimum with a singular Hessian.
    let quartic = g.argmin_of(&[x.into()], 1.0, |_, z, x| (z - x[0]).powi(4).sum());
    fails(&g.function(quartic).unwrap(), x.var(), 0.5, |e| {
        matches!(e, Error::NoConvergence { .. } | Error::NotAMinimum { .. })
    });
}

#[test]
fn a_search_goes_down_from_where_the_hessian_is_not_definite() {
    // Rosenbrock's valley from its usual start, and a double well from its hill.
    let g = Graph::new();
    let x = g.scalar("x");
    let z = g.argmin_of(&[x.into()], &[-1.2, 1.0], |_, z, x| {
        let (u, v, a) = (z.entry(0, 0), z.entry(1, 0), x[0].entry(0, 0));
        (v - u.powi(2)).powi(2) * 100.0 + (a - u).powi(2)
    });
    let at = g.function(z).unwrap().at(&[x.is(1.5)]).unwrap();
    all_near(&at.value_matrix().clone_owned(), &DMatrix::from_column_slice(2, 1, &[1.5, 2.25]), 1e-14);
    all_near(&at.jacobian("x").unwrap().into_matrix(), &DMatrix::from_column_slice(2, 1, &[1.0, 3.0]), 1e-12);
    let well = g.argmin_of(&[x.into()], 0.01, |_, z, x| ((z.powi(2) - x[0]).powi(2)).sum());
    let at = g.function(well).unwrap().at(&[x.is(4.0)]).unwrap();
    near(at.value(), 2.0, 1e-15);
    near(at.gradient().unwrap()["x"][0], 0.25, 1e-14);
    near(at.hessian(&["x"]).unwrap().matrix()[(0, 0)], -1.0 / 32.0, 1e-13);
}

#[test]
fn what_can_not_be_recorded_is_an_error_of_the_function() {
    let (g, other) = (Graph::new(), Graph::new());
    let (x, foreign) = (g.matrix("X", 2, 2), other.matrix("Y", 2, 2));
    let message = |z: Matrix<'_>| g.function(z.sum()).unwrap_err();
    let e = message(g.root_of(&[x], &[1.0, 1.0], |_, z, x| x[0] * z.transpose()));
    assert!(matches!(&e, Error::Shape { .. }) && e.to_string().contains("implicit.rs:"), "{e}");
    let e = message(g.root_of(&[x], &[1.0, 1.0], |_, _, x| x[0]));
    assert!(e.to_string().contains("the equation is 2x2 and the unknown 2x1"), "{e}");
    let e = message(g.root_of(&[foreign], &[1.0, 1.0], |_, z, x| x[0] * z));
    assert!(matches!(e, Error::MixedGraph { .. }), "{e}");
    let e = message(g.root_of(&[x], &[1.0, 1.0], |g, z, x| x[0] * z + g.vector("c", 2)));
    assert!(matches!(&e, Error::Declaration { name, .. } if name == "c"), "{e}");
    let bad = x * g.vector("v", 3);
    let e = message(g.root_of(&[bad], &[1.0, 1.0], |_, z, _| z));
    assert!(matches!(e, Error::Shape { .. }), "{e}");
    assert!(g.function(x.sum()).is_ok());
}

#[test]
fn a_point_moves_on_and_recovers_after_a_failure() {
    let g = Graph::new();
    let x = g.scalar("x");
    let z = g.root_of(&[x.into()], 1.0, |_, z, x| z.exp() - x[0]);
    let f = g.function(z).unwrap();
    let mut at = f.at(&[x.is(2.0)]).unwrap();
    let before = (at.value(), at.gradient().unwrap(), at.hessian(&["x"]).unwrap());
    assert!(at.update(&[x.is(-2.0)]).is_err());
    assert!(matches!(at.gradient(), Err(Error::NoConvergence { .. })));
    at.update(&[x.is(2.0)]).unwrap();
    assert_eq!(before, (at.value(), at.gradient().unwrap(), at.hessian(&["x"]).unwrap()));
}

#[test]
fn what_is_not_finite_goes_through() {
    let g = Graph::new();
    let x = g.scalar("x");
    let f = g.function(g.root_of(&[x.into()], 1.0, |_, z, x| z.exp() - x[0])).unwrap();
    for bad in [f64::NAN, f64::INFINITY] {
        assert!(f.with_mode(Mode::Ieee).at(&[x.is(bad)]).unwrap().value().is_nan());
        assert!(matches!(f.at(&[x.is(bad)]), Err(Error::NonFiniteInput { .. })));
    }
    // Made before the root: its maker is blamed.
    let f = g.function(g.root_of(&[x.ln().into()], 1.0, |_, z, x| z - x[0])).unwrap();
    assert!(matches!(f.at(&[x.is(-1.0)]), Err(Error::NonFinite { op, .. }) if op == "ln"));
}

#[test]
fn a_root_stops_when_it_is_cancelled() {
    use std::sync::{Arc, atomic::AtomicBool};
    let g = Graph::new();
    let x = g.scalar("x");
    let f = g.function(g.root_of(&[x.into()], 1.0, |_, z, x| z.exp() - x[0])).unwrap();
    let cancelled = f.with_cancel(Arc::new(AtomicBool::new(true)));
    assert_eq!(cancelled.at(&[x.is(2.0)]).unwrap_err(), Error::Cancelled);
    assert!(f.at(&[x.is(2.0)]).is_ok());
}

#[test]
fn a_panic_while_an_equation_is_recorded_passes_on_and_breaks_nothing() {
    let g = Graph::new();
    let x = g.scalar("x");
    let before = x.exp();
    let record = |fails: bool| {
        g.root_of(&[x.into()], 1.0, |_, z, x| {
            assert!(!fails, "enough");
            z.exp() - x[0]
        })
    };
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| record(true))).is_err());
    let z = record(false).entry(0, 0);
    let at = g.function(z + before).unwrap().at(&[x.is(2.0)]).unwrap();
    near(at.value(), 2f64.ln() + 2f64.exp(), 1e-15);
    near(at.gradient().unwrap()["x"][0], 0.5 + 2f64.exp(), 1e-15);
}
