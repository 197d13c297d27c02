//! The action on sums of terms is the action on the arrays that they stand for, whatever the number of directions that
//! decides on hoisting; as instructions, and as a plan that runs lanes.

use super::super::bounded::Bounded;
use super::super::support::{Rng, assert_within, evaluate};
use super::{Sample, for_each_sample};
use crate::dense::buffer::Buffer;
use crate::dense::lanes::{pack, unpack};
use crate::engine::control::Control;
use crate::engine::lanes::{LanePlan, Workspace};
use crate::engine::{NO_STAGES, Place, Stages};
use crate::passes::prune;
use crate::program::number::{Array, Number};
use crate::program::ops::Matmul;
use crate::program::split::{self, Base, Factor, Side, Split, Term, Terms, Thin};
use crate::program::{Builder, Program, Shape, Value};

const LANES: usize = 8;
/// The hoisted form associates products in another order; two roundings more for each factor.
const FACTOR: f64 = 4.0;

/// How the terms of an argument are made.
#[derive(Clone, Copy, Debug)]
enum Style {
    Plain,
    Scaled,
    Spread,
    RowTimesArray,
    Column,
    Two,
    Three,
    /// A product with one point side, in any transposed form; also scaled by a number of the point.
    Product {
        left: bool,
        ta: bool,
        tb: bool,
        scaled: bool,
    },
    /// An outer product of these kinds of factors, with a kind of coefficient and perhaps a scale.
    Thin {
        u: usize,
        v: usize,
        coef: usize,
    },
}

fn styles() -> Vec<Style> {
    use Style::*;
    let mut all = vec![Plain, Scaled, Spread, RowTimesArray, Column, Two, Three];
    for bits in 0..16 {
        let bit = |k| bits & (1 << k) != 0;
        all.push(Product { left: bit(0), ta: bit(1), tb: bit(2), scaled: bit(3) });
    }
    for kinds in 0..64 {
        all.push(Thin { u: kinds % 4, v: kinds / 4 % 4, coef: kinds / 16 });
    }
    all
}

/// The point's and the directions' arrays that terms of one argument are made of.
struct Parts {
    full: [Value; 2],
    row: Value,
    number: Value,
    /// For products from the left and from the right.
    square: [Value; 2],
    /// As long as a column and as a row.
    vector: [Value; 2],
}

struct Bases {
    full: [Value; 2],
    transposed: Value,
    number: Value,
    column: Value,
    /// As long as a row.
    across: Value,
    /// Numbers of a row and of a column, or none.
    places: [Value; 2],
}

/// Where the places stand among the bases.
const PLACES: [usize; 2] = [6, 7];

fn part_shapes(s: Shape) -> [Shape; 8] {
    let row = Shape::new(1, s.cols);
    let (square, vector) = (|n| Shape::new(n, n), |n| Shape::new(n, 1));
    [s, s, row, Shape::SCALAR, square(s.rows), square(s.cols), vector(s.rows), vector(s.cols)]
}

fn base_shapes(s: Shape) -> [Shape; 8] {
    let (column, across) = (Shape::new(s.rows, 1), Shape::new(s.cols, 1));
    [s, s, s.transposed(), Shape::SCALAR, column, across, Shape::SCALAR, Shape::SCALAR]
}

fn terms(style: Style, shape: Shape, p: &Parts, b: &Bases, direction: &mut Builder, import: Value) -> Terms {
    let term = |factor: f64, coef: Option<Value>, base: Value| Term { factor, coef, base: Base::Array(base) };
    let list = match style {
        Style::Plain => vec![term(1.0, None, b.full[0])],
        Style::Scaled => vec![term(-1.5, Some(p.full[0]), b.full[0])],
        Style::Spread => vec![term(0.5, Some(p.full[0]), b.number)],
        Style::RowTimesArray => vec![term(2.0, Some(p.row), b.full[1])],
        Style::Column => vec![term(-0.5, Some(p.full[1]), b.column)],
        Style::Two => vec![term(1.0, None, b.full[0]), term(3.0, Some(p.full[1]), b.full[1])],
        Style::Three => vec![
            term(1.0, Some(p.full[0]), b.number),
            term(-2.0, Some(p.number), b.full[0]),
            term(1.0, None, b.column),
        ],
        Style::Product { left, ta, tb, scaled } => {
            let args = if left {
                [import, if tb { b.transposed } else { b.full[0] }]
            } else {
                [if ta { b.transposed } else { b.full[0] }, import]
            };
            let base = direction.emit(Matmul { ta, tb }, &args);
            vec![term(if scaled { -0.5 } else { 1.0 }, scaled.then_some(p.number), base)]
        }
        Style::Thin { u, v, coef } => {
            let factor = |kind: usize, side: usize, n: usize| {
                let place = split::Place { index: b.places[side], from: 0, to: n };
                match kind {
                    0 => Factor::Unit(place),
                    1 => Factor::Column(p.square[side], place),
                    2 => Factor::Fixed(p.vector[side]),
                    _ => Factor::Vector([b.column, b.across][side]),
                }
            };
            // What does not vary at all is no term of a direction.
            let scaled = coef == 3 || (u, v) == (2, 2);
            let (u, v) = (factor(u, 0, shape.rows), factor(v, 1, shape.cols));
            let thin = Thin { scale: scaled.then_some(b.number), u, v };
            let coef = [None, Some(p.full[0]), Some(p.number), Some(p.row)][coef];
            vec![Term { factor: -1.5, coef, base: Base::Thin(thin) }]
        }
    };
    Terms { shape, list: list.into_iter().collect() }
}

