//! Building, pruning, splitting and scheduling change what is computed, never what comes out.

use super::support::{Rng, append, evaluate, input};
use crate::calculus;
use crate::engine::control::Control;
use crate::engine::schedule::Schedule;
use crate::engine::{NO_STAGES, Stages};
use crate::passes::{Parts, prune, split};
use crate::program::number::Array;
use crate::program::ops::{Fill, Op, Sum, Transpose};
use crate::program::scalar::{self, Row, Rule};
use crate::program::split::{Piece, Vector};
use crate::program::{Args, Builder, Instr, Program, Shape, Value};

const SPECIAL: [f64; 12] =
    [0.0, -0.0, 1.0, -1.0, 2.5, -3.0, 0.3, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e308, 5e-324];

/// Equal up to a few ulp, the sign of zero and what rounding among subnormal numbers does.
fn alike(x: f64, y: f64) -> bool {
    x == y || (x.is_nan() && y.is_nan()) || (x - y).abs() <= 8.0 * f64::EPSILON * x.abs() + 1e-307
}

/// What can stand in an argument of this shape: constants, and every operation with such a result.
fn producers(shape: Shape, samples: &[(Op, Vec<Shape>)]) -> Vec<(Op, Vec<Shape>)> {
    let constants =
        [0.0, 1.0, -1.0, 2.5, f64::NAN, f64::INFINITY].map(|x| (Op::from(Fill::new(shape, x)), vec![]));
    let made = samples.iter().filter(|(op, shapes)| op.shape(shapes) == Ok(shape)).cloned();
    constants.into_iter().chain(made).collect()
}

/// `outer` with the result of `inner` as argument `j` (as every argument, if `all`), as it stands and as built.
fn both(outer: &(Op, Vec<Shape>), j: usize, inner: &(Op, Vec<Shape>), all: bool) -> [(Program, Value); 2] {
    let mut raw = Program::default();
    let others: Vec<Value> = outer.1.iter().map(|&s| input(&mut raw, s)).collect();
    let own: Args = inner.1.iter().map(|&s| input(&mut raw, s)).collect();
    let mut b = Builder::default();
    for &shape in &raw.inputs {
        b.input(shape);
    }

    let place = |made: Value| -> Args {
        others.iter().enumerate().map(|(k, &v)| if k == j || all { made } else { v }).collect()
    };
    let made = append(&mut raw, &inner.0, own.clone());
    let last = append(&mut raw, &outer.0, place(made));
    let made = b.emit(inner.0.clone(), &own);
    let built = b.emit(outer.0.clone(), &place(made));
    let program = b.finish(vec![built]).unwrap();
    [(raw, last), (program, built)]
}

/// The last value with the other sign for zeros in the one before: an identity may change that, as the order of a sum
/// does, and some functions tell.
fn with_other_zeros(p: &Program, values: &[Array<f64>]) -> Vec<f64> {
    let made = p.len() - 2;
    let mut inner = values[made].clone();
    inner.entries.iter_mut().filter(|x| **x == 0.0).for_each(|x| *x = -*x);
    let last = &p.instrs[p.len() - 1];
    let args: Vec<&Array<f64>> =
        last.args.iter().map(|a| if a.index() == made { &inner } else { &values[a.index()] }).collect();
    last.op.literal(&args, last.shape).unwrap()
}

