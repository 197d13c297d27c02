//! Times and checksums.

use crate::inputs::uniform;
use rustix::time::{ClockId, clock_gettime};
use std::ops::RangeInclusive;
use std::time::Instant;

/// A few numbers that tell results of several engines apart, whatever their size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Checksum {
    /// √Σ rᵢ².
    pub fro: f64,
    /// The first, middle (length/2) and last entry.
    pub e: [f64; 3],
    /// Σ rᵢ / (1 + i mod 7).
    pub wsum: f64,
}

impl Checksum {
    /// Of a result by rows, which must not be empty.
    pub fn of(r: &[f64]) -> Self {
        Checksum {
            fro: r.iter().map(|x| x * x).sum::<f64>().sqrt(),
            e: [r[0], r[r.len() / 2], r[r.len() - 1]],
            wsum: r.iter().enumerate().map(|(i, x)| x / (1.0 + (i % 7) as f64)).sum(),
        }
    }

    /// The largest relative difference of two, an entry counting as at least a thousandth of `fro`.
    pub fn difference(&self, other: &Checksum) -> f64 {
        let numbers = |c: &Checksum| [c.fro, c.e[0], c.e[1], c.e[2], c.wsum];
        let floor = other.fro.abs() * 1e-3;
        let relative = |(a, b): (f64, f64)| (a - b).abs() / b.abs().max(floor).max(f64::MIN_POSITIVE);
        numbers(self).into_iter().zip(numbers(other)).map(relative).fold(0.0, f64::max)
    }
}

/// Seconds of single evaluations.
#[derive(Clone, Debug, Default)]
pub struct Times {
    /// By the clock.
    pub wall: Vec<f64>,
    /// Of the process's CPUs, which a busy machine disturbs far less.
    pub cpu: Vec<f64>,
}

/// CPU seconds of this process so far.
pub fn cpu_seconds() -> f64 {
    let t = clock_gettime(ClockId::ProcessCPUTime);
    t.tv_sec as f64 + 1e-9 * t.tv_nsec as f64
}

/// CPU seconds, and seconds by the clock, of each of `count` evaluations together.
fn sample<E>(count: usize, run: impl FnOnce(usize) -> Result<(), E>) -> Result<(f64, f64), E> {
    let (start, used) = (Instant::now(), cpu_seconds());
    run(count)?;
    let cpu = cpu_seconds() - used;
    Ok((cpu / count as f64, start.elapsed().as_secs_f64() / count as f64))
}

/// Shorter evaluations are timed several together, so that reading the clocks does not count.
const SHORT: f64 = 5e-5;

/// How long evaluations warm up the machine, from its clock to its branch predictor, before any is timed.
const WARM: f64 = 0.02;

/// Evaluations to warm up; then at least seven (three if one takes over 10 s), and up to a hundred and one as long as
/// they fit in a second. The times are sorted.
///
/// # Errors
/// The first error of `evaluate`.
pub fn repeat<E>(mut evaluate: impl FnMut() -> Result<(), E>) -> Result<Times, E> {
    let mut run = |count| (0..count).try_for_each(|_| evaluate());
    let (begin, mut one) = (Instant::now(), f64::INFINITY);
    while one.is_infinite() || begin.elapsed().as_secs_f64() < WARM {
        one = one.min(sample(1, &mut run)?.1);
    }
    let least = if one > 10.0 { 3 } else { 7 };
    let together = (SHORT / one.max(1e-9)).ceil().clamp(1.0, 1000.0) as usize;
    let (mut times, mut spent) = (Times::default(), 0.0);
    while times.wall.len() < least || (spent < 1.0 && times.wall.len() < 101) {
        let (cpu, wall) = sample(together, &mut run)?;
        times.cpu.push(cpu);
        times.wall.push(wall);
        spent += wall * together as f64;
    }
    times.wall.sort_by(f64::total_cmp);
    times.cpu.sort_by(f64::total_cmp);
    Ok(times)
}

/// Something that is timed: evaluates as many times as it is told.
pub type Run<'a> = Box<dyn FnMut(usize) -> hessite::Result<()> + 'a>;

/// A [`Run`] of one evaluation after the other.
pub fn run<'a>(mut evaluate: impl FnMut() -> hessite::Result<()> + 'a) -> Run<'a> {
    Box::new(move |count| (0..count).try_for_each(|_| evaluate()))
}

