//! `tanh`, `sinh` and `cosh` from `eˣ - 1` and `eˣ`, the results of which are kept as unevaluated sums.

use super::exponential::reduce;
use super::sweep::{Double, Kernel, divide, fast_two_sum, fma};

/// `tanh |x| = -E / (E + 2)`, `E = e^(-2|x|) - 1`.
pub(super) struct Tanh;

impl Kernel for Tanh {
    #[inline(always)]
    fn inside<const FMA: bool>(x: f64) -> f64 {
        let magnitude = x.abs();
        // 1 to the last bit from here on.
        let magnitude = if magnitude > 20.0 { 20.0 } else { magnitude };
        let e = reduce::<FMA>(-2.0 * magnitude).exp_m1::<FMA>();
        let sum = fast_two_sum(2.0, e.hi);
        divide::<FMA>(e, Double { hi: sum.hi, lo: sum.lo + e.lo }).copysign(x)
    }
}

/// `sinh x = (E + E / eˣ) / 2`, `E = eˣ - 1`.
pub(super) struct Sinh;

impl Kernel for Sinh {
    #[inline(always)]
    fn inside<const FMA: bool>(x: f64) -> f64 {
        let reduced = reduce::<FMA>(x.abs());
        let e = reduced.exp_m1::<FMA>();
        let quotient = divide::<FMA>(e, reduced.exp::<FMA>());
        (0.5 * (e.hi + (quotient + e.lo))).copysign(x)
    }

    #[inline(always)]
    fn outside(x: f64) -> bool {
        x.is_nan() | (x.abs() > 709.0)
    }

    fn scalar(x: f64) -> f64 {
        x.sinh()
    }
}

/// `1 / cosh² x = 4e / (1 + e)²`, `e = exp(-2|x|)`: exact where `1 - tanh² x` cancels.
pub(super) struct SechSquared;

impl Kernel for SechSquared {
    #[inline(always)]
    fn inside<const FMA: bool>(x: f64) -> f64 {
        let e = reduce::<FMA>(-2.0 * x.abs()).plain::<FMA>();
        4.0 * e / ((1.0 + e) * (1.0 + e))
    }

    /// Where e is no normal number, or NaN.
    #[inline(always)]
    fn outside(x: f64) -> bool {
        x.is_nan() | (x.abs() >= 354.0)
    }

    fn scalar(x: f64) -> f64 {
        // (1 + e)² is 1.
        4.0 * (-2.0 * x.abs()).exp()
    }
}

/// `cosh x = (eˣ + e⁻ˣ) / 2`.
pub(super) struct Cosh;

impl Kernel for Cosh {
    #[inline(always)]
    fn inside<const FMA: bool>(x: f64) -> f64 {
        let reduced = reduce::<FMA>(x.abs());
        let exp = reduced.exp::<FMA>();
        let (hi, lo) = (0.5 * exp.hi, 0.5 * exp.lo);
        // eˣ/2 + 1 / (4 eˣ/2)
        hi + fma::<FMA>(0.25, 1.0 / hi, lo)
    }

    #[inline(always)]
    fn outside(x: f64) -> bool {
        x.is_nan() | (x.abs() > 709.0)
    }

    fn scalar(x: f64) -> f64 {
        x.cosh()
    }
}
