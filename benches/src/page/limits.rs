//! How much of what the machine allows is reached.

use super::chart::{Axis, Chart, Sample, Scale, Section, Series, Spread};
use super::contest::turns;
use super::{Effort, Error, words};
use crate::measure::run;
use crate::problems;
use crate::requests::{Request, Session};
use indicatif::ProgressBar;
use nalgebra::DMatrix;
use std::hint::black_box;

/// Products of n×n matrices in one H·v of ‖X·X·Y‖_F at a kept point.
const PRODUCTS: usize = 12;

/// The bare work's time over hessite's.
///
/// # Errors
/// What hessite refuses.
pub fn section(effort: Effort, progress: &ProgressBar) -> Result<Section, Error> {
    let (mut flops, mut bytes, mut seen) = (Vec::new(), Vec::new(), Vec::new());
    let sample = |n: usize, y: Spread| Sample { x: Spread::exact(n as f64), y };
    for n in [4, 8, 16, 32, 64, 128, 256].into_iter().filter(|&n| n <= 16 * effort.largest) {
        progress.set_message(format!("limits, H·v, n = {n}"));
        let p = problems::product_norm(n, 1);
        let mut session = Session::start(&p, Request::HvpKept)?;
        let matrix = |k: usize| DMatrix::from_column_slice(n, n, &p.point[k * n * n..(k + 1) * n * n]);
        let (x, y, mut z) = (matrix(0), matrix(1), DMatrix::zeros(n, n));
        let own = run(|| session.evaluate());
        let bare = run(|| {
            (0..PRODUCTS).for_each(|_| z.gemm(1.0, black_box(&x), black_box(&y), 0.0));
            Ok(())
        });
        let times = turns(&mut [own, bare], effort)?;
        flops.push(sample(n, times[0].cpu.below(times[1].cpu.middle)));
        if n == 256 || n == 16 * effort.largest {
            let rate = (2 * PRODUCTS * n.pow(3)) as f64 / times[0].cpu.middle / 1e9;
            seen.push(format!(
                "At n = {n} hessite makes {} GFLOP/s of its 12 products.",
                words::digits(rate)
            ));
        }
        progress.inc(1);
    }
    for n in [4, 8, 12, 16, 24].into_iter().filter(|&n| n <= effort.largest.max(4)) {
        progress.set_message(format!("limits, block, n = {n}"));
        let p = problems::product_norm(n, 0);
        let mut session = Session::start(&p, Request::Block(1, 1))?;
        let (from, mut to) = (session.stacked().to_vec(), vec![0.0; n.pow(4)]);
        let own = run(|| session.evaluate());
        let bare = run(|| {
            black_box(&mut to).copy_from_slice(black_box(&from));
            Ok(())
        });
        let times = turns(&mut [own, bare], effort)?;
        bytes.push(sample(n, times[0].cpu.below(times[1].cpu.middle)));
        if n == effort.largest {
            let rate = (8 * n.pow(4)) as f64 / times[0].cpu.middle / 1e9;
            seen.push(format!("At n = {n} it writes {} GB/s of second derivatives.", words::digits(rate)));
        }
        progress.inc(1);
    }
    let series = vec![
        Series { label: "H·v, against 12 bare products".into(), look: 0, samples: flops, joined: true },
        Series { label: "d²L/dY², against copying it".into(), look: 3, samples: bytes, joined: true },
    ];
    for s in &series {
        seen.extend(reached(s));
    }
    Ok(Section {
        id: "limits",
        heading: "Part of the limit",
        what: "Two limits that no way to the result can pass by much. An H·v of ‖X·X·Y‖_F at a kept point is 12 products of \
               n×n matrices: their time by matrixmultiply, nothing else done, over hessite's. A full block d²L/dY² is n⁴ \
               numbers that have to be written: the time to copy as many, over hessite's at a new point. Above 1 hessite's \
               own products are faster than matrixmultiply's."
            .into(),
        chart: Chart {
            title: "Time of the bare work over hessite's, one thread".into(),
            x: Axis { label: "rows and columns n of X and Y".into(), scale: Scale::Sizes },
            y: Axis { label: "part of the limit reached".into(), scale: Scale::Parts },
            series,
            line: Some((1.0, "the limit".into())),
        },
        seen,
    })
}

fn reached(s: &Series) -> Option<String> {
    let (first, last) = (s.samples.first()?, s.samples.last()?);
    let (low, high) = s.samples.iter().fold((first, first), |(l, h), s| {
        (if s.y.middle < l.y.middle { s } else { l }, if s.y.middle > h.y.middle { s } else { h })
    });
    Some(format!(
        "{}: {} of the limit at n = {}, least {} at n = {}, most {} at n = {}.",
        s.label,
        words::digits(last.y.middle),
        last.x.middle,
        words::digits(low.y.middle),
        low.x.middle,
        words::digits(high.y.middle),
        high.x.middle
    ))
}
