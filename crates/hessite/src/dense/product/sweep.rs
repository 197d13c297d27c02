//! The loops around the micro-kernel.

use super::pack::{pack_columns, pack_rows};
use super::quad::for_this_machine;
use super::tile::{Kernels, ROWS, Tile, has_eights, kernel};
use crate::dense::buffer::Buffer;
use std::cell::Cell;
use std::mem::MaybeUninit;

/// A product as the machine sees it: `C[a, v] = scale Σ_p S[a, p] T[p, v]`, or `+=`.
///
/// S is plain, and v counts contiguous numbers: lanes, or the rows of a plain C. It runs over `blocks` blocks of
/// `width`; entry v of block b stands at `b * tb + v * tv` in a row of T and at `b * cb + v * cv` in a row of C.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub s: *const f64,
    pub sa: usize,
    pub sp: usize,
    pub t: *const f64,
    pub tp: usize,
    pub tv: usize,
    pub tb: usize,
    pub c: *mut f64,
    pub ca: usize,
    pub cv: usize,
    pub cb: usize,
    pub rows: usize,
    pub inner: usize,
    pub width: usize,
    pub blocks: usize,
    pub scale: f64,
    pub add: bool,
}

/// The longest piece of p: a panel of S and one of T of this length share the first-level cache.
pub(super) const INNER: usize = 256;
/// The rows of S that are packed at a time, for the second-level cache.
const BLOCK: usize = 264;

/// The longest inner length of a small product.
pub(super) const SHORT: usize = 24;

thread_local! {
    static PACKED: Cell<Buffer> = Cell::default();
}

for_this_machine! {
    /// # Safety
    /// All entries that the form names are valid, those of C for writing and apart from those of S and T.
    pub(super) fn sweep(form: &Form, pack_s: bool, pack_t: bool) = sweep_body;
}

for_this_machine! {
    /// As [`sweep`], for a small product: S and T are read where they stand, in one piece, or the rows of T put in order
    /// on the stack, and the numbers of C's rows are neighbours.
    ///
    /// # Safety
    /// As [`sweep`]; `form.cv` is 1, and `form.inner` at most [`INNER`], or [`SHORT`] where `form.tv` is not 1.
    pub(super) fn direct(form: &Form) = direct_body;
}

#[inline(always)]
unsafe fn direct_body<Q: Kernels>(f: &Form) {
    let mut tile = Tile {
        s: f.s,
        sa: f.sa,
        sp: f.sp,
        inner: f.inner,
        t: [f.t; 2],
        tp: f.tp,
        c: [f.c; 2],
        ca: f.ca,
        count: 1,
        t_step: f.tb,
        c_step: f.cb,
        quads: 2,
        last: 4,
        scale: f.scale,
        add: f.add,
        eights: has_eights(),
    };
    // SAFETY: the offsets are those of entries of the form; the panel has room for `SHORT` rows.
    unsafe {
        if f.tv == 1 && f.width.is_multiple_of(8) {
            // Tiles side by side, or one from each block, whichever are more.
            let (mut across, mut along) = ((f.width / 8, 8, 8), (f.blocks, f.tb, f.cb));
            if f.blocks > f.width / 8 {
                (across, along) = (along, across);
            }
            (tile.count, tile.t_step, tile.c_step) = across;
            for k in 0..along.0 {
                let (t, c) = (k * along.1, k * along.2);
                rows::<Q>(f, &mut tile, [f.t.add(t), f.t.add(t + 4)], [c, c + 4]);
            }
            return;
        }
        let mut panel = MaybeUninit::<[f64; 8 * SHORT]>::uninit();
        let panel = panel.as_mut_ptr().cast::<f64>();
        let mut walk = Walk::new(f);
        while let Some(spot) = walk.next() {
            (tile.quads, tile.last) = (spot.quads, spot.last);
            let mut t = spot.t.map(|at| f.t.add(at));
            if f.tv != 1 {
                pack_columns::<Q>(t, (f.tp, f.tv), (spot.quads, spot.last), f.inner, panel);
                (t, tile.tp) = ([panel.cast_const(), panel.add(4)], 8);
            }
            rows::<Q>(f, &mut tile, t, spot.c);
        }
    }
}

