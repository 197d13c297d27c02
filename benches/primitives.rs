//! What does each primitive's H·v cost at a new point, against its closed form, two gradients, and its bare value? And
//! its full Hessian, by directions that are kept for the unit matrices that they are, against the same by dense lanes?
//!
//! The limits are the closed form by hand, where there is one, and the value alone by nalgebra; "one product" is that
//! of two n×n matrices by matrixmultiply, the unit of all of these. Differences take hessite's own gradient.
#![allow(missing_docs, clippy::unwrap_used)] // A bench stops at its first error; criterion's macro has no docs.

mod engines;

use criterion::{Criterion, criterion_group, criterion_main};
use engines::{Contest, Group};
use hessite_bench::differences::{CENTRAL, Central};
use hessite_bench::primitives::{PRIMITIVES, Primitive, weights};
use hessite_bench::requests::{Asked, Request, Session};
use nalgebra::DMatrix;
use std::hint::black_box;

fn primitives(c: &mut Criterion) {
    for n in [64, 256] {
        let mut g = engines::group(c, &format!("primitives, n = {n}"));
        let (a, mut out, mut unit) = (weights(n), DMatrix::zeros(n, n), Contest::default());
        unit.add("one product", "", move || out.gemm(1.0, black_box(&a), black_box(&a), 0.0));
        unit.measure(&mut g);
        for primitive in PRIMITIVES.iter().filter(|p| n <= p.largest) {
            one(&mut g, primitive, n);
        }
    }
}

fn one(g: &mut Group<'_>, primitive: &Primitive, n: usize) {
    let (p, c, name) = (&primitive.problem(n), &weights(n), primitive.name);
    let matrix = |all: &[f64]| DMatrix::from_column_slice(n, n, all);
    let (a, v) = (&matrix(&p.point), &matrix(&p.directions));
    let mut contest = Contest::default();
    let mut session = Session::start(p, Request::Hvp).unwrap();
    contest.add(name, "hessite", move || session.evaluate().unwrap());
    if let Some(closed) = primitive.closed {
        contest.add(name, "closed form by hand", move || closed(a, v, c));
    }
    let (mut asked, mut central, mut out) = (Asked::new(p).unwrap(), Central::new(n * n), vec![0.0; n * n]);
    contest.add(name, "central difference of hessite's gradient", move || {
        let gradient = |x: &[f64], out: &mut [f64]| asked.gradient(x, out).unwrap();
        central.hvp(gradient, &p.point, &p.directions, CENTRAL, &mut out)
    });
    let mut gradient = Session::start(p, Request::Gradient).unwrap();
    contest.add(name, "hessite's gradient", move || gradient.evaluate().unwrap());
    if let Some(plain) = primitive.plain {
        contest.add(name, "value by nalgebra", move || plain(a, c));
    }
    contest.measure(g);
}

/// The dense lanes are those of a panel of products with all unit vectors.
fn hessians(c: &mut Criterion) {
    for n in [8, 16] {
        let mut g = engines::group(c, &format!("hessians of primitives, n = {n}"));
        for primitive in PRIMITIVES {
            let (p, m, mut contest) = (&primitive.problem(n), n * n, Contest::default());
            let mut session = Session::start(p, Request::Hessian).unwrap();
            contest.add(primitive.name, "hessite", move || session.evaluate().unwrap());
            let recorded = p.record().unwrap();
            let mut point = recorded.function.at(&p.bind(&recorded.vars, &p.point)).unwrap();
            let (units, mut out) = (DMatrix::<f64>::identity(m, m), vec![0.0; m * m]);
            contest.add(primitive.name, "dense lanes", move || {
                point.update(&p.bind(&recorded.vars, &p.point)).unwrap();
                point.hvp_many_into(units.as_slice(), m, &mut out).unwrap();
            });
            contest.measure(&mut g);
        }
    }
}

criterion_group!(benches, primitives, hessians);
criterion_main!(benches);
