//! Functions given by equations and minima, against closed forms.

use hessite::{Graph, Matrix, Scalar};
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