/// All rows of C under one or two quads of T.
///
/// # Safety
/// As [`direct`]; `t` are the quads of the first row of T, `c` the offsets of those of C.
#[inline(always)]
unsafe fn rows<Q: Kernels>(f: &Form, tile: &mut Tile, t: [*const f64; 2], c: [usize; 2]) {
    // SAFETY: the caller's offsets, and rows a to a + height of the form.
    unsafe {
        tile.t = t;
        let mut a = 0;
        while a < f.rows {
            // Seven or eight rows are halved: a tile of one or two would waste its loads of T.
            let left = f.rows - a;
            let height = if left <= ROWS { left } else { ROWS.min(left - left / 2) };
            tile.s = f.s.add(a * f.sa);
            tile.c = [f.c.add(c[0] + a * f.ca), f.c.add(c[1] + a * f.ca)];
            kernel::<Q>(tile, height)(tile);
            a += height;
        }
    }
}

#[inline(always)]
unsafe fn sweep_body<Q: Kernels>(f: &Form, pack_s: bool, pack_t: bool) {
    let eights = has_eights();
    let pieces = f.inner.div_ceil(INNER);
    let piece = f.inner.div_ceil(pieces);
    let block = if pack_s { f.rows.div_ceil(f.rows.div_ceil(BLOCK)).next_multiple_of(ROWS) } else { f.rows };
    let packing = pack_s | pack_t | (f.cv != 1);
    let mut buffer = Buffer::default();
    let (mut s_panels, mut t_panel, mut corner) =
        (std::ptr::null_mut::<f64>(), std::ptr::null_mut::<f64>(), std::ptr::null_mut::<f64>());
    if packing {
        buffer = PACKED.take();
        let s_room = if pack_s { (block * piece).next_multiple_of(8) } else { 0 };
        let t_room = if pack_t { 8 * piece } else { 0 };
        let need = s_room + t_room + 8 * ROWS;
        if buffer.len() < need {
            buffer.resize(need);
        }
        s_panels = buffer.as_mut_ptr();
        // SAFETY: the three areas lie in the buffer's `need` entries.
        unsafe {
            t_panel = s_panels.add(s_room);
            corner = t_panel.add(t_room);
        }
    }
    for p0 in (0..f.inner).step_by(piece) {
        let inner = piece.min(f.inner - p0);
        for a0 in (0..f.rows).step_by(block) {
            let rows = block.min(f.rows - a0);
            let panels = rows.div_ceil(ROWS);
            let (height, taller) = (rows / panels, rows % panels);
            // SAFETY: a0 < rows and p0 < inner of the form.
            let s = unsafe { f.s.add(a0 * f.sa + p0 * f.sp) };
            if pack_s {
                let mut a = 0;
                for panel in 0..panels {
                    let height = height + usize::from(panel < taller);
                    // SAFETY: rows a to a + height of the block; the panel's place in the buffer.
                    unsafe {
                        pack_rows::<Q>(s.add(a * f.sa), f.sa, f.sp, height, inner, s_panels.add(a * inner));
                    }
                    a += height;
                }
            }
            let mut tile = Tile {
                s,
                sa: f.sa,
                sp: f.sp,
                inner,
                t: [f.t; 2],
                tp: if pack_t { 8 } else { f.tp },
                c: [f.c; 2],
                ca: f.ca,
                count: 1,
                t_step: 0,
                c_step: 0,
                quads: 0,
                last: 4,
                scale: f.scale,
                add: f.add || p0 > 0,
                eights,
            };
            let mut walk = Walk::new(f);
            while let Some(spot) = walk.next() {
                tile.quads = spot.quads;
                tile.last = spot.last;
                // SAFETY: the spot's offsets are those of entries.
                unsafe {
                    let t = spot.t.map(|at| f.t.add(at + p0 * f.tp));
                    if pack_t {
                        pack_columns::<Q>(t, (f.tp, f.tv), (spot.quads, spot.last), inner, t_panel);
                        tile.t = [t_panel, t_panel.add(4)];
                    } else {
                        tile.t = t;
                    }
                }
                let mut a = 0;
                for panel in 0..panels {
                    let height = height + usize::from(panel < taller);
                    // SAFETY: rows a to a + height of the block.
                    unsafe {
                        if pack_s {
                            (tile.s, tile.sa, tile.sp) = (s_panels.add(a * inner), 1, height);
                        } else {
                            tile.s = s.add(a * f.sa);
                        }
                        let c = spot.c.map(|at| f.c.add(at + (a0 + a) * f.ca));
                        if f.cv == 1 {
                            tile.c = c;
                            kernel::<Q>(&tile, height)(&tile);
                        } else {
                            scattered::<Q>(f, tile, height, c, corner);
                        }
                    }
                    a += height;
                }
            }
        }
    }
    if packing {
        PACKED.set(buffer);
    }
}

