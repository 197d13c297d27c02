//! Random programs over the public operations, at random points.
//!
//! `PROPTEST_CASES` sets their number.

mod recipe;

use super::bounded::Bounded;
use super::oracles::{FORMULA, Laws, ORDER, bindings, parts, unit};
use super::support::{Rng, assert_within, evaluate};
use crate::hessian::{Kind, PlanKey, Set, derive};
use crate::{Error, Function, Graph, Mode, Point};
use nalgebra::DMatrix;
use proptest::prelude::*;
use recipe::{Recipe, recipes};
use std::sync::OnceLock;

fn config(cases: u32) -> ProptestConfig {
    let given = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok());
    let cases = given.unwrap_or(cases);
    // Points at a kink, or where cancellation leaves nothing to compare, are drawn again: at most one in three.
    ProptestConfig { cases, max_global_rejects: cases / 2 + 20, ..ProptestConfig::default() }
}

/// The scalar and the matrix function of a recipe, at its point.
struct Drawn {
    scalar: Function,
    matrix: Function,
    x: Vec<f64>,
    rng: Rng,
}

/// `Err` asks for another case: the function has a kink or is not finite here.
fn draw(recipe: &Recipe) -> Result<Drawn, TestCaseError> {
    let g = Graph::new();
    let (scalar, matrix) = recipe.record(&g);
    let (scalar, matrix) = (g.function(scalar).unwrap(), g.function(matrix).unwrap());
    let mut rng = Rng(recipe.seed);
    let x = rng.numbers(scalar.dimension(), -1.5, 1.5);
    let vars = scalar.inner.variables.vars();
    match scalar.with_mode(Mode::Strict).at(&bindings(&scalar, &vars, &x)) {
        Err(e @ (Error::Kink { .. } | Error::NonFinite { .. })) => Err(TestCaseError::reject(e.to_string())),
        Err(e) => panic!("{e}"),
        Ok(_) => Ok(Drawn { scalar, matrix, x, rng }),
    }
}

/// The laws at the recipe's point, unless the bounds say little.
fn laws<'f>(drawn: &'f Drawn) -> Result<Laws<'f>, TestCaseError> {
    let laws = Laws::new(&drawn.scalar, &drawn.x).unwrap();
    match laws.sharpness() {
        s if s < 1e-8 => Ok(laws),
        s => Err(TestCaseError::reject(format!("bounds of {s:e}"))),
    }
}

proptest! {
    #![proptest_config(config(256))]

    /// Hyper-dual and dual numbers, all compositions of modes, symmetry, blocks, panels, hoisting.
    #[test]
    fn second_derivatives_agree(recipe in recipes()) {
        let mut drawn = draw(&recipe)?;
        let mut rng = std::mem::replace(&mut drawn.rng, Rng(0));
        laws(&drawn)?.check(&mut rng, "random program");
    }

    #[test]
    fn jacobian_jvp_and_vjp_agree(recipe in recipes()) {
        let mut drawn = draw(&recipe)?;
        let mut rng = std::mem::replace(&mut drawn.rng, Rng(0));
        check_jacobian(&drawn.matrix, &drawn.x, &mut rng)?;
    }

    #[test]
    fn results_are_the_same_bits_however_they_come_about(recipe in recipes()) {
        let mut drawn = draw(&recipe)?;
        let mut rng = std::mem::replace(&mut drawn.rng, Rng(0));
        laws(&drawn)?;
        check_bits(&drawn.scalar, &drawn.x, &mut rng)?;
    }
}

/// Column c of dZ/dX by the rules, evaluated literally with bounds; `x` and the direction are all variables stacked.
fn bounded_jvp(f: &Function, x: &[f64], direction: &[f64]) -> Vec<Bounded> {
    let key = PlanKey { kind: Kind::Jvp, seeded: f.inner.variables.all(), wanted: Set::new(), directions: 1 };
    let (_, d) = derive(&f.inner, &key).unwrap();
    let values = evaluate::<Bounded>(&d.program, &[parts(f, x), parts(f, direction)].concat());
    match d.derivatives[0] {
        Some(v) => values[v.index()].entries.clone(),
        None => vec![Bounded { value: 0.0, size: 0.0, error: 0.0 }; f.inner.shape.len()],
    }
}

