//! Planted faults are named rightly.

use crate::functions::*;
use hessite_check::{Along, Check, Fault, Options, Place, Report};

/// A function whose derivatives are tampered with.
struct Tampered<'f, G: Fn(&mut [f64]), H: Fn(&mut [f64])> {
    f: &'f dyn Smooth,
    gradient: G,
    hessian: H,
}

impl<G: Fn(&mut [f64]), H: Fn(&mut [f64])> Smooth for Tampered<'_, G, H> {
    fn value(&self, x: &[f64]) -> f64 {
        self.f.value(x)
    }

    fn gradient(&self, x: &[f64], g: &mut [f64]) {
        self.f.gradient(x, g);
        (self.gradient)(g);
    }

    fn hessian(&self, x: &[f64], h: &mut [f64]) {
        self.f.hessian(x, h);
        (self.hessian)(h);
    }
}

fn untouched(_: &mut [f64]) {}

fn expect(report: &Report, fault: Fault, place: Option<Place>) {
    assert_eq!(report.fault, Some(fault), "{report}");
    if place.is_some() {
        assert_eq!(report.suspect, place, "{report}");
    }
    assert!(!report.passed() && !report.evidence.is_empty(), "{report}");
}

fn points() -> Vec<(Ridge, Vec<f64>)> {
    (0..20)
        .map(|seed| {
            let n = 2 + seed as usize % 5;
            (Ridge::random(n, 9, 1.0, 300 + seed), Random::new(seed).numbers(n))
        })
        .collect()
}

#[test]
fn an_entry_of_the_gradient_off_by_a_factor_or_a_sign_is_a_wrong_gradient() {
    for (k, (f, x)) in points().iter().enumerate() {
        let i = k % x.len();
        for factor in [1.001, -1.0, 2.0, 0.0] {
            let f = Tampered { f, gradient: |g: &mut [f64]| g[i] *= factor, hessian: untouched };
            let report = certify(&f, x, &Options::default());
            let place = Place { row: None, along: Along::Coordinate(i) };
            expect(&report, Fault::WrongGradient, Some(place));
            assert_eq!(certify_products(&f, x, &Options::default()).fault, Some(Fault::WrongGradient));
        }
    }
}

#[test]
fn a_hessian_that_is_off_in_one_entry_is_a_wrong_hessian() {
    for (k, (f, x)) in points().iter().enumerate() {
        let n = x.len();
        let (i, j) = (k % n, (k / 2 + 1) % n);
        for factor in [1.001, -1.0, 0.0] {
            let f = Tampered { f, gradient: untouched, hessian: |h: &mut [f64]| h[i + n * j] *= factor };
            let place = Place { row: Some(i), along: Along::Coordinate(j) };
            expect(&certify(&f, x, &Options::default()), Fault::WrongHessian, Some(place));
            expect(&certify_products(&f, x, &Options::default()), Fault::WrongHessian, Some(place));
        }
    }
}

#[test]
fn a_hessian_with_two_coordinates_swapped_in_its_columns_alone_is_wrong_and_asymmetric() {
    for (f, x) in &points() {
        let n = x.len();
        let swap = |h: &mut [f64]| (0..n).for_each(|i| h.swap(i, i + n));
        let report = certify(&Tampered { f, gradient: untouched, hessian: swap }, x, &Options::default());
        expect(&report, Fault::WrongHessian, None);
        assert!(report.symmetry.unwrap().ratio > 1.0, "{report}");
    }
}

#[test]
fn the_jacobian_of_a_field_that_is_no_gradient_is_asymmetric() {
    // ∇f is right, H differs from it by a skew part: transposed it would differ with the other sign.
    let (f, x) = (Quadratic::random(3, 4), [0.4, -1.0, 2.0]);
    let skew = |h: &mut [f64]| {
        h[1] += 0.5;
        h[3] -= 0.5;
    };
    let report = certify(&Tampered { f: &f, gradient: untouched, hessian: skew }, &x, &Options::default());
    expect(&report, Fault::WrongHessian, None);
    let symmetry = report.symmetry.unwrap();
    assert!((symmetry.residual - 1.0).abs() < 1e-12, "{report}");
}

