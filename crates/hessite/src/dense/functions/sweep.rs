//! The sweep over an array, compiled for the baseline, for AVX2 with FMA, and for AVX-512, and the arithmetic shared by
//! the kernels.

/// One element's function, without a branch, so that the compiler can take several elements at a time.
pub(super) trait Kernel {
    /// The value at `x`; anything where [`Self::outside`] holds. `FMA`: a fused multiply-add is one instruction.
    fn inside<const FMA: bool>(x: f64) -> f64;

    /// Whether `x` is left to [`Self::scalar`].
    #[inline(always)]
    fn outside(_x: f64) -> bool {
        false
    }

    /// The value where [`Self::outside`] holds.
    fn scalar(x: f64) -> f64 {
        x
    }
}

/// Elements swept between two looks at whether one was outside: large enough to hide the look, small enough for a
/// lone odd element to be cheap.
const BLOCK: usize = 256;

/// Elements in a vector of the widest instructions in use.
const VECTOR: usize = 8;

/// `out[i] = K(x[i])` over the shorter length.
#[inline]
pub(super) fn sweep<K: Kernel>(x: &[f64], out: &mut [f64]) {
    let length = x.len().min(out.len());
    let (x, out) = (&x[..length], &mut out[..length]);
    #[cfg(target_arch = "x86_64")]
    {
        // SAFETY: the features that the functions are compiled for were found on this processor.
        #[allow(unsafe_code)]
        unsafe {
            let fours = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            if fours && is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
                return sweep_avx512::<K>(x, out);
            }
            if fours {
                return sweep_avx2_fma::<K>(x, out);
            }
        }
    }
    sweep_portable::<K>(x, out);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx2,fma")]
fn sweep_avx512<K: Kernel>(x: &[f64], out: &mut [f64]) {
    blocks::<K, true>(x, out);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn sweep_avx2_fma<K: Kernel>(x: &[f64], out: &mut [f64]) {
    blocks::<K, true>(x, out);
}

pub(super) fn sweep_portable<K: Kernel>(x: &[f64], out: &mut [f64]) {
    // Without the feature a fused multiply-add is a library call; aarch64 always has it.
    blocks::<K, { cfg!(any(target_feature = "fma", target_arch = "aarch64")) }>(x, out);
}

#[inline(always)]
fn blocks<K: Kernel, const FMA: bool>(x: &[f64], out: &mut [f64]) {
    let length = x.len();
    let mut start = 0;
    while start < length {
        let left = length - start;
        let taken = if left >= VECTOR {
            left.min(BLOCK) / VECTOR * VECTOR
        } else {
            // The last vector overlaps the one before, which finds the same values twice.
            start = length.saturating_sub(VECTOR);
            length - start
        };
        let (x, out) = (&x[start..start + taken], &mut out[start..start + taken]);
        for (out, &x) in out.iter_mut().zip(x) {
            *out = K::inside::<FMA>(x);
        }
        // A loop of its own: a reduction in the loop above would make the compiler take two vectors at a time and
        // leave a single one to scalar code.
        if x.iter().fold(false, |any, &x| any | K::outside(x)) {
            outside_elements::<K>(x, out);
        }
        start += taken;
    }
}

#[cold]
#[inline(never)]
fn outside_elements<K: Kernel>(x: &[f64], out: &mut [f64]) {
    for (out, &x) in out.iter_mut().zip(x) {
        if K::outside(x) {
            *out = K::scalar(x);
        }
    }
}

/// `a b + c`: fused if `FMA`, rounded twice otherwise.
#[inline(always)]
pub(super) fn fma<const FMA: bool>(a: f64, b: f64, c: f64) -> f64 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

/// `c[0] + c[1] x + c[2] x² + …`, `N ≥ 5`, in two or four independent chains: short arrays, and long polynomials on
/// any, wait for the chain.
#[inline(always)]
pub(super) fn polynomial<const FMA: bool, const N: usize>(x: f64, c: &[f64; N]) -> f64 {
    let square = x * x;
    if N < 12 {
        let even = chain::<FMA, N>(square, c, 0, 2);
        let odd = chain::<FMA, N>(square, c, 1, 2);
        return fma::<FMA>(odd, x, even);
    }
    let fourth = square * square;
    let low = fma::<FMA>(chain::<FMA, N>(fourth, c, 1, 4), x, chain::<FMA, N>(fourth, c, 0, 4));
    let high = fma::<FMA>(chain::<FMA, N>(fourth, c, 3, 4), x, chain::<FMA, N>(fourth, c, 2, 4));
    fma::<FMA>(high, square, low)
}

/// `c[start] + c[start + step] x + …`
#[inline(always)]
fn chain<const FMA: bool, const N: usize>(x: f64, c: &[f64; N], start: usize, step: usize) -> f64 {
    let mut i = start + (N - 1 - start) / step * step;
    let mut sum = c[i];
    while i > start {
        i -= step;
        sum = fma::<FMA>(sum, x, c[i]);
    }
    sum
}

/// An unevaluated sum: `lo` is what rounding took from `hi`.
#[derive(Clone, Copy)]
pub(super) struct Double {
    pub(super) hi: f64,
    pub(super) lo: f64,
}

/// `a + b` exactly, for `|a| ≥ |b|` or `a = 0`.
#[inline(always)]
pub(super) fn fast_two_sum(a: f64, b: f64) -> Double {
    let hi = a + b;
    Double { hi, lo: (a - hi) + b }
}

/// `a / b`, rounded from the unevaluated sums. Without a fused multiply-add the remainder can't be had cheaply and
/// the quotient is rounded twice.
#[inline(always)]
pub(super) fn divide<const FMA: bool>(a: Double, b: Double) -> f64 {
    let inverse = 1.0 / b.hi;
    if FMA {
        let quotient = a.hi * inverse;
        let remainder = (-quotient).mul_add(b.hi, a.hi) + (-quotient).mul_add(b.lo, a.lo);
        remainder.mul_add(inverse, quotient)
    } else {
        let quotient = a.hi / b.hi;
        quotient + (a.lo - quotient * b.lo) * inverse
    }
}

/// Adding it leaves an integer in the low bits of the significand, rounded to nearest.
pub(super) const ROUND: f64 = 6_755_399_441_055_744.0; // 1.5 · 2^52
