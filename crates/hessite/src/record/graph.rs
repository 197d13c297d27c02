//! The recorder and its variables.

use super::matrix::{Matrix, Scalar};
use super::structure::Packing;
use super::{Binding, Entries, Key};
use crate::error::{Error, Line, Mismatch, Result};
use crate::program::ops::{Fill, FromDiagonal, Op};
use crate::program::{Builder, Program, Shape, Value};
use std::cell::RefCell;
use std::collections::HashMap;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A place in the user's source.
pub(crate) type Caller = &'static Location<'static>;

/// A variable of a graph, as a key: `Copy + Send + Sync + 'static`, so it outlives the graph and enters threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Var {
    pub(crate) graph: u64,
    /// Position among the graph's variables; none for a handle that is not a variable.
    pub(crate) index: Option<u32>,
}

impl Var {
    /// Pairs this variable with its value, a direction or a weight.
    pub fn is<'a>(self, entries: impl Into<Entries<'a>>) -> Binding<'a> {
        Binding::new(Key::Var(self), entries.into())
    }
}

/// A declared variable.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    pub name: String,
    pub value: Value,
    pub shape: Shape,
    pub line: Line,
    /// What its entries are coordinates of, and the value of that matrix.
    pub packing: Option<(Packing, Value)>,
}

/// Records functions of matrices.
///
/// Declare variables, write the function with operators and methods on the handles, and make it a
/// [`Function`](crate::Function) with [`function`](Graph::function). A graph makes any number of functions.
///
/// ```
/// # fn main() -> hessite::Result<()> {
/// let g = hessite::Graph::new();
/// let x = g.matrix("X", 2, 2);
/// let y = g.matrix("Y", 2, 2);
/// let f = g.function((x * x * y).norm())?;
/// let at = f.at(&[x.is(&[1.0, 3.0, 2.0, 4.0]), y.is(&[0.5, 1.5, -1.0, 2.0])])?;
/// assert!((at.value() - 54.7037).abs() < 1e-4);
/// # Ok(())
/// # }
/// ```
pub struct Graph {
    id: u64,
    recorder: RefCell<Recorder>,
}

#[derive(Default)]
struct Recorder {
    builder: Builder,
    variables: Vec<Variable>,
    /// What went wrong, by the value that stands for the missing result.
    faults: HashMap<Value, Error>,
    /// A declaration that can't be.
    declaration: Option<Error>,
}

static NEXT_GRAPH: AtomicU64 = AtomicU64::new(1);

impl Default for Graph {
    fn default() -> Self {
        Graph::new()
    }
}

impl std::fmt::Debug for Graph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let r = self.recorder.borrow();
        let names: Vec<&str> = r.variables.iter().map(|v| v.name.as_str()).collect();
        f.debug_struct("Graph")
            .field("variables", &names)
            .field("recorded", &r.builder.program().len())
            .finish()
    }
}

impl Graph {
    /// An empty graph.
    pub fn new() -> Self {
        Graph { id: NEXT_GRAPH.fetch_add(1, Ordering::Relaxed), recorder: RefCell::default() }
    }

