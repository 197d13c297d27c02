//! Operators, by value and by reference, between handles, numbers and nalgebra matrices.

use super::{Entries, Graph, Matrix, Scalar};
use crate::error::{Error, Line};
use crate::program::ops::{Map, Matmul};
use crate::program::scalar::{self, Row};
use crate::program::{Shape, Value};
use nalgebra::DMatrix;
use std::ops::{Add, Div, Mul, Neg, Sub};
use std::panic::Location;

type Caller = &'static Location<'static>;

impl Graph {
    /// `value` of `other`, provided that it is this graph.
    pub(crate) fn operand(&self, other: &Graph, value: Value, line: Caller) -> Result<Value, Value> {
        match self.same(other) {
            true => Ok(value),
            false => Err(self.fail(Error::MixedGraph { what: "an operand".into(), line: Line(Some(line)) })),
        }
    }

    /// Two arrays entry by entry: equal shapes, or one of them a scalar.
    pub(super) fn entrywise(&self, row: &'static Row, x: Value, y: Value, line: Caller) -> Value {
        let (s, t) = (self.shape(x), self.shape(y));
        if s == t || s.is_scalar() || t.is_scalar() {
            return self.emit(Map::new(row, 0.0), &[x, y], line);
        }
        self.mismatch(row, x, y, line)
    }

    /// The error of an entrywise operation on unequal shapes, in the words of every other shape error.
    fn mismatch(&self, row: &'static Row, x: Value, y: Value, line: Caller) -> Value {
        self.reject(row.name, &[x, y], "the shapes differ", line)
    }
}

/// What a matrix can be multiplied by: matrices, scalars, numbers.
pub trait Factor<'g> {
    #[doc(hidden)]
    fn times(self, left: Matrix<'g>, line: Caller) -> Matrix<'g>;
}

/// What can be added to a matrix: matrices.
pub trait Addend<'g> {
    #[doc(hidden)]
    fn matrix(self, graph: &'g Graph, line: Caller) -> Matrix<'g>;
}

/// A scalar operand: a handle or a number.
pub trait Number<'g> {
    #[doc(hidden)]
    fn record(self, graph: &'g Graph, line: Caller) -> Scalar<'g>;
}

impl<'g> Number<'g> for Scalar<'g> {
    fn record(self, graph: &'g Graph, line: Caller) -> Scalar<'g> {
        Scalar::new(graph, graph.operand(self.graph, self.value, line).unwrap_or_else(|bad| bad))
    }
}

impl<'g> Number<'g> for &Scalar<'g> {
    fn record(self, graph: &'g Graph, line: Caller) -> Scalar<'g> {
        (*self).record(graph, line)
    }
}

