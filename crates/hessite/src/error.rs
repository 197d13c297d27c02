//! Every way in which a call can fail, in words.

use std::fmt;
use std::panic::Location;

/// Shapes that do not fit an operation: what it is called, the shapes, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mismatch {
    pub why: String,
}

impl Mismatch {
    pub fn new(why: impl Into<String>) -> Self {
        Mismatch { why: why.into() }
    }
}

/// Why an operation has no result at its arguments; [`Error`] adds which operation it was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Failure {
    Singular {
        pivot: Option<usize>,
        rcond: f64,
    },
    NotPositiveDefinite {
        minor: usize,
    },
    NotSymmetric {
        index: (usize, usize),
        difference: f64,
    },
    Domain {
        needs: &'static str,
        value: f64,
    },
    /// The same where IEEE arithmetic has a limit, or NaN.
    Limit {
        needs: &'static str,
        value: f64,
    },
    RankDeficient {
        rank: usize,
    },
    Degenerate {
        gap: f64,
    },
    NoConvergence {
        residual: f64,
        steps: usize,
    },
    NotAMinimum {
        minor: usize,
    },
}

impl Failure {
    /// Whether there is a result all the same, so that [`Mode::Ieee`](crate::Mode::Ieee) lets it pass.
    pub fn is_convention(self) -> bool {
        matches!(self, Failure::NotSymmetric { .. } | Failure::Limit { .. })
    }

    /// The failure of operation `op`, value number `node` of its program, recorded at `line`.
    pub fn of(self, op: &str, node: usize, line: Line) -> Error {
        let op = op.to_owned();
        match self {
            Failure::Singular { pivot, rcond } => Error::Singular { op, node, line, pivot, rcond },
            Failure::NotPositiveDefinite { minor } => Error::NotPositiveDefinite { op, node, line, minor },
            Failure::NotSymmetric { index, difference } => {
                Error::NotSymmetric { op, node, line, index, difference }
            }
            Failure::Domain { needs, value } | Failure::Limit { needs, value } => {
                Error::Domain { op, node, line, needs, value }
            }
            Failure::RankDeficient { rank } => Error::RankDeficient { op, node, line, rank },
            Failure::Degenerate { gap } => Error::Degenerate { op, node, line, gap },
            Failure::NoConvergence { residual, steps } => {
                Error::NoConvergence { op, node, line, residual, steps }
            }
            Failure::NotAMinimum { minor } => Error::NotAMinimum { op, node, line, minor },
        }
    }
}

/// A line of the caller's source, or nowhere in particular.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line(pub(crate) Option<&'static Location<'static>>);

impl Line {
    /// The place in the source, where one is known.
    pub fn location(&self) -> Option<&'static Location<'static>> {
        self.0
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(at) => write!(f, "{}:{}", at.file(), at.line()),
            None => write!(f, "an unknown line"),
        }
    }
}

/// In which pass a number stopped being finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// The value of the function.
    Value,
    /// Its gradient.
    Gradient,
    /// A directional derivative of the gradient (or of a matrix-valued function).
    Tangent,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Phase::Value => "the value",
            Phase::Gradient => "the gradient",
            Phase::Tangent => "the directional derivative",
        })
    }
}

