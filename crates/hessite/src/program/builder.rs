//! Appending to a program, with common subexpressions found and local identities applied on the way.

use super::ops::{Fill, Op};
use super::scalar::{self, Row};
use super::{Args, Instr, Origin, Program, Shape, Value};
use crate::error::Mismatch;
use hashbrown::HashTable;
use rustc_hash::FxHasher;
use std::hash::{Hash, Hasher};

/// Appends instructions to a [`Program`].
///
/// Equal instructions are appended once. An operation's own `simplify` is asked first, so that
/// what is a mere identity (a transpose of a transpose, a product with one) never gets a number.
#[derive(Default)]
pub(crate) struct Builder {
    program: Program,
    /// The values by the hash of their instruction; the instructions themselves are the keys.
    seen: HashTable<Value>,
    /// Stamped on new instructions.
    pub origin: Origin,
    fault: Option<Mismatch>,
}

fn hash(op: &Op, args: &[Value]) -> u64 {
    let mut state = FxHasher::default();
    op.hash(&mut state);
    args.hash(&mut state);
    state.finish()
}

fn hash_of(program: &Program, v: Value) -> u64 {
    let i = program.instr(v);
    hash(&i.op, &i.args)
}

impl Builder {
    /// Goes on from a finished program; its values keep their numbers.
    pub fn extend(program: Program) -> Self {
        let mut seen = HashTable::with_capacity(2 * program.len());
        for (v, i) in program.values().zip(&program.instrs) {
            seen.insert_unique(hash(&i.op, &i.args), v, |&v| hash_of(&program, v));
        }
        Builder { program, seen, origin: None, fault: None }
    }

    pub fn program(&self) -> &Program {
        &self.program
    }

    pub fn shape(&self, v: Value) -> Shape {
        self.program.shape(v)
    }

    pub fn instr(&self, v: Value) -> &Instr {
        self.program.instr(v)
    }

    /// A further input of the program.
    pub fn input(&mut self, shape: Shape) -> Value {
        let index = self.program.inputs.len() as u32;
        self.program.inputs.push(shape);
        self.push(super::ops::Input { index }.into(), Args::new(), shape)
    }

    /// A constant array, column-major.
    pub fn data(&mut self, shape: Shape, entries: std::sync::Arc<[f64]>) -> Value {
        let index = self.program.data.len() as u32;
        self.program.data.push(entries);
        self.push(super::ops::Data { index, rows: shape.rows, cols: shape.cols }.into(), Args::new(), shape)
    }

    /// An array with all entries `x`.
    pub fn fill(&mut self, shape: Shape, x: f64) -> Value {
        self.emit(Fill::new(shape, x), &[])
    }

    pub fn constant(&mut self, x: f64) -> Value {
        self.fill(Shape::SCALAR, x)
    }

    /// The entry of an array whose entries are all the same constant.
    pub fn uniform(&self, v: Value) -> Option<f64> {
        match &self.instr(v).op {
            Op::Fill(fill) => Some(fill.value()),
            _ => None,
        }
    }

    /// Appends `op(args)` unless an equal or simpler value is there already.
    pub fn try_emit(&mut self, op: impl Into<Op>, args: &[Value]) -> Result<Value, Mismatch> {
        let op = op.into();
        let shapes: smallvec::SmallVec<[Shape; 4]> = args.iter().map(|&a| self.shape(a)).collect();
        let shape = op.shape(&shapes)?;
        if !shape.fits() {
            return Err(Mismatch::new(format!("{shape} entries do not fit in memory")));
        }
        if let Some(v) = op.simplify(self, args, shape) {
            return Ok(v);
        }
        let hash = hash(&op, args);
        if let Some(v) = self.hashed(hash, &op, args) {
            return Ok(v);
        }
        let v = self.push(op, Args::from_slice(args), shape);
        self.seen.insert_unique(hash, v, |&v| hash_of(&self.program, v));
        Ok(v)
    }

    /// The value of `op(args)` if it is there already.
    pub fn find(&self, op: impl Into<Op>, args: &[Value]) -> Option<Value> {
        let op = op.into();
        self.hashed(hash(&op, args), &op, args)
    }

    fn hashed(&self, hash: u64, op: &Op, args: &[Value]) -> Option<Value> {
        let same = |&v: &Value| {
            let i = self.program.instr(v);
            i.op == *op && i.args[..] == *args
        };
        self.seen.find(hash, same).copied()
    }

    /// As [`try_emit`](Self::try_emit), for the transformations: shapes that do not fit are a defect of
    /// a rule; it is kept and comes out of [`finish`](Self::finish).
    pub fn emit(&mut self, op: impl Into<Op>, args: &[Value]) -> Value {
        match self.try_emit(op, args) {
            Ok(v) => v,
            Err(fault) => {
                self.fault.get_or_insert(fault);
                let zero = Fill::new(Shape::SCALAR, 0.0);
                self.push(zero.into(), Args::new(), Shape::SCALAR)
            }
        }
    }

    fn push(&mut self, op: Op, args: Args, shape: Shape) -> Value {
        let v = Value(self.program.instrs.len() as u32);
        self.program.instrs.push(Instr { op, args, shape, origin: self.origin });
        v
    }

    /// The program with these outputs.
    pub fn finish(mut self, outputs: Vec<Value>) -> Result<Program, Mismatch> {
        self.program.outputs = outputs;
        match self.fault {
            None => Ok(self.program),
            Some(fault) => Err(fault),
        }
    }

    // Elementwise words that the derivative rules are written with.

    pub fn map(&mut self, row: &'static Row, args: &[Value]) -> Value {
        self.emit(super::ops::Map::new(row, 0.0), args)
    }

    pub fn map_with(&mut self, row: &'static Row, parameter: f64, args: &[Value]) -> Value {
        self.emit(super::ops::Map::new(row, parameter), args)
    }

    pub fn add(&mut self, x: Value, y: Value) -> Value {
        self.map(&scalar::ADD, &[x, y])
    }

    pub fn mul(&mut self, x: Value, y: Value) -> Value {
        self.map(&scalar::MUL, &[x, y])
    }

    pub fn neg(&mut self, x: Value) -> Value {
        self.map(&scalar::NEG, &[x])
    }

    pub fn scale(&mut self, factor: f64, x: Value) -> Value {
        self.map_with(&scalar::SCALE, factor, &[x])
    }

    pub fn recip(&mut self, x: Value) -> Value {
        self.map(&scalar::RECIP, &[x])
    }

    /// `t` where `condition` is not zero, an exact 0 elsewhere, whatever `t` is there.
    pub fn gate(&mut self, condition: Value, t: Value) -> Value {
        self.map(&scalar::GATE, &[condition, t])
    }
}
