//! What does a sparse Hessian cost, of Rosenbrock's function (W3) and of Lukšan and Vlček's problem (W6)?
//!
//! hessite has no sparse Hessians: who knows the pattern, here one entry beside the diagonal, colours the columns (three
//! colours), asks for the products with the sums of each colour, and reads the entries off. So do the differences here.
//! echidna finds pattern and colours on its tape beforehand; num-dual makes the small Hessians of the elements.
#![allow(missing_docs, clippy::unwrap_used)] // A bench stops at its first error; criterion's macro has no docs.

mod engines;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use hessite_bench::chains::{seeds, uncolour};
use hessite_bench::differences::{CENTRAL, Central, Gradient};
use hessite_bench::problems;
use hessite_bench::scalar_engines::{echidna_tape, num_dual_bands};
use std::hint::black_box;

fn sparse(c: &mut Criterion) {
    for (name, with_multipliers) in [("Rosenbrock", false), ("Lukšan-Vlček", true)] {
        let mut g = engines::group(c, &format!("sparse hessian of {name}"));
        for n in [1_000, 100_000] {
            one(&mut g, n, with_multipliers);
        }
        g.finish();
    }
}

fn one(
    g: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>,
    n: usize,
    with_multipliers: bool,
) {
    let p = if with_multipliers { problems::luksan_vlcek(n) } else { problems::rosenbrock(n) };
    let (chain, seeds) = (problems::chain(n, with_multipliers), seeds(n));
    let (mut exact, mut bands, mut products) = (vec![0.0; 2 * n - 1], vec![0.0; 2 * n - 1], vec![0.0; 3 * n]);
    chain.bands(&p.point, &mut exact);
    let check = |bands: &[f64], tolerance: f64| {
        let scale = exact.iter().fold(0.0f64, |s, e| s.max(e.abs()));
        let worst = bands.iter().zip(&exact).fold(0.0f64, |w, (a, b)| w.max((a - b).abs()));
        assert!(worst <= tolerance * scale, "differs by {worst:.1e}");
    };

    let recorded = p.record().unwrap();
    let mut point = recorded.function.at(&p.bind(&recorded.vars, &p.point)).unwrap();
    let mut own = |bands: &mut [f64]| {
        point.update(&p.bind(&recorded.vars, &p.point)).unwrap();
        point.hvp_many_into(&seeds, 3, &mut products).unwrap();
        uncolour(&products, bands);
    };
    own(&mut bands);
    check(&bands, 1e-12);
    g.bench_function(BenchmarkId::new("hessite, three colours", n), |b| b.iter(|| own(&mut bands)));

    g.bench_function(BenchmarkId::new("closed form by hand", n), |b| {
        b.iter(|| chain.bands(&p.point, &mut bands))
    });

    let mut central = Central::new(n);
    let mut products = vec![0.0; 3 * n];
    let mut differ = |gradient: &mut dyn FnMut(&[f64], &mut [f64]), bands: &mut [f64]| {
        for (seed, product) in seeds.chunks(n).zip(products.chunks_mut(n)) {
            central.hvp(&mut *gradient, &p.point, seed, CENTRAL, product);
        }
        uncolour(&products, bands);
    };
    let mut by_hand = |x: &[f64], out: &mut [f64]| chain.gradient(x, out);
    differ(&mut by_hand, &mut bands);
    check(&bands, 1e-6);
    g.bench_function(BenchmarkId::new("coloured central differences of the gradient by hand", n), |b| {
        b.iter(|| differ(&mut by_hand, &mut bands))
    });
    let mut other = recorded.function.at(&p.bind(&recorded.vars, &p.point)).unwrap();
    let mut by_hessite = gradient(|x: &[f64], out: &mut [f64]| {
        other.update(&p.bind(&recorded.vars, x)).unwrap();
        other.gradient_into(out).unwrap();
    });
    g.bench_function(BenchmarkId::new("coloured central differences of hessite's gradient", n), |b| {
        b.iter(|| differ(&mut by_hessite, &mut bands))
    });

    num_dual_bands(&chain, &p.point, &mut bands);
    check(&bands, 1e-12);
    g.bench_function(BenchmarkId::new("num-dual, element by element", n), |b| {
        b.iter(|| num_dual_bands(&chain, &p.point, &mut bands))
    });

    // Beyond, the search for W6's pattern takes more than 20 GB.
    if n > 1_000 {
        return;
    }
    let tape = echidna_tape::of_chain(&chain, &p.point);
    let pattern = tape.detect_sparsity();
    let (colours, count) = echidna::sparse::greedy_coloring(&pattern);
    let ask = || tape.sparse_hessian_with_pattern(&p.point, &pattern, &colours, count).2;
    for ((&i, &j), h) in pattern.rows.iter().zip(&pattern.cols).zip(ask()) {
        match i.abs_diff(j) {
            0 => bands[i as usize] = h,
            1 => bands[n + i.min(j) as usize] = h,
            // Of W6 its pattern has more, which are zero.
            _ => assert_eq!(h, 0.0),
        }
    }
    check(&bands, 1e-12);
    g.bench_function(BenchmarkId::new("echidna, pattern and colours known", n), |b| {
        b.iter(|| black_box(ask()))
    });
}

/// A closure whose arguments may live for any time.
fn gradient<F: Gradient>(f: F) -> F {
    f
}

criterion_group!(benches, sparse);
criterion_main!(benches);
