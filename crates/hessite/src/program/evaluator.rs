//! A program evaluated inside of an operation, in the order of its instructions.

use super::ops::Target;
use super::{Program, Shape, Value};
use crate::dense::buffer::Buffer;
use crate::dense::lanes::{View, ViewMut};
use crate::dense::stop::Stop;
use crate::error::Failure;
use smallvec::SmallVec;

/// Memory for all values of a program. Mere conventions (a matrix that is not quite symmetric) pass, as on the way to a
/// solution they have to.
pub(super) struct Evaluator {
    values: Vec<Buffer>,
    inputs: Vec<Option<Value>>,
}

impl Evaluator {
    pub fn new(program: &Program) -> Self {
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
        Evaluator { values, inputs }
    }

    /// An input.
    pub fn set(&mut self, k: usize, x: &[f64]) {
        if let Some(v) = self.inputs[k] {
            self.values[v.index()].copy_from_slice(x);
        }
    }

    /// The values from number `from` on, up to `to`, for the inputs that were set.
    pub fn run(
        &mut self,
        program: &Program,
        (from, to): (usize, usize),
        stop: Stop<'_>,
    ) -> Result<(), Failure> {
        for k in from..to {
            let i = &program.instrs[k];
            if i.op.as_input().is_some() || i.op.as_data().is_some() {
                continue;
            }
            let (before, after) = self.values.split_at_mut(k);
            let view = |a: &Value| one_lane(&before[a.index()], program.shape(*a));
            let args: SmallVec<[View<'_>; 16]> = i.args.iter().map(view).collect();
            let (rows, cols) = (i.shape.rows, i.shape.cols);
            i.op.run(&args, Target::plain(ViewMut { data: &mut after[0], rows, cols, lanes: 1 }, stop));
            if i.op.fallible()
                && !stop.raised()
                && let Some(failure) = i.op.failure(&args, one_lane(&after[0], i.shape))
                && !failure.is_convention()
            {
                return Err(failure);
            }
        }
        Ok(())
    }

    pub fn value(&self, v: Value) -> &[f64] {
        &self.values[v.index()]
    }
}

fn one_lane(data: &[f64], shape: Shape) -> View<'_> {
    View { data, rows: shape.rows, cols: shape.cols, lanes: 1 }
}

/// The direction part of a linear program: its first input comes per direction, the others are values of a point.
pub(crate) struct Directions {
    /// The values of a point: a program, and what more the direction part needs.
    pub point: Program,
    pub program: Program,
    /// The point values behind the other inputs.
    pub imported: Vec<Value>,
}

/// How many directions go together.
const WIDTH: usize = 8;

/// Memory for all values of a direction part that depend on the direction, for [`WIDTH`] directions; and for the others.
pub(super) struct Lanes {
    values: Vec<Buffer>,
    moving: Vec<bool>,
}

impl Lanes {
    pub fn new(of: &Directions) -> Self {
        let inputs = of.program.values().filter(|&v| of.program.instr(v).op.as_input() == Some(0));
        let moving = of.program.influence(inputs);
        let values = of.program.values().map(|v| {
            let instr = of.program.instr(v);
            let len = match (instr.op.as_input(), moving[v.index()]) {
                (_, true) => WIDTH * instr.shape.len(),
                (Some(_), false) => 0,
                (None, false) => instr.shape.len(),
            };
            let mut own = Buffer::with_len(len);
            if let Some(k) = instr.op.as_data() {
                own.copy_from_slice(&of.program.data[k]);
            }
            own
        });
        Lanes { values: values.collect(), moving }
    }

    /// The columns of the matrix of the linear map, for the point values in `point`.
    pub fn columns(&mut self, of: &Directions, point: &Evaluator, out: &mut [f64], stop: Stop<'_>) {
        let program = &of.program;
        let Some(seed) = program.values().find(|&v| program.instr(v).op.as_input() == Some(0)) else {
            return;
        };
        let Some(&result) = program.outputs.first() else { return };
        let n = program.shape(seed).len();
        let rows = program.shape(result).len();
        for first in (0..n).step_by(WIDTH) {
            let count = WIDTH.min(n - first);
            self.values[seed.index()].fill(0.0);
            (0..count).for_each(|l| self.values[seed.index()][(first + l) * WIDTH + l] = 1.0);
            self.run(of, point, stop);
            let lanes = &self.values[result.index()];
            for l in 0..count {
                let column = &mut out[(first + l) * rows..(first + l + 1) * rows];
                column.iter_mut().zip(lanes.iter().skip(l).step_by(WIDTH)).for_each(|(o, x)| *o = *x);
            }
        }
    }

    fn run(&mut self, of: &Directions, point: &Evaluator, stop: Stop<'_>) {
        for (k, i) in of.program.instrs.iter().enumerate() {
            if i.op.as_input().is_some() || i.op.as_data().is_some() || stop.raised() {
                continue;
            }
            let (before, after) = self.values.split_at_mut(k);
            let view = |a: &Value| {
                let (instr, moving) = (of.program.instr(*a), self.moving[a.index()]);
                let data = match instr.op.as_input().filter(|_| !moving) {
                    Some(k) => point.value(of.imported[k - 1]),
                    None => &before[a.index()],
                };
                let Shape { rows, cols } = instr.shape;
                View { data, rows, cols, lanes: if moving { WIDTH } else { 1 } }
            };
            let args: SmallVec<[View<'_>; 16]> = i.args.iter().map(view).collect();
            let (rows, cols) = (i.shape.rows, i.shape.cols);
            let lanes = if self.moving[k] { WIDTH } else { 1 };
            i.op.run(&args, Target::plain(ViewMut { data: &mut after[0], rows, cols, lanes }, stop));
        }
    }
}
