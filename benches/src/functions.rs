//! The workloads, as a user writes them.

use hessite::{Graph, Matrix, Scalar};
use nalgebra::DMatrix;

/// ‖X·X·Y‖_F, the matrix function of the comparison: its mixed block d/dX[dL/dY] is full.
pub fn product_norm<'g>(x: Matrix<'g>, y: Matrix<'g>) -> Scalar<'g> {
    (x * x * y).norm()
}

/// The mean over the rows of Z of ln Σⱼ exp(zᵢⱼ) − zᵢₗ, l being the row's label; row i of `one_hot` is the unit vector
/// of its label.
pub fn softmax_loss<'g>(z: Matrix<'g>, one_hot: Matrix<'g>) -> Scalar<'g> {
    (z.row_logsumexp().sum() - z.dot(one_hot)) / z.nrows() as f64
}

/// A·W + 1·b: one layer; the bias b is a row.
pub fn layer<'g>(a: Matrix<'g>, w: Matrix<'g>, b: Matrix<'g>) -> Matrix<'g> {
    a * w + b.broadcast(a.nrows(), w.ncols())
}

/// ½ mean (f − t)² with f = tanh(A·W + 1·b)·w + c: a network of one hidden layer and one output.
pub fn small_network<'g>(
    (a, t): (Matrix<'g>, Matrix<'g>),
    (w1, b1): (Matrix<'g>, Matrix<'g>),
    (w2, b2): (Matrix<'g>, Scalar<'g>),
) -> Scalar<'g> {
    let f = (layer(a, w1, b1).tanh() * w2).add_scalar(b2);
    (f - t).norm_squared() * (0.5 / t.nrows() as f64)
}

/// Σᵢ 100 (xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)², Rosenbrock's function of n variables.
pub fn rosenbrock(x: Matrix<'_>) -> Scalar<'_> {
    let n = x.nrows() - 1;
    let (a, b) = (x.rows(0, n), x.rows(1, n));
    100.0 * (b - a.powi(2)).norm_squared() + a.add_scalar(-1.0).norm_squared()
}

/// The Lagrangian of Lukšan and Vlček's problem 5.1 (as in ExaModels), y being the multipliers:
/// Σᵢ 100 (xᵢ² − xᵢ₊₁)² + (xᵢ − 1)² + Σᵢ yᵢ cᵢ with, for a = xᵢ, b = xᵢ₊₁, c = xᵢ₊₂,
/// cᵢ = 3b³ + 2c − 5 + sin(b − c) sin(b + c) + 4b − a exp(a − b) − 3.
pub fn luksan_vlcek<'g>(x: Matrix<'g>, y: Matrix<'g>) -> Scalar<'g> {
    let n = x.nrows();
    let (p, q) = (x.rows(0, n - 1), x.rows(1, n - 1));
    let objective = 100.0 * (p.powi(2) - q).norm_squared() + p.add_scalar(-1.0).norm_squared();
    let (a, b, c) = (x.rows(0, n - 2), x.rows(1, n - 2), x.rows(2, n - 2));
    let constraint = (3.0 * b.powi(3) + 2.0 * c + (b - c).sin().component_mul((b + c).sin()) + 4.0 * b
        - a.component_mul((a - b).exp()))
    .add_scalar(-8.0);
    objective + y.dot(constraint)
}

/// ½ yᵀK⁻¹y + ½ ln det K, the likelihood of a Gaussian process up to a constant, with
/// Kᵢⱼ = exp(2t₉ − ½ Σ_d (x_id − x_jd)² exp(−2t_d)) + exp(2t₁₀) [i = j].
///
/// Column d of `squares` holds the n² squared differences (x_id − x_jd)².
pub fn gaussian_process<'g>(t: Matrix<'g>, squares: Matrix<'g>, y: Matrix<'g>, g: &'g Graph) -> Scalar<'g> {
    let (n, d) = (y.nrows(), squares.ncols());
    let distances = (squares * (t.rows(0, d) * -2.0).exp()).reshape(n, n);
    let noise = g.identity(n) * (t.entry(d + 1, 0) * 2.0).exp();
    let k = (distances * -0.5).add_scalar(t.entry(d, 0) * 2.0).exp() + noise;
    (y.dot(k.solve_positive_definite(y)) + k.log_determinant_positive_definite()) * 0.5
}

/// The data of a Gaussian mixture and its Wishart prior.
pub struct Samples {
    /// One sample a column: d×n.
    pub x: DMatrix<f64>,
    /// The prior's scale γ.
    pub gamma: f64,
    /// The prior's degrees of freedom beyond d, m.
    pub m: f64,
}

/// The log-likelihood of a Gaussian mixture without its constants, ADBench's:
/// Σᵢ ln Σₖ exp(αₖ + Σq ₖ − ½‖Qₖ(xᵢ − μₖ)‖²) − n ln Σₖ exp αₖ + Σₖ (½γ²‖Qₖ‖² − m Σqₖ).
///
/// Qₖ is lower triangular with diagonal exp qₖ. α has K entries, μ is d×K, and column k of `icf` holds qₖ, then what
/// stands below the diagonal of Qₖ, column by column.
pub fn gaussian_mixture<'g>(
    alpha: Matrix<'g>,
    mu: Matrix<'g>,
    icf: Matrix<'g>,
    data: &Samples,
    g: &'g Graph,
) -> Scalar<'g> {
    let (d, n) = data.x.shape();
    let x = g.data(&data.x);
    let (q, low) = (icf.rows(0, d), icf.rows(d, icf.nrows() - d));
    let (exp_q, sum_q) = (q.exp(), q.row_sum());
    let below = g.data(&strictly_lower(d)) * low;
    let main = (0..mu.ncols()).map(|k| {
        let factor = exp_q.column(k).from_diagonal() + below.column(k).reshape(d, d);
        let z = factor * (x - mu.column(k).broadcast(d, n));
        let weight = alpha.entry(k, 0) + sum_q.entry(0, k);
        (z.powi(2).row_sum() * -0.5).add_scalar(weight)
    });
    let likelihood = match main.reduce(|above, row| above.vcat(row)) {
        Some(main) => main.column_logsumexp().sum(),
        None => g.constant(0.0),
    };
    let prior = (exp_q.norm_squared() + low.norm_squared()) * (0.5 * data.gamma * data.gamma);
    likelihood - alpha.logsumexp() * n as f64 + prior - sum_q.sum() * data.m
}

/// The d²×d(d−1)/2 matrix of zeros and ones that puts numbers below the diagonal of a d×d matrix, column by column.
fn strictly_lower(d: usize) -> DMatrix<f64> {
    let mut s = DMatrix::zeros(d * d, d * (d - 1) / 2);
    let below = (0..d).flat_map(|j| (j + 1..d).map(move |i| i + d * j));
    for (p, at) in below.enumerate() {
        s[(at, p)] = 1.0;
    }
    s
}
