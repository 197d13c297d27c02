//! Values against nalgebra and std, entry by entry.

use super::*;

fn matrices() -> (DMatrix<f64>, DMatrix<f64>) {
    (
        DMatrix::from_row_slice(3, 2, &[0.3, 0.7, 0.2, 0.9, 0.5, 0.4]),
        DMatrix::from_row_slice(2, 3, &[1.5, 0.6, 2.0, 0.8, 1.1, 3.0]),
    )
}

/// Agreement to a few units in the last place of what both evaluations round.
#[track_caller]
fn same(text: &str, got: &DMatrix<f64>, expected: &DMatrix<f64>) {
    assert_eq!(got.shape(), expected.shape(), "{text}");
    for (a, b) in got.iter().zip(expected.iter()) {
        let close = (a - b).abs() <= 32.0 * f64::EPSILON * b.abs().max(1.0) || (a.is_nan() && b.is_nan());
        assert!(close, "{text}: {a} is not {b}");
    }
}

/// erf by its Taylor series, which converges fast for the small arguments here.
fn erf(x: f64) -> f64 {
    let mut term = x;
    let mut sum = x;
    for n in 1..60 {
        term *= -x * x / f64::from(n);
        sum += term / f64::from(2 * n + 1);
    }
    sum * std::f64::consts::FRAC_2_SQRT_PI
}

fn each(name: &str) -> Option<fn(f64) -> f64> {
    Some(match name {
        "exp" => f64::exp,
        "expm1" => f64::exp_m1,
        "log" => f64::ln,
        "log1p" => f64::ln_1p,
        "log2" => f64::log2,
        "log10" => f64::log10,
        "xlogx" => |x| x * x.ln(),
        "sqrt" => f64::sqrt,
        "cbrt" => f64::cbrt,
        "square" => |x| x * x,
        "reciprocal" => |x| 1.0 / x,
        "sin" => f64::sin,
        "cos" => f64::cos,
        "tan" => f64::tan,
        "asin" => f64::asin,
        "acos" => f64::acos,
        "atan" => f64::atan,
        "sinh" => f64::sinh,
        "cosh" => f64::cosh,
        "tanh" => f64::tanh,
        "asinh" => f64::asinh,
        "acosh" => f64::acosh,
        "atanh" => f64::atanh,
        "sigmoid" => |x| 1.0 / (1.0 + (-x).exp()),
        "softplus" => |x| (1.0 + x.exp()).ln(),
        "erf" => erf,
        "erfc" => |x| 1.0 - erf(x),
        "relu" => |x| x.max(0.0),
        "abs" => f64::abs,
        "sign" => f64::signum,
        "floor" => f64::floor,
        "ceil" => f64::ceil,
        "round" => f64::round,
        _ => return None,
    })
}

fn pair(name: &str) -> Option<fn(f64, f64) -> f64> {
    Some(match name {
        "power" => f64::powf,
        "atan2" => f64::atan2,
        "hypot" => f64::hypot,
        "rel_entr" => |x, y| x * (x / y).ln(),
        "maximum" => f64::max,
        "minimum" => f64::min,
        "at_least" => |x, y| if x >= y { 1.0 } else { 0.0 },
        _ => return None,
    })
}

const GRAM: &str = "X'*X + eye(2)";

fn gram(x: &DMatrix<f64>) -> DMatrix<f64> {
    x.transpose() * x + DMatrix::identity(2, 2)
}

fn of_spectrum(x: &DMatrix<f64>, f: fn(f64) -> f64) -> DMatrix<f64> {
    let eigen = gram(x).symmetric_eigen();
    &eigen.eigenvectors * DMatrix::from_diagonal(&eigen.eigenvalues.map(f)) * eigen.eigenvectors.transpose()
}