/// Over all pairs of primitives, one an argument of the other: what the identities look at. None is named.
#[test]
fn identities_and_folding_keep_every_value_nan_and_infinities_included() {
    // Those that take a factorisation, or have no result at special numbers, stand in other tests.
    let alone = |(op, s): &(Op, Vec<Shape>)| !op.fallible() && (0..=s.len()).all(|j| op.made_of(j).is_none());
    let samples: Vec<_> = Op::samples().into_iter().filter(alone).collect();
    let mut rng = Rng(7);
    let (mut pairs, mut shortened) = (0, 0);
    for outer in &samples {
        for j in 0..outer.1.len() {
            let same = outer.1.iter().all(|&s| s == outer.1[j]);
            for inner in producers(outer.1[j], &samples) {
                for all in [false, true] {
                    if all && (!same || outer.1.len() == 1) {
                        continue;
                    }
                    let [(raw, last), (program, built)] = both(outer, j, &inner, all);
                    assert_eq!(raw.shape(last), program.shape(built));
                    let inputs: Vec<Vec<f64>> = raw
                        .inputs
                        .iter()
                        .map(|s| (0..s.len()).map(|_| SPECIAL[rng.below(SPECIAL.len())]).collect())
                        .collect();
                    let inputs: Vec<&[f64]> = inputs.iter().map(|x| &x[..]).collect();
                    let expected = evaluate::<f64>(&raw, &inputs);
                    let got = evaluate::<f64>(&program, &inputs);
                    let other = with_other_zeros(&raw, &expected);
                    let values = expected[last.index()].entries.iter().zip(&other);
                    // What a gate shuts is an exact zero, whatever it is multiplied with.
                    let gates = |i: &Instr| i.op.as_map().is_some_and(|m| matches!(m.row.rule, Rule::Gate));
                    let gated = raw.instrs.iter().any(gates);
                    for (g, (e, o)) in got[built.index()].entries.iter().zip(values) {
                        let fine = alike(*g, *e) || alike(*g, *o) || (gated && *g == 0.0 && e.is_nan());
                        assert!(fine, "{g:e} instead of {e:e}\n{raw}becomes\n{program}at {inputs:?}");
                    }
                    pairs += 1;
                    shortened += usize::from(program.len() < raw.len());
                }
            }
        }
    }
    assert!(pairs > 10_000 && shortened > 1_000, "{pairs} pairs, {shortened} shortened");
}

#[test]
fn equal_instructions_are_appended_once_also_after_extending() {
    let mut b = Builder::default();
    let (x, y) = (b.input(Shape::new(2, 3)), b.input(Shape::new(2, 3)));
    let (p, q) = (b.mul(x, y), b.mul(y, x));
    assert_eq!(p, q, "products commute");
    let s = b.map(&scalar::SIN, &[p]);
    let len = b.program().len();
    let mut b = Builder::extend(b.finish(vec![s]).unwrap());
    assert_eq!(b.map(&scalar::SIN, &[q]), s);
    assert_ne!(b.map(&scalar::COS, &[q]), s);
    assert_eq!(b.program().len(), len + 1);
    assert_ne!(b.scale(2.0, x), b.scale(3.0, x), "parameters tell instructions apart");
}

#[test]
fn functions_of_constants_are_constants() {
    let mut b = Builder::default();
    let (two, three) = (b.constant(2.0), b.fill(Shape::new(2, 2), 3.0));
    let sum = b.add(two, three);
    assert_eq!((b.uniform(sum), b.shape(sum)), (Some(5.0), Shape::new(2, 2)));
    let root = b.map(&scalar::SQRT, &[sum]);
    assert_eq!(b.uniform(root), Some(5f64.sqrt()));
}

#[test]
fn what_outputs_do_not_need_goes_and_a_needed_prefix_keeps_its_numbers() {
    let mut b = Builder::default();
    let inputs: Vec<Value> = (0..3).map(|_| b.input(Shape::new(2, 2))).collect();
    let kept = b.map(&scalar::EXP, &[inputs[0]]);
    let dead = b.map(&scalar::SIN, &[inputs[1]]);
    let deader = b.mul(dead, kept);
    let out = b.add(kept, inputs[2]);
    let whole = b.finish(vec![out]).unwrap();
    // The first two inputs stay although the second is not needed; of the third only need tells.
    let (program, place) = prune(&whole, 2);
    assert_eq!((place[dead.index()], place[deader.index()]), (None, None));
    assert_eq!(place[kept.index()], Some(kept), "order is kept");
    assert_eq!((program.len(), program.inputs.len()), (whole.len() - 2, 3));
    let x = [[0.5; 4], [f64::NAN; 4], [2.0; 4]];
    let inputs: Vec<&[f64]> = x.iter().map(|x| &x[..]).collect();
    let got = &evaluate::<f64>(&program, &inputs)[program.outputs[0].index()].entries;
    assert_eq!(*got, [0.5f64.exp() + 2.0; 4]);

    let mut fewer = whole.clone();
    fewer.outputs = vec![kept];
    let (program, _) = prune(&fewer, 1);
    assert_eq!((program.len(), program.inputs.len()), (2, 1), "inputs beyond the fixed ones go");
}

