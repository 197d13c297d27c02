//! Warm calls allocate nothing: after one call of each kind, moving a point and asking it into the caller's memory
//! never reaches the allocator. A binary of its own, for its allocator counts.
// Helpers of tests fail as tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use hessite::{Function, Graph, Matrix, Point, Scalar, bind};
use nalgebra::DMatrix;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static CALLS: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator, counting the calls of each thread.
struct Counting;

fn count() {
    // A thread that is ending has no counter any more.
    let _ = CALLS.try_with(|c| c.set(c.get() + 1));
}

// SAFETY: every call is passed on to the system's allocator with the arguments it came with.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's own promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's own promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller's own promise.
        unsafe { System.realloc(at, layout, size) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count();
        // SAFETY: the caller's own promise.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Calls of the allocator, frees included, that `f` makes on this thread.
fn calls(f: impl FnOnce()) -> u64 {
    let before = CALLS.get();
    f();
    CALLS.get() - before
}

/// The variables of a function with entries for two points and a direction.
struct Inputs {
    names: Vec<String>,
    points: [Vec<DMatrix<f64>>; 2],
    direction: Vec<DMatrix<f64>>,
}

impl Inputs {
    fn new(f: &Function) -> Self {
        let at = |seed: f64| {
            let entry = move |i: usize, j: usize| 0.2 + ((3 * i + 7 * j) as f64 + seed).sin().abs();
            f.variables().map(|(_, (r, c))| DMatrix::from_fn(r, c, entry)).collect::<Vec<_>>()
        };
        let names = f.variables().map(|(n, _)| n.to_string()).collect();
        Inputs { names, points: [at(0.3), at(1.1)], direction: at(2.5) }
    }
}

/// Moves `p` to point `k` and asks everything into `out`; with `dense` also blocks and Hessians.
fn ask(p: &mut Point, inputs: &Inputs, k: usize, dense: bool, panel: &[f64], out: &mut [f64]) -> [u64; 7] {
    let n = p.function().dimension();
    let bindings = |values| -> Vec<_> {
        inputs.names.iter().zip(values).map(|(n, v): (&String, &DMatrix<f64>)| bind(n, v)).collect()
    };
    let (point, direction) = (bindings(&inputs.points[k]), bindings(&inputs.direction));
    let names: Vec<&str> = inputs.names.iter().map(String::as_str).collect();
    let sizes: Vec<usize> = inputs.direction.iter().map(DMatrix::len).collect();
    let mut counts = [0; 7];
    counts[0] = calls(|| p.update(&point).unwrap());
    counts[1] = calls(|| p.gradient_into(&mut out[..n]).unwrap());
    counts[2] = calls(|| {
        p.hvp_into(&direction, &mut out[..n]).unwrap();
        p.hvp_into(&direction[..1], &mut out[..n]).unwrap();
    });
    counts[3] = calls(|| {
        p.hvp_many_into(&panel[..n], 1, &mut out[..n]).unwrap();
        p.hvp_many_into(panel, panel.len() / n, &mut out[..panel.len()]).unwrap();
    });
    counts[4] = calls(|| {
        p.operator().apply(&panel[..n], &mut out[..n]).unwrap();
        p.operator().apply_many(panel, panel.len() / n, &mut out[..panel.len()]).unwrap();
    });
    if dense {
        counts[5] = calls(|| {
            for (a, rows) in names.iter().zip(&sizes) {
                for (b, cols) in names.iter().zip(&sizes) {
                    p.block_into(*a, *b, &mut out[..rows * cols]).unwrap();
                }
            }
        });
        counts[6] = calls(|| {
            p.hessian_into(&names, &mut out[..n * n]).unwrap();
            p.hessian_into(&names[..1], &mut out[..sizes[0] * sizes[0]]).unwrap();
        });
    }
    counts
}

/// Asserts that the second round at two points allocates nothing, on one thread.
#[track_caller]
fn warm_calls_allocate_nothing(f: &Function, dense: bool) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let inputs = Inputs::new(f);
    let n = f.dimension();
    let panel: Vec<f64> = (0..13 * n).map(|k| (k as f64 * 0.37).sin()).collect();
    let mut out = vec![0.0; panel.len().max(if dense { n * n } else { 0 })];
    let bindings: Vec<_> = inputs.names.iter().zip(&inputs.points[0]).map(|(n, v)| bind(n, v)).collect();
    let mut p = f.at(&bindings).unwrap();
    let counts = pool.install(|| {
        let cold = ask(&mut p, &inputs, 0, dense, &panel, &mut out);
        assert!(cold.iter().sum::<u64>() > 0, "the counter counts");
        ask(&mut p, &inputs, 1, dense, &panel, &mut out);
        [0, 1, 0].map(|k| ask(&mut p, &inputs, k, dense, &panel, &mut out))
    });
    let names =
        ["update", "gradient_into", "hvp_into", "hvp_many_into", "operator", "block_into", "hessian_into"];
    let found: Vec<_> = (0..7).map(|k| (names[k], counts.map(|c| c[k]))).filter(|c| c.1 != [0; 3]).collect();
    assert!(found.is_empty(), "allocator calls: {found:?}");
}

