//! Divided differences f[x₀, …, xₖ] of a smooth function at points of a fixed list, equal ones included.
//!
//! Points that lie close together take the Taylor form Σₘ cₖ₊ₘ hₘ(x − c), with cₘ = f⁽ᵐ⁾(c)/m! and hₘ the complete
//! homogeneous symmetric polynomials, which does not cancel; others the quotient (f[x₁…xₖ] − f[x₀…xₖ₋₁])/(xₖ − x₀)
//! with x₀ and xₖ the outermost. Both carry an estimate of their error, and the better one is taken. (Higham,
//! Functions of Matrices, 2008, B.16; McCurdy, Ng & Parlett, Math. Comp. 43, 1984.)

/// Taylor coefficients kept for each point.
pub(crate) const TERMS: usize = 30;

/// A number and an estimate of its error.
#[derive(Clone, Copy)]
struct Estimate {
    value: f64,
    error: f64,
}

/// Divided differences at these points.
pub(crate) struct Differences<'a> {
    points: &'a [f64],
    /// The piece that the function has at each point; none where there is but one.
    pieces: Vec<u8>,
    /// [`TERMS`] Taylor coefficients for each point.
    coefficients: Vec<f64>,
    /// The growth of the coefficients of each point: about 1/(radius of convergence).
    growth: Vec<f64>,
    /// f[xᵢ, xⱼ] for i ≤ j at i + j(j + 1)/2, if made.
    first: Vec<Estimate>,
}

/// The most points of a divided difference.
const MOST: usize = 8;

impl<'a> Differences<'a> {
    /// By [`TERMS`] Taylor coefficients for each point. Points of different `pieces` share no Taylor series; the list may
    /// be empty where there is but one piece.
    pub fn of_coefficients(points: &'a [f64], pieces: Vec<u8>, coefficients: Vec<f64>) -> Self {
        let growth = |c: &[f64]| {
            let late = c.iter().enumerate().skip(TERMS - 6);
            late.fold(0.0, |g: f64, (m, c)| g.max(c.abs().powf(1.0 / m as f64)))
        };
        let growth = coefficients.chunks_exact(TERMS).map(growth).collect();
        Differences { points, pieces, coefficients, growth, first: Vec::new() }
    }

    /// Keeps all f[xᵢ, xⱼ], for many differences of higher order.
    pub fn with_first(mut self) -> Self {
        let mut all = Vec::with_capacity(self.points.len() * (self.points.len() + 1) / 2);
        for j in 0..self.points.len() {
            for i in 0..=j {
                all.push(self.estimate(&self.sorted(&[i, j])[..2]));
            }
        }
        self.first = all;
        self
    }

    /// f[xᵢ, xⱼ, …] for these numbers of points.
    ///
    /// # Panics
    /// If there are none, or more than eight.
    pub fn at(&self, indices: &[usize]) -> f64 {
        self.estimate(&self.sorted(indices)[..indices.len()]).value
    }

    /// f[xᵢ, xⱼ, …] for numbers of points in rising order.
    pub fn at_rising(&self, indices: &[usize]) -> f64 {
        self.estimate(indices).value
    }

    fn sorted(&self, indices: &[usize]) -> [usize; MOST] {
        let mut all = [0; MOST];
        all[..indices.len()].copy_from_slice(indices);
        all[..indices.len()].sort_by(|&i, &j| self.points[i].total_cmp(&self.points[j]));
        all
    }

    /// For points in rising order.
    fn estimate(&self, at: &[usize]) -> Estimate {
        let last = at.len() - 1;
        if last == 0 {
            let value = self.coefficients[at[0] * TERMS];
            return Estimate { value, error: f64::EPSILON * value.abs() };
        }
        if let (&[i, j], false) = (at, self.first.is_empty()) {
            let (i, j) = (i.min(j), i.max(j));
            return self.first[i + j * (j + 1) / 2];
        }
        let spread = self.points[at[last]] - self.points[at[0]];
        let centre = at[at.len() / 2];
        let whole = |i: &usize| self.pieces.get(*i) == self.pieces.get(centre);
        let distance = spread * self.growth[centre];
        let near = spread == 0.0 || (distance < 0.7 && at.iter().all(whole));
        let first = if distance > 0.1 || !near { Some(self.quotient(at, spread)) } else { None };
        if let Some(q) = first
            && (!near || q.error <= 64.0 * f64::EPSILON * q.value.abs())
        {
            return q;
        }
        let taylor = self.taylor(at, centre);
        if spread == 0.0 {
            return taylor;
        }
        if taylor.error <= 8.0 * f64::EPSILON * taylor.value.abs() {
            return taylor;
        }
        let quotient = first.unwrap_or_else(|| self.quotient(at, spread));
        if taylor.error <= quotient.error { taylor } else { quotient }
    }

    fn quotient(&self, at: &[usize], spread: f64) -> Estimate {
        let (upper, lower) = (self.estimate(&at[1..]), self.estimate(&at[..at.len() - 1]));
        let rounding = f64::EPSILON * (upper.value.abs() + lower.value.abs());
        Estimate {
            value: (upper.value - lower.value) / spread,
            error: (upper.error + lower.error + rounding) / spread,
        }
    }

