//! Naming the operation behind a non-finite result, and the kinks of a point: a literal evaluation finds them.

use crate::error::{Error, Line, Phase, Result};
use crate::program::literal;
use crate::program::number::Array;
use crate::program::{Program, Value};

fn values(program: &Program, inputs: &[&[f64]]) -> Result<Vec<Array<f64>>> {
    let inputs: Vec<Array<f64>> =
        program.inputs.iter().zip(inputs).map(|(&shape, x)| Array::new(shape, x.to_vec())).collect();
    literal::evaluate(program, &inputs, false)
}

/// The error of the first operation that made a non-finite number of finite ones which reached one of `targets`
/// through non-finite values alone. Where the literal evaluation stays finite, because the planned one merely added
/// up in another order at the edge of overflow, the first target is named.
pub(crate) fn locate(program: &Program, targets: &[Value], inputs: &[&[f64]], phase: Phase) -> Result<Error> {
    let values = values(program, inputs)?;
    let bad = |v: Value| values[v.index()].entries.iter().position(|x| !x.is_finite());
    // A value that a gate shut off may be anything.
    let mut blamed = vec![false; program.len()];
    targets.iter().for_each(|t| blamed[t.index()] = bad(*t).is_some());
    for v in program.values().rev() {
        if blamed[v.index()] {
            program.instr(v).args.iter().for_each(|a| blamed[a.index()] |= bad(*a).is_some());
        }
    }
    let made = |v: &Value| blamed[v.index()] && program.instr(*v).args.iter().all(|&a| bad(a).is_none());
    let v = program.values().find(made).or(targets.first().copied()).unwrap_or(Value(0));
    let instr = program.instr(v);
    let (e, value) = bad(v).map_or((0, f64::INFINITY), |e| (e, values[v.index()].entries[e]));
    Ok(Error::NonFinite {
        op: instr.op.name().into(),
        node: v.index(),
        line: Line(instr.origin),
        phase,
        index: (e % instr.shape.rows.max(1), e / instr.shape.rows.max(1)),
        value,
    })
}

/// Every operation on the way to `output` that has no derivative at these inputs.
pub(crate) fn kinks(program: &Program, output: Value, inputs: &[&[f64]]) -> Result<Vec<Error>> {
    let values = values(program, inputs)?;
    let need = program.cone([output]);
    let mut found = Vec::new();
    for v in program.values().filter(|v| need[v.index()]) {
        let instr = program.instr(v);
        let args: Vec<&Array<f64>> = instr.args.iter().map(|a| &values[a.index()]).collect();
        if let Some(e) = instr.op.kink(&args, &values[v.index()]) {
            found.push(Error::Kink {
                op: instr.op.name().into(),
                node: v.index(),
                line: Line(instr.origin),
                index: (e % instr.shape.rows, e / instr.shape.rows),
            });
        }
    }
    Ok(found)
}
