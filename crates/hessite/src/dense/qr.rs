//! A = QR by Householder reflections, R with a positive diagonal.
//!
//! Reflections of a panel of columns are applied to the others together; a panel is halved again and again, and its parts
//! do so with each other.

use super::buffer::Buffer;
use super::lanes::View;
use super::product::PartMut;
use super::reflectors::{Block, padded, reflection};
use super::stop::Stop;
use super::triangular::{dot, subtract};
use std::cell::Cell;
use std::ops::Range;

/// Columns whose reflections are applied together, and from this many rows on some more, for less traffic.
const PANEL: usize = 32;
const WIDE: usize = 48;
const TALL: usize = 1024;
/// Columns that are reflected one by one.
const SMALL: usize = 8;

/// What is kept between calls.
#[derive(Debug, Default)]
struct Work {
    /// R on and above the diagonal, below it the reflections less their first entries, apart in memory; then Q.
    own: Buffer,
    /// The first entries of the reflections, then signs of R's diagonal.
    firsts: Buffer,
    block: Block,
}

thread_local! {
    static WORK: Cell<Work> = Cell::default();
}

/// Writes [Q; R] of an m × n matrix with m ≥ n: each column of `out` holds one of Q above one of R. Left unfinished soon
/// after `stop` is raised.
pub(crate) fn factor(a: View<'_>, out: &mut [f64], stop: Stop<'_>) {
    let (m, n) = (a.rows, a.cols);
    if n == 0 {
        return;
    }
    let mut work = WORK.take();
    let stride = padded(m);
    work.own.resize(stride * n);
    work.firsts.resize(n);
    for (own, from) in work.own.chunks_exact_mut(stride).zip(a.data.chunks_exact(m)) {
        own[..m].copy_from_slice(from);
    }
    reflect(&mut work, m, n, stop);
    for (k, column) in out.chunks_exact_mut(m + n).enumerate() {
        column[m..=m + k].copy_from_slice(&work.own[k * stride..][..=k]);
        column[m + k + 1..].fill(0.0);
    }
    unfold(&mut work, m, n, stop);
    for k in 0..n {
        work.firsts[k] = if out[k * (m + n) + m + k] < 0.0 { -1.0 } else { 1.0 };
    }
    for (k, column) in out.chunks_exact_mut(m + n).enumerate() {
        let (q, r) = column.split_at_mut(m);
        let sign = work.firsts[k];
        q.iter_mut().zip(&work.own[k * stride..]).for_each(|(q, x)| *q = sign * x);
        r[..=k].iter_mut().zip(work.firsts.iter()).for_each(|(r, sign)| *r *= sign);
    }
    WORK.set(work);
}

/// The panels, from the first on.
fn panels(m: usize, n: usize) -> impl DoubleEndedIterator<Item = Range<usize>> {
    let width = if m < TALL { PANEL } else { WIDE };
    (0..n.div_ceil(width)).map(move |p| p * width..n.min((p + 1) * width))
}

/// R and the reflections.
fn reflect(work: &mut Work, m: usize, n: usize, stop: Stop<'_>) {
    let Work { own, firsts, block } = work;
    let stride = padded(m);
    for cols in panels(m, n) {
        if stop.raised() {
            return;
        }
        block.resize(m - cols.start, cols.len());
        let columns = &mut own[cols.start * stride..];
        panel(&mut columns[..cols.len() * stride], (stride, cols.start), 0..cols.len(), firsts, block, stop);
        if cols.end < n {
            block.close(0, cols.len(), stop);
            let rest = PartMut { data: columns, first: cols.start + cols.len() * stride, col: stride };
            block.apply((0, cols.len()), true, rest, n - cols.end, stop);
        }
    }
}

/// Reflects columns `part` of a panel, whose diagonal starts in row `k`.
fn panel(
    columns: &mut [f64],
    (stride, k): (usize, usize),
    part: Range<usize>,
    firsts: &mut [f64],
    block: &mut Block,
    stop: Stop<'_>,
) {
    if part.len() > SMALL {
        let middle = part.start + (part.len() / 2).next_multiple_of(SMALL);
        panel(columns, (stride, k), part.start..middle, firsts, block, stop);
        let left = (part.start, middle - part.start);
        block.close(left.0, left.1, stop);
        let rest = PartMut { data: columns, first: k + part.start + middle * stride, col: stride };
        block.apply(left, true, rest, part.end - middle, stop);
        return panel(columns, (stride, k), middle..part.end, firsts, block, stop);
    }
    for j in part.clone() {
        let m = block.rows + k;
        let (own, rest) = columns[j * stride..].split_at_mut(stride);
        let own = &mut own[k + j..m];
        let end = reflection(own);
        for column in rest.chunks_exact_mut(stride).take(part.end - j - 1) {
            let target = &mut column[k + j..m];
            subtract(dot(own, target), own, target);
        }
        let v = block.column(j);
        v[..j].fill(0.0);
        v[j..].copy_from_slice(own);
        firsts[k + j] = own[0];
        own[0] = end;
    }
}

