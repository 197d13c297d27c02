//! The micro-kernel: a few rows of C, eight numbers wide, held in registers.

#[cfg(target_arch = "x86_64")]
use super::quad::Avx2;
use super::quad::{Portable, Quad};

/// The most rows of a tile: six rows of two quads are twelve accumulators, which with two quads of T and one
/// broadcast number fill sixteen vector registers.
pub(super) const ROWS: usize = 6;

/// Where a tile of at most [`ROWS`] rows and two quads reads and writes.
#[derive(Clone, Copy)]
pub(super) struct Tile {
    /// Entry (a, p) of S is at `a * sa + p * sp`; one of the strides is 1.
    pub s: *const f64,
    pub sa: usize,
    pub sp: usize,
    pub inner: usize,
    /// The quads of row p of T are at `t[0] + p * tp` and `t[1] + p * tp`.
    pub t: [*const f64; 2],
    pub tp: usize,
    /// The quads of row a of C are at `c[0] + a * ca` and `c[1] + a * ca`.
    pub c: [*mut f64; 2],
    pub ca: usize,
    /// How many tiles there are of these rows, and how far apart their quads are in T and in C.
    pub count: usize,
    pub t_step: usize,
    pub c_step: usize,
    /// One or two quads, and the valid entries of the last.
    pub quads: usize,
    pub last: usize,
    pub scale: f64,
    pub add: bool,
    /// The machine has vectors of eight, for two quads that are neighbours.
    pub eights: bool,
}

/// Whether this machine has [`Tile::eights`].
#[inline(always)]
pub(super) fn has_eights() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("avx512f");
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// Computes C = scale S T, or C += scale S T, for `count` tiles.
///
/// # Safety
/// All entries that the fields name are valid for reading, those of C for writing; the number of rows, the quads,
/// a full or partial last quad, and which stride of S is 1, are those for which [`kernel`] chose the function,
/// on this machine.
pub(super) type Kernel = unsafe fn(&Tile);

/// The kernel for tiles like this one, of `rows` rows.
#[inline(always)]
pub(super) fn kernel<Q: Kernels>(tile: &Tile, rows: usize) -> Kernel {
    let kind = 4 * usize::from(tile.quads == 1) + 2 * usize::from(tile.last < 4) + usize::from(tile.sa == 1);
    let apart = |a: *const f64, b: *const f64| b != a.wrapping_add(4);
    let [t, c] = [tile.t, tile.c.map(<*mut f64>::cast_const)];
    if tile.eights && tile.quads == 2 && !apart(t[0], t[1]) && !apart(c[0], c[1]) {
        return Q::EIGHTS[kind][rows - 1];
    }
    Q::TABLE[kind][rows - 1]
}

/// A machine's kernels, each a function of its own.
pub(super) trait Kernels: Quad {
    /// By kind as in [`kernel`] and rows less one.
    const TABLE: &'static [[Kernel; ROWS]; 8];
    /// The same for two quads that are neighbours, for machines with vectors of eight.
    const EIGHTS: &'static [[Kernel; ROWS]; 8];
}

/// The table of the functions of one name: `$f::<A, V, PART, UNIT>`.
macro_rules! table {
    ($f:ident) => {
        &[
            table!($f, 2, false, false),
            table!($f, 2, false, true),
            table!($f, 2, true, false),
            table!($f, 2, true, true),
            table!($f, 1, false, false),
            table!($f, 1, false, true),
            table!($f, 1, true, false),
            table!($f, 1, true, true),
        ]
    };
    ($f:ident, $v:literal, $part:literal, $unit:literal) => {
        [
            $f::<1, $v, $part, $unit>,
            $f::<2, $v, $part, $unit>,
            $f::<3, $v, $part, $unit>,
            $f::<4, $v, $part, $unit>,
            $f::<5, $v, $part, $unit>,
            $f::<6, $v, $part, $unit>,
        ]
    };
}

impl Kernels for Portable {
    const TABLE: &'static [[Kernel; ROWS]; 8] = table!(portable);
    const EIGHTS: &'static [[Kernel; ROWS]; 8] = Self::TABLE;
}

unsafe fn portable<const A: usize, const V: usize, const PART: bool, const UNIT: bool>(tile: &Tile) {
    // SAFETY: the caller's promise.
    unsafe { rows::<Portable, A, V, PART, UNIT>(tile) }
}