    /// Σₘ cₖ₊ₘ hₘ.
    fn taylor(&self, at: &[usize], centre: usize) -> Estimate {
        let c = &self.coefficients[centre * TERMS..(centre + 1) * TERMS];
        let order = at.len() - 1;
        let mut offsets = [0.0; MOST];
        for (o, &i) in offsets.iter_mut().zip(at) {
            *o = self.points[i] - self.points[centre];
        }
        // h[r] is hₘ of the first r + 1 offsets; h₀ = 1.
        let mut h = [1.0; MOST];
        let (mut sum, mut size, mut tail) = (0.0, 0.0, [f64::INFINITY; 3]);
        for (m, &c) in c[order..].iter().enumerate() {
            if m > 0 {
                let mut before = 0.0;
                for (h, o) in h.iter_mut().zip(&offsets[..=order]) {
                    before += o * *h;
                    *h = before;
                }
            }
            let term = if h[order] == 0.0 { 0.0 } else { c * h[order] };
            sum += term;
            size += f64::abs(term);
            tail = [tail[1], tail[2], term.abs()];
            if tail.iter().all(|t| *t <= 0.25 * f64::EPSILON * size) {
                break;
            }
        }
        let left = tail.iter().fold(0.0, |m: f64, t| m.max(*t));
        // Where the terms leave the range of numbers there is no sum.
        match sum.is_finite() {
            true => Estimate { value: sum, error: 2.0 * left + f64::EPSILON * size },
            false => Estimate { value: f64::NAN, error: f64::INFINITY },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_series(points: &[f64], series: impl Fn(f64, &mut [f64])) -> Differences<'_> {
        let mut coefficients = vec![0.0; points.len() * TERMS];
        points.iter().zip(coefficients.chunks_exact_mut(TERMS)).for_each(|(&x, c)| series(x, c));
        Differences::of_coefficients(points, Vec::new(), coefficients)
    }

    fn exponential(points: &[f64]) -> Differences<'_> {
        of_series(points, |x, c| {
            let mut factorial = 1.0;
            for (m, c) in c.iter_mut().enumerate() {
                factorial *= m.max(1) as f64;
                *c = x.exp() / factorial;
            }
        })
    }

    fn reciprocal(points: &[f64]) -> Differences<'_> {
        of_series(points, |x, c| {
            for (m, c) in c.iter_mut().enumerate() {
                *c = if m % 2 == 0 { 1.0 } else { -1.0 } * x.powi(-1 - m as i32);
            }
        })
    }

    /// (−1)ᵏ/∏xᵢ, for every triple and quadruple of points at all distances.
    #[test]
    fn differences_of_the_reciprocal_are_reciprocal_products() {
        let points = [0.01, 0.5, 0.5 + 1e-12, 0.5 + 1e-6, 0.501, 0.55, 0.8, 1.3, 1.3, 7.0, 900.0];
        for d in [reciprocal(&points), reciprocal(&points).with_first()] {
            let n = points.len();
            for code in 0..n * n * n * n {
                let all = [code % n, code / n % n, code / n / n % n, code / n / n / n];
                for k in 2..=4 {
                    let product: f64 = all[..k].iter().map(|&i| points[i]).product();
                    let expected = if k % 2 == 1 { 1.0 } else { -1.0 } / product;
                    let got = d.at(&all[..k]);
                    let error = (got - expected).abs() / expected.abs();
                    assert!(error < 2e-13, "{:?}: {got:e}, {expected:e}, {error:e}", &all[..k]);
                }
            }
        }
    }

    #[test]
    fn differences_of_the_exponential_at_equal_and_nearly_equal_points() {
        let x = [-30.0, 0.3, 0.3, 0.3 + 1e-9, 2.0, 40.0];
        let d = exponential(&x);
        let e = x[1].exp();
        assert!((d.at(&[1, 2]) / e - 1.0).abs() < 4e-16);
        assert!((d.at(&[1, 1, 1, 1]) / (e / 6.0) - 1.0).abs() < 4e-16);
        // f[a, a + h] = eᵃ (eʰ − 1)/h.
        let h = x[3] - x[1];
        assert!((d.at(&[1, 3]) / (e * h.exp_m1() / h) - 1.0).abs() < 4e-16);
        let h = x[4] - x[1];
        assert!((d.at(&[4, 1]) / (e * h.exp_m1() / h) - 1.0).abs() < 1e-15);
        // f[a, a, b] = (f[a, b] − f′(a))/(b − a).
        let expected = e * (h.exp_m1() / h - 1.0) / h;
        assert!((d.at(&[2, 4, 1]) / expected - 1.0).abs() < 4e-15);
        let far = (x[5].exp() - x[0].exp()) / 70.0;
        assert!((d.at(&[0, 5]) / far - 1.0).abs() < 1e-15);
    }
}
