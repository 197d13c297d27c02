//! Inverse, solve, determinants and factorisations: closed forms, and what they say where there is no result.

use hessite::{Error, Function, Graph, Matrix, Mode, Scalar};
use nalgebra::{DMatrix, dmatrix};

fn close(got: &DMatrix<f64>, expected: &DMatrix<f64>, tolerance: f64) {
    assert_eq!(got.shape(), expected.shape());
    let (error, size) = ((got - expected).amax(), expected.amax().max(1.0));
    assert!(error <= tolerance * size, "error {error:e} beside {size:e}:\n{got}\n{expected}");
}

/// Well-conditioned, not symmetric, with large entries off the diagonal so that rows are swapped.
fn regular(n: usize) -> DMatrix<f64> {
    DMatrix::from_fn(n, n, |i, j| {
        let wave = ((3 * i + 5 * j * j + i * j) as f64).sin();
        wave + if (i + 1) % n.max(1) == j { 3.0 * (n as f64).sqrt() } else { 0.0 }
    })
}

fn positive(n: usize) -> DMatrix<f64> {
    let a = regular(n);
    &a * a.transpose() / n.max(1) as f64 + DMatrix::identity(n, n)
}

fn scalar_of(n: usize, record: impl for<'g> Fn(Matrix<'g>) -> Scalar<'g>) -> (Graph, Function) {
    let g = Graph::new();
    let f = g.function(record(g.matrix("X", n, n))).unwrap();
    (g, f)
}

fn hessian(f: &Function, x: &DMatrix<f64>) -> (f64, DMatrix<f64>, DMatrix<f64>) {
    // In all modes and by all ways where that takes few directions.
    if x.len() <= 30 {
        let all = super::support::in_all_modes(f, x.as_slice(), 1e-12);
        return (all.value, DMatrix::from_column_slice(x.nrows(), x.ncols(), &all.gradient), all.hessian);
    }
    let at = f.at(&[hessite::bind("X", x)]).unwrap();
    let h = at.block("X", "X").unwrap().into_matrix();
    (at.value(), at.gradient().unwrap()["X"].clone(), h)
}

const SIZES: [usize; 6] = [1, 2, 3, 5, 9, 18];

/// d² ln det X = −⟨X⁻ᵀ, dX X⁻¹ dX …⟩: entry (ij, kl) is −(X⁻¹)_jk (X⁻¹)_li.
#[test]
fn the_hessian_of_log_det_is_the_permuted_kronecker_square_of_the_inverse() {
    for n in SIZES {
        let x = regular(n);
        let inv = x.clone().try_inverse().unwrap();
        let expected = DMatrix::from_fn(n * n, n * n, |r, c| -inv[(r / n, c % n)] * inv[(c / n, r % n)]);
        let (_, f) = scalar_of(n, |x| x.log_abs_determinant());
        let (value, gradient, h) = hessian(&f, &x);
        assert!((value - x.determinant().abs().ln()).abs() < 1e-12 * value.abs().max(1.0), "{n}");
        close(&gradient, &inv.transpose(), 1e-12);
        close(&h, &expected, 1e-12);

        let k = positive(n);
        let inv = k.clone().try_inverse().unwrap();
        let (_, f) = scalar_of(n, |x| x.log_determinant_positive_definite());
        let (value, gradient, h) = hessian(&f, &k);
        assert!((value - k.determinant().ln()).abs() < 1e-12 * value.abs().max(1.0), "{n}");
        close(&gradient, &inv, 1e-12);
        // Of the symmetric part: every direction counts as its own.
        let entry = |i, j, k, l| -0.5 * (inv[(i, k)] * inv[(l, j)] + inv[(i, l)] * inv[(k, j)]);
        close(&h, &DMatrix::from_fn(n * n, n * n, |r, c| entry(r % n, r / n, c % n, c / n)), 1e-12);
    }
}

