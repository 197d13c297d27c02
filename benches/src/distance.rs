//! How far two threads are from each other.
//!
//! A virtual machine's processors are threads of the host, which puts them where it likes and moves them while one
//! measures: onto the two hardware threads of one core, where two threads have hardly more to compute with than one, onto
//! two cores with one cache, or onto cores that meet only in memory, where whatever one thread writes and the other reads is
//! dear. The guest's own tables do not tell. A cache line that is passed to and fro does.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A number on cache lines of its own: processors fetch lines in pairs.
#[repr(align(128))]
#[derive(Default)]
struct Line(AtomicU64);

/// Round trips of a part, and parts: one in which nothing else ran is enough.
const TRIPS: u64 = 1_000;
const PARTS: u64 = 20;
/// After this nothing more is awaited: the other thread has no processor.
const PATIENCE: Duration = Duration::from_millis(50);
/// Looks at a line between two at the clock.
const LOOKS: u32 = 256;

/// Seconds of a line's way from one thread to another and back, now: the least mean of twenty times a thousand. None where
/// there is one processor, or the second one is not free within 50 ms.
pub fn round_trip() -> Option<f64> {
    if std::thread::available_parallelism().map_or(1, usize::from) < 2 {
        return None;
    }
    let (there, back, given_up) = (Line::default(), Line::default(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for trip in 1..=PARTS * TRIPS {
                if !awaited(&there, trip, || given_up.load(Ordering::Relaxed)) {
                    return;
                }
                back.0.store(trip, Ordering::Release);
            }
        });
        let begun = Instant::now();
        let mut least = None;
        for part in 0..PARTS {
            let start = Instant::now();
            for trip in part * TRIPS + 1..=(part + 1) * TRIPS {
                there.0.store(trip, Ordering::Release);
                if !awaited(&back, trip, || begun.elapsed() > PATIENCE) {
                    given_up.store(true, Ordering::Relaxed);
                    return least;
                }
            }
            let mean = start.elapsed().as_secs_f64() / TRIPS as f64;
            least = Some(least.map_or(mean, |l: f64| l.min(mean)));
        }
        least
    })
}

/// Waits until the line holds the number of a trip; false if it is time to give up. Without `spin_loop`, which itself takes
/// from 10 to 50 ns, as the processor likes.
fn awaited(line: &Line, trip: u64, give_up: impl Fn() -> bool) -> bool {
    let mut looks = 0;
    while line.0.load(Ordering::Acquire) != trip {
        looks += 1;
        if looks % LOOKS == 0 && give_up() {
            return false;
        }
    }
    true
}

/// What a round trip of so many seconds means. The bounds lie between what was seen of one server, 45 to 50, 90 to 120 and 390
/// to 480 ns; others differ.
pub fn meaning(round_trip: f64) -> &'static str {
    match round_trip {
        t if t < 70e-9 => "the two hardware threads of one core",
        t if t < 200e-9 => "two cores that share a cache",
        _ => "two cores that share no cache",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_trip_ends_and_is_a_time() {
        let start = Instant::now();
        let found = round_trip();
        // A machine that is busy may stop this thread itself for a while.
        assert!(start.elapsed() < 20 * PATIENCE, "{:?}", start.elapsed());
        assert!(found.is_none_or(|t| t > 1e-9 && t < PATIENCE.as_secs_f64()), "{found:?}");
    }

    #[test]
    fn a_line_that_never_comes_is_given_up() {
        assert!(!awaited(&Line::default(), 1, || true));
        assert!(awaited(&Line(AtomicU64::new(1)), 1, || true));
    }
}
