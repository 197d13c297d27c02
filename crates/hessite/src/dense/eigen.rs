//! Eigenvalues and eigenvectors of symmetric matrices.

use nalgebra::DMatrix;

/// Writes the eigenvectors of (A + Aᵀ)/2 as columns and then its n eigenvalues, in rising order, to `out`: an
/// n × (n + 1) matrix, column-major as `a`. The entry of largest modulus of each eigenvector is positive. NaN where there are none: an entry is not finite.
///
/// # Panics
/// If `a` holds fewer than n² numbers, or `out` other than n² + n.
pub(crate) fn symmetric(a: &[f64], n: usize, out: &mut [f64]) {
    assert!(a.len() >= n * n && out.len() == n * n + n, "sizes of an eigenvalue problem");
    let mean = |i: usize, j: usize| 0.5 * a[i + n * j] + 0.5 * a[j + n * i];
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
    let m = DMatrix::from_fn(n, n, |i, j| mean(i, j) / scale);
    let Some(found) = m.try_symmetric_eigen(f64::EPSILON, 100 * n) else {
        out.fill(f64::NAN);
        return;
    };
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| found.eigenvalues[i].total_cmp(&found.eigenvalues[j]));
    let (vectors, values) = out.split_at_mut(n * n);
    for (k, &from) in order.iter().enumerate() {
        values[k] = found.eigenvalues[from] * scale;
        let column = found.eigenvectors.column(from);
        let sign = if column[column.iamax()] < 0.0 { -1.0 } else { 1.0 };
        for (v, x) in vectors[k * n..(k + 1) * n].iter_mut().zip(column.iter()) {
            *v = sign * x;
        }
    }
}

/// Eigenvalues nearer than this can't be told from each other.
pub(crate) fn resolution(eigenvalues: &[f64]) -> f64 {
    let largest = eigenvalues.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    4.0 * eigenvalues.len() as f64 * f64::EPSILON * largest
}
