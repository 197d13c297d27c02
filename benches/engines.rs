//! How the criterion benches measure: rivals in turns, as a contest.
//!
//! Criterion alone measures one closure for a second and then the next, so that a slow second of the machine falls on one
//! of them. Here all contestants of a [`Contest`] take turns first ([`measure::turns`]), and criterion is handed what
//! was measured, through `iter_custom`: its k-th sample of `iters` evaluations is told to have lasted `iters` times
//! what one evaluation took in the k-th round. It so prints, stores and compares statistics of interleaved samples. Its
//! "warm-up" is one more evaluation, from which it guesses how many make a sample: that number is its own and not what
//! was done, the time that it estimates is about what the turns took.
//!
//! A filter, where it is the only argument, leaves out contestants before they are timed; with other arguments a whole
//! contest is timed if criterion asks for one of it. `--test` evaluates each contestant once; with `--quick`,
//! `--profile-time` and `--load-baseline` criterion measures or loads what it does by itself, one after the other.

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, SamplingMode};
use hessite_bench::measure::{self, Run, Times, Turns};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Criterion takes no less than ten samples.
const TURNS: Turns = Turns { together: 5e-3, least: 2, rounds: 10..=25, seconds: 4.0 };

/// A group of criterion's, on one thread where a bench does not say otherwise.
pub struct Group<'c> {
    name: String,
    criterion: BenchmarkGroup<'c, WallTime>,
}

/// A figure here is a ratio within one contest, and gaps under 1.3 are ties.
pub fn group<'c>(c: &'c mut Criterion, name: &str) -> Group<'c> {
    // The second group of a bench finds the pool there.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(1).build_global();
    let mut criterion = c.benchmark_group(name);
    criterion.sampling_mode(SamplingMode::Flat).warm_up_time(Duration::from_nanos(1));
    Group { name: name.to_string(), criterion }
}

/// Ways to one result, each with memory of its own.
#[derive(Default)]
pub struct Contest<'a>(Vec<(String, String, Run<'a>)>);

impl<'a> Contest<'a> {
    /// Adds the contestant `label/parameter`, or `label` where the parameter is empty.
    #[allow(dead_code)] // The bench `threads` has loops only.
    pub fn add<R>(&mut self, label: &str, parameter: impl ToString, mut evaluate: impl FnMut() -> R + 'a) {
        let run = move |count| {
            for _ in 0..count {
                black_box(evaluate());
            }
        };
        self.add_loop(label, parameter, run);
    }

    /// The same of a closure that evaluates as many times as it is told.
    pub fn add_loop(&mut self, label: &str, parameter: impl ToString, mut run: impl FnMut(usize) + 'a) {
        let run = move |count| {
            run(count);
            Ok(())
        };
        self.0.push((label.to_string(), parameter.to_string(), Box::new(run)));
    }

    /// Lets those that are asked for take turns, and criterion describe them.
    pub fn measure(self, g: &mut Group<'_>) {
        let name = |label: &str, parameter: &str| match parameter {
            "" => format!("{}/{label}", g.name),
            _ => format!("{}/{label}/{parameter}", g.name),
        };
        let (timed, rest): (Vec<_>, Vec<_>) = self.0.into_iter().partition(|c| is_timed(&name(&c.0, &c.1)));
        let (names, mut runs): (Vec<_>, Vec<_>) = timed.into_iter().map(|c| ((c.0, c.1), c.2)).unzip();
        let times = if runs.is_empty() { Vec::new() } else { measure::turns(&mut runs, &TURNS).unwrap() };
        for (((label, parameter), run), times) in names.into_iter().zip(runs).zip(times) {
            g.describe(&label, &parameter, run, times);
        }
        for (label, parameter, run) in rest {
            g.describe(&label, &parameter, run, Times::default());
        }
    }
}

impl Group<'_> {
    /// What criterion asks for, of times that were taken or, where there are none, of the contestant itself.
    fn describe(&mut self, label: &str, parameter: &str, mut run: Run<'_>, times: Times) {
        let samples = times.wall.len();
        if samples > 0 {
            // Of all samples, each of which lasts a little longer than asked.
            let lasted = times.wall.iter().map(|t| t.max(TURNS.together / TURNS.least as f64));
            let seconds = TURNS.least as f64 * lasted.sum::<f64>();
            self.criterion.sample_size(samples).measurement_time(Duration::from_secs_f64(seconds));
        }
        let (mut taken, mut warm) = (times.wall.into_iter(), false);
        let routine = |b: &mut criterion::Bencher<'_>| {
            let sample = if warm { taken.next() } else { None };
            warm = true;
            b.iter_custom(|iterations| match sample {
                Some(one) => Duration::from_secs_f64(one * iterations as f64),
                None => {
                    let start = Instant::now();
                    run(iterations as usize).unwrap();
                    start.elapsed()
                }
            });
        };
        match parameter {
            "" => self.criterion.bench_function(label, routine),
            _ => self.criterion.bench_function(BenchmarkId::new(label, parameter), routine),
        };
    }
}

/// Whether criterion is going to time what has this name, as far as its arguments tell easily: too much rather than
/// too little.
fn is_timed(name: &str) -> bool {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let alone = ["--test", "--list", "--quick", "--profile-time", "--load-baseline"];
    if !arguments.iter().any(|a| a == "--bench")
        || arguments.iter().any(|a| alone.iter().any(|o| a.starts_with(o)))
    {
        return false;
    }
    let others: Vec<&String> = arguments.iter().filter(|a| *a != "--bench").collect();
    match others.as_slice() {
        [filter] if !filter.starts_with('-') => regex::Regex::new(filter).is_ok_and(|f| f.is_match(name)),
        _ => true,
    }
}
