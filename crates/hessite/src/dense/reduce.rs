//! Sums, dot products, norms, extrema and log-sum-exps over rows, columns or all of an array.
//!
//! The shape of the output tells what is reduced: a dimension that is 1 there and not in the input.

use super::functions;
use super::lanes::{View, ViewMut};
use super::simd::vectorized;

/// out = Σ x over the dimensions that `out` has as 1; each lane for itself.
pub(crate) fn sum(x: View<'_>, out: ViewMut<'_>) {
    let k = x.lanes;
    out.data.fill(0.0);
    let column = x.rows * k;
    let full_column = out.rows == x.rows;
    for j in 0..x.cols {
        let to = if out.cols == x.cols { j * out.rows * k } else { 0 };
        let from = &x.data[j * column..(j + 1) * column];
        if full_column {
            add(from, &mut out.data[to..to + column]);
        } else {
            fold_lanes(from, &mut out.data[to..to + k]);
        }
    }
}

vectorized! {
    /// Whether no entry is NaN or infinite.
    pub(crate) fn all_finite(x: &[f64]) -> bool {
        // x·0 is 0 for finite x and NaN otherwise; enough sums that none waits for another.
        let (head, rest) = x.as_chunks::<32>();
        let mut four = [0.0; 4];
        if !head.is_empty() {
            let mut many = [0.0; 32];
            for e in head {
                for l in 0..32 {
                    many[l] += e[l] * 0.0;
                }
            }
            for e in many.as_chunks::<4>().0 {
                add_all(e, &mut four);
            }
        }
        let (fours, tail) = rest.as_chunks::<4>();
        for e in fours {
            for l in 0..4 {
                four[l] += e[l] * 0.0;
            }
        }
        four.iter().sum::<f64>() + tail.iter().fold(0.0, |s, x| s + x * 0.0) == 0.0
    }
}

vectorized! {
    fn add(x: &[f64], out: &mut [f64]) {
        out.iter_mut().zip(x).for_each(|(o, x)| *o += x);
    }
}

/// out[l] += Σₑ x[e, l].
fn fold_lanes(x: &[f64], out: &mut [f64]) {
    match out.len() {
        1 => out[0] += total(x),
        8 => total8(x, out),
        16 => total16(x, out),
        k => x.chunks_exact(k.max(1)).for_each(|e| add(e, out)),
    }
}

vectorized! {
    fn total(x: &[f64]) -> f64 {
        let (head, tail) = x.as_chunks::<8>();
        let mut acc = [0.0; 8];
        for e in head {
            for l in 0..8 {
                acc[l] += e[l];
            }
        }
        acc.iter().sum::<f64>() + tail.iter().sum::<f64>()
    }
}

vectorized! {
    fn total8(x: &[f64], out: &mut [f64]) {
        total_lanes::<8>(x, out);
    }
}

vectorized! {
    fn total16(x: &[f64], out: &mut [f64]) {
        total_lanes::<16>(x, out);
    }
}

#[inline(always)]
fn total_lanes<const K: usize>(x: &[f64], out: &mut [f64]) {
    let mut acc = [0.0; K];
    for e in x.as_chunks::<K>().0 {
        add_all(e, &mut acc);
    }
    add_all(&acc, out);
}

#[inline(always)]
fn add_all(x: &[f64], out: &mut [f64]) {
    out.iter_mut().zip(x).for_each(|(o, x)| *o += x);
}

/// out[l] = Σₑ a[e]·b[e, l], either side with lanes or none.
pub(crate) fn dot(a: View<'_>, b: View<'_>, out: ViewMut<'_>) {
    match (a.lanes, b.lanes, out.lanes) {
        (1, 1, _) => out.data.fill(dot1(a.data, b.data)),
        (1, 8, _) => dot8(a.data, b.data, out.data),
        (8, 1, _) => dot8(b.data, a.data, out.data),
        (1, 16, _) => dot16(a.data, b.data, out.data),
        (16, 1, _) => dot16(b.data, a.data, out.data),
        (p, q, k) => {
            out.data.fill(0.0);
            let at = |x: &View<'_>, lanes: usize, e: usize, l: usize| {
                x.data[e * lanes + if lanes == 1 { 0 } else { l }]
            };
            for e in 0..a.rows * a.cols {
                for l in 0..k {
                    out.data[l] += at(&a, p, e, l) * at(&b, q, e, l);
                }
            }
        }
    }
}

