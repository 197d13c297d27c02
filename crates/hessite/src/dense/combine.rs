//! out = f·c∘t, or added: the elementwise work of direction parts.

use super::lanes::{View, ViewMut};
use super::simd::vectorized;
use smallvec::SmallVec;

/// factor · coef ∘ base; a dimension of 1 is repeated, and an array without lanes serves every lane.
#[derive(Clone, Copy)]
pub(crate) struct Term<'a> {
    pub factor: f64,
    pub coef: Option<View<'a>>,
    pub base: View<'a>,
}

/// Outer products in one pass: so many numbers stay in registers.
const TOGETHER: usize = 4;

/// out (+)= the sum of the terms.
pub(crate) fn sum<'a>(terms: impl Iterator<Item = Term<'a>>, mut out: ViewMut<'_>, mut add: bool) {
    let mut outers: SmallVec<[Outer<'a>; TOGETHER]> = SmallVec::new();
    for t in terms {
        if let Some(outer) = Outer::of(&t, &out) {
            outers.push(outer);
            if outers.len() == TOGETHER {
                add_outers(&outers, &mut out, add);
                outers.clear();
                add = true;
            }
        } else {
            term(t.factor, t.coef, t.base, out.reborrow(), add);
            add = true;
        }
    }
    match outers.is_empty() {
        // There was no term at all.
        true if !add => out.data.fill(0.0),
        true => {}
        false => add_outers(&outers, &mut out, add),
    }
}

/// factor · u vᵀ in each lane.
#[derive(Clone, Copy)]
struct Outer<'a> {
    factor: f64,
    u: &'a [f64],
    v: &'a [f64],
}

impl<'a> Outer<'a> {
    /// The term as an outer product for an output of this shape, all of it with the lanes that have a pass.
    fn of(t: &Term<'a>, out: &ViewMut<'_>) -> Option<Self> {
        let (coef, base) = (t.coef?, t.base);
        if !matches!(out.lanes, 4 | 8 | 16) || (coef.lanes, base.lanes) != (out.lanes, out.lanes) {
            return None;
        }
        let is = |x: View<'_>, rows: usize, cols: usize| (x.rows, x.cols) == (rows, cols);
        let (tall, wide) = match is(coef, out.rows, 1) {
            true => (coef, base),
            false => (base, coef),
        };
        (is(tall, out.rows, 1) && is(wide, 1, out.cols)).then_some(Outer {
            factor: t.factor,
            u: tall.data,
            v: wide.data,
        })
    }
}

