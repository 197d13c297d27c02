//! Handles: matrices and scalars of a graph, with nalgebra's names for what can be done to them.

use super::{Binding, Entries, Graph, Key, Var};
use crate::program::ops::*;
use crate::program::scalar::{self, Row};
use crate::program::{Shape, Value};
use std::fmt;
use std::panic::Location;

/// A matrix of a [`Graph`]: a variable, a constant or a result. Copy it freely.
#[derive(Clone, Copy)]
pub struct Matrix<'g> {
    pub(crate) graph: &'g Graph,
    pub(crate) value: Value,
}

/// A scalar of a [`Graph`].
#[derive(Clone, Copy)]
pub struct Scalar<'g> {
    pub(crate) graph: &'g Graph,
    pub(crate) value: Value,
}

impl fmt::Debug for Matrix<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Matrix({:?}: {:?})", self.value, self.graph.shape(self.value))
    }
}

impl fmt::Debug for Scalar<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scalar({:?})", self.value)
    }
}

impl<'g> Matrix<'g> {
    pub(crate) fn new(graph: &'g Graph, value: Value) -> Self {
        Matrix { graph, value }
    }

    /// This variable as a key.
    pub fn var(&self) -> Var {
        self.graph.var(self.value)
    }

    /// Pairs this variable with its value, a direction or a weight.
    pub fn is<'a>(self, entries: impl Into<Entries<'a>>) -> Binding<'a> {
        self.var().is(entries)
    }

    /// Rows and columns.
    pub fn shape(&self) -> (usize, usize) {
        let s = self.graph.shape(self.value);
        (s.rows, s.cols)
    }

    /// Number of rows.
    pub fn nrows(&self) -> usize {
        self.shape().0
    }

    /// Number of columns.
    pub fn ncols(&self) -> usize {
        self.shape().1
    }

    #[track_caller]
    pub(super) fn apply(self, op: impl Into<Op>) -> Matrix<'g> {
        Matrix::new(self.graph, self.graph.emit(op, &[self.value], Location::caller()))
    }

    #[track_caller]
    pub(super) fn reduce(self, op: impl Into<Op>) -> Scalar<'g> {
        Scalar::new(self.graph, self.graph.emit(op, &[self.value], Location::caller()))
    }

    #[track_caller]
    pub(super) fn map(self, row: &'static Row, parameter: f64) -> Matrix<'g> {
        self.apply(Map::new(row, parameter))
    }

    /// An operation on two matrices, which may turn out to be of two graphs.
    #[track_caller]
    pub(super) fn with(self, op: impl Into<Op>, other: Matrix<'g>) -> Matrix<'g> {
        let line = Location::caller();
        let value = match self.graph.operand(other.graph, other.value, line) {
            Ok(other) => self.graph.emit(op, &[self.value, other], line),
            Err(bad) => bad,
        };
        Matrix::new(self.graph, value)
    }

    /// An entrywise operation, for which the shapes must be equal.
    #[track_caller]
    pub(super) fn zip(self, row: &'static Row, other: Matrix<'g>) -> Matrix<'g> {
        let line = Location::caller();
        let value = match self.graph.operand(other.graph, other.value, line) {
            Ok(other) => self.graph.entrywise(row, self.value, other, line),
            Err(bad) => bad,
        };
        Matrix::new(self.graph, value)
    }

    /// Xᵀ.
    #[track_caller]
    pub fn transpose(self) -> Matrix<'g> {
        self.apply(Transpose)
    }

    /// Xᵀ·Y, without a copy of either.
    #[track_caller]
    pub fn tr_mul(self, other: Matrix<'g>) -> Matrix<'g> {
        self.with(Matmul { ta: true, tb: false }, other)
    }

    /// The entrywise product X∘Y.
    #[track_caller]
    pub fn component_mul(self, other: Matrix<'g>) -> Matrix<'g> {
        self.zip(&scalar::MUL, other)
    }

    /// The entrywise quotient.
    #[track_caller]
    pub fn component_div(self, other: Matrix<'g>) -> Matrix<'g> {
        self.zip(&scalar::DIV, other)
    }

    /// The entrywise maximum. At a tie the first operand is taken, with its derivatives.
    #[track_caller]
    pub fn sup(self, other: Matrix<'g>) -> Matrix<'g> {
        self.zip(&scalar::MAX, other)
    }

    /// The entrywise minimum. At a tie the first operand is taken, with its derivatives.
    #[track_caller]
    pub fn inf(self, other: Matrix<'g>) -> Matrix<'g> {
        self.zip(&scalar::MIN, other)
    }

    /// Entrywise power xʸ with both varying; for a constant exponent [`powi`](Self::powi) and
    /// [`powf`](Self::powf) are defined for negative bases as well.
    #[track_caller]
    pub fn component_pow(self, exponent: Matrix<'g>) -> Matrix<'g> {
        self.zip(&scalar::POW_LOG, exponent)
    }

    /// Entrywise angle of the points (x, y), `self` holding the y.
    #[track_caller]
    pub fn atan2(self, x: Matrix<'g>) -> Matrix<'g> {
        self.zip(&scalar::ATAN2, x)
    }

    /// Entrywise √(x² + y²), without overflow.
    #[track_caller]
    pub fn hypot(self, y: Matrix<'g>) -> Matrix<'g> {
        self.zip(&scalar::HYPOT, y)
    }

    /// Entrywise relative entropy x ln(x/y), 0 where x is.
    #[track_caller]
    pub fn rel_entr(self, y: Matrix<'g>) -> Matrix<'g> {
        self.zip(&scalar::REL_ENTR, y)
    }

    /// 1 where x ≥ y, else 0: constant, a condition for [`select`](Self::select).
    #[track_caller]
    pub fn at_least(self, other: Matrix<'g>) -> Matrix<'g> {
        self.zip(&scalar::AT_LEAST, other)
    }

    /// Entrywise `self ≠ 0 ? yes : no`. What is not selected never matters, even where it is NaN or infinite.
    #[track_caller]
    pub fn select(self, yes: Matrix<'g>, no: Matrix<'g>) -> Matrix<'g> {
        let line = Location::caller();
        let not = self.graph.emit(Map::new(&scalar::IS_ZERO, 0.0), &[self.value], line);
        let yes = self.zip(&scalar::GATE, yes);
        let no = Matrix::new(self.graph, not).zip(&scalar::GATE, no);
        yes.zip(&scalar::ADD, no)
    }

    /// Σᵢⱼ xᵢⱼ.
    #[track_caller]
    pub fn sum(self) -> Scalar<'g> {
        self.reduce(Sum::ALL)
    }

    /// The rows added up: a row of the column totals.
    #[track_caller]
    pub fn row_sum(self) -> Matrix<'g> {
        self.apply(Sum { rows: true, cols: false })
    }

    /// The columns added up: a column of the row totals.
    #[track_caller]
    pub fn column_sum(self) -> Matrix<'g> {
        self.apply(Sum { rows: false, cols: true })
    }

    /// The mean of all entries; of an empty matrix an error.
    #[track_caller]
    pub fn mean(self) -> Scalar<'g> {
        let line = Location::caller();
        let n = self.graph.shape(self.value).len();
        if n == 0 {
            let error = crate::Error::Empty { op: "mean".into(), line: crate::Line(Some(line)) };
            return Scalar::new(self.graph, self.graph.fail(error));
        }
        self.sum() * (1.0 / n as f64)
    }

    /// Σ xᵢᵢ of a square matrix.
    #[track_caller]
    pub fn trace(self) -> Scalar<'g> {
        self.apply(Diagonal).sum()
    }

    /// Σᵢⱼ xᵢⱼ yᵢⱼ.
    #[track_caller]
    pub fn dot(self, other: Matrix<'g>) -> Scalar<'g> {
        let d = self.with(Dot, other);
        Scalar::new(d.graph, d.value)
    }

    /// The Frobenius norm √Σ xᵢⱼ². At X = 0 its gradient and Hessian are taken to be 0.
    #[track_caller]
    pub fn norm(self) -> Scalar<'g> {
        self.reduce(Norm)
    }

    /// Σ xᵢⱼ², smooth everywhere.
    #[track_caller]
    pub fn norm_squared(self) -> Scalar<'g> {
        self.dot(self)
    }

    /// The largest entry; the first one in column-major order at a tie.
    #[track_caller]
    pub fn max(self) -> Scalar<'g> {
        self.reduce(Extremum { max: true, rows: true, cols: true })
    }

    /// The smallest entry; the first one in column-major order at a tie.
    #[track_caller]
    pub fn min(self) -> Scalar<'g> {
        self.reduce(Extremum { max: false, rows: true, cols: true })
    }

    /// ln Σ exp(xᵢⱼ) over all entries, without overflow.
    #[track_caller]
    pub fn logsumexp(self) -> Scalar<'g> {
        self.reduce(LogSumExp { rows: true, cols: true })
    }

    /// ln Σⱼ exp(xᵢⱼ) of each row: a column.
    #[track_caller]
    pub fn row_logsumexp(self) -> Matrix<'g> {
        self.apply(LogSumExp { rows: false, cols: true })
    }

    /// ln Σᵢ exp(xᵢⱼ) of each column: a row.
    #[track_caller]
    pub fn column_logsumexp(self) -> Matrix<'g> {
        self.apply(LogSumExp { rows: true, cols: false })
    }

    /// exp(xᵢⱼ)/Σⱼ exp(xᵢⱼ): every row sums to 1.
    #[track_caller]
    pub fn row_softmax(self) -> Matrix<'g> {
        self.apply(Softmax { rows: false, cols: true })
    }

    /// The same entries, column by column, under another shape.
    #[track_caller]
    pub fn reshape(self, rows: usize, cols: usize) -> Matrix<'g> {
        self.apply(Reshape::new(Shape::new(rows, cols)))
    }

    /// A scalar, row or column repeated to a full shape.
    #[track_caller]
    pub fn broadcast(self, rows: usize, cols: usize) -> Matrix<'g> {
        self.apply(Broadcast::new(Shape::new(rows, cols)))
    }

    /// The rectangle of `shape` whose upper left corner is `start`.
    #[track_caller]
    pub fn view(self, start: (usize, usize), shape: (usize, usize)) -> Matrix<'g> {
        self.apply(Slice { row: start.0, col: start.1, rows: shape.0, cols: shape.1 })
    }

    /// `n` rows from row `first`.
    #[track_caller]
    pub fn rows(self, first: usize, n: usize) -> Matrix<'g> {
        self.view((first, 0), (n, self.ncols()))
    }

    /// `n` columns from column `first`.
    #[track_caller]
    pub fn columns(self, first: usize, n: usize) -> Matrix<'g> {
        self.view((0, first), (self.nrows(), n))
    }

    /// Row `i`.
    #[track_caller]
    pub fn row(self, i: usize) -> Matrix<'g> {
        self.rows(i, 1)
    }

    /// Column `j`.
    #[track_caller]
    pub fn column(self, j: usize) -> Matrix<'g> {
        self.columns(j, 1)
    }

    /// Entry (i, j).
    #[track_caller]
    pub fn entry(self, i: usize, j: usize) -> Scalar<'g> {
        let e = self.view((i, j), (1, 1));
        Scalar::new(e.graph, e.value)
    }

    /// This matrix with `below` under it.
    #[track_caller]
    pub fn vcat(self, below: Matrix<'g>) -> Matrix<'g> {
        self.with(Concat { vertical: true }, below)
    }

    /// This matrix with `right` beside it.
    #[track_caller]
    pub fn hcat(self, right: Matrix<'g>) -> Matrix<'g> {
        self.with(Concat { vertical: false }, right)
    }

    /// The diagonal of a square matrix, as a column.
    #[track_caller]
    pub fn diagonal(self) -> Matrix<'g> {
        self.apply(Diagonal)
    }

    /// The square matrix with this column as its diagonal.
    #[track_caller]
    pub fn from_diagonal(self) -> Matrix<'g> {
        self.apply(FromDiagonal)
    }

    /// Every entry plus a scalar.
    #[track_caller]
    pub fn add_scalar(self, s: impl super::operators::Number<'g>) -> Matrix<'g> {
        let line = Location::caller();
        let s = s.record(self.graph, line).value;
        Matrix::new(self.graph, self.graph.emit(Map::new(&scalar::ADD, 0.0), &[self.value, s], line))
    }
}

