//! Running error analysis: numbers that carry a bound of the rounding error made so far.
//!
//! To first order in ε: a sum is bounded by ε times the sum of the sizes of all its terms, whatever the order in which
//! they are added or the products in them are associated; a function passes errors on by its slope and adds a few ulp
//! of its own. So one bound serves every evaluation of the same expression.

use crate::engine::duals::{First, Literal};
use crate::error::Result;
use crate::program::number::Number;
use crate::program::scalar::Row;
use num_dual::Dual64;
use std::ops::{Add, Mul, Neg, Sub};

/// Half an ulp of 1.
const EPS: f64 = f64::EPSILON / 2.0;
/// Most ulp that an elementwise function errs by (those of `dense::functions` are within 2), doubled.
const ULPS: f64 = 4.0;

#[derive(Clone, Copy, Debug)]
pub struct Bounded {
    pub value: f64,
    /// Σ |terms| ≥ |value|.
    pub size: f64,
    /// Bound of |computed − exact|.
    pub error: f64,
}

impl Bounded {
    /// Whether `x` may be another evaluation of this number, by a way that errs `factor` times as much; numbers that
    /// are not finite must be the same. Where one way has an exact zero another may have a rounding of roundings, ε²
    /// of the tests' numbers, which are of size 1.
    pub fn admits(&self, x: f64, factor: f64) -> bool {
        match self.value.is_finite() {
            true => (x - self.value).abs() <= factor * (self.error + EPS * EPS),
            false => x == self.value || (x.is_nan() && self.value.is_nan()),
        }
    }
}

impl Add for Bounded {
    type Output = Bounded;
    fn add(self, y: Bounded) -> Bounded {
        let size = self.size + y.size;
        Bounded { value: self.value + y.value, size, error: self.error + y.error + EPS * size }
    }
}

impl Neg for Bounded {
    type Output = Bounded;
    fn neg(self) -> Bounded {
        Bounded { value: -self.value, ..self }
    }
}

impl Sub for Bounded {
    type Output = Bounded;
    fn sub(self, y: Bounded) -> Bounded {
        self + -y
    }
}

impl Mul for Bounded {
    type Output = Bounded;
    fn mul(self, y: Bounded) -> Bounded {
        let size = self.size * y.size;
        let error = self.error * y.size + y.error * self.size + EPS * size;
        Bounded { value: self.value * y.value, size, error }
    }
}

impl Number for Bounded {
    /// Errors are known to first order.
    const NILPOTENT: usize = 1;
    const DUAL: bool = false;

    fn constant(x: f64) -> Bounded {
        Bounded { value: x, size: x.abs(), error: 0.0 }
    }

    fn real(&self) -> f64 {
        self.value
    }

    fn row(row: &'static Row, parameter: f64, args: &[Bounded]) -> Result<Bounded> {
        let x: Vec<f64> = args.iter().map(|a| a.value).collect();
        let value = row.value(parameter, &x);
        let mut error = ULPS * EPS * value.abs();
        for (j, a) in args.iter().enumerate().filter(|(_, a)| a.error > 0.0) {
            let dual = |i: usize| Literal(Dual64::new(x[i], if i == j { 1.0 } else { 0.0 }));
            let at: Vec<First> = (0..x.len()).map(dual).collect();
            error += First::row(row, parameter, &at)?.0.eps.abs() * a.error;
        }
        Ok(Bounded { value, size: value.abs(), error })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cancelling_sum_is_bounded_by_its_terms_and_no_tighter_than_its_error() {
        let x = [1e16, 1.0, -1e16].map(Bounded::constant);
        let sum = x[0] + x[1] + x[2];
        assert!(sum.admits(1.0, 1.0) && sum.admits(0.0, 1.0));
        assert!(!sum.admits(40.0, 1.0), "the bound is not vacuous: {sum:?}");
        let exact = Bounded::constant(0.5) * Bounded::constant(3.0);
        assert!(!exact.admits(1.5 * (1.0 + 1e-15), 1.0));
    }
}