fn norm_xxy(n: usize) -> Function {
    let g = Graph::new();
    let (x, y) = (g.matrix("X", n, n), g.matrix("Y", n, n));
    g.function((x * x * y).norm()).unwrap()
}

#[test]
fn norm_of_small_products() {
    warm_calls_allocate_nothing(&norm_xxy(3), true);
}

#[test]
fn norm_of_large_products() {
    warm_calls_allocate_nothing(&norm_xxy(70), false);
}

#[test]
fn results_that_are_entries_of_others() {
    let g = Graph::new();
    let (x, a) =
        (g.matrix("X", 129, 1), g.data(&DMatrix::from_fn(16, 16, |i, j| ((i + 5 * j) as f64).cos())));
    let list: Vec<usize> = (0..256).map(|k| (k * 11) % 129).collect();
    let z = x.select_rows(&list).reshape(16, 16);
    let f = g.function((a * z * a * z).trace()).unwrap();
    assert!(f.plan().unwrap().contains("entries of"));
    warm_calls_allocate_nothing(&f, true);
}

#[test]
fn the_loss_of_a_network() {
    let g = Graph::new();
    let x = g.data(&DMatrix::from_fn(9, 4, |i, j| ((i + 5 * j) as f64).sin()));
    let labels = g.data(&DMatrix::from_fn(9, 3, |i, j| if i % 3 == j { 1.0 } else { 0.0 }));
    let (w1, b1) = (g.matrix("W1", 4, 6), g.matrix("b1", 1, 6));
    let (w2, b2) = (g.matrix("W2", 6, 3), g.matrix("b2", 1, 3));
    let hidden = (x * w1 + b1.broadcast(9, 6)).tanh();
    let scores = hidden.relu() * w2 + b2.broadcast(9, 3);
    let loss = scores.row_logsumexp().sum() - scores.dot(labels) + scores.row_softmax().norm_squared();
    warm_calls_allocate_nothing(&g.function(loss * (1.0 / 9.0)).unwrap(), true);
}

#[test]
fn slices_concatenations_and_reductions() {
    let g = Graph::new();
    let (x, y) = (g.matrix("X", 4, 5), g.matrix("Y", 2, 5));
    let joined = x.vcat(y).hcat(x.columns(1, 3).vcat(y.columns(0, 3)));
    let square = joined.view((1, 1), (4, 4));
    let z = square.reshape(2, 8).transpose() * square.reshape(2, 8);
    let f = z.logsumexp()
        + joined.max() * joined.row(2).sum()
        + square.trace() * x.min().exp()
        + square.diagonal().from_diagonal().component_mul(square).norm()
        + joined.column_logsumexp().norm_squared()
        + joined.at_least(g.repeat(6, 8, 0.6)).select(joined.ln(), joined.powi(3)).sum();
    warm_calls_allocate_nothing(&g.function(f).unwrap(), true);
}

