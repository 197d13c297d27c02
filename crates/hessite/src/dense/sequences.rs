//! Arrays along lists of indices, running sums, convolutions. Lanes of an entry stand side by side throughout.

use super::lanes::{View, ViewMut};
use super::simd::vectorized;

vectorized! {
    fn add_scaled(factor: f64, x: &[f64], out: &mut [f64]) {
        out.iter_mut().zip(x).for_each(|(o, x)| *o += factor * x);
    }
}

vectorized! {
    fn add(x: &[f64], out: &mut [f64]) {
        out.iter_mut().zip(x).for_each(|(o, x)| *o += x);
    }
}

/// Numbers in a run that stays together: an entry for lists of rows, a column for lists of columns; and how many such
/// places there are in a period, which is a column or the whole.
fn runs(x: View<'_>, rows: bool) -> (usize, usize) {
    if rows { (x.lanes, x.rows) } else { (x.rows * x.lanes, x.cols) }
}

/// The rows (or columns) of `x` that `list` names, in its order.
pub(crate) fn gather(x: View<'_>, list: &[usize], rows: bool, out: ViewMut<'_>) {
    let (run, places) = runs(x, rows);
    if run == 0 || list.is_empty() {
        return;
    }
    for (from, to) in
        x.data.chunks_exact(run * places.max(1)).zip(out.data.chunks_exact_mut(run * list.len()))
    {
        for (&place, to) in list.iter().zip(to.chunks_exact_mut(run)) {
            to.copy_from_slice(&from[place * run..(place + 1) * run]);
        }
    }
}

/// Adds the rows (or columns) of `x` to those of `out` that `list` names, beginning with zeros.
pub(crate) fn scatter_add(x: View<'_>, list: &[usize], rows: bool, out: ViewMut<'_>) {
    out.data.fill(0.0);
    let places = if rows { out.rows } else { out.cols };
    let (run, _) = runs(x, rows);
    if run == 0 || list.is_empty() {
        return;
    }
    for (from, to) in
        x.data.chunks_exact(run * list.len()).zip(out.data.chunks_exact_mut(run * places.max(1)))
    {
        for (&place, from) in list.iter().zip(from.chunks_exact(run)) {
            add(from, &mut to[place * run..(place + 1) * run]);
        }
    }
}

/// Running sums down each column, or up from its end.
pub(crate) fn cumulative_sum(x: View<'_>, reverse: bool, out: ViewMut<'_>) {
    let (k, n) = (x.lanes, x.rows);
    out.data.copy_from_slice(x.data);
    for column in out.data.chunks_exact_mut((n * k).max(1)) {
        for i in 1..n {
            let at = if reverse { (n - 1 - i) * k } else { i * k };
            let (low, high) = column.split_at_mut(if reverse { at + k } else { at });
            match reverse {
                true => add(&high[..k], &mut low[at..]),
                false => add(&low[at - k..], &mut high[..k]),
            }
        }
    }
}

/// out[i + j] = Σ a[i]·b[j] over all pairs; one of the two may have lanes.
pub(crate) fn convolve(a: View<'_>, b: View<'_>, out: ViewMut<'_>) {
    let (k, m) = (out.lanes, out.data.len());
    out.data.fill(0.0);
    let (moving, kernel) = if b.lanes == 1 { (a, b) } else { (b, a) };
    if moving.lanes == k && kernel.lanes == 1 {
        for (j, &factor) in kernel.data.iter().enumerate() {
            add_scaled(factor, moving.data, &mut out.data[(j * k).min(m)..]);
        }
    }
}

/// out[i] = Σⱼ y[i + j]·b[j], where b fits; one of the two may have lanes.
pub(crate) fn correlate(y: View<'_>, b: View<'_>, out: ViewMut<'_>) {
    let (k, n) = (out.lanes, out.data.len());
    out.data.fill(0.0);
    if b.lanes == 1 {
        for (j, &factor) in b.data.iter().enumerate() {
            add_scaled(factor, &y.data[j * k..j * k + n], out.data);
        }
        return;
    }
    for (i, out) in out.data.chunks_exact_mut(k).enumerate() {
        for (&factor, b) in y.data[i..].iter().zip(b.data.chunks_exact(k)) {
            add_scaled(factor, b, out);
        }
    }
}

/// (Σ|x|ᵖ)^(1/p) for p ≥ 1, without over- or underflow of the powers.
pub(crate) fn lp_norm(x: &[f64], p: f64) -> f64 {
    let largest = x.iter().fold(0.0, |m: f64, x| if x.is_nan() { *x } else { m.max(x.abs()) });
    if largest == 0.0 || !largest.is_finite() || x.iter().any(|x| x.is_nan()) {
        return if x.iter().any(|x| x.is_nan()) { f64::NAN } else { largest };
    }
    let sum: f64 = x.iter().map(|x| (x.abs() / largest).powf(p)).sum();
    sum.powf(1.0 / p) * largest
}
