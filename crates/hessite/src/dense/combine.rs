//! out = f·c∘t, or added: the elementwise work of direction parts.

use super::lanes::{View, ViewMut};
use super::segments::piece;
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
    match coef {
        None if full(&base) && base.lanes == lanes => return scaled(factor, base.data, data, add),
        Some(c) if full(&base) && full(&c) && base.lanes == lanes && c.lanes == 1 => match lanes {
            1 => return weighted(factor, c.data, base.data, data, add),
            4 => return weighted4(factor, c.data, base.data, data, add),
            8 => return weighted8(factor, c.data, base.data, data, add),
            _ => {}
        },
        Some(c) if full(&c) && base.data.len() == lanes && base.lanes == lanes && c.lanes == 1 => match lanes
        {
            1 => return scaled(factor * base.data[0], c.data, data, add),
            4 => return spread4(factor, c.data, base.data, data, add),
            8 => return spread8(factor, c.data, base.data, data, add),
            _ => {}
        },
        _ => {}
    }
    general(factor, coef, base, ViewMut { data, rows, cols, lanes }, add);
}

/// o ← x, or o + x.
#[inline(always)]
fn put(o: &mut f64, x: f64, add: bool) {
    *o = if add { *o + x } else { x };
}

vectorized! {
    fn scaled(factor: f64, x: &[f64], out: &mut [f64], add: bool) {
        out.iter_mut().zip(x).for_each(|(o, x)| put(o, factor * x, add));
    }
}

vectorized! {
    fn weighted(factor: f64, c: &[f64], x: &[f64], out: &mut [f64], add: bool) {
        for ((o, c), x) in out.iter_mut().zip(c).zip(x) {
            put(o, (factor * c) * x, add);
        }
    }
}

vectorized! {
    fn weighted8(factor: f64, c: &[f64], x: &[f64], out: &mut [f64], add: bool) {
        entry_by_entry::<8>(factor, c, x, out, add)
    }
}

vectorized! {
    fn weighted4(factor: f64, c: &[f64], x: &[f64], out: &mut [f64], add: bool) {
        entry_by_entry::<4>(factor, c, x, out, add)
    }
}

/// out[e, l] = factor · c[e] · x[e, l], or added.
#[inline(always)]
fn entry_by_entry<const K: usize>(factor: f64, c: &[f64], x: &[f64], out: &mut [f64], add: bool) {
    for ((o, c), x) in out.as_chunks_mut::<K>().0.iter_mut().zip(c).zip(x.as_chunks::<K>().0) {
        let c = factor * c;
        for l in 0..K {
            put(&mut o[l], c * x[l], add);
        }
    }
}

vectorized! {
    fn spread8(factor: f64, c: &[f64], s: &[f64], out: &mut [f64], add: bool) {
        one_for_all::<8>(factor, c, s, out, add)
    }
}

vectorized! {
    fn spread4(factor: f64, c: &[f64], s: &[f64], out: &mut [f64], add: bool) {
        one_for_all::<4>(factor, c, s, out, add)
    }
}

/// out[e, l] = factor · c[e] · s[l], or added.
#[inline(always)]
fn one_for_all<const K: usize>(factor: f64, c: &[f64], s: &[f64], out: &mut [f64], add: bool) {
    let Some(s) = s.first_chunk::<K>() else { return };
    for (o, c) in out.as_chunks_mut::<K>().0.iter_mut().zip(c) {
        let c = factor * c;
        for l in 0..K {
            put(&mut o[l], c * s[l], add);
        }
    }
}

/// Any mixture of repeated arrays, column by column.
fn general(factor: f64, coef: Option<View<'_>>, base: View<'_>, out: ViewMut<'_>, add: bool) {
    const PIECE: usize = 256;
    let ViewMut { data, rows, cols, lanes } = out;
    let mut blocks = [[0.0; PIECE]; 2];
    let [cs, ts] = &mut blocks;
    let height = rows * lanes;
    for j in 0..cols {
        let mut start = 0;
        while start < height {
            let len = PIECE.min(height - start);
            let t = piece(&base, false, rows, lanes, j, start, &mut ts[..len]);
            let o = &mut data[j * height + start..][..len];
            match coef {
                Some(c) => {
                    weighted(factor, piece(&c, false, rows, lanes, j, start, &mut cs[..len]), t, o, add)
                }
                None => scaled(factor, t, o, add),
            }
            start += len;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::Rng;

    /// factor · c∘t, entry by entry.
    fn by_hand(
        factor: f64,
        coef: Option<View<'_>>,
        base: View<'_>,
        out: &ViewMut<'_>,
        add: bool,
    ) -> Vec<f64> {
        let at = |x: &View<'_>, i: usize, j: usize, l: usize| {
            let (i, j) = (if x.rows == 1 { 0 } else { i }, if x.cols == 1 { 0 } else { j });
            x.data[(i + x.rows * j) * x.lanes + if x.lanes == 1 { 0 } else { l }]
        };
        let mut all = Vec::new();
        for j in 0..out.cols {
            for i in 0..out.rows {
                for l in 0..out.lanes {
                    let y = factor * coef.map_or(1.0, |c| at(&c, i, j, l)) * at(&base, i, j, l);
                    all.push(if add { out.data[all.len()] + y } else { y });
                }
            }
        }
        all
    }

    /// Arrays of 70×3 have columns longer than a piece of the general walk from 4 lanes on.
    #[test]
    fn every_mixture_of_repeated_arrays_and_lanes_is_the_sum_by_hand() {
        let mut rng = Rng(3);
        for (rows, cols) in [(70, 3), (2, 2), (1, 1), (1, 4), (5, 1), (0, 2)] {
            let shapes = [(rows, cols), (1, cols), (rows, 1), (1, 1)];
            for lanes in [1, 2, 3, 4, 5, 8] {
                for (k, base_lanes) in [(0, lanes), (1, lanes), (2, lanes), (3, lanes), (0, 1), (3, 1)] {
                    for coef in [None, Some(0), Some(1), Some(2), Some(3)] {
                        let ((p, q), c) = (shapes[k], shapes[coef.unwrap_or(0)]);
                        let (t, w) =
                            (rng.numbers(p * q * base_lanes, -1.0, 1.0), rng.numbers(c.0 * c.1, -1.0, 1.0));
                        let base = View { data: &t, rows: p, cols: q, lanes: base_lanes };
                        let coef = coef.map(|_| View { data: &w, rows: c.0, cols: c.1, lanes: 1 });
                        for add in [false, true] {
                            let mut data = rng.numbers(rows * cols * lanes, -1.0, 1.0);
                            let mut out = ViewMut { data: &mut data, rows, cols, lanes };
                            let expected = by_hand(-0.75, coef, base, &out, add);
                            term(-0.75, coef, base, out.reborrow(), add);
                            for (x, y) in data.iter().zip(&expected) {
                                // Three roundings of numbers up to 2.
                                assert!(
                                    (x - y).abs() <= 4.0 * f64::EPSILON,
                                    "{x} {y}: {rows}x{cols}, {lanes} lanes"
                                );
                            }
                        }
                    }
                }
            }
        }
    }
}
