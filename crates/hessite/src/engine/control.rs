//! Progress, cancelling and the memory budget of a call.

use crate::dense::stop::Stop;
use crate::error::{Error, Result};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Bytes that one call may use unless told otherwise: 8 GiB.
pub const DEFAULT_BUDGET: u64 = 8 << 30;

/// How far a long call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Directions that are done.
    pub done: u64,
    /// Directions in all.
    pub total: u64,
}

/// What a long call is given beside its arguments: a memory budget, a flag that stops it, and somebody to tell.
///
/// ```
/// use std::sync::atomic::AtomicBool;
/// let stop = AtomicBool::new(false);
/// let control = hessite::Control::new().budget(1 << 20).cancel(&stop).progress(&|p| eprintln!("{}/{}", p.done, p.total));
/// # let _ = control;
/// ```
#[derive(Clone, Copy, Default)]
pub struct Control<'a> {
    budget: Option<u64>,
    cancel: Option<&'a AtomicBool>,
    /// The flag that all calls of a function obey.
    function: Option<&'a AtomicBool>,
    progress: Option<&'a (dyn Fn(Progress) + Sync)>,
    /// Failures that are mere conventions pass.
    lenient: bool,
    /// For one sweep of several: the directions done before it, and those of all.
    part: Option<(u64, u64)>,
}

impl<'a> Control<'a> {
    /// The function's own budget, no cancelling, no progress.
    pub fn new() -> Self {
        Control::default()
    }

    /// At most this many bytes for the result and the working memory; a call that needs more returns
    /// [`Error::Budget`] before it allocates.
    pub fn budget(self, bytes: u64) -> Self {
        Control { budget: Some(bytes), ..self }
    }

    /// Raise this flag from any thread, and the call returns [`Error::Cancelled`] soon.
    pub fn cancel(self, flag: &'a AtomicBool) -> Self {
        Control { cancel: Some(flag), ..self }
    }

    /// Called as directions are done, from whichever thread did them.
    pub fn progress(self, tell: &'a (dyn Fn(Progress) + Sync)) -> Self {
        Control { progress: Some(tell), ..self }
    }

    pub(crate) fn limit(&self, default: u64) -> u64 {
        self.budget.unwrap_or(default)
    }

    /// The same, obeying the flag of a function too.
    pub(crate) fn under(&self, flag: Option<&'a AtomicBool>) -> Self {
        Control { function: flag, ..*self }
    }

    /// The same, letting pass what [`Failure`](crate::error::Failure) calls a convention.
    pub(crate) fn lenient(&self, lenient: bool) -> Self {
        Control { lenient, ..*self }
    }

    pub(crate) fn is_lenient(&self) -> bool {
        self.lenient
    }

    /// The flags to be watched.
    pub(crate) fn stop(&self) -> Stop<'a> {
        Stop([self.cancel, self.function])
    }

    /// The control of one sweep of several.
    pub(crate) fn part(&self, before: u64, total: u64) -> Self {
        Control { part: Some((before, total)), ..*self }
    }

    pub(crate) fn check(&self) -> Result<()> {
        if self.stop().raised() { Err(Error::Cancelled) } else { Ok(()) }
    }

    pub(crate) fn advance(&self, done: &AtomicU64, by: u64, total: u64) {
        if let Some(tell) = self.progress {
            let (before, total) = self.part.unwrap_or((0, total));
            tell(Progress { done: before + done.fetch_add(by, Ordering::Relaxed) + by, total });
        }
    }
}
