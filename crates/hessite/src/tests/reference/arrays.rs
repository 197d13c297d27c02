//! The functions of `tests/reference/arrays.py` once more.

use super::{Case, U};
use crate::{Matrix, Scalar};

const CASES: &[Case] = &[
    Case { name: "lists", variables: &[(4, 3, U)], record: |_, v| lists(v[0]) },
    Case {
        name: "running",
        variables: &[(5, 2, U)],
        record: |_, v| {
            v[0].cumulative_sum().component_mul(v[0]).norm_squared() + v[0].cumulative_product().sin().sum()
        },
    },
    Case {
        name: "products",
        variables: &[(3, 5, U)],
        record: |_, v| v[0].product() + (v[0].column_product() * v[0].row_product()).norm_squared(),
    },
    Case {
        name: "convolutions",
        variables: &[(6, 1, U), (3, 1, U)],
        record: |_, v| {
            let (x, h) = (v[0], v[1]);
            x.convolve_full(h).sin().sum()
                + x.convolve_valid(h).norm_squared() * x.transpose().correlate(h).sum()
                + x.correlate(h.transpose()).powi(3).sum()
        },
    },
    Case {
        name: "kronecker",
        variables: &[(2, 3, U), (3, 2, U)],
        record: |_, v| v[0].kronecker(v[1]).sin().sum(),
    },
    Case {
        name: "cross",
        variables: &[(3, 1, U), (3, 1, U)],
        record: |_, v| v[0].cross(v[1]).norm() * v[0].dot(v[1]),
    },
    Case {
        name: "forms",
        variables: &[(4, 2, U), (4, 4, U)],
        record: |_, v| v[0].quadratic_form(v[1]).powi(2),
    },
    Case {
        name: "induced",
        variables: &[(3, 4, U)],
        record: |_, v| v[0].one_norm().powi(2) * v[0].infinity_norm() + v[0].norm_squared(),
    },
    Case { name: "norms", variables: &[(3, 3, U)], record: |_, v| norms(v[0]) },
    Case {
        name: "matrix_powers",
        variables: &[(3, 3, U)],
        record: |_, v| {
            let x = v[0];
            (x.pow(5) + x.pow(1)).trace() * x.sum()
                + (x.tr_mul(x) * (x.transpose() * x.pow(0))).norm_squared()
        },
    },
];

fn lists(x: Matrix<'_>) -> Scalar<'_> {
    let (rows, cols) = (x.select_rows(&[2, 0, 2, 1]), x.select_columns(&[1, 1, 0]));
    let (picked, back) = (x.gather(&[5, 0, 5]), x.scatter_add(&[3, 0, 0, 1, 2, 3, 4, 4, 1, 0, 2, 3], 2, 3));
    let (tall, wide) = (x.scatter_rows(&[1, 1, 0, 2], 3), x.scatter_columns(&[1, 0, 1], 2));
    (rows * cols.transpose()).norm_squared()
        + picked.norm_squared() * x.sum()
        + tall.sin().sum() * wide.norm_squared()
        + back.exp().sum()
}

fn norms(x: Matrix<'_>) -> Scalar<'_> {
    x.lp_norm(1.5) * x.lp_norm(3.0)
        + x.lp_norm(1.0).powi(2)
        + x.lp_norm(2.0).powi(3)
        + x.lp_norm(f64::INFINITY).powi(2)
        + x.lp_norm(4.5)
}

#[test]
fn value_gradient_and_product_are_those_of_fifty_digits() {
    super::check(CASES, include_str!("../../../tests/reference/arrays.txt"));
}
