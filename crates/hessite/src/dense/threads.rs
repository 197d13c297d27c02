//! What is worth sharing among threads.

/// Nanoseconds of work, nearly, that pay for waking threads that sleep, the caller's beside them.
#[cfg(feature = "rayon")]
const WAKE: u64 = 200_000;
/// Those that pay for a task when the caller is one of the threads.
#[cfg(feature = "rayon")]
const TASK: u64 = 10_000;

/// Whether the threads should share so much work.
#[cfg(feature = "rayon")]
pub(crate) fn shared(nanoseconds: u64) -> bool {
    let least = if rayon::current_thread_index().is_some() { TASK } else { WAKE };
    nanoseconds > least && rayon::current_num_threads() > 1
}

/// Runs `f`, which shares so much work step by step, on one of the threads: they wake once for all its steps.
#[cfg(feature = "rayon")]
pub(crate) fn among<R: Send>(nanoseconds: u64, f: impl FnOnce() -> R + Send) -> R {
    if shared(nanoseconds) { rayon::scope(|_| f()) } else { f() }
}

/// Runs `f`: there is one thread.
#[cfg(not(feature = "rayon"))]
pub(crate) fn among<R>(_: u64, f: impl FnOnce() -> R) -> R {
    f()
}
