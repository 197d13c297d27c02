//! `1 / (1 + e⁻ˣ)` and its integral `ln (1 + eˣ)`, both from `e^-|x|`, which can't overflow.

use super::exponential::reduce;
use super::sweep::{Double, Kernel, divide, fast_two_sum, fma, polynomial};

/// `R(z) / z` on `[0, 1/9]`, `R = (ln ((1 + s) / (1 - s)) - 2 s) / s`, `z = s²`; error `2^-58`.
const LOGARITHM: [f64; 10] = [
    0.666666666666663,
    0.40000000000158004,
    0.2857142854775175,
    0.22222223976415603,
    0.18181743678682027,
    0.15386565377885206,
    0.1330089943187531,
    0.12106691579785195,
    0.08337379493191124,
    0.1702375612048576,
];

/// `e^-|x|`.
#[inline(always)]
fn exp_minus_magnitude<const FMA: bool>(x: f64) -> f64 {
    let magnitude = x.abs();
    // 0 as at 746 from there on.
    let reduced = reduce::<FMA>(-if magnitude > 746.0 { 746.0 } else { magnitude });
    let (first, second) = reduced.scales();
    reduced.significand().hi * first * second
}

/// `1 / (1 + t)` for `x ≥ 0` and `t / (1 + t)` below, `t = e^-|x|`.
pub(super) struct Sigmoid;

impl Kernel for Sigmoid {
    #[inline(always)]
    fn inside<const FMA: bool>(x: f64) -> f64 {
        let t = exp_minus_magnitude::<FMA>(x);
        let above = Double { hi: if x < 0.0 { t } else { 1.0 }, lo: 0.0 };
        divide::<FMA>(above, fast_two_sum(1.0, t))
    }
}

/// `max(x, 0) + ln (1 + t)`, `t = e^-|x|`.
pub(super) struct Softplus;

impl Kernel for Softplus {
    #[inline(always)]
    fn inside<const FMA: bool>(x: f64) -> f64 {
        let t = exp_minus_magnitude::<FMA>(x);
        // As t ≤ 1 no power of two need be split off, and 1 + t, which loses digits of a small t, isn't formed.
        let s = t / (2.0 + t);
        let z = s * s;
        let r = z * polynomial::<FMA, 10>(z, &LOGARITHM);
        let half_square = 0.5 * t * t;
        let logarithm = t - fma::<FMA>(-s, half_square + r, half_square);
        (if x > 0.0 { x } else { 0.0 }) + logarithm
    }
}
