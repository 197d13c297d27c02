//! Functions of eigenvalues and singular values where these coincide, vanish or do not exist.

use super::support::*;
use hessite::{Error, Function, Graph, Matrix, Mode, Point, Scalar};
use nalgebra::{DMatrix, dmatrix};

fn function(n: (usize, usize), record: impl for<'g> Fn(Matrix<'g>) -> Scalar<'g>) -> Function {
    let g = Graph::new();
    let f = record(g.matrix("A", n.0, n.1));
    g.function(f).unwrap()
}

/// Where there are derivatives they are compared in all modes and by all ways.
fn point(f: &Function, a: &DMatrix<f64>) -> Point {
    let at = f.at_stacked(a.as_slice()).unwrap();
    if at.gradient().is_ok() && at.hessian(&["A"]).is_ok() {
        in_all_modes(f, a.as_slice(), 1e-13);
    }
    at
}

#[track_caller]
fn near(got: &DMatrix<f64>, expected: &DMatrix<f64>) {
    assert_eq!(got.shape(), expected.shape());
    assert!((got - expected).amax() <= 1e-14 * expected.amax().max(1.0), "{got}, expected {expected}");
}

/// H·v as a matrix.
fn product(at: &Point, v: &DMatrix<f64>) -> DMatrix<f64> {
    let stacked = at.hvp_many(&DMatrix::from_column_slice(v.len(), 1, v.as_slice())).unwrap();
    DMatrix::from_column_slice(v.nrows(), v.ncols(), stacked.as_slice())
}

const NON_SYMMETRIC: [f64; 4] = [1.0, 0.5, 0.0, 1.0];

#[test]
fn a_matrix_that_is_not_symmetric_is_an_error_unless_its_symmetric_part_is_meant() {
    let f = function((2, 2), |a| a.spectral().exp().trace());
    let Err(Error::NotSymmetric { index, difference, .. }) = f.at_stacked(&NON_SYMMETRIC) else {
        panic!("not symmetric")
    };
    assert_eq!((index, difference), ((1, 0), 0.5));
    let ieee = f.with_mode(Mode::Ieee).at_stacked(&NON_SYMMETRIC).unwrap();
    let meant = function((2, 2), |a| a.symmetric_part().spectral().exp().trace());
    assert_eq!(ieee.value(), meant.at_stacked(&NON_SYMMETRIC).unwrap().value());
    // Rounding is no asymmetry.
    assert!(f.at_stacked(&[1.0, 0.5, 0.5 + 1e-14, 1.0]).is_ok());
}

#[test]
fn a_matrix_that_is_not_square_is_an_error_of_shape() {
    let g = Graph::new();
    let a = g.matrix("A", 2, 3);
    for y in [a.spectral().ln(), a.expm(), a.symmetric_part(), a.symmetric_eigenvalues()] {
        assert!(matches!(g.function(y.sum()), Err(Error::Shape { .. })));
    }
}

#[test]
fn eigenvalues_outside_the_domain_are_named_and_without_checks_nan() {
    let a = dmatrix![1.0, 2.0; 2.0, 1.0];
    let records: [for<'g> fn(Matrix<'g>) -> Scalar<'g>; 3] =
        [|a| a.spectral().ln().trace(), |a| a.spectral().sqrt().trace(), |a| a.spectral().powf(1.5).trace()];
    for record in records {
        let f = function((2, 2), record);
        for mode in [Mode::Checked, Mode::Strict] {
            let at = f.with_mode(mode).at_stacked(a.as_slice());
            let Err(Error::Domain { value, .. }) = at else { panic!("a domain") };
            assert!((value + 1.0).abs() < 1e-15);
        }
        let at = f.with_mode(Mode::Ieee).at_stacked(a.as_slice()).unwrap();
        assert!(at.value().is_nan());
        assert!(at.gradient().unwrap()["A"].iter().all(|x| x.is_nan()));
        assert!(product(&at, &a).iter().all(|x| x.is_nan()));
    }
    let singular = function((2, 2), |a| a.spectral().ln().trace()).at_stacked(&[1.0, 0.0, 0.0, 0.0]);
    assert!(matches!(singular, Err(Error::Domain { value: 0.0, .. })));
}

