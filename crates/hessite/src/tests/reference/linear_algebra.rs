//! The functions of `tests/reference/linear_algebra.py` once more.

use super::{Case, Interval, P, U};
use crate::tests::support::Rng;
use crate::{Graph, Matrix, Scalar};
use nalgebra::DMatrix;
use std::collections::HashMap;

const UNIT: Interval = (-0.9, 0.9);

const CASES: &[Case] = &[
    Case { name: "inverse", variables: &[(4, 4, U)], record: |_, v| sines(v[0].inverse()) },
    Case {
        name: "inverse_of_number",
        variables: &[(1, 1, P)],
        record: |_, v| {
            sines(v[0].inverse()) + v[0].determinant().powi(2) + v[0].log_determinant_positive_definite()
        },
    },
    Case {
        name: "solve",
        variables: &[(4, 4, U), (4, 2, U)],
        record: |_, v| sines(v[0].solve(v[1])) + v[0].tr_solve(v[1]).norm_squared(),
    },
    Case {
        name: "solve_with_itself",
        variables: &[(3, 3, U)],
        record: |g, v| sines((v[0] + g.identity(3) * 3.0).solve(v[0])),
    },
    Case {
        name: "determinant",
        variables: &[(5, 5, U)],
        record: |_, v| v[0].determinant().powi(2) * 0.1 + (v[0] * v[0] - v[0]).determinant(),
    },
    Case {
        name: "log_determinant",
        variables: &[(5, 5, U)],
        record: |g, v| v[0].log_abs_determinant().powi(2) + positive(g, v[0]).log_determinant(),
    },
    Case {
        name: "positive",
        variables: &[(4, 4, U), (4, 2, U)],
        record: |g, v| {
            let k = positive(g, v[0]);
            sines(k.solve_positive_definite(v[1])) + sines(k.inverse_positive_definite())
        },
    },
    Case {
        name: "log_positive",
        variables: &[(4, 3, U)],
        record: |g, v| positive(g, v[0]).log_determinant_positive_definite().powi(2),
    },
    Case {
        name: "cholesky",
        variables: &[(4, 4, U)],
        record: |g, v| {
            let l = positive(g, v[0]).cholesky();
            sines(l) + l.entry(3, 0).exp()
        },
    },
    Case { name: "triangular", variables: &[(4, 4, P), (4, 2, U)], record: |_, v| triangular(v[0], v[1]) },
    Case { name: "qr", variables: &[(5, 3, U)], record: |_, v| orthogonal(v[0]) },
    Case { name: "square_qr", variables: &[(3, 3, U)], record: |_, v| orthogonal(v[0]) },
    Case { name: "tall", variables: &[(5, 3, U), (5, 2, U)], record: |_, v| fitted(v[0], v[1]) },
    Case { name: "wide", variables: &[(2, 4, U), (2, 1, U)], record: |_, v| fitted(v[0], v[1]) },
    Case {
        name: "process",
        variables: &[(6, 2, UNIT), (6, 1, U), (1, 1, P)],
        record: |g, v| {
            let (x, y) = (v[0], v[1]);
            let norms = x.component_mul(x).column_sum().broadcast(6, 6);
            let distances = norms + norms.transpose() - x * x.transpose() * 2.0;
            let scale = v[2].broadcast(6, 6);
            let k = (-distances.component_mul(scale)).exp() + g.identity(6) * 0.1;
            (y.dot(k.solve_positive_definite(y)) + k.log_determinant_positive_definite()) * 0.5
        },
    },
    Case {
        name: "form",
        variables: &[(3, 2, U), (3, 3, U)],
        record: |_, v| v[0].inverse_quadratic_form(v[1]).powi(2),
    },
];

fn sines(x: Matrix<'_>) -> Scalar<'_> {
    x.sin().sum()
}

fn positive<'g>(g: &'g Graph, x: Matrix<'g>) -> Matrix<'g> {
    x * x.transpose() + g.identity(x.nrows())
}

fn triangular<'g>(t: Matrix<'g>, b: Matrix<'g>) -> Scalar<'g> {
    sines(t.solve_lower_triangular(b))
        + t.solve_upper_triangular(b).norm_squared()
        + sines(t.tr_solve_lower_triangular(b)) * t.tr_solve_upper_triangular(b).sum()
        + t.solve_unit_lower_triangular(b).norm_squared()
        + t.lower_triangle().dot(t.upper_triangle())
}

fn orthogonal(x: Matrix<'_>) -> Scalar<'_> {
    let (q, r) = x.qr();
    sines(q) * r.sum() + q.exp().sum() + r.norm_squared() * q.entry(1, 1)
}

fn fitted<'g>(a: Matrix<'g>, b: Matrix<'g>) -> Scalar<'g> {
    sines(a.pseudo_inverse()) + a.least_squares(b).norm_squared()
}

#[test]
fn value_gradient_and_product_are_those_of_fifty_digits() {
    super::check(CASES, include_str!("../../../tests/reference/linear_algebra.txt"));
}

type OfTwo = for<'g> fn(Matrix<'g>, Matrix<'g>) -> Scalar<'g>;

const ILL_CONDITIONED: &[(&str, OfTwo)] = &[
    ("inverse", |a, w| w.dot(a.inverse())),
    ("solve", |a, w| a.solve(w).norm_squared()),
    ("log_determinant", |a, _| a.log_abs_determinant()),
    ("determinant", |a, _| a.determinant()),
    ("positive", |a, w| a.solve_positive_definite(w).norm_squared()),
    ("log_positive", |a, _| a.log_determinant_positive_definite()),
    ("cholesky", |a, w| w.dot(a.cholesky())),
    ("pseudo_inverse", |a, w| w.dot(a.pseudo_inverse())),
    ("r", |a, w| w.dot(a.qr().1)),
];

/// Within 100 times the change that one unit in the last place of the matrix makes, of the largest entry.
#[test]
fn products_at_hilbert_matrices_are_as_exact_as_their_condition_lets_them() {
    let bits = |word: &str| f64::from_bits(u64::from_str_radix(word, 16).unwrap());
    let lines = include_str!("../../../tests/reference/hilbert.txt").lines();
    let numbers: HashMap<(&str, &str), Vec<f64>> = lines
        .map(|line| {
            let mut words = line.split(' ');
            ((words.next().unwrap(), words.next().unwrap()), words.map(bits).collect())
        })
        .collect();
    for n in [6, 7, 8] {
        let mut rng = Rng(n as u64);
        let (w, v) = (rng.numbers(n * n, -1.0, 1.0), rng.numbers(n * n, -1.0, 1.0));
        for (name, record) in ILL_CONDITIONED {
            let g = Graph::new();
            let x = g.matrix("X", n, n);
            let f = g.function(record(x, g.data(&DMatrix::from_vec(n, n, w.clone())))).unwrap();
            let hilbert = DMatrix::from_fn(n, n, |i, j| 1.0 / (i + j + 1) as f64);
            let at = f.at(&[x.is(&hilbert)]).unwrap();
            let got = at.hvp(&[x.is(&v)]).unwrap().stacked();
            let key = format!("{name}_{n}");
            let error = super::error(got.as_slice(), &numbers[&(&key[..], "hvp")]);
            let delta = numbers[&(&key[..], "delta")][0];
            println!("{key}: {error:e}, delta {delta:e}");
            assert!(error < 100.0 * delta, "{key}: relative error {error:e}, delta {delta:e}");
            assert!(delta < 1e-3, "{key}: {delta:e}, where no digit is certain");
        }
    }
}