impl<'g> Scalar<'g> {
    pub(crate) fn new(graph: &'g Graph, value: Value) -> Self {
        Scalar { graph, value }
    }

    /// This variable as a key.
    pub fn var(&self) -> Var {
        self.graph.var(self.value)
    }

    /// Pairs this variable with its value, a direction or a weight.
    pub fn is<'a>(self, entries: impl Into<Entries<'a>>) -> Binding<'a> {
        self.var().is(entries)
    }

    /// This scalar as a 1×1 matrix.
    pub fn to_matrix(self) -> Matrix<'g> {
        Matrix::new(self.graph, self.value)
    }

    #[track_caller]
    pub(super) fn map(self, row: &'static Row, parameter: f64) -> Scalar<'g> {
        Scalar::new(self.graph, self.graph.emit(Map::new(row, parameter), &[self.value], Location::caller()))
    }

    #[track_caller]
    pub(super) fn zip(self, row: &'static Row, other: Scalar<'g>) -> Scalar<'g> {
        let m = self.to_matrix().zip(row, other.to_matrix());
        Scalar::new(m.graph, m.value)
    }

    /// The larger of two; the first at a tie.
    #[track_caller]
    pub fn max(self, other: Scalar<'g>) -> Scalar<'g> {
        self.zip(&scalar::MAX, other)
    }

    /// The smaller of two; the first at a tie.
    #[track_caller]
    pub fn min(self, other: Scalar<'g>) -> Scalar<'g> {
        self.zip(&scalar::MIN, other)
    }

    /// xʸ with both varying.
    #[track_caller]
    pub fn pow(self, exponent: Scalar<'g>) -> Scalar<'g> {
        self.zip(&scalar::POW_LOG, exponent)
    }

    /// The angle of the point (x, y), `self` being y.
    #[track_caller]
    pub fn atan2(self, x: Scalar<'g>) -> Scalar<'g> {
        self.zip(&scalar::ATAN2, x)
    }

    /// √(x² + y²), without overflow.
    #[track_caller]
    pub fn hypot(self, y: Scalar<'g>) -> Scalar<'g> {
        self.zip(&scalar::HYPOT, y)
    }

    /// Relative entropy x ln(x/y), 0 where x is.
    #[track_caller]
    pub fn rel_entr(self, y: Scalar<'g>) -> Scalar<'g> {
        self.zip(&scalar::REL_ENTR, y)
    }
}

impl From<Matrix<'_>> for Var {
    fn from(m: Matrix<'_>) -> Var {
        m.var()
    }
}

impl From<Scalar<'_>> for Var {
    fn from(s: Scalar<'_>) -> Var {
        s.var()
    }
}

impl From<Matrix<'_>> for Key<'_> {
    fn from(m: Matrix<'_>) -> Self {
        Key::Var(m.var())
    }
}

impl From<Scalar<'_>> for Key<'_> {
    fn from(s: Scalar<'_>) -> Self {
        Key::Var(s.var())
    }
}

/// A scalar is a 1×1 matrix wherever an output is wanted.
impl<'g> From<Scalar<'g>> for Matrix<'g> {
    fn from(s: Scalar<'g>) -> Self {
        s.to_matrix()
    }
}