    /// Declares a matrix variable. Entries are numbered column by column (`vec` order) wherever a slice stands for it.
    #[track_caller]
    pub fn matrix(&self, name: &str, rows: usize, cols: usize) -> Matrix<'_> {
        Matrix::new(self, self.declare(name, rows, cols, Location::caller()))
    }

    /// Declares a column vector of `n` entries.
    #[track_caller]
    pub fn vector(&self, name: &str, n: usize) -> Matrix<'_> {
        Matrix::new(self, self.declare(name, n, 1, Location::caller()))
    }

    /// Declares a scalar variable.
    #[track_caller]
    pub fn scalar(&self, name: &str) -> Scalar<'_> {
        Scalar::new(self, self.declare(name, 1, 1, Location::caller()))
    }

    /// A constant matrix, copied. Anything that [`Var::is`] takes: nalgebra matrices and views, or a slice, which
    /// is a column.
    #[track_caller]
    pub fn data<'a>(&self, entries: impl Into<Entries<'a>>) -> Matrix<'_> {
        let entries: Entries<'_> = entries.into();
        let (rows, cols) = entries.shape().unwrap_or((entries.as_slice().len(), 1));
        Matrix::new(self, self.constant_array(Shape::new(rows, cols), entries.as_slice()))
    }

    /// A constant scalar.
    pub fn constant(&self, x: f64) -> Scalar<'_> {
        Scalar::new(self, self.recorder.borrow_mut().builder.constant(x))
    }

    /// A constant matrix with all entries `x`.
    #[track_caller]
    pub fn repeat(&self, rows: usize, cols: usize, x: f64) -> Matrix<'_> {
        let line = Location::caller();
        match rows.checked_mul(cols) {
            Some(_) => Matrix::new(self, self.emit(Fill::new(Shape::new(rows, cols), x), &[], line)),
            None => Matrix::new(self, self.fail(too_large("constant", rows, cols, Line(Some(line))))),
        }
    }

    /// The identity matrix.
    #[track_caller]
    pub fn identity(&self, n: usize) -> Matrix<'_> {
        let line = Location::caller();
        let ones = self.emit(Fill::new(Shape::new(n, 1), 1.0), &[], line);
        Matrix::new(self, self.emit(FromDiagonal, &[ones], line))
    }

    fn declare(&self, name: &str, rows: usize, cols: usize, line: &'static Location<'static>) -> Value {
        let mut r = self.recorder.borrow_mut();
        let line = Line(Some(line));
        let fits = Shape::new(rows, cols).fits();
        let fault = match r.variables.iter().find(|v| v.name == name) {
            Some(first) => Some(Error::Declaration {
                name: name.into(),
                line,
                why: format!("the name is taken since {}; give each variable its own", first.line),
            }),
            None => (!fits).then(|| too_large(name, rows, cols, line)),
        };
        let shape = if fits { Shape::new(rows, cols) } else { Shape::SCALAR };
        let value = r.builder.input(shape);
        r.variables.push(Variable { name: name.into(), value, shape, line, packing: None });
        if let Some(fault) = fault {
            r.declaration.get_or_insert(fault);
        }
        value
    }

    /// Declares the coordinates of a structured variable.
    pub(super) fn declare_packed(&self, name: &str, packing: Packing, line: Caller) -> Value {
        let value = self.declare(name, packing.len(), 1, line);
        if !Shape::new(packing.n, packing.n).fits() {
            let fault = too_large(name, packing.n, packing.n, Line(Some(line)));
            self.recorder.borrow_mut().declaration.get_or_insert(fault);
        }
        if let Some(v) = self.recorder.borrow_mut().variables.last_mut() {
            v.packing = Some((packing, value));
        }
        value
    }

    /// Says which matrix the coordinates of the last variable stand for.
    pub(super) fn set_full(&self, packed: Value, full: Value) {
        let mut r = self.recorder.borrow_mut();
        let own = r.variables.last_mut().filter(|v| v.value == packed);
        if let Some((_, matrix)) = own.and_then(|v| v.packing.as_mut()) {
            *matrix = full;
        }
    }

    pub(super) fn constant_array(&self, shape: Shape, entries: &[f64]) -> Value {
        let mut r = self.recorder.borrow_mut();
        match entries {
            [x] if shape.is_scalar() => r.builder.constant(*x),
            _ => r.builder.data(shape, Arc::from(entries)),
        }
    }

    /// Records an operation, or its failure.
    pub(crate) fn emit(&self, op: impl Into<Op>, args: &[Value], line: &'static Location<'static>) -> Value {
        let op = op.into();
        let mut r = self.recorder.borrow_mut();
        if let Some(&bad) = args.iter().find(|a| r.faults.contains_key(a)) {
            return bad;
        }
        r.builder.origin = Some(line);
        match r.builder.try_emit(op.clone(), args) {
            Ok(v) => v,
            Err(why) => {
                let error = r.explain(op.name(), args, &why, Line(Some(line)));
                r.fail(error)
            }
        }
    }

    /// The failure of an operation that can't be recorded, or whose own shape rule is wider than what its method
    /// promises.
    pub(crate) fn reject(
        &self,
        name: &str,
        args: &[Value],
        why: &str,
        line: &'static Location<'static>,
    ) -> Value {
        let mut r = self.recorder.borrow_mut();
        if let Some(&bad) = args.iter().find(|a| r.faults.contains_key(a)) {
            return bad;
        }
        let error = r.explain(name, args, &Mismatch::new(why), Line(Some(line)));
        r.fail(error)
    }

    pub(crate) fn fail(&self, error: Error) -> Value {
        self.recorder.borrow_mut().fail(error)
    }

    pub(crate) fn shape(&self, v: Value) -> Shape {
        self.recorder.borrow().builder.shape(v)
    }

    pub(super) fn same(&self, other: &Graph) -> bool {
        self.id == other.id
    }

    pub(super) fn var(&self, v: Value) -> Var {
        Var { graph: self.id, index: self.recorder.borrow().variable(v) }
    }

    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// What was recorded so far, for a function of `output`.
    pub(crate) fn snapshot(&self, output: Value) -> Result<(Program, Vec<Variable>)> {
        let r = self.recorder.borrow();
        if let Some(e) = r.declaration.as_ref().or(r.faults.get(&output)) {
            return Err(e.clone());
        }
        let mut program = r.builder.program().clone();
        program.outputs = vec![output];
        Ok((program, r.variables.clone()))
    }
}

