//! A function along a line, t ↦ φ(t) ∈ ℝᵐ with φ(t) = f(x + t d) or ∇f(x + t d), sampled at ±h for a ladder of steps h, and
//! what the samples say about φ′(0).
//!
//! From φ(±h) and φ(0) come
//!
//! * D(h) = (φ(h) − φ(−h)) / 2h = φ′ + O(h²), the derivative, with rounding ε/h for noise ε of φ;
//! * S(h) = (φ(h) − 2φ(0) + φ(−h)) / h, the difference of the one-sided slopes: O(h) where φ is smooth, and the jump
//!   φ′(0⁺) − φ′(0⁻) plus O(h) at a kink, with rounding 4ε/h;
//! * V(h) = φ(h) − φ(−h): O(h) where φ is continuous, else its jump plus O(h).
//!
//! All three are extrapolated to h = 0. A kink at a distance δ of the point shows in S and V at the steps above δ.

use crate::extrapolate::{Estimate, Powers, Quotient, RATIO, SAFETY, limit, rows};

/// The first step, as a part of the scale of the direction; a power of two, as all steps are.
pub(crate) const FIRST: f64 = 0.125;

/// Steps down to 2·10⁻¹⁵ of the scale: below, x + h is too coarse.
const LEVELS: usize = 24;

/// Before so many steps nothing is decided.
const ENOUGH: usize = 3;

/// The step of least error of a plain central difference, ∛ε of the scale: a kink below it is called nearby.
pub(crate) const STANDARD: f64 = 6e-6;

/// An estimate whose truncation makes up more of the derivative than this has not converged.
const VAGUE: f64 = 1e-3;

/// Rounding of a function's value in units of ε of its size: a few operations.
const OPERATIONS: f64 = 4.0;

/// A break of φ at or close to t = 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Break {
    /// The smallest step at which it shows: it lies no further away.
    pub step: f64,
    /// By how much the slope (the value) jumps.
    pub jump: f64,
    /// Whether φ itself jumps, or its slope alone.
    pub of_value: bool,
}

/// What the samples of one component say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Analysis {
    /// φ′(0).
    pub estimate: Estimate,
    /// A break, if there is one within the steps.
    pub broken: Option<Break>,
    /// The secant from φ(0) at the estimate's step, as far as noise lets it be seen: how large the derivative is
    /// hereabouts.
    pub slope: f64,
    /// The largest step at which φ is seen to be smooth: its estimate is good, and fits the final one.
    pub smooth: f64,
}

/// What is compared with the derivative of one component.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim {
    /// The value claimed for φ′(0).
    pub exact: f64,
    /// Noise of φ near t = 0 beyond its own rounding, absolute.
    pub noise: f64,
    /// Error of `exact` itself: what its own rounding may be.
    pub floor: f64,
    /// The largest jump that may be rounding of φ where it moves by jumps.
    pub quantum: f64,
}

impl Claim {
    /// |exact − difference| in units of what is allowed, SAFETY·(expected error) + floor + tolerance·(the larger one).
    pub fn ratio(&self, e: &Estimate, tolerance: f64) -> f64 {
        let residual = (self.exact - e.value).abs();
        let allowed = SAFETY * e.error() + self.floor + tolerance * self.exact.abs().max(e.value.abs());
        if residual == 0.0 { 0.0 } else { residual / allowed }
    }
}

/// The samples.
struct Ladder {
    center: Vec<f64>,
    steps: Vec<f64>,
    plus: Vec<Vec<f64>>,
    minus: Vec<Vec<f64>>,
}

impl Ladder {
    fn descend(&mut self, phi: &mut dyn FnMut(f64, &mut [f64])) {
        let step = FIRST * RATIO.powi(-(self.steps.len() as i32));
        let (mut plus, mut minus) = (vec![0.0; self.center.len()], vec![0.0; self.center.len()]);
        phi(step, &mut plus);
        phi(-step, &mut minus);
        self.steps.push(step);
        self.plus.push(plus);
        self.minus.push(minus);
    }

    fn last(&self) -> f64 {
        self.steps.last().copied().unwrap_or(FIRST)
    }

    /// The least change of a component that stands still at smaller steps: what is left of 1 − tanh² far out moves by
    /// jumps of ε, however small it is itself.
    fn quantum(&self, i: usize) -> f64 {
        let change = |k: usize| {
            let (p, m) =
                ((self.plus[k][i] - self.center[i]).abs(), (self.minus[k][i] - self.center[i]).abs());
            if p > 0.0 && m > 0.0 { p.min(m) } else { p.max(m) }
        };
        let changes = (0..self.steps.len()).rev().map(change);
        let mut moving = changes.skip_while(|c| *c == 0.0);
        let still = self.steps.last().is_some() && change(self.steps.len() - 1) == 0.0;
        if still { moving.next().unwrap_or(0.0) } else { 0.0 }
    }