/// L = ⟨W, X⁻¹⟩ has d²L[U, V] = ⟨W, YUYVY + YVYUY⟩ with Y = X⁻¹.
#[test]
fn the_hessian_of_an_inverse() {
    for n in SIZES {
        let (x, w) = (regular(n), DMatrix::from_fn(n, n, |i, j| ((i + 2 * j) as f64).cos()));
        let y = x.clone().try_inverse().unwrap();
        let ywy = &y * w.transpose() * &y;
        // ⟨W, Y E_ij Y E_kl Y⟩ = (Y)_jk (Y Wᵀ Y)_li.
        let expected = DMatrix::from_fn(n * n, n * n, |r, c| {
            let (i, j, k, l) = (r % n, r / n, c % n, c / n);
            y[(j, k)] * ywy[(l, i)] + y[(l, i)] * ywy[(j, k)]
        });
        for solved in [false, true] {
            let g = Graph::new();
            let gx = g.matrix("X", n, n);
            let inverse = if solved { gx.solve(g.identity(n)) } else { gx.inverse() };
            let f = g.function(g.data(&w).dot(inverse)).unwrap();
            let (_, gradient, h) = hessian(&f, &x);
            close(&gradient, &-ywy.transpose(), 1e-12);
            close(&h, &expected, 1e-12);
        }
    }
}

/// All ways to the same solution agree, beyond one block too.
#[test]
fn solutions_agree_in_value_gradient_and_products() {
    for n in [1, 4, 17, 70] {
        let (k, b) = (positive(n), DMatrix::from_fn(n, 2, |i, j| ((i * 3 + j) as f64).sin()));
        let directions = [DMatrix::from_fn(n, n, |i, j| ((i + j) as f64).cos()), &b * 0.5];
        let ways: [for<'g> fn(Matrix<'g>, Matrix<'g>) -> Matrix<'g>; 6] = [
            |k, b| k.symmetric_part().solve(b),
            |k, b| k.symmetric_part().tr_solve(b),
            |k, b| k.symmetric_part().inverse() * b,
            |k, b| k.solve_positive_definite(b),
            |k, b| k.inverse_positive_definite() * b,
            |k, b| {
                let l = k.cholesky();
                l.tr_solve_lower_triangular(l.solve_lower_triangular(b))
            },
        ];
        let all: Vec<_> = ways
            .iter()
            .map(|way| {
                let g = Graph::new();
                let (gk, gb) = (g.matrix("K", n, n), g.matrix("B", n, 2));
                let x = way(gk, gb);
                let f = g.function(x.norm_squared() + x.sin().sum()).unwrap();
                let at = f.at(&[gk.is(&k), gb.is(&b)]).unwrap();
                let hvp = at.hvp(&[gk.is(&directions[0]), gb.is(&directions[1])]).unwrap();
                (at.gradient().unwrap(), hvp)
            })
            .collect();
        for (gradient, hvp) in &all[1..] {
            for name in ["K", "B"] {
                close(&gradient[name], &all[0].0[name], 1e-11);
                close(&hvp[name], &all[0].1[name], 1e-11);
            }
        }
    }
}

#[test]
fn cholesky_reads_the_symmetric_part_and_its_gradient_is_symmetric() {
    let k = positive(6);
    let (_, f) = scalar_of(6, |x| x.cholesky().sum());
    let at = f.at(&[hessite::bind("X", &k)]).unwrap();
    let gradient = &at.gradient().unwrap()["X"];
    close(gradient, &gradient.transpose(), 1e-15);
    let (_, f) = scalar_of(6, |x| {
        let l = x.cholesky();
        (l * l.transpose() - x.symmetric_part()).norm_squared()
    });
    let (value, gradient, h) = hessian(&f, &k);
    assert!(value < 1e-28 && gradient.amax() < 1e-12 && h.amax() < 1e-11, "{value:e}");
}

