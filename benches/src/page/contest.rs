//! Several ways to one result, timed in turns.

use super::chart::{Method, Spread};
use super::{Effort, Error};
use crate::measure::{self, Run, Times, run};
use crate::requests::Session;

/// Something that computes the result again and again.
pub trait Contestant {
    /// Computes it.
    ///
    /// # Errors
    /// What hessite refuses.
    fn run(&mut self) -> hessite::Result<()>;

    /// What it computed last.
    fn answer(&self) -> &[f64];
}

impl Contestant for Session<'_> {
    fn run(&mut self) -> hessite::Result<()> {
        self.evaluate()
    }

    fn answer(&self) -> &[f64] {
        self.stacked()
    }
}

/// A closure that fills a vector.
pub struct Filling<F> {
    out: Vec<f64>,
    fill: F,
}

impl<F: FnMut(&mut Vec<f64>)> Contestant for Filling<F> {
    fn run(&mut self) -> hessite::Result<()> {
        (self.fill)(&mut self.out);
        std::hint::black_box(&mut self.out);
        Ok(())
    }

    fn answer(&self) -> &[f64] {
        &self.out
    }
}

/// A way to the result that takes part.
pub struct Entry<'a> {
    /// Which.
    pub method: Method,
    /// Its error may be this part of the largest entry; above that it is a mistake.
    pub tolerance: f64,
    /// What computes.
    pub contestant: Box<dyn Contestant + 'a>,
}

impl<'a> Entry<'a> {
    /// An exact engine: agrees to 1e-9.
    pub fn exact(method: Method, contestant: impl Contestant + 'a) -> Self {
        Entry { method, tolerance: 1e-9, contestant: Box::new(contestant) }
    }

    /// A closure that fills a vector of `len` numbers.
    pub fn filling(method: Method, tolerance: f64, len: usize, fill: impl FnMut(&mut Vec<f64>) + 'a) -> Self {
        Entry { method, tolerance, contestant: Box::new(Filling { out: vec![0.0; len], fill }) }
    }
}

/// CPU seconds of one evaluation, and seconds by the clock.
#[derive(Clone, Copy, Debug)]
pub struct Time {
    /// Of the process's CPUs.
    pub cpu: Spread,
    /// By the clock.
    pub wall: Spread,
}

/// The largest error of an entry, relative to the largest entry of the reference.
pub fn worst(answer: &[f64], reference: &[f64]) -> f64 {
    let scale = reference.iter().fold(f64::MIN_POSITIVE, |s, r| s.max(r.abs()));
    answer.iter().zip(reference).fold(0.0f64, |e, (a, r)| e.max((a - r).abs())) / scale
}

/// A time of each in every round: [`measure::turns`].
///
/// # Errors
/// What hessite refuses.
pub fn turns(runs: &mut [Run<'_>], effort: Effort) -> Result<Vec<Time>, Error> {
    let rounds = effort.rounds..=effort.rounds;
    let plan = measure::Turns { together: effort.together, least: 1, rounds, seconds: f64::INFINITY };
    let time = |t: Times| Time { cpu: Spread::of(t.cpu), wall: Spread::of(t.wall) };
    Ok(measure::turns(runs, &plan)?.into_iter().map(time).collect())
}

/// Compares the results with the reference, then times them.
///
/// # Errors
/// A result differs from the reference by more than its tolerance, or hessite refuses.
pub fn contest(entries: &mut [Entry<'_>], reference: &[f64], effort: Effort) -> Result<Vec<Time>, Error> {
    for e in entries.iter_mut() {
        e.contestant.run()?;
        let (error, name) = (worst(e.contestant.answer(), reference), e.method.name());
        if e.contestant.answer().len() != reference.len() || error.is_nan() || error > e.tolerance {
            return Err(format!("{name} differs from the reference by {error:.1e}").into());
        }
    }
    let mut runs: Vec<Run<'_>> = entries.iter_mut().map(|e| run(|| e.contestant.run())).collect();
    turns(&mut runs, effort)
}
