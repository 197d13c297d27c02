//! Second and third derivatives of ⟨W, y⟩ + ½⟨C∘y, y⟩ with y = op(args).

use super::super::bounded::Bounded;
use super::super::oracles::Laws;
use super::super::support::{Rng, STEP, assert_within, evaluate, function, inner, limit, single};
use super::{Sample, for_each_sample};
use crate::Function;
use crate::calculus;
use crate::program::ops::Dot;
use crate::program::{Builder, Value};
use std::sync::Arc;

fn wrapped(s: &Sample, rng: &mut Rng) -> Function {
    let (program, y) = single(&s.op, &s.shapes);
    let mut b = Builder::extend(program);
    let mut data = || Arc::from(rng.numbers(s.shape.len(), 0.5, 1.5));
    let (w, c) = (b.data(s.shape, data()), b.data(s.shape, data()));
    let linear = b.emit(Dot, &[w, y]);
    let cy = b.mul(c, y);
    let square = b.emit(Dot, &[cy, y]);
    let half = b.scale(0.5, square);
    let l = b.add(linear, half);
    function(b.finish(vec![l]).unwrap(), l)
}

/// Functions of the samples at their points.
fn for_each_function(seeds: u64, mut test: impl FnMut(&str, &Laws<'_>, &mut Rng)) {
    for_each_sample(seeds, |s, rng| {
        if s.shapes.is_empty() {
            return;
        }
        let args = s.draw(rng);
        let f = wrapped(s, rng);
        let x: Vec<f64> = args.iter().flat_map(|a| a.entries.iter().copied()).collect();
        let laws = Laws::new(&f, &x).unwrap_or_else(|e| panic!("{s}: {e}"));
        let what = s.to_string();
        assert!(laws.sharpness() < 1e-11, "{what}: a vacuous bound, {:e}", laws.sharpness());
        test(&what, &laws, rng);
    });
}

#[test]
fn second_derivatives_agree_in_all_modes_and_with_both_oracles() {
    for_each_function(1, |what, laws, rng| laws.check(rng, what));
}

/// By hyper-dual numbers on the gradient program, and by the rules applied once more; symmetric in all directions.
#[test]
fn third_derivatives_are_the_tangent_of_the_hessian_and_symmetric() {
    for_each_function(1, |what, laws, rng| {
        let n = laws.n();
        let [u, v, w] = [0, 1, 2].map(|_| rng.numbers(n, -1.0, 1.0));
        let third = |u: &[f64], v: &[f64]| {
            let t = laws.at.third(&laws.bindings(u), &laws.bindings(v)).unwrap();
            t.stacked().as_slice().to_vec()
        };
        let bound = bounded_third(laws, &u, &v);
        assert_within(&third(&u, &v), &bound, 32.0, &format!("{what}: third derivative"));
        let uvw = inner(&bound, &w);
        for (a, b, c) in [(&v, &u, &w), (&u, &w, &v), (&w, &u, &v), (&v, &w, &u), (&w, &v, &u)] {
            let got: f64 = third(a, b).iter().zip(c).map(|(x, y)| x * y).sum();
            let error = bounded_third(laws, a, b);
            let error = inner(&error, c).error + uvw.error;
            assert!(
                (got - uvw.value).abs() <= 32.0 * error + f64::MIN_POSITIVE,
                "{what}: D3L is not symmetric: {got}, {uvw:?}"
            );
        }
    });
}

/// D²(∇L)[u, v] by tangents of tangents.
fn bounded_third(laws: &Laws<'_>, u: &[f64], v: &[f64]) -> Vec<Bounded> {
    let f = &*laws.f.inner;
    let inputs: Vec<Value> = f.variables.list.iter().map(|v| v.value).collect();
    let g = f.gradient().unwrap();
    let targets = |list: &[Option<Value>]| -> Vec<Value> { list.iter().flatten().copied().collect() };
    let d = calculus::tangents(g.program.clone(), &inputs, &targets(&g.derivatives)).unwrap();
    let dd = calculus::tangents(d.program.clone(), &inputs, &targets(&d.derivatives)).unwrap();
    let between = g.program.inputs.len() - inputs.len();
    assert_eq!(between, 0, "the gradient program keeps no tangent inputs");
    let parts = |x: &[f64]| -> Vec<Vec<f64>> {
        (0..inputs.len()).map(|k| x[f.variables.range(k)].to_vec()).collect()
    };
    let all = [parts(&laws.x), parts(u), parts(v)].concat();
    let values = evaluate::<Bounded>(&dd.program, &all.iter().map(|x| &x[..]).collect::<Vec<_>>());
    let (mut first, mut second) = (d.derivatives.iter(), dd.derivatives.iter());
    let zeros = |k: usize| vec![Bounded { value: 0.0, size: 0.0, error: 0.0 }; f.variables.len_of(k)];
    let part = |k: usize| -> Vec<Bounded> {
        let tangent = g.derivatives[k].and_then(|_| *first.next().unwrap());
        match tangent.and_then(|_| *second.next().unwrap()) {
            Some(v) => values[v.index()].entries.clone(),
            None => zeros(k),
        }
    };
    (0..inputs.len()).flat_map(part).collect()
}

/// Differences come last: D³L[u, v] is the change of H·v along u.
#[test]
fn third_derivatives_are_the_limit_of_differences_of_products() {
    for_each_function(1, |what, laws, rng| {
        let (u, v) = (rng.numbers(laws.n(), -1.0, 1.0), rng.numbers(laws.n(), -1.0, 1.0));
        let third = laws.at.third(&laws.bindings(&u), &laws.bindings(&v)).unwrap().stacked();
        let f = laws.f.with_mode(crate::Mode::Ieee);
        let values = [-STEP, -STEP / 2.0, 0.0, STEP / 2.0, STEP].map(|h| {
            let x: Vec<f64> = laws.x.iter().zip(&u).map(|(x, u)| x + h * u).collect();
            let at = f.at(&laws.bindings(&x)).unwrap();
            at.hvp(&laws.bindings(&v)).unwrap().stacked()
        });
        let size = 8.0 * values[2].iter().fold(1.0, |m: f64, x| m.max(x.abs()));
        for e in 0..laws.n() {
            let Some((limit, tolerance)) = limit([0, 1, 2, 3, 4].map(|k| values[k][e]), size) else {
                continue;
            };
            assert!((third[e] - limit).abs() <= tolerance, "{what}: entry {e}: {}, {limit}", third[e]);
        }
    });
}
