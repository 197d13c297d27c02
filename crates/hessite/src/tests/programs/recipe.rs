//! What a random program is made of. Every list of numbers is one, so that shrinking is dropping steps.

use super::super::support::Rng;
use crate::{Graph, Matrix, Scalar};
use nalgebra::DMatrix;
use proptest::collection::vec;
use proptest::prelude::*;

/// Largest dimension of an intermediate result.
const LARGEST: usize = 6;

/// One step: an operation and which earlier results it takes.
type Step = (u8, u8, u8);

#[derive(Clone, Debug)]
pub struct Recipe {
    /// Shapes of the variables.
    shapes: Vec<(usize, usize)>,
    steps: Vec<Step>,
    /// Of the point and the constants.
    pub seed: u64,
}

pub fn recipes() -> impl Strategy<Value = Recipe> {
    let dimension = prop_oneof![8 => 1usize..=4, 1 => Just(5usize)];
    let shape = prop_oneof![
        20 => (dimension.clone(), dimension),
        2 => (1usize..=4).prop_map(|n| (n, n)),
        1 => (0usize..=2, 0usize..=2),
    ];
    let steps = vec(any::<Step>(), 1..18);
    (vec(shape, 1..=3), steps, any::<u64>()).prop_map(|(shapes, steps, seed)| Recipe { shapes, steps, seed })
}

impl Recipe {
    /// A scalar of the last results, and the last result.
    pub fn record<'g>(&self, g: &'g Graph) -> (Scalar<'g>, Matrix<'g>) {
        let mut rng = Rng(!self.seed);
        let mut pool: Vec<Matrix<'g>> =
            self.shapes.iter().enumerate().map(|(k, &(m, n))| g.matrix(&format!("X{k}"), m, n)).collect();
        for &(op, a, b) in &self.steps {
            let (x, y) = (pool[a as usize % pool.len()], pool[b as usize % pool.len()]);
            let made = apply(g, op, x, y, &mut rng);
            let (m, n) = made.shape();
            pool.push(if m > LARGEST || n > LARGEST {
                made.view((0, 0), (m.min(LARGEST), n.min(LARGEST)))
            } else {
                made
            });
        }
        let last = pool[pool.len() - 1];
        let mut total = last.norm_squared() * 0.5;
        for x in pool.iter().rev().take(3) {
            total = total + data(g, x.shape(), &mut rng).dot(*x);
        }
        (total, last)
    }
}

fn data<'g>(g: &'g Graph, (m, n): (usize, usize), rng: &mut Rng) -> Matrix<'g> {
    g.data(&DMatrix::from_vec(m, n, rng.numbers(m * n, 0.4, 1.4)))
}

/// `y` brought to a shape: repeated, rearranged, cut, or summed and repeated.
fn fit<'g>(y: Matrix<'g>, (m, n): (usize, usize)) -> Matrix<'g> {
    let (p, q) = y.shape();
    if (p, q) == (m, n) {
        y
    } else if (p == m || p == 1) && (q == n || q == 1) {
        y.broadcast(m, n)
    } else if p * q == m * n {
        y.reshape(m, n)
    } else if p >= m && q >= n {
        y.view((p - m, q - n), (m, n))
    } else {
        y.sum().to_matrix().broadcast(m, n)
    }
}

/// x² + c, entry by entry: positive.
fn above<'g>(x: Matrix<'g>, c: f64) -> Matrix<'g> {
    x.component_mul(x).add_scalar(c)
}

/// Inside (−0.9, 0.9).
fn inside(x: Matrix<'_>) -> Matrix<'_> {
    x.tanh() * 0.9
}

/// Any operation, its arguments brought into shape and domain.
fn apply<'g>(g: &'g Graph, op: u8, x: Matrix<'g>, y: Matrix<'g>, rng: &mut Rng) -> Matrix<'g> {
    let shape = x.shape();
    match op % 5 {
        0 => elementwise(op / 5, x),
        1 => pair(op / 5, x, fit(y, shape)),
        2 => product(op / 5, x, y),
        3 => arrange(g, op / 5, x, y),
        _ => reduce(op / 5, x, y, || data(g, shape, rng)),
    }
}

