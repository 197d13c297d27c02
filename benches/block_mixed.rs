//! What does the mixed block d/dX[dL/dY] cost, against a closed form by hand, differences, echidna and the whole Hessian?
#![allow(missing_docs, clippy::unwrap_used)] // A bench stops at its first error; criterion's macro has no docs.

mod engines;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use hessite_bench::by_hand;
use hessite_bench::differences::{CENTRAL, Central};
use hessite_bench::problems;
use hessite_bench::requests::{Request, Session};
use hessite_bench::scalar_engines;
use nalgebra::DMatrix;

fn mixed(c: &mut Criterion) {
    let mut g = engines::group(c, "mixed block of |XXY|");
    for n in [4, 8, 16, 24] {
        let p = problems::product_norm(n, 0);
        let m = n * n;
        let (x, y) = p.point.split_at(m);
        let (x, y) = (DMatrix::from_column_slice(n, n, x), DMatrix::from_column_slice(n, n, y));
        let mut out = vec![0.0; m * m];
        for (label, request) in
            [("hessite", Request::Block(0, 1)), ("hessite, the Hessian over X and Y", Request::Hessian)]
        {
            let mut session = Session::start(&p, request).unwrap();
            g.bench_function(BenchmarkId::new(label, n), |b| b.iter(|| session.evaluate().unwrap()));
        }
        g.bench_function(BenchmarkId::new("closed form by hand", n), |b| {
            b.iter(|| by_hand::block_xy(&x, &y, &mut out))
        });
        let mut gradient = by_hand::gradient_of_stacked(n);
        let (mut central, mut v, mut column) = (Central::new(2 * m), vec![0.0; 2 * m], vec![0.0; 2 * m]);
        g.bench_function(BenchmarkId::new("central differences of the gradient by hand", n), |b| {
            b.iter(|| {
                for (k, block) in out.chunks_exact_mut(m).enumerate() {
                    v[m + k] = 1.0;
                    central.hvp(&mut gradient, &p.point, &v, CENTRAL, &mut column);
                    v[m + k] = 0.0;
                    block.copy_from_slice(&column[..m]);
                }
            })
        });
        if n <= 8 {
            let tape = scalar_engines::echidna_tape::of_both(n, &p.point);
            let (mut duals, mut adjoints) = (Vec::new(), Vec::new());
            g.bench_function(BenchmarkId::new("echidna, a product for each entry of Y", n), |b| {
                b.iter(|| {
                    for (k, block) in out.chunks_exact_mut(m).enumerate() {
                        v[m + k] = 1.0;
                        let column = tape.hvp_with_buf(&p.point, &v, &mut duals, &mut adjoints).1;
                        v[m + k] = 0.0;
                        block.copy_from_slice(&column[..m]);
                    }
                })
            });
        }
        g.bench_function(BenchmarkId::new("filling the result alone", n), |b| {
            b.iter(|| std::hint::black_box(&mut out).fill(1.0))
        });
    }
    g.finish();
}

criterion_group!(benches, mixed);
criterion_main!(benches);
