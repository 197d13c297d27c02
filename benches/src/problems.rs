//! The workloads with their inputs.

use crate::chains::Chain;
use crate::functions as f;
use crate::inputs::{Layout, symmetric, uniform};
use hessite::{Binding, Function, Graph, Matrix, Result, Scalar, Var};
use nalgebra::DMatrix;

/// A function recorded from a problem, with its variables in order.
pub struct Recorded {
    /// The function.
    pub function: Function,
    /// Its variables.
    pub vars: Vec<Var>,
}

/// A workload: a function to be recorded, and where it is asked.
pub struct Problem {
    /// The shapes of the variables.
    pub layout: Layout,
    /// The point, stacked.
    pub point: Vec<f64>,
    /// Directions, stacked, one after the other.
    pub directions: Vec<f64>,
    record: Box<dyn Fn() -> Result<Recorded>>,
}

impl Problem {
    /// `point` and `directions` by rows.
    fn new(
        shapes: &[(usize, usize)],
        point: &[f64],
        directions: &[f64],
        record: impl Fn() -> Result<Recorded> + 'static,
    ) -> Self {
        let layout = Layout(shapes.to_vec());
        let (point, directions) = (layout.stack(point), layout.stack(directions));
        Problem { layout, point, directions, record: Box::new(record) }
    }

    /// A function of one square matrix, at a point and along a direction.
    pub fn of_matrix(
        at: DMatrix<f64>,
        along: DMatrix<f64>,
        f: impl for<'g> Fn(&'g Graph, Matrix<'g>) -> Scalar<'g> + 'static,
    ) -> Self {
        let (m, n) = at.shape();
        Problem {
            layout: Layout(vec![(m, n)]),
            point: at.data.into(),
            directions: along.data.into(),
            record: Box::new(move || {
                let g = Graph::new();
                let a = g.matrix("A", m, n);
                recorded(&g, f(&g, a), vec![a.var()])
            }),
        }
    }

    /// Records the function, from `Graph::new()` to `Graph::function`.
    pub fn record(&self) -> Result<Recorded> {
        (self.record)()
    }

    /// The parts of a stacked vector, bound to their variables.
    pub fn bind<'a>(&self, vars: &[Var], stacked: &'a [f64]) -> Vec<Binding<'a>> {
        let mut rest = stacked;
        let parts = self.layout.0.iter().map(|&(m, n)| {
            let (part, after) = rest.split_at(m * n);
            rest = after;
            part
        });
        vars.iter().zip(parts).map(|(v, part)| v.is(part)).collect()
    }
}

fn recorded(g: &Graph, output: Scalar<'_>, vars: Vec<Var>) -> Result<Recorded> {
    Ok(Recorded { function: g.function(output)?, vars })
}

/// W1: [`f::product_norm`] for n×n matrices, with `k` directions.
pub fn product_norm(n: usize, k: usize) -> Problem {
    let s = 1.0 / (n as f64).sqrt();
    let point = [symmetric(101, n * n, s), symmetric(102, n * n, s)].concat();
    let (vx, vy) = (symmetric(103, k * n * n, 1.0), symmetric(104, k * n * n, 1.0));
    let directions: Vec<f64> =
        vx.chunks(n * n).zip(vy.chunks(n * n)).flat_map(|(a, b)| [a, b].concat()).collect();
    Problem::new(&[(n, n), (n, n)], &point, &directions, move || {
        let g = Graph::new();
        let (x, y) = (g.matrix("X", n, n), g.matrix("Y", n, n));
        recorded(&g, f::product_norm(x, y), vec![x.var(), y.var()])
    })
}

/// 256 samples of 64 features, with labels among ten as unit vectors.
fn labelled_samples() -> (DMatrix<f64>, DMatrix<f64>) {
    let a = DMatrix::from_row_slice(256, 64, &symmetric(201, 256 * 64, 1.0));
    let labels = uniform(202, 256);
    let one_hot = DMatrix::from_fn(256, 10, |i, j| f64::from((10.0 * labels[i]) as usize == j));
    (a, one_hot)
}

/// W2: softmax regression, 64 features to ten labels, 650 parameters (W, b).
pub fn softmax() -> Problem {
    let (a, one_hot) = labelled_samples();
    let directions = symmetric(204, 32 * 650, 1.0);
    Problem::new(&[(64, 10), (1, 10)], &symmetric(203, 650, 0.1), &directions, move || {
        let g = Graph::new();
        let (w, b) = (g.matrix("W", 64, 10), g.matrix("b", 1, 10));
        let z = f::layer(g.data(&a), w, b);
        recorded(&g, f::softmax_loss(z, g.data(&one_hot)), vec![w.var(), b.var()])
    })
}

