//! Naming the operation behind a non-finite result, the kinks of a point and the conditions of what it solves: a literal
//! evaluation finds them.

use crate::error::{Error, Line, Phase, Result};
use crate::program::literal;
use crate::program::number::Array;
use crate::program::{Program, Value};

/// An operation that solves with a matrix, and how near that is to a singular one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Condition {
    /// The operation.
    pub op: String,
    /// Where it was recorded.
    pub line: Line,
    /// 1/(‖A‖₁‖A⁻¹‖₁) by estimate: results lose that factor of their digits.
    pub reciprocal: f64,
}

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

/// Every operation on the way to `output` that solves with a general matrix.
pub(crate) fn conditions(program: &Program, output: Value, inputs: &[&[f64]]) -> Result<Vec<Condition>> {
    let values = values(program, inputs)?;
    let need = program.cone([output]);
    let found = program.values().filter(|v| need[v.index()]).filter_map(|v| {
        let instr = program.instr(v);
        let args: Vec<&Array<f64>> = instr.args.iter().map(|a| &values[a.index()]).collect();
        let reciprocal = instr.op.reciprocal_condition(&args)?;
        Some(Condition { op: instr.op.name().into(), line: Line(instr.origin), reciprocal })
    });
    Ok(found.collect())
}
