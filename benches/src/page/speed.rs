//! Time against size for ‖X·X·Y‖_F.

use super::chart::{Axis, Chart, Method, Sample, Scale, Section, Series, Spread};
use super::contest::{Entry, Time, contest};
use super::{Effort, Error, words};
use crate::differences::{CENTRAL, Central, FORWARD, SECOND, second_differences};
use crate::problems::{self, Problem};
use crate::requests::{Request, Session};
use crate::{by_hand, scalar_engines};
use indicatif::ProgressBar;
use nalgebra::{DMatrix, SVector};
use std::hint::black_box;

/// The k-th n×n matrix of a stacked vector.
pub fn matrix(stacked: &[f64], n: usize, k: usize) -> DMatrix<f64> {
    DMatrix::from_column_slice(n, n, &stacked[k * n * n..(k + 1) * n * n])
}

/// What has been timed so far, by method.
#[derive(Default)]
struct Timed(Vec<(Method, Vec<Sample>)>);

impl Timed {
    fn add(&mut self, n: usize, methods: &[Method], times: &[Time]) {
        for (&method, time) in methods.iter().zip(times) {
            let sample = Sample { x: Spread::exact(n as f64), y: time.cpu };
            match self.0.iter_mut().find(|(m, _)| *m == method) {
                Some((_, samples)) => samples.push(sample),
                None => self.0.push((method, vec![sample])),
            }
        }
    }

    fn chart(self, title: &str) -> Chart {
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
pub fn products(effort: Effort, progress: &ProgressBar) -> Result<Section, Error> {
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
    let mut seen = words::growth(&chart, Method::Hessite);
    let fair = [Method::Hand, Method::CentralGradient, Method::Echidna];
    seen.extend(words::against(&chart, Method::Hessite, &fair));
    seen.extend(words::against(&chart, Method::HessiteKept, &[Method::ForwardGradient]));
    Ok(Section {
        id: "hvp",
        heading: "A product H·v",
        what: "One product of the Hessian of ‖X·X·Y‖_F over X and Y, n×n each, with one direction. hessite's and the \
               closed form's times hold a new point; “point kept” applies the linear map alone. Differences take the \
               gradient by hand, which is faster than any engine's; forward differences are given ∇f(x), so their rival \
               is the kept point. echidna replays a tape of scalars recorded beforehand."
            .into(),
        chart,
        seen,
    })
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

/// The full block d²L/dY².
///
/// # Errors
/// A result is wrong.
pub fn blocks(effort: Effort, progress: &ProgressBar) -> Result<Section, Error> {
    let mut timed = Timed::default();
    for n in [2, 4, 8, 12, 16, 24].into_iter().filter(|&n| n <= effort.largest) {
        progress.set_message(format!("full block, n = {n}"));
        let p = problems::product_norm(n, 0);
        let mut reference = vec![0.0; n.pow(4)];
        by_hand::hessian_yy(&matrix(&p.point, n, 0), &matrix(&p.point, n, 1), &mut reference);
        let mut entries = block_entries(&p, n)?;
        let times = contest(&mut entries, &reference, effort)?;
        let methods: Vec<Method> = entries.iter().map(|e| e.method).collect();
        timed.add(n, &methods, &times);
        progress.inc(1);
    }
    let chart = timed.chart("Full block d²L/dY² of ‖XXY‖, one thread");
    let mut seen = words::growth(&chart, Method::Hessite);
    let rivals =
        [Method::Hand, Method::CentralGradient, Method::CentralValue, Method::Echidna, Method::NumDual];
    seen.extend(words::against(&chart, Method::Hessite, &rivals));
    Ok(Section {
        id: "block",
        heading: "A full block d²L/dY²",
        what: "All n⁴ second derivatives of L = ‖X·X·Y‖_F in Y at a new point. The differences take values and gradients \
               by hand; echidna sweeps its tape for 8 directions at a time; num-dual carries vectors of length n² \
               known to the compiler. Both scalar engines are given X·X as a constant, computed beforehand."
            .into(),
        chart,
        seen,
    })
}

/// Everything that can make d²L/dY².
///
/// # Errors
/// What hessite refuses.
pub fn block_entries(p: &Problem, n: usize) -> Result<Vec<Entry<'_>>, Error> {
    let m = n * n;
    let (x, y) = (matrix(&p.point, n, 0), matrix(&p.point, n, 1));
    let xx = &x * &x;
    let mut central = Central::new(2 * m);
    let mut gradient = by_hand::gradient_of_stacked(n);
    let hand_y = y.clone();
    let mut entries = vec![
        Entry::exact(Method::Hessite, Session::start(p, Request::Block(1, 1))?),
        Entry::filling(Method::Hand, 1e-9, m * m, move |out| by_hand::hessian_yy(&x, &hand_y, out)),
        Entry::filling(Method::CentralGradient, 1e-6, m * m, move |out| {
            central.hessian(&mut gradient, &p.point, m..2 * m, CENTRAL, out)
        }),
    ];
    if n <= 12 {
        let mut value = by_hand::value_of_stacked(n);
        entries.push(Entry::filling(Method::CentralValue, 1e-3, m * m, move |out| {
            second_differences(&mut value, &p.point, m..2 * m, SECOND, out)
        }));
    }
    if n <= 16 {
        let tape = scalar_engines::echidna_tape::of_y(n, xx.as_slice(), y.as_slice());
        let y = y.clone();
        entries.push(Entry::filling(Method::Echidna, 1e-9, m * m, move |out| {
            let columns = tape.hessian_vec::<8>(y.as_slice()).2;
            out.chunks_exact_mut(m).zip(&columns).for_each(|(o, c)| o.copy_from_slice(c));
        }));
    }
    match n {
        2 => entries.push(num_dual::<4>(n, xx, &y)),
        4 => entries.push(num_dual::<16>(n, xx, &y)),
        6 => entries.push(num_dual::<36>(n, xx, &y)),
        8 => entries.push(num_dual::<64>(n, xx, &y)),
        _ => {}
    }
    Ok(entries)
}

fn num_dual<'a, const N: usize>(n: usize, xx: DMatrix<f64>, y: &DMatrix<f64>) -> Entry<'a> {
    let y = SVector::<f64, N>::from_column_slice(y.as_slice());
    Entry::filling(Method::NumDual, 1e-9, N * N, move |out| {
        let h = black_box(scalar_engines::num_dual_yy::<N>(n, xx.as_slice(), &y));
        out.copy_from_slice(h.as_slice());
    })
}
