//! Copies of S and T in the order in which the micro-kernel reads them.

use super::quad::Quad;

/// `rows` rows of S (entry (a, p) at `a * sa + p * sp`, one stride 1) as a panel: `out[p * rows + a]`.
///
/// # Safety
/// The entries and `inner * rows` numbers at `out` are valid, and the machine has the instructions of `Q`.
#[inline(always)]
pub(super) unsafe fn pack_rows<Q: Quad>(
    s: *const f64,
    sa: usize,
    sp: usize,
    rows: usize,
    inner: usize,
    out: *mut f64,
) {
    // SAFETY: a < rows, p < inner.
    unsafe {
        // Quads of rows; the last one overlaps its neighbour where the number of rows is no multiple of four.
        let quads = if rows < 4 { 0 } else { rows.div_ceil(4) };
        let fours = if sp == 1 { inner - inner % 4 } else { 0 };
        for first in (0..quads).map(|q| (4 * q).min(rows - 4)) {
            for p in (0..fours).step_by(4) {
                let block = [0, 1, 2, 3].map(|a| Q::load(s.add((first + a) * sa + p)));
                for (i, quad) in Q::transpose(block).into_iter().enumerate() {
                    quad.store(out.add((p + i) * rows + first));
                }
            }
            if sa == 1 {
                for p in fours..inner {
                    Q::load(s.add(first + p * sp)).store(out.add(p * rows + first));
                }
                continue;
            }
            for p in fours..inner {
                for a in first..first + 4 {
                    *out.add(p * rows + a) = *s.add(a * sa + p * sp);
                }
            }
        }
        for a in if quads == 0 { 0..rows } else { 0..0 } {
            for p in 0..inner {
                *out.add(p * rows + a) = *s.add(a * sa + p * sp);
            }
        }
    }
}

/// Two quads of each row of T as a panel: `out[8 * p..][..8]`, what is beyond the `last` entries of the last of
/// `quads` quads filled with zeros. Entry v of quad q in row p is at `t[q] + p * tp + v * tv`.
///
/// # Safety
/// The entries and `inner * 8` numbers at `out` are valid, and the machine has the instructions of `Q`.
#[inline(always)]
pub(super) unsafe fn pack_columns<Q: Quad>(
    t: [*const f64; 2],
    (tp, tv): (usize, usize),
    (quads, last): (usize, usize),
    inner: usize,
    out: *mut f64,
) {
    // SAFETY: p < inner and the entries that the arguments name.
    unsafe {
        if tv == 1 && quads == 2 && last == 4 {
            // Both at once: rows far apart may share a place in the cache, and are fetched once.
            for p in 0..inner {
                Q::load(t[0].add(p * tp)).store(out.add(8 * p));
                Q::load(t[1].add(p * tp)).store(out.add(8 * p + 4));
            }
            return;
        }
        for (q, &t) in t.iter().enumerate() {
            let out = out.add(4 * q);
            let count = if q + 1 < quads {
                4
            } else if q + 1 == quads {
                last
            } else {
                0
            };
            if count == 0 {
                for p in 0..inner {
                    Q::splat(0.0).store(out.add(8 * p));
                }
            } else if tv == 1 && count == 4 {
                for p in 0..inner {
                    Q::load(t.add(p * tp)).store(out.add(8 * p));
                }
            } else if tv == 1 {
                for p in 0..inner {
                    Q::load_part(t.add(p * tp), count).store(out.add(8 * p));
                }
            } else {
                let fours = if tp == 1 { inner - inner % 4 } else { 0 };
                for p in (0..fours).step_by(4) {
                    let mut block = [Q::splat(0.0); 4];
                    for (v, column) in block.iter_mut().enumerate().take(count) {
                        *column = Q::load(t.add(v * tv + p));
                    }
                    for (i, quad) in Q::transpose(block).into_iter().enumerate() {
                        quad.store(out.add(8 * (p + i)));
                    }
                }
                for p in fours..inner {
                    for v in 0..4 {
                        *out.add(8 * p + v) = if v < count { *t.add(p * tp + v * tv) } else { 0.0 };
                    }
                }
            }
        }
    }
}
