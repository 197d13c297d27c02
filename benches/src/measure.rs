//! Times and checksums.

use rustix::time::{ClockId, clock_gettime};
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

/// Seconds of single evaluations, sorted.
#[derive(Clone, Debug)]
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

/// Shorter evaluations are timed several together, so that reading the clocks does not count.
const SHORT: f64 = 5e-5;

/// One evaluation to warm up; then at least seven (three if one takes over 10 s), and up to a hundred and one as long
/// as they fit in a second.
///
/// # Errors
/// The first error of `evaluate`.
pub fn repeat<E>(mut evaluate: impl FnMut() -> Result<(), E>) -> Result<Times, E> {
    evaluate()?;
    let start = Instant::now();
    evaluate()?;
    let one = start.elapsed().as_secs_f64();
    let least = if one > 10.0 { 3 } else { 7 };
    let together = (SHORT / one.max(1e-9)).ceil().clamp(1.0, 1000.0) as usize;
    let (mut wall, mut cpu, mut spent) = (Vec::new(), Vec::new(), 0.0);
    while wall.len() < least || (spent < 1.0 && wall.len() < 101) {
        let (start, used) = (Instant::now(), cpu_seconds());
        for _ in 0..together {
            evaluate()?;
        }
        cpu.push((cpu_seconds() - used) / together as f64);
        let took = start.elapsed().as_secs_f64();
        wall.push(took / together as f64);
        spent += took;
    }
    wall.sort_by(f64::total_cmp);
    cpu.sort_by(f64::total_cmp);
    Ok(Times { wall, cpu })
}

/// The middle of sorted numbers.
pub fn median(sorted: &[f64]) -> f64 {
    sorted[sorted.len() / 2]
}
