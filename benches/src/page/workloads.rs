//! The workloads of docs/performance.md against central differences of hessite's own gradient, which ask nothing of a
//! user but a step.

use super::chart::{Axis, Chart, Method, Sample, Scale, Section, Series};
use super::contest::{Entry, contest, worst};
use super::{Effort, Error, words};
use crate::differences::{CENTRAL, Central};
use crate::problems::{self, Problem};
use crate::requests::{Asked, Request, Session};
use indicatif::ProgressBar;

fn cases(effort: Effort) -> Vec<(&'static str, Problem, Request)> {
    let mut cases = vec![("W2 small: Hessian", problems::small_network(), Request::Hessian)];
    if effort.largest > 2 {
        cases.push(("W2 softmax: H·v", problems::softmax(), Request::Hvp));
        cases.push(("W2 mlp: H·v", problems::network(), Request::Hvp));
        cases.push(("W3 n = 100 000: H·v", problems::rosenbrock(100_000), Request::Hvp));
        cases.push(("W4: H·v", problems::gaussian_mixture(), Request::Hvp));
        cases.push(("W6 n = 10 000: H·v", problems::luksan_vlcek(10_000), Request::Hvp));
        cases.push(("W7: H·v", problems::gaussian_process(200), Request::Hvp));
    }
    if effort.largest > 8 {
        cases.push(("W4: Hessian", problems::gaussian_mixture(), Request::Hessian));
        cases.push(("W7: Hessian", problems::gaussian_process(200), Request::Hessian));
    }
    cases
}

/// Their times over hessite's.
///
/// # Errors
/// What hessite refuses; differences that are wrong in the third digit.
pub fn section(effort: Effort, progress: &ProgressBar) -> Result<Section, Error> {
    let effort = Effort { rounds: effort.rounds.min(7), ..effort };
    let (mut series, mut seen, mut losses) = (Vec::new(), Vec::new(), Vec::new());
    for (look, (label, p, request)) in cases(effort).into_iter().enumerate() {
        progress.set_message(label);
        let session = Session::start(&p, request)?;
        let reference = session.stacked().to_vec();
        let mut entries =
            vec![Entry::exact(Method::Hessite, session), differences(&p, request, reference.len())?];
        let times = contest(&mut entries, &reference, effort)?;
        let error = worst(entries[1].contestant.answer(), &reference);
        let own = times[0].cpu;
        let ratio = times[1].cpu.map(|t| t / own.middle);
        seen.push(format!(
            "{label}: hessite takes {}, differences {} times that; they differ from hessite by {} of the largest entry.",
            words::spread(own),
            words::ratio(ratio.middle),
            words::power(error)
        ));
        if ratio.middle < 1.0 / words::TIE {
            losses.push(label.to_string());
        }
        series.push(Series {
            label: label.into(),
            look,
            samples: vec![Sample { x: own, y: ratio }],
            joined: false,
        });
        progress.inc(1);
    }
    seen.push(match losses.as_slice() {
        [] => format!("hessite loses none of these by more than {}.", words::TIE),
        losses => format!("hessite loses by more than {}: {}.", words::TIE, words::list(losses)),
    });
    Ok(Section {
        id: "workloads",
        heading: "The other workloads, against central differences",
        what: "The workloads of docs/performance.md at a new point, against central differences of hessite's own gradient \
               at the step ∛ε: two gradients for a product H·v, two for each variable for a Hessian. W2 are networks, W3 \
               Rosenbrock's function, W4 a Gaussian mixture, W6 Lukšan and Vlček's problem, W7 a Gaussian process. Above \
               the line hessite is faster. Rivals in other languages are in docs/performance.md."
            .into(),
        chart: Chart {
            title: "Workloads: central differences over hessite".into(),
            x: Axis { label: "CPU time of hessite, one thread".into(), scale: Scale::Seconds },
            y: Axis { label: "time of differences / hessite's".into(), scale: Scale::Ratios },
            series,
            line: Some((1.0, "as fast as hessite".into())),
        },
        seen,
    })
}

fn differences<'a>(p: &'a Problem, request: Request, len: usize) -> Result<Entry<'a>, Error> {
    let (mut asked, n) = (Asked::new(p)?, p.layout.len());
    // A refusal leaves NaN, which no comparison accepts.
    let mut gradient = move |x: &[f64], out: &mut [f64]| {
        if asked.gradient(x, out).is_err() {
            out.fill(f64::NAN);
        }
    };
    let mut central = Central::new(n);
    Ok(Entry::filling(Method::CentralGradient, 1e-3, len, move |out| match request {
        Request::Hessian => central.hessian(&mut gradient, &p.point, 0..n, CENTRAL, out),
        _ => central.hvp(&mut gradient, &p.point, &p.directions[..n], CENTRAL, out),
    }))
}
