//! Random numbers, hand-made programs, and evaluating them.

use super::bounded::Bounded;
use crate::Function;
use crate::hessian::Variables;
use crate::program::literal;
use crate::program::number::{Array, Number};
use crate::program::ops::Op;
use crate::program::{Args, Instr, Program, Shape, Value};
use crate::record::Variable;

/// splitmix64.
pub(crate) struct Rng(pub u64);

impl Rng {
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in [low, high).
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * ((self.bits() >> 11) as f64 * 2f64.powi(-53))
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.bits() % n.max(1) as u64) as usize
    }

    pub fn numbers(&mut self, n: usize, low: f64, high: f64) -> Vec<f64> {
        (0..n).map(|_| self.uniform(low, high)).collect()
    }

    pub fn array(&mut self, shape: Shape, low: f64, high: f64) -> Array<f64> {
        Array::new(shape, self.numbers(shape.len(), low, high))
    }
}

/// The program that is just `op` of inputs with these shapes, nothing simplified, and its result. Arguments that another
/// operation makes are no inputs.
pub fn single(op: &Op, shapes: &[Shape]) -> (Program, Value) {
    let mut p = Program::default();
    for &shape in shapes {
        input(&mut p, shape);
    }
    let args = arguments(op, &p.values().collect::<Vec<_>>(), |maker, from| {
        append(&mut p, maker, Args::from_slice(from))
    });
    let args = args.into_iter().collect();
    let result = append(&mut p, op, args);
    p.outputs = vec![result];
    (p, result)
}

/// All arguments of `op` from those that no other operation makes.
pub fn arguments<T: Clone>(op: &Op, free: &[T], mut make: impl FnMut(&Op, &[T]) -> T) -> Vec<T> {
    let mut free = free.iter().cloned();
    let mut all: Vec<Option<T>> = Vec::new();
    loop {
        match op.made_of(all.len()) {
            Some(_) => all.push(None),
            None => match free.next() {
                Some(x) => all.push(Some(x)),
                None => break,
            },
        }
    }
    (0..all.len())
        .map(|j| match (&all[j], op.made_of(j)) {
            (Some(x), _) => x.clone(),
            (None, Some((maker, from))) => {
                let from: Vec<T> = from.into_iter().map(|k| all[k].clone().unwrap()).collect();
                make(&maker, &from)
            }
            (None, None) => unreachable!("an argument is free or made"),
        })
        .collect()
}

pub fn input(p: &mut Program, shape: Shape) -> Value {
    let op = crate::program::ops::Input { index: p.inputs.len() as u32 }.into();
    p.inputs.push(shape);
    p.instrs.push(Instr { op, args: Args::new(), shape, origin: None });
    Value(p.len() as u32 - 1)
}

/// Appends an instruction as it stands.
pub fn append(p: &mut Program, op: &Op, args: Args) -> Value {
    let shapes: Vec<Shape> = args.iter().map(|&a| p.shape(a)).collect();
    let shape = op.shape(&shapes).unwrap();
    p.instrs.push(Instr { op: op.clone(), args, shape, origin: None });
    Value(p.len() as u32 - 1)
}

/// All values of a program; inputs that `inputs` does not reach are NaN, so that nothing may depend on them.
pub fn evaluate<N: Number>(program: &Program, inputs: &[&[f64]]) -> Vec<Array<N>> {
    let arrays: Vec<Array<N>> = program
        .inputs
        .iter()
        .enumerate()
        .map(|(k, &shape)| {
            let entries = match inputs.get(k) {
                Some(x) => x.iter().map(|&x| N::constant(x)).collect(),
                None => vec![N::constant(f64::NAN); shape.len()],
            };
            Array::new(shape, entries)
        })
        .collect();
    literal::evaluate(program, &arrays, false).unwrap()
}

/// A function whose variables X0, X1, … are the inputs of a program.
pub fn function(program: Program, output: Value) -> Function {
    let inputs = program.values().filter(|&v| program.instr(v).op.as_input().is_some());
    let list = inputs.enumerate().map(|(k, value)| Variable {
        name: format!("X{k}"),
        value,
        shape: program.shape(value),
        line: crate::Line(None),
        packing: None,
    });
    let variables = Variables::new(0, list.collect());
    Function::of(program, output, variables).unwrap()
}

/// Fails unless every entry lies within `factor` times the bound of the running error analysis.
#[track_caller]
pub fn assert_within(got: &[f64], expected: &[Bounded], factor: f64, what: &dyn std::fmt::Display) {
    assert_eq!(got.len(), expected.len(), "{what}: lengths");
    for (e, (g, x)) in got.iter().zip(expected).enumerate() {
        assert!(
            x.admits(*g, factor),
            "{what}: entry {e} is {g:e}, expected {:e} within {:e}",
            x.value,
            factor * x.error
        );
    }
}

/// Σ xᵢ yᵢ with the bound of its error.
pub fn inner(x: &[Bounded], y: &[f64]) -> Bounded {
    x.iter().zip(y).fold(Bounded::constant(0.0), |sum, (x, &y)| sum + *x * Bounded::constant(y))
}

/// The step of [`limit`].
pub const STEP: f64 = 1.0 / 512.0;

/// The limit of central differences of a function with these values at −h, −h/2, 0, h/2 and h, with a tolerance;
/// `None` at a kink.
///
/// Steps h and h/2 combined leave an error of order h⁴, far below the change between the two, which is the tolerance
/// beside the rounding of values of this size. The difference of the one-sided slopes halves with the step where the
/// function is smooth, and stays at a kink.
pub fn limit([a, b, y, c, d]: [f64; 5], size: f64) -> Option<(f64, f64)> {
    let h = STEP;
    let rounding = 8.0 * f64::EPSILON * size / h;
    let far = ((d - y) - (y - a)) / h;
    let near = 2.0 * ((c - y) - (y - b)) / h;
    if near.abs() > 0.75 * far.abs() + 4.0 * rounding {
        return None;
    }
    let (wide, narrow) = ((d - a) / (2.0 * h), (c - b) / h);
    Some(((4.0 * narrow - wide) / 3.0, (narrow - wide).abs() + rounding))
}
