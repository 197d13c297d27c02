//! What does a full Hessian cost, against closed forms, differences and engines of scalars?
#![allow(missing_docs, clippy::unwrap_used)] // A bench stops at its first error; criterion's macro has no docs.

mod engines;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use hessite::Graph;
use hessite_bench::by_hand;
use hessite_bench::differences::{CENTRAL, Central, SECOND, second_differences};
use hessite_bench::problems::{self, Problem};
use hessite_bench::requests::{Request, Session};
use hessite_bench::scalar_engines;
use hessite_check::differences::{Step, hessian_of_gradient_central, hessian_of_value};
use nalgebra::{DMatrix, SVector};
use std::hint::black_box;

/// d²L/dY² of ‖X·X·Y‖ for n×n matrices.
fn second_derivative_in_y(c: &mut Criterion) {
    let mut g = engines::group(c, "hessian of |XXY| over Y");
    for n in [4, 8, 16, 24] {
        let p = problems::product_norm(n, 0);
        let m = n * n;
        let (x, y) = (matrix(&p, n, 0), matrix(&p, n, 1));
        let mut out = vec![0.0; m * m];
        let mut session = Session::start(&p, Request::Block(1, 1)).unwrap();
        g.bench_function(BenchmarkId::new("hessite", n), |b| b.iter(|| session.evaluate().unwrap()));
        g.bench_function(BenchmarkId::new("closed form by hand", n), |b| {
            b.iter(|| by_hand::hessian_yy(&x, &y, &mut out))
        });
        let mut central = Central::new(2 * m);
        let mut gradient = by_hand::gradient_of_stacked(n);
        g.bench_function(BenchmarkId::new("central differences of the gradient by hand", n), |b| {
            b.iter(|| central.hessian(&mut gradient, &p.point, m..2 * m, CENTRAL, &mut out))
        });
        let xx = &x * &x;
        if n <= 16 {
            let tape = scalar_engines::echidna_tape::of_y(n, xx.as_slice(), y.as_slice());
            g.bench_function(BenchmarkId::new("echidna, 8 lanes", n), |b| {
                b.iter(|| black_box(tape.hessian_vec::<8>(y.as_slice())))
            });
        }
        if n <= 8 {
            let mut value = by_hand::value_of_stacked(n);
            g.bench_function(BenchmarkId::new("second differences of the value by hand", n), |b| {
                b.iter(|| second_differences(&mut value, &p.point, m..2 * m, SECOND, &mut out))
            });
        }
        match n {
            4 => num_dual::<16>(&mut g, n, &xx, &y),
            8 => num_dual::<64>(&mut g, n, &xx, &y),
            _ => {}
        }
    }
    g.finish();
}

/// log det X of an n×n matrix, whose Hessian −X⁻ᵀ ⊗ X⁻¹, permuted, is n⁴ products of two numbers.
fn logarithm_of_a_determinant(c: &mut Criterion) {
    let mut g = engines::group(c, "hessian of log det X");
    for n in [8, 32] {
        let x0 = matrix(&problems::product_norm(n, 0), n, 0) + DMatrix::identity(n, n) * n as f64;
        let graph = Graph::new();
        let x = graph.matrix("X", n, n);
        let f = graph.function(x.log_determinant()).unwrap();
        let mut at = f.at(&[x.is(&x0)]).unwrap();
        let mut out = vec![0.0; n.pow(4)];
        g.bench_function(BenchmarkId::new("hessite", n), |b| {
            b.iter(|| {
                at.update(&[x.is(&x0)]).unwrap();
                at.hessian_into(&[x], &mut out).unwrap();
            })
        });
        let hessian = out.clone();
        g.bench_function(BenchmarkId::new("closed form by hand", n), |b| {
            b.iter(|| by_hand::hessian_of_log_determinant(&x0, &mut out))
        });
        let difference = hessian.iter().zip(&out).fold(0.0, |m: f64, (x, y)| m.max((x - y).abs()));
        assert!(difference <= 1e-13, "{difference}");
    }
    g.finish();
}

fn num_dual<const N: usize>(
    g: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>,
    n: usize,
    xx: &DMatrix<f64>,
    y: &DMatrix<f64>,
) {
    let y = SVector::<f64, N>::from_column_slice(y.as_slice());
    g.bench_function(BenchmarkId::new("num-dual", n), |b| {
        b.iter(|| black_box(scalar_engines::num_dual_yy::<N>(n, xx.as_slice(), &y)))
    });
}