fn too_large(name: &str, rows: usize, cols: usize, line: Line) -> Error {
    Error::Declaration { name: name.into(), line, why: format!("{rows}x{cols} entries don't fit in memory") }
}

impl Recorder {
    fn fail(&mut self, error: Error) -> Value {
        let stand_in = self.builder.data(Shape::SCALAR, Arc::from([f64::NAN]));
        self.faults.insert(stand_in, error);
        stand_in
    }

    /// The words of a shape error: operands with shapes, where they come from, and the operation's line.
    fn explain(&self, op: &str, args: &[Value], why: &Mismatch, line: Line) -> Error {
        if why.why.contains("empty") {
            return Error::Empty { op: op.into(), line };
        }
        let names: Vec<String> = args.iter().map(|&a| self.name_of(a)).collect();
        let expression = match (op, &names[..]) {
            ("product", [x, y]) => format!("{x}*{y}"),
            ("add", [x, y]) => format!("{x}+{y}"),
            ("sub", [x, y]) => format!("{x}-{y}"),
            (name, names) => format!("{name}({})", names.join(", ")),
        };
        let mut seen: Vec<Value> = args.to_vec();
        seen.dedup();
        let shapes: Vec<String> =
            seen.iter().map(|&a| format!("{} is {}", self.name_of(a), self.builder.shape(a))).collect();
        let mut places: Vec<String> = seen
            .iter()
            .map(|&a| match self.variable(a) {
                Some(k) => format!("{} declared at {}", self.name_of(a), self.variables[k as usize].line),
                None => format!("{} recorded at {}", self.name_of(a), Line(self.builder.instr(a).origin)),
            })
            .collect();
        places.push(format!("{op} at {line}"));
        Error::Shape {
            message: format!("{expression}: {} ({}); {}", shapes.join(", "), why.why, places.join(", ")),
        }
    }

    /// The variable that a value is, or is the matrix of; variables are declared in the order of their values.
    fn variable(&self, v: Value) -> Option<u32> {
        let own = self.variables.binary_search_by_key(&v, |k| k.value).ok();
        let packed = || self.variables.iter().position(|k| k.packing.is_some_and(|(_, full)| full == v));
        own.or_else(packed).map(|k| k as u32)
    }

    fn name_of(&self, v: Value) -> String {
        match self.variable(v) {
            Some(k) => self.variables[k as usize].name.clone(),
            None => format!("[{}]", self.builder.instr(v).op.name()),
        }
    }
}
