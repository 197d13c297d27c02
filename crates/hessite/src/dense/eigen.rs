//! Eigenvalues and eigenvectors of symmetric matrices: to tridiagonal form by reflections, and that by halves.

mod divide;
mod rotations;
mod secular;
mod tridiagonal;

use super::buffer::Buffer;
use super::product::PartMut;
use super::reflectors::{Block, padded};
use super::stop::Stop;
use super::symmetric::lower_symmetric_part;
use std::cell::Cell;

/// Reflections that are applied together.
const PANEL: usize = 32;

/// What is kept between calls.
#[derive(Debug, Default)]
struct Work {
    /// The matrix, then its reflections.
    own: Buffer,
    /// Eigenvectors of the tridiagonal matrix, then of the whole.
    vectors: Buffer,
    numbers: Buffer,
    order: Vec<usize>,
    panels: Buffer,
    block: Block,
    divide: divide::Work,
}

thread_local! {
    static WORK: Cell<Work> = Cell::default();
}

/// Writes the eigenvectors of (A + Aᵀ)/2 as columns and then its n eigenvalues, in rising order, to `out`: an
/// n × (n + 1) matrix, column-major as `a`. The entry of largest modulus of each eigenvector is positive. NaN where there
/// are none: an entry is not finite. Left unfinished soon after `stop` is raised.
///
/// # Panics
/// If `a` holds fewer than n² numbers, or `out` other than n² + n.
pub(crate) fn symmetric(a: &[f64], n: usize, out: &mut [f64], stop: Stop<'_>) {
    assert!(a.len() >= n * n && out.len() == n * n + n, "sizes of an eigenvalue problem");
    let largest =
        a[..n * n].iter().fold(0.0, |m: f64, x| if x.is_finite() { m.max(x.abs()) } else { f64::NAN });
    if n == 0 {
        return;
    }
    if !largest.is_finite() {
        out.fill(f64::NAN);
        return;
    }
    // Scaled by a power of two, for squares are taken of entries.
    let scale =
        if largest > 0.0 { 2f64.powi(largest.log2().floor().clamp(-1000.0, 1000.0) as i32) } else { 1.0 };
    let mut work = WORK.take();
    if decompose(a, n, scale, &mut work, stop) {
        let stride = padded(n);
        let (vectors, values) = out.split_at_mut(n * n);
        for ((to, value), &c) in vectors.chunks_exact_mut(n).zip(values).zip(&work.order) {
            *value = work.numbers[c] * scale;
            write(&work.vectors[c * stride..][..n], to);
        }
    } else {
        out.fill(f64::NAN);
    }
    WORK.set(work);
}

/// An eigenvector with the sign that makes its entry of largest modulus positive.
fn write(from: &[f64], to: &mut [f64]) {
    let largest = super::lu::largest(from);
    let negative = from.iter().find(|x| x.abs() == largest).is_some_and(|x| *x < 0.0);
    let sign = if negative { -1.0 } else { 1.0 };
    to.iter_mut().zip(from).for_each(|(to, x)| *to = sign * x);
}

/// Leaves eigenvalues of the matrix over `scale` in `numbers`, vectors in columns of the same number; false if steps did not
/// converge.
fn decompose(a: &[f64], n: usize, scale: f64, work: &mut Work, stop: Stop<'_>) -> bool {
    let Work { own, vectors, numbers, order, panels, block, divide } = work;
    let stride = padded(n);
    own.resize(stride * n);
    lower_symmetric_part(a, own, n, stride);
    for (k, column) in own.chunks_exact_mut(stride).enumerate() {
        column[k..n].iter_mut().for_each(|x| *x /= scale);
    }
    numbers.resize(2 * n);
    let (d, e) = numbers.split_at_mut(n);
    tridiagonal::reduce(own, stride, d, e, panels, stop);
    vectors.resize(stride * n);
    order.resize(n, 0);
    let mut problem = divide::Problem { d, e, z: vectors, stride, order, work: divide, stop };
    if !problem.solve() {
        return false;
    }
    // The last reflections come first.
    let columns = n.saturating_sub(1);
    for first in (0..columns).step_by(PANEL).rev() {
        if stop.raised() {
            break;
        }
        let (count, rows) = (PANEL.min(columns - first), n - first - 1);
        block.resize(rows, count);
        for j in 0..count {
            let from = &own[(first + j) * stride..][first + j + 1..n];
            let v = block.column(j);
            v[..j].fill(0.0);
            v[j..].copy_from_slice(from);
        }
        block.close(0, count, stop);
        let c = PartMut { data: vectors, first: first + 1, col: stride };
        block.apply((0, count), false, c, n, stop);
    }
    true
}

/// Eigenvalues nearer than this can't be told from each other.
pub(crate) fn resolution(eigenvalues: &[f64]) -> f64 {
    let largest = eigenvalues.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    4.0 * eigenvalues.len() as f64 * f64::EPSILON * largest
}

#[cfg(test)]
mod tests;