fn add_outers(outers: &[Outer<'_>], out: &mut ViewMut<'_>, add: bool) {
    let rows = out.rows;
    match out.lanes {
        4 => outers4(outers, rows, out.data, add),
        8 => outers8(outers, rows, out.data, add),
        _ => outers16(outers, rows, out.data, add),
    }
}

vectorized! {
    fn outers4(outers: &[Outer<'_>], rows: usize, out: &mut [f64], add: bool) {
        all_outers::<4>(outers, rows, out, add)
    }
}

vectorized! {
    fn outers8(outers: &[Outer<'_>], rows: usize, out: &mut [f64], add: bool) {
        all_outers::<8>(outers, rows, out, add)
    }
}

vectorized! {
    fn outers16(outers: &[Outer<'_>], rows: usize, out: &mut [f64], add: bool) {
        all_outers::<16>(outers, rows, out, add)
    }
}

#[inline(always)]
fn all_outers<const K: usize>(outers: &[Outer<'_>], rows: usize, out: &mut [f64], add: bool) {
    match *outers {
        [a] => each_outer::<K, 1>([a], rows, out, add),
        [a, b] => each_outer::<K, 2>([a, b], rows, out, add),
        [a, b, c] => each_outer::<K, 3>([a, b, c], rows, out, add),
        [a, b, c, d] => each_outer::<K, 4>([a, b, c, d], rows, out, add),
        _ => {}
    }
}

/// out[i, j, l] (+)= Σₜ uₜ[i, l] (fₜ vₜ[j, l]), for `K` lanes.
#[inline(always)]
fn each_outer<const K: usize, const T: usize>(
    outers: [Outer<'_>; T],
    rows: usize,
    out: &mut [f64],
    add: bool,
) {
    for (j, out) in out.as_chunks_mut::<K>().0.chunks_exact_mut(rows.max(1)).enumerate() {
        let mut v = [[0.0; K]; T];
        let mut u: [&[[f64; K]]; T] = [&[]; T];
        for t in 0..T {
            let from = &outers[t].v.as_chunks::<K>().0[j];
            for l in 0..K {
                v[t][l] = outers[t].factor * from[l];
            }
            u[t] = &outers[t].u.as_chunks::<K>().0[..out.len()];
        }
        for (i, o) in out.iter_mut().enumerate() {
            let mut sum = if add { *o } else { [0.0; K] };
            for t in 0..T {
                for l in 0..K {
                    sum[l] += u[t][i][l] * v[t][l];
                }
            }
            *o = sum;
        }
    }
}

/// out (+)= factor · coef ∘ base.
fn term(factor: f64, coef: Option<View<'_>>, base: View<'_>, out: ViewMut<'_>, add: bool) {
    let ViewMut { data, rows, cols, lanes } = out;
    let full = |x: &View<'_>| (x.rows, x.cols) == (rows, cols);
    let (factor, coef) = match coef {
        // (factor · coef) is a number.
        Some(c) if c.data.len() == 1 && c.lanes == 1 => (factor * c.data[0], None),
        c => (factor, c),
    };
    match coef {
        None if full(&base) && base.lanes == lanes => return scaled(factor, base.data, data, add),
        Some(c) if full(&base) && full(&c) && base.lanes == lanes && c.lanes == lanes => {
            return weighted(factor, c.data, base.data, data, add);
        }
        _ => {}
    }
    let (mut coef, mut base) = (coef.unwrap_or(ONE), base);
    if base.lanes < coef.lanes {
        // The one without lanes is the coefficient.
        (coef, base) = (base, coef);
    }
    let walk = Walk { factor, coef, base, rows, cols, lanes, add };
    match (lanes, base.lanes, coef.lanes) {
        (1, 1, 1) => by_columns(&walk, data),
        (4, 4, 1) => by_entries4(&walk, data),
        (8, 8, 1) => by_entries8(&walk, data),
        (16, 16, 1) => by_entries16(&walk, data),
        (4, 4, 4) => by_lanes4(&walk, data),
        (8, 8, 8) => by_lanes8(&walk, data),
        (16, 16, 16) => by_lanes16(&walk, data),
        _ => by_numbers(&walk, data),
    }
}

/// What repeats to ones.
const ONE: View<'_> = View { data: &[1.0], rows: 1, cols: 1, lanes: 1 };

/// A term some of whose arrays are repeated.
struct Walk<'a> {
    factor: f64,
    coef: View<'a>,
    base: View<'a>,
    rows: usize,
    cols: usize,
    lanes: usize,
    add: bool,
}

/// The entries of `x` under column `j` of an array with `rows` rows: as many, or one for all.
#[inline(always)]
fn column<'a>(x: &View<'a>, j: usize) -> &'a [f64] {
    let height = x.rows * x.lanes;
    let first = if x.cols == 1 { 0 } else { j * height };
    &x.data[first..first + height]
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

/// Plain arrays, column by column.
fn by_columns(w: &Walk<'_>, out: &mut [f64]) {
    for (j, out) in out.chunks_exact_mut(w.rows.max(1)).enumerate().take(w.cols) {
        match (column(&w.coef, j), column(&w.base, j)) {
            (&[c], t) if t.len() == out.len() => scaled(w.factor * c, t, out, w.add),
            (c, &[t]) if c.len() == out.len() => scaled(w.factor * t, c, out, w.add),
            (&[c], &[t]) => out.iter_mut().for_each(|o| put(o, (w.factor * c) * t, w.add)),
            (c, t) => weighted(w.factor, c, t, out, w.add),
        }
    }
}

vectorized! {
    fn by_entries16(w: &Walk<'_>, out: &mut [f64]) {
        by_entries::<16>(w, out)
    }
}

vectorized! {
    fn by_entries8(w: &Walk<'_>, out: &mut [f64]) {
        by_entries::<8>(w, out)
    }
}

vectorized! {
    fn by_entries4(w: &Walk<'_>, out: &mut [f64]) {
        by_entries::<4>(w, out)
    }
}

/// out[e, l] = factor · c[e] · t[e, l], or added, for `K` lanes of the base and the output.
#[inline(always)]
fn by_entries<const K: usize>(w: &Walk<'_>, out: &mut [f64]) {
    let mut columns = out.as_chunks_mut::<K>().0.chunks_exact_mut(w.rows.max(1));
    for j in 0..w.cols {
        let Some(out) = columns.next() else { return };
        let (c, t) = (column(&w.coef, j), column(&w.base, j).as_chunks::<K>().0);
        // The usual cases apart, so that they are not slowed by the others.
        match (c.len() == out.len(), t) {
            (true, [t]) => {
                for (o, c) in out.iter_mut().zip(c) {
                    lanes(w.factor * c, t, o, w.add);
                }
            }
            (true, t) if t.len() == out.len() => {
                for ((o, c), t) in out.iter_mut().zip(c).zip(t) {
                    lanes(w.factor * c, t, o, w.add);
                }
            }
            _ => {
                let (c_step, t_step) = (usize::from(c.len() > 1), usize::from(t.len() > 1));
                for (i, o) in out.iter_mut().enumerate() {
                    lanes(w.factor * c[i * c_step], &t[i * t_step], o, w.add);
                }
            }
        }
    }
}

vectorized! {
    fn by_lanes16(w: &Walk<'_>, out: &mut [f64]) {
        by_lanes::<16>(w, out)
    }
}

vectorized! {
    fn by_lanes8(w: &Walk<'_>, out: &mut [f64]) {
        by_lanes::<8>(w, out)
    }
}

vectorized! {
    fn by_lanes4(w: &Walk<'_>, out: &mut [f64]) {
        by_lanes::<4>(w, out)
    }
}

/// out[e, l] = factor · c[e, l] · t[e, l], or added, for `K` lanes of all.
#[inline(always)]
fn by_lanes<const K: usize>(w: &Walk<'_>, out: &mut [f64]) {
    let mut columns = out.as_chunks_mut::<K>().0.chunks_exact_mut(w.rows.max(1));
    for j in 0..w.cols {
        let Some(out) = columns.next() else { return };
        let (c, t) = (column(&w.coef, j).as_chunks::<K>().0, column(&w.base, j).as_chunks::<K>().0);
        let (c_step, t_step) = (usize::from(c.len() > 1), usize::from(t.len() > 1));
        for (i, o) in out.iter_mut().enumerate() {
            let (c, t) = (&c[i * c_step], &t[i * t_step]);
            for l in 0..K {
                put(&mut o[l], (w.factor * c[l]) * t[l], w.add);
            }
        }
    }
}

/// Loops, not closures: those would not be compiled for the instructions that the machine has.
#[inline(always)]
fn lanes<const K: usize>(c: f64, t: &[f64; K], out: &mut [f64; K], add: bool) {
    // Asked once for all lanes.
    if add {
        for l in 0..K {
            out[l] += c * t[l];
        }
    } else {
        for l in 0..K {
            out[l] = c * t[l];
        }
    }
}

/// Any number of lanes, each array with as many or none.
fn by_numbers(w: &Walk<'_>, out: &mut [f64]) {
    let (c, t) = (w.coef, w.base);
    let at = |x: &View<'_>, i: usize, l: usize| {
        (if x.rows > 1 { i * x.lanes } else { 0 }) + if x.lanes > 1 { l } else { 0 }
    };
    for (j, out) in out.chunks_exact_mut((w.rows * w.lanes).max(1)).enumerate().take(w.cols) {
        let (cs, ts) = (column(&c, j), column(&t, j));
        for (i, out) in out.chunks_exact_mut(w.lanes).enumerate() {
            for (l, o) in out.iter_mut().enumerate() {
                put(o, (w.factor * cs[at(&c, i, l)]) * ts[at(&t, i, l)], w.add);
            }
        }
    }
}

#[cfg(test)]
mod tests;
