//! How long until a function can be asked, and until its first answer?
#![allow(missing_docs, clippy::unwrap_used)] // A bench stops at its first error; criterion's macro has no docs.

mod engines;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use hessite_bench::problems;
use hessite_bench::requests::{Request, Session};
use hessite_bench::scalar_engines;

fn setup(c: &mut Criterion) {
    let mut g = engines::group(c, "set-up");
    for (name, problem, request) in [
        ("|XXY| n=16", problems::product_norm(16, 1), Request::Hvp),
        ("|XXY| n=64", problems::product_norm(64, 1), Request::Hvp),
        ("block of |XXY| n=24", problems::product_norm(24, 0), Request::Block(1, 1)),
        ("softmax", problems::softmax(), Request::Hvp),
        ("mlp", problems::network(), Request::Hvp),
        ("hessian of small", problems::small_network(), Request::Hessian),
        ("mixture", problems::gaussian_mixture(), Request::Hvp),
        ("process", problems::gaussian_process(200), Request::Hvp),
        ("rosenbrock n=100000", problems::rosenbrock(100_000), Request::Hvp),
    ] {
        g.bench_function(BenchmarkId::new("function", name), |b| b.iter(|| problem.record().unwrap()));
        g.bench_function(BenchmarkId::new("first result", name), |b| {
            b.iter(|| Session::start(&problem, request).map(|s| s.stacked()[0]).unwrap())
        });
    }
    for n in [16, 64] {
        let p = problems::product_norm(n, 1);
        g.bench_function(BenchmarkId::new("first result", format!("|XXY| n={n}, echidna")), |b| {
            b.iter(|| scalar_engines::echidna_tape::of_both(n, &p.point).hvp(&p.point, &p.directions))
        });
    }
    g.finish();
}

criterion_group!(benches, setup);
criterion_main!(benches);
