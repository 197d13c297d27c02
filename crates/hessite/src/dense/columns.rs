//! Columns of results, which stand as columns or as rows of the caller's memory.

#![allow(unsafe_code)]

use super::lanes::unpack;
use super::product::quad::{Quad, for_this_machine};
#[cfg(feature = "rayon")]
use super::threads::shared;
use std::marker::PhantomData;
use std::ops::Range;

/// `count` columns of `height` numbers to write to; entry e of column c is at `c * across + e * along`, one of the
/// strides being 1. Parts of it can be given to several threads.
pub(crate) struct ColumnsMut<'a> {
    start: *mut f64,
    height: usize,
    count: usize,
    along: usize,
    across: usize,
    numbers: PhantomData<&'a mut [f64]>,
}

// SAFETY: it stands for a mutable borrow of its numbers.
unsafe impl Send for ColumnsMut<'_> {}

impl<'a> ColumnsMut<'a> {
    /// The columns of a column-major matrix.
    ///
    /// # Panics
    /// If `data` has not `height * count` numbers.
    pub fn columns(data: &'a mut [f64], height: usize, count: usize) -> Self {
        Self::new(data, height, count, 1, height)
    }

    /// The rows of a column-major matrix: row c of `count` is column c.
    ///
    /// # Panics
    /// As [`columns`](Self::columns).
    pub fn rows(data: &'a mut [f64], height: usize, count: usize) -> Self {
        Self::new(data, height, count, count, 1)
    }

    fn new(data: &'a mut [f64], height: usize, count: usize, along: usize, across: usize) -> Self {
        assert!(height.checked_mul(count) == Some(data.len()), "{count} columns of {height}");
        ColumnsMut { start: data.as_mut_ptr(), height, count, along, across, numbers: PhantomData }
    }

    pub fn height(&self) -> usize {
        self.height
    }

    pub fn count(&self) -> usize {
        self.count
    }

    /// The first `c` columns and the others.
    ///
    /// # Panics
    /// If there are fewer.
    pub fn split_at(self, c: usize) -> (ColumnsMut<'a>, ColumnsMut<'a>) {
        assert!(c <= self.count, "column {c} of {}", self.count);
        // No address is formed beyond the numbers when the second part is empty.
        let start = self.start.wrapping_add(c * self.across);
        (ColumnsMut { count: c, ..self }, ColumnsMut { start, count: self.count - c, ..self })
    }

    /// Writes entry e of lane l to row `first + e` of column l.
    ///
    /// # Panics
    /// If there are more columns than lanes, or fewer rows than entries.
    pub fn write(&mut self, first: usize, data: &[f64], lanes: usize) {
        let n = data.len() / lanes.max(1);
        self.check(first, n);
        assert!(self.count <= lanes, "{} columns for {lanes} lanes", self.count);
        if self.count == 0 || n == 0 {
            return;
        }
        if self.along == 1 {
            // SAFETY: from row `first` of the first column to row `first + n` of the last all numbers lie within
            // the borrow; the rows beyond are those of this part of the columns, or untouched by `unpack`.
            let columns = unsafe {
                std::slice::from_raw_parts_mut(self.start.add(first), (self.count - 1) * self.across + n)
            };
            return unpack(data, lanes, n, columns, self.across, self.count);
        }
        for (e, entry) in data.chunks_exact(lanes).enumerate() {
            // SAFETY: `check` has found row first + e; its `count` numbers stand side by side and belong to this
            // part alone.
            let row = unsafe {
                std::slice::from_raw_parts_mut(self.start.add((first + e) * self.along), self.count)
            };
            row.copy_from_slice(&entry[..self.count]);
        }
    }

    /// Sets rows `first..first + n` of all columns to 0.
    ///
    /// # Panics
    /// If there are fewer rows.
    pub fn clear(&mut self, first: usize, n: usize) {
        self.check(first, n);
        for c in 0..self.count {
            for e in first..first + n {
                // SAFETY: row and column are within.
                unsafe { *self.start.add(c * self.across + e * self.along) = 0.0 };
            }
        }
    }

