//! What do two threads gain where directions are dealt to them?
//!
//! That depends on where the machine has its two processors; so their distance is printed before each case. What
//! two copies gain that are evaluated at once, one by each thread, twice the time of one thread over that of `copies`, is
//! about the most, but where results are too large for the caches: two copies write twice as much.
#![allow(missing_docs, clippy::unwrap_used)] // A bench stops at its first error; criterion's macro has no docs.

mod engines;

use criterion::{Criterion, criterion_group, criterion_main};
use engines::Contest;
use hessite_bench::copies::Copies;
use hessite_bench::distance::{meaning, round_trip};
use hessite_bench::problems;
use hessite_bench::requests::{Request, Session};

fn threads(c: &mut Criterion) {
    let mut g = engines::group(c, "threads");
    for (name, problem, request) in [
        ("hessian of |XXY| n=24", problems::product_norm(24, 0), Request::Hessian),
        ("32 hvps of |XXY| n=128", problems::product_norm(128, 32), Request::HvpMany(32)),
        ("32 hvps of mlp", problems::network(), Request::HvpMany(32)),
        ("hessian of mixture", problems::gaussian_mixture(), Request::Hessian),
        ("hvp of |XXY| n=512", problems::product_norm(512, 1), Request::Hvp),
    ] {
        match round_trip() {
            Some(t) => eprintln!("{name}: a cache line goes to and fro in {:.0} ns, {}", t * 1e9, meaning(t)),
            None => eprintln!("{name}: there is no second processor, or it is busy"),
        }
        let mut contest = Contest::default();
        for threads in [1, 2] {
            let mut session = Session::start(&problem, request).unwrap();
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            contest.add_loop(name, threads, move |count| {
                pool.install(|| (0..count).for_each(|_| session.evaluate().unwrap()))
            });
        }
        let mut copies = Copies::start(&problem, request).unwrap();
        contest.add_loop(name, "copies", move |count| copies.evaluate(count).unwrap());
        contest.measure(&mut g);
    }
}

criterion_group!(benches, threads);
criterion_main!(benches);
