//! Errors of the workloads' H·v: against the step of a difference, and with their times.

use super::chart::{Axis, Chart, Method, Sample, Scale, Section, Series, Spread};
use super::contest::{Entry, contest};
use super::{Effort, Error, words};
use crate::chains::{Chain, tridiagonal};
use crate::problems::{self, Problem};
use crate::references::{self, Reference};
use crate::requests::{Asked, Request, Session};
use crate::scalar_engines::{echidna_tape, num_dual_product};
use hessite_check::differences::{Step, curvature_central, product_central, product_forward};
use hessite_check::{Estimate, estimates};
use indicatif::ProgressBar;
use nalgebra::SVector;
use std::cell::RefCell;

/// What the curves have in common.
pub const NO_BARS: &str = "Errors are computed at one point and do not vary from run to run, so they have no bars. Steps where the error is above 10 \
     are left out.";

/// The sections: a curve for each workload, and times and errors of all.
///
/// # Errors
/// A result is wrong.
pub fn sections(effort: Effort, progress: &ProgressBar) -> Result<Vec<Section>, Error> {
    // Differences of values take seconds for the largest of these.
    let all =
        references::products()?.into_iter().filter(|r| effort.largest > 8 || r.exact.rounded().len() < 200);
    let (mut sections, mut plane) = (Vec::new(), Plane::default());
    for r in all {
        progress.set_message(format!("errors, {}", r.name));
        let n = r.problem.layout.len();
        let own = r.exact.error(Session::start(&r.problem, Request::Hvp)?.stacked());
        let steps = steps(&r)?;
        sections.push(Section {
            id: file(r.id),
            heading: heading(r.id),
            what: format!(
                "H·v of {} along its first direction: the largest error of an entry relative to the largest entry, against \
                 mpmath to 50 digits (`benches/data/references.py`). Differences are hessite-check's, of values and gradients by \
                 hessite; those of values take four values for each of the {n} entries{}. {NO_BARS}",
                r.name,
                match every(n) {
                    1 => String::new(),
                    k => format!(", of which, for the time that this takes, only every {k}th is computed, which can only flatter them"),
                }
            ),
            seen: lowest(&steps, own),
            chart: chart(format!("Error of H·v against step: {}", r.name), steps, own),
        });
        plane.add(&r, effort)?;
        progress.inc(1);
    }
    sections.push(plane.section());
    Ok(sections)
}

/// Of the picture's file.
fn file(id: &str) -> &'static str {
    match id {
        "small" => "steps-small",
        "softmax" => "steps-softmax",
        "mlp" => "steps-mlp",
        "rosenbrock" => "steps-rosenbrock",
        "mixture" => "steps-mixture",
        "luksan-vlcek" => "steps-luksan-vlcek",
        _ => "steps-process",
    }
}

fn heading(id: &str) -> &'static str {
    match id {
        "small" => "Error against step: a small network",
        "softmax" => "Error against step: softmax regression",
        "mlp" => "Error against step: a network with a layer of tanh",
        "rosenbrock" => "Error against step: Rosenbrock's function",
        "mixture" => "Error against step: a Gaussian mixture",
        "luksan-vlcek" => "Error against step: Lukšan and Vlček's problem",
        _ => "Error against step: a Gaussian process",
    }
}

/// Differences of values are computed for every so many-th of n entries.
fn every(n: usize) -> usize {
    if n > LARGE { 16 } else { 1 }
}

/// Entries of H·v beyond which four values for each take a second and more.
const LARGE: usize = 1000;

/// A function by hessite, for differences to take. A refusal leaves NaN, which no comparison accepts.
struct Taken<'p>(Asked<'p>);

impl Taken<'_> {
    fn gradient(&mut self, x: &[f64], out: &mut [f64]) {
        if self.0.gradient(x, out).is_err() {
            out.fill(f64::NAN);
        }
    }

    fn value(&mut self, x: &[f64]) -> f64 {
        self.0.value(x).unwrap_or(f64::NAN)
    }

    /// H·v by differences.
    fn differ(&mut self, method: Method, step: Step, out: &mut [f64]) -> Result<(), Error> {
        let (x, v) = (&self.0.problem.point, &self.0.problem.directions[..out.len()]);
        match method {
            Method::CentralGradient => product_central(|x, g| self.gradient(x, g), x, v, step, out)?,
            Method::ForwardGradient => product_forward(|x, g| self.gradient(x, g), x, v, step, out)?,
            Method::Extrapolated => {
                let mut found = vec![Estimate::default(); out.len()];
                let ladder = estimates::Method::Richardson;
                estimates::product(|x, g| self.gradient(x, g), x, v, ladder, &mut found)?;
                out.iter_mut().zip(&found).for_each(|(o, e)| *o = e.value);
            }
            Method::FiniteDiff => {
                let this = RefCell::new(self);
                let gradient = |x: &Vec<f64>| {
                    let mut g = vec![0.0; x.len()];
                    this.borrow_mut().gradient(x, &mut g);
                    Ok(g)
                };
                let product = finitediff::vec::central_hessian_vec_prod(&gradient)(x, &v.to_vec());
                out.copy_from_slice(&product.map_err(|e| e.to_string())?);
            }
            _ => {
                let mut unit = vec![0.0; out.len()];
                let entries = every(out.len());
                for (i, o) in out.iter_mut().enumerate().step_by(entries) {
                    unit[i] = 1.0;
                    *o = curvature_central(|x| self.value(x), x, &unit, v, step)?;
                    unit[i] = 0.0;
                }
            }
        }
        Ok(())
    }
}