/// ∂²det/∂x_ij∂x_kl is ± the minor without rows i, k and columns j, l: by sub-determinants, at every rank.
#[test]
fn the_derivatives_of_a_determinant_are_minors_at_every_rank() {
    // Up to a factor, of rank n, n − 1, n − 2, n − 3 and 0.
    let of_rank = |n: usize, rank: usize| {
        let (a, b) = (regular(n), regular(n).transpose());
        DMatrix::from_fn(n, n, |i, j| (0..rank).map(|p| a[(i, p)] * b[(p, j)]).sum::<f64>()) / n as f64
    };
    let without = |x: &DMatrix<f64>, rows: &[usize], cols: &[usize]| {
        let kept = |out: &[usize]| (0..x.nrows()).filter(|k| !out.contains(k)).collect::<Vec<_>>();
        let m = x.select_rows(&kept(rows)).select_columns(&kept(cols));
        if m.is_empty() { 1.0 } else { m.determinant() }
    };
    let sign = |n: usize| if n.is_multiple_of(2) { 1.0 } else { -1.0 };
    for n in [1_usize, 2, 3, 5, 7] {
        for rank in [n, n - 1, n.saturating_sub(2), n.saturating_sub(3), 0] {
            let x = of_rank(n, rank);
            let size = x.amax().max(1.0).powi(n as i32);
            let (_, f) = scalar_of(n, |x| x.determinant());
            let (value, gradient, h) = hessian(&f, &x);
            assert!((value - x.determinant()).abs() <= 1e-13 * size, "{n}, rank {rank}");
            let first = |i, j| sign(i + j) * without(&x, &[i], &[j]);
            let second = |i: usize, j: usize, k: usize, l: usize| {
                let swaps = usize::from(i > k) + usize::from(j > l) + i + j + k + l;
                if i == k || j == l { 0.0 } else { sign(swaps) * without(&x, &[i, k], &[j, l]) }
            };
            let gradient_by_minors = DMatrix::from_fn(n, n, first);
            let by_minors = DMatrix::from_fn(n * n, n * n, |r, c| second(r % n, r / n, c % n, c / n));
            assert!((&gradient - &gradient_by_minors).amax() <= 1e-13 * size, "{n}, rank {rank}");
            assert!((&h - &by_minors).amax() <= 1e-13 * size, "{n}, rank {rank}");
            if n >= 3 && rank == n - 2 {
                assert!(gradient.amax() < 1e-12 * size && h.amax() > 0.1, "{n}: a flat point with curvature");
            }
            // Any direction, as lanes and one by one.
            let v = DMatrix::from_fn(n, n, |i, j| ((2 * i + 3 * j) as f64).cos());
            let at = f.at(&[hessite::bind("X", &x)]).unwrap();
            let hv = at.hvp(&[hessite::bind("X", &v)]).unwrap()["X"].clone();
            let expected = &by_minors * nalgebra::DVector::from_column_slice(v.as_slice());
            assert!(
                (hv - expected.reshape_generic(nalgebra::Dyn(n), nalgebra::Dyn(n))).amax() <= 1e-12 * size
            );
        }
    }
}

/// D³det[V, V, V] = 6 det V for 3 × 3 matrices, everywhere.
#[test]
fn the_third_derivative_of_a_determinant_is_exact_at_singular_matrices() {
    let v = dmatrix![1.0, 2.0, 0.0; -1.0, 1.0, 3.0; 0.5, 0.0, 2.0];
    let (_, f) = scalar_of(3, |x| x.determinant());
    for x in
        [DMatrix::zeros(3, 3), DMatrix::identity(3, 3), dmatrix![1.0, 2.0, 3.0; 2.0, 4.0, 6.0; 0.0, 0.0, 0.0]]
    {
        let at = f.at(&[hessite::bind("X", &x)]).unwrap();
        let third = at.third(&[hessite::bind("X", &v)], &[hessite::bind("X", &v)]).unwrap();
        assert!((third["X"].dot(&v) - 6.0 * v.determinant()).abs() < 1e-12, "{x}");
    }
}