/// W2: the same loss behind a tanh layer of 64, 4810 parameters (W1, b1, W2, b2).
pub fn network() -> Problem {
    let (a, one_hot) = labelled_samples();
    let shapes = [(64, 64), (1, 64), (64, 10), (1, 10)];
    let directions = symmetric(214, 32 * 4810, 1.0);
    Problem::new(&shapes, &symmetric(213, 4810, 0.125), &directions, move || {
        let g = Graph::new();
        let (w1, b1) = (g.matrix("W1", 64, 64), g.matrix("b1", 1, 64));
        let (w2, b2) = (g.matrix("W2", 64, 10), g.matrix("b2", 1, 10));
        let z = f::layer(f::layer(g.data(&a), w1, b1).tanh(), w2, b2);
        let vars = vec![w1.var(), b1.var(), w2.var(), b2.var()];
        recorded(&g, f::softmax_loss(z, g.data(&one_hot)), vars)
    })
}

/// W2: [`f::small_network`], 8 → 16 → 1 on 128 rows, 161 parameters (W1, b1, w2, b2).
pub fn small_network() -> Problem {
    let a = DMatrix::from_row_slice(128, 8, &symmetric(221, 128 * 8, 1.0));
    let t = symmetric(222, 128, 1.0);
    let shapes = [(8, 16), (1, 16), (16, 1), (1, 1)];
    Problem::new(&shapes, &symmetric(223, 161, 0.5), &symmetric(224, 161, 1.0), move || {
        let g = Graph::new();
        let (w1, b1) = (g.matrix("W1", 8, 16), g.matrix("b1", 1, 16));
        let (w2, b2) = (g.vector("w2", 16), g.scalar("b2"));
        let loss = f::small_network((g.data(&a), g.data(&t)), (w1, b1), (w2, b2));
        recorded(&g, loss, vec![w1.var(), b1.var(), w2.var(), b2.var()])
    })
}

/// W3: [`f::rosenbrock`] of n variables.
pub fn rosenbrock(n: usize) -> Problem {
    Problem::new(&[(n, 1)], &symmetric(301, n, 1.0), &symmetric(302, n, 1.0), move || {
        let g = Graph::new();
        let x = g.vector("x", n);
        recorded(&g, f::rosenbrock(x), vec![x.var()])
    })
}

const MIXTURE: &str = include_str!("../data/gmm_d10_K5.txt");

/// W4: [`f::gaussian_mixture`] of ADBench, d = 10, K = 5, 1000 samples, 330 parameters (α, means, factors).
pub fn gaussian_mixture() -> Problem {
    let numbers: Vec<f64> = MIXTURE.split_whitespace().filter_map(|t| t.parse().ok()).collect();
    let (d, k, n) = (numbers[0] as usize, numbers[1] as usize, numbers[2] as usize);
    let (triangle, parameters) = (d * (d + 1) / 2, k * (1 + d + d * (d + 1) / 2));
    let (point, rest) = numbers[3..].split_at(parameters);
    let (samples, prior) = rest.split_at(n * d);
    let data = f::Samples { x: DMatrix::from_column_slice(d, n, samples), gamma: prior[0], m: prior[1] };
    // The file has one component after the other: columns here, so that its order is the stacked one already.
    let shapes = [(k, 1), (d * k, 1), (triangle * k, 1)];
    Problem::new(&shapes, point, &symmetric(402, parameters, 1.0), move || {
        let g = Graph::new();
        let (alpha, mu) = (g.vector("alpha", k), g.matrix("means", d, k));
        let icf = g.matrix("icf", triangle, k);
        let loss = f::gaussian_mixture(alpha, mu, icf, &data, &g);
        recorded(&g, loss, vec![alpha.var(), mu.var(), icf.var()])
    })
}

/// W7: [`f::gaussian_process`] of n points in eight dimensions, ten parameters.
pub fn gaussian_process(n: usize) -> Problem {
    let x = DMatrix::from_row_slice(n, 8, &symmetric(701, n * 8, 1.0));
    let y = symmetric(702, n, 1.0);
    let squares = DMatrix::from_fn(n * n, 8, |e, d| (x[(e % n, d)] - x[(e / n, d)]).powi(2));
    let point = [symmetric(703, 8, 0.3), vec![0.1, -1.0]].concat();
    Problem::new(&[(10, 1)], &point, &symmetric(704, 10, 1.0), move || {
        let g = Graph::new();
        let t = g.vector("t", 10);
        recorded(&g, f::gaussian_process(t, g.data(&squares), g.data(&y), &g), vec![t.var()])
    })
}

/// W6: [`f::luksan_vlcek`] of n variables.
pub fn luksan_vlcek(n: usize) -> Problem {
    let start = symmetric(601, n, 0.1);
    let point: Vec<f64> =
        start.iter().enumerate().map(|(i, s)| s + if i % 2 == 0 { -1.2 } else { 1.0 }).collect();
    let y = chain(n, true).multipliers;
    Problem::new(&[(n, 1)], &point, &symmetric(603, n, 1.0), move || {
        let g = Graph::new();
        let x = g.vector("x", n);
        recorded(&g, f::luksan_vlcek(x, g.data(&y)), vec![x.var()])
    })
}

/// W3's function of n variables, or with multipliers W6's, as scalars.
pub fn chain(n: usize, with_multipliers: bool) -> Chain {
    Chain { multipliers: if with_multipliers { symmetric(602, n - 2, 1.0) } else { Vec::new() } }
}
