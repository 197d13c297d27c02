//! Right derivatives pass, wherever and at whatever scale.

use crate::functions::*;
use hessite_check::{Along, Check, Error, Options};

#[test]
fn two_hundred_random_smooth_functions_pass() {
    let mut failures = Vec::new();
    for seed in 0..200 {
        let mut r = Random::new(1000 + seed);
        let n = 1 + seed as usize % 7;
        let steep = [0.3, 1.0, 3.0][seed as usize % 3];
        let f = Ridge::random(n, 1 + seed as usize % 9, steep, seed);
        let x: Vec<f64> = r.numbers(n).iter().map(|x| 2.0 * x).collect();
        let report = certify(&f, &x, &Options { seed, ..Options::default() });
        if !report.passed() {
            failures.push(format!("seed {seed}, n {n}, steep {steep}:\n{report}"));
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn rosenbrock_passes_at_its_minimum_far_away_and_in_between() {
    for n in [2, 3, 10] {
        for scale in [0.0, 1e-8, 1e-3, 0.7, 1.0, 1.3, 30.0, 1e4] {
            let x = vec![scale; n];
            for report in [
                certify(&Rosenbrock, &x, &Options::default()),
                certify_products(&Rosenbrock, &x, &Options::default()),
            ] {
                assert!(report.passed(), "n {n}, x {scale}\n{report}");
            }
        }
    }
}

#[test]
fn quadratics_pass_at_any_magnitude() {
    for seed in 0..20 {
        for magnitude in [1e-12, 1e-6, 1.0, 1e3, 1e6, 1e12] {
            let n = 1 + seed as usize % 6;
            let f = Quadratic::random(n, seed);
            let x: Vec<f64> = Random::new(seed + 7).numbers(n).iter().map(|x| magnitude * x).collect();
            let report = certify(&f, &x, &Options { seed, ..Options::default() });
            assert!(report.passed(), "seed {seed}, magnitude {magnitude}\n{report}");
        }
    }
}

#[test]
fn many_variables_are_sampled() {
    let n = 200;
    let f = Ridge::random(n, 30, 0.2, 5);
    let x = Random::new(6).numbers(n);
    let report = certify(&f, &x, &Options::default());
    assert!(report.passed(), "{report}");
    assert_eq!((report.coordinates, report.directions), (32, 4));
    // Ladders of clean functions are short: about ten values a direction, beside noise.
    assert!(report.evaluations.value < 20 * 36 && report.evaluations.gradient < 20 * 36, "{report:?}");
}

#[test]
fn no_variables_and_one_variable_work() {
    let report = Check::new(|_: &[f64]| 3.0, |_: &[f64], _: &mut [f64]| ())
        .hessian(|_: &[f64], _: &mut [f64]| ())
        .at(&[])
        .unwrap();
    assert!(report.passed() && report.gradient.is_none() && report.value == 3.0, "{report}");

    let report = Check::new(|x: &[f64]| x[0].exp(), |x: &[f64], g: &mut [f64]| g[0] = x[0].exp())
        .product(|x, v, out| out[0] = x[0].exp() * v[0])
        .at(&[0.3])
        .unwrap();
    assert!(report.passed(), "{report}");
    let c = report.gradient.unwrap();
    assert_eq!(c.place.along, Along::Coordinate(0));
    // The closed form, to what Ridders' tableau reaches from steps of an eighth.
    assert!((c.difference - 0.3f64.exp()).abs() < 1e-11, "{c:?}");
}

#[test]
fn a_constant_and_a_linear_function_pass() {
    let zero = |_: &[f64], g: &mut [f64]| g.fill(0.0);
    assert!(Check::new(|_: &[f64]| 7.0, zero).hessian(zero).at(&[1.0, 0.0, -1e5]).unwrap().passed());
    let report =
        Check::new(|x: &[f64]| 2.0 * x[0] - x[1], |_: &[f64], g: &mut [f64]| g.copy_from_slice(&[2.0, -1.0]))
            .hessian(zero)
            .at(&[1e8, 1e8])
            .unwrap();
    assert!(report.passed(), "{report}");
}

#[test]
fn the_same_seed_gives_the_same_report() {
    let f = Ridge::random(5, 8, 1.0, 11);
    let x = Random::new(12).numbers(5);
    let reports = [0, 1].map(|_| certify(&f, &x, &Options { seed: 9, ..Options::default() }));
    assert_eq!(reports[0], reports[1]);
}

#[test]
fn bad_input_is_an_error_in_words() {
    let value = |x: &[f64]| x[0].ln();
    let gradient = |x: &[f64], g: &mut [f64]| g[0] = 1.0 / x[0];
    let at = |x: f64| Check::new(value, gradient).at(&[x]).unwrap_err();
    assert!(matches!(at(f64::NAN), Error::NonFinite { what: "x", index: 0, .. }));
    let e = at(0.0);
    assert!(matches!(e, Error::NonFinite { what: "the value", .. }), "{e}");
    assert!(e.to_string().contains("choose a point"), "{e}");
    let bad = Options { tolerance: 0.0, ..Options::default() };
    let e = Check::new(value, gradient).options(&bad).at(&[1.0]).unwrap_err();
    assert_eq!(e, Error::Option { what: "tolerance", value: 0.0 });
}