fn everywhere(f: &Function, x: &DMatrix<f64>, expected: impl Fn(&Error) -> bool) {
    let good = f.at(&[hessite::bind("X", &DMatrix::identity(x.nrows(), x.ncols()))]).unwrap();
    let before = good.gradient().unwrap()["X"].clone();
    for mode in [Mode::Ieee, Mode::Checked, Mode::Strict] {
        let f = f.with_mode(mode);
        let error = f.at(&[hessite::bind("X", x)]).unwrap_err();
        assert!(expected(&error), "{mode:?}: {error:?}");
        let mut moved = f.at(&[hessite::bind("X", &DMatrix::identity(x.nrows(), x.ncols()))]).unwrap();
        assert!(expected(&moved.update(&[hessite::bind("X", x)]).unwrap_err()));
        assert!(expected(&moved.gradient().unwrap_err()) && moved.value().is_nan());
        moved.update(&[hessite::bind("X", &DMatrix::identity(x.nrows(), x.ncols()))]).unwrap();
        assert_eq!(moved.gradient().unwrap()["X"], before, "the point is usable again");
    }
}

#[test]
fn a_singular_matrix_has_no_inverse_in_any_mode() {
    let ways: [for<'g> fn(Matrix<'g>) -> Scalar<'g>; 4] = [
        |x| x.inverse().sum(),
        |x| x.solve(x).sum(),
        |x| x.tr_solve(x).sum(),
        |x| x.upper_triangle().solve_upper_triangular(x).sum(),
    ];
    for record in ways {
        let (_, f) = scalar_of(3, record);
        let zero_pivot = dmatrix![1.0, 2.0, 0.0; 0.0, 0.0, 0.0; 3.0, 1.0, 0.0];
        everywhere(
            &f,
            &zero_pivot,
            |e| matches!(e, Error::Singular { pivot: Some(_), rcond: 0.0, line, .. } if line.location().is_some()),
        );
    }
    let (_, f) = scalar_of(3, |x| x.inverse().sum());
    let by_rounding = dmatrix![1.0, 2.0, 3.0; 4.0, 5.0, 6.0; 7.0, 8.0, 9.0 + 1e-15];
    everywhere(&f, &by_rounding, |e| matches!(e, Error::Singular { rcond, .. } if *rcond < 1e-15));
    // Nearly singular is no error.
    let (_, gradient, _) = hessian(&f, &dmatrix![1.0, 0.0, 0.0; 0.0, 1e-12, 0.0; 0.0, 0.0, 1.0]);
    assert_eq!(gradient[(1, 1)], -1e24);
}

#[test]
fn a_nearly_singular_system_has_its_condition_in_the_certificate() {
    // 1/(‖H‖₁‖H⁻¹‖₁) of Hilbert matrices.
    for (n, exact) in [(1, 1.0), (2, 1.0 / 27.0), (4, 1.0 / 28_375.0), (8, 1.0 / 33_872_791_095.0)] {
        let hilbert = DMatrix::from_fn(n, n, |i, j| 1.0 / (i + j + 1) as f64);
        for solve in [false, true] {
            let (_, f) = scalar_of(n, |x| if solve { x.solve(x).sum() } else { x.inverse().sum() });
            let certificate = f.at(&[hessite::bind("X", &hilbert)]).unwrap().check().unwrap();
            let [condition] = certificate.conditions() else { panic!("{certificate}") };
            assert_eq!(condition.op, if solve { "solve" } else { "inverse" });
            assert!(condition.line.location().unwrap().file().ends_with("linear_algebra.rs"));
            // An estimate of ‖A⁻¹‖ from below is a third of it at worst, and mostly exact.
            let ratio = condition.reciprocal / exact;
            assert!((0.999..3.0).contains(&ratio), "{n}: {ratio}");
            let told = certificate.to_string().contains("reciprocal condition");
            assert_eq!(told, n == 8, "{certificate}");
        }
    }
}

