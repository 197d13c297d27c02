//! Taylor coefficients f⁽ᵐ⁾(x)/m! of a row's function, from the rules for derivatives alone.
//!
//! A rule writes y′ with further rows, so the coefficients of y of order m are those of that expression of order
//! m − 1, divided by m: sums and products of series, and the rows' own values at order 0.

use super::{Row, Rule};
use crate::program::ops::Map;
use crate::program::{Builder, Shape, Value};
use std::collections::HashMap;

/// The series of one function, as far as it has been written out.
pub(crate) struct Series {
    builder: Builder,
    x: Value,
    y: Value,
    /// ẏ of a function's instruction, or `None` where it is constant.
    slopes: HashMap<Value, Option<Value>>,
    /// The inputs that stand for the derivative of another value.
    derivatives: HashMap<Value, Value>,
    /// The coefficients at one point as far as they are known, by value.
    known: Vec<Vec<f64>>,
}

impl Series {
    /// `None` for what is not smooth: a function with kinks or steps.
    pub fn new(row: &'static Row, parameter: f64) -> Option<Self> {
        if row.kink.is_some() || matches!(row.rule, Rule::Constant | Rule::Gate) {
            return None;
        }
        let mut builder = Builder::default();
        let x = builder.input(Shape::SCALAR);
        let y = builder.emit(Map::new(row, parameter), &[x]);
        Some(Series { builder, x, y, slopes: HashMap::new(), derivatives: HashMap::new(), known: Vec::new() })
    }

    /// The coefficients of orders 0, 1, … at `x`.
    pub fn at(&mut self, x: f64, out: &mut [f64]) {
        self.known.iter_mut().for_each(Vec::clear);
        self.known.resize_with(self.builder.program().len(), Vec::new);
        self.known[self.x.index()] = vec![x, 1.0];
        for (m, o) in out.iter_mut().enumerate() {
            *o = self.coefficient(self.y, m);
        }
    }

    /// The coefficient of order `m` of value `v`. Each is needed from those of lower order, or of `v`'s arguments.
    fn coefficient(&mut self, v: Value, m: usize) -> f64 {
        if v == self.x {
            return if m < 2 { self.known[v.index()][m] } else { 0.0 };
        }
        if let Some(x) = self.builder.uniform(v) {
            return if m == 0 { x } else { 0.0 };
        }
        while self.known[v.index()].len() <= m {
            let next = self.known[v.index()].len();
            let c = self.next(v, next);
            self.known[v.index()].push(c);
        }
        self.known[v.index()][m]
    }

    fn next(&mut self, v: Value, m: usize) -> f64 {
        if let Some(&of) = self.derivatives.get(&v) {
            return (m + 1) as f64 * self.coefficient(of, m + 1);
        }
        let instr = self.builder.instr(v).clone();
        let Some(map) = instr.op.as_map() else { return f64::NAN };
        match (map.row.rule, &instr.args[..]) {
            (Rule::Sum(signs), args) => {
                args.iter().zip(signs).map(|(&a, sign)| sign * self.coefficient(a, m)).sum()
            }
            (Rule::Scale, &[a]) => map.parameter() * self.coefficient(a, m),
            // A coefficient that is 0 at every point is no factor: beside it another may be infinite.
            (Rule::Product, &[a, b]) => {
                let (p, q) = (self.terms(a).unwrap_or(m + 1), self.terms(b).unwrap_or(m + 1));
                let both = (m + 1).saturating_sub(q)..p.min(m + 1);
                both.map(|k| self.coefficient(a, k) * self.coefficient(b, m - k)).sum()
            }
            (Rule::Smooth(_), args) if m == 0 => {
                let x: Vec<f64> = args.iter().map(|&a| self.coefficient(a, 0)).collect();
                map.row.value(map.parameter(), &x)
            }
            (Rule::Smooth(_), _) => match self.slope(v) {
                Some(slope) => self.coefficient(slope, m - 1) / m as f64,
                None => 0.0,
            },
            _ => f64::NAN,
        }
    }

    /// How many coefficients a polynomial in x has.
    fn terms(&self, v: Value) -> Option<usize> {
        if v == self.x {
            return Some(2);
        }
        if self.builder.uniform(v).is_some() {
            return Some(1);
        }
        if let Some(&of) = self.derivatives.get(&v) {
            return Some(self.terms(of)?.saturating_sub(1));
        }
        let instr = self.builder.instr(v);
        let terms = |k: usize| self.terms(instr.args[k]);
        match (instr.op.as_map()?.row.rule, instr.args.len()) {
            (Rule::Sum(_), 1) | (Rule::Scale, _) => terms(0),
            (Rule::Sum(_), 2) => Some(terms(0)?.max(terms(1)?)),
            (Rule::Product, _) => Some((terms(0)? + terms(1)?).saturating_sub(1)),
            _ => None,
        }
    }