/// What the direction part of a program's tangents is.
fn parts(directions: usize, record: impl FnOnce(&mut Builder, Value) -> Value) -> Parts {
    let mut b = Builder::default();
    let x = b.input(Shape::new(4, 4));
    let y = record(&mut b, x);
    let base = b.finish(vec![y]).unwrap();
    let derived = calculus::tangents(base.clone(), &[x], &[y]).unwrap();
    split(&base, &derived, directions).unwrap()
}

fn operations(p: &Program) -> Vec<&str> {
    p.instrs.iter().filter(|i| i.op.as_input().is_none()).map(|i| i.op.name()).collect()
}

#[test]
fn a_chain_of_elementwise_functions_is_one_product_per_direction() {
    let p = parts(1, |b, x| {
        let mut y = x;
        for row in [&scalar::SIN, &scalar::EXP, &scalar::TANH, &scalar::SOFTPLUS] {
            y = b.map(row, &[y]);
        }
        b.scale(3.0, y)
    });
    assert_eq!(operations(&p.direction), ["combination"]);
    assert_eq!(p.imported.len(), 1, "one coefficient, made at the point");
}

#[test]
fn sums_of_multiples_of_one_tangent_are_one_multiple() {
    // x + x∘x + 2x: (1 + 2x + 2)∘ẋ.
    let p = parts(1, |b, x| {
        let (s, d) = (b.mul(x, x), b.scale(2.0, x));
        let sum = b.add(x, s);
        b.add(sum, d)
    });
    assert_eq!(operations(&p.direction), ["combination"]);
    let c = p.direction.instrs.iter().find_map(|i| i.op.as_combine()).unwrap();
    assert_eq!(c.terms().count(), 1);
}

#[test]
fn a_tangent_that_is_the_seed_takes_no_instruction() {
    let p = parts(1, |b, x| {
        let c = b.fill(Shape::new(4, 4), 2.0);
        b.add(x, c)
    });
    assert!(operations(&p.direction).is_empty());
    assert_eq!(p.results[0].own, [Piece::Array(0)]);
    let p = parts(1, |b, x| b.map(&scalar::FLOOR, &[x]));
    assert!(p.results[0].is_empty(), "and one that is zero as a whole is no output");
}

#[test]
fn products_are_associated_anew_only_for_many_directions() {
    let chain = |b: &mut Builder, x: Value| {
        let a = b.data(Shape::new(4, 4), vec![0.5; 16].into());
        let c = b.data(Shape::new(4, 4), vec![1.5; 16].into());
        let inner = b.emit(crate::program::ops::Matmul::PLAIN, &[c, x]);
        b.emit(crate::program::ops::Matmul::PLAIN, &[a, inner])
    };
    assert_eq!(operations(&parts(1, chain).direction), ["product", "product"]);
    // Of unit matrices: a column of the point's product, at the column of the direction.
    let p = parts(16, chain);
    assert!(operations(&p.direction).is_empty());
    assert_eq!(operations(&p.point).iter().filter(|&&op| op == "product").count(), 3);
    let column =
        |p: &Piece<usize>| matches!(p, Piece::Outer { u: Vector::Column(..), v: Vector::Unit(_), .. });
    assert!(p.results[0].own.len() == 1 && column(&p.results[0].own[0]), "{:?}", p.results);
}