#[test]
fn one_wrong_entry_among_many_is_found_by_halving() {
    let n = 300;
    let f = Ridge::random(n, 40, 0.2, 8);
    let x = Random::new(9).numbers(n);
    for i in [0, 17, 299] {
        let wrong = Tampered { f: &f, gradient: |g: &mut [f64]| g[i] *= 1.5, hessian: untouched };
        let report = certify(&wrong, &x, &Options::default());
        expect(&report, Fault::WrongGradient, Some(Place { row: None, along: Along::Coordinate(i) }));

        let j = (i + 100) % n;
        let wrong = Tampered { f: &f, gradient: untouched, hessian: |h: &mut [f64]| h[i + n * j] += 0.1 };
        let report = certify(&wrong, &x, &Options::default());
        expect(&report, Fault::WrongHessian, Some(Place { row: Some(i), along: Along::Coordinate(j) }));
    }
}

/// |x| + y² + xy, one side of the kink selected at 0.
fn absolute(x: f64, selected: f64) -> Report {
    let sign = move |x: f64| if x == 0.0 { selected } else { x.signum() };
    Check::new(
        |x: &[f64]| x[0].abs() + x[1] * x[1] + x[0] * x[1],
        move |x: &[f64], g: &mut [f64]| {
            g[0] = sign(x[0]) + x[1];
            g[1] = 2.0 * x[1] + x[0];
        },
    )
    .hessian(|_: &[f64], h: &mut [f64]| h.copy_from_slice(&[0.0, 1.0, 1.0, 2.0]))
    .at(&[x, 0.7])
    .unwrap()
}

#[test]
fn a_kink_within_a_step_is_a_nearby_kink() {
    for selected in [-1.0, 0.0, 1.0] {
        expect(&absolute(0.0, selected), Fault::NearbyKink, None);
    }
    for x in [1e-6, 1e-7, -1e-8, 1e-10, -1e-12, 1e-15, 1e-300] {
        expect(&absolute(x, 1.0), Fault::NearbyKink, None);
    }
    for x in [0.01, 0.3, -5.0] {
        assert!(absolute(x, 1.0).passed(), "{}", absolute(x, 1.0));
    }
}

#[test]
fn a_kink_is_seen_at_any_distance_within_a_step_and_at_any_magnitude() {
    for place in [0.0, 1.0, -3.0, 1e3, 1e6] {
        for k in 0..30 {
            // In units of the place's scale from 4e-6 down to where it can't be told from 0.
            let distance = f64::max(1.0, f64::abs(place)) * 4e-6 * 0.4f64.powi(k);
            let sign = |x: f64| if x < 0.0 { -1.0 } else { 1.0 };
            let report = Check::new(
                |x: &[f64]| (x[0] - place).abs() + x[0] * 0.3,
                |x: &[f64], g: &mut [f64]| g[0] = sign(x[0] - place) + 0.3,
            )
            .hessian(|_: &[f64], h: &mut [f64]| h[0] = 0.0)
            .at(&[place + distance])
            .unwrap();
            expect(&report, Fault::NearbyKink, None);
        }
    }
}

#[test]
fn a_slope_outside_of_the_kink_is_a_wrong_gradient_all_the_same() {
    expect(&absolute(0.0, 1.5), Fault::WrongGradient, None);
    expect(&absolute(0.0, -2.0), Fault::WrongGradient, None);
}

