//! A finished program as further instructions of another.

use super::ops::Op;
use super::{Args, Builder, Program, Shape, Value};
use std::sync::Arc;

impl Builder {
    /// Appends what the outputs of `program` need, its inputs being `inputs`; returns the outputs.
    ///
    /// Instructions keep the lines that recorded them.
    pub fn inline(&mut self, program: &Program, inputs: &[Value]) -> Vec<Value> {
        let own = self.origin;
        let need = program.cone(program.outputs.iter().copied());
        let mut places: Vec<Option<Value>> = vec![None; program.len()];
        for (k, i) in program.instrs.iter().enumerate().filter(|(k, _)| need[*k]) {
            places[k] = if let Some(input) = i.op.as_input() {
                inputs.get(input).copied()
            } else if let Some(data) = i.op.as_data() {
                Some(self.shared(i.shape, &program.data[data]))
            } else {
                let args: Args = i.args.iter().filter_map(|a| places[a.index()]).collect();
                self.origin = i.origin.or(own);
                Some(self.emit(i.op.clone(), &args))
            };
        }
        self.origin = own;
        program.outputs.iter().filter_map(|v| places[v.index()]).collect()
    }

    /// A constant array, the value that is there already where the same one was appended before.
    fn shared(&mut self, shape: Shape, entries: &Arc<[f64]>) -> Value {
        let known = self.program().data.iter().position(|d| Arc::ptr_eq(d, entries));
        let same = |op: &Op| known.is_some() && op.as_data() == known;
        let place = self.program().values().find(|&v| same(&self.instr(v).op) && self.shape(v) == shape);
        place.unwrap_or_else(|| self.data(shape, entries.clone()))
    }
}
