//! Richardson's extrapolation of differences to the step 0, with Ridders' error estimate.
//!
//! A difference quotient is D(h) = D₀ + a₁hᵖ + a₂hᵖ⁺² + …, with p = 2 for central differences. At steps that shrink by
//! [`RATIO`] = c the tableau T₍ₖ₎₀ = D(hₖ),
//!
//!   T₍ₖ₎ⱼ = T₍ₖ₎ⱼ₋₁ + (T₍ₖ₎ⱼ₋₁ − T₍ₖ₋₁₎ⱼ₋₁) / (w − 1),   w = cᵖ⁺²⁽ʲ⁻¹⁾
//!
//! removes one power with each j. The truncation error of T₍ₖ₎ⱼ is estimated by |T₍ₖ₎ⱼ − T₍ₖ₋₁₎ⱼ₋₁|, which is the error
//! of the coarser of the two it was made of; rounding is carried through the same combination:
//! N₍ₖ₎ⱼ = (w N₍ₖ₎ⱼ₋₁ + N₍ₖ₋₁₎ⱼ₋₁) / (w − 1).

/// How much smaller each step is than the one before. Large, so that few steps span many orders of magnitude, and
/// rounding hardly grows: the product of all (w + 1)/(w − 1) is below 1.2.
pub(crate) const RATIO: f64 = 4.0;

/// Powers of h that are removed; more bring rounding and no truncation any more.
const ORDER: usize = 6;

/// How far apart two estimates may be, in units of their errors, before they are held to contradict each other.
/// Estimated errors are right within a small factor.
pub(crate) const SAFETY: f64 = 8.0;

/// A derivative by differences, and how wrong it may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The derivative.
    pub value: f64,
    /// Estimated error from the step not being 0.
    pub truncation: f64,
    /// Estimated error from noise and rounding of the function.
    pub rounding: f64,
    /// The smallest step that took part, along the direction.
    pub step: f64,
}

impl Estimate {
    /// Truncation and rounding together.
    pub fn error(&self) -> f64 {
        self.truncation + self.rounding
    }

    pub(crate) const NONE: Estimate =
        Estimate { value: f64::NAN, truncation: f64::INFINITY, rounding: f64::INFINITY, step: f64::INFINITY };
}

/// A difference quotient at one step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quotient {
    pub step: f64,
    pub value: f64,
    pub rounding: f64,
}

/// Which powers of the step the error of a quotient has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Powers {
    /// h², h⁴, h⁶, …
    Even,
    /// h, h³, h⁵, …
    Odd,
}

/// Calls `each` with the best entry of each row of the tableau, from the second row on. A quotient that is not finite
/// begins a new tableau.
pub(crate) fn rows(
    powers: Powers,
    quotients: impl Iterator<Item = Quotient>,
    mut each: impl FnMut(Estimate),
) {
    let first = match powers {
        Powers::Even => RATIO * RATIO,
        Powers::Odd => RATIO,
    };
    let (mut above, mut held) = ([(0.0, 0.0); ORDER + 1], 0);
    for q in quotients {
        if !q.value.is_finite() {
            held = 0;
            continue;
        }
        let mut row = [(0.0, 0.0); ORDER + 1];
        row[0] = (q.value, q.rounding);
        let (mut best, mut w) = (Estimate::NONE, first);
        for j in 1..=held {
            let ((finer, n), (coarser, m)) = (row[j - 1], above[j - 1]);
            let value = finer + (finer - coarser) / (w - 1.0);
            let rounding = (w * n + m) / (w - 1.0);
            row[j] = (value, rounding);
            let e = Estimate { value, truncation: (value - coarser).abs(), rounding, step: q.step };
            if e.error() < best.error() {
                best = e;
            }
            w *= RATIO * RATIO;
        }
        if held > 0 {
            each(best);
        }
        above = row;
        held = (held + 1).min(ORDER);
    }
}

/// The limit of the quotients as the step goes to 0: the estimate of least error, except that a row which contradicts
/// the best of the coarser ones takes its place, for the limit is that of small steps.
pub(crate) fn limit(powers: Powers, quotients: impl Iterator<Item = Quotient>) -> Option<Estimate> {
    let mut best: Option<Estimate> = None;
    rows(powers, quotients, |e| {
        let better = best.is_none_or(|b| {
            e.error() < b.error() || (e.value - b.value).abs() > SAFETY * (e.error() + b.error())
        });
        if better && e.error().is_finite() {
            best = Some(e);
        }
    });
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn central(phi: impl Fn(f64) -> f64, steps: usize) -> Vec<Quotient> {
        (0..steps)
            .map(|k| {
                let step = 0.125 * RATIO.powi(-(k as i32));
                let (p, m) = (phi(step), phi(-step));
                let rounding = f64::EPSILON * p.abs().max(m.abs()) / step;
                Quotient { step, value: (p - m) / (2.0 * step), rounding }
            })
            .collect()
    }

    #[test]
    fn the_limit_is_the_derivative_within_its_error() {
        type Case = (fn(f64) -> f64, f64);
        let cases: [Case; 5] = [
            (|t| (1.0 + t).exp(), 1f64.exp()),
            (|t| (2.0 + t).ln(), 0.5),
            (|t| (1e4 * t).sin(), 1e4),
            (|t| 1.0 / (1.0 + t), -1.0),
            (|t| (1.0 + t).powi(9), 9.0),
        ];
        for (k, (phi, exact)) in cases.into_iter().enumerate() {
            let e = limit(Powers::Even, central(phi, 14).into_iter()).unwrap();
            assert!((e.value - exact).abs() <= e.error(), "{k}: {e:?}");
            // h ~ 1e-2 of the length over which the function changes, so some hundred roundings.
            assert!(e.error() <= 1e-11 * exact.abs(), "{k}: {e:?}");
        }
    }

    #[test]
    fn quotients_that_are_not_finite_are_left_out() {
        // Not defined beyond 0.1, so the first step has no value.
        let e = limit(Powers::Even, central(|t| (0.1 - t.abs()).ln() + t, 14).into_iter()).unwrap();
        assert!((e.value - 1.0).abs() < 1e-9, "{e:?}");
        assert!(limit(Powers::Even, central(|_| f64::NAN, 14).into_iter()).is_none());
    }

    #[test]
    fn small_steps_overrule_large_ones_that_contradict_them() {
        // Large steps see no more of the narrow bump than that it is 0 on both sides.
        let phi = |t: f64| (-(t / 1e-4 + 0.5).powi(2)).exp();
        let exact = -(-0.25f64).exp() * 1e4;
        let e = limit(Powers::Even, central(phi, 14).into_iter()).unwrap();
        assert!((e.value - exact).abs() <= e.error(), "{e:?}");
    }
}