/// The other functions at X and Y: the arguments, and the value by nalgebra.
fn whole(name: &str, x: &DMatrix<f64>, y: &DMatrix<f64>) -> (&'static str, DMatrix<f64>) {
    let number = |x: f64| DMatrix::from_element(1, 1, x);
    let softmax = |x: &DMatrix<f64>| x.map(f64::exp) / x.map(f64::exp).sum();
    match name {
        "norm" => ("X", number(x.norm())),
        "norm2" => ("X", number(x.norm_squared())),
        "tr" => ("X*Y", number((x * y).trace())),
        "sum" => ("X", number(x.sum())),
        "mean" => ("X", number(x.mean())),
        "dot" => ("X, Y'", number(x.dot(&y.transpose()))),
        "max" => ("X", number(x.max())),
        "min" => ("X", number(x.min())),
        "logsumexp" => ("X", number(x.map(f64::exp).sum().ln())),
        "clamp" => ("X, 0.35, 0.6", x.map(|x| x.clamp(0.35, 0.6))),
        "select" => {
            ("at_least(X, 0.45), X, Y'", x.zip_map(&y.transpose(), |x, y| if x >= 0.45 { x } else { y }))
        }
        "transpose" => ("X", x.transpose()),
        "colsums" => ("X", DMatrix::from_fn(1, 2, |_, j| x.column(j).sum())),
        "rowsums" => ("X", DMatrix::from_fn(3, 1, |i, _| x.row(i).sum())),
        "softmax" => ("vec(X)", softmax(&x.clone().reshape_generic(nalgebra::Dyn(6), nalgebra::Dyn(1)))),
        "diag" => ("X*Y", DMatrix::from_column_slice(3, 1, (x * y).diagonal().as_slice())),
        "vec" => ("X", x.clone().reshape_generic(nalgebra::Dyn(6), nalgebra::Dyn(1))),
        "reshape" => ("X, 1, 6", x.clone().reshape_generic(nalgebra::Dyn(1), nalgebra::Dyn(6))),
        "hcat" => (
            "X, Y', X",
            DMatrix::from_fn(3, 6, |i, j| if j / 2 == 1 { y[(j % 2, i)] } else { x[(i, j % 2)] }),
        ),
        "vcat" => ("X', Y", DMatrix::from_fn(4, 3, |i, j| if i < 2 { x[(j, i)] } else { y[(i - 2, j)] })),
        "broadcast" => ("rowsums(X), 3, 4", DMatrix::from_fn(3, 4, |i, _| x.row(i).sum())),
        "eye" => ("3", DMatrix::identity(3, 3)),
        "ones" => ("2, 3", DMatrix::from_element(2, 3, 1.0)),
        "zeros" => ("2", DMatrix::zeros(2, 2)),
        "rows" => ("X", number(3.0)),
        "columns" => ("X", number(2.0)),
        "numel" => ("X", number(6.0)),
        // Of the Gram matrix S = X'X + I.
        "expm" => ("X*Y", (x * y).exp()),
        "logm" => (GRAM, of_spectrum(x, f64::ln)),
        "sqrtm" => (GRAM, of_spectrum(x, f64::sqrt)),
        "invsqrtm" => (GRAM, of_spectrum(x, |e| 1.0 / e.sqrt())),
        "absm" => (GRAM, of_spectrum(x, f64::abs)),
        "eigvals" => {
            let mut all = gram(x).symmetric_eigenvalues();
            all.as_mut_slice().sort_by(f64::total_cmp);
            (GRAM, DMatrix::from_column_slice(2, 1, all.as_slice()))
        }
        "eigvecs" => ("[2 0; 0 1]", DMatrix::from_row_slice(2, 2, &[0.0, 1.0, 1.0, 0.0])),
        "lambda_max" => (GRAM, number(gram(x).symmetric_eigenvalues().max())),
        "svdvals" => ("X", DMatrix::from_column_slice(2, 1, x.singular_values().as_slice())),
        "nuclear" => ("X", number(x.singular_values().sum())),
        _ => linear_algebra(name, x, y).unwrap_or_else(|| arrays(name, x, y)),
    }
}