/// How long contestants take turns.
#[derive(Clone, Debug)]
pub struct Turns {
    /// Seconds that a sample lasts at least; shorter evaluations are timed several together.
    pub together: f64,
    /// Evaluations of a sample at least.
    pub least: usize,
    /// The samples of each contestant: as many as fit in `seconds`, within these bounds.
    pub rounds: RangeInclusive<usize>,
    /// For all samples of all contestants.
    pub seconds: f64,
}

/// Warms all contestants, finds how many evaluations make a sample of each, and takes a sample of each in every round:
/// what the machine does for a second or an hour befalls all of them. Every round has an order of its own, drawn from
/// its number, so that none always follows the same one. Times are in the order of the rounds.
///
/// # Errors
/// What hessite refuses.
pub fn turns(runs: &mut [Run<'_>], turns: &Turns) -> hessite::Result<Vec<Times>> {
    let (mut counts, mut round) = (Vec::new(), 0.0);
    for run in runs.iter_mut() {
        let (count, one) = calibrated(run, turns)?;
        counts.push(count);
        round += one * count as f64;
    }
    let rounds = ((turns.seconds / round) as usize).clamp(*turns.rounds.start(), *turns.rounds.end());
    let mut times = vec![Times::default(); runs.len()];
    for round in 0..rounds {
        for k in order(round, runs.len()) {
            let (cpu, wall) = sample(counts[k], &mut runs[k])?;
            times[k].cpu.push(cpu);
            times[k].wall.push(wall);
        }
    }
    Ok(times)
}

/// The evaluations of a sample, and the seconds of each of them.
fn calibrated(run: &mut Run<'_>, turns: &Turns) -> hessite::Result<(usize, f64)> {
    run(1)?;
    let mut count = 1;
    loop {
        let (_, one) = sample(count, &mut *run)?;
        // From a tenth of a sample on, reading the clock does not count.
        if one * count as f64 >= 0.1 * turns.together {
            return Ok((((turns.together / one.max(1e-9)).ceil() as usize).max(turns.least), one));
        }
        count *= 4;
    }
}

/// 0 to n − 1 in an order that belongs to a round.
fn order(round: usize, n: usize) -> Vec<usize> {
    let keys = uniform(round as u64, n);
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| keys[a].total_cmp(&keys[b]));
    order
}

/// The middle of sorted numbers.
pub fn median(sorted: &[f64]) -> f64 {
    sorted[sorted.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[test]
    fn contestants_take_turns_and_none_always_follows_the_same_one() {
        let log = RefCell::new(Vec::new());
        let contestant = |k: usize| {
            run({
                let log = &log;
                move || {
                    log.borrow_mut().push(k);
                    Ok(())
                }
            })
        };
        let mut runs: Vec<Run<'_>> = (0..3).map(contestant).collect();
        let plan = Turns { together: 0.0, least: 2, rounds: 5..=20, seconds: 1e9 };
        let times = turns(&mut runs, &plan).unwrap();
        assert!(times.iter().all(|t| t.wall.len() == 20 && t.cpu.len() == 20));
        // To warm up and to calibrate, one evaluation each.
        let log = log.borrow();
        assert_eq!(log[..6], [0, 0, 1, 1, 2, 2]);
        let samples: Vec<usize> =
            log[6..].chunks(2).inspect(|s| assert_eq!(s[0], s[1])).map(|s| s[0]).collect();
        for round in samples.chunks(3) {
            let mut sorted = round.to_vec();
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 1, 2]);
        }
        for (a, b) in [(0, 1), (1, 2), (2, 0)] {
            let follows = samples.windows(2).filter(|w| w[1] == b && w[0] == a).count();
            assert!((5..15).contains(&follows), "{b} follows {a} {follows} times in 20 rounds");
        }
    }

    #[test]
    fn samples_last_as_long_as_asked_and_slow_ones_have_fewer() {
        let calls = RefCell::new(0);
        let slow = run(|| {
            *calls.borrow_mut() += 1;
            std::thread::sleep(std::time::Duration::from_millis(2));
            Ok(())
        });
        let plan = Turns { together: 6e-3, least: 1, rounds: 2..=20, seconds: 0.0 };
        let times = turns(&mut [slow], &plan).unwrap();
        assert_eq!(times[0].wall.len(), 2);
        assert!(times[0].wall.iter().all(|&t| t > 2e-3));
        // Two to warm up and calibrate; at most three in each sample.
        assert!((4..=8).contains(&*calls.borrow()), "{calls:?}");
    }
}