    /// The derivative of a function's value, written out when first asked for.
    fn slope(&mut self, v: Value) -> Option<Value> {
        if let Some(&known) = self.slopes.get(&v) {
            return known;
        }
        let instr = self.builder.instr(v).clone();
        let mut total = None;
        if let Some((map, Rule::Smooth(rule))) = instr.op.as_map().map(|m| (m, m.row.rule)) {
            for (j, &a) in instr.args.iter().enumerate() {
                if self.builder.uniform(a).is_some() {
                    continue;
                }
                let t = self.builder.input(Shape::SCALAR);
                self.derivatives.insert(t, a);
                let at = super::At { parameter: map.parameter(), x: &instr.args, y: v };
                let Some(part) = rule(&mut self.builder, at, j, t) else { continue };
                total = Some(total.map_or(part, |sum| self.builder.add(sum, part)));
            }
        }
        self.known.resize_with(self.builder.program().len(), Vec::new);
        self.slopes.insert(v, total);
        total
    }
}

#[cfg(test)]
mod tests {
    use super::super::*;
    use super::Series;

    fn series(row: &'static Row, parameter: f64, x: f64) -> Vec<f64> {
        let mut out = vec![0.0; 24];
        Series::new(row, parameter).unwrap().at(x, &mut out);
        out
    }

    #[track_caller]
    fn assert_series(got: &[f64], expected: impl Fn(usize) -> f64) {
        for (m, &g) in got.iter().enumerate() {
            let e = expected(m);
            assert!((g - e).abs() <= 1e-13 * e.abs().max(1e-30), "order {m}: {g:e}, {e:e}");
        }
    }

    #[test]
    fn the_coefficients_are_the_known_ones() {
        let factorial = |m: usize| (1..=m).fold(1.0, |p, k| p * k as f64);
        let binomial = |p: f64, m: usize| (0..m).fold(1.0, |c, k| c * (p - k as f64) / (k + 1) as f64);
        assert_series(&series(&EXP, 0.0, 0.7), |m| 0.7f64.exp() / factorial(m));
        let ln = |m: usize| match m {
            0 => 1.3f64.ln(),
            m => -(-1.3f64).powi(-(m as i32)) / m as f64,
        };
        assert_series(&series(&LN, 0.0, 1.3), ln);
        assert_series(&series(&SQRT, 0.0, 2.1), |m| binomial(0.5, m) * 2.1f64.powf(0.5 - m as f64));
        assert_series(&series(&POWF, -1.7, 2.1), |m| binomial(-1.7, m) * 2.1f64.powf(-1.7 - m as f64));
        assert_series(&series(&POWI, 5.0, -1.5), |m| binomial(5.0, m) * (-1.5f64).powi(5 - m as i32));
        let circle = [0.4f64.sin(), 0.4f64.cos(), -0.4f64.sin(), -0.4f64.cos()];
        assert_series(&series(&SIN, 0.0, 0.4), |m| circle[m % 4] / factorial(m));
    }

    #[test]
    fn a_series_adds_up_to_the_function_nearby() {
        let points = [
            (&TAN, 0.4),
            (&ASIN, 0.3),
            (&ACOS, -0.2),
            (&ATAN, 0.8),
            (&SINH, 0.5),
            (&COSH, 0.5),
            (&TANH, 0.7),
            (&ASINH, 0.6),
            (&ACOSH, 2.0),
            (&ATANH, 0.3),
            (&SIGMOID, -0.4),
            (&SOFTPLUS, 0.9),
            (&ERF, 0.5),
            (&ERFC, 0.5),
            (&XLNX, 1.5),
            (&LN_1P, 0.5),
            (&LOG2, 1.5),
            (&LOG10, 1.5),
            (&CBRT, 1.2),
            (&RECIP, -1.5),
            (&EXP_M1, 0.1),
            (&SQUARE, 3.0),
        ];
        for (row, x) in points {
            let c = series(row, 0.0, x);
            for d in [0.05, -0.08] {
                let sum = c.iter().rev().fold(0.0, |s, c| s * d + c);
                let expected = row.value(0.0, &[x + d]);
                assert!(
                    (sum - expected).abs() <= 1e-14 * (1.0 + expected.abs()),
                    "{}: {sum}, {expected}",
                    row.name
                );
            }
        }
    }

    #[test]
    fn a_function_with_kinks_or_steps_has_no_series() {
        for row in [&ABS, &SIGN, &FLOOR, &ROUND] {
            assert!(Series::new(row, 0.0).is_none(), "{}", row.name);
        }
    }
}
