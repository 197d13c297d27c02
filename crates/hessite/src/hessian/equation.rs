//! The programs of an implicit function.

use crate::calculus::{Derived, adjoints, tangents};
use crate::error::Mismatch;
use crate::passes::{Parts, prune, split};
use crate::program::implicit::{Along, Directions, Equation, Spare};
use crate::program::ops::Factors;
use crate::program::{Builder, Program, Shape, Value};

/// The function z of x₁…xₙ with F(z, x) = 0, F being the output of a program of z and x.
pub(crate) fn root(program: Program, start: Vec<f64>) -> Result<Equation, Mismatch> {
    let given = program.inputs.len();
    let residual = prune(&program, given).0;
    let (z, output) = (input(&residual, 0), residual.outputs.clone());
    let mut turned = None;
    if let (Some(z), [output]) = (z, &output[..]) {
        turned = single(&adjoints(residual.clone(), &[z], *output, true)?, given);
    }
    let second_turned = each(&turned, given)?;
    equation(residual, start, Factors::Lu, second_turned)
}

/// The function z of x₁…xₙ that minimizes f(z, x), f being the output of a program of z and x.
pub(crate) fn minimum(program: Program, start: Vec<f64>) -> Result<Equation, Mismatch> {
    let given = program.inputs.len();
    let program = prune(&program, given).0;
    let (f, z) = (program.outputs[0], input(&program, 0).unwrap_or(Value(0)));
    let d = adjoints(program, &[z], f, false)?;
    let gradient = d.derivatives[0];
    let mut b = Builder::extend(d.program);
    let gradient = gradient.unwrap_or_else(|| b.fill(b.shape(z), 0.0));
    let residual = prune(&b.finish(vec![gradient, f])?, given).0;
    equation(residual, start, Factors::Cholesky, Vec::new())
}

fn equation(
    residual: Program,
    start: Vec<f64>,
    factors: Factors,
    second_turned: Vec<Along>,
) -> Result<Equation, Mismatch> {
    let given = residual.inputs.len();
    let shape = residual.inputs.first().copied().unwrap_or(Shape::SCALAR);
    let mut first = residual.clone();
    first.outputs.truncate(1);
    let along = each(&Some(first.clone()), given)?;
    let second = each(&along[0], given)?;
    let mut directions = None;
    if let (Some(z), Some(_)) = (input(&first, 0), &along[0]) {
        let d = tangents(first.clone(), &[z], &first.outputs)?;
        let parts = split(&first, &d, 1)?;
        // A derivative that turns out to be zero has no results.
        if parts.results.iter().any(|r| !r.is_empty()) {
            let Parts { point, direction: program, imported, .. } = parts;
            directions = Some(Directions { point, program, imported });
        }
    }
    let spare = Spare::default();
    Ok(Equation { residual, directions, along, second, second_turned, shape, start, factors, spare })
}

/// The tangents of a program's output along each of its first `given` inputs.
fn each(program: &Along, given: usize) -> Result<Vec<Along>, Mismatch> {
    let along = |k| {
        let Some(program) = program else { return Ok(None) };
        let Some(varied) = input(program, k) else { return Ok(None) };
        let d = tangents(program.clone(), &[varied], &program.outputs)?;
        Ok(single(&d, program.inputs.len()))
    };
    (0..given).map(along).collect()
}

/// The program of the only derivative, its first `given` inputs and the seed.
fn single(d: &Derived, given: usize) -> Along {
    d.derivatives[0]?;
    let seed = d.seeds.first().map(|&s| d.program.shape(s))?;
    let program = prune(&d.program, given).0;
    // A derivative that does not depend on the seed is zero.
    (program.inputs.len() == given + 1 && program.inputs[given] == seed).then_some(program)
}

fn input(program: &Program, k: usize) -> Option<Value> {
    program.values().find(|&v| program.instr(v).op.as_input() == Some(k))
}
