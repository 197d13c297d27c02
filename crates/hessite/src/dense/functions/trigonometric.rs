//! `sin`, `cos` and `tan`: `x = n π/2 + r`, `|r| ≤ π/4`, a polynomial each for `sin r` and `cos r`, and the quadrant
//! chooses.

use super::sweep::{Double, Kernel, ROUND, divide, fast_two_sum, fma, polynomial};

/// `π/2` in parts of 33 bits, the products of which with `n < 2^20` are exact, and the rest.
const HALF_PI: [f64; 4] =
    [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32];

/// `(sin r - r) / r³` in `r²`, error `2^-58`.
const SIN: [f64; 6] = [
    -0.16666666666666632,
    0.008333333333322398,
    -0.0001984126982979411,
    2.755731368696071e-06,
    -2.5050757309180783e-08,
    1.5896747297966938e-10,
];

/// `(cos r - 1 + r²/2) / r⁴` in `r²`, error `2^-64`.
const COS: [f64; 6] = [
    0.0416666666666666,
    -0.0013888888888874107,
    2.4801587289469892e-05,
    -2.7557314348408276e-07,
    2.0875722697799415e-09,
    -1.1359616158922986e-11,
];

/// The largest argument of the fast path: `n < 2^20`.
const LARGEST: f64 = 1e6;

struct Reduced {
    /// The low bits are `n`.
    bits: u64,
    r: Double,
}

/// Reduces `0 ≤ x ≤ LARGEST`.
#[inline(always)]
fn reduce<const FMA: bool>(x: f64) -> Reduced {
    let shifted = fma::<FMA>(x, std::f64::consts::FRAC_2_PI, ROUND);
    let n = shifted - ROUND;
    // The first difference and the three products are exact, the second is made so, and near a multiple of π/2,
    // where the digits lost count, the third is exact as well.
    let first = fma::<FMA>(-n, HALF_PI[0], x);
    let product = n * HALF_PI[1];
    let second = first - product;
    let part = first - second;
    let lost = (first - (second + part)) - (product - part);
    let third = fma::<FMA>(n, HALF_PI[2], -lost);
    let hi = second - third;
    let lo = fma::<FMA>(-n, HALF_PI[3], (second - hi) - third);
    Reduced { bits: shifted.to_bits(), r: Double { hi, lo } }
}

/// `sin r` as a sum of `r` and a small term.
#[inline(always)]
fn sin_terms<const FMA: bool>(r: Double, z: f64) -> f64 {
    let series = polynomial::<FMA, 6>(z, &SIN);
    // r.lo cos r, to second order
    let lo = fma::<FMA>(-0.5 * z, r.lo, r.lo);
    fma::<FMA>(z * r.hi, series, lo)
}

/// `cos r` as a sum.
#[inline(always)]
fn cos_sum<const FMA: bool>(r: Double, z: f64) -> Double {
    let series = polynomial::<FMA, 6>(z, &COS);
    let half = 0.5 * z;
    let sum = fast_two_sum(1.0, -half);
    let lo = fma::<FMA>(-r.hi, r.lo, sum.lo);
    Double { hi: sum.hi, lo: fma::<FMA>(z * z, series, lo) }
}

/// The top bit where bit `index` of `bits` is set.
#[inline(always)]
fn sign_from(bits: u64, index: u32) -> u64 {
    (bits << (63 - index)) & SIGN
}

const SIGN: u64 = 1 << 63;

#[inline(always)]
fn flip(x: f64, sign: u64) -> f64 {
    f64::from_bits(x.to_bits() ^ sign)
}

#[inline(always)]
fn beyond(x: f64) -> bool {
    x.is_nan() | (x.abs() > LARGEST)
}

/// `sin x`.
pub(super) struct Sin;

impl Kernel for Sin {
    #[inline(always)]
    fn inside<const FMA: bool>(x: f64) -> f64 {
        let Reduced { bits, r } = reduce::<FMA>(x.abs());
        let z = r.hi * r.hi;
        let sin = r.hi + sin_terms::<FMA>(r, z);
        let cos = cos_sum::<FMA>(r, z);
        let value = if bits & 1 == 0 { sin } else { cos.hi + cos.lo };
        // sin is odd: the magnitude's sine takes the sign of x, so that -0 keeps it.
        flip(value, sign_from(bits, 1) ^ (x.to_bits() & SIGN))
    }

    #[inline(always)]
    fn outside(x: f64) -> bool {
        beyond(x)
    }

    fn scalar(x: f64) -> f64 {
        x.sin()
    }
}

/// `cos x`.
pub(super) struct Cos;

impl Kernel for Cos {
    #[inline(always)]
    fn inside<const FMA: bool>(x: f64) -> f64 {
        let Reduced { bits, r } = reduce::<FMA>(x.abs());
        let z = r.hi * r.hi;
        let sin = r.hi + sin_terms::<FMA>(r, z);
        let cos = cos_sum::<FMA>(r, z);
        let value = if bits & 1 == 0 { cos.hi + cos.lo } else { sin };
        // cos, -sin, -cos, sin
        flip(value, sign_from(bits ^ (bits >> 1), 0))
    }

    #[inline(always)]
    fn outside(x: f64) -> bool {
        beyond(x)
    }

    fn scalar(x: f64) -> f64 {
        x.cos()
    }
}

/// `tan x`.
pub(super) struct Tan;

impl Kernel for Tan {
    #[inline(always)]
    fn inside<const FMA: bool>(x: f64) -> f64 {
        let Reduced { bits, r } = reduce::<FMA>(x.abs());
        let z = r.hi * r.hi;
        let sin = fast_two_sum(r.hi, sin_terms::<FMA>(r, z));
        let cos = cos_sum::<FMA>(r, z);
        let cos = fast_two_sum(cos.hi, cos.lo);
        let even = bits & 1 == 0;
        let (above, below) = (
            Double { hi: if even { sin.hi } else { cos.hi }, lo: if even { sin.lo } else { cos.lo } },
            Double { hi: if even { cos.hi } else { sin.hi }, lo: if even { cos.lo } else { sin.lo } },
        );
        flip(divide::<FMA>(above, below), sign_from(bits, 0) ^ (x.to_bits() & SIGN))
    }

    #[inline(always)]
    fn outside(x: f64) -> bool {
        beyond(x)
    }

    fn scalar(x: f64) -> f64 {
        x.tan()
    }
}
