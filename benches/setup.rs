//! How long until a function can be asked, and until its first answer?
#![allow(missing_docs, clippy::unwrap_used)] // A bench stops at its first error; criterion's macro has no docs.

mod engines;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use hessite_bench::problems;
use hessite_bench::requests::{Request, Session};

fn setup(c: &mut Criterion) {
    let mut g = engines::group(c, "set-up");
    for (name, problem) in [
        ("|XXY| n=16", problems::product_norm(16, 1)),
        ("softmax", problems::softmax()),
        ("mlp", problems::network()),
        ("small", problems::small_network()),
        ("mixture", problems::gaussian_mixture()),
    ] {
        g.bench_function(BenchmarkId::new("function", name), |b| b.iter(|| problem.record().unwrap()));
        let request = if problem.directions.is_empty() { Request::Hessian } else { Request::Hvp };
        g.bench_function(BenchmarkId::new("first result", name), |b| {
            b.iter(|| Session::start(&problem, request).map(|s| s.stacked()[0]).unwrap())
        });
    }
    g.finish();
}

criterion_group!(benches, setup);
criterion_main!(benches);
