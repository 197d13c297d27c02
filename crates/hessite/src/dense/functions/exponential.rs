//! `eˣ` and `eˣ - 1`: `x = n ln 2 + r`, `|r| ≤ ln 2 / 2`, `eʳ - 1` by a polynomial.

use super::sweep::{Double, Kernel, ROUND, fast_two_sum, fma, polynomial};

/// `ln 2` in two parts; the first has 33 bits, so that its product with an exponent is exact.
pub(super) const LN_2_HI: f64 = 0.693_147_180_369_123_8;
pub(super) const LN_2_LO: f64 = 1.908_214_929_270_587_7e-10;

/// `(eʳ - 1 - r - r²/2) / r³`, error `2^-57` of `eʳ`.
const POLYNOMIAL: [f64; 9] = [
    0.16666666666666688,
    0.04166666666660239,
    0.008333333333313759,
    0.0013888888927450686,
    0.00019841269905337955,
    2.4801507841793725e-05,
    2.755722565615853e-06,
    2.762552707003644e-07,
    2.511523898741307e-08,
];

/// `eˣ = 2ⁿ (1 + r + tail)`.
pub(super) struct Reduced {
    /// The low bits are `n` in two's complement.
    bits: u64,
    r: f64,
    tail: f64,
}

/// Reduces `|x| < 1100`. NaN gives NaN.
#[inline(always)]
pub(super) fn reduce<const FMA: bool>(x: f64) -> Reduced {
    let shifted = fma::<FMA>(x, std::f64::consts::LOG2_E, ROUND);
    let n = shifted - ROUND;
    let head = fma::<FMA>(-n, LN_2_HI, x);
    let small = n * LN_2_LO;
    let r = head - small;
    let lost = (head - r) - small;
    let square = r * r;
    let series = fma::<FMA>(r, polynomial::<FMA, 9>(r, &POLYNOMIAL), 0.5);
    // (1 + r) lost is the first-order effect of what rounding took from r.
    let tail = fma::<FMA>(square, series, fma::<FMA>(lost, r, lost));
    Reduced { bits: shifted.to_bits(), r, tail }
}

impl Reduced {
    /// `eʳ`.
    #[inline(always)]
    pub(super) fn significand(&self) -> Double {
        let sum = fast_two_sum(1.0, self.r);
        fast_two_sum(sum.hi, sum.lo + self.tail)
    }

    /// `eˣ` to an ulp, for `-1022 ≤ n ≤ 1023`.
    #[inline(always)]
    pub(super) fn plain<const FMA: bool>(&self) -> f64 {
        let scale = self.scale();
        fma::<FMA>(scale, self.r + self.tail, scale)
    }

    /// `eˣ` for `-1022 ≤ n ≤ 1023`.
    #[inline(always)]
    pub(super) fn exp<const FMA: bool>(&self) -> Double {
        let scale = self.scale();
        let small = self.significand_m1();
        let sum = fast_two_sum(scale, scale * small.hi);
        Double { hi: sum.hi, lo: fma::<FMA>(scale, small.lo, sum.lo) }
    }

    /// `eˣ - 1` for `-1022 ≤ n ≤ 1023`; beyond `|n| = 53`, where `2ⁿ - 1` is rounded, only to an ulp.
    #[inline(always)]
    pub(super) fn exp_m1<const FMA: bool>(&self) -> Double {
        let scale = self.scale();
        let small = self.significand_m1();
        let sum = fast_two_sum(scale - 1.0, scale * small.hi);
        Double { hi: sum.hi, lo: fma::<FMA>(scale, small.lo, sum.lo) }
    }

    /// `eʳ - 1`.
    #[inline(always)]
    fn significand_m1(&self) -> Double {
        fast_two_sum(self.r, self.tail)
    }

    /// `2ⁿ` for `-1022 ≤ n ≤ 1023`.
    #[inline(always)]
    pub(super) fn scale(&self) -> f64 {
        f64::from_bits((self.bits << 52).wrapping_add(1.0_f64.to_bits()))
    }

    /// Two factors of `2ⁿ`, `-2046 ≤ n ≤ 2046`: only the second product can leave the range of normal numbers.
    #[inline(always)]
    pub(super) fn scales(&self) -> (f64, f64) {
        let biased = self.bits.wrapping_add(2046) & 0xfff;
        let half = biased >> 1;
        (f64::from_bits(half << 52), f64::from_bits((biased - half) << 52))
    }
}

/// `eˣ`.
pub(super) struct Exp;

impl Kernel for Exp {
    #[inline(always)]
    fn inside<const FMA: bool>(x: f64) -> f64 {
        // Beyond these the result is 0 or ∞ as at them.
        let reduced = reduce::<FMA>(x.clamp(-746.0, 710.0));
        let (first, second) = reduced.scales();
        reduced.significand().hi * first * second
    }
}

/// `eˣ - 1`.
pub(super) struct ExpM1;

impl Kernel for ExpM1 {
    #[inline(always)]
    fn inside<const FMA: bool>(x: f64) -> f64 {
        // Below, the result is -1 as at -50.
        let value = reduce::<FMA>(if x < -50.0 { -50.0 } else { x }).exp_m1::<FMA>();
        // The sum loses the sign of -0.
        (value.hi + value.lo).copysign(x)
    }

    #[inline(always)]
    fn outside(x: f64) -> bool {
        x > 709.0
    }

    fn scalar(x: f64) -> f64 {
        x.exp_m1()
    }
}