/// One action, with everything that it was given.
struct Acted {
    point: Program,
    direction: Program,
    lanes: usize,
    imported: Vec<Value>,
    /// The argument's terms, in numbers of the two unfinished parts.
    result: Value,
    arguments: Vec<Option<Value>>,
}

/// Acts with terms of `style` in the arguments of `set`; the others are point arrays, or constant zeros.
fn act(s: &Sample, set: &[usize], zeros: bool, style: Style, directions: usize) -> Acted {
    let mut b = Builder::default();
    let args: Vec<Value> = s.shapes.iter().map(|&shape| b.input(shape)).collect();
    let parts: Vec<Parts> = s
        .shapes
        .iter()
        .map(|&shape| {
            let v: Vec<Value> = part_shapes(shape).into_iter().map(|s| b.input(s)).collect();
            Parts { full: [v[0], v[1]], row: v[2], number: v[3], square: [v[4], v[5]], vector: [v[6], v[7]] }
        })
        .collect();
    let lanes: Vec<Shape> = s.shapes.iter().flat_map(|&shape| base_shapes(shape)).collect();
    let (mut split, inputs) = Split::new(b.finish(vec![]).unwrap(), &lanes, directions, directions > 1);
    let mut sides = Vec::new();
    let mut arguments = Vec::new();
    for (j, &shape) in s.shapes.iter().enumerate() {
        if !set.contains(&j) {
            let v = if zeros { split.point.fill(shape, 0.0) } else { args[j] };
            sides.push(Side::Point(v));
            arguments.push(None);
            continue;
        }
        let v = &inputs[8 * j..8 * j + 8];
        let bases = Bases {
            full: [v[0], v[1]],
            transposed: v[2],
            number: v[3],
            column: v[4],
            across: v[5],
            places: PLACES.map(|k| v[k]),
        };
        let left = matches!(style, Style::Product { left: true, .. });
        let import = split.import(parts[j].square[usize::from(!left)]);
        let t = terms(style, shape, &parts[j], &bases, &mut split.direction, import);
        arguments.push(Some(split.materialize(&t)));
        sides.push(Side::Lanes(t));
    }
    let sides = super::super::support::arguments(&s.op, &sides, |maker, of| {
        let point = |side: &Side| match side {
            Side::Point(v) => *v,
            Side::Lanes(_) => unreachable!("what makes an argument is none of the direction"),
        };
        let of: Vec<Value> = of.iter().map(point).collect();
        Side::Point(split.point.emit(maker.clone(), &of))
    });
    let made = s.op.act(&mut split, &sides, s.shape);
    assert_eq!(made.shape, s.shape, "{s}");
    let result = split.materialize(&made);
    let imported = split.imported.clone();
    let outputs = arguments.iter().flatten().copied().chain([result]).collect();
    Acted {
        point: split.point.finish(vec![]).unwrap(),
        direction: split.direction.finish(outputs).unwrap(),
        lanes: lanes.len(),
        imported,
        result,
        arguments,
    }
}

/// The operation on the arrays that its arguments stand for, in one direction.
fn expected(s: &Sample, a: &Acted, rest: &[Array<f64>], zeros: bool, inputs: &[&[f64]]) -> Vec<Bounded> {
    let values = evaluate::<Bounded>(&a.direction, inputs);
    let args: Vec<Array<Bounded>> = rest
        .iter()
        .zip(&a.arguments)
        .map(|(r, v)| match v {
            Some(v) => values[v.index()].clone(),
            None => {
                let entry = |&x: &f64| Bounded::constant(if zeros { 0.0 } else { x });
                Array::new(r.shape, r.entries.iter().map(entry).collect())
            }
        })
        .collect();
    s.literal(&args)
}

