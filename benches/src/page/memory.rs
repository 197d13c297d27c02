//! Memory at its peak, from nothing to the first answer.
//!
//! Each case runs in a process of its own, which the caller starts: [`held`] is what it does there. The peak is the
//! kernel's, of pages in memory, so that nothing stands between a method and its allocator, and stacks count too.

use super::chart::{Axis, Chart, Method, Sample, Scale, Section, Series, Spread};
use super::speed::matrix;
use super::{Effort, Error, words};
use crate::differences::{CENTRAL, Central};
use crate::problems::{self, Problem};
use crate::requests::{Request, Session};
use crate::{by_hand, scalar_engines};
use indicatif::ProgressBar;
use nalgebra::{DMatrix, SVector};
use std::hint::black_box;

/// What is asked of ‖X·X·Y‖_F.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// d²L/dY².
    Block,
    /// H·v.
    Product,
}

const BLOCK: [Method; 6] = [
    Method::Hessite,
    Method::HessiteKept,
    Method::Hand,
    Method::CentralGradient,
    Method::Echidna,
    Method::NumDual,
];
const PRODUCT: [Method; 5] =
    [Method::Hessite, Method::HessiteKept, Method::Hand, Method::CentralGradient, Method::Echidna];

/// Largest size that a method is asked for: tapes and dual numbers take seconds beyond.
fn limit(asked: Asked, method: Method) -> usize {
    match (asked, method) {
        (Asked::Block, Method::Echidna) => 24,
        (Asked::Block, Method::NumDual) => 8,
        (Asked::Product, Method::Echidna) => 128,
        _ => usize::MAX,
    }
}

/// Runs one case, `block` or `product`, the number of the method, n, and returns the bytes it took more than when it ran
/// for small matrices, whose code is in memory then. Linux alone tells.
///
/// # Errors
/// No such case, or the system does not tell.
pub fn held(case: &str) -> Result<u64, Error> {
    let mut words = case.split(':');
    let (asked, methods): (_, &[Method]) = match words.next() {
        Some("block") => (Asked::Block, &BLOCK),
        Some("product") => (Asked::Product, &PRODUCT),
        _ => return Err(format!("no case {case}").into()),
    };
    let mut number = || words.next().and_then(|w| w.parse::<usize>().ok()).ok_or(format!("no case {case}"));
    let (method, n) = (*methods.get(number()?).ok_or("no such method")?, number()?);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(1 << 26).build()?;
    pool.install(|| {
        run(asked, method, 4)?;
        // The peak is now what is held now.
        std::fs::write("/proc/self/clear_refs", "5")?;
        let before = status("VmHWM:")?;
        run(asked, method, n)?;
        Ok(status("VmHWM:")?.saturating_sub(before))
    })
}

fn status(field: &str) -> Result<u64, Error> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line =
        text.lines().find_map(|l| l.strip_prefix(field)).ok_or("the system does not tell its memory")?;
    Ok(1024 * line.trim_end_matches("kB").trim().parse::<u64>()?)
}

fn run(asked: Asked, method: Method, n: usize) -> Result<(), Error> {
    let p = problems::product_norm(n, 1);
    let request = if asked == Asked::Block { Request::Block(1, 1) } else { Request::Hvp };
    match method {
        Method::Hessite => drop(black_box(Session::start(&p, request)?)),
        Method::HessiteKept => {
            let recorded = p.record()?;
            black_box(recorded.function.at(&p.bind(&recorded.vars, &p.point))?);
        }
        method if asked == Asked::Block => block(method, &p, n),
        method => product(method, &p, n),
    }
    Ok(())
}

