//! Difference formulas converge as their order says, and estimates are as wrong as they say.

use crate::functions::*;
use hessite_check::differences::*;
use hessite_check::estimates::{self, Method};
use hessite_check::{Error, Estimate};

fn derivatives(f: &dyn Smooth, x: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let n = x.len();
    let (mut g, mut h) = (vec![0.0; n], vec![0.0; n * n]);
    f.gradient(x, &mut g);
    f.hessian(x, &mut h);
    (g, h)
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

fn times(h: &[f64], v: &[f64]) -> Vec<f64> {
    let n = v.len();
    (0..n).map(|i| (0..n).map(|j| h[i + n * j] * v[j]).sum()).collect()
}

/// A formula, by step and result; what it approaches, and its order.
type Formula<'a> = (&'static str, Box<dyn Fn(Step, &mut [f64]) + 'a>, Vec<f64>, i32);

fn formulas<'a>(f: &'a Ridge, x: &'a [f64], v: &'a [f64]) -> Vec<Formula<'a>> {
    let (g, h) = derivatives(f, x);
    let hv = times(&h, v);
    let curvature = x.iter().zip(&hv).map(|(x, y)| x * y).sum();
    let value = |y: &[f64]| f.value(y);
    let gradient = |y: &[f64], out: &mut [f64]| f.gradient(y, out);
    vec![
        (
            "gradient_forward",
            Box::new(move |s, o: &mut [f64]| gradient_forward(value, x, s, o).unwrap()),
            g.clone(),
            1,
        ),
        (
            "gradient_central",
            Box::new(move |s, o: &mut [f64]| gradient_central(value, x, s, o).unwrap()),
            g,
            2,
        ),
        (
            "product_forward",
            Box::new(move |s, o: &mut [f64]| product_forward(gradient, x, v, s, o).unwrap()),
            hv.clone(),
            1,
        ),
        (
            "product_central",
            Box::new(move |s, o: &mut [f64]| product_central(gradient, x, v, s, o).unwrap()),
            hv,
            2,
        ),
        (
            "curvature_central",
            Box::new(move |s, o: &mut [f64]| o[0] = curvature_central(value, x, x, v, s).unwrap()),
            vec![curvature],
            2,
        ),
        (
            "hessian_of_gradient_central",
            Box::new(move |s, o: &mut [f64]| hessian_of_gradient_central(gradient, x, s, o).unwrap()),
            h.clone(),
            2,
        ),
        (
            "hessian_of_value",
            Box::new(move |s, o: &mut [f64]| hessian_of_value(value, x, s, o).unwrap()),
            h,
            2,
        ),
    ]
}

#[test]
fn errors_shrink_with_the_order_of_the_formula() {
    for seed in 0..10 {
        let n = 1 + seed as usize % 4;
        let (f, x) = (Ridge::random(n, 12, 1.0, seed), Random::new(seed + 1).numbers(n));
        let v = Random::new(seed + 2).numbers(n);
        for (name, formula, exact, order) in formulas(&f, &x, &v) {
            let error = |eta: f64| {
                let mut out = vec![0.0; exact.len()];
                formula(Step::Relative(eta), &mut out);
                distance(&out, &exact)
            };
            // Halving a step of 1/256 leaves truncation the largest part; the next order adds a few per cent.
            let (coarse, fine) = (error(1.0 / 256.0), error(1.0 / 512.0));
            let ratio = (coarse / fine).log2();
            assert!((ratio - f64::from(order)).abs() < 0.2, "{name}, seed {seed}: {coarse} {fine}");
        }
    }
}

#[test]
fn automatic_steps_are_near_the_best() {
    let (f, x) = (Ridge::random(3, 12, 1.0, 3), [0.3, -0.8, 1.1]);
    let bounds = [1e-6, 1e-8, 1e-6, 1e-8, 1e-5, 1e-8, 1e-5];
    for ((name, formula, exact, _), bound) in formulas(&f, &x, &[1.0, 0.5, -1.0]).into_iter().zip(bounds) {
        let mut out = vec![0.0; exact.len()];
        formula(Step::Auto, &mut out);
        // ε to the power of 1/2, 2/3 or 1/2 for second differences, times derivatives of about 10.
        assert!(distance(&out, &exact) < bound, "{name}: {}", distance(&out, &exact));
    }
}

