//! Any program at any kind of number, entry by entry: its meaning, not its speed.

use crate::error::Result;
use crate::program::Program;
use crate::program::number::{Array, Number};

/// All values of the program for these inputs, in the order of `program.inputs`.
pub(crate) fn evaluate<N: Number>(program: &Program, inputs: &[Array<N>]) -> Result<Vec<Array<N>>> {
    let mut values: Vec<Array<N>> = Vec::with_capacity(program.len());
    for instr in &program.instrs {
        let entries = if let Some(k) = instr.op.as_input() {
            inputs[k].entries.clone()
        } else if let Some(k) = instr.op.as_data() {
            program.data[k].iter().map(|&x| N::constant(x)).collect()
        } else {
            let args: Vec<&Array<N>> = instr.args.iter().map(|a| &values[a.index()]).collect();
            instr.op.literal(&args, instr.shape)?
        };
        values.push(Array::new(instr.shape, entries));
    }
    Ok(values)
}
