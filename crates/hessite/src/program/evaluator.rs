//! A program evaluated inside of an operation, in the order of its instructions.

use super::ops::Target;
use super::{Program, Value};
use crate::dense::buffer::Buffer;
use crate::dense::lanes::{View, ViewMut};
use crate::dense::stop::Stop;
use crate::error::Failure;
use smallvec::SmallVec;

/// A program with memory for all its values. Mere conventions (a matrix that is not quite symmetric) pass, as on the way
/// to a solution they have to.
///
/// What depends on the last input alone can be evaluated again and again for other values of that one.
pub(super) struct Evaluator<'p> {
    program: &'p Program,
    values: Vec<Buffer>,
    inputs: Vec<Option<Value>>,
    /// What depends on the last input.
    moving: Vec<bool>,
}

impl<'p> Evaluator<'p> {
    pub fn new(program: &'p Program) -> Self {
        let mut values: Vec<Buffer> =
            program.instrs.iter().map(|i| Buffer::with_len(i.shape.len())).collect();
        let mut inputs = vec![None; program.inputs.len()];
        for (v, i) in program.values().zip(&program.instrs) {
            if let Some(k) = i.op.as_input() {
                inputs[k] = Some(v);
            } else if let Some(k) = i.op.as_data() {
                values[v.index()].copy_from_slice(&program.data[k]);
            }
        }
        let moving = program.influence(inputs.last().copied().flatten());
        Evaluator { program, values, inputs, moving }
    }

    /// All values for these inputs.
    pub fn run(&mut self, inputs: &[&[f64]], stop: Stop<'_>) -> Result<(), Failure> {
        self.set(inputs);
        self.each(stop, |_| true)
    }

    /// As [`run`](Self::run), without what depends on the last input, which is not given.
    pub fn prepare(&mut self, inputs: &[&[f64]], stop: Stop<'_>) -> Result<(), Failure> {
        self.set(inputs);
        self.each(stop, |moving| !moving)
    }

    /// After [`prepare`](Self::prepare), the first output for this value of the last input.
    pub fn along(&mut self, last: &[f64], stop: Stop<'_>) -> Result<&[f64], Failure> {
        if let Some(v) = self.inputs.last().copied().flatten() {
            self.values[v.index()].copy_from_slice(last);
        }
        self.each(stop, |moving| moving)?;
        Ok(self.output(0))
    }

    pub fn output(&self, k: usize) -> &[f64] {
        self.program.outputs.get(k).map_or(&[], |v| &self.values[v.index()])
    }

    fn set(&mut self, inputs: &[&[f64]]) {
        for (v, x) in self.inputs.iter().zip(inputs) {
            if let Some(v) = v {
                self.values[v.index()].copy_from_slice(x);
            }
        }
    }

    fn each(&mut self, stop: Stop<'_>, which: impl Fn(bool) -> bool) -> Result<(), Failure> {
        for (k, i) in self.program.instrs.iter().enumerate() {
            if !which(self.moving[k]) || i.op.as_input().is_some() || i.op.as_data().is_some() {
                continue;
            }
            let (before, after) = self.values.split_at_mut(k);
            let view = |a: &Value| {
                let s = self.program.shape(*a);
                View { data: &before[a.index()], rows: s.rows, cols: s.cols, lanes: 1 }
            };
            let args: SmallVec<[View<'_>; 4]> = i.args.iter().map(view).collect();
            let (rows, cols) = (i.shape.rows, i.shape.cols);
            let out = ViewMut { data: &mut after[0], rows, cols, lanes: 1 };
            i.op.run(&args, Target::plain(out, stop));
            let result = View { data: &after[0], rows, cols, lanes: 1 };
            if i.op.fallible()
                && !stop.raised()
                && let Some(failure) = i.op.failure(&args, result)
                && !failure.is_convention()
            {
                return Err(failure);
            }
        }
        Ok(())
    }
}