#[cfg(target_arch = "x86_64")]
impl Kernels for Avx2 {
    const TABLE: &'static [[Kernel; ROWS]; 8] = table!(avx2);
    const EIGHTS: &'static [[Kernel; ROWS]; 8] = table!(avx512);
}

/// As [`avx2`], both quads in one vector.
///
/// # Safety
/// As [`Kernel`], of quads that are neighbours.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
unsafe fn avx512<const A: usize, const V: usize, const PART: bool, const UNIT: bool>(tile: &Tile) {
    use std::arch::x86_64::*;
    let Tile { s, t: [mut t, _], tp, c: [mut c, _], ca, last, .. } = *tile;
    let (sa, sp) = if UNIT { (1, tile.sp) } else { (tile.sa, 1) };
    // The first `4 + last` of eight.
    let mask: __mmask8 = if PART { 0xff >> (4 - last) } else { 0xff };
    for k in 0..tile.count {
        if k > 0 {
            // No address is formed beyond the last tile's.
            t = t.wrapping_add(tile.t_step);
            c = c.wrapping_add(tile.c_step);
        }
        // SAFETY: p < inner, a < A and the quads that the fields name.
        unsafe {
            let mut sum = [_mm512_setzero_pd(); A];
            for p in 0..tile.inner {
                let at = t.add(p * tp);
                let row = if PART { _mm512_maskz_loadu_pd(mask, at) } else { _mm512_loadu_pd(at) };
                for (a, sum) in sum.iter_mut().enumerate() {
                    *sum = _mm512_fmadd_pd(_mm512_set1_pd(*s.add(p * sp + a * sa)), row, *sum);
                }
            }
            let scale = _mm512_set1_pd(tile.scale);
            for (a, sum) in sum.iter().enumerate() {
                let at = c.add(a * ca);
                let new = match tile.add {
                    true => _mm512_fmadd_pd(*sum, scale, _mm512_maskz_loadu_pd(mask, at)),
                    false => _mm512_mul_pd(*sum, scale),
                };
                _mm512_mask_storeu_pd(at, mask, new);
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2<const A: usize, const V: usize, const PART: bool, const UNIT: bool>(tile: &Tile) {
    // SAFETY: the caller's promise.
    unsafe { rows::<Avx2, A, V, PART, UNIT>(tile) }
}

/// `A` rows of `V` quads, the last of them with `last` entries if `PART`; `UNIT` says that `sa` is 1, else `sp`
/// is.
#[inline(always)]
unsafe fn rows<Q: Quad, const A: usize, const V: usize, const PART: bool, const UNIT: bool>(tile: &Tile) {
    let Tile { s, mut t, tp, mut c, ca, last, .. } = *tile;
    let (sa, sp) = if UNIT { (1, tile.sp) } else { (tile.sa, 1) };
    for k in 0..tile.count {
        if k > 0 {
            // No address is formed beyond the last tile's.
            t = t.map(|t| t.wrapping_add(tile.t_step));
            c = c.map(|c| c.wrapping_add(tile.c_step));
        }
        // SAFETY: p < inner, a < A and the quads that the fields name.
        unsafe {
            let mut sum = [[Q::splat(0.0); V]; A];
            for p in 0..tile.inner {
                let mut row = [Q::splat(0.0); V];
                for (v, quad) in row.iter_mut().enumerate() {
                    let at = t[v].add(p * tp);
                    *quad = if PART && v + 1 == V { Q::load_part(at, last) } else { Q::load(at) };
                }
                for (a, sum) in sum.iter_mut().enumerate() {
                    let s = Q::splat(*s.add(p * sp + a * sa));
                    for (sum, &quad) in sum.iter_mut().zip(&row) {
                        *sum = s.mul_add(quad, *sum);
                    }
                }
            }
            let scale = Q::splat(tile.scale);
            for (a, sum) in sum.iter().enumerate() {
                for (v, &sum) in sum.iter().enumerate() {
                    let at = c[v].add(a * ca);
                    let part = PART && v + 1 == V;
                    let new = if tile.add {
                        let old = if part { Q::load_part(at, last) } else { Q::load(at) };
                        sum.mul_add(scale, old)
                    } else {
                        sum.mul(scale)
                    };
                    if part {
                        new.store_part(at, last);
                    } else {
                        new.store(at);
                    }
                }
            }
        }
    }
}