#[test]
fn the_log_determinant_of_a_singular_matrix_is_infinite_and_has_no_derivative() {
    let x = dmatrix![1.0, 2.0; 2.0, 4.0];
    for absolute in [false, true] {
        let g = Graph::new();
        let gx = g.matrix("X", 2, 2);
        let l = if absolute { gx.log_abs_determinant() } else { gx.log_determinant() };
        let f = g.function(l).unwrap();
        assert!(matches!(f.at(&[gx.is(&x)]), Err(Error::NonFinite { .. })));
        let at = f.with_mode(Mode::Ieee).at(&[gx.is(&x)]).unwrap();
        assert_eq!(at.value(), f64::NEG_INFINITY);
        assert!(matches!(at.gradient(), Err(Error::Singular { .. })));
        assert!(matches!(at.hvp(&[gx.is(&x)]), Err(Error::Singular { .. })));
    }
    let (_, f) = scalar_of(2, |x| x.log_determinant());
    let reflection = dmatrix![0.0, 1.0; 2.0, 0.0];
    everywhere(&f, &reflection, |e| matches!(e, Error::Domain { value, .. } if *value == -2.0));
    let (_, f) = scalar_of(2, |x| x.log_abs_determinant());
    assert_eq!(hessian(&f, &reflection).0, 2f64.ln());
}

#[test]
fn what_is_not_positive_definite_or_not_symmetric_has_no_cholesky_factor() {
    let ways: [for<'g> fn(Matrix<'g>) -> Scalar<'g>; 4] = [
        |x| x.cholesky().sum(),
        |x| x.solve_positive_definite(x).sum(),
        |x| x.inverse_positive_definite().sum(),
        |x| x.log_determinant_positive_definite(),
    ];
    for record in ways {
        let (_, f) = scalar_of(3, record);
        let semidefinite = dmatrix![1.0, 1.0, 0.0; 1.0, 1.0, 0.0; 0.0, 0.0, 1.0];
        everywhere(&f, &semidefinite, |e| matches!(e, Error::NotPositiveDefinite { minor: 2, .. }));
        let indefinite = dmatrix![1.0, 0.0, 0.0; 0.0, 2.0, 0.0; 0.0, 0.0, -1.0];
        everywhere(&f, &indefinite, |e| matches!(e, Error::NotPositiveDefinite { minor: 3, .. }));

        let skewed = dmatrix![2.0, 1.0, 0.0; 1.0 + 1e-9, 2.0, 0.0; 0.0, 0.0, 1.0];
        let error = f.at(&[hessite::bind("X", &skewed)]).unwrap_err();
        assert!(matches!(error, Error::NotSymmetric { index: (1, 0), .. }), "{error:?}");
        let lenient = f.with_mode(Mode::Ieee);
        let at = lenient.at(&[hessite::bind("X", &skewed)]).unwrap();
        assert!(
            at.gradient().is_ok()
                && at.third(&[hessite::bind("X", &skewed)], &[hessite::bind("X", &skewed)]).is_ok()
        );
        let rounded = dmatrix![2.0, 1.0, 0.0; 1.0 + 1e-15, 2.0, 0.0; 0.0, 0.0, 1.0];
        assert!(f.at(&[hessite::bind("X", &rounded)]).is_ok());
    }
}

/// A = QR with dependent columns: by rounding, exactly, or because all are zero.
#[test]
fn dependent_columns_have_no_qr_factorisation_and_no_pseudo_inverse() {
    let ways: [for<'g> fn(Matrix<'g>) -> Scalar<'g>; 4] =
        [|x| x.qr().0.sum(), |x| x.qr().1.sum(), |x| x.pseudo_inverse().sum(), |x| x.least_squares(x).sum()];
    for record in ways {
        let (_, f) = scalar_of(3, record);
        let x = dmatrix![1.0, 2.0, 3.0; 4.0, 5.0, 9.0; 7.0, 8.0, 15.0];
        everywhere(&f, &x, |e| matches!(e, Error::RankDeficient { rank: 2, .. }));
        everywhere(&f, &DMatrix::zeros(3, 3), |e| matches!(e, Error::RankDeficient { rank: 0, .. }));
    }
    let g = Graph::new();
    let wide = g.matrix("X", 2, 3);
    let error = g.function(wide.qr().0).unwrap_err().to_string();
    assert!(error.starts_with("qr(X): X is 2x3 (as many rows as columns or more are needed)"), "{error}");
    let f = g.function(wide.pseudo_inverse()).unwrap();
    let dependent = f.at(&[wide.is(&[1.0, 2.0, 2.0, 4.0, 3.0, 6.0])]);
    assert!(matches!(dependent, Err(Error::RankDeficient { rank: 1, .. })));
}