#[test]
fn estimates_hold_the_closed_form_within_their_error() {
    let mut misses = 0;
    for seed in 0..60u64 {
        let n = 1 + seed as usize % 4;
        let (f, x) = (Ridge::random(n, 9, 1.0, seed), Random::new(seed + 1).numbers(n));
        let v = Random::new(seed + 2).numbers(n);
        let (g, h) = derivatives(&f, &x);
        let hv = times(&h, &v);
        let vhv: f64 = v.iter().zip(&hv).map(|(v, y)| v * y).sum();
        for method in [Method::Forward, Method::Central, Method::Richardson] {
            let mut all = vec![Estimate::default(); 2 * n];
            let (a, b) = all.split_at_mut(n);
            estimates::gradient(|y| f.value(y), &x, method, a).unwrap();
            estimates::product(|y, o| f.gradient(y, o), &x, &v, method, b).unwrap();
            let c = estimates::curvature(|y| f.value(y), &x, &v, method).unwrap();
            all.push(c);
            let exact: Vec<f64> = g.iter().chain(&hv).chain([&vhv]).copied().collect();
            for (e, exact) in all.iter().zip(&exact) {
                // Errors are estimates to leading order: eight times as much is a miss, and some are allowed where two
                // terms of the truncation cancel.
                misses += usize::from((e.value - exact).abs() > 8.0 * e.error());
            }
            let size = exact.iter().fold(1.0f64, |m, x| m.max(x.abs()));
            // √ε, ε^(2/3), the cube root of ε for second differences; extrapolated 1e-9 in second differences.
            let bounds = match method {
                Method::Forward => [1e-6, 1e-3],
                Method::Central => [1e-8, 1e-5],
                _ => [1e-10, 1e-8],
            };
            assert!(all[..2 * n].iter().all(|e| e.error() < bounds[0] * size), "{method:?} {all:?}");
            assert!(c.error() < bounds[1] * size, "{method:?} {c:?}");
        }
    }
    assert!(misses <= 2, "{misses}");
}

#[test]
fn estimates_know_the_noise_of_the_function() {
    let mut r = Random::new(1);
    let mut out = [Estimate::default()];
    for method in [Method::Forward, Method::Central, Method::Richardson] {
        estimates::gradient(|x| x[0].exp() + 1e-8 * r.number(), &[0.0], method, &mut out).unwrap();
        let error = (out[0].value - 1.0).abs();
        assert!(error < 4.0 * out[0].error() && out[0].error() < 1e-3, "{method:?} {out:?}");
        assert!(out[0].rounding > 1e-9, "{method:?} {out:?}");
    }
}

#[test]
fn the_edge_of_a_domain_has_forward_differences() {
    let mut out = [Estimate::default()];
    let f = |x: &[f64]| x[0].powf(2.5) + x[0];
    estimates::gradient(f, &[0.0], Method::Forward, &mut out).unwrap();
    assert!((out[0].value - 1.0).abs() <= out[0].error() && out[0].error() < 1e-6, "{out:?}");
    estimates::gradient(f, &[0.0], Method::Richardson, &mut out).unwrap();
    assert!(out[0].value.is_nan() && out[0].error().is_infinite(), "{out:?}");
}

#[test]
fn wrong_lengths_points_and_steps_are_errors() {
    let f = |x: &[f64]| x.iter().sum::<f64>();
    let mut out = [0.0; 3];
    let e = gradient_central(f, &[1.0, 2.0], Step::Auto, &mut out).unwrap_err();
    assert_eq!(e, Error::Length { what: "out", expected: 2, got: 3, dimension: 2 });
    let e = hessian_of_value(f, &[1.0, 2.0], Step::Auto, &mut out).unwrap_err();
    assert_eq!(e.to_string(), "out: expected 4 numbers, got 3; the point has 2 coordinates");
    let e = curvature_central(f, &[1.0], &[1.0], &[], Step::Auto).unwrap_err();
    assert!(matches!(e, Error::Length { what: "v", .. }));
    let e = gradient_forward(f, &[f64::INFINITY; 3], Step::Auto, &mut out).unwrap_err();
    assert!(matches!(e, Error::NonFinite { what: "x", index: 0, .. }));
    for step in [Step::Relative(0.0), Step::Absolute(-1.0), Step::Absolute(f64::NAN)] {
        let e = gradient_forward(f, &[1.0; 3], step, &mut out).unwrap_err();
        assert!(matches!(e, Error::Option { what: "the step", .. }));
    }
    // No variables, and a direction that is zero.
    gradient_central(f, &[], Step::Auto, &mut []).unwrap();
    hessian_of_value(f, &[], Step::Auto, &mut []).unwrap();
    hessian_of_gradient_central(|_, _| (), &[], Step::Auto, &mut []).unwrap();
    let mut zero = [1.0];
    product_central(|x, g| g[0] = x[0], &[1.0], &[0.0], Step::Auto, &mut zero).unwrap();
    assert_eq!(zero, [0.0]);
}