    /// How many numbers [`fill`](Self::fill) wants for its own use, to write `n` in each column.
    pub fn spare(&self, n: usize) -> usize {
        if self.along == 1 { 0 } else { n * STRIP.min(self.count) }
    }

    /// Lets `column` write rows `first..first + n` of every column, in this order. Where columns stand as rows it is given
    /// parts of `spare` instead, from which some of them are copied together.
    ///
    /// # Panics
    /// If there are fewer rows, or `spare` is too short.
    pub fn fill(
        &mut self,
        (first, n): (usize, usize),
        spare: &mut [f64],
        mut column: impl FnMut(usize, &mut [f64]),
    ) {
        self.check(first, n);
        let start = self.start.wrapping_add(first * self.along);
        if self.along == 1 {
            for c in 0..self.count {
                // SAFETY: the rows of this column lie side by side and belong to this part alone.
                column(c, unsafe { std::slice::from_raw_parts_mut(start.add(c * self.across), n) });
            }
            return;
        }
        for c in (0..self.count).step_by(STRIP) {
            let together = STRIP.min(self.count - c);
            for k in 0..together {
                column(c + k, &mut spare[k * n..(k + 1) * n]);
            }
            let from = &spare[..n * together];
            // SAFETY: columns c..c + together stand side by side, and `from` has n numbers for each.
            unsafe { transposed((from.as_ptr(), n), (start.add(c), self.along), n, together) };
        }
    }

    fn check(&self, first: usize, n: usize) {
        let end = first.checked_add(n);
        assert!(end.is_some_and(|end| end <= self.height), "{n} rows from {first} of {}", self.height);
    }
}

/// Copies rows `rows` of columns `columns` of a square column-major matrix of order n to the other side of its
/// diagonal, strips of them on threads of their own.
///
/// # Panics
/// If they do not lie within, or the ranges overlap.
pub(crate) fn mirror(a: &mut [f64], n: usize, rows: Range<usize>, columns: Range<usize>) {
    if rows.is_empty() || columns.is_empty() {
        return;
    }
    assert!(rows.end <= columns.start || columns.end <= rows.start, "{rows:?} and {columns:?} overlap");
    assert!(rows.end.max(columns.end) <= n && n.checked_mul(n) == Some(a.len()), "a square of order {n}");
    let (from, to) = match rows.start < columns.start {
        true => {
            let (to, from) = a.split_at_mut(columns.start * n);
            (&from[..columns.len() * n], &mut to[rows.start * n..rows.end * n])
        }
        false => {
            let (from, to) = a.split_at_mut(rows.start * n);
            (&from[columns.start * n..columns.end * n], &mut to[..rows.len() * n])
        }
    };
    // A strip of eight columns reads whole cache lines of the others.
    let strip = |(k, to): (usize, &mut [f64])| {
        let height = to.len() / n;
        // SAFETY: `to` has `height` columns from number rows.start + STRIP k on, as `from` has rows, and columns.len()
        // numbers from columns.start on in each; `from` has that many columns.
        unsafe {
            let from = from.as_ptr().add(rows.start + STRIP * k);
            let to = to.as_mut_ptr().add(columns.start);
            transposed((from, n), (to, n), height, columns.len());
        }
    };
    #[cfg(feature = "rayon")]
    if shared((rows.len() * columns.len()) as u64 / 2) {
        use rayon::prelude::*;
        return to.par_chunks_mut(STRIP * n).with_min_len(4).enumerate().for_each(strip);
    }
    to.chunks_mut(STRIP * n).enumerate().for_each(strip);
}

/// Columns that are written together.
const STRIP: usize = 8;

for_this_machine! {
    /// `to[i * m + j] = from[j * n + i]` for `i < height`, `j < width`.
    ///
    /// # Safety
    /// The numbers are valid, and apart from each other.
    fn transposed(from: (*const f64, usize), to: (*mut f64, usize), height: usize, width: usize) = transposed_body;
}

