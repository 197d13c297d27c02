//! Triangular systems with many right-hand sides, in place: X ← op(T)⁻¹ X.
//!
//! Halved again and again, so that almost all work is products; what remains are triangles of a few rows, solved by
//! substitution for up to eight numbers side by side: the lanes of an entry, or eight columns brought side by side.

use super::lanes::{ViewMut, pack, unpack};
use super::product::{Part, subtract_rows};
use super::simd::vectorized;
use super::stop::Stop;
use std::ops::Range;

/// Triangles up to this size are solved by substitution.
const SMALL: usize = 16;

/// A triangular matrix as it is applied: op(T) is lower triangular if `lower`, and only that triangle is read.
#[derive(Clone, Copy)]
pub(crate) struct Triangle<'a> {
    pub part: Part<'a>,
    pub lower: bool,
    /// The diagonal is ones, whatever stands there.
    pub unit: bool,
}

impl<'a> Triangle<'a> {
    /// op of a triangle of a column-major matrix with `n` rows; `upper` and `transposed` as it is stored.
    pub fn new(data: &'a [f64], n: usize, upper: bool, transposed: bool, unit: bool) -> Self {
        let (row, col) = if transposed { (n, 1) } else { (1, n) };
        Triangle { part: Part { data, first: 0, row, col }, lower: upper == transposed, unit }
    }
}

/// Solves for all columns and lanes of `x`. Left unfinished soon after `stop` is raised.
///
/// # Panics
/// If the triangle holds fewer entries than `x` has rows.
pub(crate) fn solve(t: Triangle<'_>, mut x: ViewMut<'_>, stop: Stop<'_>) {
    let n = x.rows;
    solve_rows(t, &mut x, 0..n, stop);
}

/// Solves within rows `rows` of `x`, with the triangle that starts at its first entry.
pub(super) fn solve_rows(t: Triangle<'_>, x: &mut ViewMut<'_>, rows: Range<usize>, stop: Stop<'_>) {
    let n = rows.len();
    assert!(t.part.holds(n, n), "a triangle is too short");
    assert!(rows.end <= x.rows && x.rows * x.cols * x.lanes <= x.data.len(), "rows beyond the last");
    if n == 0 || x.cols == 0 || x.lanes == 0 {
        return;
    }
    if x.cols * x.lanes == 1 {
        return vector(t, &mut x.data[rows], n);
    }
    halves(t, x, rows, stop);
}

/// The inverse of a lower triangle into the square `x`, whose zeros cost nothing.
pub(super) fn invert_lower(t: Triangle<'_>, x: &mut [f64], n: usize, stop: Stop<'_>) {
    assert!(t.lower && t.part.holds(n, n), "a lower triangle is too short");
    let x = &mut x[..n * n];
    x.fill(0.0);
    (0..n).for_each(|k| x[k * (n + 1)] = 1.0);
    if n > 0 {
        below(t, x, n, 0..n, stop);
    }
}

/// [`halves`] on rows of a lower triangular matrix: columns beyond the rows are zero.
fn below(t: Triangle<'_>, x: &mut [f64], n: usize, rows: Range<usize>, stop: Stop<'_>) {
    let view = |x, cols| ViewMut { data: x, rows: n, cols, lanes: 1 };
    if rows.len() <= SMALL {
        return small(t, &mut view(&mut x[..rows.end * n], rows.end), rows);
    }
    if stop.raised() {
        return;
    }
    let half = (rows.len() / 2).next_multiple_of(SMALL);
    let (first, last) = (rows.start..rows.start + half, rows.start + half..rows.end);
    below(t, x, n, first.clone(), stop);
    let known = view(&mut x[..first.end * n], first.end);
    subtract_rows(t.part.from(half, 0), known, last.clone(), first, stop);
    below(Triangle { part: t.part.from(half, half), ..t }, x, n, last, stop);
}

