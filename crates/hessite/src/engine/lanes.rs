//! The direction part: K directions at a time through a linear program, on a kept point.
//!
//! Buffers are shared by values that are never alive together. A product that a combination merely adds up is
//! made where the sum is wanted, added to what stands there.

use super::control::Control;
use super::{Place, Stages, with_views};
use crate::dense::buffer::Buffer;
use crate::dense::lanes::{View, ViewMut};
use crate::dense::stop::Stop;
use crate::error::Result;
use crate::program::ops::{Combine, Op, Target};
use crate::program::{Program, Shape, Value};
use smallvec::SmallVec;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// Where an argument of a step lies.
#[derive(Clone, Copy, Debug)]
enum Source {
    /// A point value.
    Point(Place),
    /// A constant of the direction part itself.
    Constant(u32),
    /// A value with lanes.
    Lanes(Value),
    /// The same, once the values have their buffers.
    Slot(u32),
}

struct Step {
    op: Op,
    args: SmallVec<[(Source, Shape); 3]>,
    out: Value,
    shape: Shape,
    /// The buffer of `out`.
    slot: u32,
    scale: f64,
    /// A 1×1 point value that scales the result too.
    by: Option<Source>,
    add: bool,
}

impl Step {
    fn new(op: Op, args: SmallVec<[(Source, Shape); 3]>, out: Value, shape: Shape, scale: f64) -> Self {
        Step { op, args, out, shape, slot: 0, scale, by: None, add: false }
    }
}

/// A direction program, planned.
pub(crate) struct LanePlan {
    steps: Vec<Step>,
    shapes: Vec<Shape>,
    /// The buffer of each value that has one.
    slots: Vec<Option<u32>>,
    /// Entries (of one lane) of each buffer.
    lens: Vec<usize>,
    constants: Vec<Buffer>,
    /// The directions' inputs.
    pub inputs: Vec<Value>,
    outputs: Vec<Value>,
    /// Where each output lies.
    results: Vec<(Source, Shape)>,
    /// How many directions go together.
    pub width: usize,
    /// Floating-point operations of one direction.
    pub flops: u64,
}

/// Buffers whose values are dead, by length.
#[derive(Default)]
struct Free(BTreeMap<usize, Vec<u32>>);

impl Free {
    fn put(&mut self, len: usize, slot: u32) {
        self.0.entry(len).or_default().push(slot);
    }

    /// The smallest one that is long enough, else the longest.
    fn take(&mut self, len: usize) -> Option<u32> {
        let fit = self.0.range(len..).next().or(self.0.iter().next_back()).map(|(&len, _)| len)?;
        let slots = self.0.get_mut(&fit)?;
        let slot = slots.pop();
        if slots.is_empty() {
            self.0.remove(&fit);
        }
        slot
    }
}

/// The buffers of one thread.
#[derive(Default)]
pub(crate) struct Workspace {
    buffers: Vec<Buffer>,
    /// For results that are assembled.
    pub scratch: Buffer,
    /// The inputs are zero throughout.
    pub clear: bool,
}

/// Entries of the buffers of one lane below which eight go together (6 MB), below twice as many four: beyond the nearer
/// caches, where products run as fast as by one lane at a time and elementwise work gains.
const EIGHT: usize = 96 << 10;

/// Entries of the buffers of one lane up to which 16 go together, if no step has more than so many operations: there a
/// step costs more than its arithmetic.
const TINY: usize = 256;
const LIGHT: u64 = 1100;

/// The same for 32: a few numbers, by which the point's arrays are multiplied.
const SCALARS: usize = 16;

