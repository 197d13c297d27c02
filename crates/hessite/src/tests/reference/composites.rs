//! The functions of `tests/reference/composites.py` once more, at 1e-12 of the largest entry of each array.

use super::{Case, Interval, P, U};
use crate::{Matrix, Scalar};
use nalgebra::dmatrix;

const ONE: Interval = (1.1, 3.0);
const UNIT: Interval = (-0.9, 0.9);

const CASES: &[Case] = &[
    Case { name: "norm_xxy", variables: &[(3, 3, U), (3, 2, U)], record: |_, v| (v[0] * v[0] * v[1]).norm() },
    Case {
        name: "quadratic",
        variables: &[(5, 1, U), (5, 5, U)],
        record: |_, v| v[0].dot(v[1] * v[0]) / 2.0,
    },
    Case {
        name: "cross_entropy",
        variables: &[(3, 2, U), (2, 4, U), (4, 3, (0.0, 1.0))],
        record: |_, v| {
            let logits = (v[0] * v[1]).transpose();
            logits.row_logsumexp().sum() - v[2].dot(logits)
        },
    },
    Case {
        name: "softmax",
        variables: &[(3, 4, U), (3, 4, U)],
        record: |_, v| v[0].row_softmax().component_mul(v[1]).norm_squared(),
    },
    Case {
        name: "columns_lse",
        variables: &[(2, 3, U), (3, 2, U)],
        record: |_, v| (v[0] * v[1]).column_logsumexp().norm_squared(),
    },
    Case {
        name: "lse",
        variables: &[(3, 2, U), (1, 1, U)],
        record: |_, v| v[0].logsumexp() * number(v[1]).exp(),
    },
    Case {
        name: "exponentials",
        variables: &[(2, 3, U), (2, 3, U)],
        record: |_, v| (v[0].exp() + v[1].exp_m1().component_mul(v[0])).norm_squared(),
    },
    Case {
        name: "logarithms",
        variables: &[(2, 3, P)],
        record: |_, v| {
            let x = v[0];
            (x.ln().component_mul(x.ln_1p()) + x.log2().component_mul(x.log10()) + x.xlnx()).norm_squared()
        },
    },
    Case {
        name: "circular",
        variables: &[(2, 2, U)],
        record: |_, v| (v[0].sin() * v[0].cos()).norm_squared() + (v[0] * 0.5).tan().norm_squared(),
    },
    Case {
        name: "arcs",
        variables: &[(2, 2, UNIT)],
        record: |_, v| (v[0].asin() * v[0].acos()).norm_squared() + v[0].atan().sum().powi(2),
    },
    Case {
        name: "hyperbolic",
        variables: &[(2, 2, U)],
        record: |_, v| (v[0].sinh() * v[0].tanh()).sum() + v[0].cosh().norm_squared(),
    },
    Case {
        name: "areas",
        variables: &[(2, 2, U), (2, 2, ONE), (2, 2, UNIT)],
        record: |_, v| (v[0].asinh() * v[1].acosh() * v[2].atanh()).norm_squared(),
    },
    Case {
        name: "saturating",
        variables: &[(2, 3, U)],
        record: |_, v| v[0].sigmoid().dot(v[0].softplus()) + v[0].sigmoid().norm_squared(),
    },
    Case {
        name: "errors",
        variables: &[(2, 2, U)],
        record: |_, v| (v[0].erf() * v[0].erfc()).norm_squared(),
    },
    Case {
        name: "pieces",
        variables: &[(3, 3, U)],
        record: |_, v| {
            let x = v[0];
            let signed = x.abs().component_mul(x.sign()).component_mul(x);
            (signed + x.floor().component_mul(x) + x.ceil()).norm_squared()
                + x.round().dot(x.exp())
                + x.relu().norm_squared()
                + x.clamp(-1.0, 1.0).dot(x.component_mul(x))
        },
    },
    Case {
        name: "roots",
        variables: &[(2, 2, P)],
        record: |_, v| (v[0].sqrt() * v[0].recip()).norm_squared() + v[0].cbrt().sum().powi(3),
    },
    Case {
        name: "powers",
        variables: &[(2, 3, P), (2, 3, U)],
        record: |_, v| {
            v[0].powf(1.5).sum() + v[1].powi(3).sum() + v[0].powi(-2).dot(v[0].component_pow(v[1]))
        },
    },
    Case {
        name: "pairs",
        variables: &[(2, 2, P), (2, 2, P)],
        record: |_, v| {
            let (x, y) = (v[0], v[1]);
            x.atan2(y).dot(x.hypot(y)) + x.rel_entr(y).norm_squared() + x.component_div(y).norm_squared()
        },
    },
    Case {
        name: "choose",
        variables: &[(3, 2, U), (3, 2, U)],
        record: |_, v| {
            let (x, y) = (v[0], v[1]);
            let squares = x.component_mul(x).component_mul(y);
            let chosen = x.at_least(y).select(squares, x.sin().component_mul(y));
            x.sup(y).component_mul(x.inf(y)).exp().sum() + chosen.norm_squared()
        },
    },
    Case {
        name: "extremes",
        variables: &[(3, 3, U)],
        record: |_, v| v[0].max().powi(3) * v[0].min() + v[0].max() * v[0].sum().powi(2),
    },
    Case { name: "sums", variables: &[(3, 3, UNIT)], record: |_, v| sums(v[0]) },
    Case { name: "shapes", variables: &[(3, 4, U), (1, 4, U)], record: |_, v| shapes(v[0], v[1]) },
    Case {
        name: "joins",
        variables: &[(2, 3, U), (1, 3, U), (3, 1, U)],
        record: |_, v| {
            let (tall, wide) = (v[0].vcat(v[1]), v[0].transpose().hcat(v[1].transpose()));
            let square = (tall * wide).add_scalar(v[2].entry(0, 0));
            (square * v[2].from_diagonal()).norm_squared() + square.diagonal().dot(v[2])
        },
    },
    Case {
        name: "tr_mul",
        variables: &[(4, 2, U), (4, 3, U)],
        record: |_, v| v[0].tr_mul(v[1]).norm_squared() / (1.0 + v[0].norm_squared()),
    },
    Case {
        name: "on_scalar",
        variables: &[(1, 1, (0.2, 0.9)), (1, 1, ONE), (1, 1, U)],
        record: |_, v| on_scalar(number(v[0]), number(v[1]), number(v[2])),
    },
    Case {
        name: "on_scalars",
        variables: &[(1, 1, P), (1, 1, P)],
        record: |_, v| {
            let (s, t) = (number(v[0]), number(v[1]));
            s.pow(t) + s.atan2(t) * s.hypot(t) + s.max(t).powi(2) * s.min(t).exp() - s / t
                + 3.0 * (2.0 - s)
                + 1.0 / t
        },
    },
    Case {
        name: "residual",
        variables: &[(3, 3, U), (3, 3, U)],
        record: |_, v| (v[0] + v[0] * v[1] * v[0] - v[1].transpose()).norm(),
    },
    Case {
        name: "rayleigh",
        variables: &[(4, 1, U), (4, 4, U)],
        record: |_, v| v[0].dot(v[1] * v[0]) / v[0].norm_squared(),
    },
    Case {
        name: "network",
        variables: &[(2, 4, U), (3, 2, U), (3, 1, U), (2, 3, U), (2, 4, U)],
        record: |_, v| {
            let hidden = (v[1] * v[0] + v[2].broadcast(3, 4)).tanh();
            (v[3] * hidden - v[4]).norm_squared() / 8.0
        },
    },
    Case {
        name: "gaussian",
        variables: &[(4, 1, UNIT), (4, 1, UNIT), (1, 1, P)],
        record: |_, v| (-(v[0] - v[1]).norm_squared() / (2.0 * number(v[2]).powi(2))).exp(),
    },
    Case {
        name: "cubic",
        variables: &[(5, 1, U), (5, 1, U)],
        record: |_, v| v[1].dot(v[0]) + v[0].norm().powi(3) / 3.0,
    },
    Case { name: "trace_power", variables: &[(3, 3, U)], record: |_, v| (v[0] * v[0] * v[0] * v[0]).trace() },
    Case {
        name: "constants",
        variables: &[(2, 2, U)],
        record: |g, v| {
            let data = g.data(&dmatrix![0.5, 2.0; -1.0, 0.25]);
            let square = (g.identity(2) + v[0] * data) * (g.repeat(2, 2, 1.5) - v[0]);
            square.norm_squared() + v[0].sum() * g.constant(0.75)
        },
    },
    Case {
        name: "newton_schulz",
        variables: &[(3, 3, UNIT), (3, 3, UNIT)],
        record: |g, v| (v[1] * (g.identity(3) * 3.0 - v[0] * v[1] * v[1])).norm_squared(),
    },
    Case { name: "kernel", variables: &[(4, 3, UNIT)], record: |_, v| kernel(v[0]) },
];

