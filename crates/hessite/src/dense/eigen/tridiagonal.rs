//! A = QTQᵀ with T tridiagonal, by Householder reflections: half of the work is products of a symmetric matrix with a
//! vector, the other half products of matrices (Dongarra, Hammarling and Sorensen 1989,
//! doi:10.1016/0377-0427(89)90367-1).

use super::super::buffer::Buffer;
use super::super::product::{Part, PartMut, subtract_below};
use super::super::reflectors::{padded, reflection};
use super::super::simd::vectorized;
use super::super::stop::Stop;
use super::super::triangular::{dot, subtract};

/// Columns after which the rest of the matrix is brought up to date.
const PANEL: usize = 32;

/// Reduces the lower triangle of `a`, n columns of `stride` numbers. T has the diagonal `d` and beside it `e`; the
/// [reflection] of column i is left below its diagonal. Left unfinished soon after `stop` is raised.
pub(super) fn reduce(
    a: &mut [f64],
    stride: usize,
    d: &mut [f64],
    e: &mut [f64],
    work: &mut Buffer,
    stop: Stop<'_>,
) {
    let (n, height) = (d.len(), padded(d.len()));
    // V, W and V again, so that both [V W] and [W V] stand there.
    work.resize((3 * height + 2) * PANEL);
    let (pairs, sums) = work.split_at_mut(3 * height * PANEL);
    for first in (0..n).step_by(PANEL) {
        if stop.raised() {
            return;
        }
        let count = PANEL.min(n - first);
        let (v, rest) = pairs.split_at_mut(height * count);
        let w = &mut rest[..height * count];
        for j in 0..count {
            column(a, stride, (first, j), (d, e), (v, w), height, sums);
        }
        let end = first + count;
        if end == n {
            return;
        }
        pairs.copy_within(..height * count, 2 * height * count);
        let (x, y) = (&pairs[..2 * height * count], &pairs[height * count..3 * height * count]);
        let part = |data| Part { data, first: end, row: 1, col: height };
        let c = PartMut { data: a, first: end * (stride + 1), col: stride };
        subtract_below(part(x), part(y), c, (n - end, 2 * count), stop);
    }
}

/// Column `first + j`: what is known so far of the panel's reflections, v and w of the next A − vwᵀ − wvᵀ.
fn column(
    a: &mut [f64],
    stride: usize,
    (first, j): (usize, usize),
    (d, e): (&mut [f64], &mut [f64]),
    (v, w): (&mut [f64], &mut [f64]),
    height: usize,
    sums: &mut [f64],
) {
    let (n, i) = (d.len(), first + j);
    let (along_v, along_w) = sums.split_at_mut(PANEL);
    let own = &mut a[i * stride + i..i * stride + n];
    for c in 0..j {
        (along_v[c], along_w[c]) = (v[c * height + i], w[c * height + i]);
    }
    combine(v, height, i, &along_w[..j], own);
    combine(w, height, i, &along_v[..j], own);
    d[i] = own[0];
    let below = &mut own[1..];
    if below.is_empty() {
        return;
    }
    e[i] = reflection(below);
    let next = i + 1;
    let (v, own_v) = v.split_at_mut(j * height);
    let (w, own_w) = w.split_at_mut(j * height);
    let (own_v, own_w) = (&mut own_v[next..n], &mut own_w[next..n]);
    own_v.copy_from_slice(below);
    own_w.fill(0.0);
    symmetric_times(&a[next * (stride + 1)..], stride, own_v, own_w);
    dots(v, height, next, own_v, &mut along_v[..j]);
    dots(w, height, next, own_v, &mut along_w[..j]);
    combine(v, height, next, &along_w[..j], own_w);
    combine(w, height, next, &along_v[..j], own_w);
    subtract(0.5 * dot(own_v, own_w), own_v, own_w);
}

vectorized! {
    /// y −= Σ factor · column, from row `first` of the columns on.
    fn combine(columns: &[f64], height: usize, first: usize, factors: &[f64], y: &mut [f64]) {
        let n = y.len();
        let column = |c: usize| &columns[c * height + first..][..n];
        let (fours, rest) = factors.as_chunks::<4>();
        for (c, f) in fours.iter().enumerate() {
            let x: [&[f64]; 4] = std::array::from_fn(|q| column(4 * c + q));
            for i in 0..n {
                y[i] -= (f[0] * x[0][i] + f[1] * x[1][i]) + (f[2] * x[2][i] + f[3] * x[3][i]);
            }
        }
        for (c, f) in rest.iter().enumerate() {
            y.iter_mut().zip(column(4 * fours.len() + c)).for_each(|(y, x)| *y -= f * x);
        }
    }
}

vectorized! {
    /// out = columnᵀ x, from row `first` of each column on.
    fn dots(columns: &[f64], height: usize, first: usize, x: &[f64], out: &mut [f64]) {
        let n = x.len();
        let (head, tail) = x.as_chunks::<8>();
        for (c, out) in out.iter_mut().enumerate() {
            let (own, own_tail) = columns[c * height + first..][..n].as_chunks::<8>();
            let mut sums = [0.0; 8];
            for (x, y) in head.iter().zip(own) {
                (0..8).for_each(|l| sums[l] += x[l] * y[l]);
            }
            *out = sums.iter().sum::<f64>() + tail.iter().zip(own_tail).map(|(x, y)| x * y).sum::<f64>();
        }
    }
}

vectorized! {
    /// y += A x for a symmetric A of which the lower triangle is read, four columns at a time.
    fn symmetric_times(a: &[f64], stride: usize, x: &[f64], y: &mut [f64]) {
        let n = x.len();
        let fours = n / 4 * 4;
        for j in (0..fours).step_by(4) {
            let column = |q: usize| &a[(j + q) * stride..][j..n];
            let own: [f64; 4] = std::array::from_fn(|q| x[j + q]);
            // The square on the diagonal.
            for q in 0..4 {
                let column = column(q);
                y[j + q] += column[q] * own[q];
                for p in q + 1..4 {
                    y[j + p] += column[p] * own[q];
                    y[j + q] += column[p] * own[p];
                }
            }
            let mut sums = [[0.0; 4]; 4];
            let (x, x_tail) = x[j + 4..].as_chunks::<4>();
            let columns = [0, 1, 2, 3].map(|q| column(q)[4..].as_chunks::<4>());
            let (y_head, y_tail) = y[j + 4..n].as_chunks_mut::<4>();
            let m = x.len();
            let [c0, c1, c2, c3] = columns.map(|c| &c.0[..m]);
            for i in 0..m {
                let (x, y) = (&x[i], &mut y_head[i]);
                let c = [&c0[i], &c1[i], &c2[i], &c3[i]];
                for l in 0..4 {
                    y[l] += (c[0][l] * own[0] + c[1][l] * own[1]) + (c[2][l] * own[2] + c[3][l] * own[3]);
                    (0..4).for_each(|q| sums[q][l] += c[q][l] * x[l]);
                }
            }
            let mut totals = sums.map(|s| (s[0] + s[1]) + (s[2] + s[3]));
            for (i, (x, y)) in x_tail.iter().zip(y_tail).enumerate() {
                for q in 0..4 {
                    *y += columns[q].1[i] * own[q];
                    totals[q] += columns[q].1[i] * x;
                }
            }
            (0..4).for_each(|q| y[j + q] += totals[q]);
        }
        for j in fours..n {
            y[j] += a[j * (stride + 1)] * x[j];
            for i in j + 1..n {
                y[i] += a[j * stride + i] * x[j];
                y[j] += a[j * stride + i] * x[i];
            }
        }
    }
}