fn elementwise(op: u8, x: Matrix<'_>) -> Matrix<'_> {
    match op % 40 {
        0 => x.sin(),
        1 => x.cos(),
        2 => inside(x).tan(),
        3 => inside(x).asin(),
        4 => inside(x).acos(),
        5 => x.atan(),
        6 => (x * 0.5).sinh(),
        7 => (x * 0.5).cosh(),
        8 => x.tanh(),
        9 => x.asinh(),
        10 => above(x, 1.5).acosh(),
        11 => inside(x).atanh(),
        12 => (x * 0.3).exp(),
        13 => (x * 0.3).exp_m1(),
        14 => above(x, 0.5).ln(),
        15 => above(x, 0.1).ln_1p(),
        16 => above(x, 0.3).log2(),
        17 => above(x, 0.3).log10(),
        18 => above(x, 0.2).xlnx(),
        19 => above(x, 0.2).sqrt(),
        20 => above(x, 0.2).cbrt(),
        21 => above(x, 0.5).recip(),
        22 => x.sigmoid(),
        23 => x.softplus(),
        24 => x.erf(),
        25 => x.erfc(),
        26 => x.abs(),
        27 => x.relu(),
        28 => x.clamp(-0.7, 0.8),
        29 => x.floor().component_mul(x),
        30 => x.ceil().component_mul(x),
        31 => x.round() + x,
        32 => x.sign().component_mul(x).component_mul(x),
        33 => x.powi(2),
        34 => x.powi(3),
        35 => above(x, 1.0).powi(-2),
        36 => above(x, 0.2).powf(1.5),
        37 => -x,
        38 => x * 0.7,
        _ => x.add_scalar(-0.4),
    }
}

/// Two arrays of one shape.
fn pair<'g>(op: u8, x: Matrix<'g>, y: Matrix<'g>) -> Matrix<'g> {
    match op % 14 {
        0 => x + y,
        1 => x - y,
        2 | 3 => x.component_mul(y),
        4 => x.component_div(above(y, 0.8)),
        5 => above(x, 0.3).component_pow(y.tanh()),
        6 => x.atan2(above(y, 0.5)),
        7 => x.hypot(above(y, 0.3)),
        8 => above(x, 0.3).rel_entr(above(y, 0.3)),
        9 => x.sup(y),
        10 => x.inf(y),
        11 => x.at_least(y).select(x.sin(), y.component_mul(x)),
        12 => x - x.component_mul(y.tanh()) * 0.5,
        _ => x * 0.5 + y * 0.25,
    }
}

/// Matrix products in all four forms, with `y` brought to a shape that fits.
fn product<'g>(op: u8, x: Matrix<'g>, y: Matrix<'g>) -> Matrix<'g> {
    let ((m, n), k) = (x.shape(), y.ncols().min(4));
    match op % 6 {
        0 => x * fit(y, (n, k)),
        1 => x.tr_mul(fit(y, (m, k))),
        2 => x * fit(y, (k, n)).transpose(),
        3 => x.transpose() * fit(y, (k, m)).transpose(),
        4 => x.tr_mul(x) * 0.5,
        _ => x * fit(y, (1, 1)).entry(0, 0),
    }
}

fn arrange<'g>(g: &'g Graph, op: u8, x: Matrix<'g>, y: Matrix<'g>) -> Matrix<'g> {
    let (m, n) = x.shape();
    // Rows in another order, the last of them twice.
    let list: Vec<usize> = (0..m).rev().chain(0..m.min(1)).collect();
    match op % 21 {
        0 => x.transpose(),
        1 => x.reshape(n, m),
        2 => x.vcat(fit(y, (1, n))),
        3 => x.hcat(fit(y, (m, 2))),
        4 => fit(y, (m, m)).diagonal(),
        5 => fit(x, (m.min(4), 1)).from_diagonal(),
        6 => x.rows(m / 2, m - m / 2),
        7 => x.columns(0, n - n / 2),
        8 => fit(x, (1, 4)).broadcast(3, 4),
        9 => fit(x, (3, 1)).broadcast(3, 4),
        10 if m * n > 0 => x.entry(m - 1, 0).to_matrix().broadcast(2, 3),
        11 => fit(y, (m, m)) - g.identity(m),
        12 => g.repeat(m, n, 0.5) - x,
        13 => x.select_rows(&list),
        14 => x.transpose().select_columns(&list),
        15 => x.scatter_rows(&list[..m].iter().map(|k| k / 2).collect::<Vec<_>>(), m),
        16 => x.cumulative_sum(),
        17 => inside(x).cumulative_product(),
        18 if m > 0 => fit(x, (m, 1)).convolve_full(fit(y, (3, 1))),
        19 if m * n > 0 => fit(x, (m.min(2), 2)).kronecker(fit(y, (2, 3))),
        _ => x.view((m / 3, n / 3), (m - m / 3, n - n / 3)),
    }
}

/// Sums, norms, extrema; with what is left of a shape repeated again.
fn reduce<'g>(op: u8, x: Matrix<'g>, y: Matrix<'g>, weights: impl FnOnce() -> Matrix<'g>) -> Matrix<'g> {
    let (m, n) = x.shape();
    let full = m * n > 0;
    match op % 21 {
        0 => x * x.sum(),
        1 => x.row_sum(),
        2 => x.column_sum(),
        3 if full => x.component_mul(weights()) * x.mean(),
        4 => fit(x, (m, m)).trace().to_matrix(),
        5 => x.dot(fit(y, (m, n))).to_matrix(),
        6 => x * x.norm(),
        7 => x.norm_squared().to_matrix(),
        8 if full => x * x.max(),
        9 if full => x.add_scalar(x.min() * 0.5),
        10 if full => x * x.logsumexp(),
        11 if full => x.row_logsumexp(),
        12 if full => x.column_logsumexp(),
        13 if full => x.row_softmax().component_mul(fit(y, (m, n))),
        14 => x / (1.0 + x.norm_squared()),
        15 => x * inside(x).product(),
        16 => inside(x).row_product() * y.sum(),
        17 => x * x.lp_norm(2.5),
        18 => x / (1.0 + x.one_norm()),
        19 => x.quadratic_form(fit(y, (m, m))).to_matrix(),
        _ => x.dot(weights()).to_matrix(),
    }
}
