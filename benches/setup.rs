//! How long until a function can be asked, and until its first answer?
#![allow(missing_docs, clippy::unwrap_used)] // A bench stops at its first error; criterion's macro has no docs.

mod engines;

use criterion::{Criterion, criterion_group, criterion_main};
use engines::Contest;
use hessite_bench::problems;
use hessite_bench::requests::{Request, Session};
use hessite_bench::scalar_engines::echidna_tape;

fn setup(c: &mut Criterion) {
    let mut g = engines::group(c, "set-up");
    // By echidna too, where there is an n.
    for (name, problem, request, by_echidna) in [
        ("|XXY| n=16", problems::product_norm(16, 1), Request::Hvp, Some(16)),
        ("|XXY| n=64", problems::product_norm(64, 1), Request::Hvp, Some(64)),
        ("block of |XXY| n=24", problems::product_norm(24, 0), Request::Block(1, 1), None),
        ("softmax", problems::softmax(), Request::Hvp, None),
        ("mlp", problems::network(), Request::Hvp, None),
        ("hessian of small", problems::small_network(), Request::Hessian, None),
        ("mixture", problems::gaussian_mixture(), Request::Hvp, None),
        ("process", problems::gaussian_process(200), Request::Hvp, None),
        ("rosenbrock n=100000", problems::rosenbrock(100_000), Request::Hvp, None),
    ] {
        let (p, mut contest) = (&problem, Contest::default());
        contest.add("function", name, move || p.record().unwrap());
        contest
            .add("first result", name, move || Session::start(p, request).map(|s| s.stacked()[0]).unwrap());
        if let Some(n) = by_echidna {
            contest.add("first result", format!("{name}, echidna"), move || {
                echidna_tape::of_both(n, &p.point).hvp(&p.point, &p.directions)
            });
        }
        contest.measure(&mut g);
    }
}

criterion_group!(benches, setup);
criterion_main!(benches);
