//! The point part: which instructions run, in what order, and where their results lie.

use super::control::Control;
use super::fused::{self, Fused};
use super::{Place, Stages, with_views};
use crate::dense::buffer::Buffer;
use crate::dense::lanes::ViewMut;
use crate::dense::stop::Stop;
use crate::error::{Line, Result};
use crate::program::ops::Target;
use crate::program::{Program, Shape, Value};
use smallvec::SmallVec;
use std::collections::HashMap;

/// One instruction with its arguments in place.
struct Single {
    value: Value,
    args: SmallVec<[(Place, Shape); 3]>,
    slot: u32,
    /// Its operation may have no result.
    fallible: bool,
}

enum Step {
    One(Single),
    Many(Fused),
}

/// What computes some values of a program from those of earlier stages.
pub(crate) struct Schedule {
    steps: Vec<Step>,
    /// Steps without arguments: done once when the memory is made.
    constants: Vec<Single>,
    /// Length of each own buffer.
    lens: Vec<usize>,
    /// Where each value lies that this or an earlier stage holds.
    places: Vec<Option<Place>>,
    /// The own buffer of each input of the program that this stage holds.
    pub inputs: Vec<Option<u32>>,
    stage: u8,
}

impl Schedule {
    /// Plans the computation of `targets` at stage number `stage`, with what `earlier` holds at hand.
    pub fn new(program: &Program, targets: &[Value], stage: u8, earlier: Option<&Schedule>) -> Self {
        let mut places: Vec<Option<Place>> = earlier.map_or_else(Vec::new, |e| e.places.clone());
        places.resize(program.len(), None);
        let mut s = Schedule {
            steps: Vec::new(),
            constants: Vec::new(),
            lens: Vec::new(),
            places,
            inputs: vec![None; program.inputs.len()],
            stage,
        };
        let need = s.missing(program, targets);
        let mut groups = Groups::new(program);
        for v in program.values() {
            let instr = program.instr(v);
            let input = instr.op.as_input();
            if s.places[v.index()].is_some() || !(need[v.index()] || input.is_some()) {
                continue;
            }
            if let Some(k) = instr.op.as_data() {
                s.places[v.index()] = Some(Place::Data(k as u32));
            } else if let Some(k) = input {
                s.inputs[k] = Some(s.own(program, v));
            } else if instr.args.is_empty() {
                let slot = s.own(program, v);
                s.constants.push(Single { value: v, args: SmallVec::new(), slot, fallible: false });
            } else {
                groups.add(program, v);
            }
        }
        let kept = groups.kept(program, targets);
        for members in &groups.list {
            let step = s.step(program, members, &kept);
            s.steps.push(step);
        }
        s
    }

    /// A buffer for `v`.
    fn own(&mut self, program: &Program, v: Value) -> u32 {
        let slot = self.lens.len() as u32;
        self.lens.push(program.shape(v).len());
        self.places[v.index()] = Some(Place::Stage(self.stage, slot));
        slot
    }

    fn step(&mut self, program: &Program, members: &[Value], kept: &[bool]) -> Step {
        if let &[value] = members {
            let instr = program.instr(value);
            let args = instr.args.iter();
            let args = args.filter_map(|a| Some((self.places[a.index()]?, program.shape(*a)))).collect();
            let fallible = instr.op.fallible();
            return Step::One(Single { value, args, slot: self.own(program, value), fallible });
        }
        let slots: Vec<Option<u32>> =
            members.iter().map(|&v| kept[v.index()].then(|| self.own(program, v))).collect();
        let slot = |v: Value| members.iter().position(|&m| m == v).and_then(|k| slots[k]);
        Step::Many(Fused::new(program, members, |v| self.places[v.index()], slot))
    }

    /// What `targets` need and no earlier stage holds.
    fn missing(&self, program: &Program, targets: &[Value]) -> Vec<bool> {
        let mut need = vec![false; program.len()];
        for t in targets {
            need[t.index()] = true;
        }
        for k in (0..program.len()).rev() {
            if need[k] && self.places[k].is_none() {
                program.instrs[k].args.iter().for_each(|a| need[a.index()] = true);
            }
        }
        need
    }

    /// Where `v` lies; only for values that were targets or on the way to one.
    pub fn place(&self, v: Value) -> Option<Place> {
        self.places.get(v.index()).copied().flatten()
    }

    /// Number of instructions that a run evaluates.
    pub fn instructions(&self) -> usize {
        let count = |s: &Step| match s {
            Step::One(_) => 1,
            Step::Many(f) => f.len(),
        };
        self.steps.iter().map(count).sum()
    }

    /// Bytes of the own buffers.
    pub fn bytes(&self) -> u64 {
        self.lens.iter().fold(0, |sum: u64, &n| sum.saturating_add((n as u64).saturating_mul(8)))
    }

