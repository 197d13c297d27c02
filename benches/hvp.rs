//! What does one product H·v cost, at a new point and on a kept one, against the alternatives?
#![allow(missing_docs, clippy::unwrap_used)] // A bench stops at its first error; criterion's macro has no docs.

mod engines;

use criterion::{Criterion, criterion_group, criterion_main};
use engines::{Contest, Group};
use hessite_bench::by_hand;
use hessite_bench::chains::tridiagonal;
use hessite_bench::differences::{CENTRAL, Central, FORWARD};
use hessite_bench::problems::{self, Problem};
use hessite_bench::requests::{Asked, Request, Session};
use hessite_bench::scalar_engines::echidna_tape;
use nalgebra::DMatrix;
use std::cell::RefCell;

/// hessite's products and its gradient, and differences of the gradient.
fn hessite<'p>(contest: &mut Contest<'p>, name: &str, p: &'p Problem) {
    for (label, request) in [
        ("gradient, new point", Request::Gradient),
        ("hvp, new point", Request::Hvp),
        ("hvp, kept point", Request::HvpKept),
    ] {
        let mut session = Session::start(p, request).unwrap();
        contest.add(label, name, move || session.evaluate().unwrap());
    }
    let n = p.layout.len();
    let v = &p.directions[..n];
    let (mut asked, mut central, mut out) = (Asked::new(p).unwrap(), Central::new(n), vec![0.0; n]);
    contest.add("central difference of the gradient", name, move || {
        central.hvp(|x: &[f64], g: &mut [f64]| asked.gradient(x, g).unwrap(), &p.point, v, CENTRAL, &mut out)
    });
    let (mut asked, mut forward, mut out) = (Asked::new(p).unwrap(), Central::new(n), vec![0.0; n]);
    let mut here = vec![0.0; n];
    asked.gradient(&p.point, &mut here).unwrap();
    contest.add("forward difference, gradient here known", name, move || {
        let gradient = |x: &[f64], g: &mut [f64]| asked.gradient(x, g).unwrap();
        forward.forward_hvp(gradient, (&p.point, &here), v, FORWARD, &mut out)
    });
}

/// The closed form of ‖X·X·Y‖.
struct Hand {
    form: by_hand::ProductNorm,
    at: [DMatrix<f64>; 2],
    along: [DMatrix<f64>; 2],
    out: [DMatrix<f64>; 2],
}

impl Hand {
    fn new(n: usize, p: &Problem) -> Self {
        let pair =
            |all: &[f64]| [0, 1].map(|k| DMatrix::from_column_slice(n, n, &all[k * n * n..(k + 1) * n * n]));
        let (at, along) = (pair(&p.point), pair(&p.directions));
        let mut hand = Hand { form: by_hand::ProductNorm::new(n), at, along, out: pair(&p.point) };
        hand.update();
        hand
    }

    fn update(&mut self) {
        self.form.update(&self.at[0], &self.at[1]);
    }

    fn gradient(&mut self) {
        let [x, y] = &mut self.out;
        self.form.gradient(x, y);
    }

    fn hvp(&mut self) {
        let [x, y] = &mut self.out;
        self.form.hvp(&self.along[0], &self.along[1], x, y);
    }
}

/// The closed form of ‖X·X·Y‖, and the crate finitediff on its gradient.
fn hand_written<'p>(contest: &mut Contest<'p>, n: usize, p: &'p Problem) {
    let mut hand = Hand::new(n, p);
    contest.add("by hand, gradient", n, move || {
        hand.update();
        hand.gradient();
    });
    let mut hand = Hand::new(n, p);
    contest.add("by hand, new point", n, move || {
        hand.update();
        hand.hvp();
    });
    let mut hand = Hand::new(n, p);
    contest.add("by hand, kept point", n, move || hand.hvp());
    let gradient = RefCell::new(by_hand::gradient_of_stacked(n));
    contest.add("finitediff on the gradient by hand", n, move || {
        let gradient = |at: &Vec<f64>| {
            let mut out = vec![0.0; at.len()];
            gradient.borrow_mut()(at, &mut out);
            Ok(out)
        };
        finitediff::vec::central_hessian_vec_prod(&gradient)(&p.point, &p.directions).unwrap()
    });
}

fn product_norm(c: &mut Criterion) {
    let mut g = engines::group(c, "hvp of |XXY|");
    for n in [16, 64, 256] {
        let (p, mut contest) = (&problems::product_norm(n, 1), Contest::default());
        hessite(&mut contest, &n.to_string(), p);
        hand_written(&mut contest, n, p);
        if n <= 64 {
            let tape = echidna_tape::of_both(n, &p.point);
            let (mut duals, mut adjoints) = (Vec::new(), Vec::new());
            contest.add("echidna", n, move || {
                tape.hvp_with_buf(&p.point, &p.directions, &mut duals, &mut adjoints)
            });
        }
        contest.measure(&mut g);
    }
}

/// Nothing but hessite's own.
fn alone(g: &mut Group<'_>, name: &str, p: &Problem) {
    let mut contest = Contest::default();
    hessite(&mut contest, name, p);
    contest.measure(g);
}

fn networks(c: &mut Criterion) {
    let mut g = engines::group(c, "hvp of a network");
    alone(&mut g, "softmax", &problems::softmax());
    alone(&mut g, "mlp", &problems::network());
}

fn mixture_and_process(c: &mut Criterion) {
    let mut g = engines::group(c, "hvp of a likelihood");
    alone(&mut g, "mixture", &problems::gaussian_mixture());
    alone(&mut g, "process", &problems::gaussian_process(200));
}

/// W3 and W6, against engines of scalars and the tridiagonal Hessian by hand.
fn chains(c: &mut Criterion) {
    let mut g = engines::group(c, "hvp of a chain");
    for n in [1_000, 100_000] {
        for (name, problem, with_multipliers) in [
            ("rosenbrock", problems::rosenbrock(n), false),
            ("luksan-vlcek", problems::luksan_vlcek(n), true),
        ] {
            let (name, p, chain) = (format!("{name} {n}"), &problem, problems::chain(n, with_multipliers));
            let mut contest = Contest::default();
            hessite(&mut contest, &name, p);
            let tape = echidna_tape::of_chain(&chain, &p.point);
            let (mut bands, mut out) = (vec![0.0; 2 * n - 1], vec![0.0; n]);
            contest.add("by hand, new point", &name, move || {
                chain.bands(&p.point, &mut bands);
                tridiagonal(&bands, &p.directions, &mut out);
            });
            let (mut duals, mut adjoints) = (Vec::new(), Vec::new());
            contest.add("echidna", &name, move || {
                tape.hvp_with_buf(&p.point, &p.directions, &mut duals, &mut adjoints)
            });
            contest.measure(&mut g);
        }
    }
}

criterion_group!(benches, product_norm, networks, mixture_and_process, chains);
criterion_main!(benches);