/// At S = X·Y + 2 I, which is regular and not symmetric, or at S·Sᵀ.
fn linear_algebra(name: &str, x: &DMatrix<f64>, y: &DMatrix<f64>) -> Option<(&'static str, DMatrix<f64>)> {
    let number = |x: f64| DMatrix::from_element(1, 1, x);
    let s = x * y + DMatrix::identity(3, 3) * 2.0;
    let k = &s * s.transpose();
    let (inverse, factor) = (s.clone().try_inverse()?, k.clone().cholesky()?);
    // Of full column rank, with the signs that make R's diagonal positive.
    let qr = x.clone().qr();
    let signs = DMatrix::from_diagonal(&qr.r().diagonal().map(f64::signum));
    let normal = (x.transpose() * x).try_inverse()? * x.transpose();
    Some(match name {
        "inv" => ("X*Y+2*eye(3)", inverse),
        "solve" => ("X*Y+2*eye(3), X", inverse * x),
        "solve_spd" => ("(X*Y+2*eye(3))*(X*Y+2*eye(3))', X", factor.solve(x)),
        "solve_lower" => ("X*Y+2*eye(3), X", s.lower_triangle().try_inverse()? * x),
        "solve_upper" => ("X*Y+2*eye(3), X", s.upper_triangle().try_inverse()? * x),
        "lstsq" => ("X, Y'", &normal * y.transpose()),
        "pinv" => ("X", normal),
        "det" => ("X*Y+2*eye(3)", number(s.determinant())),
        "logdet" | "logabsdet" => ("X*Y+2*eye(3)", number(s.determinant().ln())),
        "logdet_spd" => ("(X*Y+2*eye(3))*(X*Y+2*eye(3))'", number(k.determinant().ln())),
        "chol" => ("(X*Y+2*eye(3))*(X*Y+2*eye(3))'", factor.l()),
        "qr_q" => ("X", qr.q() * signs),
        "qr_r" => ("X", signs * qr.r()),
        "tril" => ("X", x.lower_triangle()),
        "triu" => ("Y", y.upper_triangle()),
        "sym" => ("X*Y", (x * y).symmetric_part()),
        _ => return None,
    })
}

/// Lists of indices, running sums, products.
fn arrays(name: &str, x: &DMatrix<f64>, y: &DMatrix<f64>) -> (&'static str, DMatrix<f64>) {
    let number = |x: f64| DMatrix::from_element(1, 1, x);
    let column = |x: &[f64]| DMatrix::from_column_slice(x.len(), 1, x);
    match name {
        "select_rows" => ("X, 2, 0", x.select_rows(&[2, 0])),
        "select_columns" => ("X, [1, 1, 0]", x.select_columns(&[1, 1, 0])),
        "gather" => ("X, 5, [0; 1]", column(&[x[5], x[0], x[1]])),
        "cumsum" => ("X", DMatrix::from_fn(3, 2, |i, j| x.column(j).rows(0, i + 1).sum())),
        "cumprod" => ("X", DMatrix::from_fn(3, 2, |i, j| x.column(j).rows(0, i + 1).product())),
        "prod" => ("X", number(x.product())),
        "kron" => ("X, Y", x.kronecker(y)),
        "cross" => {
            let (a, b) = (x.column(0).into_owned(), x.column(1).into_owned());
            ("select_columns(X, 0), select_columns(X, 1)", column(a.cross(&b).as_slice()))
        }
        "conv" => {
            let (a, h) = (nalgebra::DVector::from_column_slice(x.as_slice()), x.column(1).into_owned());
            ("vec(X), select_columns(X, 1)", column(a.convolve_full(h).as_slice()))
        }
        "correlate" => {
            let sums: Vec<f64> = (0..4).map(|i| (0..3).map(|j| x[i + j] * x[(j, 1)]).sum()).collect();
            ("vec(X), select_columns(X, 1)", column(&sums))
        }
        "quadform" => ("X, X*Y", number((x.transpose() * x * y * x).trace())),
        _ => panic!("no evaluation of {name} to compare with"),
    }
}

