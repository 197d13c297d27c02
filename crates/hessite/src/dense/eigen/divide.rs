//! Tridiagonal matrices by halves: each is a block diagonal matrix plus one of rank one, and its eigenvectors are products
//! with those of the halves (Cuppen 1981, doi:10.1007/BF01396757; Gu and Eisenstat 1995, doi:10.1137/S0895479892241287).

use super::super::buffer::Buffer;
use super::super::product::{Part, PartMut, product_of_parts};
use super::super::reflectors::padded;
use super::super::simd::vectorized;
use super::super::stop::Stop;
use super::super::triangular::dot;
use super::rotations::{diagonalize, rotate};
use super::secular;
use std::ops::Range;

/// Blocks that are not halved.
const SMALL: usize = 32;

/// Which rows of an eigenvector are not 0: those of the upper half, both, those of the lower.
const UPPER: u8 = 0;
const BOTH: u8 = 1;
const LOWER: u8 = 2;

/// What is kept between calls.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// Eigenvectors of the halves, brought together.
    halves: Buffer,
    /// Those of the diagonal matrix plus one of rank one.
    vectors: Buffer,
    /// Columns of n numbers: z; of the kept ones eigenvalues, z and new eigenvalues; eigenvalues that stay; scratch.
    numbers: Buffer,
    kinds: Vec<u8>,
    kept: Vec<usize>,
    deflated: Vec<usize>,
    /// Places among the kept, by kind.
    group: Vec<usize>,
}

/// A tridiagonal matrix with diagonal `d` and `e` beside it, whose eigenvalues come in place of the diagonal, and the
/// eigenvectors as columns of `z`, `stride` numbers apart; `order` says where they stand in rising order.
pub(super) struct Problem<'a> {
    pub d: &'a mut [f64],
    pub e: &'a mut [f64],
    pub z: &'a mut [f64],
    pub stride: usize,
    pub order: &'a mut [usize],
    pub work: &'a mut Work,
    pub stop: Stop<'a>,
}