/// Q from the reflections, in their place.
fn unfold(work: &mut Work, m: usize, n: usize, stop: Stop<'_>) {
    let Work { own, firsts, block } = work;
    let stride = padded(m);
    for cols in panels(m, n).rev() {
        if stop.raised() {
            return;
        }
        let (k, count) = (cols.start, cols.len());
        block.resize(m - k, count);
        for j in 0..count {
            let v = block.column(j);
            v[..j].fill(0.0);
            v[j] = firsts[k + j];
            v[j + 1..].copy_from_slice(&own[(k + j) * stride..][k + j + 1..m]);
        }
        block.close(0, count, stop);
        let columns = &mut own[k * stride..];
        if cols.end < n {
            for column in columns.chunks_exact_mut(stride).skip(count) {
                column[cols.clone()].fill(0.0);
            }
            let rest = PartMut { data: columns, first: k + count * stride, col: stride };
            block.apply((0, count), false, rest, n - cols.end, stop);
        }
        block.columns(PartMut { data: columns, first: k, col: stride }, stop);
    }
}

/// The number of columns that do not depend on those before them, up to rounding; NaN depends on nothing.
pub(crate) fn rank(qr: &[f64], m: usize, n: usize) -> usize {
    let column = |k: usize| &qr[k * (m + n) + m..(k + 1) * (m + n)];
    let tolerance = m.max(n) as f64 * f64::EPSILON;
    let dependent = |k: &usize| {
        let size = column(*k)[..=*k].iter().fold(0.0_f64, |s, x| s.max(x.abs()));
        column(*k)[*k].abs() <= tolerance * size
    };
    n - (0..n).filter(dependent).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dense::random::numbers;
    use nalgebra::DMatrix;

    #[test]
    fn the_product_is_the_matrix_and_q_is_orthonormal() {
        for (m, n) in
            [(0, 0), (1, 1), (3, 0), (4, 1), (5, 5), (9, 4), (40, 33), (70, 70), (130, 67), (97, 96)]
        {
            let a = DMatrix::from_vec(m, n, numbers(m * n, (m + n) as u64));
            let mut out = vec![f64::NAN; (m + n) * n];
            factor(View { data: a.as_slice(), rows: m, cols: n, lanes: 1 }, &mut out, Stop::default());
            let both = DMatrix::from_vec(m + n, n, out.clone());
            let (q, r) = (both.rows(0, m), both.rows(m, n));
            assert!(
                (q.transpose() * q - DMatrix::identity(n, n)).iter().all(|x| x.abs() < 1e-13),
                "{m} x {n}"
            );
            assert!((q * r - &a).iter().all(|x| x.abs() < 1e-13), "{m} x {n}");
            assert!((0..n).all(|j| (0..n).all(|i| (i <= j) || r[(i, j)] == 0.0) && r[(j, j)] > 0.0));
            assert_eq!(rank(&out, m, n), n);
        }
    }

    /// Entries far beyond where squares over- and underflow, columns of zeros, and panels of both widths.
    #[test]
    fn every_scale_and_rank_is_factored() {
        for (m, n, scale) in [(30, 20, 1e250), (30, 20, 1e-250), (60, 50, 1.0), (1030, 100, 1.0)] {
            let mut a = DMatrix::from_vec(m, n, numbers(m * n, 5)) * scale;
            a.column_mut(3).fill(0.0);
            let sum = a.column(0) + a.column(1);
            a.set_column(n - 4, &sum);
            let mut out = vec![f64::NAN; (m + n) * n];
            factor(View { data: a.as_slice(), rows: m, cols: n, lanes: 1 }, &mut out, Stop::default());
            let both = DMatrix::from_vec(m + n, n, out.clone());
            let (q, r) = (both.rows(0, m), both.rows(m, n));
            assert!(
                (q.transpose() * q - DMatrix::identity(n, n)).amax() < 1e-14 * (m + n) as f64,
                "{m} x {n}"
            );
            assert!((q * (r / scale) - &a / scale).amax() < 1e-14 * (m + n) as f64, "{m} x {n}");
            assert_eq!(rank(&out, m, n), n - 2);
        }
    }

    #[cfg(feature = "rayon")]
    #[test]
    fn threads_give_the_bits_of_one_thread() {
        let (m, n) = (700, 400);
        let a = numbers(m * n, 1);
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let mut out = vec![0.0; (m + n) * n];
            let view = View { data: &a, rows: m, cols: n, lanes: 1 };
            pool.install(|| factor(view, &mut out, Stop::default()));
            out
        };
        assert!(on(1) == on(3));
    }

    #[test]
    fn dependent_columns_are_counted() {
        let mut a = DMatrix::from_vec(6, 4, numbers(24, 3));
        let sum = a.column(0) + a.column(1) * 1e-3;
        a.set_column(2, &sum);
        let mut out = vec![0.0; 40];
        factor(View { data: a.as_slice(), rows: 6, cols: 4, lanes: 1 }, &mut out, Stop::default());
        assert_eq!(rank(&out, 6, 4), 3);
        factor(View { data: &[0.0; 24], rows: 6, cols: 4, lanes: 1 }, &mut out, Stop::default());
        assert_eq!(rank(&out, 6, 4), 0);
        // Scales of columns do not matter.
        a.column_mut(2).fill(0.0);
        a[(5, 2)] = 1e-200;
        factor(View { data: a.as_slice(), rows: 6, cols: 4, lanes: 1 }, &mut out, Stop::default());
        assert_eq!(rank(&out, 6, 4), 4);
    }
}
