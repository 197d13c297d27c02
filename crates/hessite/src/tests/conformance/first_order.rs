//! Tangents and adjoints.

use super::super::bounded::Bounded;
use super::super::support::{STEP, assert_within, evaluate, inner, limit, single};
use super::{Sample, for_each_sample, slices};
use crate::calculus;
use crate::engine::duals::{First, Literal};
use crate::program::number::{Array, Number};
use crate::program::{Builder, Shape};
use num_dual::Dual64;

/// Two formulas for one derivative: each errs by about its bound, and that of the dual numbers is not known to the
/// analysis.
const FACTOR: f64 = 8.0;

/// The tangent along `dots` by the rules, in the program of that one operation.
fn tangent(s: &Sample, args: &[Array<f64>], dots: &[Array<f64>]) -> Vec<Bounded> {
    let (program, result) = single(&s.op, &s.shapes);
    let inputs: Vec<_> = program.values().take(args.len()).collect();
    let d = calculus::tangents(program, &inputs, &[result]).unwrap();
    let all = [slices(args), slices(dots)].concat();
    match d.derivatives[0] {
        Some(v) => evaluate::<Bounded>(&d.program, &all)[v.index()].entries.clone(),
        None => vec![Bounded::constant(0.0); s.shape.len()],
    }
}

fn directions(s: &Sample, rng: &mut super::super::support::Rng) -> Vec<Array<f64>> {
    s.shapes.iter().map(|&shape| rng.array(shape, -1.0, 1.0)).collect()
}

#[test]
fn the_tangent_is_that_of_dual_numbers() {
    for_each_sample(4, |s, rng| {
        let (args, dots) = (s.draw(rng), directions(s, rng));
        let duals: Vec<Array<First>> = args
            .iter()
            .zip(&dots)
            .map(|(a, d)| {
                let pairs = a.entries.iter().zip(&d.entries);
                Array::new(a.shape, pairs.map(|(&x, &t)| Literal(Dual64::new(x, t))).collect())
            })
            .collect();
        let expected: Vec<f64> = s.literal(&duals).iter().map(|x| x.0.eps).collect();
        assert_within(&expected, &tangent(s, &args, &dots), FACTOR, s);
    });
}

#[test]
fn the_tangent_shaped_like_the_value_vanishes_with_the_direction() {
    for_each_sample(1, |s, rng| {
        let args = s.draw(rng);
        let zeros: Vec<Array<f64>> =
            s.shapes.iter().map(|&shape| Array::new(shape, vec![0.0; shape.len()])).collect();
        let t = tangent(s, &args, &zeros);
        assert!(t.len() == s.shape.len() && t.iter().all(|x| x.value == 0.0), "{s}");
    });
}

/// Entries at a kink are left to dual numbers.
#[test]
fn the_tangent_is_the_limit_of_differences() {
    let (mut checked, mut kinks) = (0, 0);
    for_each_sample(3, |s, rng| {
        let (args, dots) = (s.draw(rng), directions(s, rng));
        let t = tangent(s, &args, &dots);
        let values = [-STEP, -STEP / 2.0, 0.0, STEP / 2.0, STEP].map(|h| {
            let moved = |(a, d): (&Array<f64>, &Array<f64>)| {
                let entries = a.entries.iter().zip(&d.entries).map(|(x, t)| x + h * t).collect();
                Array::new(a.shape, entries)
            };
            s.literal(&args.iter().zip(&dots).map(moved).collect::<Vec<_>>())
        });
        for e in 0..t.len() {
            let Some((limit, tolerance)) =
                limit([0, 1, 2, 3, 4].map(|k| values[k][e]), values[2][e].abs() + 1.0)
            else {
                kinks += 1;
                continue;
            };
            checked += 1;
            assert!((t[e].value - limit).abs() <= tolerance, "{s}: entry {e}: {:e}, {limit:e}", t[e].value);
        }
    });
    assert!(kinks * 10 < checked, "{kinks} kinks among {checked} entries");
}

/// ⟨AᵀW, V⟩ = ⟨W, A V⟩ for every argument that the operation is linear in, A V being the change of the value.
#[test]
fn the_adjoint_is_the_transpose_of_the_linear_action() {
    let mut seen = 0;
    for_each_sample(2, |s, rng| {
        for j in (0..s.shapes.len()).filter(|&j| s.linear_in(j)) {
            seen += 1;
            let args = s.draw(rng);
            let (v, w) = (rng.array(s.shapes[j], -1.0, 1.0), rng.array(s.shape, -1.0, 1.0));
            let (program, result) = single(&s.op, &s.shapes);
            let mut b = Builder::extend(program);
            let weight = b.input(s.shape);
            let adjoint = s.transposed(&mut b, result, j, weight).unwrap();
            assert_eq!(b.shape(adjoint), s.shapes[j], "{s}: the adjoint of argument {j}");
            let program = b.finish(vec![adjoint]).unwrap();
            let all = [slices(&args), vec![&w.entries[..]]].concat();
            let made = evaluate::<Bounded>(&program, &all)[adjoint.index()].entries.clone();

            let with = |x: Vec<f64>| {
                let lift = |x: &[f64], shape: Shape| {
                    Array::new(shape, x.iter().map(|&x| Bounded::constant(x)).collect())
                };
                let mut all: Vec<_> = args.iter().map(|a| lift(&a.entries, a.shape)).collect();
                all[j] = lift(&x, s.shapes[j]);
                s.literal(&all)
            };
            let (moved, still) = (with(v.entries.clone()), with(vec![0.0; v.entries.len()]));
            let change: Vec<Bounded> = moved.into_iter().zip(still).map(|(m, s)| m - s).collect();
            let (left, right) = (inner(&made, &v.entries), inner(&change, &w.entries));
            assert!((left - right).admits(0.0, 2.0), "{s}, argument {j}: {left:?} and {right:?}");
        }
    });
    assert!(seen > 100);
}

/// ⟨x̄, ẋ⟩ = ⟨w, ẏ⟩ for all arguments together, through the two transformations.
#[test]
fn reverse_mode_is_the_transpose_of_forward_mode() {
    for_each_sample(2, |s, rng| {
        let (args, dots, w) = (s.draw(rng), directions(s, rng), rng.array(s.shape, -1.0, 1.0));
        let (program, result) = single(&s.op, &s.shapes);
        let inputs: Vec<_> = program.values().take(args.len()).collect();
        let d = calculus::adjoints(program, &inputs, result, true).unwrap();
        let nan: Vec<Array<f64>> =
            s.shapes.iter().map(|&shape| Array::new(shape, vec![f64::NAN; shape.len()])).collect();
        let all = [slices(&args), slices(&nan), vec![&w.entries[..]]].concat();
        let values = evaluate::<Bounded>(&d.program, &all);
        let zero = Bounded::constant(0.0);
        let left = d.derivatives.iter().zip(&dots).fold(zero, |sum, (v, t)| match v {
            Some(v) => sum + inner(&values[v.index()].entries, &t.entries),
            None => sum,
        });
        let right = inner(&tangent(s, &args, &dots), &w.entries);
        assert!((left - right).admits(0.0, 4.0), "{s}: {left:?} and {right:?}");
    });
}
