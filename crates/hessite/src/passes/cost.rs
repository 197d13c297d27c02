//! What the two parts of a linear program take for each direction, nearly: to choose between ways of splitting it.
//!
//! The numbers are nanoseconds of a machine with vectors of four to eight numbers; only their ratios matter.

use super::Parts;
use crate::program::split::{Pick, Piece, Vector};
use crate::program::{Program, Shape, Value};
use smallvec::SmallVec;

/// A step of a block of lanes, before its arithmetic.
const STEP: f64 = 80.0;

/// What is done in one nanosecond.
struct Rates {
    /// Operations of products, and numbers that they read.
    product: f64,
    factor: f64,
    /// Nanoseconds before a product's arithmetic.
    start: f64,
    /// Numbers that all else reads.
    read: f64,
    /// Operations beyond one for each number.
    work: f64,
}

const LANES: Rates = Rates { product: 45.0, factor: f64::INFINITY, start: 0.0, read: 5.0, work: 20.0 };
const ALONE: Rates = Rates { product: 35.0, factor: 4.0, start: 40.0, read: 1.0, work: 5.0 };
/// An outer product in a sum, beside a number that is read.
const OUTER: f64 = 0.3;
/// Writing out a result that is put together; for each of its numbers in each summand.
const ASSEMBLING: f64 = 40.0;
const SUMMAND: f64 = 0.12;
/// A number of an array with lanes that is written out, and one that is looked up.
const WRITTEN: f64 = 0.25;
const LOOKED_UP: f64 = 0.6;

/// Nanoseconds for each of `directions`; the point part begins after `start` values that are there anyway.
pub(super) fn cost(parts: &Parts, start: usize, directions: usize) -> f64 {
    let point = &parts.point;
    let needed = point.cone(parts.imported.iter().copied());
    let once: f64 =
        point.values().skip(start).filter(|v| needed[v.index()]).map(|v| time(point, v, &ALONE)).sum();
    let direction = &parts.direction;
    let made = || direction.values().filter(|&v| !direction.instr(v).args.is_empty());
    let lanes = match made().map(|v| direction.shape(v).len()).max() {
        Some(1) => 32.0,
        Some(n) if n <= 64 => 16.0,
        _ => 8.0f64,
    };
    let lanes = lanes.min(directions as f64);
    let each: f64 = made().map(|v| STEP / lanes + time(direction, v, &LANES)).sum();
    let results: f64 = parts.results.iter().map(|r| written(&r.own, r.shape, &r.picked)).sum();
    once / directions.max(1) as f64 + each + results
}

/// Of the arithmetic of one value.
fn time(program: &Program, v: Value, rates: &Rates) -> f64 {
    let instr = program.instr(v);
    if instr.args.is_empty() {
        return 0.0;
    }
    if let Some(c) = instr.op.as_combine() {
        let len = |k: usize| program.shape(instr.args[k]).len();
        let all = instr.shape.len();
        let read = |(_, coef, base): (f64, Option<usize>, usize)| match coef {
            None => 1.0,
            // Outer products go several in a pass.
            Some(c) if len(c).max(len(base)) < all && len(c) * len(base) == all => OUTER,
            Some(_) => 2.0,
        };
        return c.terms().map(read).sum::<f64>() * all as f64 / rates.read;
    }
    let shapes: SmallVec<[Shape; 4]> = instr.args.iter().map(|&a| program.shape(a)).collect();
    let flops = instr.op.flops(&shapes, instr.shape) as f64;
    if instr.op.accumulates() {
        let numbers = shapes.iter().map(|s| s.len()).sum::<usize>() as f64;
        return rates.start + (flops / rates.product).max(numbers / rates.factor);
    }
    let numbers = shapes.iter().map(|s| s.len()).sum::<usize>().max(instr.shape.len()) as f64;
    (flops.min(numbers) / rates.read).max(1.0) + (flops - numbers).max(0.0) / rates.work
}

fn written(own: &[Piece<usize>], shape: Shape, picked: &[Pick<usize>]) -> f64 {
    if picked.is_empty() && matches!(own, [] | [Piece::Array(_)]) {
        return WRITTEN * shape.len() as f64;
    }
    let sum = |pieces: &[Piece<usize>], shape: Shape| -> f64 {
        ASSEMBLING + SUMMAND * shape.len() as f64 + pieces.iter().map(|p| summand(p, shape)).sum::<f64>()
    };
    let looked_up = |p: &Pick<usize>| match p.run() {
        Some(_) => 0.0,
        None => LOOKED_UP * (p.takes.len() * shape.len()) as f64,
    };
    sum(own, shape) + picked.iter().map(|p| sum(&p.source, p.shape) + looked_up(p)).sum::<f64>()
}

fn summand(piece: &Piece<usize>, shape: Shape) -> f64 {
    match piece {
        Piece::Array(_) => WRITTEN * shape.len() as f64,
        Piece::Outer { u: Vector::Unit(_), v: Vector::Unit(_), .. } => 5.0,
        Piece::Outer { v: Vector::Unit(_), .. } => 5.0 + SUMMAND * shape.rows as f64,
        Piece::Outer { u: Vector::Unit(_), .. } => 5.0 + shape.cols as f64,
        _ => SUMMAND * shape.len() as f64,
    }
}
