//! Lists of indices, running sums, products of entries, convolutions, further norms: where they are singular, large
//! enough to carry structure, empty, or wrong.

use super::support::*;
use hessite::{Error, Function, Graph, Matrix, Mode, Scalar, bind};
use nalgebra::{DMatrix, DVector};

fn of(rows: usize, cols: usize, build: impl for<'g> Fn(Matrix<'g>) -> Scalar<'g>) -> Function {
    let g = Graph::new();
    let x = g.matrix("X", rows, cols);
    g.function(build(x)).unwrap()
}

#[track_caller]
fn kink(f: &Function, x: &[f64], op: &str) {
    match f.with_mode(Mode::Strict).at(&[bind("X", x)]) {
        Err(Error::Kink { op: named, .. }) => assert_eq!(named, op),
        other => panic!("no kink of {op} but {other:?}"),
    }
}

/// Reproducible numbers in (−1, 1), none of them 0.
fn numbers(n: usize) -> Vec<f64> {
    (0..n).map(|k| ((k as f64 + 1.0) * 0.618_033_988_749_894_9 % 1.0) * 1.9 - 0.93).collect()
}

/// Of ‖x‖ₚ: the gradient sign(x)|x/y|ᵖ⁻¹ and the Hessian (p − 1)/y (diag |x/y|ᵖ⁻² − uuᵀ), with rows and columns of
/// entries that are 0 left out.
fn lp(x: &[f64], p: f64) -> (f64, Vec<f64>, Vec<f64>) {
    let n = x.len();
    let y = x.iter().map(|x| x.abs().powf(p)).sum::<f64>().powf(1.0 / p);
    let u: Vec<f64> =
        x.iter().map(|x| if *x == 0.0 { 0.0 } else { x.signum() * (x / y).abs().powf(p - 1.0) }).collect();
    let entry = |e: usize| {
        let (i, j) = (e / n, e % n);
        let own = if i == j && x[i] != 0.0 { (x[i] / y).abs().powf(p - 2.0) } else { 0.0 };
        (p - 1.0) / y * (own - u[i] * u[j])
    };
    let h = (0..n * n).map(entry).collect();
    (y, u, h)
}

#[test]
fn p_norms_at_zero_entries_are_never_nan() {
    for p in [1.25, 1.5, 2.5, 3.0, 4.0, 7.5] {
        let f = of(4, 1, |x| x.lp_norm(p));
        for x in [[1.0, 0.0, -2.0, 0.5], [0.0, 0.0, -3.0, 0.0], [0.0, -0.0, 0.3, 1.0]] {
            let (value, g, h) = lp(&x, p);
            for mode in [Mode::Ieee, Mode::Checked] {
                let at = f.with_mode(mode).at(&[bind("X", &x)]).unwrap();
                let d = all_ways(&at);
                assert_same(&[d.value], &[value], "value");
                assert_close(&d.gradient, &g, "gradient");
                // Both formulas cancel near the largest entry: p/y is the size of what does.
                let near =
                    |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-14 * p / value);
                assert!(near(d.hessian.as_slice(), &h), "p = {p}: {}", d.hessian);
                // The gradient is homogeneous of degree 0, H of degree −1: D³L[x, u] = −H·u.
                let u = [0.1, 0.2, 0.3, 0.4];
                let third = at.third(&[bind("X", &u)], &[bind("X", &x)]).unwrap().stacked();
                let minus = -at.hvp(&[bind("X", &u)]).unwrap().stacked();
                assert!(near(third.as_slice(), minus.as_slice()), "p = {p}: {third}, {minus}");
            }
            if p < 2.0 {
                kink(&f, &x, "lp_norm");
            } else {
                f.with_mode(Mode::Strict).at(&[bind("X", &x)]).unwrap();
            }
        }
        all_ways(&f.at(&[bind("X", &[0.0; 4])]).unwrap()).are(0.0, &[0.0; 4], &[0.0; 16]);
        kink(&f, &[0.0; 4], "lp_norm");
    }
}

