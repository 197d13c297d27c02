//! `ln x` and `ln (1 + x)`: `x = 2ᵏ (1 + f)`, `√½ ≤ 1 + f < √2`, and with `s = f / (2 + f)`
//! `ln (1 + f) = f - f²/2 + s (f²/2 + R(s²))`.

use super::exponential::{LN_2_HI, LN_2_LO};
use super::sweep::{Kernel, fma, polynomial};

/// `R(z) / z`, `R = (ln ((1 + s) / (1 - s)) - 2 s) / s`, `z = s²`; error `2^-58`.
const POLYNOMIAL: [f64; 7] = [
    0.6666666666666735,
    0.3999999999941289,
    0.28571428742824573,
    0.22222198524633824,
    0.18183567031076633,
    0.15313976929733278,
    0.14796728599815645,
];

/// The bits of `√½`.
const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
const ONE: u64 = 0x3ff0_0000_0000_0000;

/// `x = 2ᵏ m`.
struct Split {
    /// `k + 1023`.
    biased: u64,
    /// `√½ ≤ m < √2`.
    m: f64,
}

/// Splits a positive normal `x`.
#[inline(always)]
fn split(x: f64) -> Split {
    let bits = x.to_bits().wrapping_add(ONE - SQRT_HALF);
    Split { biased: bits >> 52, m: f64::from_bits((bits & 0x000f_ffff_ffff_ffff) + SQRT_HALF) }
}

impl Split {
    #[inline(always)]
    fn k(&self) -> f64 {
        // 2^52 + integer, by its bits: there is no vector conversion of 64-bit integers.
        const TWO_52: f64 = 4_503_599_627_370_496.0;
        f64::from_bits(self.biased | TWO_52.to_bits()) - (TWO_52 + 1023.0)
    }
}

/// `k ln 2 + ln (1 + f) + rest`, `rest` of the order of a rounding of `f`.
#[inline(always)]
fn assemble<const FMA: bool>(k: f64, f: f64, rest: f64) -> f64 {
    let s = f / (2.0 + f);
    let z = s * s;
    let r = z * polynomial::<FMA, 7>(z, &POLYNOMIAL);
    let half_square = 0.5 * f * f;
    let small = fma::<FMA>(s, half_square + r, fma::<FMA>(k, LN_2_LO, rest));
    fma::<FMA>(k, LN_2_HI, f - (half_square - small))
}

/// `ln x`.
pub(super) struct Ln;

impl Kernel for Ln {
    #[inline(always)]
    fn inside<const FMA: bool>(x: f64) -> f64 {
        let split = split(x);
        assemble::<FMA>(split.k(), split.m - 1.0, 0.0)
    }

    #[inline(always)]
    fn outside(x: f64) -> bool {
        x.is_nan() | (x < f64::MIN_POSITIVE) | (x == f64::INFINITY)
    }

    fn scalar(x: f64) -> f64 {
        x.ln()
    }
}

/// `ln (1 + x)`.
pub(super) struct Ln1p;

impl Kernel for Ln1p {
    #[inline(always)]
    fn inside<const FMA: bool>(x: f64) -> f64 {
        one_plus::<FMA>(x).copysign(x)
    }

    #[inline(always)]
    fn outside(x: f64) -> bool {
        x.is_nan() | (x <= -1.0) | (x > 1e300)
    }

    fn scalar(x: f64) -> f64 {
        x.ln_1p()
    }
}

/// `ln (1 + x)` for `-1 < x < 1e300`, but for the sign of -0.
#[inline(always)]
fn one_plus<const FMA: bool>(x: f64) -> f64 {
    let sum = 1.0 + x;
    let part = sum - 1.0;
    let lost = (1.0 - (sum - part)) + (x - part);
    let split = split(sum);
    // 2⁻ᵏ; from k = 1022 on the bits are those of 0 or of a subnormal, where `lost` doesn't count.
    let scale = f64::from_bits(2046_u64.wrapping_sub(split.biased) << 52);
    let head = split.m - 1.0;
    let scaled = lost * scale;
    let f = head + scaled;
    // ln (1 + f + rest) = ln (1 + f) + rest / (1 + f), to first order in f as well.
    let rest = (head - f) + scaled;
    assemble::<FMA>(split.k(), f, fma::<FMA>(-rest, f, rest))
}
