//! out = f·c∘t, or added: the elementwise work of direction parts.

use super::lanes::{View, ViewMut};
use super::simd::vectorized;

/// out (+)= factor · coef ∘ base; a dimension of 1 is repeated, and `coef` (never with lanes) serves every lane.
pub(crate) fn term(factor: f64, coef: Option<View<'_>>, base: View<'_>, out: ViewMut<'_>, add: bool) {
    let ViewMut { data, rows, cols, lanes } = out;
    let full = |x: &View<'_>| (x.rows, x.cols) == (rows, cols);
    let (factor, coef) = match coef {
        // (factor · coef) is a number.
        Some(c) if c.data.len() == 1 && c.lanes == 1 => (factor * c.data[0], None),
        c => (factor, c),
    };
    if !add {
        // One code path for both: −0.0 keeps every sum as it is, signed zeros included.
        data.fill(-0.0);
    }
    match coef {
        None if full(&base) && base.lanes == lanes => scaled(factor, base.data, data),
        Some(c) if full(&base) && full(&c) && base.lanes == lanes && c.lanes == 1 => match lanes {
            1 => weighted(factor, c.data, base.data, data),
            8 => weighted_lanes::<8>(factor, c.data, base.data, data),
            4 => weighted_lanes::<4>(factor, c.data, base.data, data),
            _ => general(factor, coef, base, data, rows, cols, lanes),
        },
        Some(c) if full(&c) && base.data.len() == lanes && base.lanes == lanes && c.lanes == 1 => match lanes
        {
            1 => scaled(factor * base.data[0], c.data, data),
            8 => spread::<8>(factor, c.data, base.data, data),
            4 => spread::<4>(factor, c.data, base.data, data),
            _ => general(factor, coef, base, data, rows, cols, lanes),
        },
        _ => general(factor, coef, base, data, rows, cols, lanes),
    }
}

vectorized! {
    fn scaled(factor: f64, x: &[f64], out: &mut [f64]) {
        if factor == 1.0 {
            out.iter_mut().zip(x).for_each(|(o, x)| *o += x);
        } else {
            out.iter_mut().zip(x).for_each(|(o, x)| *o += factor * x);
        }
    }
}

vectorized! {
    fn weighted(factor: f64, c: &[f64], x: &[f64], out: &mut [f64]) {
        for ((o, c), x) in out.iter_mut().zip(c).zip(x) {
            *o += (factor * c) * x;
        }
    }
}

fn weighted_lanes<const K: usize>(factor: f64, c: &[f64], x: &[f64], out: &mut [f64]) {
    if K == 8 { weighted8(factor, c, x, out) } else { weighted4(factor, c, x, out) }
}

vectorized! {
    fn weighted8(factor: f64, c: &[f64], x: &[f64], out: &mut [f64]) {
        entry_by_entry::<8>(factor, c, x, out)
    }
}

vectorized! {
    fn weighted4(factor: f64, c: &[f64], x: &[f64], out: &mut [f64]) {
        entry_by_entry::<4>(factor, c, x, out)
    }
}

#[inline(always)]
fn entry_by_entry<const K: usize>(factor: f64, c: &[f64], x: &[f64], out: &mut [f64]) {
    for ((o, c), x) in out.as_chunks_mut::<K>().0.iter_mut().zip(c).zip(x.as_chunks::<K>().0) {
        let c = factor * c;
        for l in 0..K {
            o[l] += c * x[l];
        }
    }
}

fn spread<const K: usize>(factor: f64, c: &[f64], s: &[f64], out: &mut [f64]) {
    if K == 8 { spread8(factor, c, s, out) } else { spread4(factor, c, s, out) }
}

vectorized! {
    fn spread8(factor: f64, c: &[f64], s: &[f64], out: &mut [f64]) {
        one_for_all::<8>(factor, c, s, out)
    }
}

vectorized! {
    fn spread4(factor: f64, c: &[f64], s: &[f64], out: &mut [f64]) {
        one_for_all::<4>(factor, c, s, out)
    }
}

/// out[e, l] += factor · c[e] · s[l].
#[inline(always)]
fn one_for_all<const K: usize>(factor: f64, c: &[f64], s: &[f64], out: &mut [f64]) {
    let Some(s) = s.first_chunk::<K>() else { return };
    for (o, c) in out.as_chunks_mut::<K>().0.iter_mut().zip(c) {
        let c = factor * c;
        for l in 0..K {
            o[l] += c * s[l];
        }
    }
}

/// Any mixture of repeated arrays, column by column.
fn general(
    factor: f64,
    coef: Option<View<'_>>,
    base: View<'_>,
    out: &mut [f64],
    rows: usize,
    cols: usize,
    lanes: usize,
) {
    let mut blocks = [[0.0; 256]; 2];
    let [cs, ts] = &mut blocks;
    let height = rows * lanes;
    for j in 0..cols {
        let mut start = 0;
        while start < height {
            let len = 256.min(height - start);
            let t = super::segments::piece(&base, false, rows, lanes, j, start, &mut ts[..len]);
            let o = &mut out[j * height + start..][..len];
            match coef {
                Some(c) => {
                    let c = super::segments::piece(&c, false, rows, lanes, j, start, &mut cs[..len]);
                    weighted(factor, c, t, o);
                }
                None => scaled(factor, t, o),
            }
            start += len;
        }
    }
}