#[test]
fn p_norms_neither_over_nor_underflow_and_scale() {
    for p in [1.5, 3.0, 50.0] {
        let f = of(3, 1, |x| x.lp_norm(p));
        let (value, g, h) = lp(&[2.0, -3.0, 6.0], p);
        for s in [1.0, 1e-150, 1e150, 1e-300, 1e300] {
            let at = f.at(&[bind("X", &[2.0 * s, -3.0 * s, 6.0 * s])]).unwrap();
            let h: Vec<f64> = h.iter().map(|h| h / s).collect();
            all_ways(&at).are(value * s, &g, &h);
        }
    }
    for x in [[f64::INFINITY, 1.0], [f64::NAN, 1.0]] {
        let value = of(2, 1, |x| x.lp_norm(3.0)).with_mode(Mode::Ieee).at(&[bind("X", &x)]).unwrap().value();
        assert!(same(value, x[0]));
    }
}

#[test]
fn p_norms_of_zeros_in_larger_arrays_are_flat_there() {
    // Large enough for unit directions to be carried as such.
    let mut x = numbers(40);
    [3, 17, 39].iter().for_each(|&k| x[k] = 0.0);
    for p in [1.5, 3.0] {
        let (value, g, h) = lp(&x, p);
        for (rows, cols) in [(40, 1), (1, 40), (8, 5)] {
            let at = of(rows, cols, |x| x.lp_norm(p)).at(&[bind("X", &x)]).unwrap();
            all_ways(&at).are(value, &g, &h);
        }
    }
}

#[test]
fn norms_of_sums_and_largest_sizes_select_at_ties() {
    let f = of(2, 2, |x| x.lp_norm(1.0));
    all_ways(&f.at(&[bind("X", &[1.0, 0.0, -2.0, 0.0])]).unwrap()).are(
        3.0,
        &[1.0, 0.0, -1.0, 0.0],
        &[0.0; 16],
    );
    kink(&f, &[1.0, 0.0, -2.0, 0.0], "abs");
    let f = of(2, 2, |x| x.lp_norm(f64::INFINITY));
    all_ways(&f.at(&[bind("X", &[1.0, -2.0, 2.0, 0.5])]).unwrap()).are(
        2.0,
        &[0.0, -1.0, 0.0, 0.0],
        &[0.0; 16],
    );
    kink(&f, &[1.0, -2.0, 2.0, 0.5], "max");
    let f = of(2, 2, |x| x.one_norm());
    all_ways(&f.at(&[bind("X", &[1.0, -2.0, 2.0, 1.0])]).unwrap()).are(
        3.0,
        &[1.0, -1.0, 0.0, 0.0],
        &[0.0; 16],
    );
    kink(&f, &[1.0, -2.0, 2.0, 1.0], "max");
    let f = of(2, 2, |x| x.infinity_norm());
    all_ways(&f.at(&[bind("X", &[1.0, -2.0, 2.0, 1.0])]).unwrap()).are(
        3.0,
        &[1.0, 0.0, 1.0, 0.0],
        &[0.0; 16],
    );
}

