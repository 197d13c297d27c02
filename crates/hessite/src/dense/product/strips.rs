//! A large product in strips: dealt to the threads, and left when a flag is raised.
//!
//! A number of C is summed in the same order whatever strip it stands in, so the cutting never shows in the bits.

use super::dots::dots;
use super::sweep::{Form, INNER, SHORT, direct, sweep};
use crate::dense::stop::Stop;

/// Multiplications that a thread needs a tenth of a millisecond for: less is not dealt out.
#[cfg(feature = "rayon")]
const SHARE: usize = 4 << 20;
/// Multiplications of a strip on one thread, some hundredths of a second: how long a raised flag may wait.
const PAUSE: usize = 1 << 28;
/// Strips are no thinner, or what is packed for them would not be paid back.
const ROWS: usize = 48;
const WIDTH: usize = 64;

/// The longest inner length of a product by dot products: longer runs leave the nearest cache before they are used again.
const RUN: usize = 512;

/// The product that `f` describes; unfinished when `stop` was raised meanwhile.
///
/// # Safety
/// As [`sweep`].
pub(super) unsafe fn run(f: &Form, stop: Stop<'_>) {
    let work = f.inner.saturating_mul(f.rows).saturating_mul(f.width).saturating_mul(f.blocks);
    let strip = |cut: &Cut, k: usize| {
        if !stop.raised() {
            // SAFETY: the caller's promise holds for every part of the form.
            unsafe { whole(&cut.strip(f, k)) }
        }
    };
    #[cfg(feature = "rayon")]
    if work >= 2 * SHARE && rayon::current_num_threads() > 1 {
        use rayon::prelude::*;
        // Two for each thread even out what else runs, where they stay large.
        let threads = rayon::current_num_threads().min(work / SHARE);
        let cut = Cut::of(f, threads * if work >= 16 * threads * SHARE { 2 } else { 1 });
        let shared = Shared(|k| strip(&cut, k));
        return (0..cut.count).into_par_iter().for_each(|k| shared.call(k));
    }
    if work < 2 * PAUSE {
        // SAFETY: the caller's promise.
        return unsafe { whole(f) };
    }
    let cut = Cut::of(f, work / PAUSE);
    (0..cut.count).for_each(|k| strip(&cut, k));
}

/// # Safety
/// As [`sweep`].
#[inline(always)]
unsafe fn whole(f: &Form) {
    let pack_s = f.sp != 1 && f.rows * f.inner > 32 * 32 && f.width * f.blocks > 8;
    if f.tp == 1 && f.sp == 1 && f.cv == 1 && f.blocks == 1 && (SHORT..=RUN).contains(&f.inner) {
        // SAFETY: the caller's promise, and what was just asked.
        return unsafe { dots(f) };
    }
    let wide = f.tp > 8 && f.inner > 24 && f.rows > 12;
    let small = !pack_s && !wide && f.cv == 1 && f.inner <= if f.tv == 1 { INNER } else { SHORT };
    // SAFETY: the caller's promise; what `direct` asks for is asked first.
    unsafe { if small { direct(f) } else { sweep(f, pack_s, wide || f.tv != 1) } }
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
    /// About `count` strips.
    fn of(f: &Form, count: usize) -> Cut {
        // What a strip packs of the other operand, each packs anew: the longer side is cut.
        let across = f.width * f.blocks;
        let (along, all, least, tile) = if f.rows >= 2 * ROWS && 2 * f.rows > across {
            (Along::Rows, f.rows, ROWS, 6)
        } else if f.blocks > 1 {
            (Along::Blocks, f.blocks, WIDTH.div_ceil(f.width), 8usize.div_ceil(f.width))
        } else {
            (Along::Width, f.width, WIDTH, 8)
        };
        // Whole tiles of six rows or eight numbers.
        let length = all.div_ceil(count.max(1)).max(least).next_multiple_of(tile);
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
