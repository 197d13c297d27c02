use super::sweep::{Kernel, sweep, sweep_portable};
use super::*;

type Function = fn(&[f64], &mut [f64]);

/// Every function with the bound of its error, in units in the last place. Our kernels were measured at a hundred
/// thousand points each and more; the bound is the next half above. The others are the bounds of their libraries.
const FUNCTIONS: [(&str, Function, f64); 26] = [
    ("exp", exp, 1.0),
    ("exp_m1", exp_m1, 1.5),
    ("ln", ln, 1.0),
    ("ln_1p", ln_1p, 1.0),
    ("sin", sin, 1.0),
    ("cos", cos, 1.0),
    ("tan", tan, 1.0),
    ("tanh", tanh, 1.5),
    ("sinh", sinh, 1.5),
    ("cosh", cosh, 1.5),
    ("sech_squared", sech_squared, 2.5),
    ("sigmoid", sigmoid, 1.5),
    ("softplus", softplus, 2.0),
    ("erf", erf, 1.5),
    ("erfc", erfc, 2.0),
    ("sqrt", sqrt, 0.5),
    ("recip", recip, 0.5),
    ("atan", atan, 1.0),
    ("asin", asin, 1.0),
    ("acos", acos, 1.0),
    ("asinh", asinh, 2.0),
    ("acosh", acosh, 2.0),
    ("atanh", atanh, 2.0),
    ("log2", log2, 1.0),
    ("log10", log10, 2.0),
    ("cbrt", cbrt, 1.0),
];

/// The vectorised ones as they run without fused multiply-adds: less exact in the quotients and the reductions.
const PORTABLE: [(&str, Function, f64); 14] = [
    ("exp", sweep_portable::<exponential::Exp>, 1.0),
    ("exp_m1", sweep_portable::<exponential::ExpM1>, 1.5),
    ("ln", sweep_portable::<logarithm::Ln>, 1.5),
    ("ln_1p", sweep_portable::<logarithm::Ln1p>, 1.5),
    ("sin", sweep_portable::<trigonometric::Sin>, 1.0),
    ("cos", sweep_portable::<trigonometric::Cos>, 1.0),
    ("tan", sweep_portable::<trigonometric::Tan>, 2.0),
    ("tanh", sweep_portable::<hyperbolic::Tanh>, 2.0),
    ("sinh", sweep_portable::<hyperbolic::Sinh>, 2.0),
    ("cosh", sweep_portable::<hyperbolic::Cosh>, 1.5),
    ("sech_squared", sweep_portable::<hyperbolic::SechSquared>, 2.5),
    ("sigmoid", sweep_portable::<logistic::Sigmoid>, 2.0),
    ("softplus", sweep_portable::<logistic::Softplus>, 2.0),
    ("erf", sweep_portable::<error_function::Erf>, 2.0),
];

fn one(f: Function, x: f64) -> f64 {
    let mut value = [f64::NEG_INFINITY];
    f(&[x], &mut value);
    value[0]
}

fn all(f: Function, x: &[f64]) -> Vec<f64> {
    let mut values = vec![f64::NEG_INFINITY; x.len()];
    f(x, &mut values);
    values
}

fn bits(x: &[f64]) -> Vec<u64> {
    x.iter().map(|x| x.to_bits()).collect()
}

fn ulp(x: f64) -> f64 {
    let exponent = (x.to_bits() >> 52 & 0x7ff).max(1);
    // 2^(exponent - 1075) by two factors: the first alone may be below the normal numbers.
    if exponent > 52 { f64::from_bits((exponent - 52) << 52) } else { f64::from_bits(1 << (exponent - 1)) }
}

/// Pseudo-random in `[low, high)`.
fn uniform(low: f64, high: f64, count: usize) -> Vec<f64> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        low + (high - low) * ((state >> 11) as f64 / (1_u64 << 53) as f64)
    };
    (0..count).map(|_| next()).collect()
}

const REFERENCE: &str = include_str!("../../../tests/reference/functions.txt");

fn assert_within_bounds_of_the_reference(functions: &[(&str, Function, f64)]) {
    let mut lines = 0;
    for line in REFERENCE.lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let number = |i: usize| f64::from_bits(u64::from_str_radix(fields[i], 16).unwrap());
        let (x, nearest, rest) = (number(1), number(2), fields[3].parse::<f64>().unwrap());
        for (_, f, bound) in functions.iter().filter(|(name, ..)| *name == fields[0]) {
            let value = one(*f, x);
            let error = (value - nearest) / ulp(nearest) - rest;
            assert!(error.abs() <= *bound + 1e-3, "{} at {x:e}: {value:e}, {error} ulp", fields[0]);
            lines += 1;
        }
    }
    assert!(lines >= 20 * functions.len());
}

#[test]
fn values_are_within_the_bounds_of_the_reference() {
    assert_within_bounds_of_the_reference(&FUNCTIONS);
}