fn halves(t: Triangle<'_>, x: &mut ViewMut<'_>, rows: Range<usize>, stop: Stop<'_>) {
    let n = rows.len();
    if n <= SMALL {
        return small(t, x, rows);
    }
    if stop.raised() {
        return;
    }
    let half = (n / 2).next_multiple_of(SMALL);
    let (first, last) = (rows.start..rows.start + half, rows.start + half..rows.end);
    let corner = Triangle { part: t.part.from(half, half), ..t };
    if t.lower {
        halves(t, x, first.clone(), stop);
        subtract_rows(t.part.from(half, 0), x.reborrow(), last.clone(), first, stop);
        halves(corner, x, last, stop);
    } else {
        halves(corner, x, last.clone(), stop);
        subtract_rows(t.part.from(0, half), x.reborrow(), first.clone(), last, stop);
        halves(t, x, first, stop);
    }
}

/// The triangle of a few rows: its entries column by column with reciprocals on the diagonal, in the order of the
/// substitution.
fn copied(t: Triangle<'_>, n: usize) -> [f64; SMALL * SMALL] {
    let mut own = [0.0; SMALL * SMALL];
    let place = |i: usize| if t.lower { i } else { n - 1 - i };
    for j in 0..n {
        own[j + SMALL * j] = if t.unit { 1.0 } else { t.part.at(place(j), place(j)) };
        for i in j + 1..n {
            own[i + SMALL * j] = t.part.at(place(i), place(j));
        }
    }
    own
}

fn small(t: Triangle<'_>, x: &mut ViewMut<'_>, rows: Range<usize>) {
    let (n, k, height) = (rows.len(), x.lanes, x.rows);
    let own = copied(t, n);
    let mut side = [0.0; SMALL * 8];
    if k == 1 {
        for columns in x.data.chunks_mut(8 * height) {
            let count = columns.len().div_ceil(height);
            let side = &mut side[..n * 8];
            pack(&columns[rows.start..], height, count, side, 8);
            substitute(&own, side, n, t.lower, t.unit);
            unpack(side, 8, n, &mut columns[rows.start..], height, count);
        }
        return;
    }
    for column in x.data[..height * x.cols * k].chunks_exact_mut(height * k) {
        let block = &mut column[rows.start * k..rows.end * k];
        if k == 8 {
            substitute(&own, block, n, t.lower, t.unit);
            continue;
        }
        for first in (0..k).step_by(8) {
            let count = 8.min(k - first);
            for i in 0..n {
                side[8 * i..8 * i + count].copy_from_slice(&block[i * k + first..i * k + first + count]);
            }
            substitute(&own, &mut side[..n * 8], n, t.lower, t.unit);
            for i in 0..n {
                block[i * k + first..i * k + first + count].copy_from_slice(&side[8 * i..8 * i + count]);
            }
        }
    }
}

vectorized! {
    /// Solves for eight numbers side by side in each of `n` rows, first to last or last to first.
    fn substitute(t: &[f64; 256], x: &mut [f64], n: usize, forward: bool, unit: bool) {
        let rows = &mut x.as_chunks_mut::<8>().0[..n];
        for j in 0..n {
            let place = |i: usize| if forward { i } else { n - 1 - i };
            let mut own = rows[place(j)];
            if !unit {
                let d = t[j + 16 * j];
                own.iter_mut().for_each(|x| *x /= d);
                rows[place(j)] = own;
            }
            for i in j + 1..n {
                let factor = t[i + 16 * j];
                let row = &mut rows[place(i)];
                for l in 0..8 {
                    row[l] -= factor * own[l];
                }
            }
        }
    }
}

