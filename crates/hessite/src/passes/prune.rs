//! Dead code goes.

use crate::program::ops::Input;
use crate::program::{Instr, Program, Value};

/// The program without what its outputs do not need, and the new number of each value that stays.
///
/// The first `fixed` inputs stay, needed or not; of the others those that are needed. Order is kept, so a prefix
/// that is needed as a whole keeps its numbers.
pub(crate) fn prune(program: &Program, fixed: usize) -> (Program, Vec<Option<Value>>) {
    let mut need = program.cone(program.outputs.iter().copied());
    for (k, i) in program.instrs.iter().enumerate() {
        need[k] |= i.op.as_input().is_some_and(|input| input < fixed);
    }
    let mut out = Program { data: program.data.clone(), ..Program::default() };
    let mut place: Vec<Option<Value>> = vec![None; program.len()];
    for (k, i) in program.instrs.iter().enumerate().filter(|(k, _)| need[*k]) {
        let mut i = Instr { args: i.args.iter().filter_map(|a| place[a.index()]).collect(), ..i.clone() };
        if i.op.as_input().is_some() {
            i.op = Input { index: out.inputs.len() as u32 }.into();
            out.inputs.push(i.shape);
        }
        place[k] = Some(Value(out.instrs.len() as u32));
        out.instrs.push(i);
    }
    out.outputs = program.outputs.iter().filter_map(|o| place[o.index()]).collect();
    (out, place)
}