fn block(method: Method, p: &Problem, n: usize) {
    let m = n * n;
    let (x, y) = (matrix(&p.point, n, 0), matrix(&p.point, n, 1));
    let mut out = vec![0.0; if method == Method::Echidna || method == Method::NumDual { 0 } else { m * m }];
    match method {
        Method::Hand => by_hand::hessian_yy(&x, &y, &mut out),
        Method::CentralGradient => {
            let gradient = by_hand::gradient_of_stacked(n);
            Central::new(2 * m).hessian(gradient, &p.point, m..2 * m, CENTRAL, &mut out)
        }
        Method::Echidna => {
            let tape = scalar_engines::echidna_tape::of_y(n, (&x * &x).as_slice(), y.as_slice());
            black_box(tape.hessian_vec::<8>(y.as_slice()));
        }
        _ if n == 4 => num_dual::<16>(n, &x, &y),
        _ => num_dual::<64>(n, &x, &y),
    }
    black_box(&out);
}

fn num_dual<const N: usize>(n: usize, x: &DMatrix<f64>, y: &DMatrix<f64>) {
    let y = SVector::<f64, N>::from_column_slice(y.as_slice());
    black_box(scalar_engines::num_dual_yy::<N>(n, (x * x).as_slice(), &y));
}

fn product(method: Method, p: &Problem, n: usize) {
    let (m, v) = (2 * n * n, &p.directions[..]);
    let mut out = vec![0.0; m];
    match method {
        Method::Hand => {
            let (mut hx, mut hy) = (DMatrix::zeros(n, n), DMatrix::zeros(n, n));
            let mut hand = by_hand::ProductNorm::new(n);
            hand.update(&matrix(&p.point, n, 0), &matrix(&p.point, n, 1));
            hand.hvp(&matrix(v, n, 0), &matrix(v, n, 1), &mut hx, &mut hy);
            black_box((hx, hy));
        }
        Method::CentralGradient => {
            Central::new(m).hvp(by_hand::gradient_of_stacked(n), &p.point, v, CENTRAL, &mut out)
        }
        _ => {
            let tape = scalar_engines::echidna_tape::of_both(n, &p.point);
            black_box(tape.hvp(&p.point, v));
        }
    }
    black_box(&out);
}

/// The sections; `measure` runs [`held`] in a new process.
///
/// # Errors
/// Those of `measure`.
pub fn sections(
    effort: Effort,
    measure: &dyn Fn(&str) -> Result<u64, Error>,
    progress: &ProgressBar,
) -> Result<[Section; 2], Error> {
    let both =
        [(Asked::Block, &BLOCK[..], [8, 16, 24, 32]), (Asked::Product, &PRODUCT[..], [64, 128, 256, 512])];
    let mut sections = Vec::new();
    for (asked, methods, sizes) in both {
        let mut series = Vec::new();
        let numbers = |n: usize| if asked == Asked::Block { n.pow(4) } else { 2 * n * n };
        for (k, &method) in methods.iter().enumerate() {
            let mut samples = Vec::new();
            // num-dual alone takes more than the noise at the least size, and can't be asked for another.
            let first = if asked == Asked::Block && method != Method::NumDual { 1 } else { 0 };
            for &n in sizes[first..].iter().filter(|&&n| n <= limit(asked, method)) {
                progress.set_message(format!("memory, {}, n = {n}", method.name()));
                let case = format!("{}:{k}:{n}", if asked == Asked::Block { "block" } else { "product" });
                // A page is the least that is seen.
                let bytes = |_| measure(&case).map(|b| b.max(4096) as f64);
                let all = (0..effort.rounds.min(3)).map(bytes).collect::<Result<Vec<_>, _>>()?;
                samples.push(Sample { x: Spread::exact(n as f64), y: Spread::of(all) });
                progress.inc(1);
            }
            let mut series_of = Series::of(method, samples);
            if method == Method::HessiteKept {
                series_of.label = "hessite's function and point".into();
            }
            series.push(series_of);
        }
        let alone =
            |n: usize| Sample { x: Spread::exact(n as f64), y: Spread::exact(8.0 * numbers(n) as f64) };
        let mut result = Series::of(Method::CentralValue, sizes.map(alone).to_vec());
        result.label = "the result alone".into();
        series.push(result);
        sections.push(section(asked, series));
    }
    sections.try_into().map_err(|_| "two sections".into())
}

