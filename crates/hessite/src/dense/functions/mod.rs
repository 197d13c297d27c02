//! Elementary functions on arrays: `out[i] = f(x[i])`.
//!
//! The functions of [`exponential`], [`logarithm`], [`hyperbolic`], [`logistic`], [`trigonometric`] and
//! [`error_function`] are our own: an argument reduction and a polynomial, written for one element without a
//! branch and vectorised by the compiler, within 2 ulp (most within 1). The others loop over the standard library
//! or `libm`.
//!
//! An element's result depends on its argument alone, not on its place or on the array's length: results stay the
//! same however the work is cut. If the lengths of `x` and `out` differ, the shorter one counts.
//!
//! The coefficients come from `tests/reference/functions_coefficients.py`, the tests' values from
//! `functions_reference.py` beside it.

mod error_function;
mod exponential;
mod hyperbolic;
mod logarithm;
mod logistic;
mod sweep;
mod trigonometric;

#[cfg(test)]
mod tests;

use super::simd::each;
use sweep::sweep;

/// `out = eˣ`; `exp(-∞) = 0`, gradual underflow.
pub(crate) fn exp(x: &[f64], out: &mut [f64]) {
    sweep::<exponential::Exp>(x, out);
}

/// `out = eˣ - 1`, accurate near 0.
pub(crate) fn exp_m1(x: &[f64], out: &mut [f64]) {
    sweep::<exponential::ExpM1>(x, out);
}

/// `out = ln x`; `ln 0 = -∞`, NaN below 0.
pub(crate) fn ln(x: &[f64], out: &mut [f64]) {
    sweep::<logarithm::Ln>(x, out);
}

/// `out = ln (1 + x)`, accurate near 0.
pub(crate) fn ln_1p(x: &[f64], out: &mut [f64]) {
    sweep::<logarithm::Ln1p>(x, out);
}

/// `out = sin x`.
pub(crate) fn sin(x: &[f64], out: &mut [f64]) {
    sweep::<trigonometric::Sin>(x, out);
}

/// `out = cos x`.
pub(crate) fn cos(x: &[f64], out: &mut [f64]) {
    sweep::<trigonometric::Cos>(x, out);
}

/// `out = tan x`.
pub(crate) fn tan(x: &[f64], out: &mut [f64]) {
    sweep::<trigonometric::Tan>(x, out);
}

/// `out = tanh x`.
pub(crate) fn tanh(x: &[f64], out: &mut [f64]) {
    sweep::<hyperbolic::Tanh>(x, out);
}

/// `out = sinh x`.
pub(crate) fn sinh(x: &[f64], out: &mut [f64]) {
    sweep::<hyperbolic::Sinh>(x, out);
}

/// `out = cosh x`.
pub(crate) fn cosh(x: &[f64], out: &mut [f64]) {
    sweep::<hyperbolic::Cosh>(x, out);
}

/// `out = 1 / cosh² x`.
pub(crate) fn sech_squared(x: &[f64], out: &mut [f64]) {
    sweep::<hyperbolic::SechSquared>(x, out);
}

/// `out = 1 / (1 + e⁻ˣ)`.
pub(crate) fn sigmoid(x: &[f64], out: &mut [f64]) {
    sweep::<logistic::Sigmoid>(x, out);
}

/// `out = ln (1 + eˣ)`.
pub(crate) fn softplus(x: &[f64], out: &mut [f64]) {
    sweep::<logistic::Softplus>(x, out);
}

/// `out = erf x = 2/√π ∫₀ˣ e^(-t²) dt`.
pub(crate) fn erf(x: &[f64], out: &mut [f64]) {
    sweep::<error_function::Erf>(x, out);
}

/// `out = erfc x = 1 - erf x`, accurate for large `x`.
pub(crate) fn erfc(x: &[f64], out: &mut [f64]) {
    each(x, out, libm::erfc);
}

/// `out = √x`.
pub(crate) fn sqrt(x: &[f64], out: &mut [f64]) {
    each(x, out, f64::sqrt);
}

/// `out = 1 / x`.
pub(crate) fn recip(x: &[f64], out: &mut [f64]) {
    each(x, out, f64::recip);
}

/// `out = arctan x`.
pub(crate) fn atan(x: &[f64], out: &mut [f64]) {
    each(x, out, f64::atan);
}

/// `out = arcsin x`; NaN outside `[-1, 1]`.
pub(crate) fn asin(x: &[f64], out: &mut [f64]) {
    each(x, out, f64::asin);
}

/// `out = arccos x`; NaN outside `[-1, 1]`.
pub(crate) fn acos(x: &[f64], out: &mut [f64]) {
    each(x, out, f64::acos);
}

/// `out = arsinh x`.
pub(crate) fn asinh(x: &[f64], out: &mut [f64]) {
    each(x, out, libm::asinh);
}

/// `out = arcosh x`; NaN below 1.
pub(crate) fn acosh(x: &[f64], out: &mut [f64]) {
    each(x, out, libm::acosh);
}

/// `out = artanh x`; `±∞` at `±1`, NaN beyond.
pub(crate) fn atanh(x: &[f64], out: &mut [f64]) {
    each(x, out, libm::atanh);
}

/// `out = log₂ x`; `-∞` at 0, NaN below.
pub(crate) fn log2(x: &[f64], out: &mut [f64]) {
    each(x, out, f64::log2);
}

/// `out = log₁₀ x`; `-∞` at 0, NaN below.
pub(crate) fn log10(x: &[f64], out: &mut [f64]) {
    each(x, out, f64::log10);
}

/// `out = ∛x`.
pub(crate) fn cbrt(x: &[f64], out: &mut [f64]) {
    each(x, out, f64::cbrt);
}
