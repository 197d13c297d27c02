//! How far are differences from the second derivative, at each step and at their best one? And hessite?
//!
//! d²L/dY² of ‖X·X·Y‖ against its closed form, H·v of the other workloads against mpmath to 50 digits; the largest error
//! of an entry relative to the largest entry. Of the mlp's 4810 entries, differences of values compute every 16th.
#![allow(missing_docs, clippy::unwrap_used)] // It stops at its first error.

use hessite_bench::by_hand;
use hessite_bench::differences::{Central, second_differences};
use hessite_bench::page::curves;
use hessite_bench::problems;
use hessite_bench::references::{self, Reference};
use hessite_bench::requests::{Request, Session};
use nalgebra::DMatrix;

fn main() {
    for n in [4, 8] {
        errors(n);
    }
    for r in references::products().unwrap() {
        products(&r);
    }
}

fn products(r: &Reference) {
    let curves = curves::steps(r).unwrap();
    println!(
        "{}: H·v\n{:>10} {}",
        r.name,
        "step",
        curves.iter().map(|c| format!(" {:>28}", c.label)).collect::<String>()
    );
    for s in &curves[0].samples {
        let row = curves
            .iter()
            .map(|c| c.at(s.x.middle).map_or(format!(" {:>28}", ""), |s| format!(" {:>28.1e}", s.y.middle)));
        println!("{:>10.1e} {}", s.x.middle, row.collect::<String>());
    }
    let own = r.exact.error(Session::start(&r.problem, Request::Hvp).unwrap().stacked());
    let best = curves.iter().map(|c| format!(" {:>28.1e}", curves::best(c).y.middle));
    println!("{:>10} {}\nhessite: {own:.1e}\n", "best", best.collect::<String>());
}

fn errors(n: usize) {
    let p = problems::product_norm(n, 0);
    let m = n * n;
    let pair = |at: &[f64]| {
        let (x, y) = at.split_at(m);
        (DMatrix::from_column_slice(n, n, x), DMatrix::from_column_slice(n, n, y))
    };
    let (x, y) = pair(&p.point);
    let mut exact = vec![0.0; m * m];
    by_hand::hessian_yy(&x, &y, &mut exact);
    let scale = exact.iter().fold(0.0f64, |s, h| s.max(h.abs()));
    let error = |h: &[f64]| h.iter().zip(&exact).fold(0.0f64, |e, (a, b)| e.max((a - b).abs())) / scale;

    println!("n = {n}\n{:>10} {:>24} {:>24}", "step", "central, of gradients", "second, of values");
    let (mut best, mut out) = ([f64::INFINITY; 2], vec![0.0; m * m]);
    let (mut hand, mut central) = (by_hand::ProductNorm::new(n), Central::new(2 * m));
    let (mut gx, mut gy) = (DMatrix::zeros(n, n), DMatrix::zeros(n, n));
    for k in 2..=18 {
        let h = 10f64.powf(-f64::from(k) / 2.0);
        let gradient = |at: &[f64], out: &mut [f64]| {
            let (x, y) = pair(at);
            hand.update(&x, &y);
            hand.gradient(&mut gx, &mut gy);
            out.copy_from_slice(&[gx.as_slice(), gy.as_slice()].concat());
        };
        central.hessian(gradient, &p.point, m..2 * m, h, &mut out);
        let first = error(&out);
        let value = |at: &[f64]| {
            let (x, y) = pair(at);
            (&x * (&x * y)).norm()
        };
        second_differences(value, &p.point, m..2 * m, h, &mut out);
        let second = error(&out);
        best = [best[0].min(first), best[1].min(second)];
        println!("{h:>10.1e} {first:>24.1e} {second:>24.1e}");
    }
    let own = error(Session::start(&p, Request::Block(1, 1)).unwrap().stacked());
    println!("{:>10} {:>24.1e} {:>24.1e}", "best", best[0], best[1]);
    println!("hessite: {own:.1e}; closer by {:.0e} and {:.0e}\n", best[0] / own, best[1] / own);
}