/// The Hessian over X and Y of ‖X·X·Y‖.
fn over_both(c: &mut Criterion) {
    let mut g = engines::group(c, "hessian of |XXY| over X and Y");
    for n in [4, 8, 16, 24] {
        let p = problems::product_norm(n, 0);
        let m = 2 * n * n;
        let mut session = Session::start(&p, Request::Hessian).unwrap();
        g.bench_function(BenchmarkId::new("hessite", n), |b| b.iter(|| session.evaluate().unwrap()));
        let (mut central, mut out) = (Central::new(m), vec![0.0; m * m]);
        let mut gradient = by_hand::gradient_of_stacked(n);
        g.bench_function(BenchmarkId::new("central differences of the gradient by hand", n), |b| {
            b.iter(|| central.hessian(&mut gradient, &p.point, 0..m, CENTRAL, &mut out))
        });
        g.bench_function(BenchmarkId::new("hessite-check, central on the gradient by hand", n), |b| {
            b.iter(|| hessian_of_gradient_central(&mut gradient, &p.point, Step::Auto, &mut out).unwrap())
        });
        if n <= 8 {
            let mut value = by_hand::value_of_stacked(n);
            g.bench_function(BenchmarkId::new("hessite-check on the value by hand", n), |b| {
                b.iter(|| hessian_of_value(&mut value, &p.point, Step::Auto, &mut out).unwrap())
            });
            let value = std::cell::RefCell::new(value);
            let value = |at: &Vec<f64>| Ok(value.borrow_mut()(at));
            let forward = finitediff::vec::forward_hessian_nograd(&value);
            g.bench_function(BenchmarkId::new("finitediff, forward on the value by hand", n), |b| {
                b.iter(|| black_box(forward(&p.point).unwrap()))
            });
            let gradient = by_hand::gradient_of_stacked(n);
            let gradient = std::cell::RefCell::new(gradient);
            let gradient = |at: &Vec<f64>| {
                let mut out = vec![0.0; m];
                gradient.borrow_mut()(at, &mut out);
                Ok(out)
            };
            let hessian = finitediff::vec::central_hessian(&gradient);
            g.bench_function(BenchmarkId::new("finitediff, central on the gradient by hand", n), |b| {
                b.iter(|| black_box(hessian(&p.point).unwrap()))
            });
            let forward = finitediff::vec::forward_hessian(&gradient);
            g.bench_function(BenchmarkId::new("finitediff, forward on the gradient by hand", n), |b| {
                b.iter(|| black_box(forward(&p.point).unwrap()))
            });
            let tape = scalar_engines::echidna_tape::of_both(n, &p.point);
            g.bench_function(BenchmarkId::new("echidna, 8 lanes", n), |b| {
                b.iter(|| black_box(tape.hessian_vec::<8>(&p.point)))
            });
        }
    }
    g.finish();
}

/// The Hessians of a small network, 161×161, a Gaussian process, 10×10, and a mixture, 330×330.
fn others(c: &mut Criterion) {
    let mut g = engines::group(c, "hessian");
    other(&mut g, "small network", &problems::small_network());
    other(&mut g, "process", &problems::gaussian_process(200));
    other(&mut g, "mixture", &problems::gaussian_mixture());
    g.finish();
}

fn other(g: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>, name: &str, p: &Problem) {
    let mut session = Session::start(p, Request::Hessian).unwrap();
    g.bench_function(BenchmarkId::new("hessite", name), |b| b.iter(|| session.evaluate().unwrap()));
    let recorded = p.record().unwrap();
    let mut point = recorded.function.at(&p.bind(&recorded.vars, &p.point)).unwrap();
    let n = p.layout.len();
    let (mut central, mut out) = (Central::new(n), vec![0.0; n * n]);
    g.bench_function(BenchmarkId::new("central differences of hessite's gradient", name), |b| {
        b.iter(|| {
            let gradient = |x: &[f64], out: &mut [f64]| {
                point.update(&p.bind(&recorded.vars, x)).unwrap();
                point.gradient_into(out).unwrap();
            };
            central.hessian(gradient, &p.point, 0..n, CENTRAL, &mut out)
        })
    });
}

fn matrix(p: &Problem, n: usize, k: usize) -> DMatrix<f64> {
    DMatrix::from_column_slice(n, n, &p.point[k * n * n..(k + 1) * n * n])
}

criterion_group!(benches, second_derivative_in_y, logarithm_of_a_determinant, over_both, others);
criterion_main!(benches);