/// A tile whose entries of C are not neighbours, by way of `corner`.
///
/// # Safety
/// As [`tile::Kernel`], with entry v of the quads of row a of C at `c[q] + a * ca + v * cv`, and 8 * ROWS numbers at
/// `corner`.
#[inline(always)]
unsafe fn scattered<Q: Kernels>(f: &Form, tile: Tile, rows: usize, c: [*mut f64; 2], corner: *mut f64) {
    // SAFETY: the caller's promise.
    unsafe {
        let inside = Tile { c: [corner, corner.add(4)], ca: 8, add: false, ..tile };
        kernel::<Q>(&inside, rows)(&inside);
        for (q, &c) in c.iter().enumerate().take(tile.quads) {
            for v in 0..if q + 1 == tile.quads { tile.last } else { 4 } {
                for a in 0..rows {
                    let (new, at) = (*corner.add(8 * a + 4 * q + v), c.add(a * f.ca + v * f.cv));
                    *at = if tile.add { *at + new } else { new };
                }
            }
        }
    }
}

/// The tiles of the vector dimension, one after another.
struct Walk {
    width: usize,
    steps: [[usize; 2]; 2],
    block: [usize; 2],
    lane: usize,
    left: usize,
}

/// Offsets of the one or two quads of a tile in T and in C, and the valid entries of the last.
struct Spot {
    t: [usize; 2],
    c: [usize; 2],
    quads: usize,
    last: usize,
}

impl Walk {
    #[inline(always)]
    fn new(f: &Form) -> Self {
        let steps = [[f.tv, f.cv], [f.tb, f.cb]];
        Walk { width: f.width, steps, block: [0; 2], lane: 0, left: f.width * f.blocks }
    }

    /// The next quad: its offsets and number of entries.
    #[inline(always)]
    fn quad(&mut self) -> (usize, usize, usize) {
        let [[tv, cv], [tb, cb]] = self.steps;
        let (t, c) = (self.block[0] + self.lane * tv, self.block[1] + self.lane * cv);
        let count = 4.min(self.width - self.lane);
        self.lane += count;
        self.left -= count;
        if self.lane == self.width {
            self.lane = 0;
            self.block = [self.block[0] + tb, self.block[1] + cb];
        }
        (t, c, count)
    }

    #[inline(always)]
    fn next(&mut self) -> Option<Spot> {
        if self.left == 0 {
            return None;
        }
        let (t, c, last) = self.quad();
        if last < 4 || self.left == 0 {
            return Some(Spot { t: [t; 2], c: [c; 2], quads: 1, last });
        }
        let (t1, c1, last) = self.quad();
        Some(Spot { t: [t, t1], c: [c, c1], quads: 2, last })
    }
}
