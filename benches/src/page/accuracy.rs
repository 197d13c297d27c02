//! Error against step, and against time.

use super::blocks::second_entries;
use super::chart::{Axis, Chart, Method, Sample, Scale, Section, Series, Spread};
use super::contest::{Entry, contest};
use super::{Effort, Error, curves, words};
use crate::differences::{self, Central};
use crate::references::{N, second_derivative};
use crate::{by_hand, problems};
use indicatif::ProgressBar;

const M: usize = N * N;

/// The four kinds of differences and the step that theory recommends.
const KINDS: [(Method, f64); 4] = [
    (Method::CentralGradient, differences::CENTRAL),
    (Method::ForwardGradient, differences::FORWARD),
    (Method::CentralValue, differences::SECOND),
    // ∛ε balances a truncation of h against a rounding of ε/h².
    (Method::ForwardValue, differences::CENTRAL),
];

/// d²L/dY² by one kind of differences.
fn differ(method: Method, point: &[f64], h: f64, out: &mut [f64]) {
    let (mut value, mut gradient) = (by_hand::value_of_stacked(N), by_hand::gradient_of_stacked(N));
    let y = M..2 * M;
    match method {
        Method::CentralGradient => Central::new(2 * M).hessian(gradient, point, y, h, out),
        Method::ForwardGradient => {
            let (mut here, mut ahead, mut at) = (vec![0.0; 2 * M], vec![0.0; 2 * M], point.to_vec());
            gradient(point, &mut here);
            for (column, k) in out.chunks_exact_mut(M).zip(y.clone()) {
                at[k] = point[k] + h;
                gradient(&at, &mut ahead);
                at[k] = point[k];
                let pairs = ahead[y.clone()].iter().zip(&here[y.clone()]);
                column.iter_mut().zip(pairs).for_each(|(o, (a, b))| *o = (a - b) / h);
            }
        }
        Method::CentralValue => differences::second_differences(&mut value, point, y, h, out),
        _ => differences::forward_second_differences(&mut value, point, y, h, out),
    }
}

/// The V curves and the plane of time and error.
///
/// # Errors
/// A result is wrong.
pub fn sections(effort: Effort, progress: &ProgressBar) -> Result<Vec<Section>, Error> {
    progress.set_message("errors by step");
    let (exact, p) = (second_derivative()?, problems::product_norm(N, 0));
    let curve = |(method, _): (Method, f64)| {
        let sample = |k: i32| {
            let (h, mut out) = (10f64.powf(-0.5 * f64::from(k)), vec![0.0; M * M]);
            differ(method, &p.point, h, &mut out);
            Sample { x: Spread::exact(h), y: Spread::exact(exact.error(&out)) }
        };
        Series::of(method, (2..=24).map(sample).filter(|s| s.y.middle < 10.0).collect())
    };
    let curves: Vec<Series> = KINDS.into_iter().map(curve).collect();
    progress.inc(1);

    progress.set_message("error and time");
    let mut entries = second_entries(&p, N)?;
    for (method, h) in [KINDS[1], KINDS[3]] {
        let point = &p.point;
        entries.push(Entry::filling(method, 0.1, M * M, move |out| differ(method, point, h, out)));
    }
    let times = contest(&mut entries, &exact.rounded(), effort)?;
    let mut plane = Vec::new();
    for (e, time) in entries.iter().zip(&times) {
        let error = exact.error(e.contestant.answer());
        let curve = curves.iter().find(|c| c.look == e.method.look());
        let y = curve.map_or(Spread::exact(error), |c| around(c, error));
        let mut series = Series::of(e.method, vec![Sample { x: time.cpu, y }]);
        series.joined = false;
        plane.push(series);
    }
    progress.inc(1);
    let own = plane[0].samples[0].y.middle;
    Ok(vec![steps_section(curves, own), plane_section(plane)])
}

/// From the error at the best step to the largest one that a step ten times as large or as small has.
fn around(curve: &Series, recommended: f64) -> Spread {
    let b = curves::best(curve);
    let near = curve.samples.iter().filter(|s| (0.09..11.0).contains(&(s.x.middle / b.x.middle)));
    let high = near.map(|s| s.y.middle).fold(recommended, f64::max);
    Spread { middle: recommended, low: b.y.middle.min(recommended), high }
}

fn steps_section(steps: Vec<Series>, own: f64) -> Section {
    let title = format!("Error of d²L/dY² of ‖XXY‖, n = {N}, against step");
    Section {
        id: "steps",
        heading: "Error against step: d²L/dY² of ‖XXY‖",
        what: format!(
            "d²L/dY² of ‖X·X·Y‖_F at n = {N}: the largest error of an entry relative to the largest entry, against second \
             derivatives to 50 digits made without any derivative rule (`benches/data/second_derivative.py`). {}",
            curves::NO_BARS
        ),
        seen: curves::lowest(&steps, own),
        chart: curves::chart(title, steps, own),
    }
}

fn plane_section(plane: Vec<Series>) -> Section {
    let own = plane[0].samples[0];
    let hand = Method::Hand;
    let name = |s: &Series| if s.look == hand.look() { hand.spoken().into() } else { s.label.clone() };
    let closest = |s: &Series| s.samples[0].y.low;
    let time = |s: &Series| s.samples[0].x.middle / own.x.middle;
    let others = &plane[1..];
    let worse: Vec<String> = others
        .iter()
        .filter(|s| time(s) > words::TIE && closest(s) > 10.0 * own.y.middle)
        .map(|s| format!("{} ({} times the time)", s.label, words::digits(time(s))))
        .collect();
    let slower: Vec<String> = others
        .iter()
        .filter(|s| time(s) > words::TIE && closest(s) <= 10.0 * own.y.middle)
        .map(|s| format!("{} ({} times the time)", s.label, words::digits(time(s))))
        .collect();
    let faster: Vec<String> = others.iter().filter(|s| time(s) < 1.0 / words::TIE).map(name).collect();
    let mut seen =
        vec![format!("hessite takes {} and errs by {}.", words::spread(own.x), words::power(own.y.middle))];
    if !worse.is_empty() {
        seen.push(format!(
            "Both slower and, even at their best step, ten times further off or more: {}.",
            words::list(&worse)
        ));
    }
    if !slower.is_empty() {
        seen.push(format!("As close within a factor of ten, but slower: {}.", words::list(&slower)));
    }
    seen.push(match faster.as_slice() {
        [] => "Nothing here is faster by more than 1.3.".into(),
        faster => {
            format!("hessite loses by more than {} to {}.", words::TIE, words::list(faster))
        }
    });
    Section {
        id: "plane",
        heading: "Error and time",
        what: format!(
            "Each way to d²L/dY² of ‖X·X·Y‖_F at n = {N}: further left is faster, further down is closer. \
             Differences stand at the step that theory recommends for f64; their bars reach from the error at the best step, \
             which one can't know without the answer, to that of a step ten times larger or smaller."
        ),
        chart: Chart {
            title: format!("Error and time of d²L/dY² of ‖XXY‖, n = {N}"),
            x: Axis { label: "CPU time of one evaluation, one thread".into(), scale: Scale::Seconds },
            y: Axis { label: "largest error / largest entry".into(), scale: Scale::Powers },
            series: plane,
            line: None,
        },
        seen,
    }
}