/// What can go wrong, and what to do about it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Shapes that do not fit, found while recording.
    #[error("{message}")]
    Shape {
        /// The operation, both shapes, the names with their lines, and the line of the operation.
        message: String,
    },
    /// A handle of one graph was used with another.
    #[error(
        "{what} at {line} belongs to another graph; handles can't be mixed: record all of a function on one Graph"
    )]
    MixedGraph {
        /// The operand or key.
        what: String,
        /// Where it was used.
        line: Line,
    },
    /// A declaration that can't be: a name used twice, or a size that does not fit in memory.
    #[error("declaration of {name:?} at {line}: {why}")]
    Declaration {
        /// The variable's name.
        name: String,
        /// Where it was declared.
        line: Line,
        /// What is wrong with it.
        why: String,
    },
    /// A variable bound twice, left out, or unknown.
    #[error("binding of {name:?}: {why}")]
    Binding {
        /// The variable's name.
        name: String,
        /// What is wrong, with the nearest known name where there is one.
        why: String,
    },
    /// An array of the wrong shape or count.
    #[error("{name}: expected {expected}, got {got}")]
    SeedShape {
        /// The variable or argument.
        name: String,
        /// The shape wanted.
        expected: String,
        /// The shape given.
        got: String,
    },
    /// A matrix that lacks the structure of its variable.
    #[error("{name} is declared {structure}, and entry ({}, {}) {why}", index.0, index.1)]
    Structure {
        /// The variable.
        name: String,
        /// What it is declared.
        structure: String,
        /// Row and column of the entry that does not fit.
        index: (usize, usize),
        /// What stands there, and what it should be.
        why: String,
    },
    /// A NaN or infinity in a point or a direction.
    #[error("{name}: entry ({}, {}) is {value}; a finite number is needed (Mode::Ieee lets it pass)", index.0, index.1)]
    NonFiniteInput {
        /// The variable.
        name: String,
        /// Row and column.
        index: (usize, usize),
        /// What stands there.
        value: f64,
    },
    /// A computed number is not finite.
    #[error("{phase} is not finite: {op} at {line} gave {value} at entry ({}, {}) of value %{node}", index.0, index.1)]
    NonFinite {
        /// The operation that made it from finite arguments.
        op: String,
        /// Its number in the program.
        node: usize,
        /// The line that recorded it.
        line: Line,
        /// Which pass.
        phase: Phase,
        /// Row and column in its result.
        index: (usize, usize),
        /// What it gave.
        value: f64,
    },
    /// The function is not differentiable at this point (Mode::Strict).
    #[error("not differentiable here: {op} at {line}, entry ({}, {}) of value %{node}", index.0, index.1)]
    Kink {
        /// The operation.
        op: String,
        /// Its number in the program.
        node: usize,
        /// The line that recorded it.
        line: Line,
        /// Row and column in its result.
        index: (usize, usize),
    },
    /// A matrix without an inverse, exactly or up to rounding: a pivot is zero, or the reciprocal of the condition
    /// number is below the machine's epsilon.
    #[error("{op} at {line}: the matrix is singular{} (reciprocal condition {rcond:e}, value %{node})", at_pivot(*pivot))]
    Singular {
        /// The operation.
        op: String,
        /// Its number in the program.
        node: usize,
        /// The line that recorded it.
        line: Line,
        /// The number of the elimination step whose pivot is zero, from 0; `None` where all are non-zero.
        pivot: Option<usize>,
        /// The estimated reciprocal of the condition number in the 1-norm.
        rcond: f64,
    },
    /// A symmetric matrix that is not positive definite.
    #[error(
        "{op} at {line}: the matrix is not positive definite: its leading minor of size {minor} is not positive (value %{node})"
    )]
    NotPositiveDefinite {
        /// The operation.
        op: String,
        /// Its number in the program.
        node: usize,
        /// The line that recorded it.
        line: Line,
        /// The size of the first leading block whose determinant is not positive.
        minor: usize,
    },
    /// A matrix that is not symmetric up to 1e-12 of its largest entry, where one is needed
    /// ([`Mode::Ieee`](crate::Mode::Ieee) takes its symmetric part).
    #[error("{op} at {line}: the matrix is not symmetric: entries ({0}, {1}) and ({1}, {0}) differ by {difference:e} (value %{node}); use symmetric_part to mean its symmetric part", index.0, index.1)]
    NotSymmetric {
        /// The operation.
        op: String,
        /// Its number in the program.
        node: usize,
        /// The line that recorded it.
        line: Line,
        /// Row and column of the largest difference.
        index: (usize, usize),
        /// By how much the two entries differ.
        difference: f64,
    },
    /// An argument outside the domain of a function of matrices.
    #[error("{op} at {line} needs {needs}, not {value:e} (value %{node})")]
    Domain {
        /// The operation.
        op: String,
        /// Its number in the program.
        node: usize,
        /// The line that recorded it.
        line: Line,
        /// What it needs.
        needs: &'static str,
        /// What it was given.
        value: f64,
    },
    /// A matrix whose columns (or rows, if they are fewer) are linearly dependent up to rounding.
    #[error("{op} at {line}: the matrix has rank {rank}, and full rank is needed (value %{node})")]
    RankDeficient {
        /// The operation.
        op: String,
        /// Its number in the program.
        node: usize,
        /// The line that recorded it.
        line: Line,
        /// The numerical rank.
        rank: usize,
    },
    /// Eigenvalues or singular values that are not distinct, where each alone is asked for.
    #[error(
        "{op} at {line}: two values are {gap:e} apart, relative to the largest, and can't be told from each other (value %{node}); functions symmetric in them have derivatives"
    )]
    Degenerate {
        /// The operation.
        op: String,
        /// Its number in the program.
        node: usize,
        /// The line that recorded it.
        line: Line,
        /// The smallest relative distance.
        gap: f64,
    },
    /// The search for a solution of an [equation](crate::Graph::root_of) found none from its start, or a multiple one.
    #[error(
        "{op} at {line}: the search from the start did not converge: the residual is {residual:e} after {steps} steps (value %{node})"
    )]
    NoConvergence {
        /// The operation.
        op: String,
        /// Its number in the program.
        node: usize,
        /// The line that recorded it.
        line: Line,
        /// The largest entry of the residual, or of the gradient of what is minimized, where the search ended.
        residual: f64,
        /// The number of Newton steps made.
        steps: usize,
    },
    /// A stationary point of what is [minimized](crate::Graph::argmin_of) whose Hessian is not positive definite.
    #[error(
        "{op} at {line}: the search ended at no strict minimum: the leading minor of size {minor} of the Hessian is not positive (value %{node})"
    )]
    NotAMinimum {
        /// The operation.
        op: String,
        /// Its number in the program.
        node: usize,
        /// The line that recorded it.
        line: Line,
        /// The size of the first leading block of the Hessian whose determinant is not positive.
        minor: usize,
    },
    /// A minimum, maximum or mean of nothing.
    #[error("{op} at {line}: an empty array has none")]
    Empty {
        /// The operation.
        op: String,
        /// The line that recorded it.
        line: Line,
    },
    /// A scalar function is needed.
    #[error(
        "{what} needs a scalar function; this one is {rows}x{cols}. Use jvp, vjp or jacobian, or record a scalar of it"
    )]
    NotScalar {
        /// The call.
        what: &'static str,
        /// Rows of the output.
        rows: usize,
        /// Columns of the output.
        cols: usize,
    },
    /// More memory than the budget allows.
    #[error("{what} needs {needed_bytes} bytes, over the budget of {limit} bytes; instead: {alternatives}")]
    Budget {
        /// The call.
        what: String,
        /// Bytes it would take (saturated).
        needed_bytes: u64,
        /// The limit in force.
        limit: u64,
        /// What fits.
        alternatives: &'static str,
    },
    /// An option of a check that can't be.
    #[error("{what} is {value}; it must be positive and finite")]
    Option {
        /// The option.
        what: &'static str,
        /// Its value.
        value: f64,
    },
    /// The cancel flag was raised.
    #[error("cancelled; the function and its points stay usable")]
    Cancelled,
    /// A function that this build has no literal dual numbers for.
    #[error("{name} has no literal dual-number evaluation")]
    NoLiteral {
        /// The operation or elementwise function.
        name: String,
    },
    /// A defect of hessite itself.
    #[error("internal defect, please report it: {0}")]
    Internal(String),
}

fn at_pivot(pivot: Option<usize>) -> String {
    pivot.map_or(String::new(), |k| format!(": pivot {k} is zero"))
}

/// What every fallible call returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;
