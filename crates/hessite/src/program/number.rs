//! The numbers that a program can be evaluated at literally: f64, and dual numbers of any kind.

use super::Shape;
use super::scalar::Row;
use crate::error::Result;
use std::ops::{Add, Mul, Neg, Sub};

/// A number that carries what it carries (derivatives, say) through every operation.
pub(crate) trait Number:
    Clone + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Neg<Output = Self>
{
    /// The highest power of a number without real part that is not zero.
    const NILPOTENT: usize;

    /// Whether it carries derivatives.
    const DUAL: bool = Self::NILPOTENT > 0;

    fn constant(x: f64) -> Self;

    /// The part that comparisons look at.
    fn real(&self) -> f64;

    /// The same with another real part.
    fn with_real(self, x: f64) -> Self {
        let own = self.real();
        self - Self::constant(own) + Self::constant(x)
    }

    /// The row's function of these arguments.
    fn row(row: &'static Row, parameter: f64, args: &[Self]) -> Result<Self>;
}

impl Number for f64 {
    const NILPOTENT: usize = 0;

    fn constant(x: f64) -> Self {
        x
    }

    fn real(&self) -> f64 {
        *self
    }

    fn row(row: &'static Row, parameter: f64, args: &[Self]) -> Result<Self> {
        Ok(row.value(parameter, args))
    }
}

/// A column-major array of numbers.
#[derive(Clone, Debug)]
pub(crate) struct Array<N> {
    pub shape: Shape,
    pub entries: Vec<N>,
}

impl<N: Number> Array<N> {
    pub fn new(shape: Shape, entries: Vec<N>) -> Self {
        Array { shape, entries }
    }

    pub fn from_fn(shape: Shape, mut f: impl FnMut(usize, usize) -> N) -> Self {
        let mut entries = Vec::with_capacity(shape.len());
        for j in 0..shape.cols {
            for i in 0..shape.rows {
                entries.push(f(i, j));
            }
        }
        Array { shape, entries }
    }

    pub fn at(&self, i: usize, j: usize) -> &N {
        &self.entries[i + self.shape.rows * j]
    }

    /// The entry that stands at (i, j) when this array is repeated to a larger one.
    pub fn repeated(&self, i: usize, j: usize) -> &N {
        self.at(if self.shape.rows == 1 { 0 } else { i }, if self.shape.cols == 1 { 0 } else { j })
    }
}
