//! Budgets, cancelling and progress.

use hessite::{Control, Error, Function, Graph, Point, Progress, bind};
use nalgebra::DMatrix;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// ‖XXY‖ of n×n matrices at entries that all differ.
fn norm_xxy(n: usize) -> (Function, Point) {
    let g = Graph::new();
    let (x, y) = (g.matrix("X", n, n), g.matrix("Y", n, n));
    let f = g.function((x * x * y).norm()).unwrap();
    let at = |s: f64| DMatrix::from_fn(n, n, |i, j| ((i * n + j) as f64 * s).sin());
    let (a, b) = (at(0.7), at(1.3));
    let p = f.at(&[bind("X", &a), bind("Y", &b)]).unwrap();
    (f, p)
}

#[test]
fn a_dense_hessian_of_a_million_variables_is_refused_at_once() {
    let g = Graph::new();
    let x = g.vector("x", 1_000_000);
    let f = g.function((x * 2.0).sin().sum()).unwrap();
    let p = f.at(&[x.is(&vec![0.5; 1_000_000])]).unwrap();
    let start = Instant::now();
    for (what, e) in [("hessian", p.hessian(&[x]).map(drop)), ("block", p.block(x, x).map(drop))] {
        match e.unwrap_err() {
            Error::Budget { what: named, needed_bytes, limit, alternatives } => {
                assert_eq!((named.as_str(), needed_bytes, limit), (what, 8_000_000_000_000, 8 << 30));
                assert!(alternatives.contains("hvp") && alternatives.contains("block"), "{alternatives}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(start.elapsed() < Duration::from_secs(1));
    assert_eq!(
        p.hessian(&[x]).unwrap_err().to_string(),
        "hessian needs 8000000000000 bytes, over the budget of 8589934592 bytes; instead: hvp or operator() for \
         products, block(a, b) for a part, hessian_chunks for a few columns at a time, or a larger budget"
    );
    assert_eq!(f.estimate().unwrap().hessian_bytes, 8_000_000_000_000);
}

#[test]
fn a_budget_is_the_functions_or_the_calls() {
    let (f, p) = norm_xxy(3);
    let small = Control::new().budget(1000);
    let panel = DMatrix::<f64>::identity(18, 18);
    for e in [
        p.hessian_with(&["X", "Y"], &small).map(drop),
        p.hvp_many_with(&panel, &small).map(drop),
        p.block_with("X", "Y", &Control::new().budget(100)).map(drop),
    ] {
        assert!(matches!(e, Err(Error::Budget { limit: 100 | 1000, .. })), "{e:?}");
    }
    assert!(p.block_with("X", "Y", &small).is_ok());
    let x = [1.0; 9];
    let frugal = f.with_budget(2000).at(&[bind("X", &x), bind("Y", &x)]).unwrap();
    assert!(matches!(frugal.hessian(&["X", "Y"]), Err(Error::Budget { limit: 2000, .. })));
    assert!(frugal.hessian_with(&["X", "Y"], &Control::new().budget(1 << 20)).is_ok());
}

#[test]
fn intermediate_arrays_count_too() {
    // The outer product of two vectors has 10¹² entries.
    let g = Graph::new();
    let (x, y) = (g.vector("x", 1_000_000), g.vector("y", 1_000_000));
    let f = g.function((x * y.transpose()).norm()).unwrap();
    let start = Instant::now();
    let e = f.at(&[x.is(&vec![1.0; 1_000_000]), y.is(&vec![1.0; 1_000_000])]).unwrap_err();
    assert!(matches!(e, Error::Budget { needed_bytes, .. } if needed_bytes > 8_000_000_000_000), "{e}");
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[test]
fn a_flag_raised_beforehand_cancels_every_call() {
    let (_, p) = norm_xxy(4);
    let before = p.hessian(&["X", "Y"]).unwrap();
    let flag = AtomicBool::new(true);
    let control = Control::new().cancel(&flag);
    let panel = DMatrix::<f64>::identity(32, 32);
    assert_eq!(p.hessian_with(&["X", "Y"], &control).unwrap_err(), Error::Cancelled);
    assert_eq!(p.block_with("X", "Y", &control).unwrap_err(), Error::Cancelled);
    assert_eq!(p.hvp_many_with(&panel, &control).unwrap_err(), Error::Cancelled);
    flag.store(false, Ordering::Relaxed);
    assert_eq!(p.hessian_with(&["X", "Y"], &control).unwrap(), before);
    assert_eq!(Error::Cancelled.to_string(), "cancelled; the function and its points stay usable");
}

type Call<'a> = dyn Fn(&Control<'_>) -> Result<(), Error> + Sync + 'a;

/// How long `work`, repeated until it is cancelled, goes on after the flag was raised.
fn time_to_stop(work: &Call<'_>) -> Duration {
    let flag = AtomicBool::new(false);
    std::thread::scope(|s| {
        let control = Control::new().cancel(&flag);
        let worker = s.spawn(move || {
            loop {
                if let Err(e) = work(&control) {
                    return (e, Instant::now());
                }
            }
        });
        std::thread::sleep(Duration::from_millis(20));
        let raised = Instant::now();
        flag.store(true, Ordering::Relaxed);
        let (e, at) = worker.join().unwrap();
        assert_eq!(e, Error::Cancelled);
        at.duration_since(raised)
    })
}

#[test]
fn a_flag_raised_from_another_thread_stops_the_call_soon() {
    let n = 32;
    let (_, p) = norm_xxy(n);
    let (h, b) = (p.hessian(&["X", "Y"]).unwrap(), p.block("X", "Y").unwrap());
    let panel = DMatrix::from_fn(2 * n * n, 200, |i, j| ((i + 3 * j) as f64).sin());
    let limit = Duration::from_millis(100);
    let calls: [&Call<'_>; 3] =
        [&|c| p.hessian_with(&["X", "Y"], c).map(drop), &|c| p.block_with("X", "Y", c).map(drop), &|c| {
            p.hvp_many_with(&panel, c).map(drop)
        }];
    for call in calls {
        // Other work on the machine may delay a thread, so one of several attempts has to be in time.
        let times: Vec<_> = (0..20).map(|_| time_to_stop(call)).take_while(|t| *t >= limit).collect();
        assert!(times.len() < 20, "{times:?}");
    }
    assert_eq!(p.hessian(&["X", "Y"]).unwrap(), h);
    assert_eq!(p.block("X", "Y").unwrap(), b);
}

/// Within a single operation: strips of a product, blocks of a factorisation.
#[test]
fn a_flag_raised_within_one_large_operation_stops_it_soon() {
    type Record = for<'g> fn(hessite::Matrix<'g>) -> hessite::Scalar<'g>;
    let records: [(&str, usize, Record); 5] = [
        ("product", 1000, |x| (x * x).norm()),
        ("inverse", 1000, |x| x.inverse().norm()),
        ("log_determinant", 1000, |x| x.log_abs_determinant()),
        ("cholesky", 1000, |x| (x + x.transpose()).log_determinant_positive_definite()),
        ("expm", 300, |x| x.expm().norm()),
    ];
    for (name, n, record) in records {
        let a =
            DMatrix::from_fn(n, n, |i, j| ((i * n + j) as f64 * 0.7).sin() / n as f64 + f64::from(i == j));
        let g = Graph::new();
        let f = g.function(record(g.matrix("X", n, n))).unwrap();
        let run = || {
            let flag = std::sync::Arc::new(AtomicBool::new(false));
            let cancelled = f.with_cancel(flag.clone());
            std::thread::scope(|s| {
                let worker = s.spawn(|| {
                    loop {
                        if let Err(e) = cancelled.at(&[bind("X", &a)]) {
                            return (e, Instant::now());
                        }
                    }
                });
                std::thread::sleep(Duration::from_millis(25));
                let raised = Instant::now();
                flag.store(true, Ordering::Relaxed);
                let (e, at) = worker.join().unwrap();
                assert_eq!(e, Error::Cancelled, "{name}");
                at.duration_since(raised)
            })
        };
        let limit = Duration::from_millis(100);
        let times: Vec<_> = (0..20).map(|_| run()).take_while(|t| *t >= limit).collect();
        assert!(times.len() < 20, "{name}: {times:?}");
    }
}

#[test]
fn progress_never_goes_back_within_a_thread_and_ends_complete() {
    for (n, threads) in [(2, 1), (12, 1), (12, 4)] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let (_, p) = norm_xxy(n);
        let seen: Mutex<Vec<(std::thread::ThreadId, Progress)>> = Mutex::new(Vec::new());
        let tell = |p: Progress| seen.lock().unwrap().push((std::thread::current().id(), p));
        let control = Control::new().progress(&tell);
        pool.install(|| p.block_with("X", "Y", &control)).unwrap();
        let seen = seen.into_inner().unwrap();
        assert!(seen.iter().all(|(_, p)| p.total == (n * n) as u64 && p.done <= p.total));
        assert!(seen.iter().any(|(_, p)| p.done == p.total), "complete: {seen:?}");
        for (id, _) in &seen {
            let own: Vec<u64> = seen.iter().filter(|(i, _)| i == id).map(|(_, p)| p.done).collect();
            assert!(own.is_sorted(), "{own:?}");
        }
        let mut counts: Vec<u64> = seen.iter().map(|(_, p)| p.done).collect();
        counts.sort_unstable();
        counts.dedup();
        assert_eq!(counts.len(), seen.len(), "each count is told once");
    }
}

#[test]
fn progress_of_a_hessian_of_several_variables_counts_all_directions() {
    let (_, p) = norm_xxy(4);
    let seen: Mutex<Vec<Progress>> = Mutex::new(Vec::new());
    let tell = |p: Progress| seen.lock().unwrap().push(p);
    p.hessian_with(&["X", "Y"], &Control::new().progress(&tell)).unwrap();
    let seen = seen.into_inner().unwrap();
    assert!(seen.iter().all(|p| p.total == 32), "{seen:?}");
    assert!(seen.iter().map(|p| p.done).is_sorted(), "{seen:?}");
    assert_eq!(seen.last().unwrap().done, 32);
}

#[test]
fn a_panic_in_a_callback_passes_on_and_breaks_nothing() {
    for threads in [1, 4] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let (_, p) = norm_xxy(12);
        let h = p.hessian(&["X", "Y"]).unwrap();
        let tell = |q: Progress| assert!(q.done < 20, "enough");
        let control = Control::new().progress(&tell);
        let call = || pool.install(|| p.hessian_with(&["X", "Y"], &control));
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)).is_err());
        assert_eq!(p.hessian(&["X", "Y"]).unwrap(), h);
        assert_eq!(pool.install(|| p.hessian(&["X", "Y"])).unwrap(), h);
    }
}