impl LanePlan {
    /// `lanes` inputs come per direction; the others stand at `places` in the point. About as many `directions` will
    /// run at a point.
    pub fn new(program: &Program, lanes: usize, places: &[Place], directions: usize) -> Self {
        let mut plan = LanePlan {
            steps: Vec::new(),
            shapes: program.instrs.iter().map(|i| i.shape).collect(),
            slots: vec![None; program.len()],
            lens: Vec::new(),
            constants: Vec::new(),
            inputs: Vec::new(),
            outputs: program.outputs.clone(),
            results: Vec::new(),
            width: 8,
            flops: 0,
        };
        plan.make_steps(program, lanes, places);
        let flops = |s: &Step| plan.step_flops(s);
        let heaviest = plan.steps.iter().map(flops).max().unwrap_or(0);
        plan.flops = plan.steps.iter().map(flops).sum();
        plan.assign_slots();
        let entries = plan.lens.iter().fold(0usize, |sum, &n| sum.saturating_add(n));
        plan.width = match entries {
            n if n <= SCALARS && directions >= 64 => 32,
            n if n <= TINY && directions > 8 && heaviest <= LIGHT => 16,
            n if n < EIGHT => 8,
            n if n < 2 * EIGHT => 4,
            _ => 1,
        };
        plan
    }

    fn step_flops(&self, s: &Step) -> u64 {
        let shapes: SmallVec<[Shape; 4]> = s.args.iter().map(|a| a.1).collect();
        s.op.flops(&shapes, s.shape)
    }

    fn make_steps(&mut self, program: &Program, lanes: usize, places: &[Place]) {
        let mut sources: Vec<Source> = Vec::with_capacity(program.len());
        let mut uses = vec![0u32; program.len()];
        program.instrs.iter().flat_map(|i| &i.args).for_each(|a| uses[a.index()] += 1);
        program.outputs.iter().for_each(|o| uses[o.index()] += 1);
        let absorbed = absorbed(program, lanes, &uses);
        for v in program.values() {
            let instr = program.instr(v);
            sources.push(match instr.op.as_input() {
                Some(k) if k < lanes => {
                    self.inputs.push(v);
                    Source::Lanes(v)
                }
                Some(k) => Source::Point(places[k - lanes]),
                None if instr.args.is_empty() => {
                    self.constants.push(constant(&instr.op, instr.shape));
                    Source::Constant(self.constants.len() as u32 - 1)
                }
                None => Source::Lanes(v),
            });
            if instr.args.is_empty() || absorbed[v.index()] {
                continue;
            }
            let args = |v: Value| {
                program.instr(v).args.iter().map(|a| (sources[a.index()], program.shape(*a))).collect()
            };
            let mut add = false;
            let mut rest = None;
            if let Some(c) = instr.op.as_combine() {
                let mut left = (Combine::new(instr.shape), SmallVec::new());
                for (factor, coef, base) in c.terms() {
                    let base = instr.args[base];
                    if absorbed[base.index()] {
                        let op = program.instr(base).op.clone();
                        let by = coef.map(|c| sources[instr.args[c].index()]);
                        self.steps.push(Step {
                            by,
                            add,
                            ..Step::new(op, args(base), v, instr.shape, factor)
                        });
                        add = true;
                        continue;
                    }
                    left.0.push(factor, coef.is_some());
                    for a in coef.map(|c| instr.args[c]).into_iter().chain([base]) {
                        left.1.push((sources[a.index()], program.shape(a)));
                    }
                }
                rest = Some(left);
            }
            match rest {
                Some((_, args)) if args.is_empty() && add => {}
                Some((c, args)) => {
                    self.steps.push(Step { add, ..Step::new(c.into(), args, v, instr.shape, 1.0) });
                }
                None => self.steps.push(Step::new(instr.op.clone(), args(v), v, instr.shape, 1.0)),
            }
        }
        self.results = program.outputs.iter().map(|o| (sources[o.index()], program.shape(*o))).collect();
    }

