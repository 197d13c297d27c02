//! ‖X·X·Y‖_F differentiated by hand: the limit that an engine is measured against.
//!
//! With P = X·X, W = X·Y, Z = X·W, f = ‖Z‖, R = Z/f the adjoints are W̄ = XᵀR, X̄ = RWᵀ + W̄Yᵀ, Ȳ = XᵀW̄. Matrices are
//! multiplied by nalgebra, that is by matrixmultiply, and transposed first where they stand transposed: nalgebra's
//! products with a transposed side are several times slower.

use nalgebra::DMatrix;

/// What does not depend on a direction, and scratch for what does.
pub struct ProductNorm {
    x: DMatrix<f64>,
    xt: DMatrix<f64>,
    y: DMatrix<f64>,
    yt: DMatrix<f64>,
    w: DMatrix<f64>,
    wt: DMatrix<f64>,
    /// R, W̄.
    r: DMatrix<f64>,
    w_bar: DMatrix<f64>,
    f: f64,
    /// Ẋᵀ or Ẏᵀ, Ẇ, Ṙ, W̄̇, and Ẇᵀ.
    turned: DMatrix<f64>,
    w_dot: DMatrix<f64>,
    r_dot: DMatrix<f64>,
    w_bar_dot: DMatrix<f64>,
    w_dot_t: DMatrix<f64>,
}

impl ProductNorm {
    /// For n×n matrices; the point is set by [`update`](ProductNorm::update).
    pub fn new(n: usize) -> Self {
        let zero = || DMatrix::zeros(n, n);
        ProductNorm {
            x: zero(),
            xt: zero(),
            y: zero(),
            yt: zero(),
            w: zero(),
            wt: zero(),
            r: zero(),
            w_bar: zero(),
            f: 0.0,
            turned: zero(),
            w_dot: zero(),
            r_dot: zero(),
            w_bar_dot: zero(),
            w_dot_t: zero(),
        }
    }

    /// Moves to (X, Y), and computes L and W̄: three products.
    pub fn update(&mut self, x: &DMatrix<f64>, y: &DMatrix<f64>) -> f64 {
        self.x.copy_from(x);
        self.y.copy_from(y);
        x.transpose_to(&mut self.xt);
        y.transpose_to(&mut self.yt);
        self.w.gemm(1.0, x, y, 0.0);
        self.w.transpose_to(&mut self.wt);
        self.r.gemm(1.0, x, &self.w, 0.0);
        self.f = self.r.norm();
        self.r /= self.f;
        self.w_bar.gemm(1.0, &self.xt, &self.r, 0.0);
        self.f
    }

    /// X̄ and Ȳ: three products more.
    pub fn gradient(&self, x_bar: &mut DMatrix<f64>, y_bar: &mut DMatrix<f64>) {
        x_bar.gemm(1.0, &self.r, &self.wt, 0.0);
        x_bar.gemm(1.0, &self.w_bar, &self.yt, 1.0);
        y_bar.gemm(1.0, &self.xt, &self.w_bar, 0.0);
    }