#[inline(always)]
unsafe fn transposed_body<Q: Quad>(
    (from, n): (*const f64, usize),
    (to, m): (*mut f64, usize),
    height: usize,
    width: usize,
) {
    let (fours, wide) = (height - height % 4, width - width % 4);
    // SAFETY: i < height, j < width.
    unsafe {
        for j in (0..wide).step_by(4) {
            for i in (0..fours).step_by(4) {
                let mut block = [Q::splat(0.0); 4];
                for (c, column) in block.iter_mut().enumerate() {
                    *column = Q::load(from.add((j + c) * n + i));
                }
                for (r, row) in Q::transpose(block).into_iter().enumerate() {
                    row.store(to.add((i + r) * m + j));
                }
            }
        }
        for j in 0..width {
            for i in (if j < wide { fours } else { 0 })..height {
                *to.add(i * m + j) = *from.add(j * n + i);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ColumnsMut, mirror};

    #[test]
    fn a_part_is_mirrored_and_nothing_else() {
        let n = 30;
        let old: Vec<f64> = (0..n * n).map(|k| k as f64).collect();
        for (rows, columns) in [(0..11, 13..30), (5..6, 7..20), (20..29, 0..1), (3..3, 4..9)] {
            let mut a = old.clone();
            mirror(&mut a, n, rows.clone(), columns.clone());
            for (r, c) in (0..n).flat_map(|r| (0..n).map(move |c| (r, c))) {
                let copied = rows.contains(&c) && columns.contains(&r);
                assert_eq!(a[c * n + r], old[if copied { r * n + c } else { c * n + r }]);
            }
        }
    }

    type Make = for<'a> fn(&'a mut [f64], usize, usize) -> ColumnsMut<'a>;

    fn filled(make: Make) -> Vec<f64> {
        let (height, count) = (7, 5);
        let mut out = vec![f64::NAN; height * count];
        let (mut left, mut right) = make(&mut out, height, count).split_at(3);
        for (part, first, lanes) in [(&mut left, 0, 4), (&mut right, 3, 2)] {
            let data: Vec<f64> =
                (0..5 * lanes).map(|x| (x / lanes * 10 + first + x % lanes) as f64).collect();
            part.write(1, &data, lanes);
            part.clear(0, 1);
            part.clear(6, 1);
        }
        out
    }

    #[test]
    fn rows_are_the_transpose_of_columns() {
        let columns = filled(|data, height, count| ColumnsMut::columns(data, height, count));
        let rows = filled(|data, height, count| ColumnsMut::rows(data, height, count));
        for c in 0..5 {
            for e in 0..7 {
                let expected = if (1..6).contains(&e) { ((e - 1) * 10 + c) as f64 } else { 0.0 };
                assert_eq!(columns[c * 7 + e], expected);
                assert_eq!(rows[e * 5 + c], expected);
            }
        }
    }

    #[test]
    fn columns_are_filled_where_they_stand_as_rows_too() {
        let (height, first, n) = (9, 2, 5);
        let value = |c: usize, e: usize| (100 * c + e) as f64;
        for (count, rows) in [1, 3, 8, 21].into_iter().flat_map(|count| [(count, false), (count, true)]) {
            let mut out = vec![-1.0; height * count];
            let mut columns = match rows {
                true => ColumnsMut::rows(&mut out, height, count),
                false => ColumnsMut::columns(&mut out, height, count),
            };
            let mut spare = vec![f64::NAN; columns.spare(n)];
            columns.fill((first, n), &mut spare, |c, column| (0..n).for_each(|e| column[e] = value(c, e)));
            let (across, along) = if rows { (1, count) } else { (height, 1) };
            for (c, e) in (0..count).flat_map(|c| (0..height).map(move |e| (c, e))) {
                let within = (first..first + n).contains(&e);
                let expected = if within { value(c, e - first) } else { -1.0 };
                assert_eq!(out[c * across + e * along], expected, "{count} {c} {e}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "2 rows from 3 of 4")]
    fn rows_beyond_the_end_are_refused() {
        ColumnsMut::columns(&mut [0.0; 8], 4, 2).clear(3, 2);
    }

    #[test]
    #[should_panic(expected = "3 columns for 2 lanes")]
    fn more_columns_than_lanes_are_refused() {
        ColumnsMut::rows(&mut [0.0; 6], 2, 3).write(0, &[1.0; 4], 2);
    }
}
