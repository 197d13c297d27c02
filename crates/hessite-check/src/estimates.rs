//! Finite differences that say how wrong they may be: truncation and rounding, by formulas of one step or extrapolated.
//!
//! The noise ε of the function is measured ([`noise`](crate::noise())), and is at least four roundings of its value. Steps
//! of forward and central differences balance truncation and noise for a function whose derivatives are about as large
//! as its value. Their truncation error is estimated by doubling the step, and is right to leading order:
//!
//! | [`Method`] | first derivative | truncation | rounding | second derivative | truncation | rounding |
//! |---|---|---|---|---|---|---|
//! | `Forward` | F = (φ(h) − φ(0))/h | \|F₂ₕ − Fₕ\| | 2ε/h | (φ(2h) − 2φ(h) + φ(0))/h² | \|F₂ₕ − Fₕ\| | 4ε/h² |
//! | `Central` | D = (φ(h) − φ(−h))/2h | \|D₂ₕ − Dₕ\|/3 | ε/h | (φ(h) − 2φ(0) + φ(−h))/h² | \|D₂ₕ − Dₕ\|/3 | 4ε/h² |
//! | `Richardson` | D extrapolated to h = 0 | Ridders' | carried along | the same | | |
//!
//! # Reference
//! C. J. F. Ridders, *Accurate computation of F′(x) and F′(x)F″(x)*, Adv. Eng. Softw. 4 (1982). J. J. Moré and
//! S. M. Wild, *Estimating derivatives of noisy simulations*, ACM Trans. Math. Softw. 38 (2012).

use crate::check::finite;
use crate::differences::{length, relative_size};
use crate::error::Result;
use crate::extrapolate::{Estimate, Powers, Quotient, RATIO, limit};
use crate::line::{FIRST, LEVELS, Ladder, OPERATIONS};
use crate::noise::noises;

/// A kind of difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// One-sided: for points on the edge of a domain.
    Forward,
    /// Two-sided, at one step.
    Central,
    /// Two-sided, extrapolated from a ladder of steps: some ten times as dear, and right to ten digits or more.
    Richardson,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    First,
    Second,
}

/// out = ∂f/∂xᵢ for all i.
///
/// # Errors
/// A wrong length or a non-finite x.
///
/// ```
/// use hessite_check::{Estimate, estimates::{Method, gradient}};
/// let mut g = [Estimate::default(); 1];
/// gradient(|x| x[0].sin(), &[1.0], Method::Richardson, &mut g)?;
/// assert!((g[0].value - 1f64.cos()).abs() <= g[0].error() && g[0].error() < 1e-11);
/// # Ok::<(), hessite_check::Error>(())
/// ```
pub fn gradient(
    mut f: impl FnMut(&[f64]) -> f64,
    x: &[f64],
    method: Method,
    out: &mut [Estimate],
) -> Result<()> {
    length("out", x.len(), out.len(), x.len())?;
    finite("x", x)?;
    let (mut moved, center) = (x.to_vec(), f(x));
    for i in 0..x.len() {
        let mut phi = |t: f64, out: &mut [f64]| {
            moved[i] = x[i] + t;
            out[0] = f(&moved);
        };
        let scale = x[i].abs().max(1.0);
        derivatives(&mut phi, &[center], scale, method, Order::First, &mut out[i..=i]);
        moved[i] = x[i];
    }
    Ok(())
}

/// out = ∇²f(x) v, from the gradient.
///
/// # Errors
/// As [`gradient`].
pub fn product(
    mut gradient: impl FnMut(&[f64], &mut [f64]),
    x: &[f64],
    v: &[f64],
    method: Method,
    out: &mut [Estimate],
) -> Result<()> {
    length("v", x.len(), v.len(), x.len())?;
    length("out", x.len(), out.len(), x.len())?;
    finite("x", x)?;
    let (mut moved, mut center) = (x.to_vec(), vec![0.0; x.len()]);
    gradient(x, &mut center);
    let mut gamma = |t: f64, out: &mut [f64]| {
        crate::survey::step(&mut moved, x, v, t);
        gradient(&moved, out);
    };
    derivatives(&mut gamma, &center, 1.0 / relative_size(x, v), method, Order::First, out);
    Ok(())
}

/// vᵀ∇²f(x)v, from the value.
///
/// # Errors
/// As [`gradient`].
///
/// ```
/// use hessite_check::estimates::{Method, curvature};
/// let c = curvature(|x| x[0].powi(3) * x[1], &[2.0, 5.0], &[1.0, 0.0], Method::Richardson)?;
/// assert!((c.value - 60.0).abs() <= c.error() && c.error() < 1e-7);
/// # Ok::<(), hessite_check::Error>(())
/// ```
pub fn curvature(mut f: impl FnMut(&[f64]) -> f64, x: &[f64], v: &[f64], method: Method) -> Result<Estimate> {
    length("v", x.len(), v.len(), x.len())?;
    finite("x", x)?;
    let (mut moved, center) = (x.to_vec(), f(x));
    let mut phi = |t: f64, out: &mut [f64]| {
        crate::survey::step(&mut moved, x, v, t);
        out[0] = f(&moved);
    };
    let mut out = [Estimate::default()];
    derivatives(&mut phi, &[center], 1.0 / relative_size(x, v), method, Order::Second, &mut out);
    Ok(out[0])
}