fn section(asked: Asked, series: Vec<Series>) -> Section {
    let (id, heading, title, what) = match asked {
        Asked::Block => (
            "bytes-block",
            "Memory of a full block d²L/dY²",
            "Memory of d²L/dY² of ‖XXY‖, at its peak",
            "d²L/dY² of ‖X·X·Y‖_F",
        ),
        Asked::Product => (
            "bytes-hvp",
            "Memory of a product H·v",
            "Memory of H·v of ‖XXY‖, at its peak",
            "H·v of ‖X·X·Y‖_F over X and Y",
        ),
    };
    Section {
        id,
        heading,
        what: format!(
            "{what}, from nothing to the first answer: bytes in memory at the peak, result, recording and inputs included, \
             each time in a new process which has done it for n = 4 before. Linux counts \
             pages of 4 kB in batches, so that 100 kB up or down are noise. num-dual's numbers lie on the stack; n = 8 is the \
             largest that it is asked for."
        ),
        seen: seen(&series),
        chart: Chart {
            title: title.into(),
            x: Axis { label: "rows and columns n of X and Y".into(), scale: Scale::Sizes },
            y: Axis { label: "bytes in memory at the peak".into(), scale: Scale::Bytes },
            series,
            line: None,
        },
    }
}

fn seen(series: &[Series]) -> Vec<String> {
    let last = |s: &Series| s.samples.last().map(|s| (s.x.middle, s.y.middle));
    let (Some((n, own)), Some((_, point)), Some((_, result))) =
        (last(&series[0]), last(&series[1]), series.last().and_then(last))
    else {
        return Vec::new();
    };
    let mut seen = vec![format!(
        "At n = {n} hessite holds {}: the result is {} and the function at its point {}, so that it holds {} times the result \
         and two points.",
        words::bytes(own),
        words::bytes(result),
        words::bytes(point),
        words::digits(own / (result + 2.0 * point)),
    )];
    let mut lost = Vec::new();
    for rival in &series[2..series.len() - 1] {
        let Some((n, bytes)) = last(rival) else { continue };
        let Some(own) = series[0].at(n).map(|s| s.y.middle) else {
            seen.push(format!("At n = {n} {} holds {}.", rival.label, words::bytes(bytes)));
            continue;
        };
        seen.push(format!(
            "At n = {n} {} {}, {} times as much as hessite.",
            if rival.label == Method::Hand.name() {
                format!("{} holds", Method::Hand.spoken())
            } else if rival.label == Method::CentralGradient.name() {
                format!("{} hold", rival.label)
            } else {
                format!("{} holds", rival.label)
            },
            words::bytes(bytes),
            words::ratio(bytes / own)
        ));
        if bytes * words::TIE < own {
            lost.push(rival.label.clone());
        }
    }
    seen.push(match lost.as_slice() {
        [] => format!("None of these holds less by more than {}.", words::TIE),
        lost => format!("hessite loses by more than {} to {}.", words::TIE, words::list(lost)),
    });
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peak_is_at_least_the_result() {
        if !cfg!(target_os = "linux") {
            return;
        }
        for method in 0..PRODUCT.len() {
            assert!(held(&format!("product:{method}:32")).is_ok());
        }
        // The tests of other threads allocate too, which can only add.
        assert!(held("block:2:24").unwrap() >= 8 * 24u64.pow(4) / 2);
        assert!(held("block:9:8").is_err() && held("else").is_err() && held("block:0").is_err());
    }

    #[test]
    fn losses_of_memory_are_said() {
        // Methods take 5 MB, 4 MB, 3 MB, ... at every size.
        let measure = |case: &str| {
            let k: u64 = case.split(':').nth(1).unwrap().parse()?;
            Ok((6 - k) * 1_000_000)
        };
        let sections = sections(Effort::TINY, &measure, &ProgressBar::hidden()).unwrap();
        let last = sections[1].seen.last().unwrap();
        assert!(last.contains("hessite loses by more than 1.3 to closed form by hand"), "{last}");
        assert!(sections[0].seen[0].contains("6.00 MB"), "{}", sections[0].seen[0]);
    }
}
