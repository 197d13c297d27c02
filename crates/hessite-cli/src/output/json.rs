//! Results as one JSON object with all digits; arrays are nested lists, the first index outermost. NaN and infinities,
//! which JSON lacks, are null.

use super::Results;
use serde_json::json;
use std::io::{self, Write};

/// Writes the object and a line break.
///
/// # Errors
/// Those of the writer.
pub fn write(to: &mut impl Write, results: &Results) -> io::Result<()> {
    let matrices: serde_json::Map<_, _> = results
        .matrices
        .iter()
        .map(|m| (m.name.clone(), json!({ "shape": [m.shape.0, m.shape.1], "constant": m.constant })))
        .collect();
    writeln!(to, "{{\"expression\": {},", json!(results.expression))?;
    writeln!(to, " \"matrices\": {},", json!(matrices))?;
    write!(to, " \"value\": ")?;
    match results.value_shape {
        (1, 1) => number(to, results.value[0])?,
        (rows, cols) => nested(to, &[rows, cols], &results.value)?,
    }
    write!(to, ",\n \"results\": [")?;
    for (k, a) in results.arrays.iter().enumerate() {
        let comma = if k > 0 { "," } else { "" };
        write!(to, "{comma}\n  {{\"kind\": {}, \"of\": {}, ", json!(a.kind), json!(a.of))?;
        write!(to, "\"index\": {}, \"shape\": {}, \"entries\": ", json!(a.index), json!(a.shape))?;
        nested(to, &a.shape, &a.entries)?;
        write!(to, "}}")?;
    }
    write!(to, "]")?;
    if let Some(words) = &results.estimate {
        write!(to, ",\n \"estimate\": {}", json!(words))?;
    }
    if let Some((words, passed)) = &results.certificate {
        write!(to, ",\n \"check\": {}", json!({ "passed": passed, "report": words }))?;
    }
    writeln!(to, "}}")
}

fn number(to: &mut impl Write, x: f64) -> io::Result<()> {
    serde_json::to_writer(to, &x).map_err(io::Error::from)
}

/// Nested lists of an array in column-major order; streamed, as a block may have millions of entries.
fn nested(to: &mut impl Write, shape: &[usize], entries: &[f64]) -> io::Result<()> {
    let strides: Vec<usize> =
        shape.iter().scan(1, |stride, &n| Some(std::mem::replace(stride, *stride * n))).collect();
    list(to, shape, &strides, entries, 0)
}

/// One level of lists; there are as many levels as indices.
fn list(
    to: &mut impl Write,
    shape: &[usize],
    strides: &[usize],
    entries: &[f64],
    at: usize,
) -> io::Result<()> {
    let Some((&n, inner)) = shape.split_first() else { return number(to, entries[at]) };
    write!(to, "[")?;
    for i in 0..n {
        if i > 0 {
            write!(to, ", ")?;
        }
        list(to, inner, &strides[1..], entries, at + i * strides[0])?;
    }
    write!(to, "]")
}
