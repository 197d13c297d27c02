//! A = LLᵀ for symmetric positive definite A, and what is made of it.
//!
//! The upper triangle becomes U = Lᵀ, halved again and again so that almost all work is products; then it is turned.

use super::buffer::Buffer;
use super::lanes::{View, ViewMut};
use super::product::{Part, subtract_rows};
use super::stop::Stop;
use super::triangular::{Triangle, invert_lower, solve, solve_below, solve_rows};
use std::cell::Cell;
use std::ops::Range;

/// Blocks that are factored entry by entry.
const SMALL: usize = 16;
/// Columns of the rest that are brought up to date together.
const STRIP: usize = 64;

thread_local! {
    static ROWS: Cell<Buffer> = Cell::default();
}

/// Writes L of the symmetric part of `a`, zeros above. Where a pivot is not positive it is left on the diagonal as it
/// is, and nothing after it is factored. Left unfinished soon after `stop` is raised.
pub(crate) fn factor(a: View<'_>, out: &mut [f64], stop: Stop<'_>) {
    let n = a.rows;
    let out = &mut out[..n * n];
    above(n, |i, j| out[i + n * j] = 0.5 * a.data[i + n * j] + 0.5 * a.data[j + n * i]);
    (0..n).for_each(|k| out[k * (n + 1)] = a.data[k * (n + 1)]);
    halves(out, n, 0..n, stop);
    above(n, |i, j| out[j + n * i] = std::mem::replace(&mut out[i + n * j], 0.0));
}

/// Every (i, j) with i < j < n, tile by tile, so that (j, i) are near each other too.
fn above(n: usize, mut f: impl FnMut(usize, usize)) {
    const TILE: usize = 8;
    for right in (0..n).step_by(TILE) {
        for top in (0..=right).step_by(TILE) {
            for j in right..n.min(right + TILE) {
                (top..j.min(top + TILE)).for_each(|i| f(i, j));
            }
        }
    }
}

/// The first diagonal entry of a factorisation that is not positive; NaN is none.
pub(crate) fn first_failure(l: &[f64], n: usize) -> Option<usize> {
    (0..n).find(|k| l[k * (n + 1)] <= 0.0)
}

/// Factors the block with these rows and columns; false where a pivot is not positive.
fn halves(a: &mut [f64], n: usize, block: Range<usize>, stop: Stop<'_>) -> bool {
    if block.len() <= SMALL {
        return small(a, n, block);
    }
    if stop.raised() {
        return false;
    }
    let (k, end) = (block.start, block.end);
    let middle = k + (block.len() / 2).next_multiple_of(SMALL);
    if !halves(a, n, k..middle, stop) {
        return false;
    }
    let (left, right) = a.split_at_mut(middle * n);
    let mut rest = ViewMut { data: &mut right[..(end - middle) * n], rows: n, cols: end - middle, lanes: 1 };
    let corner = Part { data: left, first: k + k * n, row: n, col: 1 };
    solve_rows(Triangle { part: corner, lower: true, unit: false }, &mut rest, k..middle, stop);
    update(&mut right[..(end - middle) * n], n, k..middle, middle, stop);
    halves(a, n, middle..end, stop)
}

/// Subtracts UᵀU from the upper triangle below, U being rows `rows` of these columns, the first of which has its
/// diagonal entry in row `first`.
fn update(columns: &mut [f64], n: usize, rows: Range<usize>, first: usize, stop: Stop<'_>) {
    let (m, height) = (columns.len() / n, rows.len());
    let mut buffer = ROWS.take();
    buffer.resize(m * height);
    for (own, column) in buffer.chunks_exact_mut(height).zip(columns.chunks_exact(n)) {
        own.copy_from_slice(&column[rows.clone()]);
    }
    let transposed = Part { data: &buffer, first: 0, row: height, col: 1 };
    for start in (0..m).step_by(STRIP) {
        let end = (start + STRIP).min(m);
        let x = ViewMut { data: &mut columns[start * n..end * n], rows: n, cols: end - start, lanes: 1 };
        subtract_rows(transposed, x, first..first + end, rows.clone(), stop);
    }
    ROWS.set(buffer);
}

fn small(a: &mut [f64], n: usize, block: Range<usize>) -> bool {
    for j in block.clone() {
        let (done, own) = a.split_at_mut(j * n);
        for i in block.start..=j {
            let column = if i == j { None } else { Some(&done[i * n..(i + 1) * n]) };
            let dot = |x: &[f64], y: &[f64]| (block.start..i).map(|p| x[p] * y[p]).sum::<f64>();
            let rest = own[i] - column.map_or_else(|| dot(own, own), |c| dot(c, own));
            own[i] = match column {
                Some(c) => rest / c[i],
                None if rest <= 0.0 => {
                    own[i] = rest;
                    return false;
                }
                None => rest.sqrt(),
            };
        }
    }
    true
}

/// X ← A⁻¹ X in every lane, from L. Left unfinished soon after `stop` is raised.
pub(crate) fn solve_in_place(l: &[f64], mut x: ViewMut<'_>, stop: Stop<'_>) {
    let n = x.rows;
    solve(Triangle::new(l, n, false, false, false), x.reborrow(), stop);
    solve(Triangle::new(l, n, false, true, false), x, stop);
}

/// A⁻¹ into `out`, from L; symmetric.
pub(crate) fn inverse(l: &[f64], n: usize, out: &mut [f64], stop: Stop<'_>) {
    invert_lower(Triangle::new(l, n, false, false, false), out, n, stop);
    solve_below(Triangle::new(l, n, false, true, false), out, n, stop);
    above(n, |i, j| out[i + n * j] = out[j + n * i]);
}

#[cfg(test)]
mod tests;