#[test]
fn every_elementwise_function() {
    let g = Graph::new();
    let x = g.matrix("X", 3, 7);
    let h = x * 0.5;
    let all = [
        x.recip(),
        x.sqrt(),
        x.cbrt(),
        x.exp(),
        x.exp_m1(),
        x.ln(),
        x.ln_1p(),
        x.log2(),
        x.log10(),
        x.xlnx(),
        x.sin(),
        x.cos(),
        x.tan(),
        h.asin(),
        h.acos(),
        x.atan(),
        x.sinh(),
        x.cosh(),
        x.tanh(),
        x.asinh(),
        x.add_scalar(2.0).acosh(),
        h.atanh(),
        x.sigmoid(),
        x.softplus(),
        x.erf(),
        x.erfc(),
        x.abs(),
        x.powf(1.7),
        x.component_pow(h),
        x.atan2(h),
        x.hypot(h),
        x.rel_entr(h),
        x.component_div(h),
        x.clamp(0.4, 0.9),
    ];
    let f = all.into_iter().fold(g.constant(0.0), |sum, y| sum + y.norm_squared());
    warm_calls_allocate_nothing(&g.function(f).unwrap(), true);
}

#[test]
fn scalars() {
    let g = Graph::new();
    let (x, y, z) = (g.scalar("x"), g.scalar("y"), g.scalar("z"));
    let f = (x * y.sin() + z.pow(x)).exp() / (y * y + 1.0) + x.max(y) * z.min(x) + x.hypot(y).atan2(z);
    warm_calls_allocate_nothing(&g.function(f).unwrap(), true);
}

#[test]
fn a_dozen_variables_of_all_shapes() {
    let g = Graph::new();
    let all: Vec<Matrix<'_>> = (0..12).map(|k| g.matrix(&format!("x{k}"), 1 + k % 3, 1 + k % 4)).collect();
    let sums: Vec<Scalar<'_>> = all.iter().map(|x| x.sin().sum()).collect();
    let f = sums.windows(2).fold(g.constant(1.0), |f, s| f + s[0] * s[1].exp());
    warm_calls_allocate_nothing(&g.function(f).unwrap(), true);
}

#[test]
fn implicit_functions() {
    let g = Graph::new();
    let (a, b) = (g.matrix("A", 3, 3), g.vector("b", 3));
    let z = g.root_of(&[a, b], &[0.0; 3], |_, z, x| z * 4.0 + (x[0] * z).sin() - x[1]);
    let w = g.argmin_of(&[a, b], &[0.0; 3], |_, z, x| (x[0] * z - x[1]).softplus().sum() + z.norm_squared());
    warm_calls_allocate_nothing(&g.function(z.norm_squared() + (w * 2.0).sin().sum()).unwrap(), true);
    // More unknowns than go together at a time.
    let c = g.vector("c", 21);
    let z = g.root_of(&[c], &[0.0; 21], |_, z, x| z * 3.0 + z.sin() - x[0] * z.mean().cos());
    warm_calls_allocate_nothing(&g.function(z.norm_squared()).unwrap(), true);
}

/// Also blocked ones: what is larger than 32 is halved.
#[test]
fn factorisations() {
    for n in [3, 40] {
        for k in 0..5 {
            let g = Graph::new();
            let x = g.matrix("X", n, n);
            let identity = g.data(&DMatrix::identity(n, n));
            let near = x * (0.3 / n as f64) + identity;
            let f = match k {
                0 => near.inverse().norm_squared(),
                1 => (x.transpose() * x + identity).cholesky().norm_squared(),
                2 => near.qr().0.dot(x) + near.qr().1.norm_squared(),
                3 => near.determinant(),
                _ => near.log_determinant(),
            };
            warm_calls_allocate_nothing(&g.function(f).unwrap(), n < 10);
        }
        let g = Graph::new();
        let x = g.matrix("X", n, n);
        let identity = g.data(&DMatrix::identity(n, n));
        let near = x * (0.3 / n as f64) + identity;
        let all = near.inverse().norm_squared()
            + (x.transpose() * x + identity).cholesky().norm_squared()
            + near.qr().0.dot(x)
            + near.qr().1.norm_squared()
            + near.determinant()
            + near.log_determinant();
        warm_calls_allocate_nothing(&g.function(all).unwrap(), n < 10);
    }
}