/// Errors of three kinds of differences at each step.
///
/// # Errors
/// What hessite refuses.
pub fn steps(r: &Reference) -> Result<Vec<Series>, Error> {
    let mut asked = Taken(Asked::new(&r.problem)?);
    let mut out = vec![0.0; r.problem.layout.len()];
    let mut curves = Vec::new();
    for method in [Method::CentralGradient, Method::ForwardGradient, Method::CentralValue] {
        let mut samples = Vec::new();
        // Values take n times as long as gradients, and are of no use at smaller steps.
        let halves = if method == Method::CentralValue { (2..=16).step_by(2) } else { (2..=24).step_by(1) };
        for k in halves {
            let h = 10f64.powf(-0.5 * f64::from(k));
            asked.differ(method, Step::Absolute(h), &mut out)?;
            let entries = if method == Method::CentralValue { every(out.len()) } else { 1 };
            samples.push(Sample {
                x: Spread::exact(h),
                y: Spread::exact(r.exact.error_of_every(entries, &out)),
            });
        }
        samples.retain(|s| s.y.middle < 10.0);
        if !samples.is_empty() {
            curves.push(Series::of(method, samples));
        }
    }
    Ok(curves)
}

/// The sample with the least error.
pub fn best(curve: &Series) -> Sample {
    let mut best = curve.samples[0];
    for s in &curve.samples {
        if s.y.middle < best.y.middle {
            best = *s;
        }
    }
    best
}

/// How near each kind of difference comes, and whether hessite comes nearer.
pub fn lowest(curves: &[Series], own: f64) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for c in curves {
        let b = best(c);
        seen.push(format!(
            "The {} are closest at the step {}, with an error of {}: {} times that of hessite.",
            c.label,
            words::power(b.x.middle),
            words::power(b.y.middle),
            words::power(b.y.middle / own),
        ));
    }
    let closer: Vec<String> =
        curves.iter().filter(|c| best(c).y.middle <= own).map(|c| c.label.clone()).collect();
    seen.push(format!(
        "hessite has no step, and an error of {}; {}.",
        words::power(own),
        match closer.as_slice() {
            [] => "no step of any difference comes as close".to_string(),
            closer => format!("it loses to the best step of {}", words::list(closer)),
        }
    ));
    seen
}

/// Errors against steps.
pub fn chart(title: String, series: Vec<Series>, own: f64) -> Chart {
    Chart {
        title,
        x: Axis { label: "step h of the difference (entries are around 1)".into(), scale: Scale::Powers },
        y: Axis { label: "largest error / largest entry".into(), scale: Scale::Powers },
        series,
        line: Some((own, "hessite, which has no step".into())),
    }
}

