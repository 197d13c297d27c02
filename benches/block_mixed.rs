//! What does the mixed block d/dX[dL/dY] cost, against a closed form by hand and the whole Hessian?
#![allow(missing_docs, clippy::unwrap_used)] // A bench stops at its first error; criterion's macro has no docs.

mod engines;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use hessite_bench::by_hand;
use hessite_bench::problems;
use hessite_bench::requests::{Request, Session};
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
        g.bench_function(BenchmarkId::new("filling the result alone", n), |b| {
            b.iter(|| std::hint::black_box(&mut out).fill(1.0))
        });
    }
    g.finish();
}

criterion_group!(benches, mixed);
criterion_main!(benches);
