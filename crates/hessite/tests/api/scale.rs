//! Long and wide recordings on a small stack: every walk is a loop. With HESSITE_LONG=1 the sizes are ten times those
//! of the usual run.

use hessite::{Function, Graph};
use std::time::Instant;

fn scaled(n: usize) -> usize {
    if std::env::var_os("HESSITE_LONG").is_some() { 10 * n } else { n }
}

/// Runs `f` on a thread with 256 KiB of stack.
fn on_a_small_stack<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> R {
    std::thread::Builder::new().stack_size(256 << 10).spawn(f).unwrap().join().unwrap()
}

/// x ← sin x + x/2 entry by entry, n times: 3n instructions with slopes that stay in range.
fn chain(n: usize) -> Function {
    let g = Graph::new();
    let x = g.vector("x", 2);
    let mut y = x;
    for _ in 0..n {
        y = y.sin() + y * 0.5;
    }
    // The variable and the constant ½ beside the chain.
    assert!(format!("{g:?}").contains(&format!("recorded: {}", 3 * n + 2)));
    g.function(y.sum()).unwrap()
}

/// Value, gradient and one product, which leaves the other entry alone; and all of it printed.
fn ask(f: &Function) {
    let p = f.at(&[hessite::bind("x", &[0.4, -0.7])]).unwrap();
    assert!(p.value().is_finite());
    let g = p.gradient().unwrap();
    assert!(g["x"].iter().all(|x| x.is_finite()));
    let hv = p.hvp(&[hessite::bind("x", &[1.0, 0.0])]).unwrap();
    assert!(hv["x"][0].is_finite() && hv["x"][1] == 0.0);
    assert!(!format!("{f:?}{p:?}{g}{hv}{}", f.estimate().unwrap()).is_empty());
}

#[test]
fn a_long_chain() {
    let n = scaled(100_000) / 3;
    on_a_small_stack(move || {
        let f = chain(n);
        ask(&f);
        drop(f);
    });
}

#[test]
fn a_long_chain_of_gates_and_kinks() {
    let n = scaled(4_000);
    on_a_small_stack(move || {
        let g = Graph::new();
        let x = g.vector("x", 2);
        let mut y = x;
        for k in 0..n {
            // Each selects, so that gates nest in the adjoint.
            y = y.clamp(-1.0, 1.0).component_mul(x).sup(x * (1.0 / (2 + k) as f64));
        }
        let f = g.function(y.sum()).unwrap();
        let p = f.at(&[x.is(&[0.4, -0.7])]).unwrap();
        assert!(p.gradient().unwrap()["x"].iter().all(|x| x.is_finite()));
        assert!(p.hvp(&[x.is(&[1.0, 2.0])]).unwrap()["x"].iter().all(|x| x.is_finite()));
    });
}

#[test]
fn a_long_chain_of_products() {
    let n = scaled(10_000);
    on_a_small_stack(move || {
        let g = Graph::new();
        let (x, c) = (g.matrix("x", 2, 1), g.matrix("C", 2, 2));
        let mut y = x;
        for _ in 0..n {
            y = c * y;
        }
        let f = g.function(y.norm_squared()).unwrap();
        // A rotation keeps the norm: d²/dx² = 2I.
        let turn = [0.6, 0.8, -0.8, 0.6];
        let p = f.at(&[x.is(&[3.0, 4.0]), c.is(&turn)]).unwrap();
        assert!((p.value() - 25.0).abs() < 1e-9);
        let h = p.block(x, x).unwrap();
        assert!((h[(0, 0, 0, 0)] - 2.0).abs() < 1e-9 && h[(0, 0, 1, 0)].abs() < 1e-9);
        assert!(p.hvp(&[c.is(&turn)]).unwrap().stacked().iter().all(|x| x.is_finite()));
    });
}

#[test]
fn a_wide_fan_in() {
    let n = 100_000;
    on_a_small_stack(move || {
        let g = Graph::new();
        let x = g.vector("x", 2);
        let mut sum = g.constant(0.0);
        for k in 1..=n {
            sum = sum + (x * (1.0 / k as f64)).sin().sum();
        }
        let f = g.function(sum).unwrap();
        ask(&f);
        // d²/dx² = −Σ sin(x/k)/k².
        let p = f.at(&[x.is(&[0.4, -0.7])]).unwrap();
        let expected: f64 = (1..=n).map(|k| -(0.4 / k as f64).sin() / (k as f64).powi(2)).sum();
        assert!((p.block(x, x).unwrap()[(0, 0, 0, 0)] - expected).abs() < 1e-13 * expected.abs() * n as f64);
    });
}

#[test]
fn many_variables() {
    let n = scaled(2_000);
    on_a_small_stack(move || {
        let g = Graph::new();
        let all: Vec<_> = (0..n).map(|k| g.scalar(&format!("x{k}"))).collect();
        let mut sum = g.constant(0.0);
        for pair in all.windows(2) {
            sum = sum + pair[0] * pair[1] * pair[1];
        }
        let f = g.function(sum).unwrap();
        let bindings: Vec<_> = all.iter().enumerate().map(|(k, x)| x.is(k as f64)).collect();
        let p = f.at(&bindings).unwrap();
        let h = p.block(all[6], all[7]).unwrap();
        assert_eq!(h[(0, 0, 0, 0)], 14.0);
        assert_eq!(p.hvp(&[all[6].is(1.0)]).unwrap()["x7"][0], 14.0);
    });
}

#[test]
fn time_is_linear_in_the_length() {
    let time = |n: usize| {
        let start = Instant::now();
        ask(&chain(n));
        start.elapsed().as_secs_f64()
    };
    // 16 for linear time, 256 for quadratic; again where the machine was busy with something else.
    let (mut short, mut long, mut tries) = (time(400), time(6_400), 0);
    while long / short >= 64.0 && tries < 40 {
        (short, long, tries) = (short.min(time(400)), long.min(time(6_400)), tries + 1);
    }
    let ratio = long / short;
    assert!(ratio < 64.0, "{ratio}: {short} s, {long} s");
}