#[test]
fn norms_and_products_of_nothing() {
    for (rows, cols) in [(0, 3), (3, 0), (0, 0)] {
        let x: [f64; 0] = [];
        let norms: [fn(Matrix<'_>) -> Scalar<'_>; 6] = [
            |x| x.lp_norm(1.0),
            |x| x.lp_norm(2.0),
            |x| x.lp_norm(3.5),
            |x| x.lp_norm(f64::INFINITY),
            |x| x.one_norm(),
            |x| x.infinity_norm(),
        ];
        for norm in norms {
            let at = of(rows, cols, norm).with_mode(Mode::Strict).at(&[bind("X", &x)]).unwrap();
            assert_eq!((at.value(), at.hessian(&["X"]).unwrap().matrix().shape()), (0.0, (0, 0)));
        }
        let at = of(rows, cols, |x| x.product()).at(&[bind("X", &x)]).unwrap();
        assert_eq!((at.value(), at.gradient().unwrap().stacked().len()), (1.0, 0));
    }
}

#[test]
fn products_with_zeros_have_the_products_of_the_other_entries() {
    for n in [1, 2, 3, 5, 6, 7, 40] {
        for zeros in [vec![], vec![n / 2], vec![0, n - 1], vec![0, n / 2, n - 1], (0..n).collect()] {
            let mut x: Vec<f64> = numbers(n).iter().map(|x| 1.0 + 0.2 * x).collect();
            zeros.iter().for_each(|&k| x[k] = 0.0);
            let without =
                |skip: &[usize]| (0..n).filter(|k| !skip.contains(k)).map(|k| x[k]).product::<f64>();
            let g: Vec<f64> = (0..n).map(|i| without(&[i])).collect();
            let h: Vec<f64> =
                (0..n * n).map(|e| if e / n == e % n { 0.0 } else { without(&[e / n, e % n]) }).collect();
            let at = of(n, 1, |x| x.product()).with_mode(Mode::Strict).at(&[bind("X", &x)]).unwrap();
            all_ways(&at).are(without(&[]), &g, &h);
        }
    }
}

#[test]
fn running_products_with_zeros_are_products_of_the_others() {
    let x = [2.0, 0.0, 3.0, 0.0, 5.0];
    let at = of(5, 1, |x| x.cumulative_product().sum()).at(&[bind("X", &x)]).unwrap();
    // 2 + 2b + 6b + 6bd + 30bd at b = d = 0, and its derivatives.
    let d = all_ways(&at);
    assert_eq!((d.value, &d.gradient[..]), (2.0, &[1.0, 8.0, 0.0, 0.0, 0.0][..]));
    assert_eq!((d.hessian[(0, 1)], d.hessian[(1, 2)], d.hessian[(1, 3)]), (4.0, 2.0, 36.0));
}

/// Unit directions of larger arrays stay thin through lists, sums and convolutions; products with dense directions
/// don't know of that.
#[test]
fn structure_makes_no_difference() {
    type Build = for<'g> fn(Matrix<'g>) -> Matrix<'g>;
    let builds: [Build; 14] = [
        |x| x.select_rows(&[5, 0, 3, 3, 1]),
        |x| x.select_columns(&[5, 0, 3, 3, 3, 1]),
        |x| x.gather(&[35, 1, 8, 8, 0]).reshape(1, 5),
        |x| x.scatter_rows(&[5, 0, 3, 3, 1, 3], 7),
        |x| x.scatter_columns(&[1, 0, 1, 1, 1, 2], 3),
        |x| x.scatter_add(&(0..36).map(|k| k * 7 % 20).collect::<Vec<_>>(), 4, 5),
        // What no row was taken of lies nowhere, also behind zeros and under another shape.
        |x| x.select_rows(&[4, 0, 2]).vcat(x.rows(1, 2)),
        |x| x.select_rows(&[3, 1]).reshape(12, 1),
        |x| x.cumulative_sum(),
        |x| (x * x).cumulative_product(),
        |x| x.column(1).convolve_full(x.row(2)),
        |x| x.reshape(36, 1).correlate(x.column(4)),
        |x| x.rows(0, 2).kronecker(x.columns(2, 3)),
        |x| x.pow(3),
    ];
    for (k, build) in builds.into_iter().enumerate() {
        let f = of(6, 6, |x| {
            let (inner, outer) = (build(x), build((x * x).sin()));
            inner.norm_squared() + inner.component_mul(outer.exp()).sum() + (outer * outer.transpose()).sum()
        });
        let at = f.at(&[bind("X", &numbers(36))]).unwrap();
        let dense = at.hvp_many(&DMatrix::<f64>::identity(36, 36)).unwrap();
        let h = at.hessian(&["X"]).unwrap().into_matrix();
        let largest = dense.amax();
        assert!((&h - dense).amax() <= 1e-13 * largest, "build {k}: {:e}", largest);
        assert!((&h - h.transpose()).amax() <= 1e-13 * largest, "build {k}");
    }
}