    /// The array of output k after a run of this many lanes.
    pub fn output<'a>(&'a self, point: Stages<'a>, w: &'a Workspace, k: usize, lanes: usize) -> View<'a> {
        let (source, shape) = self.results[k];
        self.view(source, shape, point, &w.buffers, lanes)
    }

    fn view<'a>(
        &'a self,
        source: Source,
        shape: Shape,
        point: Stages<'a>,
        buffers: &'a [Buffer],
        lanes: usize,
    ) -> View<'a> {
        match source {
            Source::Point(place) => point.view(place, shape),
            Source::Constant(k) => plain(&self.constants[k as usize], shape, 1),
            Source::Slot(s) => plain(&buffers[s as usize][..shape.len() * lanes], shape, lanes),
            // None is left by the time that a plan runs.
            Source::Lanes(_) => plain(&[], shape, lanes),
        }
    }

    /// Buffers by best fit over the lives of the values.
    fn assign_slots(&mut self) {
        let mut last = vec![0usize; self.shapes.len()];
        for (k, s) in self.steps.iter().enumerate() {
            for (source, _) in &s.args {
                if let Source::Lanes(v) = source {
                    last[v.index()] = k;
                }
            }
            last[s.out.index()] = last[s.out.index()].max(k);
        }
        // Outputs are read at the end. Inputs keep their zeros between the blocks of lanes.
        for &v in self.outputs.iter().chain(&self.inputs) {
            last[v.index()] = usize::MAX;
        }
        for v in self.inputs.clone() {
            self.own_slot(v);
        }
        let mut free = Free::default();
        let mut dying: BinaryHeap<Reverse<(usize, u32)>> = BinaryHeap::new();
        for k in 0..self.steps.len() {
            while let Some(&Reverse((_, slot))) = dying.peek().filter(|d| d.0.0 < k) {
                dying.pop();
                free.put(self.lens[slot as usize], slot);
            }
            let v = self.steps[k].out;
            if self.slots[v.index()].is_some() {
                continue;
            }
            let len = self.shapes[v.index()].len();
            let slot = free.take(len).unwrap_or_else(|| self.own_slot(v));
            self.lens[slot as usize] = self.lens[slot as usize].max(len);
            self.slots[v.index()] = Some(slot);
            dying.push(Reverse((last[v.index()], slot)));
        }
        let slots = &self.slots;
        let found = |source: &mut Source| {
            if let Source::Lanes(v) = *source
                && let Some(slot) = slots[v.index()]
            {
                *source = Source::Slot(slot);
            }
        };
        for step in &mut self.steps {
            step.slot = slots[step.out.index()].unwrap_or(0);
            step.args.iter_mut().for_each(|(source, _)| found(source));
        }
        self.results.iter_mut().for_each(|(source, _)| found(source));
    }

    fn own_slot(&mut self, v: Value) -> u32 {
        let slot = self.lens.len() as u32;
        self.slots[v.index()] = Some(slot);
        self.lens.push(self.shapes[v.index()].len());
        slot
    }

    /// Number of instructions that one block of lanes evaluates.
    pub fn instructions(&self) -> usize {
        self.steps.len()
    }

    /// How often an operation of this name runs for one block of lanes.
    #[cfg(test)]
    pub fn count(&self, name: &str) -> usize {
        self.steps.iter().filter(|s| s.op.name() == name).count()
    }

    /// Bytes of a workspace.
    pub fn bytes(&self) -> u64 {
        let bytes = |n: usize| (n as u64).saturating_mul(self.width as u64 * 8);
        self.lens.iter().fold(0, |sum: u64, &n| sum.saturating_add(bytes(n)))
    }

    /// The buffer of a value, for `lanes` directions.
    pub fn slice_mut<'w>(&self, w: &'w mut Workspace, v: Value, lanes: usize) -> &'w mut [f64] {
        match self.slots[v.index()] {
            Some(slot) => &mut w.buffers[slot as usize][..self.shapes[v.index()].len() * lanes],
            None => &mut [],
        }
    }

    pub fn shape(&self, v: Value) -> Shape {
        self.shapes[v.index()]
    }

    /// Makes room for this plan.
    pub fn prepare(&self, w: &mut Workspace) {
        w.buffers.resize_with(self.lens.len().max(w.buffers.len()), Buffer::default);
        for (b, &n) in w.buffers.iter_mut().zip(&self.lens) {
            if b.len() < n * self.width {
                b.resize(n * self.width);
            }
        }
    }

    /// The value of output k, if each of its columns is made of the same column of other values alone, so that
    /// [`run`](Self::run) can leave columns out.
    pub fn made_by_columns(&self, k: usize) -> Option<Value> {
        let v = self.outputs[k];
        let mut made = self.steps.iter().filter(|s| s.out == v).peekable();
        let slot = made.peek()?.slot;
        let first = self.steps.iter().position(|s| s.out == v)?;
        let read = |s: &Step| s.args.iter().any(|(a, _)| matches!(a, Source::Slot(s) if *s == slot));
        let varies = |a: &Source| matches!(a, Source::Slot(_));
        // The last argument alone varies.
        let product = |s: &Step| match &s.args[..] {
            [before @ .., (last, _)] => {
                s.op.by_columns() && varies(last) && !before.iter().any(|(a, _)| varies(a))
            }
            [] => false,
        };
        (made.all(product) && !self.steps[first + 1..].iter().any(read)).then_some(v)
    }

    /// Runs `lanes` directions whose inputs stand in `w`, the first columns of a value that is
    /// [`made_by_columns`](Self::made_by_columns) left out.
    pub fn run(
        &self,
        point: Stages<'_>,
        w: &mut Workspace,
        lanes: usize,
        without: Option<(Value, usize)>,
        control: &Control<'_>,
    ) -> Result<()> {
        for step in &self.steps {
            control.check()?;
            let slot = step.slot as usize;
            let mut result = std::mem::take(&mut w.buffers[slot]);
            let Shape { rows, cols } = step.shape;
            let buffers = &w.buffers;
            let view = |k: usize| self.view(step.args[k].0, step.args[k].1, point, buffers, lanes);
            let scale = match step.by {
                Some(Source::Point(place)) => step.scale * point.view(place, Shape::SCALAR).data[0],
                _ => step.scale,
            };
            let (add, stop) = (step.add, control.stop());
            match without {
                Some((v, first)) if v == step.out => {
                    let last = step.args.len() - 1;
                    let part = |k: usize| if k == last { view(k).columns_from(first) } else { view(k) };
                    let data = &mut result[first * rows * lanes..rows * cols * lanes];
                    let target =
                        Target { out: ViewMut { data, rows, cols: cols - first, lanes }, scale, add, stop };
                    with_views(step.args.len(), part, |args| run(&step.op, args, target));
                }
                _ => {
                    let out = ViewMut { data: &mut result[..rows * cols * lanes], rows, cols, lanes };
                    let target = Target { out, scale, add, stop };
                    with_views(step.args.len(), view, |args| run(&step.op, args, target));
                }
            }
            w.buffers[slot] = result;
        }
        control.check()
    }
}

