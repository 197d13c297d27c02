//! Small tridiagonal matrices by implicit QL steps.

use super::super::simd::vectorized;

/// Steps for an eigenvalue; a few are enough.
const STEPS: usize = 60;

/// The eigenvalues of the tridiagonal matrix with this diagonal and `e` beside it, in place of the diagonal and in no
/// order. Columns of `z`, `stride` numbers apart, are turned with the basis in the rows that stand there. False where the
/// steps do not converge.
pub(super) fn diagonalize(d: &mut [f64], e: &mut [f64], z: &mut [f64], stride: usize) -> bool {
    let n = d.len();
    for l in 0..n {
        let mut steps = 0;
        loop {
            let split = |m: &usize| e[*m].abs() <= 0.5 * f64::EPSILON * (d[*m].abs() + d[*m + 1].abs());
            let m = (l..n - 1).find(split).unwrap_or(n - 1);
            if m == l {
                break;
            }
            if steps == STEPS {
                return false;
            }
            steps += 1;
            step(d, e, z, stride, l, m);
        }
    }
    true
}

/// √(x² + y²).
fn length(x: f64, y: f64) -> f64 {
    let squares = x * x + y * y;
    if (1e-280..1e280).contains(&squares) { squares.sqrt() } else { x.hypot(y) }
}

/// One step on rows l to m, between which no entry beside the diagonal is negligible.
fn step(d: &mut [f64], e: &mut [f64], z: &mut [f64], stride: usize, l: usize, m: usize) {
    if let Some(negligible) = e.get_mut(m) {
        *negligible = 0.0;
    }
    // Wilkinson's shift.
    let g = (d[l + 1] - d[l]) / (2.0 * e[l]);
    let n = d.len();
    let mut g = d[m] - d[l] + e[l] / (g + length(g, 1.0).copysign(g));
    let (mut s, mut c, mut p) = (1.0, 1.0, 0.0);
    for i in (l..m).rev() {
        let (f, b) = (s * e[i], c * e[i]);
        let r = length(f, g);
        if i + 1 < m {
            e[i + 1] = r;
        }
        if r == 0.0 {
            // The matrix has fallen apart.
            d[i + 1] -= p;
            return;
        }
        (s, c) = (f / r, g / r);
        g = d[i + 1] - p;
        let t = (d[i] - g) * s + 2.0 * c * b;
        p = s * t;
        d[i + 1] = g + p;
        g = c * t - b;
        let (left, right) = z.split_at_mut((i + 1) * stride);
        rotate(&mut left[i * stride..][..n], &mut right[..n], c, -s);
    }
    d[l] -= p;
    e[l] = g;
}

vectorized! {
    /// (x, y) ← (c x + s y, c y − s x).
    pub(super) fn rotate(x: &mut [f64], y: &mut [f64], c: f64, s: f64) {
        for (x, y) in x.iter_mut().zip(y) {
            (*x, *y) = (c * *x + s * *y, c * *y - s * *x);
        }
    }
}