fn check(s: &Sample, rest: &[Array<f64>], a: &Acted, zeros: bool, what: &str, rng: &mut Rng) {
    let others = a.point.inputs.iter().skip(rest.len()).map(|shape| rng.numbers(shape.len(), -1.0, 1.0));
    let others: Vec<Vec<f64>> = others.collect();
    let given: Vec<&[f64]> =
        rest.iter().map(|r| &r.entries[..]).chain(others.iter().map(|x| &x[..])).collect();
    let point = evaluate::<f64>(&a.point, &given);
    let imports: Vec<&[f64]> = a.imported.iter().map(|v| &point[v.index()].entries[..]).collect();
    // The lanes of each input, one after the other.
    let columns: Vec<Vec<f64>> = a.direction.inputs[..a.lanes]
        .iter()
        .enumerate()
        .map(|(k, shape)| match PLACES.iter().position(|&p| p == k % 8) {
            Some(side) => places([s.shapes[k / 8].rows, s.shapes[k / 8].cols][side], rng),
            None => rng.numbers(shape.len() * LANES, -1.0, 1.0),
        })
        .collect();
    // A plan's outputs vary with the direction; a constant is no output of one.
    let varies = a.direction.influence((0..a.lanes as u32).map(Value))[a.result.index()];
    let planned = if varies { run(a, &imports, &columns) } else { vec![0.0; s.shape.len() * LANES] };
    let len = s.shape.len();
    for l in 0..LANES {
        let one = columns.iter().map(|c| &c[l * (c.len() / LANES)..(l + 1) * (c.len() / LANES)]);
        let inputs: Vec<&[f64]> = one.chain(imports.iter().copied()).collect();
        let expected = expected(s, a, rest, zeros, &inputs);
        assert_within(
            &planned[l * len..(l + 1) * len],
            &expected,
            FACTOR,
            &format!("{what}, planned, lane {l}"),
        );
        if l == 0 {
            let literal = &evaluate::<f64>(&a.direction, &inputs)[a.result.index()].entries;
            assert_within(literal, &expected, FACTOR, &what);
        }
    }
}

/// A place among `n` in each lane, now and then none.
fn places(n: usize, rng: &mut Rng) -> Vec<f64> {
    let place = |k: usize| if k < n { k as f64 } else { f64::NAN };
    (0..LANES).map(|_| place(rng.below(n + 1))).collect()
}

/// The result by a plan, all lanes together.
fn run(a: &Acted, imports: &[&[f64]], columns: &[Vec<f64>]) -> Vec<f64> {
    let mut whole = a.direction.clone();
    whole.outputs = vec![a.result];
    let (direction, place) = prune(&whole, whole.inputs.len());
    assert!(place[a.result.index()].is_some());
    let buffers: Vec<Buffer> = imports
        .iter()
        .map(|x| {
            let mut b = Buffer::with_len(x.len());
            b.copy_from_slice(x);
            b
        })
        .collect();
    let places: Vec<Place> = (0..imports.len() as u32).map(|k| Place::Stage(0, k)).collect();
    let plan = LanePlan::new(&direction, a.lanes, &places, 1);
    let mut stages = Stages { data: &[], stages: NO_STAGES };
    stages.stages[0] = &buffers;
    let mut w = Workspace::default();
    plan.prepare(&mut w);
    for (&v, c) in plan.inputs.iter().zip(columns) {
        pack(c, c.len() / LANES, LANES, plan.slice_mut(&mut w, v, LANES), LANES);
    }
    plan.run(stages, &mut w, LANES, None, &Control::new()).unwrap();
    let out = plan.output(stages, &w, 0, LANES);
    let len = out.rows * out.cols;
    let mut apart = vec![0.0; len * LANES];
    unpack(out.data, LANES, len, &mut apart, len, LANES);
    apart
}

#[test]
fn the_action_on_terms_is_the_action_on_arrays() {
    for_each_sample(1, |s, rng| {
        let drawn = s.draw(rng);
        for zeros in [false, true] {
            let mut rest = drawn.clone();
            if zeros {
                rest.iter_mut().for_each(|a| a.entries.fill(0.0));
            }
            for set in s.linear_sets(&rest, rng) {
                for style in styles() {
                    for directions in [1, 64] {
                        let a = act(s, &set, zeros, style, directions);
                        let what = format!("{s}, {style:?} in {set:?}, {directions} directions");
                        check(s, &rest, &a, zeros, &what, rng);
                    }
                }
            }
        }
    });
}
