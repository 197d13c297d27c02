//! What is computed: an SSA list of array instructions with known shapes.
//!
//! A [`Program`] is immutable; a [`Builder`] appends to one. One invariant holds everywhere: an
//! instruction's arguments have smaller numbers than itself, so every walk is a loop and nothing
//! recurses. What an operation *means* stands in its file under [`ops`]; no other room asks which
//! operation an instruction is.

mod builder;
mod evaluator;
pub(crate) mod implicit;
mod inline;
pub(crate) mod literal;
pub(crate) mod number;
pub(crate) mod ops;
pub(crate) mod scalar;
pub(crate) mod split;

pub(crate) use builder::Builder;
use ops::Op;
use smallvec::SmallVec;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

/// Rows and columns. Vectors are n×1, scalars 1×1.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Shape {
    pub rows: usize,
    pub cols: usize,
}

impl Shape {
    pub const SCALAR: Shape = Shape { rows: 1, cols: 1 };

    pub const fn new(rows: usize, cols: usize) -> Self {
        Shape { rows, cols }
    }

    /// Number of entries, saturated; declarations and the builder see to it that it [fits](Self::fits).
    pub const fn len(self) -> usize {
        self.rows.saturating_mul(self.cols)
    }

    /// Whether memory can be addressed that holds the entries: it ends at `isize::MAX` bytes.
    pub const fn fits(self) -> bool {
        self.len() <= isize::MAX as usize / 8
    }

    pub fn is_scalar(self) -> bool {
        self == Shape::SCALAR
    }

    pub fn transposed(self) -> Shape {
        Shape::new(self.cols, self.rows)
    }

    /// Whether an array of this shape can stand, repeated, for one of shape `full`.
    pub fn broadcasts_to(self, full: Shape) -> bool {
        (self.rows == full.rows || self.rows == 1) && (self.cols == full.cols || self.cols == 1)
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.rows, self.cols)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The number of an instruction in its program.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Value(pub u32);

impl Value {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "%{}", self.0)
    }
}

/// Where in the user's source an instruction was recorded.
pub(crate) type Origin = Option<&'static Location<'static>>;

/// The arguments of an instruction.
pub(crate) type Args = SmallVec<[Value; 3]>;

/// `value = op(args)`.
#[derive(Clone)]
pub(crate) struct Instr {
    pub op: Op,
    pub args: Args,
    pub shape: Shape,
    pub origin: Origin,
}

/// An SSA list of array instructions: `Value(k)` is the result of `instrs[k]`.
#[derive(Clone, Default)]
pub(crate) struct Program {
    pub instrs: Vec<Instr>,
    /// Shapes of the inputs, by the index that `ops::Input` carries.
    pub inputs: Vec<Shape>,
    /// Constant arrays, column-major, by the index that `ops::Data` carries.
    pub data: Vec<Arc<[f64]>>,
    pub outputs: Vec<Value>,
}

impl Program {
    pub fn len(&self) -> usize {
        self.instrs.len()
    }

    pub fn instr(&self, v: Value) -> &Instr {
        &self.instrs[v.index()]
    }

    pub fn shape(&self, v: Value) -> Shape {
        self.instr(v).shape
    }

    pub fn values(&self) -> impl DoubleEndedIterator<Item = Value> + use<> {
        (0..self.instrs.len() as u32).map(Value)
    }

    /// Marks the values that `targets` need, targets included.
    pub fn cone(&self, targets: impl IntoIterator<Item = Value>) -> Vec<bool> {
        let mut need = vec![false; self.len()];
        for t in targets {
            need[t.index()] = true;
        }
        for k in (0..self.len()).rev() {
            if need[k] {
                for a in &self.instrs[k].args {
                    need[a.index()] = true;
                }
            }
        }
        need
    }

    /// Marks the values that depend on one of `roots`, roots included.
    pub fn influence(&self, roots: impl IntoIterator<Item = Value>) -> Vec<bool> {
        let mut hit = vec![false; self.len()];
        for r in roots {
            hit[r.index()] = true;
        }
        for k in 0..self.len() {
            hit[k] = hit[k] || self.instrs[k].args.iter().any(|a| hit[a.index()]);
        }
        hit
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (v, i) in self.values().zip(&self.instrs) {
            writeln!(f, "{v:?}: {} = {} {:?}", i.shape, i.op.describe(), i.args)?;
        }
        writeln!(f, "-> {:?}", self.outputs)
    }
}
