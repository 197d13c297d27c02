//! The point part: which instructions run, in what order, and where their results lie.

use super::control::Control;
use super::{Place, Stages, with_views};
use crate::dense::buffer::Buffer;
use crate::dense::lanes::ViewMut;
use crate::error::Result;
use crate::program::ops::Target;
use crate::program::{Program, Shape, Value};
use smallvec::SmallVec;

/// One instruction with its arguments in place.
struct Step {
    value: Value,
    args: SmallVec<[(Place, Shape); 3]>,
    slot: u32,
}

/// What computes some values of a program from those of earlier stages.
pub(crate) struct Schedule {
    steps: Vec<Step>,
    /// Steps without arguments: done once when the memory is made.
    constants: Vec<Step>,
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
        for v in program.values() {
            let instr = program.instr(v);
            let input = instr.op.as_input();
            if s.places[v.index()].is_some() || !(need[v.index()] || input.is_some()) {
                continue;
            }
            if let Some(k) = instr.op.as_data() {
                s.places[v.index()] = Some(Place::Data(k as u32));
                continue;
            }
            let slot = s.lens.len() as u32;
            s.lens.push(instr.shape.len());
            s.places[v.index()] = Some(Place::Stage(stage, slot));
            if let Some(k) = input {
                s.inputs[k] = Some(slot);
                continue;
            }
            let args =
                instr.args.iter().filter_map(|a| Some((s.places[a.index()]?, program.shape(*a)))).collect();
            let step = Step { value: v, args, slot };
            if instr.args.is_empty() { s.constants.push(step) } else { s.steps.push(step) }
        }
        s
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
        self.steps.len()
    }

    /// Bytes of the own buffers.
    pub fn bytes(&self) -> u64 {
        self.lens.iter().map(|&n| n as u64 * 8).sum()
    }

    /// Floating-point operations of a run.
    pub fn flops(&self, program: &Program) -> u64 {
        self.steps
            .iter()
            .map(|s| {
                let shapes: SmallVec<[Shape; 4]> = s.args.iter().map(|a| a.1).collect();
                program.instr(s.value).op.flops(&shapes, program.shape(s.value))
            })
            .sum()
    }

    /// The own buffers, constants in place.
    pub fn allocate(&self, program: &Program) -> Vec<Buffer> {
        let mut own: Vec<Buffer> = self.lens.iter().map(|&n| Buffer::with_len(n)).collect();
        for step in &self.constants {
            run_step(program, step, Stages::new(program), self.stage, &mut own);
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
            run_step(program, step, earlier, self.stage, own);
        }
        Ok(())
    }
}

fn run_step(program: &Program, step: &Step, earlier: Stages<'_>, stage: u8, own: &mut [Buffer]) {
    let mut result = std::mem::take(&mut own[step.slot as usize]);
    let instr = program.instr(step.value);
    let shape = instr.shape;
    let mut stages = earlier;
    stages.stages[stage as usize] = own;
    let views = step.args.iter().map(|&(place, shape)| stages.view(place, shape));
    let out = ViewMut { data: &mut result, rows: shape.rows, cols: shape.cols, lanes: 1 };
    with_views(views, |args| instr.op.run(args, Target { out, scale: 1.0, add: false }));
    own[step.slot as usize] = result;
}