/// One right-hand side: by columns of T where those are contiguous, else by rows.
fn vector(t: Triangle<'_>, x: &mut [f64], n: usize) {
    let Part { data, first, row, col } = t.part;
    for step in 0..n {
        let j = if t.lower { step } else { n - 1 - step };
        let rest = if t.lower { j + 1..n } else { 0..j };
        let before = if t.lower { 0..j } else { j + 1..n };
        if col == 1 {
            let line = &data[first + j * row..];
            x[j] -= dot(&line[before.clone()], &x[before]);
        }
        if !t.unit {
            x[j] /= t.part.at(j, j);
        }
        if col != 1 {
            let own = x[j];
            let start = first + j * col;
            if row == 1 {
                subtract(own, &data[start + rest.start..start + rest.end], &mut x[rest]);
            } else {
                rest.for_each(|i| x[i] -= own * data[start + i * row]);
            }
        }
    }
}

vectorized! {
    pub(super) fn dot(x: &[f64], y: &[f64]) -> f64 {
        let ((x, x_rest), (y, y_rest)) = (x.as_chunks::<8>(), y.as_chunks::<8>());
        let mut sums = [0.0; 8];
        for (x, y) in x.iter().zip(y) {
            for l in 0..8 {
                sums[l] += x[l] * y[l];
            }
        }
        sums.iter().sum::<f64>() + x_rest.iter().zip(y_rest).map(|(x, y)| x * y).sum::<f64>()
    }
}

vectorized! {
    /// y −= a x.
    pub(super) fn subtract(a: f64, x: &[f64], y: &mut [f64]) {
        y.iter_mut().zip(x).for_each(|(y, x)| *y -= a * x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dense::random::numbers;

    /// op(T)·X − B, the largest entry over Σ|t||x|.
    fn residual(t: Triangle<'_>, x: &[f64], b: &[f64], (n, m, k): (usize, usize, usize)) -> f64 {
        let mut worst = 0.0_f64;
        for (e, b) in b[..n * m * k].iter().enumerate() {
            let (l, i, j) = (e % k, e / k % n, e / k / n);
            let range = if t.lower { 0..i } else { i + 1..n };
            let at = |i: usize| x[l + k * (i + n * j)];
            let d = if t.unit { 1.0 } else { t.part.at(i, i) };
            let (mut sum, mut size) = (d * at(i), (d * at(i)).abs());
            for p in range {
                sum += t.part.at(i, p) * at(p);
                size += (t.part.at(i, p) * at(p)).abs();
            }
            worst = worst.max((sum - b).abs() / (size + f64::MIN_POSITIVE));
        }
        worst
    }

    #[test]
    fn residuals_are_small_in_every_form_and_lane() {
        for n in [0, 1, 2, 15, 16, 17, 33, 70, 100] {
            for (m, k) in [(1, 1), (3, 1), (9, 1), (1, 8), (2, 3), (4, 4), (2, 9), (70, 1)] {
                for bits in 0..8 {
                    let flag = |b: usize| bits & b != 0;
                    let mut t = numbers(n * n, bits as u64);
                    t.iter_mut().enumerate().for_each(|(e, x)| {
                        *x = if e % (n + 1) == 0 { 2.0 + *x } else { *x / (n as f64).sqrt() };
                    });
                    let t = Triangle::new(&t, n, flag(1), flag(2), flag(4));
                    let b = numbers(n * m * k, 9);
                    let mut x = b.clone();
                    solve(t, ViewMut { data: &mut x, rows: n, cols: m, lanes: k }, Stop::default());
                    let r = residual(t, &x, &b, (n, m, k));
                    assert!(r <= 4.0 * n as f64 * f64::EPSILON, "{n} x {m}, {k} lanes, form {bits}: {r:e}");
                }
            }
        }
    }

    #[test]
    fn only_the_named_triangle_is_read() {
        let mut t = vec![f64::NAN; 9];
        (t[0], t[1], t[2], t[4], t[5], t[8]) = (2.0, 1.0, 1.0, 4.0, 1.0, 2.0);
        let mut x = [2.0, 5.0, 4.0];
        solve(
            Triangle::new(&t, 3, false, false, false),
            ViewMut { data: &mut x, rows: 3, cols: 1, lanes: 1 },
            Stop::default(),
        );
        assert_eq!(x, [1.0, 1.0, 1.0]);
    }
}