/// A random program of elementwise functions on arrays of 300×2, some repeated, with other operations between.
fn elementwise(rng: &mut Rng) -> Program {
    let shapes = [(300, 2), (300, 2), (1, 2), (300, 1), (1, 1), (2, 300)].map(|(m, n)| Shape::new(m, n));
    let mut p = Program::default();
    for shape in shapes {
        input(&mut p, shape);
    }
    let rows: Vec<&'static Row> = scalar::TABLE.to_vec();
    for _ in 0..40 {
        let (x, y) = (Value(rng.below(p.len()) as u32), Value(rng.below(p.len()) as u32));
        let row = rows[rng.below(rows.len())];
        let map = crate::program::ops::Map::new(row, 2.0).into();
        let (op, args): (Op, Vec<Value>) = match rng.below(12) {
            0 => (Transpose.into(), vec![x]),
            1 => (Sum { rows: false, cols: true }.into(), vec![x]),
            _ if row.arity() == 1 => (map, vec![x]),
            _ => (map, vec![x, y]),
        };
        let shapes: Vec<Shape> = args.iter().map(|&a| p.shape(a)).collect();
        if op.shape(&shapes).is_ok() {
            append(&mut p, &op, args.into_iter().collect());
        }
    }
    p
}

/// The point part by a schedule: a first stage, and a second one that goes on from it. Elementwise functions give the
/// same bits in any pass; column sums of two numbers too.
#[test]
fn fused_passes_give_the_bits_of_one_instruction_after_the_other() {
    for seed in 0..60 {
        let rng = &mut Rng(seed);
        let p = elementwise(rng);
        let inputs: Vec<Vec<f64>> = p.inputs.iter().map(|s| rng.numbers(s.len(), -1.5, 1.5)).collect();
        let literal = evaluate::<f64>(&p, &inputs.iter().map(|x| &x[..]).collect::<Vec<_>>());
        let mut some = || -> Vec<Value> { p.values().filter(|_| rng.below(4) == 0).collect() };
        let (early, late) = (some(), some());

        let first = Schedule::new(&p, &early, 0, None);
        let second = Schedule::new(&p, &late, 1, Some(&first));
        let (mut own, mut next) = (first.allocate(&p), second.allocate(&p));
        for (slot, x) in first.inputs.iter().zip(&inputs) {
            own[slot.unwrap() as usize].copy_from_slice(x);
        }
        first.run(&p, Stages::new(&p), &mut own, &Control::new()).unwrap();
        let mut stages = Stages { data: &p.data, stages: NO_STAGES };
        stages.stages[0] = &own;
        second.run(&p, stages, &mut next, &Control::new()).unwrap();
        stages.stages[1] = &next;
        for (schedule, targets) in [(&first, &early), (&second, &late)] {
            for &v in targets {
                let got = stages.view(schedule.place(v).unwrap(), p.shape(v)).data;
                let pairs = got.iter().zip(&literal[v.index()].entries);
                for (e, (g, x)) in pairs.enumerate() {
                    let same = g.to_bits() == x.to_bits() || (g.is_nan() && x.is_nan());
                    assert!(same, "seed {seed}, {v:?} entry {e}: {g:e}, {x:e}\n{p}");
                }
            }
        }
    }
}

#[test]
fn a_schedule_computes_what_is_missing_and_nothing_twice() {
    let mut b = Builder::default();
    let x = b.input(Shape::new(3, 3));
    let s = b.map(&scalar::SIN, &[x]);
    let e = b.map(&scalar::EXP, &[s]);
    let dead = b.map(&scalar::COS, &[e]);
    let t = b.map(&scalar::TANH, &[e]);
    let p = b.finish(vec![]).unwrap();
    let first = Schedule::new(&p, &[e], 0, None);
    assert_eq!(first.instructions(), 2);
    let second = Schedule::new(&p, &[t, s], 1, Some(&first));
    assert_eq!(second.instructions(), 1, "sine and exponential are at hand, the cosine is not wanted");
    assert!(second.place(dead).is_none());
}
