//! How many instructions does an answer take? Counted by callgrind, on one thread; `benches/counts/run` compares.
#![allow(missing_docs, clippy::unwrap_used)] // It stops at its first error; gungraun's macros have no docs.

use gungraun::{library_benchmark, library_benchmark_group, main};
use hessite_bench::problems::{self, Problem};
use hessite_bench::requests::{Request, Session};

/// A problem that was asked twice, so that nothing of the count is done once and for all.
fn asked(problem: Problem, request: Request) -> Session<'static> {
    one_thread();
    let mut session = Session::start(Box::leak(Box::new(problem)), request).unwrap();
    session.evaluate().unwrap();
    session
}

/// This thread is the whole pool: no other one waits, whose turns would be counted.
fn one_thread() {
    rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global().unwrap();
}

fn to_record(n: usize) -> &'static Problem {
    one_thread();
    Box::leak(Box::new(problems::product_norm(n, 1)))
}

#[library_benchmark]
#[bench::hvp_16(asked(problems::product_norm(16, 1), Request::Hvp))]
#[bench::hvp_64(asked(problems::product_norm(64, 1), Request::Hvp))]
#[bench::block_8(asked(problems::product_norm(8, 0), Request::Block(1, 1)))]
#[bench::mixed_block_8(asked(problems::product_norm(8, 0), Request::Block(0, 1)))]
#[bench::softmax_hvp(asked(problems::softmax(), Request::Hvp))]
#[bench::mlp_hvp(asked(problems::network(), Request::Hvp))]
#[bench::small_network_hessian(asked(problems::small_network(), Request::Hessian))]
#[bench::elements_1000_hvp(asked(problems::luksan_vlcek(1000), Request::Hvp))]
#[bench::cholesky_60_hvp(asked(problems::gaussian_process(60), Request::Hvp))]
fn answer(mut session: Session<'static>) -> Session<'static> {
    session.evaluate().unwrap();
    session
}

#[library_benchmark]
#[bench::hvp_8(to_record(8))]
fn setup(problem: &'static Problem) -> Session<'static> {
    Session::start(problem, Request::Hvp).unwrap()
}

library_benchmark_group!(name = kernels; benchmarks = answer, setup);
main!(library_benchmark_groups = kernels);
