//! Flags that stop long work.

use std::sync::atomic::{AtomicBool, Ordering};

/// Up to two flags; work stops soon after one of them is raised, its result unfinished.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stop<'a>(pub [Option<&'a AtomicBool>; 2]);

impl Stop<'_> {
    pub fn raised(&self) -> bool {
        self.0.iter().flatten().any(|flag| flag.load(Ordering::Relaxed))
    }
}
