//! The same bits for any number of threads; functions, points and keys shared between them.

use hessite::{
    Block, Control, Error, Estimate, Function, Graph, Hessian, Key, Mode, Operator, PerVariable, Point, Var,
};
use nalgebra::DMatrix;
use std::sync::Barrier;

/// Σ softplus of XᵀAX·Y plus a norm: no entry of the Hessian is zero, and at n = 12 calls go parallel.
fn sample(n: usize) -> (Function, Var, Var) {
    let g = Graph::new();
    let (x, y) = (g.matrix("X", n, n), g.matrix("Y", n, n));
    let z = x.transpose() * x * y;
    let f = g.function(z.softplus().sum() + (x * y).norm() + z.row_logsumexp().sum()).unwrap();
    (f, x.var(), y.var())
}

fn entries(n: usize, seed: f64) -> DMatrix<f64> {
    DMatrix::from_fn(n, n, |i, j| ((1 + i + n * j) as f64 * seed).sin() / n as f64)
}

fn at(f: &Function, x: Var, y: Var, n: usize, seed: f64) -> Point {
    f.at(&[x.is(&entries(n, seed)), y.is(&entries(n, seed + 0.31))]).unwrap()
}

fn bits<'a>(all: impl IntoIterator<Item = &'a f64>) -> Vec<u64> {
    all.into_iter().map(|x| x.to_bits()).collect()
}

/// All calls that deal directions, as bits.
fn everything(p: &Point, x: Var, y: Var, n: usize) -> Vec<u64> {
    let panel = DMatrix::from_fn(2 * n * n, 11, |i, j| ((i * 11 + j) as f64 * 0.17).cos());
    let v = entries(n, 2.2);
    [
        bits(&[p.value()]),
        bits(&p.gradient().unwrap().stacked()),
        bits(p.hessian(&[x, y]).unwrap().matrix()),
        bits(p.hessian(&[y]).unwrap().matrix()),
        bits(p.block(x, y).unwrap().matrix()),
        bits(p.block(y, x).unwrap().matrix()),
        bits(&p.hvp_many(&panel).unwrap()),
        bits(&p.hvp(&[x.is(&v), y.is(&v)]).unwrap().stacked()),
        bits(&p.hvp(&[y.is(&v)]).unwrap().stacked()),
    ]
    .concat()
}

fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let n = 12;
    let (f, x, y) = sample(n);
    let p = at(&f, x, y, n, 0.7);
    let expected = pool(1).install(|| everything(&p, x, y, n));
    for threads in [2, 3, 4, 7, 8, 16] {
        let pool = pool(threads);
        assert!(pool.install(|| everything(&p, x, y, n)) == expected, "{threads} threads, shared point");
        let fresh = at(&f, x, y, n, 0.7);
        assert!(pool.install(|| everything(&fresh, x, y, n)) == expected, "{threads} threads, fresh point");
    }
}

#[test]
fn numbers_at_the_ends_of_the_range_keep_their_bits() {
    let n = 12;
    let g = Graph::new();
    let (x, y) = (g.matrix("X", n, n), g.matrix("Y", n, n));
    // Entries and results among the denormal numbers, zeros of either sign between them.
    let f = g.function((x.component_mul(x) * y).sum() + (x * y).norm_squared()).unwrap();
    let cubic = g.function((x.component_mul(x).component_mul(y)).sum()).unwrap();
    let (x, y) = (x.var(), y.var());
    for scale in [1e-155, 1e-310, 1e70] {
        let x0 = entries(n, 0.7).map(|v| if v > 0.04 { v * scale } else { -0.0 });
        let y0 = entries(n, 0.9).map(|v| v * if scale > 1.0 { scale } else { 1.0 });
        let ask = || {
            let p = f.at(&[x.is(&x0), y.is(&y0)]).unwrap();
            everything(&p, x, y, n)
        };
        let expected = pool(1).install(ask);
        for threads in [2, 5] {
            assert!(pool(threads).install(ask) == expected, "{threads} threads at {scale}");
        }
        // Nothing is flushed to zero: d²/dXdY of x²y is 2x to the bit.
        let p = cubic.at(&[x.is(&x0), y.is(&y0)]).unwrap();
        let b = p.block(x, y).unwrap();
        for (e, x) in x0.iter().enumerate() {
            assert_eq!(b.matrix()[(e, e)], 2.0 * x);
        }
    }
}

