//! XAY = D by elimination with complete pivoting, and cofactors that need no inverse.
//!
//! X and Y have determinants ±1 and small entries whatever the rank of A, which the pivots show; where nothing but zeros
//! is left, so are the other pivots. Each step goes through what is left once: it is brought up to date and searched for
//! the next pivot. A factorisation is one array: X, Y, D, then n times det X · det Y.

use super::buffer::Buffer;
use super::lanes::ViewMut;
use super::product::{Part, PartMut, product_of_parts};
use super::reflectors::padded;
use super::simd::vectorized;
use super::stop::Stop;
use super::triangular::{Triangle, invert_lower};
use std::cell::Cell;

/// What is kept between calls.
#[derive(Debug, Default)]
struct Work {
    /// L and U side by side, both with ones on the diagonal, and the pivots there.
    factors: Buffer,
    /// Which row and column of A stands in each place.
    rows: Buffer,
    cols: Buffer,
    inverse: Buffer,
}

thread_local! {
    static WORK: Cell<Work> = Cell::default();
}

/// Factors the n × n matrix `a`. Left unfinished soon after `stop` is raised.
///
/// # Panics
/// If `out` does not hold 2n² + 2n numbers, or `a` fewer than n².
pub(crate) fn factor(a: &[f64], n: usize, out: &mut [f64], stop: Stop<'_>) {
    if n == 0 {
        return;
    }
    let mut work = WORK.take();
    let stride = padded(n);
    work.factors.resize(stride * n);
    for (own, column) in work.factors.chunks_exact_mut(stride).zip(a[..n * n].chunks_exact(n)) {
        own[..n].copy_from_slice(column);
    }
    let (x, rest) = out.split_at_mut(n * n);
    let (y, rest) = rest.split_at_mut(n * n);
    let (pivots, sign) = rest.split_at_mut(n);
    sign.fill(eliminate(&mut work, n, stop));
    (0..n).for_each(|k| pivots[k] = work.factors[k * (stride + 1)]);
    let Work { factors, rows, cols, inverse } = &mut work;
    inverse.resize(n * n);
    let triangle =
        |row, col| Triangle { part: Part { data: factors, first: 0, row, col }, lower: true, unit: true };
    invert_lower(triangle(1, stride), inverse, n, stop);
    for (from, at) in inverse.chunks_exact(n).zip(rows.iter()) {
        x[n * *at as usize..][..n].copy_from_slice(from);
    }
    invert_lower(triangle(stride, 1), inverse, n, stop);
    for (from, at) in inverse.chunks_exact(n).zip(cols.iter()) {
        y[*at as usize..].iter_mut().step_by(n).zip(from).for_each(|(y, x)| *y = *x);
    }
    WORK.set(work);
}

/// The determinant of the permutations.
fn eliminate(work: &mut Work, n: usize, stop: Stop<'_>) -> f64 {
    let Work { factors, rows, cols, .. } = work;
    let stride = padded(n);
    for order in [&mut *rows, &mut *cols] {
        order.resize(n);
        order.iter_mut().enumerate().for_each(|(k, x)| *x = k as f64);
    }
    let mut sign = 1.0;
    let mut found = search(factors, stride, n);
    for k in 0..n {
        let (size, place) = found;
        if stop.raised() {
            return sign;
        }
        if size == 0.0 {
            if factors[k * stride..].chunks_exact(stride).any(|c| c[k..n].iter().any(|x| x.is_nan())) {
                (k..n).for_each(|k| factors[k * (stride + 1)] = f64::NAN);
            }
            return sign;
        }
        let (i, j) = (k + place % stride, k + place / stride);
        if i != k {
            factors.chunks_exact_mut(stride).for_each(|c| c.swap(k, i));
            rows.swap(k, i);
            sign = -sign;
        }
        if j != k {
            let (left, right) = factors.split_at_mut(j * stride);
            left[k * stride..][..n].swap_with_slice(&mut right[..n]);
            cols.swap(k, j);
            sign = -sign;
        }
        let (own, rest) = factors[k * stride..].split_at_mut(stride);
        let (pivot, below) = own[k..n].split_at_mut(1);
        below.iter_mut().for_each(|x| *x /= pivot[0]);
        found = step(pivot[0], below, &mut rest[..(n - k - 1) * stride], stride, k);
    }
    sign
}

/// The largest absolute value, and how far behind the first entry it stands; NaN is none.
fn search(a: &[f64], stride: usize, n: usize) -> (f64, usize) {
    let mut found = (0.0, 0);
    for (j, column) in a.chunks_exact(stride).enumerate() {
        better(&mut found, super::lu::largest(&column[..n]), &column[..n], j * stride);
    }
    found
}

#[inline(always)]
fn better(found: &mut (f64, usize), size: f64, column: &[f64], start: usize) {
    if size > found.0 {
        *found = (size, start + column.iter().position(|x| x.abs() == size).unwrap_or(0));
    }
}

