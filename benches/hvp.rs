//! What does one product H·v cost, at a new point and on a kept one, against the alternatives?
#![allow(missing_docs, clippy::unwrap_used)] // A bench stops at its first error; criterion's macro has no docs.

mod engines;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use hessite_bench::by_hand;
use hessite_bench::chains::tridiagonal;
use hessite_bench::differences::{CENTRAL, Central, FORWARD};
use hessite_bench::problems::{self, Problem};
use hessite_bench::requests::{Request, Session};
use hessite_bench::scalar_engines;
use nalgebra::DMatrix;
use std::hint::black_box;

/// hessite's products and its gradient, and differences of the gradient.
fn hessite(g: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>, name: &str, p: &Problem) {
    for (label, request) in [
        ("gradient, new point", Request::Gradient),
        ("hvp, new point", Request::Hvp),
        ("hvp, kept point", Request::HvpKept),
    ] {
        let mut session = Session::start(p, request).unwrap();
        g.bench_function(BenchmarkId::new(label, name), |b| b.iter(|| session.evaluate().unwrap()));
    }
    let recorded = p.record().unwrap();
    let mut point = recorded.function.at(&p.bind(&recorded.vars, &p.point)).unwrap();
    let mut gradient = |x: &[f64], out: &mut [f64]| {
        point.update(&p.bind(&recorded.vars, x)).unwrap();
        point.gradient_into(out).unwrap();
    };
    let n = p.layout.len();
    let v = &p.directions[..n];
    let (mut differences, mut out, mut here) = (Central::new(n), vec![0.0; n], vec![0.0; n]);
    g.bench_function(BenchmarkId::new("central difference of the gradient", name), |b| {
        b.iter(|| differences.hvp(&mut gradient, &p.point, v, CENTRAL, &mut out))
    });
    gradient(&p.point, &mut here);
    g.bench_function(BenchmarkId::new("forward difference, gradient here known", name), |b| {
        b.iter(|| differences.forward_hvp(&mut gradient, (&p.point, &here), v, FORWARD, &mut out))
    });
}

/// The closed form of ‖X·X·Y‖, and the crate finitediff on its gradient.
fn hand_written(
    g: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>,
    n: usize,
    p: &Problem,
) {
    let matrix = |all: &[f64], k: usize| DMatrix::from_column_slice(n, n, &all[k * n * n..(k + 1) * n * n]);
    let (x, y) = (matrix(&p.point, 0), matrix(&p.point, 1));
    let (vx, vy) = (matrix(&p.directions, 0), matrix(&p.directions, 1));
    let (mut hx, mut hy) = (DMatrix::zeros(n, n), DMatrix::zeros(n, n));
    let mut hand = by_hand::ProductNorm::new(n);
    g.bench_function(BenchmarkId::new("by hand, gradient", n), |b| {
        b.iter(|| {
            hand.update(&x, &y);
            hand.gradient(&mut hx, &mut hy);
        })
    });
    g.bench_function(BenchmarkId::new("by hand, new point", n), |b| {
        b.iter(|| {
            hand.update(&x, &y);
            hand.hvp(&vx, &vy, &mut hx, &mut hy);
        })
    });
    g.bench_function(BenchmarkId::new("by hand, kept point", n), |b| {
        b.iter(|| hand.hvp(&vx, &vy, &mut hx, &mut hy))
    });
    let gradient = |at: &Vec<f64>| {
        let mut hand = by_hand::ProductNorm::new(n);
        hand.update(&matrix(at, 0), &matrix(at, 1));
        let (mut gx, mut gy) = (DMatrix::zeros(n, n), DMatrix::zeros(n, n));
        hand.gradient(&mut gx, &mut gy);
        Ok([gx.as_slice(), gy.as_slice()].concat())
    };
    let product = finitediff::vec::central_hessian_vec_prod(&gradient);
    g.bench_function(BenchmarkId::new("finitediff on the gradient by hand", n), |b| {
        b.iter(|| black_box(product(&p.point, &p.directions).unwrap()))
    });
}

fn product_norm(c: &mut Criterion) {
    let mut g = engines::group(c, "hvp of |XXY|");
    for n in [16, 64, 256] {
        let p = problems::product_norm(n, 1);
        hessite(&mut g, &n.to_string(), &p);
        hand_written(&mut g, n, &p);
        if n <= 64 {
            let tape = scalar_engines::echidna_tape::of_both(n, &p.point);
            let (mut duals, mut adjoints) = (Vec::new(), Vec::new());
            g.bench_function(BenchmarkId::new("echidna", n), |b| {
                b.iter(|| tape.hvp_with_buf(&p.point, &p.directions, &mut duals, &mut adjoints))
            });
        }
    }
    g.finish();
}

fn networks(c: &mut Criterion) {
    let mut g = engines::group(c, "hvp of a network");
    hessite(&mut g, "softmax", &problems::softmax());
    hessite(&mut g, "mlp", &problems::network());
    g.finish();
}

fn mixture_and_process(c: &mut Criterion) {
    let mut g = engines::group(c, "hvp of a likelihood");
    hessite(&mut g, "mixture", &problems::gaussian_mixture());
    hessite(&mut g, "process", &problems::gaussian_process(200));
    g.finish();
}

/// W3 and W6, against engines of scalars and the tridiagonal Hessian by hand.
fn chains(c: &mut Criterion) {
    let mut g = engines::group(c, "hvp of a chain");
    for n in [1_000, 100_000] {
        for (name, p, with_multipliers) in [
            ("rosenbrock", problems::rosenbrock(n), false),
            ("luksan-vlcek", problems::luksan_vlcek(n), true),
        ] {
            let name = format!("{name} {n}");
            hessite(&mut g, &name, &p);
            let chain = problems::chain(n, with_multipliers);
            let (mut bands, mut out) = (vec![0.0; 2 * n - 1], vec![0.0; n]);
            g.bench_function(BenchmarkId::new("by hand, new point", &name), |b| {
                b.iter(|| {
                    chain.bands(&p.point, &mut bands);
                    tridiagonal(&bands, &p.directions, &mut out);
                })
            });
            let tape = scalar_engines::echidna_tape::of_chain(&chain, &p.point);
            let (mut duals, mut adjoints) = (Vec::new(), Vec::new());
            g.bench_function(BenchmarkId::new("echidna", &name), |b| {
                b.iter(|| tape.hvp_with_buf(&p.point, &p.directions, &mut duals, &mut adjoints))
            });
        }
    }
    g.finish();
}

criterion_group!(benches, product_norm, networks, mixture_and_process, chains);
criterion_main!(benches);