/// Columns of the Jacobian are jvps, its rows vjps, and ⟨W, J v⟩ = ⟨JᵀW, v⟩.
fn check_jacobian(f: &Function, x: &[f64], rng: &mut Rng) -> Result<(), TestCaseError> {
    let vars = f.inner.variables.vars();
    let (n, m) = (x.len(), f.inner.shape.len());
    let bounds: Vec<Vec<Bounded>> = (0..n).map(|c| bounded_jvp(f, x, &unit(n, c))).collect();
    let sharp = |b: &Bounded| b.value.is_finite() && b.error <= 1e-8 * b.value.abs().max(1.0);
    if !bounds.iter().flatten().all(sharp) {
        return Err(TestCaseError::reject("bounds say little"));
    }
    let at = f.at(&bindings(f, &vars, x)).unwrap();
    let rows: Vec<Vec<f64>> =
        (0..m).map(|r| at.vjp(&unit(m, r)).unwrap().stacked().as_slice().to_vec()).collect();
    for (k, &var) in vars.iter().enumerate() {
        let range = f.inner.variables.range(k);
        let jacobian = at.jacobian(var).unwrap().into_matrix();
        prop_assert_eq!(jacobian.shape(), (m, range.len()));
        for (c, column) in range.clone().zip(jacobian.column_iter()) {
            let column: Vec<f64> = column.iter().copied().collect();
            assert_within(&column, &bounds[c], ORDER, &format!("column {c} of the Jacobian"));
            let direction = unit(range.len(), c - range.start);
            let jvp = at.jvp(&[var.is(&direction)]).unwrap();
            assert_within(jvp.as_slice(), &bounds[c], ORDER, &format!("jvp {c}"));
            let across: Vec<f64> = rows.iter().map(|r| r[c]).collect();
            assert_within(&across, &bounds[c], FORMULA, &format!("vjps at {c}"));
        }
    }
    let (v, w) = (rng.numbers(n, -1.0, 1.0), rng.numbers(m, -1.0, 1.0));
    let jv = at.jvp(&bindings(f, &vars, &v)).unwrap();
    let jw = at.vjp(&w).unwrap().stacked();
    let dot = |x: &[f64], y: &[f64]| -> f64 { x.iter().zip(y).map(|(x, y)| x * y).sum() };
    // Every product of an entry of J with one of v and w errs by its bound.
    let error: f64 = (0..n)
        .flat_map(|c| (0..m).map(move |r| (c, r)))
        .map(|(c, r)| (bounds[c][r].error + f64::EPSILON * bounds[c][r].size) * (v[c] * w[r]).abs())
        .sum();
    let (left, right) = (dot(jv.as_slice(), &w), dot(&v, jw.as_slice()));
    prop_assert!((left - right).abs() <= FORMULA * error + f64::MIN_POSITIVE, "{} and {}", left, right);
    Ok(())
}

/// A pool of this many threads.
fn threads(n: usize) -> &'static rayon::ThreadPool {
    static POOLS: [OnceLock<rayon::ThreadPool>; 2] = [const { OnceLock::new() }; 2];
    POOLS[usize::from(n > 1)].get_or_init(|| rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap())
}

fn bits(all: &[f64]) -> Vec<u64> {
    all.iter().map(|x| x.to_bits()).collect()
}

/// Value, gradient, Hessian and a panel of products wide enough to be dealt to the threads.
fn everything(at: &Point, panel: &DMatrix<f64>) -> Vec<u64> {
    let vars = at.function().inner.variables.vars();
    let mut all = vec![at.value()];
    all.extend(at.hvp_many(panel).unwrap().iter());
    all.extend(at.gradient().unwrap().stacked().iter());
    all.extend(at.hessian(&vars).unwrap().matrix().iter());
    bits(&all)
}

fn check_bits(f: &Function, x: &[f64], rng: &mut Rng) -> Result<(), TestCaseError> {
    let vars = f.inner.variables.vars();
    let flops = f.estimate().unwrap().hvp_flops as usize;
    // Past the work from which directions are dealt out, in uneven blocks.
    let count = (100_000 / flops.max(1) + 11).min(1500);
    let panel = DMatrix::from_vec(x.len(), count, rng.numbers(x.len() * count, -1.0, 1.0));
    let mut at = f.at(&bindings(f, &vars, x)).unwrap();
    let first = threads(1).install(|| everything(&at, &panel));
    prop_assert!(first == everything(&at, &panel), "asked again");
    prop_assert!(first == threads(3).install(|| everything(&at, &panel)), "with three threads");
    let fresh = f.at(&bindings(f, &vars, x)).unwrap();
    prop_assert!(
        first == threads(3).install(|| everything(&fresh, &panel)),
        "a fresh point on three threads"
    );

    // The gradient first: the point of the products then goes on from it.
    let later = f.at(&bindings(f, &vars, x)).unwrap();
    later.gradient().unwrap();
    prop_assert!(first == everything(&later, &panel), "after the gradient");

    let elsewhere: Vec<f64> = x.iter().map(|x| 0.9 * x + 0.01).collect();
    if at.update(&bindings(f, &vars, &elsewhere)).is_ok() {
        let _ = (at.gradient(), at.hvp(&bindings(f, &vars, x)));
    }
    at.update(&bindings(f, &vars, x)).unwrap();
    prop_assert!(first == everything(&at, &panel), "after moving away and back");
    Ok(())
}