#[test]
fn a_tie_of_a_maximum_is_a_nearby_kink() {
    for gap in [0.0, 1e-9, -1e-7] {
        let report = Check::new(
            |x: &[f64]| x[0].max(x[1]) + (x[0] * x[1]).sin(),
            |x: &[f64], g: &mut [f64]| {
                let c = (x[0] * x[1]).cos();
                let first = f64::from(u8::from(x[0] >= x[1]));
                (g[0], g[1]) = (first + x[1] * c, 1.0 - first + x[0] * c);
            },
        )
        .hessian(|x: &[f64], h: &mut [f64]| {
            let (s, c) = (x[0] * x[1]).sin_cos();
            h.copy_from_slice(&[
                -x[1] * x[1] * s,
                c - x[0] * x[1] * s,
                c - x[0] * x[1] * s,
                -x[0] * x[0] * s,
            ]);
        })
        .at(&[0.8, 0.8 + gap])
        .unwrap();
        expect(&report, Fault::NearbyKink, None);
    }
}

#[test]
fn a_jump_of_the_second_derivative_is_a_nearby_kink() {
    for (x, second) in [(0.0, 2.0), (0.0, 0.0), (1e-8, 2.0), (-1e-8, 0.0)] {
        let report = Check::new(
            |x: &[f64]| x[0].max(0.0).powi(2),
            |x: &[f64], g: &mut [f64]| g[0] = 2.0 * x[0].max(0.0),
        )
        .hessian(|_: &[f64], h: &mut [f64]| h[0] = second)
        .at(&[x])
        .unwrap();
        expect(&report, Fault::NearbyKink, None);
    }
}

#[test]
fn the_norm_at_zero_is_a_nearby_kink() {
    for n in [1, 2, 5] {
        let norm = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().sqrt();
        let report = Check::new(norm, |x: &[f64], g: &mut [f64]| {
            let r = norm(x);
            g.iter_mut().zip(x).for_each(|(g, x)| *g = if r == 0.0 { 0.0 } else { x / r });
        })
        .hessian(|_: &[f64], h: &mut [f64]| h.fill(0.0))
        .at(&vec![0.0; n])
        .unwrap();
        expect(&report, Fault::NearbyKink, None);
    }
}

#[test]
fn variables_of_very_different_size_are_badly_scaled() {
    // x² + y² at (1e-8, 1e8): the value can't show x.
    let f = Quadratic { a: vec![2.0, 0.0, 0.0, 2.0], b: vec![0.0; 2], c: 0.0 };
    let report = certify(&f, &[1e-8, 1e8], &Options::default());
    expect(&report, Fault::BadScaling, Some(Place { row: None, along: Along::Coordinate(0) }));

    // (x/1e-8)⁴ + (y/1e8)⁴ + xy: no step serves both.
    let scaled = Check::new(
        |x: &[f64]| (x[0] * 1e8).powi(4) + (x[1] * 1e-8).powi(4) + x[0] * x[1],
        |x: &[f64], g: &mut [f64]| {
            g[0] = 4e8 * (x[0] * 1e8).powi(3) + x[1];
            g[1] = 4e-8 * (x[1] * 1e-8).powi(3) + x[0];
        },
    )
    .hessian(|x: &[f64], h: &mut [f64]| {
        h.copy_from_slice(&[12e16 * (x[0] * 1e8).powi(2), 1.0, 1.0, 12e-16 * (x[1] * 1e-8).powi(2)]);
    })
    .at(&[1e-8, 1e8])
    .unwrap();
    expect(&scaled, Fault::BadScaling, None);
}

#[test]
fn a_value_that_drowns_its_change_is_badly_scaled() {
    let report = Check::new(|x: &[f64]| 1e17 + x[0], |_: &[f64], g: &mut [f64]| g[0] = 1.0)
        .product(|_, _, out| out[0] = 0.0)
        .at(&[0.5])
        .unwrap();
    expect(&report, Fault::BadScaling, None);
}