#[test]
fn the_root_of_a_projector_is_itself_and_its_derivatives_are_infinite() {
    // Its eigenvalue 0 comes out as one of either sign.
    let u = DMatrix::from_column_slice(3, 1, &[0.6, 0.48, 0.64]);
    let p = &u * u.transpose();
    let f = function((3, 3), |a| a.spectral().sqrt().norm_squared());
    let at = point(&f, &p);
    assert!((at.value() - 1.0).abs() < 1e-14);
    let trace = function((3, 3), |a| a.spectral().sqrt().trace());
    assert!(matches!(point(&trace, &p).gradient(), Err(Error::NonFinite { .. })));
    // x ln x is continuous there: the entropy of a pure state.
    let entropy = function((3, 3), |a| -a.spectral().xlnx().trace());
    assert!(point(&entropy, &p).value().abs() < 1e-14);
}

#[test]
fn derivatives_at_multiples_of_the_identity_are_those_of_the_scalar_function() {
    let v = dmatrix![0.3, -0.5, 0.1; 0.7, 0.2, 0.4; -0.6, 0.9, -0.8];
    let s = (&v + v.transpose()) * 0.5;
    let a = DMatrix::identity(3, 3) * 2.0;
    // tr f(A): gradient f′(2) I, product f″(2) (V + Vᵀ)/2.
    let f = function((3, 3), |a| a.spectral().ln().trace());
    near(&point(&f, &a).gradient().unwrap()["A"], &(DMatrix::identity(3, 3) * 0.5));
    near(&product(&point(&f, &a), &v), &(&s * -0.25));
    let f = function((3, 3), |a| a.expm().trace());
    near(&product(&point(&f, &DMatrix::zeros(3, 3)), &v), &v.transpose());
}

#[test]
fn eigenvalues_that_coincide_have_no_derivative_each() {
    let f = function((3, 3), |a| a.symmetric_eigenvalues().norm_squared());
    let a = DMatrix::from_diagonal(&nalgebra::dvector![1.0, 1.0, 2.0]);
    for mode in [Mode::Ieee, Mode::Checked, Mode::Strict] {
        let f = f.with_mode(mode);
        let at = point(&f, &a);
        assert_eq!(at.value(), 6.0);
        assert!(matches!(at.gradient(), Err(Error::Degenerate { gap: 0.0, .. })));
    }
    // As a function of the matrix it has them.
    let whole = function((3, 3), |a| a.spectral().powi(2).trace());
    near(&point(&whole, &a).gradient().unwrap()["A"], &(&a * 2.0));
    let near_by = DMatrix::from_diagonal(&nalgebra::dvector![1.0, 1.001, 2.0]);
    near(&point(&f, &near_by).gradient().unwrap()["A"], &(&near_by * 2.0));
}

#[test]
fn singular_values_that_coincide_or_vanish_have_no_derivative_each() {
    let f = function((2, 3), |a| a.singular_values().sum());
    for a in [[1.0, 0.0, 0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]] {
        let at = f.at_stacked(&a).unwrap();
        assert!(matches!(at.gradient(), Err(Error::Degenerate { .. })), "{a:?}");
    }
    assert!(f.at_stacked(&[1.0, 0.0, 0.0, 0.5, 0.0, 0.0]).unwrap().gradient().is_ok());
}

#[test]
fn the_nuclear_norm_selects_the_smallest_subgradient_at_rank_loss() {
    let f = function((2, 2), |a| a.nuclear_norm());
    let a = dmatrix![3.0, 0.0; 0.0, 0.0];
    let at = point(&f, &a);
    assert!((at.value() - 3.0).abs() < 1e-14);
    near(&at.gradient().unwrap()["A"], &dmatrix![1.0, 0.0; 0.0, 0.0]);
    let strict = f.with_mode(Mode::Strict).at_stacked(a.as_slice());
    assert!(matches!(strict.and_then(|p| p.gradient().map(|_| ())), Err(Error::Kink { .. })));
    let at = point(&f, &DMatrix::zeros(2, 2));
    assert_eq!(at.value(), 0.0);
    near(&at.gradient().unwrap()["A"], &DMatrix::zeros(2, 2));
    near(&product(&at, &dmatrix![1.0, 2.0; 3.0, 4.0]), &DMatrix::zeros(2, 2));
    // Full rank is no kink, whatever the shape and however often a singular value is repeated.
    let f = function((3, 2), |a| a.nuclear_norm()).with_mode(Mode::Strict);
    let a = dmatrix![1.0, 0.0; 0.0, 1.0; 0.0, 0.0];
    near(&point(&f, &a).gradient().unwrap()["A"], &a);
}

