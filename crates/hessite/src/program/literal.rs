//! Any program at any kind of number, entry by entry: its meaning, not its speed.

use super::number::{Array, Number};
use super::{Program, Shape, Value};
use crate::dense::lanes::View;
use crate::error::{Line, Result};

/// All values of the program for these inputs, in the order of `program.inputs`. An operation without a result is the
/// error that the planned evaluation gives; `lenient` lets pass what is a convention.
pub(crate) fn evaluate<N: Number>(
    program: &Program,
    inputs: &[Array<N>],
    lenient: bool,
) -> Result<Vec<Array<N>>> {
    let mut values: Vec<Array<N>> = Vec::with_capacity(program.len());
    for v in program.values() {
        let instr = program.instr(v);
        let entries = if let Some(k) = instr.op.as_input() {
            inputs[k].entries.clone()
        } else if let Some(k) = instr.op.as_data() {
            program.data[k].iter().map(|&x| N::constant(x)).collect()
        } else {
            let args: Vec<&Array<N>> = instr.args.iter().map(|a| &values[a.index()]).collect();
            let entries = instr.op.literal(&args, instr.shape)?;
            if instr.op.fallible() {
                succeeded(program, v, &args, &entries, lenient)?;
            }
            entries
        };
        values.push(Array::new(instr.shape, entries));
    }
    Ok(values)
}

fn succeeded<N: Number>(
    program: &Program,
    v: Value,
    args: &[&Array<N>],
    result: &[N],
    lenient: bool,
) -> Result<()> {
    let instr = program.instr(v);
    let reals = |entries: &[N]| entries.iter().map(N::real).collect::<Vec<f64>>();
    let arrays: Vec<Vec<f64>> = args.iter().map(|a| reals(&a.entries)).collect();
    let view = |data, shape: Shape| View { data, rows: shape.rows, cols: shape.cols, lanes: 1 };
    let views: Vec<View<'_>> = args.iter().zip(&arrays).map(|(a, data)| view(data, a.shape)).collect();
    match instr.op.failure(&views, view(&reals(result), instr.shape)) {
        Some(f) if !(lenient && f.is_convention()) => {
            Err(f.of(instr.op.name(), v.index(), Line(instr.origin)))
        }
        _ => Ok(()),
    }
}