/// Derivatives at t = 0 of the components of φ, which is `center` there and varies over |t| ~ scale.
fn derivatives(
    phi: &mut dyn FnMut(f64, &mut [f64]),
    center: &[f64],
    scale: f64,
    method: Method,
    order: Order,
    out: &mut [Estimate],
) {
    // With a power of two for the scale, steps stay as exact as they are.
    let scale = crate::survey::power_of_two(scale);
    let mut scaled = |t: f64, out: &mut [f64]| phi(t * scale, out);
    let mut noise = vec![0.0; center.len()];
    noises(&mut scaled, &mut noise);
    for (n, c) in noise.iter_mut().zip(center) {
        *n = (if n.is_nan() { 0.0 } else { 3.0 * *n }).max(OPERATIONS * f64::EPSILON * c.abs());
    }
    match method {
        Method::Richardson => extrapolated(&mut scaled, center, &noise, order, out),
        _ => doubled(&mut scaled, center, &noise, method, order, out),
    }
    let per = if order == Order::First { scale } else { scale * scale };
    for e in out {
        (e.value, e.truncation, e.rounding) = (e.value / per, e.truncation / per, e.rounding / per);
        e.step *= scale;
    }
}

fn doubled(
    phi: &mut dyn FnMut(f64, &mut [f64]),
    center: &[f64],
    noise: &[f64],
    method: Method,
    order: Order,
    out: &mut [Estimate],
) {
    let m = center.len();
    let mut at = |t: f64| {
        let mut values = vec![0.0; m];
        phi(t, &mut values);
        values
    };
    // How large φ is hereabouts: at the point itself it may be 0.
    let largest = |list: &[f64]| list.iter().filter(|x| x.is_finite()).fold(0.0f64, |m, x| m.max(x.abs()));
    let size = largest(center).max(largest(&at(FIRST)));
    let relative = if size > 0.0 { largest(noise) / size } else { 0.0 }.clamp(f64::EPSILON, 1e-3);
    let h = match (method, order) {
        (Method::Forward, Order::First) => relative.sqrt(),
        (Method::Central, Order::Second) => relative.sqrt().sqrt(),
        _ => relative.cbrt(),
    };
    let h = crate::survey::power_of_two(h);
    let forward = method == Method::Forward;
    let [one, two] = [h, 2.0 * h].map(|h| (at(h), at(if forward { 2.0 * h } else { -h })));
    for (i, out) in out.iter_mut().enumerate() {
        let quotient = |(near, far): &(Vec<f64>, Vec<f64>), h: f64| {
            let (near, far, zero) = (near[i], far[i], center[i]);
            match (forward, order) {
                (true, Order::First) => (near - zero) / h,
                (false, Order::First) => (near - far) / (2.0 * h),
                (true, Order::Second) => ((far - near) - (near - zero)) / (h * h),
                (false, Order::Second) => ((near - zero) + (far - zero)) / (h * h),
            }
        };
        let (value, coarse) = (quotient(&one, h), quotient(&two, 2.0 * h));
        let rounding = match order {
            Order::First => noise[i] / h * if forward { 2.0 } else { 1.0 },
            Order::Second => 4.0 * noise[i] / (h * h),
        };
        let truncation = (coarse - value).abs() / if forward { 1.0 } else { 3.0 };
        *out = Estimate { value, truncation, rounding, step: h };
    }
}

fn extrapolated(
    phi: &mut dyn FnMut(f64, &mut [f64]),
    center: &[f64],
    noise: &[f64],
    order: Order,
    out: &mut [Estimate],
) {
    let mut ladder = Ladder::new(center);
    while ladder.steps.len() < LEVELS {
        ladder.descend(phi);
        let mut settled = true;
        for (i, out) in out.iter_mut().enumerate() {
            let zero = center[i];
            let quotients = (0..ladder.steps.len()).map(|k| {
                let (step, p, m) = (ladder.steps[k], ladder.plus[k][i], ladder.minus[k][i]);
                let noise = noise[i].max(OPERATIONS * f64::EPSILON * p.abs().max(m.abs()));
                match order {
                    Order::First => Quotient { step, value: (p - m) / (2.0 * step), rounding: noise / step },
                    Order::Second => Quotient {
                        step,
                        value: ((p - zero) + (m - zero)) / (step * step),
                        rounding: 4.0 * noise / (step * step),
                    },
                }
            });
            *out = limit(Powers::Even, quotients).unwrap_or(Estimate::NONE);
            // No step of the last three made it better.
            settled &= out.step >= 0.99 * RATIO.powi(3) * ladder.last();
        }
        if settled && ladder.steps.len() > 3 {
            break;
        }
    }
}