impl Problem<'_> {
    /// False if steps did not converge. Left unfinished soon after the flag is raised.
    pub fn solve(&mut self) -> bool {
        self.z.fill(0.0);
        self.halves(0..self.d.len())
    }

    fn halves(&mut self, block: Range<usize>) -> bool {
        let (n, start) = (block.len(), block.start);
        if self.stop.raised() {
            return true;
        }
        if n <= SMALL {
            let z = &mut self.z[start * (self.stride + 1)..];
            (0..n).for_each(|k| z[k * (self.stride + 1)] = 1.0);
            let d = &mut self.d[block.clone()];
            let beside = &mut self.e[start..block.end - 1];
            let found = diagonalize(d, beside, z, self.stride);
            self.sort(block);
            return found;
        }
        let middle = start + n / 2;
        let beside = self.e[middle - 1];
        self.d[middle - 1] -= beside.abs();
        self.d[middle] -= beside.abs();
        let both = self.halves(start..middle) && self.halves(middle..block.end);
        if both {
            self.merge(block, middle, beside);
        }
        both
    }

    fn sort(&mut self, block: Range<usize>) {
        let order = &mut self.order[block.clone()];
        order.iter_mut().zip(block).for_each(|(o, k)| *o = k);
        order.sort_unstable_by(|&i, &j| self.d[i].total_cmp(&self.d[j]));
    }

    /// The halves' eigenvectors and eigenvalues, with |β|wwᵀ for w = (0 … 1, ±1 … 0) across the middle.
    fn merge(&mut self, block: Range<usize>, middle: usize, beside: f64) {
        self.sort(block.clone());
        let n = block.len();
        let mut numbers = std::mem::take(&mut self.work.numbers);
        numbers.resize(6 * n);
        let (z, rest) = numbers.split_at_mut(n);
        let upper = std::f64::consts::FRAC_1_SQRT_2;
        let lower = upper.copysign(beside);
        for (z, c) in z.iter_mut().zip(block.clone()) {
            let column = &self.z[c * self.stride..];
            *z = if c < middle { upper * column[middle - 1] } else { lower * column[middle] };
        }
        let rho = 2.0 * beside.abs();
        self.deflate(&block, middle, z, rho);
        if !self.work.kept.is_empty() {
            let [d, weights, values, staying, scratch] = columns(rest, n);
            let Work { vectors, kinds, kept, deflated, group, .. } = &mut *self.work;
            let k = kept.len();
            for (g, &c) in kept.iter().enumerate() {
                (d[g], weights[g]) = (self.d[c], z[c - block.start]);
            }
            staying.iter_mut().zip(&*deflated).for_each(|(to, &c)| *to = self.d[c]);
            let upper = by_kind(kinds, block.start, kept, group);
            eigenvectors(&d[..k], &mut weights[..k], &mut values[..k], rho, (vectors, group), scratch);
            self.combine(&block, middle, upper);
            self.d[block.start..][..k].copy_from_slice(&values[..k]);
            self.d[block.start + k..block.end].copy_from_slice(&staying[..n - k]);
        }
        self.sort(block);
        self.work.numbers = numbers;
    }

    /// Finds the eigenvalues that stay: where z is negligible, or two are equal up to rounding and a rotation makes one z of
    /// them 0.
    fn deflate(&mut self, block: &Range<usize>, middle: usize, z: &mut [f64], rho: f64) {
        let (start, stride) = (block.start, self.stride);
        let Work { kinds, kept, deflated, .. } = &mut *self.work;
        kinds.clear();
        kinds.extend(block.clone().map(|c| if c < middle { UPPER } else { LOWER }));
        kept.clear();
        deflated.clear();
        let largest = |x: &[f64]| x.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
        let tolerance = 4.0 * f64::EPSILON * largest(&self.d[block.clone()]).max(largest(z));
        let mut pending: Option<usize> = None;
        for &c in &self.order[block.clone()] {
            if rho * z[c - start].abs() <= tolerance {
                deflated.push(c);
                continue;
            }
            let Some(p) = pending.replace(c) else { continue };
            let (zp, zc, dp, dc) = (z[p - start], z[c - start], self.d[p], self.d[c]);
            let both = zp.hypot(zc);
            let (cos, sin) = (zc / both, -zp / both);
            if ((dc - dp) * cos * sin).abs() > tolerance {
                kept.push(p);
                continue;
            }
            (z[p - start], z[c - start]) = (0.0, both);
            if kinds[p - start] != kinds[c - start] {
                kinds[c - start] = BOTH;
            }
            let (left, right) = self.z.split_at_mut(p.max(c) * stride);
            let left = &mut left[p.min(c) * stride..][block.clone()];
            let right = &mut right[block.clone()];
            let (x, y) = if p < c { (left, right) } else { (right, left) };
            rotate(x, y, cos, sin);
            self.d[p] = dp * cos * cos + dc * sin * sin;
            self.d[c] = dp * sin * sin + dc * cos * cos;
            deflated.push(p);
        }
        kept.extend(pending);
    }

    /// The halves' eigenvectors times those of the middle, then those that stay. `upper` and `both` of the kept ones are
    /// not 0 in the upper half.
    fn combine(&mut self, block: &Range<usize>, middle: usize, (upper, both): (usize, usize)) {
        let Work { halves, vectors, kept, deflated, group, .. } = &mut *self.work;
        let (stride, stop, n, k) = (self.stride, self.stop, block.len(), kept.len());
        let parts = [(block.start..middle, 0..upper + both), (middle..block.end, upper..k)];
        let size = |(rows, some): &(Range<usize>, Range<usize>)| padded(rows.len()) * some.len();
        halves.resize(parts.iter().map(size).sum::<usize>() + n * (n - k));
        let (mut first, mut places) = (0, [0; 2]);
        for ((rows, some), place) in parts.iter().zip(&mut places) {
            *place = first;
            for &g in &group[some.clone()] {
                let from = &self.z[kept[g] * stride..][rows.clone()];
                halves[first..first + rows.len()].copy_from_slice(from);
                first += padded(rows.len());
            }
        }
        let staying = first;
        for (to, &c) in halves[staying..].chunks_exact_mut(n).zip(&*deflated) {
            to.copy_from_slice(&self.z[c * stride..][block.clone()]);
        }
        for ((rows, some), place) in parts.into_iter().zip(places) {
            let a = Part { data: halves, first: place, row: 1, col: padded(rows.len()) };
            let b = Part { data: vectors, first: some.start, row: 1, col: padded(k) };
            let c = PartMut { data: self.z, first: rows.start + block.start * stride, col: stride };
            product_of_parts(a, b, c, (rows.len(), some.len(), k), (1.0, false), stop);
        }
        for (from, c) in halves[staying..].chunks_exact(n).zip(block.start + k..) {
            self.z[c * stride..][block.clone()].copy_from_slice(from);
        }
    }
}