#[test]
fn twenty_repeats_give_the_same_bits() {
    let n = 12;
    let (f, x, y) = sample(n);
    let pool = pool(4);
    let mut p = at(&f, x, y, n, 0.7);
    let expected = pool.install(|| everything(&p, x, y, n));
    for _ in 0..20 {
        p.update(&[x.is(&entries(n, 5.0)), y.is(&entries(n, 6.0))]).unwrap();
        p.update(&[x.is(&entries(n, 0.7)), y.is(&entries(n, 0.7 + 0.31))]).unwrap();
        assert!(pool.install(|| everything(&p, x, y, n)) == expected);
    }
}

#[test]
fn large_products_give_the_same_bits() {
    // Large enough for a product itself to be cut into strips.
    let n = 160;
    let g = Graph::new();
    let (x, y) = (g.matrix("X", n, n), g.matrix("Y", n, n));
    let f = g.function((x * x * y).norm()).unwrap();
    let (x, y) = (x.var(), y.var());
    let v = entries(n, 1.9);
    let ask = || {
        let p = at(&f, x, y, n, 0.3);
        let hv = p.hvp(&[x.is(&v), y.is(&v)]).unwrap();
        [bits(&[p.value()]), bits(&p.gradient().unwrap().stacked()), bits(&hv.stacked())].concat()
    };
    let expected = pool(1).install(ask);
    for threads in [2, 5] {
        assert!(pool(threads).install(ask) == expected, "{threads} threads");
    }
}

#[test]
fn factorisations_and_functions_of_spectra_give_the_same_bits() {
    type Record = for<'g> fn(hessite::Matrix<'g>, hessite::Matrix<'g>) -> hessite::Scalar<'g>;
    let records: [(&str, usize, Record); 9] = [
        ("inverse", 150, |x, _| x.inverse().norm_squared()),
        ("solve", 150, |x, y| x.solve(y).norm_squared()),
        ("determinant", 12, |x, _| x.determinant()),
        ("log_determinant", 150, |x, _| x.log_abs_determinant()),
        ("cholesky", 150, |x, y| (x * x.transpose()).solve_positive_definite(y).norm_squared()),
        ("qr", 100, |x, _| x.qr().0.exp().sum()),
        ("expm", 40, |x, _| x.expm().norm_squared()),
        ("sqrt", 20, |x, _| (x * x.transpose()).spectral().sqrt().norm_squared()),
        ("nuclear norm", 16, |x, _| x.nuclear_norm()),
    ];
    for (name, n, record) in records {
        let g = Graph::new();
        let (x, y) = (g.matrix("X", n, n), g.matrix("Y", n, n));
        let f = g.function(record(x, y) + y.norm_squared()).unwrap();
        let (x, y) = (x.var(), y.var());
        let diagonal = DMatrix::from_diagonal_element(n, n, 2.0);
        let (x0, v) = (entries(n, 0.3) + diagonal, entries(n, 1.9));
        let panel = DMatrix::from_fn(2 * n * n, 5, |i, j| ((i * 5 + j) as f64 * 0.13).sin());
        let ask = || {
            let p = f.at(&[x.is(&x0), y.is(&entries(n, 0.61))]).unwrap();
            let hv = p.hvp(&[x.is(&v), y.is(&v)]).unwrap();
            let many = p.hvp_many(&panel).unwrap();
            [bits(&[p.value()]), bits(&p.gradient().unwrap().stacked()), bits(&hv.stacked()), bits(&many)]
                .concat()
        };
        let expected = pool(1).install(ask);
        for threads in [2, 3, 16] {
            assert!(pool(threads).install(ask) == expected, "{name} on {threads} threads");
        }
    }
}

