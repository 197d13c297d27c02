//! Program → Program: forward mode, reverse mode, and what is made of the two.
//!
//! Nothing is computed here and no operation is named: [`linearize`](linearize::linearize) asks each instruction for
//! its tangent, [`transpose`](transpose::transpose) for the adjoint of its linear action. Both append to a
//! [`Builder`], so values keep their numbers and everything can be differentiated again.

mod linearize;
mod transpose;

use crate::error::{Mismatch, Result};
use crate::program::{Builder, Program, Value};
pub(crate) use linearize::linearize;
use smallvec::SmallVec;
pub(crate) use transpose::transpose;

/// A program with derivatives appended.
#[derive(Clone)]
pub(crate) struct Derived {
    pub program: Program,
    /// The added inputs: tangents of the varied inputs, or the weight of the output.
    pub seeds: SmallVec<[Value; 2]>,
    /// The derivatives asked for, `None` where one is zero as a whole.
    pub derivatives: Vec<Option<Value>>,
}

/// The tangents of `targets` along tangents of `varied` (inputs of `program`).
pub(crate) fn tangents(program: Program, varied: &[Value], targets: &[Value]) -> Result<Derived, Mismatch> {
    let mut b = Builder::extend(program);
    let seeds: SmallVec<[Value; 2]> =
        varied.iter().map(|&v| b.shape(v)).collect::<Vec<_>>().into_iter().map(|s| b.input(s)).collect();
    let pairs: Vec<_> = varied.iter().copied().zip(seeds.iter().copied()).collect();
    let all = linearize(&mut b, &pairs);
    let derivatives: Vec<_> = targets.iter().map(|t| all.get(t.index()).copied().flatten()).collect();
    let outputs = derivatives.iter().flatten().copied().collect();
    Ok(Derived { program: b.finish(outputs)?, seeds, derivatives })
}

/// The adjoints of `varied` (inputs of `program`) for a weight of `target`: a further input, or the constant 1 of a
/// scalar when `weighted` is false. gradient = transpose ∘ linearize.
pub(crate) fn adjoints(
    program: Program,
    varied: &[Value],
    target: Value,
    weighted: bool,
) -> Result<Derived, Mismatch> {
    let mut b = Builder::extend(program);
    let start: Vec<_> = varied.iter().map(|&v| b.shape(v)).collect();
    let tangent_inputs: Vec<_> = start.into_iter().map(|s| b.input(s)).collect();
    let pairs: Vec<_> = varied.iter().copied().zip(tangent_inputs.iter().copied()).collect();
    let all = linearize(&mut b, &pairs);
    let shape = b.shape(target);
    let weight = if weighted { b.input(shape) } else { b.fill(shape, 1.0) };
    let seeds = if weighted { SmallVec::from_slice(&[weight]) } else { SmallVec::new() };
    let derivatives = match all[target.index()] {
        Some(t) => transpose(&mut b, &tangent_inputs, t, weight),
        None => vec![None; varied.len()],
    };
    let outputs = derivatives.iter().flatten().copied().collect();
    Ok(Derived { program: b.finish(outputs)?, seeds, derivatives })
}