#[test]
fn the_spectral_norm_takes_the_mean_where_its_singular_value_is_repeated() {
    let f = function((2, 2), |a| a.spectral_norm());
    let a = dmatrix![2.0, 0.0; 0.0, 2.0];
    let at = point(&f, &a);
    assert!((at.value() - 2.0).abs() < 1e-14);
    near(&at.gradient().unwrap()["A"], &dmatrix![0.5, 0.0; 0.0, 0.5]);
    let strict = f.with_mode(Mode::Strict).at_stacked(a.as_slice());
    assert!(matches!(strict.and_then(|p| p.gradient().map(|_| ())), Err(Error::Kink { .. })));
    let at = point(&f, &DMatrix::zeros(2, 2));
    near(&at.gradient().unwrap()["A"], &DMatrix::zeros(2, 2));
    near(&product(&at, &a), &DMatrix::zeros(2, 2));
    // A distinct one is no kink.
    let f = f.with_mode(Mode::Strict);
    near(&point(&f, &dmatrix![3.0, 0.0; 0.0, 1.0]).gradient().unwrap()["A"], &dmatrix![1.0, 0.0; 0.0, 0.0]);
}

#[test]
fn the_largest_eigenvalue_and_the_modulus_select_at_their_kinks() {
    let f = function((2, 2), |a| a.spectral().largest_eigenvalue());
    let at = point(&f, &dmatrix![1.0, 0.0; 0.0, 1.0]);
    near(&at.gradient().unwrap()["A"], &dmatrix![0.5, 0.0; 0.0, 0.5]);
    let f = function((2, 2), |a| a.spectral().abs().trace());
    let at = point(&f, &dmatrix![-1.0, 0.0; 0.0, 0.0]);
    assert_same(&[at.value()], &[1.0], "tr |A|");
    near(&at.gradient().unwrap()["A"], &dmatrix![-1.0, 0.0; 0.0, 0.0]);
    let strict = f.with_mode(Mode::Strict).at_stacked(&[-1.0, 0.0, 0.0, 0.0]);
    assert!(matches!(strict.and_then(|p| p.gradient().map(|_| ())), Err(Error::Kink { .. })));
}

#[test]
fn exponentials_of_huge_matrices_are_refused_and_overflow_is_named() {
    let f = function((1, 1), |a| a.expm().sum());
    assert!(matches!(f.at_stacked(&[-1e13]), Err(Error::Domain { .. })));
    assert_eq!(f.at_stacked(&[-1e6]).unwrap().value(), 0.0);
    assert!(matches!(f.at_stacked(&[1e3]), Err(Error::NonFinite { .. })));
    assert_eq!(f.with_mode(Mode::Ieee).at_stacked(&[1e3]).unwrap().value(), INF);
}

#[test]
fn empty_matrices_have_empty_functions() {
    let records: [for<'g> fn(Matrix<'g>) -> Scalar<'g>; 6] = [
        |a| a.expm().sum(),
        |a| a.spectral().ln().sum(),
        |a| a.symmetric_eigenvalues().sum(),
        |a| a.singular_values().sum(),
        |a| a.nuclear_norm(),
        |a| a.spectral_norm(),
    ];
    for (k, record) in records.into_iter().enumerate() {
        let f = function((0, 0), record);
        let at = f.at_stacked(&[]).unwrap_or_else(|e| panic!("{k}: {e}"));
        assert_eq!(at.value(), 0.0);
        assert_eq!(at.gradient().unwrap()["A"].shape(), (0, 0));
    }
    let g = Graph::new();
    let l = g.matrix("A", 0, 0).spectral().largest_eigenvalue();
    assert!(matches!(g.function(l), Err(Error::Empty { .. })));
}
