//! Second derivatives by differences, with one step for all entries. `x` is moved in place and put back.

/// A gradient: fills its second argument.
pub trait Gradient: FnMut(&[f64], &mut [f64]) {}
impl<F: FnMut(&[f64], &mut [f64])> Gradient for F {}

/// The step of central differences of a gradient that balances truncation and rounding for entries around 1: ∛ε.
pub const CENTRAL: f64 = 6.055e-6;
/// The same of forward differences, √ε.
pub const FORWARD: f64 = 1.490e-8;
/// The same of second differences of a value, ∜ε.
pub const SECOND: f64 = 1.22e-4;

fn moved(x: &[f64], h: f64, v: &[f64], to: &mut [f64]) {
    to.iter_mut().zip(x).zip(v).for_each(|((to, x), v)| *to = x + h * v);
}

/// (∇f(x + hv) − ∇f(x − hv))/2h.
pub struct Central {
    at: Vec<f64>,
    back: Vec<f64>,
}

impl Central {
    /// For `n` variables.
    pub fn new(n: usize) -> Self {
        Central { at: vec![0.0; n], back: vec![0.0; n] }
    }

    /// H·v by two gradients.
    pub fn hvp(&mut self, mut gradient: impl Gradient, x: &[f64], v: &[f64], h: f64, out: &mut [f64]) {
        moved(x, h, v, &mut self.at);
        gradient(&self.at, out);
        moved(x, -h, v, &mut self.at);
        gradient(&self.at, &mut self.back);
        out.iter_mut().zip(&self.back).for_each(|(o, b)| *o = (*o - b) / (2.0 * h));
    }

    /// H·v by one gradient more than `here`, the gradient at x: (∇f(x + hv) − ∇f(x))/h.
    pub fn forward_hvp(
        &mut self,
        mut gradient: impl Gradient,
        (x, here): (&[f64], &[f64]),
        v: &[f64],
        h: f64,
        out: &mut [f64],
    ) {
        moved(x, h, v, &mut self.at);
        gradient(&self.at, out);
        out.iter_mut().zip(here).for_each(|(o, g)| *o = (*o - g) / h);
    }

    /// Columns `variables` of H, each by two gradients, of which the same entries are kept: a block of the Hessian
    /// on its diagonal.
    pub fn hessian(
        &mut self,
        mut gradient: impl Gradient,
        x: &[f64],
        variables: std::ops::Range<usize>,
        h: f64,
        out: &mut [f64],
    ) {
        let mut ahead = vec![0.0; x.len()];
        self.at.copy_from_slice(x);
        for (column, k) in out.chunks_exact_mut(variables.len()).zip(variables.clone()) {
            self.at[k] = x[k] + h;
            gradient(&self.at, &mut ahead);
            self.at[k] = x[k] - h;
            gradient(&self.at, &mut self.back);
            self.at[k] = x[k];
            let pairs = ahead[variables.clone()].iter().zip(&self.back[variables.clone()]);
            column.iter_mut().zip(pairs).for_each(|(o, (a, b))| *o = (a - b) / (2.0 * h));
        }
    }
}

/// The block of the Hessian over `variables` from values alone:
/// (f(x + hi + hj) − f(x + hi − hj) − f(x − hi + hj) + f(x − hi − hj))/4h².
pub fn second_differences(
    mut value: impl FnMut(&[f64]) -> f64,
    x: &[f64],
    variables: std::ops::Range<usize>,
    h: f64,
    out: &mut [f64],
) {
    let (n, first) = (variables.len(), variables.start);
    let mut at = x.to_vec();
    let mut moved = |i: usize, j: usize, si: f64, sj: f64| {
        at[i] += si * h;
        at[j] += sj * h;
        let f = value(&at);
        at[i] = x[i];
        at[j] = x[j];
        f
    };
    for i in 0..n {
        for j in 0..=i {
            let (a, b) = (first + i, first + j);
            let same = moved(a, b, 1.0, 1.0) + moved(a, b, -1.0, -1.0);
            let second = (same - moved(a, b, 1.0, -1.0) - moved(a, b, -1.0, 1.0)) / (4.0 * h * h);
            out[i + n * j] = second;
            out[j + n * i] = second;
        }
    }
}

/// The same from values ahead of the point: (f(x + hi + hj) − f(x + hi) − f(x + hj) + f(x))/h².
pub fn forward_second_differences(
    mut value: impl FnMut(&[f64]) -> f64,
    x: &[f64],
    variables: std::ops::Range<usize>,
    h: f64,
    out: &mut [f64],
) {
    let (n, first) = (variables.len(), variables.start);
    let (mut at, here) = (x.to_vec(), value(x));
    let mut single = vec![0.0; n];
    for (i, single) in single.iter_mut().enumerate() {
        at[first + i] = x[first + i] + h;
        *single = value(&at);
        at[first + i] = x[first + i];
    }
    for i in 0..n {
        for j in 0..=i {
            at[first + i] += h;
            at[first + j] += h;
            let second = (value(&at) - single[i] - single[j] + here) / (h * h);
            at[first + i] = x[first + i];
            at[first + j] = x[first + j];
            out[i + n * j] = second;
            out[j + n * i] = second;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a cubic, x₀³ + x₀²x₁: every difference here is exact but for rounding and a term of h².
    fn value(x: &[f64]) -> f64 {
        x[0].powi(3) + x[0] * x[0] * x[1]
    }

    fn gradient(x: &[f64], g: &mut [f64]) {
        g[0] = 3.0 * x[0] * x[0] + 2.0 * x[0] * x[1];
        g[1] = x[0] * x[0];
    }

    const X: [f64; 2] = [0.7, -0.4];
    /// [6x₀ + 2x₁, 2x₀; 2x₀, 0].
    const H: [f64; 4] = [3.4, 1.4, 1.4, 0.0];

    fn close(a: &[f64], b: &[f64], tolerance: f64) {
        assert!(a.iter().zip(b).all(|(x, y)| (x - y).abs() < tolerance), "{a:?} {b:?}");
    }

    #[test]
    fn differences_of_the_gradient_approach_the_hessian() {
        let (mut d, mut h, mut hv, mut here) = (Central::new(2), [0.0; 4], [0.0; 2], [0.0; 2]);
        d.hessian(gradient, &X, 0..2, CENTRAL, &mut h);
        close(&h, &H, 1e-9);
        d.hessian(gradient, &X, 1..2, CENTRAL, &mut h[..1]);
        close(&h[..1], &H[3..], 1e-9);
        let expected = [H[0] - 2.0 * H[2], H[1] - 2.0 * H[3]];
        d.hvp(gradient, &X, &[1.0, -2.0], CENTRAL, &mut hv);
        close(&hv, &expected, 1e-9);
        gradient(&X, &mut here);
        d.forward_hvp(gradient, (&X, &here), &[1.0, -2.0], FORWARD, &mut hv);
        close(&hv, &expected, 1e-6);
    }

    #[test]
    fn second_differences_of_the_value_approach_the_hessian() {
        let mut h = [0.0; 4];
        second_differences(value, &X, 0..2, SECOND, &mut h);
        close(&h, &H, 1e-6);
        // Their error is 6h in the first entry, 2h beside it.
        forward_second_differences(value, &X, 0..2, SECOND, &mut h);
        close(&h, &H, 1e-3);
    }
}