/// For a square matrix the pseudo-inverse and least squares are the inverse and the solution.
#[test]
fn full_rank_square_systems_agree_with_the_inverse() {
    for n in SIZES {
        let x = regular(n);
        let (_, by_qr) = scalar_of(n, |x| x.pseudo_inverse().sin().sum() + x.least_squares(x * x).sum());
        let (_, by_lu) = scalar_of(n, |x| x.inverse().sin().sum() + x.solve(x * x).sum());
        let ((a, da, dda), (b, db, ddb)) = (hessian(&by_qr, &x), hessian(&by_lu, &x));
        assert!((a - b).abs() < 1e-12 * b.abs().max(1.0));
        close(&da, &db, 1e-12);
        close(&dda, &ddb, 1e-11);
    }
}

#[test]
fn what_is_not_finite_is_blamed_on_its_maker_and_not_called_singular() {
    let g = Graph::new();
    let x = g.matrix("X", 2, 2);
    for y in [x.ln().inverse(), x.ln().cholesky(), x.ln().solve(x)] {
        let f = g.function(y.sum()).unwrap();
        let error = f.at(&[x.is(&[-1.0, 2.0, 2.0, 3.0])]).unwrap_err();
        assert!(matches!(&error, Error::NonFinite { op, .. } if op == "ln"), "{error:?}");
    }
}

#[test]
fn empty_matrices_have_determinant_one_and_empty_inverses() {
    let g = Graph::new();
    let x = g.matrix("X", 0, 0);
    for (l, value) in [
        (x.log_determinant(), 0.0),
        (x.log_abs_determinant(), 0.0),
        (x.log_determinant_positive_definite(), 0.0),
        (x.determinant(), 1.0),
        (x.inverse().sum(), 0.0),
        (x.solve(x).sum() + x.cholesky().sum(), 0.0),
    ] {
        let at = g.function(l).unwrap().at(&[x.is(&[])]).unwrap();
        assert_eq!(at.value(), value);
        assert_eq!(at.gradient().unwrap()["X"].shape(), (0, 0));
        assert_eq!(at.block(x, x).unwrap().into_matrix().shape(), (0, 0));
    }
}

#[test]
fn shapes_that_do_not_fit_are_errors_in_the_words_of_the_call() {
    let g = Graph::new();
    let (x, b, square) = (g.matrix("X", 2, 3), g.matrix("B", 4, 1), g.matrix("S", 3, 3));
    for (y, words) in [
        (x.inverse(), "inverse(X): X is 2x3 (a square matrix is needed)"),
        (x.solve(b), "solve(X): X is 2x3 (a square matrix is needed)"),
        (square.solve(b), "solve(S, B): S is 3x3, B is 4x1 (3 rows != 4)"),
        (square.solve_positive_definite(b), "solve_positive_definite(S, B)"),
        (square.solve_lower_triangular(b), "solve_lower_triangular(S, B): S is 3x3, B is 4x1 (3 rows != 4)"),
        (x.cholesky(), "cholesky(X): X is 2x3 (a square matrix is needed)"),
        (x.log_determinant().to_matrix(), "log_determinant(X)"),
        (x.symmetric_part(), "symmetric_part(X)"),
    ] {
        let error = g.function(y).unwrap_err().to_string();
        assert!(error.starts_with(words) && error.contains("linear_algebra.rs"), "{error}");
    }
    let other = Graph::new();
    let foreign = other.matrix("Y", 3, 1);
    assert!(matches!(g.function(square.solve(foreign)), Err(Error::MixedGraph { .. })));
}
