//! Time against size for full blocks of ‖X·X·Y‖_F.

use super::chart::{Chart, Method, Section};
use super::contest::{Entry, contest};
use super::speed::{Timed, matrix, ratios};
use super::{Effort, Error, words};
use crate::differences::{CENTRAL, Central, SECOND, second_differences};
use crate::problems::{self, Problem};
use crate::requests::{Request, Session};
use crate::{by_hand, scalar_engines};
use indicatif::ProgressBar;
use nalgebra::{DMatrix, SVector};
use std::hint::black_box;

type Closed = fn(&DMatrix<f64>, &DMatrix<f64>, &mut [f64]);
type Entries = for<'p> fn(&'p Problem, usize) -> Result<Vec<Entry<'p>>, Error>;

fn timed(
    name: &str,
    sizes: &[usize],
    (closed, entries): (Closed, Entries),
    (effort, progress): (Effort, &ProgressBar),
) -> Result<Chart, Error> {
    let mut timed = Timed::default();
    for &n in sizes.iter().filter(|&&n| n <= effort.largest) {
        progress.set_message(format!("{name}, n = {n}"));
        let p = problems::product_norm(n, 0);
        let mut reference = vec![0.0; n.pow(4)];
        closed(&matrix(&p.point, n, 0), &matrix(&p.point, n, 1), &mut reference);
        let mut entries = entries(&p, n)?;
        let times = contest(&mut entries, &reference, effort)?;
        let methods: Vec<Method> = entries.iter().map(|e| e.method).collect();
        timed.add(n, &methods, &times);
        progress.inc(1);
    }
    Ok(timed.chart(&format!("{name} of ‖XXY‖, one thread")))
}

/// The full block d²L/dY², times and ratios.
///
/// # Errors
/// A result is wrong.
pub fn second(effort: Effort, progress: &ProgressBar) -> Result<[Section; 2], Error> {
    let ways: (Closed, Entries) = (by_hand::hessian_yy, second_entries);
    let chart = timed("Full block d²L/dY²", &[2, 4, 8, 12, 16, 24], ways, (effort, progress))?;
    let rivals =
        [Method::Hand, Method::CentralGradient, Method::CentralValue, Method::Echidna, Method::NumDual];
    let ratios = Section {
        id: "block-ratio",
        heading: "A full block d²L/dY²: the rivals' time over hessite's",
        what: "The same times, each over hessite's median. Above the line hessite is faster.".into(),
        chart: ratios(&chart, "d²L/dY² of ‖XXY‖: time over hessite's"),
        seen: words::against(&chart, Method::Hessite, &rivals),
    };
    let times = Section {
        id: "block",
        heading: "A full block d²L/dY²",
        what: "All n⁴ second derivatives of L = ‖X·X·Y‖_F in Y at a new point. The differences take values and gradients \
               by hand; echidna sweeps its tape for 8 directions at a time; num-dual carries vectors of length n² \
               known to the compiler. The closed form is short code by hand, not a tuned kernel. Both scalar engines are given X·X as a constant, computed beforehand. Slopes are \
               those of the last three sizes; the result has n⁴ numbers."
            .into(),
        seen: words::growth(&chart, Method::Hessite),
        chart,
    };
    Ok([times, ratios])
}

/// The full block d/dX[dL/dY].
///
/// # Errors
/// A result is wrong.
pub fn mixed(effort: Effort, progress: &ProgressBar) -> Result<Section, Error> {
    let ways: (Closed, Entries) = (by_hand::block_xy, mixed_entries);
    let chart = timed("Full block d/dX[dL/dY]", &[2, 4, 8, 12, 16, 24], ways, (effort, progress))?;
    let mut seen = words::growth(&chart, Method::Hessite);
    let rivals = [Method::Hand, Method::CentralGradient, Method::Echidna];
    seen.extend(words::against(&chart, Method::Hessite, &rivals));
    Ok(Section {
        id: "mixed",
        heading: "A mixed block d/dX[dL/dY]",
        what: "All n⁴ mixed second derivatives of L = ‖X·X·Y‖_F at a new point, hessite's founding question. The \
               differences move the entries of Y alone. echidna makes n² products H·v on its tape, one for each entry of \
               Y; a block of lanes for chosen directions is not among its calls."
            .into(),
        chart,
        seen,
    })
}

fn mixed_entries(p: &Problem, n: usize) -> Result<Vec<Entry<'_>>, Error> {
    let m = n * n;
    let (x, y) = (matrix(&p.point, n, 0), matrix(&p.point, n, 1));
    let mut gradient = by_hand::gradient_of_stacked(n);
    let (mut at, mut ahead, mut back) = (p.point.clone(), vec![0.0; 2 * m], vec![0.0; 2 * m]);
    let central = move |out: &mut Vec<f64>| {
        for (k, column) in out.chunks_exact_mut(m).enumerate() {
            let here = p.point[m + k];
            at[m + k] = here + CENTRAL;
            gradient(&at, &mut ahead);
            at[m + k] = here - CENTRAL;
            gradient(&at, &mut back);
            at[m + k] = here;
            let pairs = ahead.iter().zip(&back);
            column.iter_mut().zip(pairs).for_each(|(o, (a, b))| *o = (a - b) / (2.0 * CENTRAL));
        }
    };
    let mut entries = vec![
        Entry::exact(Method::Hessite, Session::start(p, Request::Block(0, 1))?),
        Entry::filling(Method::Hand, 1e-9, m * m, move |out| by_hand::block_xy(&x, &y, out)),
        Entry::filling(Method::CentralGradient, 1e-6, m * m, central),
    ];
    if n <= 12 {
        let tape = scalar_engines::echidna_tape::of_both(n, &p.point);
        let (mut duals, mut adjoints, mut v) = (Vec::new(), Vec::new(), vec![0.0; 2 * m]);
        entries.push(Entry::filling(Method::Echidna, 1e-9, m * m, move |out| {
            for (k, column) in out.chunks_exact_mut(m).enumerate() {
                v[m + k] = 1.0;
                column.copy_from_slice(&tape.hvp_with_buf(&p.point, &v, &mut duals, &mut adjoints).1[..m]);
                v[m + k] = 0.0;
            }
        }));
    }
    Ok(entries)
}

/// Everything that can make d²L/dY².
///
/// # Errors
/// What hessite refuses.
pub fn second_entries(p: &Problem, n: usize) -> Result<Vec<Entry<'_>>, Error> {
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
