//! Reverse mode: the adjoint of a linear program, as further instructions.

use crate::program::ops::At;
use crate::program::{Builder, Value};

/// Appends the adjoints of `inputs` for the adjoint `weight` of `target`, where `target` is linear in `inputs`;
/// `None` is an input that does not matter. Instructions are walked once, last to first.
pub(crate) fn transpose(
    b: &mut Builder,
    inputs: &[Value],
    target: Value,
    weight: Value,
) -> Vec<Option<Value>> {
    let linear = b.program().influence(inputs.iter().copied());
    let mut bar: Vec<Option<Value>> = vec![None; target.index() + 1];
    bar[target.index()] = Some(weight);
    for v in (0..=target.index() as u32).rev().map(Value) {
        // What has no arguments is an input: its adjoint is complete, and stays.
        if !linear[v.index()] || b.instr(v).args.is_empty() {
            continue;
        }
        let Some(w) = bar[v.index()].take() else { continue };
        let instr = b.instr(v).clone();
        b.origin = instr.origin;
        for (j, a) in instr.args.iter().enumerate() {
            if !linear[a.index()] {
                continue;
            }
            let Some(part) = instr.op.transpose(b, At { args: &instr.args, result: v }, j, w) else {
                continue;
            };
            let slot = &mut bar[a.index()];
            *slot = Some(match *slot {
                Some(sum) => b.add(sum, part),
                None => part,
            });
        }
    }
    inputs.iter().map(|v| bar.get(v.index()).copied().flatten()).collect()
}
