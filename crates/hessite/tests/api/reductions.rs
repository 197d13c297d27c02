//! Norms, log-sum-exps, extrema, sums and products where they are singular, saturated, empty or 1×1.

use super::support::*;
use hessite::{Error, Function, Graph, Matrix, Mode, Phase, Scalar};
use nalgebra::{DMatrix, dmatrix};

type Build = for<'g> fn(Matrix<'g>) -> Scalar<'g>;

/// A function of one matrix X.
fn of(rows: usize, cols: usize, build: impl for<'g> Fn(Matrix<'g>) -> Scalar<'g>) -> Function {
    let g = Graph::new();
    let x = g.matrix("X", rows, cols);
    g.function(build(x)).unwrap()
}

#[track_caller]
fn ieee(f: &Function, x: &[f64]) -> Derivatives {
    all_ways(&f.with_mode(Mode::Ieee).at(&[hessite::bind("X", x)]).unwrap())
}

#[test]
fn the_norm_has_a_kink_at_zero_and_is_flat_there() {
    let f = of(2, 2, |x| x.norm());
    ieee(&f, &[0.0; 4]).are(0.0, &[0.0; 4], &[0.0; 16]);
    ieee(&f, &[0.0, -0.0, 0.0, -0.0]).are(0.0, &[0.0; 4], &[0.0; 16]);
    all_ways(&f.at(&[hessite::bind("X", &[0.0; 4])]).unwrap()).are(0.0, &[0.0; 4], &[0.0; 16]);
    match f.with_mode(Mode::Strict).at(&[hessite::bind("X", &[0.0; 4])]) {
        Err(Error::Kink { op, .. }) => assert_eq!(op, "norm"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_norm_neither_over_nor_underflows() {
    // H = (I − uuᵀ)/‖X‖ with u = (2, 3, 6)/7.
    let u = [2.0 / 7.0, 3.0 / 7.0, 6.0 / 7.0];
    let f = of(3, 1, |x| x.norm());
    for s in [1.0, 1e-200, 1e200, 1e-300, 1e300, -1e200] {
        let size: f64 = 7.0 * f64::abs(s);
        let h: Vec<f64> =
            (0..9).map(|e| ((if e % 3 == e / 3 { 1.0 } else { 0.0 }) - u[e % 3] * u[e / 3]) / size).collect();
        let g = u.map(|x| x * s.signum());
        ieee(&f, &[2.0 * s, 3.0 * s, 6.0 * s]).are(size, &g, &h);
    }
    // Of one entry it is |x|, with no curvature.
    ieee(&of(1, 1, |x| x.norm()), &[-1e200]).are(1e200, &[-1.0], &[0.0]);
}

#[test]
fn the_norm_of_a_product_is_flat_where_the_product_vanishes() {
    let g = Graph::new();
    let (x, y) = (g.matrix("X", 2, 2), g.matrix("Y", 2, 2));
    let f = g.function((x * x * y).norm()).unwrap();
    let zero = DMatrix::zeros(2, 2);
    let all = all_ways(&f.at(&[x.is(&zero), y.is(&dmatrix![1.0, 2.0; 3.0, 4.0])]).unwrap());
    all.are(0.0, &[0.0; 8], &[0.0; 64]);
}

#[test]
fn the_square_of_a_norm_is_smooth_however_it_is_written() {
    let ways: [Build; 5] = [
        |x| x.norm_squared(),
        |x| x.norm().powi(2),
        |x| x.norm() * x.norm(),
        |x| x.norm().powf(2.0),
        |x| x.component_mul(x).sum(),
    ];
    for build in ways {
        let f = of(2, 1, build);
        for x in [[0.0, 0.0], [3.0, -4.0]] {
            let value = x[0] * x[0] + x[1] * x[1];
            let strict = f.with_mode(Mode::Strict).at(&[hessite::bind("X", &x)]).unwrap();
            all_ways(&strict).are(value, &[2.0 * x[0], 2.0 * x[1]], &[2.0, 0.0, 0.0, 2.0]);
        }
    }
}

/// Softmax weights and their Hessian diag(s) − ssᵀ.
fn softmax(x: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let top = x.iter().fold(f64::NEG_INFINITY, |m, x| m.max(*x));
    let e: Vec<f64> = x.iter().map(|x| (x - top).exp()).collect();
    let total: f64 = e.iter().sum();
    let s: Vec<f64> = e.iter().map(|e| e / total).collect();
    let n = s.len();
    let h = (0..n * n).map(|e| (if e % n == e / n { s[e / n] } else { 0.0 }) - s[e % n] * s[e / n]).collect();
    (s, h)
}

#[test]
fn log_sum_exp_shifts_with_its_arguments() {
    let f = of(3, 1, |x| x.logsumexp());
    let x = [0.5, -1.0, 2.0];
    let (s, h) = softmax(&x);
    let value = x.iter().map(|x| x.exp()).sum::<f64>().ln();
    for shift in [0.0, 1e3, -1e3] {
        let moved = x.map(|x| x + shift);
        let all = ieee(&f, &moved);
        // x + shift itself is rounded at 2⁻⁴³.
        let near = |a: f64, b: f64| (a - b).abs() <= 2f64.powi(-42);
        assert!(near(all.value - shift, value), "{}", all.value);
        assert!(all.gradient.iter().zip(&s).all(|(a, b)| near(*a, *b)));
        assert!(all.hessian.iter().zip(&h).all(|(a, b)| near(*a, *b)));
    }
}

#[test]
fn log_sum_exp_of_infinities() {
    let f = of(3, 1, |x| x.logsumexp());
    let (s, h2) = softmax(&[1.0, 2.0]);
    let h = [h2[0], 0.0, h2[1], 0.0, 0.0, 0.0, h2[2], 0.0, h2[3]];
    ieee(&f, &[1.0, -INF, 2.0]).are((1f64.exp() + 2f64.exp()).ln(), &[s[0], 0.0, s[1]], &h);
    ieee(&f, &[-INF; 3]).are(-INF, &[0.0; 3], &[0.0; 9]);
    ieee(&f, &[1.0, INF, 2.0]).are(INF, &[0.0, 1.0, 0.0], &[0.0; 9]);
    ieee(&f, &[INF, 1.0, INF]).are(INF, &[0.5, 0.0, 0.5], &[0.0; 9]);
    ieee(&f, &[INF, -INF, 1.0]).are(INF, &[1.0, 0.0, 0.0], &[0.0; 9]);
    ieee(&f, &[1.0, NAN, 2.0]).are(NAN, &[NAN; 3], &[NAN; 9]);
    ieee(&of(1, 1, |x| x.logsumexp()), &[-3.0]).are(-3.0, &[1.0], &[0.0]);
}

#[test]
fn log_sum_exps_of_rows_and_columns_are_singular_one_by_one() {
    // Rows (1, 2), (−∞, −∞), (3, +∞); the columns likewise in the transpose.
    let x = [1.0, -INF, 3.0, 2.0, -INF, INF];
    let (s, h2) = softmax(&[1.0, 2.0]);
    let mut h = DMatrix::zeros(6, 6);
    for (p, q) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        h[(3 * p, 3 * q)] = h2[p + 2 * q];
    }
    let g = [s[0], 0.0, 0.0, s[1], 0.0, 1.0];
    let f = of(3, 2, |x| x.row_logsumexp().rows(0, 1).sum() + x.row_logsumexp().rows(2, 1).sum());
    ieee(&f, &x).are(INF, &g, h.as_slice());
    let t = of(3, 2, |x| {
        let l = x.transpose().column_logsumexp();
        l.entry(0, 0) + l.entry(0, 2)
    });
    ieee(&t, &x).are(INF, &g, h.as_slice());
}

#[test]
fn masks_of_minus_infinity_pass_in_checked_mode() {
    let g = Graph::new();
    let x = g.matrix("X", 1, 3);
    let mask = g.data(&dmatrix![0.0, f64::NEG_INFINITY, 0.0]);
    let weights = g.data(&dmatrix![1.0, 5.0, 2.0]);
    let f = g.function((x + mask).row_softmax().dot(weights) + (x + mask).logsumexp()).unwrap();
    let all = all_ways(&f.at(&[x.is(&[0.5, 100.0, -0.5])]).unwrap());
    let (s, _) = softmax(&[0.5, -0.5]);
    let mean = s[0] + 2.0 * s[1];
    let value = mean + (0.5f64.exp() + (-0.5f64).exp()).ln();
    assert_close(&[all.value], &[value], "value");
    let g = |s: f64, w: f64| s * (w - mean) + s;
    assert_close(&all.gradient, &[g(s[0], 1.0), 0.0, g(s[1], 2.0)], "gradient");
    assert!(all.hessian.column(1).iter().chain(all.hessian.row(1).iter()).all(|x| *x == 0.0));
}

#[test]
fn softmax_saturates_without_nan() {
    let f = of(1, 3, |x| x.row_softmax().norm_squared());
    ieee(&f, &[0.0, 800.0, -800.0]).are(1.0, &[0.0; 3], &[0.0; 9]);
    ieee(&f, &[-INF, 3.0, -INF]).are(1.0, &[0.0; 3], &[0.0; 9]);
    ieee(&f, &[INF, 3.0, INF]).are(0.5, &[0.0; 3], &[0.0; 9]);
    ieee(&of(1, 1, |x| x.row_softmax().sum()), &[5.0]).are(1.0, &[0.0], &[0.0]);
}

#[test]
fn the_largest_and_smallest_entry_are_the_first_of_equals() {
    let f = of(2, 2, |x| x.component_mul(x).max());
    ieee(&f, &[1.0, -3.0, 3.0, 2.0]).are(9.0, &[0.0, -6.0, 0.0, 0.0], &{
        let mut h = [0.0; 16];
        h[5] = 2.0;
        h
    });
    for (extremum, op) in [(of(2, 2, |x| x.max()), "max"), (of(2, 2, |x| x.min()), "min")] {
        ieee(&extremum, &[5.0; 4]).are(5.0, &[1.0, 0.0, 0.0, 0.0], &[0.0; 16]);
        match extremum.with_mode(Mode::Strict).at(&[hessite::bind("X", &[5.0; 4])]) {
            Err(Error::Kink { op: named, .. }) => assert_eq!(named, op),
            other => panic!("{other:?}"),
        }
        assert!(extremum.with_mode(Mode::Strict).at(&[hessite::bind("X", &[1.0, 2.0, 3.0, 4.0])]).is_ok());
    }
    ieee(&of(2, 1, |x| x.min()), &[4.0, -INF]).are(-INF, &[0.0, 1.0], &[0.0; 4]);
    ieee(&of(1, 1, |x| x.max()), &[4.0]).are(4.0, &[1.0], &[0.0]);
}

#[test]
fn empty_arrays_add_up_to_zero_and_have_empty_derivatives() {
    let builds: [(&str, Build); 7] = [
        ("sum", |x| x.sum()),
        ("dot", |x| x.dot(x.sin())),
        ("norm", |x| x.norm()),
        ("norm_squared", |x| x.norm_squared()),
        ("of a product", |x| (x.transpose() * x).norm_squared()),
        ("of exponentials", |x| x.exp().sum()),
        ("row_sum", |x| x.row_sum().norm_squared()),
    ];
    for (name, build) in builds {
        for (rows, cols) in [(0, 3), (3, 0), (0, 0)] {
            let f = of(rows, cols, build).with_mode(Mode::Strict);
            let p = f.at(&[hessite::bind("X", &DMatrix::<f64>::zeros(rows, cols))]).unwrap();
            assert_eq!(p.value(), 0.0, "{name}");
            assert_eq!(p.gradient().unwrap()["X"].shape(), (rows, cols), "{name}");
            assert_eq!(p.hessian(&["X"]).unwrap().matrix().shape(), (0, 0));
            assert_eq!(p.block("X", "X").unwrap().shapes(), ((rows, cols), (rows, cols)));
            assert_eq!(p.hvp(&[]).unwrap()["X"].shape(), (rows, cols));
            assert_eq!(p.hvp_many(&DMatrix::<f64>::zeros(0, 4)).unwrap().shape(), (0, 4));
            p.gradient_into(&mut []).unwrap();
            p.hessian_into(&["X"], &mut []).unwrap();
            assert_eq!(p.jvp(&[hessite::bind("X", &[])]).unwrap()[0], 0.0);
        }
    }
}

#[test]
fn products_with_an_inner_dimension_of_zero_are_zeros_of_the_right_shape() {
    let g = Graph::new();
    let (x, y, z) = (g.matrix("X", 2, 0), g.matrix("Y", 0, 3), g.matrix("Z", 2, 3));
    assert_eq!((x * y).shape(), (2, 3));
    let f = g.function(x * y + z).unwrap();
    let bindings = [x.is(&[]), y.is(&[]), z.is(&[4.0; 6])];
    let p = f.at(&bindings).unwrap();
    assert_eq!(p.value_matrix(), DMatrix::from_element(2, 3, 4.0));
    assert_eq!(p.jacobian(x).unwrap().matrix().shape(), (6, 0));
    assert_eq!(*p.jacobian(z).unwrap().matrix(), DMatrix::identity(6, 6));

    let l = g.function((x * y + z).norm_squared()).unwrap();
    let p = l.at(&bindings).unwrap();
    assert_eq!(p.value(), 96.0);
    assert_eq!(p.block(x, z).unwrap().matrix().shape(), (0, 6));
    assert_eq!(p.block(z, x).unwrap().matrix().shape(), (6, 0));
    assert_eq!(*p.block(z, z).unwrap().matrix(), DMatrix::identity(6, 6) * 2.0);
    assert_eq!(p.hessian(&[x, y, z]).unwrap().matrix().shape(), (6, 6));
    let empty = g.function(y.transpose() * x.transpose()).unwrap();
    assert_eq!(empty.at(&bindings).unwrap().value_matrix(), DMatrix::zeros(3, 2));
}

#[test]
fn traces_and_transposes_of_empty_matrices() {
    let f = of(0, 0, |x| x.trace() + (x * x).trace() + x.transpose().dot(x) + x.diagonal().sum());
    ieee(&f, &[]).are(0.0, &[], &[]);
    for (rows, cols) in [(0, 3), (3, 0), (0, 0)] {
        let f = of(rows, cols, |x| (x.transpose() * x).trace() + (x * x.transpose()).norm_squared());
        ieee(&f, &[]).are(0.0, &[], &[]);
        let g = Graph::new();
        let x = g.matrix("X", rows, cols);
        let p = g.function(x.transpose()).unwrap().at(&[x.is(&[])]).unwrap();
        assert_eq!(p.value_matrix().shape(), (cols, rows));
        assert_eq!(p.jacobian(x).unwrap().matrix().shape(), (0, 0));
    }
}

#[test]
fn extrema_and_means_of_nothing_are_errors_at_their_line() {
    let g = Graph::new();
    let x = g.matrix("X", 0, 3);
    let (max, min, mean, line) = (x.max(), x.min(), x.mean(), line!());
    for (value, name) in [(max, "max"), (min, "min"), (mean, "mean")] {
        let e = g.function(value * 2.0).unwrap_err();
        match &e {
            Error::Empty { op, line: at } => {
                assert_eq!((op.as_str(), at.location().unwrap().line()), (name, line));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(e.to_string(), format!("{name} at {}:{line}: an empty array has none", file!()));
    }
}

#[test]
fn one_by_one_matrices_are_numbers() {
    let f = of(1, 1, |x| (x * x * x).trace() + x.transpose().sum() * x.mean() + x.dot(x.exp()));
    // x³ + x² + x eˣ.
    let (x, e) = (0.5f64, 0.5f64.exp());
    let (g, h) = (3.0 * x * x + 2.0 * x + (1.0 + x) * e, 6.0 * x + 2.0 + (2.0 + x) * e);
    ieee(&f, &[x]).are(x.powi(3) + x * x + x * e, &[g], &[h]);
}

#[test]
fn the_entry_that_fails_is_named_with_operation_line_and_phase() {
    let g = Graph::new();
    let x = g.matrix("X", 2, 3);
    let (root, line) = (x.sqrt(), line!());
    let f = g.function(root.sum()).unwrap();
    let mut at = [1.0, 4.0, 9.0, 16.0, 25.0, 36.0];
    at[5] = -1.0;
    match f.at(&[x.is(&at)]).unwrap_err() {
        Error::NonFinite { op, line: l, phase, index, value, .. } => {
            assert_eq!((op.as_str(), phase, index), ("sqrt", Phase::Value, (1, 2)));
            assert_eq!(l.location().unwrap().line(), line);
            assert!(value.is_nan());
        }
        other => panic!("{other:?}"),
    }
    at[5] = 36.0;
    at[2] = 0.0;
    let p = f.at(&[x.is(&at)]).unwrap();
    for (result, expected) in [
        (p.gradient().map(drop), Phase::Gradient),
        (p.hvp(&[x.is(&[1.0; 6])]).map(drop), Phase::Tangent),
        (p.hessian(&[x]).map(drop), Phase::Tangent),
        (p.block(x, x).map(drop), Phase::Tangent),
        (p.vjp(1.0).map(drop), Phase::Tangent),
        (p.jvp(&[x.is(&[1.0; 6])]).map(drop), Phase::Tangent),
        (p.jacobian(x).map(drop), Phase::Tangent),
    ] {
        match result {
            Err(Error::NonFinite { line: l, phase, index, .. }) => {
                assert_eq!((l.location().unwrap().line(), phase, index), (line, expected, (0, 1)));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_concatenation_may_vary_on_one_side_alone() {
    let g = Graph::new();
    let (x, y) = (g.matrix("X", 2, 3), g.matrix("Y", 1, 3));
    let below = x.vcat(y).norm() + y.vcat(x).sin().norm_squared();
    let beside = x.transpose().hcat(y.transpose()).logsumexp() + y.transpose().hcat(x.transpose()).norm();
    let f = g.function(below * beside).unwrap();
    let p = f.at(&[x.is(&[1.0, -2.0, 0.5, 3.0, -1.0, 0.25]), y.is(&[2.0, -1.0, 0.75])]).unwrap();
    let all = all_ways(&p);
    assert!(all.hessian.iter().all(|x| *x != 0.0));
}

#[test]
fn an_overflow_of_the_order_of_summation_alone_is_an_error_too() {
    // Added up one by one this stays finite; added up in eight parts it does not.
    let f = of(16, 1, |x| x.sum());
    let mut x = [0.0; 16];
    for (e, v) in [(0, 1.0), (1, -1.0), (8, 1.0), (9, -1.0)] {
        x[e] = v * 1e308;
    }
    match f.at(&[hessite::bind("X", &x)]) {
        Err(Error::NonFinite { op, phase: Phase::Value, .. }) => assert_eq!(op, "sum"),
        Ok(p) => assert_eq!(p.value(), 0.0),
        other => panic!("{other:?}"),
    }
}

#[test]
fn zeros_within_a_direction_are_ordinary_numbers() {
    // Σ√x at (0, 4): along the second entry, the first one's part is −∞·0.
    let f = of(2, 1, |x| x.sqrt().sum()).with_mode(Mode::Ieee);
    let p = f.at(&[hessite::bind("X", &[0.0, 4.0])]).unwrap();
    for k in 0..2 {
        let unit = DMatrix::<f64>::identity(2, 2);
        let along = p.hvp(&[hessite::bind("X", unit.column(k))]).unwrap();
        let expected = [[-INF, 0.0], [NAN, -1.0 / 32.0]][k];
        assert_same(along.stacked().as_slice(), &expected, "hvp");
        assert_same(p.hessian(&["X"]).unwrap().matrix().column(k).as_slice(), &expected, "hessian");
        assert_same(p.hvp_many(&unit).unwrap().column(k).as_slice(), &expected, "lane");
    }
}