#[test]
fn pools_within_pools_give_the_same_bits() {
    use rayon::prelude::*;
    let n = 12;
    let (f, x, y) = sample(n);
    let p = at(&f, x, y, n, 0.7);
    let expected = pool(1).install(|| everything(&p, x, y, n));
    let all: Vec<Vec<u64>> = pool(3).install(|| {
        let inner: Vec<_> = (0..6).into_par_iter().map(|_| everything(&p, x, y, n)).collect();
        let nested = pool(2);
        inner.into_iter().chain([nested.install(|| everything(&p, x, y, n))]).collect()
    });
    assert!(all.iter().all(|got| *got == expected));
}

#[test]
fn threads_share_a_function_each_with_a_point_of_its_own() {
    let n = 6;
    let (f, x, y) = sample(n);
    let alone: Vec<_> = (0..8).map(|k| everything(&at(&f, x, y, n, 0.4 + k as f64), x, y, n)).collect();
    // A function that nobody has asked anything: its plans are made while eight threads want them.
    let (f, x, y) = sample(n);
    let barrier = Barrier::new(8);
    let together: Vec<_> = std::thread::scope(|s| {
        let threads: Vec<_> = (0..8)
            .map(|k| {
                let (f, barrier) = (&f, &barrier);
                s.spawn(move || {
                    barrier.wait();
                    let p = at(f, x, y, n, 0.4 + k as f64);
                    everything(&p, x, y, n)
                })
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert!(together == alone);
}

#[test]
fn threads_share_a_point_and_ask_different_things_at_once() {
    let n = 8;
    let (f, x, y) = sample(n);
    let expected = everything(&at(&f, x, y, n, 0.9), x, y, n);
    let (value, gradient) = {
        let p = at(&f, x, y, n, 0.9);
        (p.value(), p.gradient().unwrap())
    };
    for _ in 0..5 {
        let (f, x, y) = sample(n);
        let p = at(&f, x, y, n, 0.9);
        let barrier = Barrier::new(6);
        std::thread::scope(|s| {
            let (p, barrier, gradient, expected) = (&p, &barrier, &gradient, &expected);
            for k in 0..6 {
                s.spawn(move || {
                    barrier.wait();
                    match k {
                        0 => assert_eq!(p.value(), value),
                        1 => assert_eq!(p.gradient().unwrap().stacked(), gradient.stacked()),
                        2 => drop(p.block(x, y).unwrap()),
                        3 => drop(p.hessian(&[y]).unwrap()),
                        4 => drop(p.hvp(&[x.is(&entries(n, 2.2))]).unwrap()),
                        _ => drop(p.operator().apply(&vec![1.0; 2 * n * n], &mut vec![0.0; 2 * n * n])),
                    }
                    assert_eq!(p.gradient().unwrap().stacked(), gradient.stacked());
                    // Rounding may depend on what was asked first (whether a gradient stands already), so here only
                    // the value and the gradient are compared as bits, and all else to rounding.
                    let got = everything(p, x, y, n);
                    for (a, b) in got.iter().zip(expected) {
                        let (a, b) = (f64::from_bits(*a), f64::from_bits(*b));
                        assert!((a - b).abs() <= 1e-12 * (1.0 + b.abs()), "{a} {b}");
                    }
                });
            }
        });
    }
}

#[test]
fn keys_outlive_the_graph_and_enter_threads() {
    let (f, x, y) = {
        let (f, x, y) = sample(4);
        std::thread::spawn(move || (f, x, y)).join().unwrap()
    };
    let handle = std::thread::spawn(move || {
        let p = at(&f, x, y, 4, 0.5);
        let h = p.block(x, y).unwrap();
        (p, h, x, y)
    });
    // The point itself comes back out of its thread.
    let (p, h, x, y) = handle.join().unwrap();
    assert_eq!(p.block(x, y).unwrap(), h);
}

#[test]
fn what_can_cross_threads_is_known_at_compile_time() {
    fn shared<T: Send + Sync>() {}
    fn free<T: Send + Sync + 'static>() {}
    fn copy<T: Copy + std::hash::Hash + Eq>() {}
    free::<Function>();
    free::<Point>();
    free::<Var>();
    free::<Error>();
    free::<Mode>();
    free::<Block>();
    free::<Hessian>();
    free::<PerVariable>();
    free::<Estimate>();
    shared::<Operator<'_>>();
    shared::<Key<'_>>();
    shared::<Control<'_>>();
    copy::<Var>();
}