    fn analyse(&self, i: usize, claim: &Claim) -> Analysis {
        let zero = self.center[i];
        let quantum = Some(self.quantum(i)).filter(|q| *q <= claim.quantum).unwrap_or(0.0);
        let sample = |k: usize| {
            let (h, p, m) = (self.steps[k], self.plus[k][i], self.minus[k][i]);
            let largest = p.abs().max(m.abs()).max(zero.abs());
            // The moved point is rounded too, which moves φ by less than |φ'| of an ulp of the scale.
            let rounding = (OPERATIONS * f64::EPSILON * largest).max(quantum);
            let noise = claim.noise.max(rounding) + f64::EPSILON * claim.exact.abs();
            (h, p, m, noise)
        };
        let all = 0..self.steps.len();
        let central = all.clone().map(sample).map(|(step, p, m, noise)| Quotient {
            step,
            value: (p - m) / (2.0 * step),
            rounding: noise / step,
        });
        let slopes = all.clone().map(sample).map(|(step, p, m, noise)| Quotient {
            step,
            value: ((p - zero) + (m - zero)) / step,
            rounding: 4.0 * noise / step,
        });
        let values = all.clone().map(sample).map(|(step, p, m, noise)| Quotient {
            step,
            value: p - m,
            rounding: 2.0 * noise,
        });
        let secant = |k: usize| {
            let (h, p, m, noise) = sample(k);
            let s = ((p - zero).abs().max((m - zero).abs()) - 2.0 * noise) / h;
            if s.is_finite() { s.max(0.0) } else { 0.0 }
        };
        let steepest = all.map(secant).fold(0.0, f64::max);
        let broken = jump(values, 0.0, true).or(jump(slopes, steepest, false));
        let estimate = limit(Powers::Even, central.clone()).unwrap_or(Estimate::NONE);
        let mut smooth = 0.0f64;
        rows(Powers::Even, central, |e| {
            let good = e.error() <= VAGUE * e.value.abs().max(secant(level(e.step)));
            if good && (e.value - estimate.value).abs() <= SAFETY * (e.error() + estimate.error()) {
                smooth = smooth.max(e.step);
            }
        });
        let slope = if estimate.step.is_finite() { secant(level(estimate.step)) } else { steepest };
        Analysis { estimate, broken, slope, smooth }
    }
}

impl Analysis {
    /// Whether the estimate has not converged: truncation makes up more than a thousandth of the derivative.
    pub fn vague(&self, exact: f64) -> bool {
        let e = &self.estimate;
        e.truncation > VAGUE * self.slope.max(exact.abs()) && e.truncation > SAFETY * e.rounding
    }
}

/// The number of a step on the ladder.
fn level(step: f64) -> usize {
    ((FIRST / step).log2() / RATIO.log2()).round() as usize
}

/// A jump that stands out from its error at two steps running, with one value for both. Where φ is smooth all
/// extrapolated values are errors, and neighbours differ by as much as they are.
fn jump(quotients: impl Iterator<Item = Quotient>, size: f64, of_value: bool) -> Option<Break> {
    let (mut found, mut before) = (None, None);
    rows(Powers::Odd, quotients, |e| {
        let stands_out = e.value.abs() > SAFETY * e.error() && e.value.abs() > 1e-6 * size;
        let same = before.is_some_and(|b: f64| (e.value - b).abs() < 0.25 * e.value.abs());
        if stands_out && same {
            found = Some(Break { step: e.step, jump: e.value, of_value });
        }
        before = stands_out.then_some(e.value);
    });
    found
}

/// Samples φ at smaller and smaller steps until each claim is confirmed, or to the end of the ladder.
///
/// A claim is confirmed when it fits an estimate that is as good as it gets (or far better than asked), and no break
/// is in sight that smaller steps may leave behind.
pub(crate) fn measure(
    phi: &mut dyn FnMut(f64, &mut [f64]),
    center: &[f64],
    claims: &dyn Fn(usize) -> Claim,
    tolerance: f64,
) -> Vec<Analysis> {
    let mut ladder =
        Ladder { center: center.to_vec(), steps: Vec::new(), plus: Vec::new(), minus: Vec::new() };
    while ladder.steps.len() < LEVELS {
        ladder.descend(phi);
        let h = ladder.last();
        let confirmed = |i: usize| {
            let (claim, a) = (claims(i), ladder.analyse(i, &claims(i)));
            let e = &a.estimate;
            let good = e.error() <= 1e-2 * tolerance * claim.exact.abs();
            let best = e.step > RATIO * RATIO * h * 0.99;
            let calm = a.broken.is_none() || h < STANDARD;
            claim.ratio(e, tolerance) <= 1.0 && (good || best) && calm && !a.vague(claim.exact)
        };
        if ladder.steps.len() >= ENOUGH && (0..center.len()).all(confirmed) {
            break;
        }
    }
    (0..center.len()).map(|i| ladder.analyse(i, &claims(i))).collect()
}
