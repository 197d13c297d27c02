//! Rows of a matrix minus products with other rows of it: what factorisations and triangular solves spend their time on.

use super::strips;
use super::sweep::Form;
use crate::dense::lanes::ViewMut;
use crate::dense::stop::Stop;
use std::ops::Range;

/// A plain matrix inside a slice: entry (i, j) stands at `first + i * row + j * col`.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    pub data: &'a [f64],
    pub first: usize,
    pub row: usize,
    pub col: usize,
}

impl Part<'_> {
    /// The part that starts at entry (i, j).
    #[inline]
    pub fn from(self, i: usize, j: usize) -> Self {
        Part { first: self.first + i * self.row + j * self.col, ..self }
    }

    #[inline]
    pub fn at(self, i: usize, j: usize) -> f64 {
        self.data[self.first + i * self.row + j * self.col]
    }

    /// Whether all entries of this shape lie in the slice.
    pub fn holds(self, rows: usize, cols: usize) -> bool {
        let last = |n: usize, step: usize| (n - 1).checked_mul(step);
        rows == 0
            || cols == 0
            || last(rows, self.row)
                .and_then(|i| last(cols, self.col)?.checked_add(i)?.checked_add(self.first))
                .is_some_and(|end| end < self.data.len())
    }
}

/// `x[to, :] -= s · x[from, :]`, each lane for itself. The bits do not depend on the threads.
///
/// # Panics
/// If the rows overlap or reach beyond x, or a slice is too short.
pub(crate) fn subtract_rows(
    s: Part<'_>,
    x: ViewMut<'_>,
    to: Range<usize>,
    from: Range<usize>,
    stop: Stop<'_>,
) {
    let (n, m, k) = (x.rows, x.cols, x.lanes);
    if to.is_empty() || from.is_empty() || m == 0 || k == 0 {
        return;
    }
    assert!(to.end <= from.start || from.end <= to.start, "rows that overlap");
    assert!(to.end <= n && from.end <= n, "rows beyond the last");
    let fits = n.checked_mul(m).and_then(|e| e.checked_mul(k)).is_some_and(|need| need <= x.data.len());
    assert!(fits && s.holds(to.len(), from.len()), "a matrix of a product is too short");
    let base = x.data.as_mut_ptr();
    let (c, t) = (base.wrapping_add(to.start * k), base.wrapping_add(from.start * k).cast_const());
    let s_at = s.data[s.first..].as_ptr();
    let (rows, inner) = (to.len(), from.len());
    let blank = Form {
        s: s_at,
        sa: s.row,
        sp: s.col,
        t,
        tp: k,
        tv: 1,
        tb: n * k,
        c,
        ca: k,
        cv: 1,
        cb: n * k,
        rows,
        inner,
        width: k,
        blocks: m,
        scale: -1.0,
        add: true,
    };
    let form = if k > 1 {
        blank
    } else if rows >= 8 || rows >= m {
        // The rows of C are the vector dimension.
        Form {
            s: t,
            sa: n,
            sp: 1,
            t: s_at,
            tp: s.col,
            tv: s.row,
            ca: n,
            rows: m,
            width: rows,
            blocks: 1,
            ..blank
        }
    } else {
        Form { tp: 1, tv: n, ca: 1, cv: n, width: m, blocks: 1, ..blank }
    };
    // SAFETY: S holds `rows` × `inner` entries and x both ranges of rows in all columns and lanes, as just checked; the
    // two ranges are apart, and x is borrowed apart from S.
    unsafe { strips::run(&form, stop) }
}
