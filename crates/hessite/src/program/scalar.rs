//! Scalar functions that maps apply entry by entry: one row of mathematics each.
//!
//! A row holds the name, the function f on slices, and its derivative f′ written with other rows.
//! Rows that are linear in some argument say how ([`Rule`]), and need no derivative.

mod series;
mod table;

use super::{Builder, Value};
pub(crate) use series::Series;
pub(crate) use table::*;

/// f on slices of equal length.
#[derive(Clone, Copy)]
pub(crate) enum Over {
    One(fn(&[f64], &mut [f64])),
    /// With the row's parameter (an exponent, a factor).
    OneWith(fn(f64, &[f64], &mut [f64])),
    Two(fn(f64, &[f64], &[f64], &mut [f64])),
}

/// What a derivative rule sees of the instruction that it differentiates.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    pub parameter: f64,
    /// The arguments.
    pub x: &'a [Value],
    /// The result.
    pub y: Value,
}

/// How a row acts on tangents.
#[derive(Clone, Copy)]
pub(crate) enum Rule {
    /// Σ ±xⱼ: linear in all arguments together.
    Sum(&'static [f64]),
    /// parameter · x.
    Scale,
    /// x · y: linear in each.
    Product,
    /// c ≠ 0 ? x : 0 with arguments (c, x): linear in x, constant in c.
    Gate,
    /// ẏ from ẋⱼ, in ordinary and linear words; `None` where the derivative is zero as a whole.
    Smooth(fn(&mut Builder, At<'_>, usize, Value) -> Option<Value>),
    /// Piecewise constant.
    Constant,
}

/// A scalar function.
pub(crate) struct Row {
    pub name: &'static str,
    pub over: Over,
    pub rule: Rule,
    /// Dear to evaluate again (a transcendental function): its values are kept.
    pub dear: bool,
    /// Whether the function has no derivative at these arguments.
    pub kink: Option<fn(&[f64]) -> bool>,
}

impl Row {
    #[cfg(test)]
    pub fn arity(&self) -> usize {
        match self.over {
            Over::One(_) | Over::OneWith(_) => 1,
            Over::Two(_) => 2,
        }
    }

    /// f on slices of equal length.
    pub fn over(&self, parameter: f64, args: &[&[f64]], out: &mut [f64]) {
        match (self.over, args) {
            (Over::One(f), [x]) => f(x, out),
            (Over::OneWith(f), [x]) => f(parameter, x, out),
            (Over::Two(f), [x, y]) => f(parameter, x, y, out),
            _ => out.fill(f64::NAN),
        }
    }

    /// f at one point.
    pub fn value(&self, parameter: f64, args: &[f64]) -> f64 {
        let mut out = [0.0];
        match args {
            [x] => self.over(parameter, &[&[*x]], &mut out),
            [x, y] => self.over(parameter, &[&[*x], &[*y]], &mut out),
            _ => out[0] = f64::NAN,
        }
        out[0]
    }
}

/// Rows are statics: each is one place.
impl PartialEq for Row {
    fn eq(&self, other: &Row) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Row {}

impl std::hash::Hash for Row {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        std::ptr::from_ref(self).hash(state);
    }
}
