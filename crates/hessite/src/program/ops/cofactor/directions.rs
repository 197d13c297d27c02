//! Numbers with directions ε₁ … εₖ, of which each square is zero: the coefficient of ε₁ε₂…εₖ is a k-th derivative.

use crate::error::{Error, Result};
use crate::program::number::Number;
use crate::program::scalar::Row;
use std::ops::{Add, Mul, Neg, Sub};

/// The coefficient of a product of directions stands at the number whose bits they are; what is beyond the end is zero.
#[derive(Clone, Debug)]
pub(super) struct Multi<N>(pub Vec<N>);

impl<N: Number> Multi<N> {
    /// x + e₁ε₁ + …
    pub fn new(x: N, directions: impl ExactSizeIterator<Item = N>) -> Self {
        let mut all = vec![N::constant(0.0); 1 << directions.len()];
        all[0] = x;
        directions.enumerate().for_each(|(k, e)| all[1 << k] = e);
        Multi(all)
    }

    /// The coefficient of the product of all k directions.
    pub fn top(self, k: usize) -> N {
        self.0.into_iter().nth((1 << k) - 1).unwrap_or_else(|| N::constant(0.0))
    }

    fn merged(self, other: Self, f: impl Fn(N, N) -> N) -> Self {
        let n = self.0.len().max(other.0.len());
        let padded = |v: Vec<N>| v.into_iter().chain(std::iter::repeat_with(|| N::constant(0.0))).take(n);
        Multi(padded(self.0).zip(padded(other.0)).map(|(x, y)| f(x, y)).collect())
    }

    /// Σ x[b] y[a ∖ b] over the subsets b of a that `of` admits.
    fn convolved(x: &[N], y: &[N], a: usize, of: impl Fn(usize) -> bool) -> N {
        let subsets = (0..=a).filter(|b| b & a == *b && *b < x.len() && a ^ b < y.len() && of(*b));
        subsets.fold(N::constant(0.0), |s, b| s + x[b].clone() * y[a ^ b].clone())
    }
}

impl<N: Number> Add for Multi<N> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.merged(other, |x, y| x + y)
    }
}

impl<N: Number> Sub for Multi<N> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.merged(other, |x, y| x - y)
    }
}

impl<N: Number> Neg for Multi<N> {
    type Output = Self;
    fn neg(self) -> Self {
        Multi(self.0.into_iter().map(|x| -x).collect())
    }
}

impl<N: Number> Mul for Multi<N> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let n = self.0.len().max(other.0.len());
        Multi((0..n).map(|a| Multi::convolved(&self.0, &other.0, a, |_| true)).collect())
    }
}

impl<N: Number> Number for Multi<N> {
    /// More directions than a derivative of any order that is asked for has.
    const NILPOTENT: usize = N::NILPOTENT + 16;

    fn constant(x: f64) -> Self {
        Multi(vec![N::constant(x)])
    }

    fn real(&self) -> f64 {
        self.0.first().map_or(0.0, N::real)
    }

    /// Quotients alone, which are all that elimination needs.
    fn row(row: &'static Row, parameter: f64, args: &[Self]) -> Result<Self> {
        let (x, y) = match args {
            [x, y] if row.name == "div" => (x, y),
            _ => return Err(Error::NoLiteral { name: row.name.into() }),
        };
        let mut quotient: Vec<N> = Vec::new();
        for a in 0..x.0.len().max(y.0.len()) {
            let above = x.0.get(a).cloned().unwrap_or_else(|| N::constant(0.0));
            let known = Multi::convolved(&y.0, &quotient, a, |b| b != 0);
            quotient.push(N::row(row, parameter, &[above - known, y.0[0].clone()])?);
        }
        Ok(Multi(quotient))
    }
}
