//! What speaks for which fault, and the verdict.

use crate::extrapolate::SAFETY;
use crate::fault::Fault;
use crate::line::{Analysis, Break, Claim, FIRST, STANDARD};
use crate::report::{Along, Comparison, Place, Symmetry};

/// Noise over so many roundings of the value is no rounding.
const EXCESS: f64 = 1e4 * f64::EPSILON;

/// Absolute steps that differ by more than this have no common step between them: one that is small enough for the
/// one variable changes the other by less than √ε of its scale.
const SPREAD: f64 = 1e7;

/// What was seen along one coordinate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Coordinate {
    index: usize,
    /// The step, in units of the coordinate, at which the difference was best.
    step: f64,
    /// |∂f/∂xᵢ| and |∂²f/∂xᵢ²|, 0 where they are rounding.
    sizes: [f64; 2],
    /// Whether the value can't show the derivative: noise hides the change of a whole step.
    hidden: bool,
}

impl Coordinate {
    pub fn new(
        index: usize,
        unit: f64,
        noises: [f64; 2],
        second: f64,
        claim: &Claim,
        seen: &Analysis,
    ) -> Self {
        let [noise, rounding] = noises;
        let first = claim.exact.abs() / unit;
        let significant = |x: f64, noise: f64| if x > SAFETY * noise { x } else { 0.0 };
        let first = significant(first, rounding);
        Coordinate {
            index,
            step: seen.estimate.step * unit,
            sizes: [first, significant(second.abs(), rounding / unit)],
            hidden: first > 0.0 && first * unit * FIRST < noise,
        }
    }
}

/// How well differences resolve a derivative along a random direction.
#[derive(Clone, Copy, Debug)]
struct Resolution {
    noise: f64,
    /// Error of the difference in units of the derivative.
    relative: f64,
}

/// All that was seen. Index 0 is the gradient, 1 the Hessian.
#[derive(Debug)]
pub(crate) struct Evidence {
    tolerance: f64,
    worst: [Option<Comparison>; 2],
    /// Differences that converge to something else, with no kink to explain it.
    refuted: [Option<Comparison>; 2],
    kink: Option<(Place, Break)>,
    unresolved: Option<Comparison>,
    noisy: [Option<Resolution>; 2],
    drowned: Option<Resolution>,
    coordinates: Vec<Coordinate>,
}

impl Evidence {
    pub fn new(tolerance: f64) -> Self {
        Evidence {
            tolerance,
            worst: [None; 2],
            refuted: [None; 2],
            kink: None,
            unresolved: None,
            noisy: [None; 2],
            drowned: None,
            coordinates: Vec::new(),
        }
    }

    /// Judges one comparison; derivatives are along `unit` times what is reported.
    pub fn add(&mut self, place: Place, unit: f64, claim: &Claim, seen: &Analysis) {
        let e = &seen.estimate;
        let measured = e.value.is_finite();
        let ratio = if measured { claim.ratio(e, self.tolerance) } else { f64::INFINITY };
        let c = Comparison {
            place,
            exact: claim.exact / unit,
            difference: e.value / unit,
            expected: (SAFETY * e.error() + claim.floor) / unit,
            ratio,
        };
        let which = usize::from(place.row.is_some());
        keep(&mut self.worst[which], c);
        let explained = seen.broken.is_some_and(|b| explains(&b, claim, seen));
        if let Some(b) = seen.broken {
            if nearby(&b, seen) || (ratio > 1.0 && explained) {
                self.keep_kink(place, b);
            }
        }
        if !measured || (ratio <= 1.0 && seen.vague(claim.exact)) {
            keep(&mut self.unresolved, c);
        } else if ratio > 1.0 && !explained {
            keep(&mut self.refuted[which], c);
        }
    }

    /// The gradient's own kink, along a coordinate, says most.
    fn keep_kink(&mut self, place: Place, b: Break) {
        let rank = |p: &Place| (matches!(p.along, Along::Coordinate(_)), p.row.is_none());
        if self.kink.as_ref().is_none_or(|(p, _)| rank(&place) > rank(p)) {
            self.kink = Some((place, b));
        }
    }

