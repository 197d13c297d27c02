//! W3 and W6 as anyone writes them for scalars, element by element, and their gradients and Hessians by hand, which have
//! no entry further from the diagonal than one.

use std::ops::{Add, Mul, Sub};

/// What engines of scalars have in common.
pub trait Number: Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> {}
impl<T: Copy + Add<Output = T> + Sub<Output = T> + Mul<Output = T>> Number for T {}

/// A kind of number: its constants and functions.
pub struct Arithmetic<T> {
    /// A constant.
    pub constant: fn(f64) -> T,
    /// The exponential.
    pub exp: fn(T) -> T,
    /// The sine.
    pub sin: fn(T) -> T,
}

/// W3's element, also W6's objective: 100 (b − a²)² + (a − 1)².
pub fn valley<T: Number>(k: &Arithmetic<T>, a: T, b: T) -> T {
    let (r, s) = (b - a * a, a - (k.constant)(1.0));
    (k.constant)(100.0) * r * r + s * s
}

/// W6's constraint 3b³ + 2c − 5 + sin(b − c) sin(b + c) + 4b − a exp(a − b) − 3.
pub fn constraint<T: Number>(k: &Arithmetic<T>, a: T, b: T, c: T) -> T {
    let (sin, exp, of) = (k.sin, k.exp, k.constant);
    of(3.0) * b * b * b + of(2.0) * c + sin(b - c) * sin(b + c) + of(4.0) * b - a * exp(a - b) - of(8.0)
}

/// W3, or with multipliers W6.
#[derive(Clone, Debug)]
pub struct Chain {
    /// W6's multipliers, two fewer than variables; W3 has none.
    pub multipliers: Vec<f64>,
}

impl Chain {
    /// The value at x.
    pub fn value<T: Number>(&self, k: &Arithmetic<T>, x: &[T]) -> T {
        let zero = (k.constant)(0.0);
        let objective = x.windows(2).fold(zero, |sum, w| sum + valley(k, w[0], w[1]));
        let constraints = x.windows(3).zip(&self.multipliers);
        constraints.fold(objective, |sum, (w, &y)| sum + (k.constant)(y) * constraint(k, w[0], w[1], w[2]))
    }

    /// The gradient by hand.
    pub fn gradient(&self, x: &[f64], out: &mut [f64]) {
        out.fill(0.0);
        for (i, w) in x.windows(2).enumerate() {
            let r = w[1] - w[0] * w[0];
            out[i] += 2.0 * (w[0] - 1.0) - 400.0 * w[0] * r;
            out[i + 1] += 200.0 * r;
        }
        for (i, (w, y)) in x.windows(3).zip(&self.multipliers).enumerate() {
            // sin(b − c) sin(b + c) = sin² b − sin² c.
            let (a, b, c, e) = (w[0], w[1], w[2], (w[0] - w[1]).exp());
            out[i] -= y * e * (1.0 + a);
            out[i + 1] += y * (9.0 * b * b + 4.0 + (2.0 * b).sin() + a * e);
            out[i + 2] += y * (2.0 - (2.0 * c).sin());
        }
    }

    /// The Hessian by hand: its diagonal, then what stands beside it.
    pub fn bands(&self, x: &[f64], out: &mut [f64]) {
        let (diagonal, beside) = out.split_at_mut(x.len());
        diagonal.fill(0.0);
        for (i, w) in x.windows(2).enumerate() {
            diagonal[i] += 1200.0 * w[0] * w[0] - 400.0 * w[1] + 2.0;
            diagonal[i + 1] += 200.0;
            beside[i] = -400.0 * w[0];
        }
        for (i, (w, y)) in x.windows(3).zip(&self.multipliers).enumerate() {
            let (a, b, c, e) = (w[0], w[1], w[2], (w[0] - w[1]).exp());
            diagonal[i] -= y * e * (2.0 + a);
            diagonal[i + 1] += y * (18.0 * b + 2.0 * (2.0 * b).cos() - a * e);
            diagonal[i + 2] -= y * 2.0 * (2.0 * c).cos();
            beside[i] += y * e * (1.0 + a);
        }
    }
}

/// The product of a symmetric tridiagonal matrix, as [`Chain::bands`] has it, with v.
pub fn tridiagonal(bands: &[f64], v: &[f64], out: &mut [f64]) {
    let (diagonal, beside) = bands.split_at(v.len());
    out.iter_mut().zip(diagonal).zip(v).for_each(|((o, d), v)| *o = d * v);
    for (i, b) in beside.iter().enumerate() {
        out[i] += b * v[i + 1];
        out[i + 1] += b * v[i];
    }
}

/// Columns whose rows don't meet have one colour: three of them, i mod 3. Their sums, one after the other.
pub fn seeds(n: usize) -> Vec<f64> {
    (0..3 * n).map(|k| f64::from(k % n % 3 == k / n)).collect()
}

/// The bands from the products with [`seeds`].
pub fn uncolour(products: &[f64], bands: &mut [f64]) {
    let n = products.len() / 3;
    let (diagonal, beside) = bands.split_at_mut(n);
    diagonal.iter_mut().enumerate().for_each(|(i, d)| *d = products[i % 3 * n + i]);
    beside.iter_mut().enumerate().for_each(|(i, b)| *b = products[(i + 1) % 3 * n + i]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problems::{self, Problem};
    use crate::requests::{Request, Session};

    const REAL: Arithmetic<f64> = Arithmetic { constant: |c| c, exp: f64::exp, sin: f64::sin };

    /// Entries of a few hundred, sums of a few terms.
    fn close(a: &[f64], b: &[f64]) {
        assert!(a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-11), "{a:?} {b:?}");
    }

    fn both(n: usize) -> [(Problem, Chain); 2] {
        [
            (problems::rosenbrock(n), problems::chain(n, false)),
            (problems::luksan_vlcek(n), problems::chain(n, true)),
        ]
    }

    #[test]
    fn chains_by_hand_are_those_of_hessite() {
        for (p, chain) in both(7) {
            let recorded = p.record().unwrap();
            let value = recorded.function.at(&p.bind(&recorded.vars, &p.point)).unwrap().value();
            close(&[value], &[chain.value(&REAL, &p.point)]);
            let mut out = [0.0; 7];
            chain.gradient(&p.point, &mut out);
            close(&out, Session::start(&p, Request::Gradient).unwrap().stacked());
            let mut bands = [0.0; 13];
            chain.bands(&p.point, &mut bands);
            tridiagonal(&bands, &p.directions, &mut out);
            close(&out, Session::start(&p, Request::Hvp).unwrap().stacked());
        }
    }

    #[test]
    fn three_colours_give_the_bands() {
        for (p, chain) in both(8) {
            let (mut bands, mut products, mut seen) = ([0.0; 15], [0.0; 24], [0.0; 15]);
            chain.bands(&p.point, &mut bands);
            for (seed, product) in seeds(8).chunks(8).zip(products.chunks_mut(8)) {
                tridiagonal(&bands, seed, product);
            }
            uncolour(&products, &mut seen);
            close(&seen, &bands);
        }
    }
}