/// A 1×1 variable as a scalar.
fn number(x: Matrix<'_>) -> Scalar<'_> {
    x.entry(0, 0)
}

fn sums(x: Matrix<'_>) -> Scalar<'_> {
    let (rows, cols) = (x.row_sum(), x.column_sum());
    rows.norm_squared() * x.mean() + cols.exp().sum() + x.trace().powi(3) + (cols * rows).trace()
}

fn shapes<'g>(x: Matrix<'g>, y: Matrix<'g>) -> Scalar<'g> {
    let a = x.reshape(4, 3).transpose() * x.reshape(4, 3);
    let b = y.broadcast(3, 4).component_mul(x);
    let c = x.view((1, 1), (2, 2)) * x.view((0, 2), (2, 2));
    let d = x.rows(0, 2) * x.rows(1, 2).transpose();
    let e = x.columns(1, 2).component_mul(x.columns(2, 2));
    let f = x.row(2) * x.row(0).transpose();
    a.norm_squared()
        + b.norm_squared() * f.entry(0, 0)
        + c.trace()
        + d.sum()
        + e.norm_squared()
        + x.column(1).norm_squared() * x.entry(2, 3)
}

fn on_scalar<'g>(s: Scalar<'g>, t: Scalar<'g>, u: Scalar<'g>) -> Scalar<'g> {
    let unit = s.asin() * s.acos() + s.atanh() * s.sqrt() + s.ln_1p() * s.recip() + s.xlnx() * s.log2();
    let above = t.acosh() * t.ln() + t.log10() * t.cbrt() + t.powi(3) * t.powf(-0.5);
    let circle = u.sin() * u.cos() + (u / 2.0).tan() + u.atan() + u.sinh() * u.tanh() + u.cosh();
    let rest = u.asinh() * u.exp() + u.exp_m1() + u.sigmoid() * u.softplus() + u.erf() * u.erfc();
    let kinked = u.abs() * u.sign() * u + t.floor() * u * u + t.ceil() * s + t.round() * u;
    let clipped = u.relu().powi(2) + t.clamp(1.5, 2.5) * u;
    unit * above + circle * s + rest / t + kinked + clipped
}