#[test]
fn every_function_agrees_with_an_evaluation_without_hessite() {
    let (x, y) = matrices();
    for f in functions::GROUPS.iter().flat_map(|g| g.functions) {
        for name in f.names {
            let first = f.names[0];
            let (arguments, expected) = match (each(first), pair(first)) {
                (Some(of), _) if first == "acosh" => ("X+1", x.map(|x| of(x + 1.0))),
                (Some(of), _) => ("X", x.map(of)),
                (_, Some(of)) => ("X, Y'", x.zip_map(&y.transpose(), of)),
                _ => whole(first, &x, &y),
            };
            let text = format!("{name}({arguments})");
            let got = value(&text, &[("X", &x), ("Y", &y)]).unwrap_or_else(|e| panic!("{text}: {e}"));
            same(&text, &got, &expected);
        }
    }
}

#[test]
fn functions_have_distinct_names() {
    let mut names: Vec<&str> =
        functions::GROUPS.iter().flat_map(|g| g.functions).flat_map(|f| f.names.iter().copied()).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn operators_agree_with_nalgebra() {
    let (x, y) = matrices();
    let s = DMatrix::from_element(1, 1, 1.7);
    let a = &x * &y;
    let regular = &a + DMatrix::identity(3, 3);
    let number = |x: f64| DMatrix::from_element(1, 1, x);
    let rows: &[(&str, DMatrix<f64>)] = &[
        ("X*Y", a.clone()),
        ("X@Y", a.clone()),
        ("2*X", &x * 2.0),
        ("X*s", &x * 1.7),
        ("s*X/2", &x * 0.85),
        ("X-Y'", &x - y.transpose()),
        ("X.T+Y", x.transpose() + &y),
        ("X.*Y'", x.component_mul(&y.transpose())),
        ("X./Y'", x.component_div(&y.transpose())),
        ("1./X", x.map(|x| 1.0 / x)),
        ("X+1", x.add_scalar(1.0)),
        ("1-X", x.map(|x| 1.0 - x)),
        ("s-X", x.map(|x| 1.7 - x)),
        ("X-s", x.map(|x| x - 1.7)),
        ("X.^2", x.map(|x| x * x)),
        ("(-X).^3", x.map(|x| -x * x * x)),
        ("X.^-1", x.map(f64::recip)),
        ("X.^(1/2)", x.map(f64::sqrt)),
        ("2.^X", x.map(f64::exp2)),
        ("X.^(Y')", x.zip_map(&y.transpose(), f64::powf)),
        ("X.^s", x.map(|x| x.powf(1.7))),
        ("s^s", number(1.7f64.powf(1.7))),
        ("s^2", number(1.7 * 1.7)),
        ("2^-1", number(0.5)),
        ("-2^2", number(-4.0)),
        ("(X*Y+eye(3))\\X", regular.clone().try_inverse().unwrap() * &x),
        ("Y/(X*Y+eye(3))", &y * regular.clone().try_inverse().unwrap()),
        ("(X*Y+eye(3))^-1", regular.clone().try_inverse().unwrap()),
        ("(X*Y+eye(3))^-2", (&regular * &regular).try_inverse().unwrap()),
        ("X\\Y'", (x.transpose() * &x).try_inverse().unwrap() * x.transpose() * y.transpose()),
        ("s\\X", &x / 1.7),
        ("2\\1", number(0.5)),
        ("(X*Y)^0", DMatrix::identity(3, 3)),
        ("(X*Y)^1", a.clone()),
        ("(X*Y)^5", &a * &a * &a * &a * &a),
        ("X - rowsums(X)", DMatrix::from_fn(3, 2, |i, j| x[(i, j)] - x.row(i).sum())),
        ("colsums(X) .* X", DMatrix::from_fn(3, 2, |i, j| x[(i, j)] * x.column(j).sum())),
        ("rowsums(X) + colsums(X)", DMatrix::from_fn(3, 2, |i, j| x.row(i).sum() + x.column(j).sum())),
        (
            "[X, 1+X; 0 0 1 1]",
            DMatrix::from_fn(
                4,
                4,
                |i, j| if i == 3 { (j / 2) as f64 } else { x[(i, j % 2)] + (j / 2) as f64 },
            ),
        ),
        ("[1, 2; 3, 4]", DMatrix::from_row_slice(2, 2, &[1.0, 2.0, 3.0, 4.0])),
        ("norm(X,1)", number((0..2).map(|j| x.column(j).sum()).fold(0.0, f64::max))),
        ("norm(X,inf)", number((0..3).map(|i| x.row(i).sum()).fold(0.0, f64::max))),
        ("norm(vec(X),1)", number(x.sum())),
        ("norm(vec(X)',inf)", number(0.9)),
        ("norm(vec(X),2)", number(x.norm())),
        ("norm(vec(X),3)", number(x.map(|x| x.powi(3)).sum().cbrt())),
        ("norm(X,'fro')", number(x.norm())),
        ("norm(X,'inf')", number((0..3).map(|i| x.row(i).sum()).fold(0.0, f64::max))),
        ("cumsum(X,2)", DMatrix::from_fn(3, 2, |i, j| x.row(i).columns(0, j + 1).sum())),
        ("cumsum([1, 2, 4])", DMatrix::from_row_slice(1, 3, &[1.0, 3.0, 7.0])),
        ("prod(X,1)", DMatrix::from_fn(1, 2, |_, j| x.column(j).product())),
        ("prod(X,2)", DMatrix::from_fn(3, 1, |i, _| x.row(i).product())),
        ("conv([1; 2; 3], [1; 1; 1], 'same')", DMatrix::from_row_slice(3, 1, &[3.0, 6.0, 5.0])),
        ("conv([1, 2, 3], [1; -1], 'valid')", DMatrix::from_row_slice(1, 2, &[1.0, 1.0])),
        ("mean(X,1)", DMatrix::from_fn(1, 2, |_, j| x.column(j).mean())),
        ("mean(X,2)", DMatrix::from_fn(3, 1, |i, _| x.row(i).mean())),
        ("logsumexp(X,1)", DMatrix::from_fn(1, 2, |_, j| x.column(j).map(f64::exp).sum().ln())),
        ("logsumexp(X,2)", DMatrix::from_fn(3, 1, |i, _| x.row(i).map(f64::exp).sum().ln())),
        ("softmax(X,1)", DMatrix::from_fn(3, 2, |i, j| x[(i, j)].exp() / x.column(j).map(f64::exp).sum())),
        ("softmax(X,2)", DMatrix::from_fn(3, 2, |i, j| x[(i, j)].exp() / x.row(i).map(f64::exp).sum())),
        ("diag([1;2])", DMatrix::from_row_slice(2, 2, &[1.0, 0.0, 0.0, 2.0])),
        ("diag([1,2])", DMatrix::from_row_slice(2, 2, &[1.0, 0.0, 0.0, 2.0])),
        ("max(X, 0.45)", x.map(|x| x.max(0.45))),
        ("min(Y', X)", x.zip_map(&y.transpose(), f64::min)),
        ("dot(vec(X), vec(X)')", number(x.norm_squared())),
        ("select(0, X, 2)", DMatrix::from_element(3, 2, 2.0)),
        ("sum(zeros(0,3))", number(0.0)),
        ("numel(X)*pi", number(6.0 * std::f64::consts::PI)),
        ("[]", DMatrix::zeros(0, 0)),
    ];
    for (text, expected) in rows {
        let got = value(text, &[("X", &x), ("Y", &y), ("s", &s)]).unwrap_or_else(|e| panic!("{text}: {e}"));
        same(text, &got, expected);
    }
}
