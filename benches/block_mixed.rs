//! What does the mixed block d/dX[dL/dY] cost, against a closed form by hand, differences, echidna and the whole Hessian?
#![allow(missing_docs, clippy::unwrap_used)] // A bench stops at its first error; criterion's macro has no docs.

mod engines;

use criterion::{Criterion, criterion_group, criterion_main};
use engines::Contest;
use hessite_bench::by_hand;
use hessite_bench::differences::{CENTRAL, Central};
use hessite_bench::problems;
use hessite_bench::requests::{Request, Session};
use hessite_bench::scalar_engines::echidna_tape;
use nalgebra::DMatrix;
use std::hint::black_box;

/// A block from products with the units of Y.
struct Columns {
    unit: Vec<f64>,
    column: Vec<f64>,
    block: Vec<f64>,
}

impl Columns {
    fn new(m: usize) -> Self {
        Columns { unit: vec![0.0; 2 * m], column: vec![0.0; 2 * m], block: vec![0.0; m * m] }
    }

    fn fill(&mut self, mut hvp: impl FnMut(&[f64], &mut Vec<f64>)) {
        let m = self.unit.len() / 2;
        for (k, part) in self.block.chunks_exact_mut(m).enumerate() {
            self.unit[m + k] = 1.0;
            hvp(&self.unit, &mut self.column);
            self.unit[m + k] = 0.0;
            part.copy_from_slice(&self.column[..m]);
        }
    }
}

fn mixed(c: &mut Criterion) {
    let mut g = engines::group(c, "mixed block of |XXY|");
    for n in [4, 8, 16, 24] {
        let (p, m) = (&problems::product_norm(n, 0), n * n);
        let (x, y) = p.point.split_at(m);
        let (x, y) = (DMatrix::from_column_slice(n, n, x), DMatrix::from_column_slice(n, n, y));
        let mut contest = Contest::default();
        for (label, request) in
            [("hessite", Request::Block(0, 1)), ("hessite, the Hessian over X and Y", Request::Hessian)]
        {
            let mut session = Session::start(p, request).unwrap();
            contest.add(label, n, move || session.evaluate().unwrap());
        }
        let mut out = vec![0.0; m * m];
        contest.add("closed form by hand", n, move || by_hand::block_xy(&x, &y, &mut out));
        let (mut gradient, mut central, mut columns) =
            (by_hand::gradient_of_stacked(n), Central::new(2 * m), Columns::new(m));
        contest.add("central differences of the gradient by hand", n, move || {
            columns.fill(|v, column| central.hvp(&mut gradient, &p.point, v, CENTRAL, column))
        });
        if n <= 8 {
            let (tape, mut columns) = (echidna_tape::of_both(n, &p.point), Columns::new(m));
            let (mut duals, mut adjoints) = (Vec::new(), Vec::new());
            contest.add("echidna, a product for each entry of Y", n, move || {
                columns.fill(|v, column| {
                    *column = tape.hvp_with_buf(&p.point, v, &mut duals, &mut adjoints).1;
                })
            });
        }
        let mut out = vec![0.0; m * m];
        contest.add("filling the result alone", n, move || black_box(&mut out).fill(1.0));
        contest.measure(&mut g);
    }
}

criterion_group!(benches, mixed);
criterion_main!(benches);