#[test]
fn values_without_fused_multiply_adds_are_within_the_bounds_of_the_reference() {
    assert_within_bounds_of_the_reference(&PORTABLE);
}

#[test]
fn values_are_near_the_scalar_library_over_the_range() {
    // The two errors add up: our bound and one ulp of the library.
    type Scalar = fn(f64) -> f64;
    let cases: [(Function, Scalar, f64, f64); 12] = [
        (exp, f64::exp, -745.0, 709.7),
        (exp_m1, f64::exp_m1, -3.0, 3.0),
        (ln, f64::ln, 0.0, 4.0),
        (ln_1p, f64::ln_1p, -1.0, 3.0),
        (sin, f64::sin, -1e3, 1e3),
        (sin, f64::sin, 0.9e6, 1.1e6),
        (cos, f64::cos, -1e3, 1e3),
        (tan, f64::tan, -1e3, 1e3),
        (erf, libm::erf, -6.5, 6.5),
        (cosh, f64::cosh, -20.0, 20.0),
        (tanh, libm::tanh, 0.6, 20.0),
        (sigmoid, |x| 1.0 / (1.0 + (-x).exp()), 0.0, 40.0),
    ];
    for (f, scalar, low, high) in cases {
        let x = uniform(low, high, 20_000);
        for (&x, value) in x.iter().zip(all(f, &x)) {
            let expected = scalar(x);
            assert!(
                (value - expected).abs() <= 3.0 * ulp(expected),
                "{x:e}: {value:e}, expected {expected:e}"
            );
        }
    }
}

#[test]
fn a_value_depends_on_neither_place_nor_length() {
    for (name, f, _) in FUNCTIONS.into_iter().chain(PORTABLE) {
        let mut x = uniform(-3.0, 3.0, 300);
        // Some that the kernels leave to scalar code.
        for (i, odd) in
            [(5, f64::NAN), (17, f64::INFINITY), (64, 1e9), (130, -0.0), (299, 3e-310), (220, -800.0)]
        {
            x[i] = odd;
        }
        let together = bits(&all(f, &x));
        let apart: Vec<f64> = x.iter().map(|&x| one(f, x)).collect();
        assert_eq!(together, bits(&apart), "{name}");
        for length in 0..40 {
            for start in [0, 1, 2, 3, 50, 253] {
                let part = all(f, &x[start..start + length]);
                assert_eq!(together[start..start + length], bits(&part), "{name}, {length} from {start}");
            }
        }
    }
}

#[test]
fn the_shorter_length_counts() {
    for (name, f, _) in FUNCTIONS {
        let mut out = [7.0; 6];
        f(&[0.5; 4], &mut out);
        assert_eq!(out[4..], [7.0, 7.0], "{name}");
        f(&[0.5; 6], &mut out[..3]);
        assert_eq!(out[4..], [7.0, 7.0], "{name}");
        f(&[], &mut out);
        f(&[0.5], &mut []);
    }
}

