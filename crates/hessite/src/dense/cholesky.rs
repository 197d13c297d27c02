//! A = LLᵀ for symmetric positive definite A, and what is made of it.
//!
//! The lower triangle is halved again and again, so that almost all work is products.

use super::buffer::Buffer;
use super::lanes::{View, ViewMut};
use super::product::{Part, PartMut, product_of_parts, subtract_below};
use super::reflectors::padded;
use super::simd::vectorized;
use super::stop::Stop;
use super::symmetric::lower_symmetric_part;
use super::triangular::{Triangle, invert_lower, solve, solve_below};
use std::cell::Cell;
use std::ops::Range;

/// Blocks that are factored, and solved with, column by column.
const SMALL: usize = 32;
/// Rows that are solved for side by side.
const STRIP: usize = 32;

thread_local! {
    static OWN: Cell<Buffer> = Cell::default();
}

/// Writes L of the symmetric part of `a`, zeros above. Where a pivot is not positive it is left on the diagonal as it
/// is, and nothing after it is factored. Left unfinished soon after `stop` is raised.
pub(crate) fn factor(a: View<'_>, out: &mut [f64], stop: Stop<'_>) {
    let n = a.rows;
    if n == 0 {
        return;
    }
    let out = &mut out[..n * n];
    let height = padded(n);
    let mut own = OWN.take();
    own.resize(height * n);
    lower_symmetric_part(a.data, &mut own, n, height);
    halves(&mut own, height, 0..n, stop);
    for (j, (own, column)) in own.chunks_exact(height).zip(out.chunks_exact_mut(n)).enumerate() {
        column[..j].fill(0.0);
        column[j..].copy_from_slice(&own[j..n]);
    }
    OWN.set(own);
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

/// Where a block of that many columns is halved.
fn half(columns: usize) -> usize {
    (columns / 2).next_multiple_of(if columns > 2 * SMALL { SMALL } else { 8 })
}

/// Factors the block with these rows and columns, on and below the diagonal; what stands above is of no use then. False
/// where a pivot is not positive.
fn halves(a: &mut [f64], n: usize, block: Range<usize>, stop: Stop<'_>) -> bool {
    if block.len() <= SMALL {
        return small(&mut a[block.start * n..block.end * n], n, block.start);
    }
    if stop.raised() {
        return false;
    }
    let middle = block.start + half(block.len());
    if !halves(a, n, block.start..middle, stop) {
        return false;
    }
    solve_right(a, n, block.start..middle, middle..block.end, stop);
    let (left, right) = a.split_at_mut(middle * n);
    let x = Part { data: left, first: middle + block.start * n, row: 1, col: n };
    let square = PartMut { data: right, first: middle, col: n };
    subtract_below(x, x, square, (block.end - middle, middle - block.start), stop);
    halves(a, n, middle..block.end, stop)
}

/// X ← XL⁻ᵀ for rows `rows` of columns `block`, whose own rows hold L.
fn solve_right(a: &mut [f64], n: usize, block: Range<usize>, rows: Range<usize>, stop: Stop<'_>) {
    if block.len() <= SMALL {
        return solve_small(&mut a[block.start * n..block.end * n], n, block.start, rows);
    }
    let middle = block.start + half(block.len());
    solve_right(a, n, block.start..middle, rows.clone(), stop);
    let (left, right) = a.split_at_mut(middle * n);
    let factor = |first| Part { data: left, first: first + block.start * n, row: 1, col: n };
    let l = Part { row: n, col: 1, ..factor(middle) };
    let sizes = (rows.len(), middle - block.start, block.end - middle);
    let x = PartMut { data: right, first: rows.start, col: n };
    product_of_parts(factor(rows.start), l, x, sizes, (-1.0, true), stop);
    solve_right(a, n, middle..block.end, rows, stop);
}

vectorized! {
    /// Factors the block whose first diagonal entry stands in row `k` of these columns.
    fn small(columns: &mut [f64], n: usize, k: usize) -> bool {
        match columns.len() / n {
            1..=8 => block::<1>(columns, n, k),
            9..=16 => block::<2>(columns, n, k),
            _ => block::<4>(columns, n, k),
        }
    }
}

/// The same for up to 8C columns, brought side by side in chunks of eight.
#[inline(always)]
fn block<const C: usize>(columns: &mut [f64], n: usize, k: usize) -> bool {
    let width = columns.len() / n;
    let mut own = [[[[0.0; 8]; C]; 8]; C];
    let own = own.as_flattened_mut();
    for (own, column) in own.iter_mut().zip(columns.chunks_exact(n)) {
        own.as_flattened_mut()[..width].copy_from_slice(&column[k..k + width]);
    }
    let mut positive = true;
    for j in 0..width {
        let (done, rest) = own.split_at_mut(j + 1);
        let mut pivot = done[j];
        let size = pivot[j / 8][j % 8];
        if size <= 0.0 {
            positive = false;
            break;
        }
        let root = size.sqrt();
        // What stands above the diagonal is never read.
        pivot.as_flattened_mut().iter_mut().for_each(|x| *x /= root);
        pivot[j / 8][j % 8] = root;
        done[j] = pivot;
        for (i, column) in (j + 1..width).zip(rest) {
            let factor = pivot[i / 8][i % 8];
            for (x, p) in column[i / 8..].iter_mut().zip(&pivot[i / 8..]) {
                (0..8).for_each(|l| x[l] -= factor * p[l]);
            }
        }
    }
    for (own, column) in own.iter().zip(columns.chunks_exact_mut(n)) {
        column[k..k + width].copy_from_slice(&own.as_flattened()[..width]);
    }
    positive
}

vectorized! {
    /// X ← XL⁻ᵀ for rows `rows` of these columns, L standing in them from row `k` on.
    fn solve_small(columns: &mut [f64], n: usize, k: usize, rows: Range<usize>) {
        let width = columns.len() / n;
        // Rows of L.
        let mut l = [[0.0; SMALL]; SMALL];
        for (j, column) in columns.chunks_exact(n).enumerate() {
            (j..width).for_each(|i| l[i][j] = column[k + i]);
        }
        for first in rows.clone().step_by(STRIP) {
            let count = STRIP.min(rows.end - first);
            let mut x = [[0.0; STRIP]; SMALL];
            for (j, column) in columns.chunks_exact_mut(n).enumerate() {
                let column = &mut column[first..first + count];
                let mut sum = column.first_chunk().copied().unwrap_or([0.0; STRIP]);
                if count < STRIP {
                    sum[..count].copy_from_slice(column);
                }
                for (x, factor) in x[..j].iter().zip(&l[j]) {
                    for (sum, x) in sum.iter_mut().zip(x) {
                        *sum -= factor * x;
                    }
                }
                sum.iter_mut().for_each(|s| *s /= l[j][j]);
                match column.first_chunk_mut() {
                    Some(whole) => *whole = sum,
                    None => column.copy_from_slice(&sum[..count]),
                }
                x[j] = sum;
            }
        }
    }
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
