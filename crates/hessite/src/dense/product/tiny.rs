//! Products of a few rows and columns, where arranging the work would cost more than the work.

use super::quad::{Quad, for_this_machine};
use super::sweep::Form;

/// The longest dimension.
pub(super) const MOST: usize = 8;

/// Whether [`tiny`] is for this form.
#[inline(always)]
pub(super) fn is_tiny(f: &Form) -> bool {
    f.blocks == 1 && f.cv == 1 && f.rows.max(f.inner).max(f.width) <= MOST
}

for_this_machine! {
    /// # Safety
    /// As [`sweep`](super::sweep::sweep), for a form that [`is_tiny`].
    pub(super) fn tiny(form: &Form) = body;
}

#[inline(always)]
unsafe fn body<Q: Quad>(f: &Form) {
    // SAFETY: the caller's promise.
    unsafe {
        match f.width {
            0..=4 => rows::<Q, 1>(f),
            _ => rows::<Q, 2>(f),
        }
    }
}

/// All rows of C, `V` quads wide.
#[inline(always)]
unsafe fn rows<Q: Quad, const V: usize>(f: &Form) {
    let last = f.width - 4 * (V - 1);
    let count = |v: usize| if v + 1 == V { last } else { 4 };
    // SAFETY: p < inner, a < rows, and no entry beyond the width is touched.
    unsafe {
        let mut t = [[Q::splat(0.0); V]; MOST];
        for v in 0..V {
            if f.tv == 1 {
                for (p, t) in t.iter_mut().enumerate().take(f.inner) {
                    t[v] = load::<Q>(f.t.add(p * f.tp + 4 * v), count(v));
                }
                continue;
            }
            for p in (0..f.inner).step_by(4) {
                let mut runs = [Q::splat(0.0); 4];
                for (i, run) in runs.iter_mut().enumerate().take(count(v)) {
                    *run = load::<Q>(f.t.add((4 * v + i) * f.tv + p), (f.inner - p).min(4));
                }
                for (t, row) in t[p..].iter_mut().zip(Q::transpose(runs)) {
                    t[v] = row;
                }
            }
        }
        let scale = Q::splat(f.scale);
        for a in 0..f.rows {
            let s = f.s.add(a * f.sa);
            let mut sum = [Q::splat(0.0); V];
            for (p, t) in t.iter().enumerate().take(f.inner) {
                let s = Q::splat(*s.add(p * f.sp));
                for v in 0..V {
                    sum[v] = s.mul_add(t[v], sum[v]);
                }
            }
            for (v, sum) in sum.into_iter().enumerate() {
                let at = f.c.add(a * f.ca + 4 * v);
                let new = match f.add {
                    true => sum.mul_add(scale, load::<Q>(at, count(v))),
                    false => sum.mul(scale),
                };
                match count(v) {
                    4 => new.store(at),
                    part => new.store_part(at, part),
                }
            }
        }
    }
}

/// # Safety
/// As [`Quad::load_part`].
#[inline(always)]
unsafe fn load<Q: Quad>(at: *const f64, count: usize) -> Q {
    // SAFETY: the caller's promise.
    unsafe { if count == 4 { Q::load(at) } else { Q::load_part(at, count) } }
}
