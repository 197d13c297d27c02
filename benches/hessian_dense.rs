//! What does a full Hessian cost, against closed forms, differences and engines of scalars?
#![allow(missing_docs, clippy::unwrap_used)] // A bench stops at its first error; criterion's macro has no docs.

mod engines;

use criterion::{Criterion, criterion_group, criterion_main};
use engines::{Contest, Group};
use hessite::{Coordinates, Graph, Structure};
use hessite_bench::by_hand;
use hessite_bench::differences::{CENTRAL, Central, SECOND, second_differences};
use hessite_bench::problems::{self, Problem};
use hessite_bench::requests::{Asked, Request, Session};
use hessite_bench::scalar_engines::{self, echidna_tape};
use hessite_check::differences::{Step, hessian_of_gradient_central, hessian_of_value};
use nalgebra::{DMatrix, SVector};
use std::cell::RefCell;

/// d²L/dY² of ‖X·X·Y‖ for n×n matrices.
fn second_derivative_in_y(c: &mut Criterion) {
    let mut g = engines::group(c, "hessian of |XXY| over Y");
    for n in [4, 8, 16, 24] {
        let (p, m) = (&problems::product_norm(n, 0), n * n);
        let (x, y) = (&matrix(p, n, 0), &matrix(p, n, 1));
        let (xx, mut contest) = (&(x * x), Contest::default());
        let new = || vec![0.0; m * m];
        let mut session = Session::start(p, Request::Block(1, 1)).unwrap();
        contest.add("hessite", n, move || session.evaluate().unwrap());
        let mut out = new();
        contest.add("closed form by hand", n, move || by_hand::hessian_yy(x, y, &mut out));
        let (mut central, mut gradient, mut out) =
            (Central::new(2 * m), by_hand::gradient_of_stacked(n), new());
        contest.add("central differences of the gradient by hand", n, move || {
            central.hessian(&mut gradient, &p.point, m..2 * m, CENTRAL, &mut out)
        });
        if n <= 16 {
            let tape = echidna_tape::of_y(n, xx.as_slice(), y.as_slice());
            contest.add("echidna, 8 lanes", n, move || tape.hessian_vec::<8>(y.as_slice()));
        }
        if n <= 8 {
            let (mut value, mut out) = (by_hand::value_of_stacked(n), new());
            contest.add("second differences of the value by hand", n, move || {
                second_differences(&mut value, &p.point, m..2 * m, SECOND, &mut out)
            });
        }
        match n {
            4 => num_dual::<16>(&mut contest, n, xx, y),
            8 => num_dual::<64>(&mut contest, n, xx, y),
            _ => {}
        }
        contest.measure(&mut g);
    }
}

fn num_dual<'a, const N: usize>(contest: &mut Contest<'a>, n: usize, xx: &'a DMatrix<f64>, y: &DMatrix<f64>) {
    let y = SVector::<f64, N>::from_column_slice(y.as_slice());
    contest.add("num-dual", n, move || scalar_engines::num_dual_yy::<N>(n, xx.as_slice(), &y));
}

/// log det X of an n×n matrix, whose Hessian −X⁻ᵀ ⊗ X⁻¹, permuted, is n⁴ products of two numbers.
fn logarithm_of_a_determinant(c: &mut Criterion) {
    let mut g = engines::group(c, "hessian of log det X");
    for n in [8, 32] {
        let x0 = &(matrix(&problems::product_norm(n, 0), n, 0) + DMatrix::identity(n, n) * n as f64);
        let graph = Graph::new();
        let x = graph.matrix("X", n, n);
        let f = graph.function(x.log_determinant()).unwrap();
        let mut at = f.at(&[x.is(x0)]).unwrap();
        let (mut own, mut by_hand) = (vec![0.0; n.pow(4)], vec![0.0; n.pow(4)]);
        at.hessian_into(&[x], &mut own).unwrap();
        by_hand::hessian_of_log_determinant(x0, &mut by_hand);
        let difference = own.iter().zip(&by_hand).fold(0.0, |m: f64, (x, y)| m.max((x - y).abs()));
        assert!(difference <= 1e-13, "{difference}");
        let mut contest = Contest::default();
        contest.add("hessite", n, move || {
            at.update(&[x.is(x0)]).unwrap();
            at.hessian_into(&[x], &mut own).unwrap();
        });
        contest.add("closed form by hand", n, move || by_hand::hessian_of_log_determinant(x0, &mut by_hand));
        contest.measure(&mut g);
    }
}

/// The Hessian over X and Y of ‖X·X·Y‖.
fn over_both(c: &mut Criterion) {
    let mut g = engines::group(c, "hessian of |XXY| over X and Y");
    for n in [4, 8, 16, 24] {
        let (p, m, mut contest) = (&problems::product_norm(n, 0), 2 * n * n, Contest::default());
        let mut session = Session::start(p, Request::Hessian).unwrap();
        contest.add("hessite", n, move || session.evaluate().unwrap());
        let (mut central, mut gradient, mut out) =
            (Central::new(m), by_hand::gradient_of_stacked(n), vec![0.0; m * m]);
        contest.add("central differences of the gradient by hand", n, move || {
            central.hessian(&mut gradient, &p.point, 0..m, CENTRAL, &mut out)
        });
        let (mut gradient, mut out) = (by_hand::gradient_of_stacked(n), vec![0.0; m * m]);
        contest.add("hessite-check, central on the gradient by hand", n, move || {
            hessian_of_gradient_central(&mut gradient, &p.point, Step::Auto, &mut out).unwrap()
        });
        if n <= 8 {
            others_over_both(&mut contest, n, p);
        }
        contest.measure(&mut g);
    }
}