impl<'g> Number<'g> for f64 {
    fn record(self, graph: &'g Graph, _: Caller) -> Scalar<'g> {
        graph.constant(self)
    }
}

impl<'g> Addend<'g> for Matrix<'g> {
    fn matrix(self, graph: &'g Graph, line: Caller) -> Matrix<'g> {
        Matrix::new(graph, graph.operand(self.graph, self.value, line).unwrap_or_else(|bad| bad))
    }
}

impl<'g> Addend<'g> for &Matrix<'g> {
    fn matrix(self, graph: &'g Graph, line: Caller) -> Matrix<'g> {
        (*self).matrix(graph, line)
    }
}

impl<'g> Addend<'g> for &DMatrix<f64> {
    fn matrix(self, graph: &'g Graph, _: Caller) -> Matrix<'g> {
        let entries = Entries::from(self);
        Matrix::new(graph, graph.constant_array(Shape::new(self.nrows(), self.ncols()), entries.as_slice()))
    }
}

impl<'g> Addend<'g> for DMatrix<f64> {
    fn matrix(self, graph: &'g Graph, line: Caller) -> Matrix<'g> {
        (&self).matrix(graph, line)
    }
}

fn scaled<'g>(left: Matrix<'g>, s: impl Number<'g>, line: Caller) -> Matrix<'g> {
    let s = s.record(left.graph, line).value;
    Matrix::new(left.graph, left.graph.emit(Map::new(&scalar::MUL, 0.0), &[left.value, s], line))
}

macro_rules! factors {
    (matrices $($M:ty),*; numbers $($N:ty),*) => {
        $(impl<'g> Factor<'g> for $M {
            fn times(self, left: Matrix<'g>, line: Caller) -> Matrix<'g> {
                let right = self.matrix(left.graph, line);
                Matrix::new(left.graph, left.graph.emit(Matmul::PLAIN, &[left.value, right.value], line))
            }
        })*
        $(impl<'g> Factor<'g> for $N {
            fn times(self, left: Matrix<'g>, line: Caller) -> Matrix<'g> {
                scaled(left, self, line)
            }
        })*
    };
}
factors!(matrices Matrix<'g>, &Matrix<'g>, DMatrix<f64>, &DMatrix<f64>; numbers Scalar<'g>, &Scalar<'g>, f64);

macro_rules! matrix_operators {
    ($($Left:ty),*) => {$(
        impl<'g, R: Factor<'g>> Mul<R> for $Left {
            type Output = Matrix<'g>;
            #[track_caller]
            fn mul(self, right: R) -> Matrix<'g> {
                right.times(self.clone(), Location::caller())
            }
        }
        impl<'g, R: Number<'g>> Div<R> for $Left {
            type Output = Matrix<'g>;
            #[track_caller]
            fn div(self, right: R) -> Matrix<'g> {
                let line = Location::caller();
                let s = right.record(self.graph, line).value;
                Matrix::new(self.graph, self.graph.emit(Map::new(&scalar::DIV, 0.0), &[self.value, s], line))
            }
        }
        impl<'g, R: Addend<'g>> Add<R> for $Left {
            type Output = Matrix<'g>;
            #[track_caller]
            fn add(self, right: R) -> Matrix<'g> {
                let line = Location::caller();
                let right = right.matrix(self.graph, line);
                Matrix::new(self.graph, self.graph.same_shape(&scalar::ADD, self.value, right.value, line))
            }
        }
        impl<'g, R: Addend<'g>> Sub<R> for $Left {
            type Output = Matrix<'g>;
            #[track_caller]
            fn sub(self, right: R) -> Matrix<'g> {
                let line = Location::caller();
                let right = right.matrix(self.graph, line);
                Matrix::new(self.graph, self.graph.same_shape(&scalar::SUB, self.value, right.value, line))
            }
        }
        impl<'g> Neg for $Left {
            type Output = Matrix<'g>;
            #[track_caller]
            fn neg(self) -> Matrix<'g> {
                self.map(&scalar::NEG, 0.0)
            }
        }
    )*};
}
matrix_operators!(Matrix<'g>, &Matrix<'g>);

impl Graph {
    fn same_shape(&self, row: &'static Row, x: Value, y: Value, line: Caller) -> Value {
        if self.shape(x) == self.shape(y) {
            return self.emit(Map::new(row, 0.0), &[x, y], line);
        }
        self.mismatch(row, x, y, line)
    }
}

/// What a scalar can be multiplied by: scalars and numbers give a scalar, matrices a matrix.
pub trait ScalarFactor<'g> {
    /// The product's type.
    type Product;
    #[doc(hidden)]
    fn scale(self, left: Scalar<'g>, line: Caller) -> Self::Product;
}

impl<'g, N: Number<'g>> ScalarFactor<'g> for N {
    type Product = Scalar<'g>;
    fn scale(self, left: Scalar<'g>, line: Caller) -> Scalar<'g> {
        scalar_pair(&scalar::MUL, left, self, line)
    }
}

impl<'g> ScalarFactor<'g> for Matrix<'g> {
    type Product = Matrix<'g>;
    fn scale(self, left: Scalar<'g>, line: Caller) -> Matrix<'g> {
        scaled(self, left, line)
    }
}