    /// How well the value resolves its derivative along a random direction.
    pub fn value_resolution(&mut self, value: f64, noise: f64, claim: &Claim, seen: &Analysis) {
        let size = claim.exact.abs().max(seen.slope);
        let r = Resolution { noise, relative: seen.estimate.error() / size };
        if noise > EXCESS * (value.abs() + size) {
            if r.relative > self.tolerance {
                self.noisy[0] = worse(self.noisy[0], r);
            }
        } else if r.relative > 1e-2
            && claim.exact.abs() > SAFETY * claim.floor
            && claim.exact.abs() < SAFETY * seen.estimate.rounding
        {
            self.drowned = worse(self.drowned, r);
        }
    }

    /// The same for the gradient, all entries together in units of their scales. `sizes` are those of which rounding is
    /// a part.
    pub fn gradient_resolution(
        &mut self,
        scales: &[f64],
        sizes: &[f64],
        noises: &[f64],
        claims: &[Claim],
        seen: &[Analysis],
    ) {
        let (mut noise, mut magnitude, mut error, mut size) = (0.0, 0.0, 0.0, 0.0);
        for (i, s) in scales.iter().enumerate() {
            let slope = claims[i].exact.abs().max(seen[i].slope);
            noise += s * noises[i];
            magnitude += sizes[i] + s * slope;
            error += s * seen[i].estimate.error();
            size += s * slope;
        }
        let r = Resolution { noise, relative: error / size };
        if noise > EXCESS * magnitude && r.relative > self.tolerance {
            self.noisy[1] = worse(self.noisy[1], r);
        }
    }

    pub fn coordinate(&mut self, c: Coordinate) {
        self.coordinates.push(c);
    }

    /// The entry of the gradient (the Hessian) that fits least.
    pub fn worst(&self, second: bool) -> Option<Comparison> {
        self.worst[usize::from(second)]
    }

    /// Along what, and within which part of its scale, the function breaks.
    pub fn break_along(&self) -> Option<(Along, f64)> {
        self.kink.map(|(place, b)| (place.along, b.step))
    }

    /// Where the gradient (the Hessian) is refuted.
    pub fn refuted(&self, second: bool) -> Option<Place> {
        self.refuted[usize::from(second)].map(|c| c.place)
    }

    /// Who is likely at fault, where it shows, and the numbers that say so.
    ///
    /// What is refuted with no kink to explain it is wrong; of gradient and Hessian the gradient, against which the
    /// Hessian was measured. Otherwise a kink explains most, then noise, then scaling.
    pub fn diagnose(&self, symmetry: Option<Symmetry>) -> (Option<Fault>, Option<Place>, String) {
        let asymmetric = symmetry.filter(|s| s.ratio > 1.0);
        if let Some(c) = &self.refuted[0] {
            let fits = self.worst[1].is_some_and(|h| h.agrees()) && asymmetric.is_none();
            let but = if fits { "; the Hessian fits the gradient, so look at the value too" } else { "" };
            return (Some(Fault::WrongGradient), Some(c.place), refutation("value", "gradient", c) + but);
        }
        if let Some(c) = &self.refuted[1] {
            return (Some(Fault::WrongHessian), Some(c.place), refutation("gradient", "Hessian", c));
        }
        if let Some((place, b)) = &self.kink {
            return (Some(Fault::NearbyKink), Some(*place), kink(place, b));
        }
        if let Some(s) = asymmetric {
            let text = format!(
                "it differs from its transpose by {:.1e}, rounding explains {:.1e}",
                s.residual, s.expected
            );
            let place = match s.at {
                (Along::Coordinate(i), along) => Some(Place { row: Some(i), along }),
                _ => None,
            };
            return (Some(Fault::WrongHessian), place, text);
        }
        for (r, what) in self.noisy.iter().zip(["value", "gradient"]) {
            if let Some(r) = r {
                let text = format!(
                    "the {what} has noise of {:.1e}, far beyond rounding: differences are no better than {:.0e}, relatively",
                    r.noise, r.relative
                );
                return (Some(Fault::Noise), None, text);
            }
        }
        if let Some((place, text)) = self.scaling() {
            return (Some(Fault::BadScaling), place, text);
        }
        if let Some(c) = &self.unresolved {
            let text = match c.difference.is_finite() {
                true => format!(
                    "differences do not converge: {:.3e} with an error of {:.1e}",
                    c.difference, c.expected
                ),
                false => "the function is not finite on both sides of the point, at any step".into(),
            };
            return (Some(Fault::Unresolved), Some(c.place), text);
        }
        (None, None, String::new())
    }