/// Runs a step. What no argument has lanes for is computed once and repeated.
fn run(op: &Op, args: &[View<'_>], target: Target<'_>) {
    let k = target.out.lanes;
    if k == 1 || target.add || args.iter().any(|a| a.lanes > 1) {
        return op.run(args, target);
    }
    let Target { out: ViewMut { data, rows, cols, .. }, scale, add, stop } = target;
    let len = rows * cols;
    let once = ViewMut { data: &mut data[..len], rows, cols, lanes: 1 };
    op.run(args, Target { out: once, scale, add, stop });
    for e in (0..len).rev() {
        let x = data[e];
        data[e * k..(e + 1) * k].fill(x);
    }
}

fn plain(data: &[f64], shape: Shape, lanes: usize) -> View<'_> {
    View { data, rows: shape.rows, cols: shape.cols, lanes }
}

fn constant(op: &Op, shape: Shape) -> Buffer {
    let mut data = Buffer::with_len(shape.len());
    let out = ViewMut { data: &mut data, rows: shape.rows, cols: shape.cols, lanes: 1 };
    op.run(&[], Target::plain(out, Stop::default()));
    data
}

/// The values that are added up where their only user, a combination, wants its sum.
fn absorbed(program: &Program, lanes: usize, uses: &[u32]) -> Vec<bool> {
    let mut absorbed = vec![false; program.len()];
    for i in &program.instrs {
        let Some(c) = i.op.as_combine() else { continue };
        for (_, coef, base) in c.terms() {
            let base = i.args[base];
            let made = program.instr(base);
            let scalar = coef.is_none_or(|c| {
                let c = program.instr(i.args[c]);
                c.shape.is_scalar() && c.op.as_input().is_some_and(|k| k >= lanes)
            });
            absorbed[base.index()] = scalar
                && uses[base.index()] == 1
                && made.shape == i.shape
                && made.op.accumulates()
                && made.op.as_combine().is_none();
        }
    }
    absorbed
}