impl<'g> ScalarFactor<'g> for &Matrix<'g> {
    type Product = Matrix<'g>;
    fn scale(self, left: Scalar<'g>, line: Caller) -> Matrix<'g> {
        scaled(*self, left, line)
    }
}

fn scalar_pair<'g>(row: &'static Row, left: Scalar<'g>, right: impl Number<'g>, line: Caller) -> Scalar<'g> {
    let right = right.record(left.graph, line).value;
    Scalar::new(left.graph, left.graph.emit(Map::new(row, 0.0), &[left.value, right], line))
}

macro_rules! scalar_operators {
    ($Left:ty: $($Op:ident $method:ident $row:ident),*) => {
        impl<'g, R: ScalarFactor<'g>> Mul<R> for $Left {
            type Output = R::Product;
            #[track_caller]
            fn mul(self, right: R) -> R::Product {
                right.scale(self.clone(), Location::caller())
            }
        }
        impl<'g> Neg for $Left {
            type Output = Scalar<'g>;
            #[track_caller]
            fn neg(self) -> Scalar<'g> {
                self.map(&scalar::NEG, 0.0)
            }
        }
        $(impl<'g, R: Number<'g>> $Op<R> for $Left {
            type Output = Scalar<'g>;
            #[track_caller]
            fn $method(self, right: R) -> Scalar<'g> {
                scalar_pair(&scalar::$row, self.clone(), right, Location::caller())
            }
        })*
    };
}
scalar_operators!(Scalar<'g>: Add add ADD, Sub sub SUB, Div div DIV);
scalar_operators!(&Scalar<'g>: Add add ADD, Sub sub SUB, Div div DIV);

macro_rules! from_the_left {
    ($($Op:ident $method:ident),*) => {$(
        impl<'g> $Op<Scalar<'g>> for f64 {
            type Output = Scalar<'g>;
            #[track_caller]
            fn $method(self, right: Scalar<'g>) -> Scalar<'g> {
                right.graph.constant(self).$method(right)
            }
        }
        impl<'g> $Op<&Scalar<'g>> for f64 {
            type Output = Scalar<'g>;
            #[track_caller]
            fn $method(self, right: &Scalar<'g>) -> Scalar<'g> {
                right.graph.constant(self).$method(*right)
            }
        }
    )*};
}
from_the_left!(Add add, Sub sub, Mul mul, Div div);

impl<'g> Mul<Matrix<'g>> for f64 {
    type Output = Matrix<'g>;
    #[track_caller]
    fn mul(self, right: Matrix<'g>) -> Matrix<'g> {
        right * self
    }
}

impl<'g> Mul<&Matrix<'g>> for f64 {
    type Output = Matrix<'g>;
    #[track_caller]
    fn mul(self, right: &Matrix<'g>) -> Matrix<'g> {
        right * self
    }
}

macro_rules! constants_from_the_left {
    ($($Left:ty),*; $($Op:ident $method:ident),*) => { constants_from_the_left!(@ [$($Left),*] [$($Op $method),*]); };
    (@ [$($Left:ty),*] $ops:tt) => { $(constants_from_the_left!(@@ $Left, $ops);)* };
    (@@ $Left:ty, [$($Op:ident $method:ident),*]) => {$(
        impl<'g> $Op<Matrix<'g>> for $Left {
            type Output = Matrix<'g>;
            #[track_caller]
            fn $method(self, right: Matrix<'g>) -> Matrix<'g> {
                self.matrix(right.graph, Location::caller()).$method(right)
            }
        }
        impl<'g> $Op<&Matrix<'g>> for $Left {
            type Output = Matrix<'g>;
            #[track_caller]
            fn $method(self, right: &Matrix<'g>) -> Matrix<'g> {
                self.matrix(right.graph, Location::caller()).$method(*right)
            }
        }
    )*};
}
constants_from_the_left!(DMatrix<f64>, &DMatrix<f64>; Add add, Sub sub, Mul mul);
