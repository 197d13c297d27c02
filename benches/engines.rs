//! How the criterion benches measure.

use criterion::{BenchmarkGroup, measurement::WallTime};
use std::time::Duration;

/// A group of few samples, on one thread where a bench does not say otherwise: a figure here is a ratio within one
/// run, and gaps under 1.3 are ties.
pub fn group<'c>(c: &'c mut criterion::Criterion, name: &str) -> BenchmarkGroup<'c, WallTime> {
    // The second group of a bench finds the pool there.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(1).build_global();
    let mut g = c.benchmark_group(name);
    g.sample_size(10).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(800));
    g
}
