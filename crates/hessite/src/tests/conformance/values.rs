//! Shape, value, lanes, scaled and added results.

use super::super::bounded::Bounded;
use super::super::support::{Rng, arguments, assert_within};
use super::{Sample, for_each_large_sample, for_each_sample};
use crate::dense::lanes::{View, ViewMut, pack, unpack};
use crate::dense::stop::Stop;
use crate::program::Shape;
use crate::program::number::{Array, Number};
use crate::program::ops::Target;

/// Both sides are evaluations of the same expression, in other orders.
const FACTOR: f64 = 2.0;

fn view<'a>(data: &'a [f64], shape: Shape, lanes: usize) -> View<'a> {
    View { data, rows: shape.rows, cols: shape.cols, lanes }
}

impl Sample {
    fn bounded(&self, args: &[Array<f64>]) -> Vec<Bounded> {
        let lift =
            |a: &Array<f64>| Array::new(a.shape, a.entries.iter().map(|&x| Bounded::constant(x)).collect());
        self.literal(&args.iter().map(lift).collect::<Vec<_>>())
    }

    fn run(&self, args: &[View<'_>], lanes: usize, start: &[f64], scale: f64, add: bool) -> Vec<f64> {
        let mut data = start.to_vec();
        let out = ViewMut { data: &mut data, rows: self.shape.rows, cols: self.shape.cols, lanes };
        let mut made = Vec::new();
        let places = arguments(&self.op, &(0..args.len()).collect::<Vec<_>>(), |maker, of| {
            let of: Vec<View<'_>> = of.iter().map(|&k| args[k]).collect();
            let shapes: Vec<Shape> = of.iter().map(|a| Shape::new(a.rows, a.cols)).collect();
            let shape = maker.shape(&shapes).unwrap();
            let mut data = vec![f64::NAN; shape.len()];
            let out = ViewMut { data: &mut data, rows: shape.rows, cols: shape.cols, lanes: 1 };
            maker.run(&of, Target::plain(out, Stop::default()));
            made.push((data, shape));
            args.len() + made.len() - 1
        });
        let all = |&k: &usize| match k.checked_sub(args.len()) {
            Some(k) => view(&made[k].0, made[k].1, 1),
            None => args[k],
        };
        let args: Vec<View<'_>> = places.iter().map(all).collect();
        self.op.run(&args, Target { out, scale, add, stop: Stop::default() });
        data
    }
}

#[test]
fn the_value_has_the_length_that_the_shape_rule_says() {
    for_each_sample(1, |s, rng| {
        let args = s.draw(rng);
        assert_eq!(s.literal(&args).len(), s.shape.len(), "{s}");
    });
}

#[test]
fn the_value_is_the_literal_one() {
    let law = |s: &Sample, rng: &mut Rng| {
        let args = s.draw(rng);
        let views: Vec<View<'_>> = args.iter().map(|a| view(&a.entries, a.shape, 1)).collect();
        let got = s.run(&views, 1, &vec![f64::NAN; s.shape.len()], 1.0, false);
        assert_within(&got, &s.bounded(&args), FACTOR, s);
    };
    for_each_sample(4, law);
    for_each_large_sample(law);
}

#[test]
fn a_result_is_scaled_and_added_where_the_operation_says_so() {
    let mut seen = 0;
    for_each_sample(2, |s, rng| {
        if !s.op.accumulates() {
            return;
        }
        seen += 1;
        let args = s.draw(rng);
        let views: Vec<View<'_>> = args.iter().map(|a| view(&a.entries, a.shape, 1)).collect();
        let before = rng.numbers(s.shape.len(), -1.0, 1.0);
        for add in [false, true] {
            let scale = Bounded::constant(-1.7);
            let expected: Vec<Bounded> = s
                .bounded(&args)
                .into_iter()
                .zip(&before)
                .map(|(y, &b)| scale * y + Bounded::constant(if add { b } else { 0.0 }))
                .collect();
            let start = if add { before.clone() } else { vec![f64::NAN; before.len()] };
            assert_within(&s.run(&views, 1, &start, -1.7, add), &expected, FACTOR, s);
        }
    });
    assert!(seen > 20);
}

/// Lanes go through as they would one by one: for every set of arguments that the operation is linear in, the others
/// plain, and also plain zeros.
#[test]
fn lanes_are_one_by_one() {
    for_each_sample(1, |s, rng| lanes_law(s, &[1, 2, 3, 4, 5, 8], rng));
    for_each_large_sample(|s, rng| lanes_law(s, &[1, 4, 8], rng));
}

fn lanes_law(s: &Sample, counts: &[usize], rng: &mut Rng) {
    let drawn = s.draw(rng);
    for zeros in [false, true] {
        let mut rest = drawn.clone();
        if zeros {
            rest.iter_mut().for_each(|a| a.entries.fill(0.0));
        }
        for set in s.linear_sets(&rest, rng) {
            for &lanes in counts {
                let columns: Vec<Vec<f64>> =
                    s.shapes.iter().map(|shape| rng.numbers(shape.len() * lanes, -2.0, 2.0)).collect();
                check_lanes(s, &rest, &set, &columns, lanes);
            }
        }
    }
}

/// `columns[j]` holds the lanes of argument j one after the other.
fn check_lanes(s: &Sample, rest: &[Array<f64>], set: &[usize], columns: &[Vec<f64>], lanes: usize) {
    let packed: Vec<Vec<f64>> = (0..rest.len())
        .map(|j| {
            let len = rest[j].entries.len();
            let mut data = vec![0.0; len * lanes];
            pack(&columns[j], len, lanes, &mut data, lanes);
            data
        })
        .collect();
    let views: Vec<View<'_>> = (0..rest.len())
        .map(|j| match set.contains(&j) {
            true => view(&packed[j], rest[j].shape, lanes),
            false => view(&rest[j].entries, rest[j].shape, 1),
        })
        .collect();
    let len = s.shape.len();
    let got = s.run(&views, lanes, &vec![f64::NAN; len * lanes], 1.0, false);
    let mut apart = vec![0.0; len * lanes];
    unpack(&got, lanes, len, &mut apart, len, lanes);
    let accumulated = s.op.accumulates().then(|| {
        let all = s.run(&views, lanes, &vec![0.5; len * lanes], -1.5, true);
        let mut apart = vec![0.0; len * lanes];
        unpack(&all, lanes, len, &mut apart, len, lanes);
        apart
    });
    for l in 0..lanes {
        let mut one = rest.to_vec();
        for &j in set {
            let n = one[j].entries.len();
            one[j].entries.copy_from_slice(&columns[j][l * n..(l + 1) * n]);
        }
        let expected = s.bounded(&one);
        let what = format!("{s}, lane {l} of {lanes}, lanes in {set:?}");
        assert_within(&apart[l * len..(l + 1) * len], &expected, FACTOR, &what);
        if let Some(all) = &accumulated {
            let scaled = |y: &Bounded| Bounded::constant(-1.5) * *y + Bounded::constant(0.5);
            let expected: Vec<Bounded> = expected.iter().map(scaled).collect();
            assert_within(&all[l * len..(l + 1) * len], &expected, FACTOR, &what);
        }
    }
}

#[test]
fn places_are_where_the_entries_of_the_result_come_from() {
    let mut count = 0;
    for_each_sample(1, |s, rng| {
        let known = s.shapes.first().and_then(|&from| s.op.places(from));
        assert!(s.op.arranges() || known.is_none(), "{s}");
        let Some(places) = known else { return };
        count += 1;
        let args = s.draw(rng);
        let entry = |k: u32| args[0].entries.get(k as usize).copied().unwrap_or(0.0);
        let second = |k: usize| places.second.as_ref().map_or(0.0, |second| entry(second[k]));
        let picked: Vec<f64> = places.first.iter().enumerate().map(|(k, &p)| entry(p) + second(k)).collect();
        assert_eq!(picked, s.literal(&args), "{s}");
    });
    assert!(count > 20, "{count} samples have places");
}