vectorized! {
    /// Eliminates row `k` from the columns right of the pivot, and finds what is [largest](search) below it.
    fn step(pivot: f64, below: &[f64], columns: &mut [f64], stride: usize, k: usize) -> (f64, usize) {
        let (chunks, tail) = below.as_chunks::<8>();
        let mut found = (0.0, 0);
        for (j, column) in columns.chunks_exact_mut(stride).enumerate() {
            let (top, own) = (column[k], &mut column[k + 1..k + 1 + below.len()]);
            let mut most = [0.0_f64; 8];
            let (own_chunks, own_tail) = own.as_chunks_mut::<8>();
            for (x, l) in own_chunks.iter_mut().zip(chunks) {
                for e in 0..8 {
                    x[e] -= l[e] * top;
                    most[e] = if x[e].abs() > most[e] { x[e].abs() } else { most[e] };
                }
            }
            for ((x, l), most) in own_tail.iter_mut().zip(tail).zip(&mut most) {
                *x -= l * top;
                *most = if x.abs() > *most { x.abs() } else { *most };
            }
            let size = most.iter().fold(0.0, |m: f64, x| if *x > m { *x } else { m });
            better(&mut found, size, own, j * stride);
            column[k] = top / pivot;
        }
        found
    }
}

/// The cofactors ± Xᵀ P Yᵀ from a factorisation, with the products P of all pivots but one.
pub(crate) fn cofactors(factored: &[f64], out: ViewMut<'_>, stop: Stop<'_>) {
    let n = out.rows;
    let (x, rest) = factored.split_at(n * n);
    let (y, rest) = rest.split_at(n * n);
    let (pivots, sign) = rest.split_at(n);
    let mut work = WORK.take();
    let Work { inverse: scaled, rows: products, .. } = &mut work;
    products.resize(n);
    scaled.resize(n * n);
    let mut before = sign.first().copied().unwrap_or(1.0);
    for (p, d) in products.iter_mut().zip(pivots) {
        *p = before;
        before *= d;
    }
    let mut after = 1.0;
    for (p, d) in products.iter_mut().zip(pivots).rev() {
        *p *= after;
        after *= d;
    }
    // Columns of Y times the products.
    for (k, p) in products.iter().enumerate() {
        let (to, from) = (&mut scaled[k * n..(k + 1) * n], &y[k * n..(k + 1) * n]);
        to.iter_mut().zip(from).for_each(|(to, y)| *to = p * y);
    }
    let x = Part { data: x, first: 0, row: n, col: 1 };
    let y = Part { data: scaled, first: 0, row: n, col: 1 };
    product_of_parts(x, y, PartMut { data: out.data, first: 0, col: n }, (n, n, n), (1.0, false), stop);
    WORK.set(work);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dense::random::numbers;
    use nalgebra::DMatrix;

    fn factored(a: &DMatrix<f64>) -> Vec<f64> {
        let n = a.nrows();
        let mut out = vec![f64::INFINITY; 2 * n * (n + 1)];
        factor(a.as_slice(), n, &mut out, Stop::default());
        out
    }

    /// An n × n matrix of this rank.
    fn matrix(n: usize, rank: usize) -> DMatrix<f64> {
        let thin = |seed| DMatrix::from_vec(n, rank, numbers(n * rank, seed));
        thin(1) * thin(2).transpose()
    }

    #[test]
    fn pivots_fall_and_show_the_rank() {
        for (n, rank) in
            [(0, 0), (1, 1), (1, 0), (6, 6), (7, 6), (9, 7), (20, 3), (70, 70), (70, 69), (70, 0)]
        {
            let a = matrix(n, rank);
            let all = DMatrix::from_vec(n, 2 * n + 2, factored(&a));
            let (x, y) = (all.columns(0, n), all.columns(n, n));
            let middle = x * &a * y;
            let size = x.abs() * a.abs() * y.abs();
            for (i, j) in (0..n).flat_map(|i| (0..n).map(move |j| (i, j))) {
                let expected = if i == j { all[(i, 2 * n)] } else { 0.0 };
                let error = (middle[(i, j)] - expected).abs();
                assert!(error <= 4.0 * n as f64 * f64::EPSILON * size[(i, j)], "{n}, {rank}: {error:e}");
            }
            let small = 1e-13 * all.column_iter().nth(2 * n).map_or(0.0, |d| d.amax());
            assert_eq!((0..n).filter(|&k| all[(k, 2 * n)].abs() > small).count(), rank, "{n}");
            if n > 0 {
                let both = x.determinant() * y.determinant();
                assert!((both - all[(0, 2 * n + 1)]).abs() < 1e-9, "{n}, {rank}: {both}");
            }
        }
    }

    #[test]
    fn cofactors_are_those_of_the_inverse() {
        for n in [1, 2, 5, 12, 33] {
            let a = matrix(n, n);
            let mut out = vec![f64::INFINITY; n * n];
            let all = factored(&a);
            cofactors(&all, ViewMut { data: &mut out, rows: n, cols: n, lanes: 1 }, Stop::default());
            let expected = a.clone().try_inverse().unwrap().transpose() * a.determinant();
            let error = (DMatrix::from_vec(n, n, out) - &expected).amax();
            assert!(error <= 1e-11 * expected.amax(), "{n}: {error:e}");
        }
    }

    #[test]
    fn what_is_not_a_number_stays_so() {
        for at in [0, 4] {
            let mut a = matrix(3, 3);
            a[at] = f64::NAN;
            let mut out = vec![0.0; 9];
            cofactors(&factored(&a), ViewMut { data: &mut out, rows: 3, cols: 3, lanes: 1 }, Stop::default());
            assert!(out.iter().any(|x| x.is_nan()));
        }
    }
}
