//! What does a sparse Hessian cost, of Rosenbrock's function (W3) and of Lukšan and Vlček's problem (W6)?
//!
//! hessite has no sparse Hessians: who knows the pattern, here one entry beside the diagonal, colours the columns (three
//! colours), asks for the products with the sums of each colour, and reads the entries off. So do the differences here.
//! echidna finds pattern and colours on its tape beforehand; num-dual makes the small Hessians of the elements.
#![allow(missing_docs, clippy::unwrap_used)] // A bench stops at its first error; criterion's macro has no docs.

mod engines;

use criterion::{Criterion, criterion_group, criterion_main};
use engines::{Contest, Group};
use hessite_bench::chains::{seeds, uncolour};
use hessite_bench::differences::{CENTRAL, Central};
use hessite_bench::problems;
use hessite_bench::requests::Asked;
use hessite_bench::scalar_engines::{echidna_tape, num_dual_bands};

fn sparse(c: &mut Criterion) {
    for (name, with_multipliers) in [("Rosenbrock", false), ("Lukšan-Vlček", true)] {
        let mut g = engines::group(c, &format!("sparse hessian of {name}"));
        for n in [1_000, 100_000] {
            one(&mut g, n, with_multipliers);
        }
    }
}

/// A contest whose contestants fill bands, which are compared with the closed form first.
struct Bands<'a> {
    contest: Contest<'a>,
    exact: Vec<f64>,
}

impl<'a> Bands<'a> {
    fn add(&mut self, label: &str, n: usize, tolerance: f64, mut fill: impl FnMut(&mut [f64]) + 'a) {
        let mut bands = vec![0.0; self.exact.len()];
        fill(&mut bands);
        let scale = self.exact.iter().fold(0.0f64, |s, e| s.max(e.abs()));
        let right = |(a, b): (&f64, &f64)| (a - b).abs() <= tolerance * scale;
        assert!(bands.iter().zip(&self.exact).all(right), "{label} differs");
        self.contest.add(label, n, move || fill(&mut bands));
    }
}

/// Bands by coloured central differences.
fn differ<'a>(
    p: &'a problems::Problem,
    mut gradient: impl FnMut(&[f64], &mut [f64]) + 'a,
) -> impl FnMut(&mut [f64]) + 'a {
    let n = p.point.len();
    let (seeds, mut products, mut central) = (seeds(n), vec![0.0; 3 * n], Central::new(n));
    move |bands| {
        for (seed, product) in seeds.chunks(n).zip(products.chunks_mut(n)) {
            central.hvp(&mut gradient, &p.point, seed, CENTRAL, product);
        }
        uncolour(&products, bands);
    }
}

fn one(g: &mut Group<'_>, n: usize, with_multipliers: bool) {
    let p = &if with_multipliers { problems::luksan_vlcek(n) } else { problems::rosenbrock(n) };
    let chain = &problems::chain(n, with_multipliers);
    let mut exact = vec![0.0; 2 * n - 1];
    chain.bands(&p.point, &mut exact);
    let mut contest = Bands { contest: Contest::default(), exact };

    let recorded = p.record().unwrap();
    let mut point = recorded.function.at(&p.bind(&recorded.vars, &p.point)).unwrap();
    let (seeds, mut products) = (seeds(n), vec![0.0; 3 * n]);
    contest.add("hessite, three colours", n, 1e-12, move |bands| {
        point.update(&p.bind(&recorded.vars, &p.point)).unwrap();
        point.hvp_many_into(&seeds, 3, &mut products).unwrap();
        uncolour(&products, bands);
    });
    contest.add("closed form by hand", n, 0.0, move |bands| chain.bands(&p.point, bands));
    let by_hand = differ(p, |x, out| chain.gradient(x, out));
    contest.add("coloured central differences of the gradient by hand", n, 1e-6, by_hand);
    let mut asked = Asked::new(p).unwrap();
    let by_hessite = differ(p, move |x, out| asked.gradient(x, out).unwrap());
    contest.add("coloured central differences of hessite's gradient", n, 1e-6, by_hessite);
    contest
        .add("num-dual, element by element", n, 1e-12, move |bands| num_dual_bands(chain, &p.point, bands));

    // Beyond, the search for W6's pattern takes more than 20 GB.
    if n <= 1_000 {
        let tape = echidna_tape::of_chain(chain, &p.point);
        let pattern = tape.detect_sparsity();
        let (colours, count) = echidna::sparse::greedy_coloring(&pattern);
        contest.add("echidna, pattern and colours known", n, 1e-12, move |bands| {
            let entries = tape.sparse_hessian_with_pattern(&p.point, &pattern, &colours, count).2;
            for ((&i, &j), h) in pattern.rows.iter().zip(&pattern.cols).zip(entries) {
                match i.abs_diff(j) {
                    0 => bands[i as usize] = h,
                    1 => bands[n + i.min(j) as usize] = h,
                    // Of W6 its pattern has more, which are zero.
                    _ => assert_eq!(h, 0.0),
                }
            }
        });
    }
    contest.contest.measure(g);
}

criterion_group!(benches, sparse);
criterion_main!(benches);