#[test]
fn special_values_are_exact() {
    const INF: f64 = f64::INFINITY;
    type Pairs = [(f64, f64)];
    let cases: [(&str, Function, &Pairs); 21] = [
        (
            "exp",
            exp,
            &[(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, 0.0), (710.0, INF), (-746.0, 0.0), (1e300, INF)],
        ),
        (
            "exp",
            exp,
            &[(-745.0, 5e-324), (1e-20, 1.0), (-1e300, 0.0), (709.782712893384, 1.7976931348622732e308)],
        ),
        (
            "exp_m1",
            exp_m1,
            &[(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -1.0), (1e-20, 1e-20), (-800.0, -1.0)],
        ),
        ("exp_m1", exp_m1, &[(710.0, INF), (-3e-310, -3e-310)]),
        ("ln", ln, &[(0.0, -INF), (-0.0, -INF), (1.0, 0.0), (INF, INF)]),
        (
            "ln_1p",
            ln_1p,
            &[(0.0, 0.0), (-0.0, -0.0), (-1.0, -INF), (INF, INF), (1e-20, 1e-20), (3e-310, 3e-310)],
        ),
        ("sin", sin, &[(0.0, 0.0), (-0.0, -0.0), (1e-20, 1e-20), (3e-310, 3e-310)]),
        ("cos", cos, &[(0.0, 1.0), (-0.0, 1.0), (1e-20, 1.0)]),
        ("tan", tan, &[(0.0, 0.0), (-0.0, -0.0), (1e-20, 1e-20)]),
        ("tanh", tanh, &[(0.0, 0.0), (-0.0, -0.0), (800.0, 1.0), (-800.0, -1.0), (INF, 1.0), (-INF, -1.0)]),
        ("tanh", tanh, &[(1e-20, 1e-20), (-5e-324, -5e-324)]),
        ("sinh", sinh, &[(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -INF), (711.0, INF), (1e-20, 1e-20)]),
        ("cosh", cosh, &[(0.0, 1.0), (INF, INF), (-INF, INF), (-711.0, INF)]),
        ("sech_squared", sech_squared, &[(0.0, 1.0), (-0.0, 1.0), (INF, 0.0), (-INF, 0.0), (800.0, 0.0)]),
        ("sigmoid", sigmoid, &[(0.0, 0.5), (800.0, 1.0), (-800.0, 0.0), (INF, 1.0), (-INF, 0.0)]),
        (
            "softplus",
            softplus,
            &[(800.0, 800.0), (-800.0, 0.0), (INF, INF), (-INF, 0.0), (0.0, std::f64::consts::LN_2)],
        ),
        ("erf", erf, &[(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (6.0, 1.0), (-1e300, -1.0)]),
        ("erfc", erfc, &[(0.0, 1.0), (INF, 0.0), (-INF, 2.0)]),
        ("atan", atan, &[(-0.0, -0.0), (INF, std::f64::consts::FRAC_PI_2)]),
        ("atanh", atanh, &[(-0.0, -0.0), (1.0, INF), (-1.0, -INF)]),
        ("log2", log2, &[(8.0, 3.0), (0.0, -INF), (5e-324, -1074.0)]),
    ];
    for (name, f, pairs) in cases {
        for &(x, expected) in pairs {
            assert_eq!(one(f, x).to_bits(), expected.to_bits(), "{name}({x:e}) = {:e}", one(f, x));
        }
    }
}

#[test]
fn nan_is_the_value_at_nan_and_outside_the_domain() {
    for (name, f, _) in FUNCTIONS.into_iter().chain(PORTABLE) {
        assert!(one(f, f64::NAN).is_nan() && one(f, -f64::NAN).is_nan(), "{name}");
    }
    let outside: [(Function, f64); 12] = [
        (ln, -1.0),
        (ln, -5e-324),
        (ln, f64::NEG_INFINITY),
        (ln_1p, -1.5),
        (sin, f64::INFINITY),
        (cos, f64::NEG_INFINITY),
        (tan, f64::INFINITY),
        (sqrt, -1.0),
        (asin, 1.5),
        (acosh, 0.5),
        (atanh, -1.5),
        (log10, -1.0),
    ];
    for (f, x) in outside {
        assert!(one(f, x).is_nan(), "{x}");
    }
}

#[test]
fn odd_functions_are_odd_and_even_functions_even() {
    let x = uniform(0.0, 30.0, 1000);
    let minus: Vec<f64> = x.iter().map(|x| -x).collect();
    for f in [sin, tan, tanh, sinh, erf] {
        let negated: Vec<f64> = all(f, &minus).iter().map(|y| -y).collect();
        assert_eq!(bits(&all(f, &x)), bits(&negated));
    }
    for f in [cos, cosh] {
        assert_eq!(bits(&all(f, &x)), bits(&all(f, &minus)));
    }
}

#[test]
fn monotone_functions_do_not_step_back_at_the_seams() {
    // Neighbours in steps wide enough for the value to move by more than its error, across the changes of exponent,
    // of polynomial and of path.
    let seams: [(Function, &[f64]); 8] = [
        (exp, &[0.0, 0.34657359027997264, -0.34657359027997264, -708.4, 709.0]),
        (exp_m1, &[0.34657359027997264, -0.34657359027997264, 1.03972077083991, 36.7, 709.0]),
        (ln, &[1.0, std::f64::consts::SQRT_2, std::f64::consts::FRAC_1_SQRT_2, 2.0]),
        (ln_1p, &[0.0, 0.41421356237309503, -0.2928932188134524, 1e300]),
        (tanh, &[0.17328679513998632, 0.5198603854199589, 1.0]),
        (sigmoid, &[0.0, -36.7, -708.4]),
        (softplus, &[0.0, -36.7, -708.4]),
        (erf, &[0.5, 1.0, 1.5]),
    ];
    for (f, points) in seams {
        for &point in points {
            let width = if point == 0.0 { 1e-14 } else { 16.0 * ulp(point) };
            let x: Vec<f64> = (-100..=100).map(|i| point + f64::from(i) * width).collect();
            let values = all(f, &x);
            assert!(values.windows(2).all(|pair| pair[0] <= pair[1]), "at {point}");
        }
    }
}

#[test]
fn an_element_outside_leaves_its_neighbours_to_the_kernel() {
    struct Marked;
    impl Kernel for Marked {
        fn inside<const FMA: bool>(x: f64) -> f64 {
            x + 1.0
        }
        fn outside(x: f64) -> bool {
            x < 0.0
        }
        fn scalar(_x: f64) -> f64 {
            -7.0
        }
    }
    for length in 0..20 {
        let x: Vec<f64> = (0..length).map(|i| if i % 5 == 3 { -1.0 } else { f64::from(i) }).collect();
        let expected: Vec<f64> = x.iter().map(|&x| if x < 0.0 { -7.0 } else { x + 1.0 }).collect();
        assert_eq!(all(sweep::<Marked>, &x), expected);
    }
}
