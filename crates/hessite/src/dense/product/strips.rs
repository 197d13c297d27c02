//! A large product in strips: dealt to the threads, and left when a flag is raised.
//!
//! A number of C is summed in the same order whatever strip it stands in, so the cutting never shows in the bits.

use super::sweep::{Form, sweep};
use crate::dense::stop::Stop;

/// Multiplications and additions of a strip: about a tenth of a millisecond.
const STRIP: usize = 4 << 20;
/// Strips are no thinner, or what is packed for them would not be paid back.
const ROWS: usize = 60;
const WIDTH: usize = 64;

/// The product that `f` describes; unfinished when `stop` was raised meanwhile.
///
/// # Safety
/// As [`sweep`].
pub(super) unsafe fn run(f: &Form, stop: Stop<'_>) {
    let work = f.inner.saturating_mul(f.rows).saturating_mul(f.width).saturating_mul(f.blocks);
    if work < 2 * STRIP {
        // SAFETY: the caller's promise.
        return unsafe { whole(f) };
    }
    let cut = Cut::of(f, work);
    let strip = |k: usize| {
        if !stop.raised() {
            // SAFETY: the caller's promise holds for every part of the form.
            unsafe { whole(&cut.strip(f, k)) }
        }
    };
    #[cfg(feature = "rayon")]
    if cut.count > 1 && rayon::current_num_threads() > 1 {
        use rayon::prelude::*;
        let shared = Shared(strip);
        return (0..cut.count).into_par_iter().for_each(|k| shared.call(k));
    }
    (0..cut.count).for_each(strip);
}

/// # Safety
/// As [`sweep`].
#[inline(always)]
unsafe fn whole(f: &Form) {
    let pack_s = f.rows * f.inner > 32 * 32 && f.width * f.blocks > 8;
    let pack_t = f.tv != 1 || (f.tp > 8 && f.inner > 24 && f.rows > 12);
    // SAFETY: the caller's promise.
    unsafe { sweep(f, pack_s, pack_t) }
}

#[derive(Clone, Copy)]
enum Along {
    Rows,
    Width,
    Blocks,
}

/// Which dimension is cut, into how many strips of which length.
struct Cut {
    along: Along,
    length: usize,
    count: usize,
}

impl Cut {
    fn of(f: &Form, work: usize) -> Cut {
        let (along, all, least) = if f.rows >= 2 * ROWS {
            (Along::Rows, f.rows, ROWS)
        } else if f.blocks > 1 {
            (Along::Blocks, f.blocks, WIDTH.div_ceil(f.width))
        } else {
            (Along::Width, f.width, WIDTH)
        };
        // Whole tiles: six rows or eight numbers.
        let tile = if let Along::Rows = along { 6 } else { 8 };
        let length = (STRIP / (work / all).max(1)).max(least).next_multiple_of(tile);
        Cut { along, length, count: all.div_ceil(length) }
    }

    fn strip(&self, f: &Form, k: usize) -> Form {
        let first = k * self.length;
        let len = |all: usize| self.length.min(all - first);
        let at =
            |s, t, c| (f.s.wrapping_add(first * s), f.t.wrapping_add(first * t), f.c.wrapping_add(first * c));
        let ((s, t, c), form) = match self.along {
            Along::Rows => (at(f.sa, 0, f.ca), Form { rows: len(f.rows), ..*f }),
            Along::Width => (at(0, f.tv, f.cv), Form { width: len(f.width), ..*f }),
            Along::Blocks => (at(0, f.tb, f.cb), Form { blocks: len(f.blocks), ..*f }),
        };
        Form { s, t, c, ..form }
    }
}

/// A function that threads may call at once.
#[cfg(feature = "rayon")]
struct Shared<F>(F);

#[cfg(feature = "rayon")]
impl<F: Fn(usize)> Shared<F> {
    fn call(&self, k: usize) {
        (self.0)(k);
    }
}

// SAFETY: the pointers that the function holds are to numbers; strips read S and T, which nobody writes, and write
// parts of C that are apart from each other.
#[cfg(feature = "rayon")]
unsafe impl<F> Sync for Shared<F> {}