/// Times over hessite's, and errors, of each method on each workload.
#[derive(Default)]
struct Plane(Vec<(Method, Vec<(&'static str, Sample)>)>);

impl Plane {
    fn add(&mut self, r: &Reference, effort: Effort) -> Result<(), Error> {
        let mut entries = entries(r)?;
        let effort = Effort { rounds: effort.rounds.min(7), ..effort };
        let times = contest(&mut entries, &r.exact.rounded(), effort)?;
        for (e, time) in entries.iter().zip(&times) {
            let error = Spread::exact(r.exact.error(e.contestant.answer()));
            let sample = Sample { x: time.cpu.map(|t| t / times[0].cpu.middle), y: error };
            match self.0.iter_mut().find(|(m, _)| *m == e.method) {
                Some((_, samples)) => samples.push((r.name, sample)),
                None => self.0.push((e.method, vec![(r.name, sample)])),
            }
        }
        Ok(())
    }

    fn section(self) -> Section {
        Section {
            id: "plane-products",
            heading: "Error and time: H·v of all workloads",
            what: "H·v at a new point, a mark for each workload of the curves above: further left is faster, further down is \
                   closer. Differences stand at the step that hessite-check takes by itself, with gradients and values by hessite; \
                   extrapolated ones are hessite-check's, finitediff's have its own step. Those of values, four for each \
                   entry, are left out for the mlp, where they take over a second. echidna, num-dual and the closed form by \
                   hand are there for W3 and W6. Bars are of the times."
                .into(),
            seen: self.seen(),
            chart: Chart {
                title: "Error and time of H·v, one thread".into(),
                x: Axis { label: "CPU time / hessite's median time".into(), scale: Scale::Ratios },
                y: Axis { label: "largest error / largest entry".into(), scale: Scale::Powers },
                series: self.0.into_iter().map(|(method, samples)| series(method, samples)).collect(),
                line: None,
            },
        }
    }

    fn seen(&self) -> Vec<String> {
        let range = |numbers: Vec<f64>, say: fn(f64) -> String| {
            let (low, high) = numbers.iter().fold((f64::INFINITY, 0.0f64), |(l, h), &n| (l.min(n), h.max(n)));
            if low == high { say(low) } else { format!("{} to {}", say(low), say(high)) }
        };
        let (mut seen, mut lost) = (Vec::new(), Vec::new());
        for (method, samples) in &self.0 {
            let errors = range(samples.iter().map(|(_, s)| s.y.middle).collect(), words::power);
            let times = range(samples.iter().map(|(_, s)| s.x.middle).collect(), words::ratio);
            seen.push(match method {
                Method::Hessite => format!("hessite errs by {errors}."),
                method => format!("{}: errors of {errors}, {times} times hessite's time.", method.name()),
            });
            let faster = samples.iter().filter(|(_, s)| s.x.middle < 1.0 / words::TIE);
            lost.extend(faster.map(|(name, s)| {
                format!("{} on {name} ({} of the time)", method.spoken(), words::digits(s.x.middle))
            }));
        }
        seen.push(match lost.as_slice() {
            [] => format!("Nothing here is faster by more than {}.", words::TIE),
            lost => format!("hessite loses by more than {} to {}.", words::TIE, words::list(lost)),
        });
        seen
    }
}

fn series(method: Method, samples: Vec<(&'static str, Sample)>) -> Series {
    let samples = samples.into_iter().map(|(_, s)| s).collect();
    Series { joined: false, ..Series::of(method, samples) }
}

fn entries(r: &Reference) -> Result<Vec<Entry<'_>>, Error> {
    let (p, n) = (&r.problem, r.problem.layout.len());
    let mut entries = vec![Entry::exact(Method::Hessite, Session::start(p, Request::Hvp)?)];
    let differences = [
        Method::CentralGradient,
        Method::ForwardGradient,
        Method::Extrapolated,
        Method::FiniteDiff,
        Method::CentralValue,
    ];
    for method in differences.into_iter().filter(|&m| m != Method::CentralValue || n <= LARGE) {
        let mut asked = Taken(Asked::new(p)?);
        entries.push(Entry::filling(method, 0.1, n, move |out| {
            if asked.differ(method, Step::Auto, out).is_err() {
                out.fill(f64::NAN);
            }
        }));
    }
    if matches!(r.id, "rosenbrock" | "luksan-vlcek") {
        entries.extend(scalars(p, problems::chain(n, r.id == "luksan-vlcek")));
    }
    Ok(entries)
}

/// Variables of W3 and W6 here.
const SHORT: usize = 20;

fn scalars(p: &Problem, chain: Chain) -> Vec<Entry<'_>> {
    let (x, v, n) = (&p.point, &p.directions[..SHORT], SHORT);
    let tape = echidna_tape::of_chain(&chain, x);
    let (mut duals, mut adjoints, mut bands) = (Vec::new(), Vec::new(), vec![0.0; 2 * n - 1]);
    let (fixed_x, fixed_v) = (SVector::from_column_slice(x), SVector::from_column_slice(v));
    let other = chain.clone();
    vec![
        Entry::filling(Method::Hand, 1e-9, n, move |out| {
            chain.bands(x, &mut bands);
            tridiagonal(&bands, v, out);
        }),
        Entry::filling(Method::Echidna, 1e-9, n, move |out| {
            *out = tape.hvp_with_buf(x, v, &mut duals, &mut adjoints).1;
        }),
        Entry::filling(Method::NumDual, 1e-9, n, move |out| {
            out.copy_from_slice(num_dual_product::<SHORT>(&other, &fixed_x, &fixed_v).as_slice());
        }),
    ]
}