    /// H·(Ẋ, Ẏ) by twelve products:
    /// Ẇ = ẊY + XẎ, Ż = ẊW + XẆ, Ṙ = (Ż − R⟨R, Ż⟩)/f, W̄̇ = ẊᵀR + XᵀṘ,
    /// X̄̇ = ṘWᵀ + RẆᵀ + W̄̇Yᵀ + W̄Ẏᵀ, Ȳ̇ = ẊᵀW̄ + XᵀW̄̇.
    pub fn hvp(
        &mut self,
        x_dot: &DMatrix<f64>,
        y_dot: &DMatrix<f64>,
        x_bar_dot: &mut DMatrix<f64>,
        y_bar_dot: &mut DMatrix<f64>,
    ) {
        self.w_dot.gemm(1.0, x_dot, &self.y, 0.0);
        self.w_dot.gemm(1.0, &self.x, y_dot, 1.0);
        self.w_dot.transpose_to(&mut self.w_dot_t);
        self.r_dot.gemm(1.0, x_dot, &self.w, 0.0);
        self.r_dot.gemm(1.0, &self.x, &self.w_dot, 1.0);
        let along = self.r.dot(&self.r_dot);
        self.r_dot.zip_apply(&self.r, |z, r| *z = (*z - r * along) / self.f);

        y_dot.transpose_to(&mut self.turned);
        x_bar_dot.gemm(1.0, &self.r_dot, &self.wt, 0.0);
        x_bar_dot.gemm(1.0, &self.r, &self.w_dot_t, 1.0);
        x_bar_dot.gemm(1.0, &self.w_bar, &self.turned, 1.0);

        x_dot.transpose_to(&mut self.turned);
        self.w_bar_dot.gemm(1.0, &self.turned, &self.r, 0.0);
        self.w_bar_dot.gemm(1.0, &self.xt, &self.r_dot, 1.0);
        x_bar_dot.gemm(1.0, &self.w_bar_dot, &self.yt, 1.0);
        y_bar_dot.gemm(1.0, &self.turned, &self.w_bar, 0.0);
        y_bar_dot.gemm(1.0, &self.xt, &self.w_bar_dot, 1.0);
    }
}

/// d²L/dY² column by column: ∂²L/∂Yᵢⱼ∂Yₖₗ = (δⱼₗ (PᵀP)ᵢₖ − Ȳᵢⱼ Ȳₖₗ)/f.
pub fn hessian_yy(x: &DMatrix<f64>, y: &DMatrix<f64>, out: &mut [f64]) {
    let n = x.nrows();
    let p = x * x;
    let pt = p.transpose();
    let z = &p * y;
    let f = z.norm();
    let (m, y_bar) = (&pt * &p / f, &pt * &z / f);
    for (c, column) in out.chunks_exact_mut(n * n).enumerate() {
        let (k, l) = (c % n, c / n);
        let s = -y_bar[c] / f;
        column.iter_mut().zip(y_bar.iter()).for_each(|(h, g)| *h = s * g);
        column[n * l..n * (l + 1)].iter_mut().zip(m.column(k).iter()).for_each(|(h, m)| *h += m);
    }
}

/// d/dX[dL/dY] column by column:
/// ∂²L/∂Xᵢⱼ∂Yₖₗ = Rᵢₗ Xⱼₖ + δⱼₖ W̄ᵢₗ + (Pᵢₖ Wⱼₗ + (XᵀP)ᵢₖ Yⱼₗ − X̄ᵢⱼ Ȳₖₗ)/f.
pub fn block_xy(x: &DMatrix<f64>, y: &DMatrix<f64>, out: &mut [f64]) {
    let n = x.nrows();
    let xt = x.transpose();
    let (p, w) = (x * x, x * y);
    let z = x * &w;
    let f = z.norm();
    let r = z / f;
    let w_bar = &xt * &r;
    let x_bar = &r * w.transpose() + &w_bar * y.transpose();
    let (y_bar, xtp) = (&xt * &w_bar / f, &xt * &p / f);
    let p = p / f;
    for (c, block) in out.chunks_exact_mut(n * n).enumerate() {
        let (k, l) = (c % n, c / n);
        let columns = (r.column(l), p.column(k), xtp.column(k));
        for (j, column) in block.chunks_exact_mut(n).enumerate() {
            let (a, b, d, e) = (x[(j, k)], w[(j, l)], y[(j, l)], -y_bar[c]);
            let bars = x_bar.column(j);
            let terms = columns.0.iter().zip(columns.1.iter()).zip(columns.2.iter()).zip(bars.iter());
            for (h, (((r, p), q), x)) in column.iter_mut().zip(terms) {
                *h = a * r + b * p + d * q + e * x;
            }
        }
        let diagonal = &mut block[n * k..n * (k + 1)];
        diagonal.iter_mut().zip(w_bar.column(l).iter()).for_each(|(h, w)| *h += w);
    }
}

