//! Products of matrices, plain or with lanes on one side.

#![allow(unsafe_code)]

mod dots;
mod pack;
mod parts;
pub(super) mod quad;
mod rows;
mod strips;
mod sweep;
mod tile;
mod tiny;

use super::lanes::{View, ViewMut};
use super::stop::Stop;
pub(crate) use parts::{PartMut, product_of_parts, subtract_below};
pub(crate) use rows::{Part, subtract_rows};
use sweep::Form;
use tiny::{is_tiny, tiny};

/// `out = scale op(a) op(b)`, or `out += …` if `add`; `op` is the transpose where the flag says so.
///
/// At most one of the factors has lanes, and `out` has as many: a plain factor is the same for every lane. What
/// `out` held is not read unless `add`. Every number of `out` is summed in an order that depends on the inner length
/// and on the form of the product alone, not on where it stands. A large product is dealt to the threads, with the
/// same bits, and left unfinished soon after `stop` is raised.
///
/// # Panics
/// If the shapes or the lanes do not fit, or a view holds fewer numbers than its shape says.
#[inline]
pub(crate) fn product(
    (a, ta): (View<'_>, bool),
    (b, tb): (View<'_>, bool),
    out: ViewMut<'_>,
    scale: f64,
    add: bool,
    stop: Stop<'_>,
) {
    if let Some(form) = form(scale, a, ta, b, tb, out, add) {
        // SAFETY: `form` has checked that the views hold all entries that it names, and `out` is borrowed apart
        // from `a` and `b`.
        unsafe {
            match is_tiny(&form) {
                true => tiny(&form),
                false => strips::run(&form, stop),
            }
        }
    }
}

/// The checked form of a product; `None` if nothing is left to do.
#[inline(always)]
fn form(
    scale: f64,
    a: View<'_>,
    ta: bool,
    b: View<'_>,
    tb: bool,
    out: ViewMut<'_>,
    add: bool,
) -> Option<Form> {
    let (m, inner) = if ta { (a.cols, a.rows) } else { (a.rows, a.cols) };
    let (inner_b, n) = if tb { (b.cols, b.rows) } else { (b.rows, b.cols) };
    assert!(inner == inner_b && m == out.rows && n == out.cols, "the shapes of a product do not fit");
    let k = out.lanes;
    assert!(a.lanes.min(b.lanes) == 1 && a.lanes.max(b.lanes) == k, "the lanes of a product do not fit");
    let fits = |len: usize, rows: usize, cols: usize, lanes: usize| {
        rows.checked_mul(cols).and_then(|x| x.checked_mul(lanes)).is_some_and(|need| need <= len)
    };
    assert!(
        fits(a.data.len(), a.rows, a.cols, a.lanes)
            && fits(b.data.len(), b.rows, b.cols, b.lanes)
            && fits(out.data.len(), m, n, k),
        "a view of a product is too short"
    );
    if m == 0 || n == 0 {
        return None;
    }
    if inner == 0 {
        if !add {
            out.data[..m * n * k].fill(0.0);
        }
        return None;
    }
    let (s, t) = (a.data.as_ptr(), b.data.as_ptr());
    let c = out.data.as_mut_ptr();
    // Strides of (row of op, inner index) of a and of (column of op, inner index) of b, in entries.
    let (ai, ap) = if ta { (a.rows, 1) } else { (1, a.rows) };
    let (bj, bp) = if tb { (1, b.rows) } else { (b.rows, 1) };
    let vector = Form {
        s,
        sa: ai,
        sp: ap,
        t,
        tp: bp,
        tv: 1,
        tb: 0,
        c,
        ca: 1,
        cv: 1,
        cb: 0,
        rows: m,
        inner,
        width: 1,
        blocks: 1,
        scale,
        add,
    };
    let mut form = if k == 1 && (m >= 8 || m >= n) {
        // The rows of C are the vector dimension.
        Form { s: t, sa: bj, sp: bp, t: s, tp: ap, tv: ai, ca: m, rows: n, width: m, ..vector }
    } else if k == 1 {
        Form { tv: bj, cv: m, width: n, ..vector }
    } else if b.lanes == k {
        Form { tp: bp * k, tb: bj * k, ca: k, cb: m * k, width: k, blocks: n, ..vector }
    } else {
        Form {
            s: t,
            sa: bj,
            sp: bp,
            t: s,
            tp: ap * k,
            tb: ai * k,
            ca: m * k,
            cb: k,
            rows: n,
            width: k,
            blocks: m,
            ..vector
        }
    };
    if form.blocks > 1 && form.tb == form.width && form.cb == form.width {
        form.width *= form.blocks;
        form.blocks = 1;
    }
    Some(form)
}

#[cfg(test)]
mod tests;