fn kernel(x: Matrix<'_>) -> Scalar<'_> {
    let n = x.component_mul(x).column_sum();
    let distances = n.broadcast(4, 4) + n.transpose().broadcast(4, 4) - x * x.transpose() * 2.0;
    (-distances).exp().sum()
}

#[test]
fn value_gradient_and_product_are_those_of_fifty_digits() {
    super::check(CASES, include_str!("../../../tests/reference/composites.txt"));
}

/// What is not a function of matrices needs no number.
const NOT_FUNCTIONS: [&str; 8] = ["new", "var", "is", "shape", "nrows", "ncols", "to_matrix", "record"];

#[test]
fn every_method_of_a_handle_has_a_reference() {
    let own = [include_str!("composites.rs"), include_str!("arrays.rs")];
    let record = [
        include_str!("../../record/matrix.rs"),
        include_str!("../../record/elementwise.rs"),
        include_str!("../../record/arrays.rs"),
    ];
    let mut missing = Vec::new();
    let mut seen = 0;
    for line in record.iter().flat_map(|text| text.lines()).map(str::trim) {
        let declared = line.strip_prefix("pub fn ").and_then(|l| l.split(['(', '<']).next());
        // A line of the list of elementwise functions: `sqrt = SQRT,`.
        let listed = line.strip_suffix(',').and_then(|l| l.split_once(" = ")).filter(|(name, row)| {
            let upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
            row.chars().all(upper)
                && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        });
        let Some(name) = declared.or(listed.map(|l| l.0)) else { continue };
        if name.starts_with('$') || NOT_FUNCTIONS.contains(&name) {
            continue;
        }
        seen += 1;
        if !own.iter().any(|text| text.contains(&format!(".{name}("))) {
            missing.push(name);
        }
    }
    assert!(seen > 75, "only {seen} methods were found in record/");
    assert!(missing.is_empty(), "no reference in composites.py or arrays.py for {missing:?}");
}
