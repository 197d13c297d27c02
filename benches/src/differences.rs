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

/// f around x.
struct Around<'x, F> {
    value: F,
    x: &'x [f64],
    at: Vec<f64>,
}

impl<'x, F: FnMut(&[f64]) -> f64> Around<'x, F> {
    fn new(value: F, x: &'x [f64]) -> Self {
        Around { value, x, at: x.to_vec() }
    }

    /// f where entry i is moved by hi and entry j by hj.
    fn moved(&mut self, (i, hi): (usize, f64), (j, hj): (usize, f64)) -> f64 {
        self.at[i] += hi;
        self.at[j] += hj;
        let f = (self.value)(&self.at);
        self.at[i] = self.x[i];
        self.at[j] = self.x[j];
        f
    }
}

/// Fills a symmetric n×n block with `entry(i, j)`, j ≤ i.
fn mirrored(n: usize, out: &mut [f64], mut entry: impl FnMut(usize, usize) -> f64) {
    for i in 0..n {
        for j in 0..=i {
            out[i + n * j] = entry(i, j);
            out[j + n * i] = out[i + n * j];
        }
    }
}

/// The block of the Hessian over `variables` from values alone:
/// (f(x + hi + hj) − f(x + hi − hj) − f(x − hi + hj) + f(x − hi − hj))/4h².
pub fn second_differences(
    value: impl FnMut(&[f64]) -> f64,
    x: &[f64],
    variables: std::ops::Range<usize>,
    h: f64,
    out: &mut [f64],
) {
    let (mut f, first) = (Around::new(value, x), variables.start);
    mirrored(variables.len(), out, |i, j| {
        let (a, b) = (first + i, first + j);
        let same = f.moved((a, h), (b, h)) + f.moved((a, -h), (b, -h));
        (same - f.moved((a, h), (b, -h)) - f.moved((a, -h), (b, h))) / (4.0 * h * h)
    });
}

/// The same from values ahead of the point: (f(x + hi + hj) − f(x + hi) − f(x + hj) + f(x))/h².
pub fn forward_second_differences(
    value: impl FnMut(&[f64]) -> f64,
    x: &[f64],
    variables: std::ops::Range<usize>,
    h: f64,
    out: &mut [f64],
) {
    let (mut f, first) = (Around::new(value, x), variables.start);
    let here = (f.value)(x);
    let single: Vec<f64> = variables.clone().map(|a| f.moved((a, h), (a, 0.0))).collect();
    mirrored(variables.len(), out, |i, j| {
        (f.moved((first + i, h), (first + j, h)) - single[i] - single[j] + here) / (h * h)
    });
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
