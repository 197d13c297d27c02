//! What does each primitive's H·v cost at a new point, against its closed form, two gradients, and its bare value?
//!
//! The limits are the closed form by hand, where there is one, and the value alone by nalgebra; "one product" is that
//! of two n×n matrices by matrixmultiply, the unit of all of these. Differences take hessite's own gradient.
#![allow(missing_docs, clippy::unwrap_used)] // A bench stops at its first error; criterion's macro has no docs.

mod engines;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use hessite_bench::differences::{CENTRAL, Central};
use hessite_bench::primitives::{PRIMITIVES, Primitive, weights};
use hessite_bench::requests::{Request, Session};
use nalgebra::DMatrix;
use std::hint::black_box;
use std::time::Duration;

type Group<'c> = criterion::BenchmarkGroup<'c, criterion::measurement::WallTime>;

fn primitives(c: &mut Criterion) {
    for n in [64, 256] {
        let mut g = engines::group(c, &format!("primitives, n = {n}"));
        // Some two hundred of these: a minute each size.
        g.warm_up_time(Duration::from_millis(50)).measurement_time(Duration::from_millis(200));
        let (a, mut out) = (weights(n), DMatrix::zeros(n, n));
        g.bench_function("one product", |b| b.iter(|| out.gemm(1.0, black_box(&a), black_box(&a), 0.0)));
        for primitive in PRIMITIVES.iter().filter(|p| n <= p.largest) {
            one(&mut g, primitive, n);
        }
        g.finish();
    }
}

fn one(g: &mut Group<'_>, primitive: &Primitive, n: usize) {
    let (p, c, id) = (primitive.problem(n), weights(n), |what| BenchmarkId::new(primitive.name, what));
    let (a, v) =
        (DMatrix::from_column_slice(n, n, &p.point), DMatrix::from_column_slice(n, n, &p.directions));
    let mut session = Session::start(&p, Request::Hvp).unwrap();
    let mut gradient = Session::start(&p, Request::Gradient).unwrap();
    let recorded = p.record().unwrap();
    let mut point = recorded.function.at(&p.bind(&recorded.vars, &p.point)).unwrap();
    let (mut central, mut out) = (Central::new(n * n), vec![0.0; n * n]);
    g.bench_function(id("hessite"), |b| b.iter(|| session.evaluate().unwrap()));
    if let Some(closed) = primitive.closed {
        g.bench_function(id("closed form by hand"), |b| b.iter(|| black_box(closed(&a, &v, &c))));
    }
    g.bench_function(id("central difference of hessite's gradient"), |b| {
        b.iter(|| {
            let at = |x: &[f64], out: &mut [f64]| {
                point.update(&p.bind(&recorded.vars, x)).unwrap();
                point.gradient_into(out).unwrap();
            };
            central.hvp(at, &p.point, &p.directions, CENTRAL, &mut out)
        })
    });
    g.bench_function(id("hessite's gradient"), |b| b.iter(|| gradient.evaluate().unwrap()));
    if let Some(plain) = primitive.plain {
        g.bench_function(id("value by nalgebra"), |b| b.iter(|| black_box(plain(&a, &c))));
    }
}

criterion_group!(benches, primitives);
criterion_main!(benches);
