//! The grammar, its errors, and every function against an evaluation without hessite.

use super::lower::Scope;
use super::parse::{DEPTH, Id, Node, Tree, parse};
use super::{functions, lower};
use crate::error::Marked;
use hessite::{Graph, bind};
use nalgebra::DMatrix;
use std::collections::BTreeMap;

mod agreement;
mod errors;
mod grammar;

/// The value of an expression at named matrices.
fn value(text: &str, inputs: &[(&str, &DMatrix<f64>)]) -> Result<DMatrix<f64>, Marked> {
    let tree = parse(text)?;
    let graph = Graph::new();
    let names: BTreeMap<&str, _> =
        inputs.iter().map(|(n, m)| (*n, graph.matrix(n, m.nrows(), m.ncols()))).collect();
    let lowered = lower(&tree, &Scope { graph: &graph, names, limit: 1 << 30 })?;
    let bindings: Vec<_> = inputs.iter().map(|(n, m)| bind(*n, *m)).collect();
    let f = graph.function(lowered.output).unwrap_or_else(|e| panic!("{text}: not caught in lowering: {e}"));
    let at = f.with_mode(hessite::Mode::Ieee).at(&bindings).unwrap_or_else(|e| panic!("{text}: {e}"));
    Ok(at.value_matrix())
}

/// The error of an expression: its column and message.
fn error(text: &str, inputs: &[(&str, &DMatrix<f64>)]) -> (usize, String) {
    match value(text, inputs) {
        Err(marked) => (marked.column(), marked.message),
        Ok(v) => panic!("{text} is no error but {v}"),
    }
}