/// Uniform in ±1, from the bits of x.
fn hash(x: &[f64]) -> f64 {
    let mix = |h: u64, x: &f64| {
        let h = (h ^ x.to_bits()).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let h = (h ^ (h >> 29)).wrapping_mul(0x94d0_49bb_1331_11eb);
        h ^ (h >> 32)
    };
    (x.iter().fold(17, mix) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

#[test]
fn noise_is_named_as_such() {
    for (f, x) in &points() {
        for level in [1e-4, 1e-6] {
            let report = Check::new(
                |x: &[f64]| f.value(x) + level * hash(x),
                |x: &[f64], g: &mut [f64]| f.gradient(x, g),
            )
            .hessian(|x: &[f64], h: &mut [f64]| f.hessian(x, h))
            .at(x)
            .unwrap();
            expect(&report, Fault::Noise, None);
            // Three deviations of a uniform distribution.
            let ratio = report.noise / (3.0 / 3f64.sqrt() * level);
            assert!(ratio > 0.3 && ratio < 3.0, "{report}");
        }
    }
}

#[test]
fn noise_in_the_gradient_is_named_as_such() {
    for (f, x) in &points() {
        let report = Check::new(
            |x: &[f64]| f.value(x),
            |x: &[f64], g: &mut [f64]| {
                f.gradient(x, g);
                g.iter_mut().for_each(|g| *g += 1e-6 * hash(x));
            },
        )
        .hessian(|x: &[f64], h: &mut [f64]| f.hessian(x, h))
        .at(x)
        .unwrap();
        expect(&report, Fault::Noise, None);
    }
}

#[test]
fn a_wrong_gradient_is_seen_through_noise() {
    for (f, x) in &points() {
        let report = Check::new(
            |x: &[f64]| f.value(x) + 1e-7 * hash(x),
            |x: &[f64], g: &mut [f64]| {
                f.gradient(x, g);
                g[0] += 1.0;
            },
        )
        .hessian(|x: &[f64], h: &mut [f64]| f.hessian(x, h))
        .at(x)
        .unwrap();
        expect(&report, Fault::WrongGradient, None);
    }
}

#[test]
fn a_point_on_the_edge_of_the_domain_is_unresolved() {
    let report =
        Check::new(|x: &[f64]| x[0].powf(2.5), |x: &[f64], g: &mut [f64]| g[0] = 2.5 * x[0].powf(1.5))
            .at(&[0.0])
            .unwrap();
    expect(&report, Fault::Unresolved, None);
}

#[test]
fn an_infinite_second_derivative_is_not_certified() {
    let report = Check::new(
        |x: &[f64]| x[0].abs().powf(1.5),
        |x: &[f64], g: &mut [f64]| g[0] = 1.5 * x[0].signum() * x[0].abs().sqrt(),
    )
    .hessian(|_: &[f64], h: &mut [f64]| h[0] = 0.0)
    .at(&[0.0])
    .unwrap();
    assert!(matches!(report.fault, Some(Fault::Unresolved | Fault::NearbyKink)), "{report}");
}

#[test]
fn a_kink_shows_in_the_value_alone() {
    // Central differences of |x| at 0 agree with the gradient 0 at every step.
    let report =
        Check::new(|x: &[f64]| x[0].abs() + x[1], |_: &[f64], g: &mut [f64]| g.copy_from_slice(&[0.0, 1.0]))
            .at(&[0.0, 2.0])
            .unwrap();
    expect(&report, Fault::NearbyKink, Some(Place { row: None, along: Along::Coordinate(0) }));
}

#[test]
fn a_jump_of_the_value_is_a_nearby_kink() {
    for x in [3.0, 3.0 + 1e-9, 3.0 - 1e-12] {
        let report = Check::new(|x: &[f64]| x[0].floor() + x[0], |_: &[f64], g: &mut [f64]| g[0] = 1.0)
            .hessian(|_: &[f64], h: &mut [f64]| h[0] = 0.0)
            .at(&[x])
            .unwrap();
        expect(&report, Fault::NearbyKink, None);
    }
    let report = Check::new(|x: &[f64]| x[0].floor() + x[0], |_: &[f64], g: &mut [f64]| g[0] = 1.0)
        .at(&[3.4])
        .unwrap();
    assert!(report.passed(), "{report}");
}
