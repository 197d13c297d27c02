//! Products of parts of matrices: what blocked factorisations spend their time on.

use super::rows::Part;
use super::strips;
use super::sweep::Form;
use crate::dense::stop::Stop;

/// A plain column-major matrix inside a slice, to write to: entry (i, j) stands at `first + i + j * col`.
#[derive(Debug)]
pub(crate) struct PartMut<'a> {
    pub data: &'a mut [f64],
    pub first: usize,
    pub col: usize,
}

/// `c = scale · a · b` for an m × p matrix a and a p × n matrix b, or `c += …` if `add`. The bits do not depend on the
/// threads.
///
/// # Panics
/// If a slice is too short, or columns of `c` overlap.
pub(crate) fn product_of_parts(
    a: Part<'_>,
    b: Part<'_>,
    c: PartMut<'_>,
    (m, inner, n): (usize, usize, usize),
    (scale, add): (f64, bool),
    stop: Stop<'_>,
) {
    if m == 0 || n == 0 {
        return;
    }
    let own = Part { data: c.data, first: c.first, row: 1, col: c.col };
    assert!(own.holds(m, n) && (n == 1 || c.col >= m), "a matrix to write to is too short");
    if inner == 0 {
        if !add {
            (0..n).for_each(|j| c.data[c.first + j * c.col..][..m].fill(0.0));
        }
        return;
    }
    assert!(a.holds(m, inner) && b.holds(inner, n), "a matrix of a product is too short");
    let at = c.data[c.first..].as_mut_ptr();
    let (s, t) = (a.data[a.first..].as_ptr(), b.data[b.first..].as_ptr());
    let blank = Form {
        s,
        sa: a.row,
        sp: a.col,
        t,
        tp: b.row,
        tv: b.col,
        tb: 0,
        c: at,
        ca: 1,
        cv: c.col,
        cb: 0,
        rows: m,
        inner,
        width: n,
        blocks: 1,
        scale,
        add,
    };
    let form = if m >= 8 || m >= n {
        // The rows of C are the vector dimension.
        Form {
            s: t,
            sa: b.col,
            sp: b.row,
            t: s,
            tp: a.col,
            tv: a.row,
            ca: c.col,
            cv: 1,
            rows: n,
            width: m,
            ..blank
        }
    } else {
        blank
    };
    assert!(form.sa == 1 || form.sp == 1, "a factor without neighbours");
    // SAFETY: the parts hold all entries of their shapes, as just checked, entries of C are apart from each other, and C
    // is borrowed apart from A and B.
    unsafe { strips::run(&form, stop) }
}

/// Squares on a diagonal that are brought up to date whole.
const SQUARE: usize = 24;

/// `c -= x · yᵀ` on and below the diagonal of an m × m matrix that comes out symmetric; some of what stands above is
/// overwritten. `x` and `y` are m × p.
///
/// # Panics
/// As [`product_of_parts`].
pub(crate) fn subtract_below(
    x: Part<'_>,
    y: Part<'_>,
    mut c: PartMut<'_>,
    (m, inner): (usize, usize),
    stop: Stop<'_>,
) {
    let (first, col) = (c.first, c.col);
    let mut block = |row: usize, rows: usize, column: usize, columns: usize| {
        let turned = Part { row: y.col, col: y.row, ..y.from(column, 0) };
        let own = PartMut { data: &mut *c.data, first: first + row + column * col, col };
        product_of_parts(x.from(row, 0), turned, own, (rows, inner, columns), (-1.0, true), stop);
    };
    if m <= SQUARE {
        return block(0, m, 0, m);
    }
    let half = (m / 2).next_multiple_of(8);
    block(half, m - half, 0, half);
    subtract_below(x, y, PartMut { data: &mut *c.data, first, col }, (half, inner), stop);
    c.first += half * (col + 1);
    subtract_below(x.from(half, 0), y.from(half, 0), c, (m - half, inner), stop);
}
