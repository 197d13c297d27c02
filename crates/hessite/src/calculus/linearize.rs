//! Forward mode: the tangent of every value, as further instructions.

use crate::program::ops::At;
use crate::program::{Builder, Value};
use smallvec::SmallVec;

/// Appends the tangents of all values along the given tangents of some of them; `None` is a value that does not
/// vary. Instructions already there are walked once, in order.
pub(crate) fn linearize(b: &mut Builder, seeds: &[(Value, Value)]) -> Vec<Option<Value>> {
    let n = b.program().len();
    let mut dot: Vec<Option<Value>> = vec![None; n];
    for &(v, t) in seeds {
        dot[v.index()] = Some(t);
    }
    for v in (0..n as u32).map(Value) {
        if dot[v.index()].is_some() {
            continue;
        }
        let instr = b.instr(v);
        if instr.args.iter().all(|a| dot[a.index()].is_none()) {
            continue;
        }
        let instr = instr.clone();
        let tangents: SmallVec<[Option<Value>; 3]> = instr.args.iter().map(|a| dot[a.index()]).collect();
        b.origin = instr.origin;
        dot[v.index()] = instr.op.tangent(b, At { args: &instr.args, result: v }, &tangents);
    }
    dot
}
