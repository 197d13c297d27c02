//! Time against size for ‖X·X·Y‖_F.

use super::chart::{Axis, Chart, Method, Sample, Scale, Section, Series, Spread};
use super::contest::{Entry, Time, contest};
use super::{Effort, Error, words};
use crate::differences::{CENTRAL, Central, FORWARD};
use crate::problems::{self, Problem};
use crate::requests::{Request, Session};
use crate::{by_hand, scalar_engines};
use indicatif::ProgressBar;
use nalgebra::DMatrix;

/// The k-th n×n matrix of a stacked vector.
pub fn matrix(stacked: &[f64], n: usize, k: usize) -> DMatrix<f64> {
    DMatrix::from_column_slice(n, n, &stacked[k * n * n..(k + 1) * n * n])
}

/// What has been timed so far, by method.
#[derive(Default)]
pub struct Timed(Vec<(Method, Vec<Sample>)>);

impl Timed {
    /// One size.
    pub fn add(&mut self, n: usize, methods: &[Method], times: &[Time]) {
        for (&method, time) in methods.iter().zip(times) {
            let sample = Sample { x: Spread::exact(n as f64), y: time.cpu };
            match self.0.iter_mut().find(|(m, _)| *m == method) {
                Some((_, samples)) => samples.push(sample),
                None => self.0.push((method, vec![sample])),
            }
        }
    }

    /// As a picture.
    pub fn chart(self, title: &str) -> Chart {
        let with_slope = |(method, samples): (Method, Vec<Sample>)| {
            let mut series = Series::of(method, samples);
            if let Some(slope) = series.slope() {
                series.label += &format!(", slope {slope:.1}");
            }
            series
        };
        Chart {
            title: title.to_string(),
            x: Axis { label: "rows and columns n of X and Y".into(), scale: Scale::Sizes },
            y: Axis { label: "CPU time of one evaluation".into(), scale: Scale::Seconds },
            series: self.0.into_iter().map(with_slope).collect(),
            line: None,
        }
    }
}

/// H·v over X and Y.
///
/// # Errors
/// A result is wrong.
pub fn products(effort: Effort, progress: &ProgressBar) -> Result<[Section; 2], Error> {
    let mut timed = Timed::default();
    for n in [4, 8, 16, 32, 64, 128, 256].into_iter().filter(|&n| n <= 16 * effort.largest) {
        progress.set_message(format!("H·v, n = {n}"));
        let p = problems::product_norm(n, 1);
        let mut reference = vec![0.0; 2 * n * n];
        product_by_hand(&p, n)(&mut reference);
        let mut entries = product_entries(&p, n)?;
        let times = contest(&mut entries, &reference, effort)?;
        let methods: Vec<Method> = entries.iter().map(|e| e.method).collect();
        timed.add(n, &methods, &times);
        progress.inc(1);
    }
    let chart = timed.chart("H·v of ‖XXY‖ over X and Y, one thread");
    let fair = [Method::Hand, Method::CentralGradient, Method::Echidna];
    let mut compared = words::against(&chart, Method::Hessite, &fair);
    compared.extend(words::against(&chart, Method::HessiteKept, &[Method::ForwardGradient]));
    let ratios = Section {
        id: "hvp-ratio",
        heading: "A product H·v: the rivals' time over hessite's",
        what: "The same times, each over hessite's median at a new point. Above the line hessite is faster."
            .into(),
        chart: ratios(&chart, "H·v of ‖XXY‖: time over hessite's"),
        seen: compared,
    };
    let times = Section {
        id: "hvp",
        heading: "A product H·v",
        what: "One product of the Hessian of ‖X·X·Y‖_F over X and Y, n×n each, with one direction. hessite's and the \
               closed form's times hold a new point; “point kept” applies the linear map alone. Differences take the \
               gradient by hand, which is faster than any engine's; forward differences are given ∇f(x), so their rival \
               is the kept point. echidna replays a tape of scalars recorded beforehand. The crate finitediff is in the criterion bench hvp. Slopes are those of the last \
               three sizes."
            .into(),
        seen: words::growth(&chart, Method::Hessite),
        chart,
    };
    Ok([times, ratios])
}

/// Every time of a chart over hessite's median at the same size.
pub fn ratios(chart: &Chart, title: &str) -> Chart {
    let own = words::series(chart, Method::Hessite);
    let over = |s: &Sample| {
        let unit = own?.at(s.x.middle)?.y.middle;
        Some(Sample { x: s.x, y: s.y.map(|y| y / unit) })
    };
    let plain = |s: &Series| Series {
        label: s.name().to_string(),
        samples: s.samples.iter().filter_map(over).collect(),
        ..s.clone()
    };
    Chart {
        title: title.to_string(),
        x: chart.x.clone(),
        y: Axis { label: "time / hessite's median time".into(), scale: Scale::Ratios },
        series: chart.series.iter().map(plain).collect(),
        line: Some((1.0, "as fast as hessite".into())),
    }
}

fn product_by_hand(p: &Problem, n: usize) -> impl FnMut(&mut Vec<f64>) + use<> {
    let (x, y) = (matrix(&p.point, n, 0), matrix(&p.point, n, 1));
    let (vx, vy) = (matrix(&p.directions, n, 0), matrix(&p.directions, n, 1));
    let (mut hx, mut hy) = (DMatrix::zeros(n, n), DMatrix::zeros(n, n));
    let mut hand = by_hand::ProductNorm::new(n);
    move |out| {
        hand.update(&x, &y);
        hand.hvp(&vx, &vy, &mut hx, &mut hy);
        out[..n * n].copy_from_slice(hx.as_slice());
        out[n * n..].copy_from_slice(hy.as_slice());
    }
}

fn product_entries(p: &Problem, n: usize) -> Result<Vec<Entry<'_>>, Error> {
    let (m, v) = (2 * n * n, &p.directions[..]);
    let (mut central, mut forward) = (Central::new(m), Central::new(m));
    let (mut ahead, mut other) = (by_hand::gradient_of_stacked(n), by_hand::gradient_of_stacked(n));
    let mut here = vec![0.0; m];
    other(&p.point, &mut here);
    let mut entries = vec![
        Entry::exact(Method::Hessite, Session::start(p, Request::Hvp)?),
        Entry::exact(Method::HessiteKept, Session::start(p, Request::HvpKept)?),
        Entry::filling(Method::Hand, 1e-9, m, product_by_hand(p, n)),
        Entry::filling(Method::CentralGradient, 1e-6, m, move |out| {
            central.hvp(&mut ahead, &p.point, v, CENTRAL, out)
        }),
        Entry::filling(Method::ForwardGradient, 1e-3, m, move |out| {
            forward.forward_hvp(&mut other, (&p.point, &here), v, FORWARD, out)
        }),
    ];
    if n <= 64 {
        let tape = scalar_engines::echidna_tape::of_both(n, &p.point);
        let (mut duals, mut adjoints) = (Vec::new(), Vec::new());
        entries.push(Entry::filling(Method::Echidna, 1e-9, m, move |out| {
            *out = tape.hvp_with_buf(&p.point, v, &mut duals, &mut adjoints).1
        }));
    }
    Ok(entries)
}