fn others_over_both<'p>(contest: &mut Contest<'p>, n: usize, p: &'p Problem) {
    let m = 2 * n * n;
    let (mut value, mut out) = (by_hand::value_of_stacked(n), vec![0.0; m * m]);
    contest.add("hessite-check on the value by hand", n, move || {
        hessian_of_value(&mut value, &p.point, Step::Auto, &mut out).unwrap()
    });
    let value = RefCell::new(by_hand::value_of_stacked(n));
    contest.add("finitediff, forward on the value by hand", n, move || {
        let value = |at: &Vec<f64>| Ok(value.borrow_mut()(at));
        finitediff::vec::forward_hessian_nograd(&value)(&p.point).unwrap()
    });
    for central in [true, false] {
        let gradient = RefCell::new(by_hand::gradient_of_stacked(n));
        let kind = if central { "central" } else { "forward" };
        contest.add(&format!("finitediff, {kind} on the gradient by hand"), n, move || {
            let gradient = |at: &Vec<f64>| {
                let mut out = vec![0.0; m];
                gradient.borrow_mut()(at, &mut out);
                Ok(out)
            };
            match central {
                true => finitediff::vec::central_hessian(&gradient)(&p.point).unwrap(),
                false => finitediff::vec::forward_hessian(&gradient)(&p.point).unwrap(),
            }
        });
    }
    let tape = echidna_tape::of_both(n, &p.point);
    contest.add("echidna, 8 lanes", n, move || tape.hessian_vec::<8>(&p.point));
}

/// The Hessians of a small network, 161×161, a Gaussian process, 10×10, and a mixture, 330×330.
fn others(c: &mut Criterion) {
    let mut g = engines::group(c, "hessian");
    other(&mut g, "small network", &problems::small_network());
    other(&mut g, "process", &problems::gaussian_process(200));
    other(&mut g, "mixture", &problems::gaussian_mixture());
}

fn other(g: &mut Group<'_>, name: &str, p: &Problem) {
    let (n, mut contest) = (p.layout.len(), Contest::default());
    let mut session = Session::start(p, Request::Hessian).unwrap();
    contest.add("hessite", name, move || session.evaluate().unwrap());
    let (mut asked, mut central, mut out) = (Asked::new(p).unwrap(), Central::new(n), vec![0.0; n * n]);
    contest.add("central differences of hessite's gradient", name, move || {
        let gradient = |x: &[f64], out: &mut [f64]| asked.gradient(x, out).unwrap();
        central.hessian(gradient, &p.point, 0..n, CENTRAL, &mut out)
    });
    contest.measure(g);
}

fn matrix(p: &Problem, n: usize, k: usize) -> DMatrix<f64> {
    DMatrix::from_column_slice(n, n, &p.point[k * n * n..(k + 1) * n * n])
}

fn of_structure(x: &DMatrix<f64>, structure: Structure) -> DMatrix<f64> {
    match structure {
        Structure::Symmetric => x + x.transpose(),
        Structure::Skew => x - x.transpose(),
        _ => x.lower_triangle(),
    }
}

/// The Hessian over X and Y of ‖X·X·Y‖ for 24×24 matrices, X free or of a structure: by directions that are kept as what
/// they are, and by the dense lanes of a panel of unit vectors.
fn structured(c: &mut Criterion) {
    let (mut g, n) = (engines::group(c, "hessian of |XXY|, X structured"), 24);
    let p = &problems::product_norm(n, 0);
    let (free, y0) = (&matrix(p, n, 0), &matrix(p, n, 1));
    for (name, structure) in [
        ("free", None),
        ("symmetric", Some(Structure::Symmetric)),
        ("lower triangular", Some(Structure::LowerTriangular)),
        ("skew", Some(Structure::Skew)),
    ] {
        let graph = Graph::new();
        let of = |s| graph.structured("X", n, s, Coordinates::Entries);
        let x = structure.map_or_else(|| graph.matrix("X", n, n), of);
        let x0 = &structure.map_or_else(|| free.clone(), |s| of_structure(free, s));
        let y = graph.matrix("Y", n, n);
        let f = &graph.function((x * x * y).norm()).unwrap();
        let m = f.dimension();
        let at = || f.at(&[x.is(x0), y.is(y0)]).unwrap();
        let (mut point, mut out, mut contest) = (at(), vec![0.0; m * m], Contest::default());
        contest.add("hessite", name, move || {
            point.update(&[x.is(x0), y.is(y0)]).unwrap();
            point.hessian_into(&[x, y], &mut out).unwrap();
        });
        let (mut point, mut out, units) = (at(), vec![0.0; m * m], DMatrix::<f64>::identity(m, m));
        contest.add("dense lanes", name, move || {
            point.update(&[x.is(x0), y.is(y0)]).unwrap();
            point.hvp_many_into(units.as_slice(), m, &mut out).unwrap();
        });
        contest.measure(&mut g);
    }
}

criterion_group!(benches, structured, second_derivative_in_y, logarithm_of_a_determinant, over_both, others);
criterion_main!(benches);