#[test]
fn convolutions_are_those_of_nalgebra() {
    for (m, n) in [(1, 1), (4, 1), (5, 3), (3, 3), (40, 7)] {
        let (x, h) = (DVector::from_vec(numbers(m)), DVector::from_vec(numbers(m + n)[m..].to_vec()));
        let g = Graph::new();
        let (vx, vh) = (g.vector("x", m), g.vector("h", n));
        let full = g.function(vx.convolve_full(vh)).unwrap().at(&[vx.is(&x), vh.is(&h)]).unwrap();
        assert_close(full.value_matrix().as_slice(), x.convolve_full(h.clone()).as_slice(), "full");
        if n <= m {
            let valid = g.function(vx.convolve_valid(vh)).unwrap().at(&[vx.is(&x), vh.is(&h)]).unwrap();
            assert_close(valid.value_matrix().as_slice(), x.convolve_valid(h).as_slice(), "valid");
        }
    }
}

#[test]
fn shapes_that_do_not_fit_say_so() {
    type Build = for<'g> fn(Matrix<'g>, Matrix<'g>) -> Matrix<'g>;
    let cases: [(&str, Build); 13] = [
        ("there is no row 3 in 3x2", |x, _| x.select_rows(&[0, 3])),
        ("there is no column 2 in 3x2", |x, _| x.select_columns(&[2])),
        ("there is no row 6 in 6x1", |x, _| x.gather(&[6])),
        ("2 indices for 3x2", |x, _| x.scatter_rows(&[0, 1], 4)),
        ("there is no column 4 in 3x4", |x, _| x.scatter_columns(&[0, 4], 4)),
        ("there is no row 9 in 4x1", |x, _| x.scatter_add(&[0, 1, 2, 3, 2, 9], 2, 2)),
        ("two columns or two rows of 3 are needed", |x, y| x.cross(y)),
        ("a square matrix is needed", |x, _| x.pow(0)),
        ("two columns are needed", |x, y| x.convolve_full(y)),
        ("3 entries don't fit into 2", |x, _| x.row(0).correlate(x.column(0))),
        ("p = 0.5; it is at least 1", |x, _| x.lp_norm(0.5).to_matrix()),
        ("p = NaN; it is at least 1", |x, _| x.lp_norm(f64::NAN).to_matrix()),
        ("inner 4 != 3", |x, y| x.quadratic_form(y).to_matrix()),
    ];
    for (why, build) in cases {
        let g = Graph::new();
        let (x, y) = (g.matrix("X", 3, 2), g.matrix("Y", 4, 4));
        match g.function(build(x, y)) {
            Err(Error::Shape { message }) => assert!(message.contains(why), "{message}"),
            other => panic!("{why}: {other:?}"),
        }
    }
    let g = Graph::new();
    let (x, empty) = (g.vector("x", 3), g.vector("h", 0));
    assert!(matches!(g.function(x.convolve_full(empty)), Err(Error::Empty { .. })));
    let long = g.repeat(1 << 40, 1, 1.0);
    let far = g.function(long.kronecker(long)).unwrap_err();
    assert!(far.to_string().contains("does not fit in memory"), "{far}");
}

#[test]
fn matrices_of_two_graphs_are_refused() {
    let (g, other) = (Graph::new(), Graph::new());
    let (x, y) = (g.vector("x", 3), other.vector("y", 3));
    let all = [x.kronecker(y), x.cross(y), x.convolve_full(y), x.correlate(y), x.convolve_valid(y)];
    for bad in all {
        assert!(matches!(g.function(bad), Err(Error::MixedGraph { .. })));
    }
    assert!(matches!(g.function(x.quadratic_form(other.matrix("A", 3, 3))), Err(Error::MixedGraph { .. })));
}