vectorized! {
    fn dot1(a: &[f64], b: &[f64]) -> f64 {
        let ((ah, at), (bh, bt)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
        let mut acc = [0.0; 8];
        for (x, y) in ah.iter().zip(bh) {
            for l in 0..8 {
                acc[l] += x[l] * y[l];
            }
        }
        acc.iter().sum::<f64>() + at.iter().zip(bt).map(|(x, y)| x * y).sum::<f64>()
    }
}

vectorized! {
    fn dot8(a: &[f64], b: &[f64], out: &mut [f64]) {
        let mut acc = [[0.0; 8]; 2];
        let (pairs, last) = b.as_chunks::<16>();
        let (coefs, rest) = a.as_chunks::<2>();
        for (x, y) in coefs.iter().zip(pairs) {
            for l in 0..8 {
                acc[0][l] += x[0] * y[l];
                acc[1][l] += x[1] * y[l + 8];
            }
        }
        for (x, y) in rest.iter().zip(last.as_chunks::<8>().0) {
            for l in 0..8 {
                acc[0][l] += x * y[l];
            }
        }
        for l in 0..8.min(out.len()) {
            out[l] = acc[0][l] + acc[1][l];
        }
    }
}

vectorized! {
    fn dot16(a: &[f64], b: &[f64], out: &mut [f64]) {
        let mut acc = [0.0; 16];
        for (x, y) in a.iter().zip(b.as_chunks::<16>().0) {
            for l in 0..16 {
                acc[l] += x * y[l];
            }
        }
        out.copy_from_slice(&acc);
    }
}

/// √Σx², exact to rounding also where the squares over- or underflow.
pub(crate) fn norm(x: &[f64]) -> f64 {
    let squares = dot1(x, x);
    if (1e-280..1e280).contains(&squares) || squares.is_nan() {
        return squares.sqrt();
    }
    let largest = x.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    if largest == 0.0 || largest.is_infinite() {
        return largest;
    }
    // A power of two scales without rounding.
    let scale = 2f64.powi(-(largest.log2().floor() as i32).clamp(-1000, 1000));
    x.iter().map(|x| (x * scale) * (x * scale)).sum::<f64>().sqrt() / scale
}

/// Where the entries of `x` stand that reduce to entry `e` of an output of shape `rows`×`cols`, and what they are.
fn members(x: View<'_>, rows: usize, cols: usize, e: usize) -> impl Iterator<Item = (usize, f64)> {
    let (i, j) = (e % rows, e / rows);
    let is = if rows == x.rows { i..i + 1 } else { 0..x.rows };
    let js = if cols == x.cols { j..j + 1 } else { 0..x.cols };
    js.flat_map(move |q| is.clone().map(move |p| p + x.rows * q)).map(move |at| (at, x.data[at]))
}

/// The larger (smaller) one of each group, NaN if any is.
pub(crate) fn extremum(x: View<'_>, max: bool, out: ViewMut<'_>) {
    let better = |x: f64, m: f64| x.is_nan() || if max { x > m } else { x < m };
    for (e, o) in out.data.iter_mut().enumerate() {
        let all = members(x, out.rows, out.cols, e).map(|(_, x)| x);
        *o = all.reduce(|m, x| if better(x, m) { x } else { m }).unwrap_or(f64::NAN);
    }
}

/// 1 at the first entry of each group that equals its extremum, else 0.
pub(crate) fn selected(x: View<'_>, extremum: View<'_>, out: ViewMut<'_>) {
    out.data.fill(0.0);
    for (e, top) in extremum.data.iter().enumerate() {
        if let Some((at, _)) = members(x, extremum.rows, extremum.cols, e).find(|(_, x)| x == top) {
            out.data[at] = 1.0;
        }
    }
}

/// How the entries of an array fall into groups that reduce to one entry each.
#[derive(Clone, Copy)]
struct Groups {
    /// A whole column falls into one group.
    rows: bool,
    /// All columns share their groups.
    cols: bool,
    /// Rows of the array.
    height: usize,
}

impl Groups {
    fn new(x: &View<'_>, rows: usize, cols: usize) -> Self {
        Groups { rows: rows != x.rows, cols: cols != x.cols, height: x.rows }
    }

    fn count(self, cols: usize) -> usize {
        (if self.rows { 1 } else { self.height }) * if self.cols { 1 } else { cols }
    }

    /// The groups of column `j`: one for all of it, or one for each entry.
    fn column(self, j: usize) -> std::ops::Range<usize> {
        let height = if self.rows { 1 } else { self.height };
        let start = if self.cols { 0 } else { j * height };
        start..start + height
    }
}

thread_local! {
    /// Tops and sums of groups, kept so that a warm call allocates nothing.
    static SCRATCH: std::cell::RefCell<Vec<f64>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// The largest entry of each group, NaN if any is.
fn tops(x: View<'_>, g: Groups, out: &mut [f64]) {
    let larger = |m: f64, x: f64| if x > m || x.is_nan() { x } else { m };
    out.fill(f64::NEG_INFINITY);
    for (j, column) in x.data.chunks_exact(x.rows.max(1)).enumerate() {
        let out = &mut out[g.column(j)];
        match g.rows {
            true => out[0] = column.iter().fold(out[0], |m, &x| larger(m, x)),
            false => out.iter_mut().zip(column).for_each(|(m, &x)| *m = larger(*m, x)),
        }
    }
}

/// Calls `f` with pieces of each column: where it starts in the array, its groups, and exp(x − top) of its entries.
fn shifted_exps(
    x: View<'_>,
    g: Groups,
    tops: &[f64],
    mut f: impl FnMut(usize, std::ops::Range<usize>, &[f64]),
) {
    let (mut shifted, mut exps) = ([0.0; 256], [0.0; 256]);
    for (j, column) in x.data.chunks_exact(x.rows.max(1)).enumerate() {
        for (p, piece) in column.chunks(256).enumerate() {
            let mut groups = g.column(j);
            let (s, e) = (&mut shifted[..piece.len()], &mut exps[..piece.len()]);
            if g.rows {
                let top = tops[groups.start];
                s.iter_mut().zip(piece).for_each(|(s, x)| *s = x - top);
            } else {
                groups = groups.start + 256 * p..groups.start + 256 * p + piece.len();
                s.iter_mut().zip(piece).zip(&tops[groups.clone()]).for_each(|((s, x), t)| *s = x - t);
            }
            functions::exp(s, e);
            f(j * x.rows + 256 * p, groups, e);
        }
    }
}

fn accumulate(sums: &mut [f64], exps: &[f64]) {
    match sums {
        [one] => *one += total(exps),
        many => add(exps, many),
    }
}

/// ln Σ exp(x) of each group, shifted by its largest entry.
pub(crate) fn log_sum_exp(x: View<'_>, out: ViewMut<'_>) {
    let g = Groups::new(&x, out.rows, out.cols);
    tops(x, g, out.data);
    SCRATCH.with_borrow_mut(|sums| {
        sums.clear();
        sums.resize(out.data.len(), 0.0);
        shifted_exps(x, g, out.data, |_, groups, e| accumulate(&mut sums[groups], e));
        for (o, s) in out.data.iter_mut().zip(&*sums) {
            if o.is_finite() {
                *o += s.ln();
            }
        }
    });
}

/// exp(x) / Σ exp(x) within each group; see `program::ops::softmax` for infinite entries.
pub(crate) fn softmax(x: View<'_>, rows: bool, cols: bool, out: ViewMut<'_>) {
    let g = Groups { rows: rows && x.rows != 1, cols: cols && x.cols != 1, height: x.rows };
    let count = g.count(x.cols);
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.clear();
        scratch.resize(2 * count, 0.0);
        let (top, sums) = scratch.split_at_mut(count);
        tops(x, g, top);
        // Infinite tops: the entries that equal it share 1, the others get 0; of −∞ all get 0.
        let odd = top.iter().any(|t| !t.is_finite());
        shifted_exps(x, g, top, |at, groups, e| {
            accumulate(&mut sums[groups], e);
            out.data[at..at + e.len()].copy_from_slice(e);
        });
        if odd {
            share_infinite(x, g, top, sums, out.data);
        }
        for (j, column) in out.data.chunks_exact_mut(x.rows.max(1)).enumerate() {
            match &sums[g.column(j)] {
                [one] => {
                    let r = 1.0 / one;
                    column.iter_mut().for_each(|o| *o *= r);
                }
                many => column.iter_mut().zip(many).for_each(|(o, s)| *o /= s),
            }
        }
    });
}

fn share_infinite(x: View<'_>, g: Groups, tops: &[f64], sums: &mut [f64], out: &mut [f64]) {
    for (t, s) in tops.iter().zip(&mut *sums) {
        match *t {
            f64::INFINITY => *s = 0.0,
            f64::NEG_INFINITY => *s = 1.0,
            _ => {}
        }
    }
    for j in 0..x.cols {
        let groups = g.column(j);
        for i in 0..x.rows {
            let (group, at) = (groups.start + if g.rows { 0 } else { i }, i + x.rows * j);
            if tops[group].is_infinite() {
                let hit = tops[group] > 0.0 && x.data[at] == tops[group];
                out[at] = if hit { 1.0 } else { 0.0 };
                sums[group] += out[at];
            }
        }
    }
}