    fn scaling(&self) -> Option<(Option<Place>, String)> {
        if let Some(r) = self.drowned {
            let text = format!(
                "the value is so large beside its change that rounding, {:.1e}, hides it; subtract a constant or rescale",
                r.noise
            );
            return Some((None, text));
        }
        let steps = || self.coordinates.iter().filter(|c| c.step.is_finite());
        let least = steps().min_by(|a, b| a.step.total_cmp(&b.step))?;
        let most = steps().max_by(|a, b| a.step.total_cmp(&b.step))?;
        let spread = |k: usize| {
            let sizes = || self.coordinates.iter().map(|c| c.sizes[k]).filter(|s| *s > 0.0);
            sizes().fold(0.0, f64::max) / sizes().fold(f64::INFINITY, f64::min)
        };
        let hidden = self.coordinates.iter().find(|c| c.hidden);
        let unequal = spread(0).max(spread(1));
        if most.step < SPREAD * least.step || (hidden.is_none() && unequal < 1.0 / f64::EPSILON) {
            return None;
        }
        let index = hidden.unwrap_or(least).index;
        let why = match hidden {
            Some(_) => "rounding of the value hides this variable".into(),
            None => format!("derivatives differ by a factor of {unequal:.0e}"),
        };
        let text = format!(
            "steps that suit the variables reach from {:.0e} to {:.0e}, and {why}; rescale the variables",
            least.step, most.step
        );
        Some((Some(Place { row: None, along: Along::Coordinate(index) }), text))
    }
}

/// Disagreement first, then coordinates before directions, then the larger ratio.
fn keep(held: &mut Option<Comparison>, c: Comparison) {
    let rank = |c: &Comparison| (c.ratio > 1.0, matches!(c.place.along, Along::Coordinate(_)), c.ratio);
    if held.as_ref().is_none_or(|h| rank(&c) > rank(h)) {
        *held = Some(c);
    }
}

fn worse(held: Option<Resolution>, r: Resolution) -> Option<Resolution> {
    match held {
        Some(h) if h.relative >= r.relative => held,
        _ => Some(r),
    }
}

/// Whether a break lies within a standard step: it shows there, or φ is smooth only at steps below, and a kink shows from
/// about twenty times its distance on.
fn nearby(b: &Break, seen: &Analysis) -> bool {
    b.step < STANDARD || (seen.smooth < STANDARD && b.step < 32.0 * STANDARD)
}

/// Whether a break excuses a claim: it is there at the step of the estimate, and the claim lies between the one-sided
/// slopes, which are infinite where φ itself jumps.
fn explains(b: &Break, claim: &Claim, seen: &Analysis) -> bool {
    let e = &seen.estimate;
    let reach = if b.of_value { f64::INFINITY } else { 0.55 * b.jump.abs() };
    b.step <= e.step && (claim.exact - e.value).abs() <= reach + SAFETY * e.error()
}

fn refutation(of: &str, what: &str, c: &Comparison) -> String {
    format!(
        "differences of the {of} converge to {:.9e} within {:.1e}, the {what} says {:.9e}",
        c.difference, c.expected, c.exact
    )
}

fn kink(place: &Place, b: &Break) -> String {
    let of = if place.row.is_some() { "gradient" } else { "value" };
    let what = if b.of_value { "" } else { "slope of the " };
    let step = b.step;
    format!("the {what}{of} jumps by {:.3e} within {step:.0e} of the scale of the direction", b.jump.abs())
}
