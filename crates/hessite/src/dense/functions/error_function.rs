//! `erf x`: an odd polynomial for `|x| < 1`, `1 - e^p(|x|)` beyond.

use super::exponential::reduce;
use super::sweep::{Kernel, fma, polynomial};

/// `erf x / x - 1` in `x²` on `[0, 1]`, error `2^-57`.
const SMALL: [f64; 12] = [
    0.12837916709551256,
    -0.37612638903183515,
    0.11283791670944095,
    -0.02686617064309592,
    0.005223977605982981,
    -0.000854832592249622,
    0.00012055293364664297,
    -1.4924708085481267e-05,
    1.644707802810403e-06,
    -1.620589332855674e-07,
    1.370912133992384e-08,
    -7.775929364068588e-10,
];

/// `ln (1 - erf x)` in `x - 1` on `[1, 6]`, error `2^-59` of `erf x`.
const LARGE: [f64; 19] = [
    -1.8496055099332482,
    -2.6389675142347886,
    -0.8431072563586589,
    -0.04156109804218341,
    0.010033825378471539,
    -0.001977902594132135,
    0.00023732259116978404,
    2.6277560763430956e-05,
    -2.7158472706209276e-05,
    9.607953468902998e-06,
    -2.0587358249802672e-06,
    1.420304587810843e-07,
    9.806115431764273e-08,
    -5.2269273302601204e-08,
    1.4987374968761042e-08,
    -2.8816377299239246e-09,
    3.7097262599675457e-10,
    -2.9067926379000832e-11,
    1.0496577689967584e-12,
];

/// `erf x`.
pub(super) struct Erf;

impl Kernel for Erf {
    #[inline(always)]
    fn inside<const FMA: bool>(x: f64) -> f64 {
        let magnitude = x.abs();
        let small = fma::<FMA>(magnitude, polynomial::<FMA, 12>(magnitude * magnitude, &SMALL), magnitude);
        // 1 to the last bit from 6 on.
        let argument = if magnitude > 6.0 { 5.0 } else { magnitude - 1.0 };
        let reduced = reduce::<FMA>(polynomial::<FMA, 19>(argument, &LARGE));
        let large = 1.0 - reduced.significand().hi * reduced.scale();
        (if magnitude < 1.0 { small } else { large }).copysign(x)
    }
}
