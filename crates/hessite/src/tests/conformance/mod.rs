//! Laws that every primitive keeps, over the list of primitives; none is named.

mod first_order;
mod second_order;
mod terms;
mod values;

use super::support::{Rng, arguments, single};
use crate::engine::duals::{Literal, Second};
use crate::error::Mismatch;
use crate::program::literal;
use crate::program::number::{Array, Number};
use crate::program::ops::{At, Op};
use crate::program::{Builder, Shape, Value};
use num_dual::HyperDual64;

/// Where arguments are drawn; an elementwise function finds its domain by trying. The last draws small integers, for
/// ties and zeros.
const INTERVALS: [(f64, f64); 5] = [(-2.0, 2.0), (0.2, 2.5), (1.1, 3.0), (-0.9, 0.9), (0.0, 0.0)];

/// A primitive's instance with shapes of its arguments.
pub struct Sample {
    pub op: Op,
    pub shapes: Vec<Shape>,
    pub shape: Shape,
}

impl std::fmt::Display for Sample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} of {:?}", self.op.name(), self.op.describe(), self.shapes)
    }
}

/// Random numbers of a sample's own, by what it prints as: others that come or go leave them as they are.
fn random(sample: &Sample, seed: u64) -> Rng {
    // FNV-1a.
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    Rng(sample.to_string().bytes().fold(0xcbf2_9ce4_8422_2325 ^ seed, mix))
}

/// Every sample of every primitive that is differentiated, with the random numbers of its tests.
fn for_each_sample(seeds: u64, mut test: impl FnMut(&Sample, &mut Rng)) {
    let all = Op::samples();
    assert!(all.len() > 200, "the list of primitives has lost its samples");
    for (op, shapes) in all.into_iter().filter(|(op, _)| !op.is_cache()) {
        let shape = shape_of(&op, &shapes).unwrap();
        let sample = Sample { op, shapes, shape };
        for seed in 0..seeds {
            test(&sample, &mut random(&sample, seed));
        }
    }
}

/// The samples with every dimension enlarged past the blocks of the array loops (the functions work in pieces of 256
/// entries and 8 lanes), where the shape rule lets them.
fn for_each_large_sample(mut test: impl FnMut(&Sample, &mut Rng)) {
    let larger = |n: usize| *[0, 1, 19, 37, 261, 9, 11, 33].get(n).unwrap_or(&n);
    let mut count = 0;
    for (op, shapes) in Op::samples().into_iter().filter(|(op, _)| !op.is_cache()) {
        let shapes: Vec<Shape> = shapes.iter().map(|s| Shape::new(larger(s.rows), larger(s.cols))).collect();
        let Ok(shape) = shape_of(&op, &shapes) else { continue };
        // What the literal evaluation takes at most, which is for meaning and not for speed.
        if shapes.iter().map(|s| s.len()).sum::<usize>() * shape.len() > 4_000_000 {
            continue;
        }
        count += 1;
        let sample = Sample { op, shapes, shape };
        let mut rng = random(&sample, 0);
        test(&sample, &mut rng);
    }
    assert!(count > 150);
}

/// The shape of `op` of these arguments and those that are made of them.
fn shape_of(op: &Op, shapes: &[Shape]) -> Result<Shape, Mismatch> {
    let mut fault = None;
    let all = arguments(op, shapes, |maker, of| match maker.shape(of) {
        Ok(shape) => shape,
        Err(why) => {
            fault = Some(why);
            Shape::SCALAR
        }
    });
    fault.map_or_else(|| op.shape(&all), Err)
}

impl Sample {
    /// Arguments at which value, first and second derivatives are finite, along random directions.
    pub fn draw(&self, rng: &mut Rng) -> Vec<Array<f64>> {
        for _ in 0..400 {
            let (low, high) = INTERVALS[rng.below(INTERVALS.len())];
            let mut number = || if low == high { rng.below(4) as f64 - 1.0 } else { rng.uniform(low, high) };
            let mut args: Vec<Array<f64>> =
                self.shapes.iter().map(|&s| Array::from_fn(s, |_, _| number())).collect();
            self.op.tame(&mut args);
            if self.smooth_at(&args, rng) {
                return args;
            }
        }
        panic!("{self}: no arguments found where all derivatives are finite");
    }

    fn smooth_at(&self, args: &[Array<f64>], rng: &mut Rng) -> bool {
        let mut dual =
            |&x: &f64| Literal(HyperDual64::new(x, rng.uniform(0.5, 1.0), rng.uniform(0.5, 1.0), 0.0));
        let duals: Vec<Array<Second>> =
            args.iter().map(|a| Array::new(a.shape, a.entries.iter().map(&mut dual).collect())).collect();
        let Ok(values) = self.try_literal(&duals) else { return false };
        values.iter().all(|x| [x.0.re, x.0.eps1, x.0.eps2, x.0.eps1eps2].iter().all(|x| x.is_finite()))
    }

    pub fn literal<N: Number>(&self, args: &[Array<N>]) -> Vec<N> {
        self.try_literal(args).unwrap()
    }

    fn try_literal<N: Number>(&self, args: &[Array<N>]) -> crate::Result<Vec<N>> {
        let (program, result) = single(&self.op, &self.shapes);
        Ok(literal::evaluate(&program, args, true)?.swap_remove(result.index()).entries)
    }

    /// The adjoint of argument `j`, one of those that nothing else makes.
    pub fn transposed(&self, b: &mut Builder, result: Value, j: usize, w: Value) -> Option<Value> {
        let args = b.instr(result).args.clone();
        let place = args.iter().position(|&a| a.index() == j)?;
        self.op.transpose(b, At { args: &args, result }, place, w)
    }

    /// Whether the rule for the adjoint says that this is linear in argument `j`.
    pub fn linear_in(&self, j: usize) -> bool {
        let (program, result) = single(&self.op, &self.shapes);
        let mut b = Builder::extend(program);
        let w = b.input(self.shape);
        self.transposed(&mut b, result, j, w).is_some()
    }

    /// The sets of arguments in which this is linear together while the others are `rest`: doubling them doubles the
    /// result exactly. Where there is no result to double, single arguments.
    pub fn linear_sets(&self, rest: &[Array<f64>], rng: &mut Rng) -> Vec<Vec<usize>> {
        let linear: Vec<usize> = (0..self.shapes.len()).filter(|&j| self.linear_in(j)).collect();
        let sets = (1usize..1 << linear.len()).map(|bits| {
            (0..linear.len()).filter(|k| bits & (1 << k) != 0).map(|k| linear[k]).collect::<Vec<usize>>()
        });
        let homogeneous = |set: &Vec<usize>| {
            let mut args = rest.to_vec();
            set.iter().for_each(|&j| args[j] = rng.array(self.shapes[j], 0.5, 1.5));
            let Ok(once) = self.try_literal(&args) else { return false };
            let once: Vec<f64> = once.into_iter().map(|x| 2.0 * x).collect();
            set.iter().for_each(|&j| args[j].entries.iter_mut().for_each(|x| *x *= 2.0));
            self.literal(&args) == once && (set.len() == 1 || once.iter().any(|&x| x != 0.0))
        };
        sets.filter(homogeneous).collect()
    }
}

pub fn slices(args: &[Array<f64>]) -> Vec<&[f64]> {
    args.iter().map(|a| &a.entries[..]).collect()
}