fn columns<const N: usize>(numbers: &mut [f64], n: usize) -> [&mut [f64]; N] {
    let mut columns = numbers.chunks_exact_mut(n);
    std::array::from_fn(|_| columns.next().unwrap_or_default())
}

/// Puts the places among the kept eigenvalues in the order of kinds; how many are of the first two.
fn by_kind(kinds: &[u8], start: usize, kept: &[usize], group: &mut Vec<usize>) -> (usize, usize) {
    group.clear();
    let counts = [UPPER, BOTH, LOWER].map(|wanted| {
        let before = group.len();
        group.extend((0..kept.len()).filter(|&g| kinds[kept[g] - start] == wanted));
        group.len() - before
    });
    (counts[0], counts[1])
}

/// Eigenvalues and eigenvectors of diag(d) + ρzzᵀ, with rows in the order of `group`. z is fitted to the eigenvalues found,
/// of which they are exact: so the vectors are orthogonal whatever the gaps.
fn eigenvectors(
    d: &[f64],
    z: &mut [f64],
    values: &mut [f64],
    rho: f64,
    (vectors, group): (&mut Buffer, &[usize]),
    scratch: &mut [f64],
) {
    let (k, height) = (d.len(), padded(d.len()));
    vectors.resize(height * k);
    for (i, (value, distances)) in values.iter_mut().zip(vectors.chunks_exact_mut(height)).enumerate() {
        *value = secular::root(i, d, z, rho, &mut distances[..k]);
    }
    let fitted = &mut scratch[..k];
    fitted.fill(-1.0);
    for (i, distances) in vectors.chunks_exact(height).enumerate() {
        let (above, below) = fitted.split_at_mut(i);
        times_ratios(above, &distances[..i], &d[..i], d[i]);
        below[0] *= distances[i];
        times_ratios(&mut below[1..], &distances[i + 1..k], &d[i + 1..], d[i]);
    }
    z.iter_mut().zip(fitted.iter()).for_each(|(z, w)| *z = w.max(0.0).sqrt().copysign(*z));
    for distances in vectors.chunks_exact_mut(height) {
        let own = &mut scratch[..k];
        let scale = quotients(z, &distances[..k], own).sqrt().recip();
        distances.iter_mut().zip(group).for_each(|(to, &g)| *to = scale * own[g]);
    }
}

vectorized! {
    /// product *= distance / (d − origin).
    fn times_ratios(products: &mut [f64], distances: &[f64], d: &[f64], origin: f64) {
        for ((p, x), d) in products.iter_mut().zip(distances).zip(d) {
            *p *= x / (d - origin);
        }
    }
}

vectorized! {
    /// out = z / distance; the sum of squares.
    fn quotients(z: &[f64], distances: &[f64], out: &mut [f64]) -> f64 {
        for ((out, z), x) in out.iter_mut().zip(z).zip(distances) {
            *out = z / x;
        }
        dot(out, out)
    }
}