    /// Floating-point operations of a run.
    pub fn flops(&self, program: &Program) -> u64 {
        let flops = |s: &Step| match s {
            Step::One(s) => {
                let shapes: SmallVec<[Shape; 4]> = s.args.iter().map(|a| a.1).collect();
                program.instr(s.value).op.flops(&shapes, program.shape(s.value))
            }
            Step::Many(f) => (f.len() * f.shape.len()) as u64,
        };
        self.steps.iter().map(flops).sum()
    }

    /// The own buffers, constants in place.
    pub fn allocate(&self, program: &Program) -> Vec<Buffer> {
        let mut own: Vec<Buffer> = self.lens.iter().map(|&n| Buffer::with_len(n)).collect();
        for step in &self.constants {
            run_one(program, step, Stages::new(program), (self.stage, &mut own), Stop::default());
        }
        own
    }

    /// Computes all own buffers (but the inputs) from the earlier stages and the inputs.
    pub fn run(
        &self,
        program: &Program,
        earlier: Stages<'_>,
        own: &mut [Buffer],
        control: &Control<'_>,
    ) -> Result<()> {
        for step in &self.steps {
            control.check()?;
            match step {
                Step::One(s) => {
                    run_one(program, s, earlier, (self.stage, &mut *own), control.stop());
                    if s.fallible {
                        control.check()?;
                        self.succeeded(program, s, earlier, own, control)?;
                    }
                }
                Step::Many(f) => f.run(earlier, self.stage, own),
            }
        }
        control.check()
    }

    /// An error when the operation of a step that ran has no result.
    fn succeeded<'a>(
        &self,
        program: &'a Program,
        step: &Single,
        mut stages: Stages<'a>,
        own: &'a [Buffer],
        control: &Control<'_>,
    ) -> Result<()> {
        let instr = program.instr(step.value);
        stages.stages[self.stage as usize] = own;
        let result = stages.view(Place::Stage(self.stage, step.slot), instr.shape);
        let view = |k: usize| stages.view(step.args[k].0, step.args[k].1);
        match with_views(step.args.len(), view, |args| instr.op.failure(args, result)) {
            Some(f) if !(control.is_lenient() && f.is_convention()) => {
                Err(f.of(instr.op.name(), step.value.index(), Line(instr.origin)))
            }
            _ => Ok(()),
        }
    }
}

fn run_one(
    program: &Program,
    step: &Single,
    earlier: Stages<'_>,
    (stage, own): (u8, &mut [Buffer]),
    stop: Stop<'_>,
) {
    let mut result = std::mem::take(&mut own[step.slot as usize]);
    let instr = program.instr(step.value);
    let shape = instr.shape;
    let mut stages = earlier;
    stages.stages[stage as usize] = own;
    let view = |k: usize| stages.view(step.args[k].0, step.args[k].1);
    let out = ViewMut { data: &mut result, rows: shape.rows, cols: shape.cols, lanes: 1 };
    with_views(step.args.len(), view, |args| instr.op.run(args, Target::plain(out, stop)));
    own[step.slot as usize] = result;
}

/// The instructions to be run, elementwise neighbours of one shape together.
///
/// An elementwise instruction joins the last group of its shape if all its arguments are there by then; it moves
/// ahead of what came between, which can't depend on it.
struct Groups {
    list: Vec<SmallVec<[Value; 2]>>,
    /// The group that makes each value.
    made: Vec<Option<u32>>,
    /// The last group of each shape.
    open: HashMap<Shape, u32>,
}

impl Groups {
    fn new(program: &Program) -> Self {
        Groups { list: Vec::new(), made: vec![None; program.len()], open: HashMap::new() }
    }

    fn add(&mut self, program: &Program, v: Value) {
        let instr = program.instr(v);
        let latest = instr.args.iter().filter_map(|a| self.made[a.index()]).max().unwrap_or(0);
        let map = instr.op.as_map().is_some();
        let joined = self
            .open
            .get(&instr.shape)
            .copied()
            .filter(|&g| map && latest <= g && self.list[g as usize].len() < fused::MOST);
        let g = joined.unwrap_or(self.list.len() as u32);
        if joined.is_none() {
            self.list.push(SmallVec::new());
            if map {
                self.open.insert(instr.shape, g);
            }
        }
        self.list[g as usize].push(v);
        self.made[v.index()] = Some(g);
    }

    /// The values that get a buffer: those used by another group, asked for, or dear to compute again.
    fn kept(&self, program: &Program, targets: &[Value]) -> Vec<bool> {
        let mut kept = vec![false; program.len()];
        for t in targets {
            kept[t.index()] = true;
        }
        for (g, members) in self.list.iter().enumerate() {
            for &v in members {
                kept[v.index()] |= program.instr(v).op.as_map().is_none_or(|m| m.row.dear);
                for a in &program.instr(v).args {
                    kept[a.index()] |= self.made[a.index()] != Some(g as u32);
                }
            }
        }
        kept
    }
}