/// The gradient over (X, Y) stacked, for differences to take.
pub fn gradient_of_stacked(n: usize) -> impl FnMut(&[f64], &mut [f64]) {
    let mut hand = ProductNorm::new(n);
    let zero = || DMatrix::zeros(n, n);
    let (mut x, mut y, mut gx, mut gy) = (zero(), zero(), zero(), zero());
    move |at, out| {
        x.copy_from_slice(&at[..n * n]);
        y.copy_from_slice(&at[n * n..]);
        hand.update(&x, &y);
        hand.gradient(&mut gx, &mut gy);
        out[..n * n].copy_from_slice(gx.as_slice());
        out[n * n..].copy_from_slice(gy.as_slice());
    }
}

/// The value at (X, Y) stacked.
pub fn value_of_stacked(n: usize) -> impl FnMut(&[f64]) -> f64 {
    let zero = || DMatrix::zeros(n, n);
    let (mut x, mut y, mut w, mut z) = (zero(), zero(), zero(), zero());
    move |at| {
        x.copy_from_slice(&at[..n * n]);
        y.copy_from_slice(&at[n * n..]);
        w.gemm(1.0, &x, &y, 0.0);
        z.gemm(1.0, &x, &w, 0.0);
        z.norm()
    }
}

/// ∂² log det X / ∂Xᵢⱼ∂Xₖₗ = −(X⁻¹)ⱼₖ (X⁻¹)ₗᵢ, columns (k, l); NaN where X has no inverse.
pub fn hessian_of_log_determinant(x: &DMatrix<f64>, out: &mut [f64]) {
    let n = x.nrows();
    let Some(inverse) = x.clone().try_inverse() else { return out.fill(f64::NAN) };
    let inverse = &inverse;
    for (e, column) in out.chunks_exact_mut(n * n).enumerate() {
        let (k, l) = (e % n, e / n);
        for (j, part) in column.chunks_exact_mut(n).enumerate() {
            let factor = -inverse[(j, k)];
            for (i, x) in part.iter_mut().enumerate() {
                *x = factor * inverse[(l, i)];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::product_norm;
    use crate::requests::{Request, Session};

    const N: usize = 5;

    fn close(a: &[f64], b: &[f64]) {
        let scale = b.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        // Sums of fewer than 100 products, in two orders.
        assert!(a.iter().zip(b).all(|(x, y)| (x - y).abs() < 100.0 * f64::EPSILON * scale));
    }

    fn pair(stacked: &[f64]) -> (DMatrix<f64>, DMatrix<f64>) {
        let (x, y) = stacked.split_at(N * N);
        (DMatrix::from_column_slice(N, N, x), DMatrix::from_column_slice(N, N, y))
    }

    #[test]
    fn products_by_hand_are_those_of_hessite() {
        let p = product_norm(N, 1);
        let ((x, y), (vx, vy)) = (pair(&p.point), pair(&p.directions));
        let (mut hx, mut hy) = (DMatrix::zeros(N, N), DMatrix::zeros(N, N));
        let mut hand = ProductNorm::new(N);
        assert!((hand.update(&x, &y) - (&x * &x * &y).norm()).abs() < 1e-14);
        hand.gradient(&mut hx, &mut hy);
        let gradient = Session::start(&p, Request::Gradient).unwrap();
        close(gradient.stacked(), &[hx.as_slice(), hy.as_slice()].concat());
        hand.hvp(&vx, &vy, &mut hx, &mut hy);
        let hvp = Session::start(&p, Request::Hvp).unwrap();
        close(hvp.stacked(), &[hx.as_slice(), hy.as_slice()].concat());
    }

    #[test]
    fn blocks_by_hand_are_those_of_hessite() {
        let p = product_norm(N, 0);
        let (x, y) = pair(&p.point);
        let mut out = vec![0.0; N.pow(4)];
        hessian_yy(&x, &y, &mut out);
        close(Session::start(&p, Request::Block(1, 1)).unwrap().stacked(), &out);
        block_xy(&x, &y, &mut out);
        close(Session::start(&p, Request::Block(0, 1)).unwrap().stacked(), &out);
    }
}
