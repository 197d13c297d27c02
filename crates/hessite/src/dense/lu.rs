//! PA = LU by Gaussian elimination with partial pivoting, and what is made of it.
//!
//! The columns are halved again and again (Toledo 1997, "Locality of reference in LU decomposition with partial
//! pivoting"), so that almost all work is products. A factorisation is one array: the factors in place of A, column by
//! column, then for each step the row that was swapped in, then [`Facts`].

use super::buffer::Buffer;
use super::lanes::{View, ViewMut};
use super::product::{Part, subtract_rows};
use super::reflectors::padded;
use super::simd::vectorized;
use super::stop::Stop;
use super::triangular::{Triangle, invert_lower, solve, solve_rows, subtract};
use std::cell::Cell;
use std::ops::Range;

/// Columns that are eliminated one by one.
const SMALL: usize = 8;

/// Row swaps that go through a column together.
const SWAPS: usize = 32;

/// Numbers after the factors and the permutation.
const FACTS: usize = 3;

/// The length of the factorisation of an n × n matrix.
pub(crate) fn len(n: usize) -> usize {
    n.saturating_mul(n).saturating_add(n).saturating_add(FACTS)
}

/// What is known of a factored matrix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Facts {
    /// An estimate of 1/(‖A‖₁ ‖A⁻¹‖₁); NaN where A has entries that are not finite.
    pub rcond: f64,
    /// The determinant of the permutation.
    pub parity: f64,
    /// The first step whose pivot is zero.
    pub zero_pivot: Option<usize>,
}

impl Facts {
    pub fn numbers(self) -> [f64; FACTS] {
        [self.rcond, self.parity, self.zero_pivot.map_or(-1.0, |k| k as f64)]
    }

    fn of(numbers: &[f64]) -> Self {
        let zero_pivot = (numbers[2] >= 0.0).then_some(numbers[2] as usize);
        Facts { rcond: numbers[0], parity: numbers[1], zero_pivot }
    }

    /// Whether the inverse has no correct digit.
    pub fn singular(self) -> bool {
        self.zero_pivot.is_some() || self.rcond < f64::EPSILON
    }
}

/// A factorisation, read.
#[derive(Clone, Copy)]
pub(crate) struct Factored<'a> {
    pub n: usize,
    pub factors: &'a [f64],
    /// The row that was swapped with row k in step k.
    pub swaps: &'a [f64],
    pub facts: Facts,
}

impl<'a> Factored<'a> {
    /// # Panics
    /// If the array is no factorisation of an n × n matrix.
    pub fn new(data: &'a [f64], n: usize) -> Self {
        let (factors, rest) = data.split_at(n * n);
        let (swaps, facts) = rest.split_at(n);
        Factored { n, factors, swaps, facts: Facts::of(facts) }
    }

    pub fn pivots(self) -> impl Iterator<Item = f64> + 'a {
        (0..self.n).map(move |k| self.factors[k * (self.n + 1)])
    }

    fn lower(self, transposed: bool) -> Triangle<'a> {
        Triangle::new(self.factors, self.n, false, transposed, true)
    }

    fn upper(self, transposed: bool) -> Triangle<'a> {
        Triangle::new(self.factors, self.n, true, transposed, false)
    }
}

/// Factors `a` into `out`. Left unfinished soon after `stop` is raised.
///
/// # Panics
/// If `out` is not as long as the factorisation.
pub(crate) fn factor(a: View<'_>, out: &mut [f64], stop: Stop<'_>) {
    let n = a.rows;
    let (factors, rest) = out[..len(n)].split_at_mut(n * n);
    let swaps = &mut rest[..n];
    swaps.iter_mut().enumerate().for_each(|(k, s)| *s = k as f64);
    if n > 0 {
        let stride = padded(n);
        let mut own = OWN.take();
        own.resize(stride * n);
        for (own, column) in own.chunks_exact_mut(stride).zip(a.data[..n * n].chunks_exact(n)) {
            own[..n].copy_from_slice(column);
        }
        eliminate(&mut own, swaps, (n, stride), 0..n, stop);
        for (own, column) in own.chunks_exact(stride).zip(factors.chunks_exact_mut(n)) {
            column.copy_from_slice(&own[..n]);
        }
        OWN.set(own);
    }
    let norm = if stop.raised() { f64::NAN } else { norm(a.data, n) };
    describe(&mut out[..len(n)], n, norm);
}

/// Writes the facts behind factors and swaps of a matrix with this 1-norm.
pub(crate) fn describe(out: &mut [f64], n: usize, norm: f64) {
    let (factors, rest) = out.split_at_mut(n * n);
    let (swaps, facts) = rest.split_at_mut(n);
    let even = swaps.iter().enumerate().filter(|(k, s)| *k != **s as usize).count() % 2 == 0;
    let zero_pivot = (0..n).find(|k| factors[k * (n + 1)] == 0.0);
    let mut known = Facts { rcond: 0.0, parity: if even { 1.0 } else { -1.0 }, zero_pivot };
    facts.copy_from_slice(&known.numbers());
    known.rcond = rcond(Factored::new(out, n), norm);
    out[n * n + n..].copy_from_slice(&known.numbers());
}

/// Eliminates in these columns of `a`, which are `stride` numbers apart.
fn eliminate(
    a: &mut [f64],
    swaps: &mut [f64],
    (n, stride): (usize, usize),
    cols: Range<usize>,
    stop: Stop<'_>,
) {
    if cols.len() <= SMALL {
        return panel(&mut a[cols.start * stride..cols.end * stride], swaps, (n, stride), cols.start);
    }
    if stop.raised() {
        return;
    }
    let (k, end) = (cols.start, cols.end);
    let middle = k + (cols.len() / 2).next_multiple_of(SMALL);
    eliminate(a, swaps, (n, stride), k..middle, stop);
    swap_rows(&mut a[middle * stride..end * stride], stride, &swaps[k..middle], k);
    let (left, right) = a.split_at_mut(middle * stride);
    let right = &mut right[..(end - middle) * stride];
    let mut rest = ViewMut { data: right, rows: stride, cols: end - middle, lanes: 1 };
    let part = |i: usize| Part { data: left, first: i + k * stride, row: 1, col: stride };
    solve_rows(Triangle { part: part(k), lower: true, unit: true }, &mut rest, k..middle, stop);
    subtract_rows(part(middle), rest, middle..n, k..middle, stop);
    eliminate(a, swaps, (n, stride), middle..end, stop);
    swap_rows(&mut a[k * stride..middle * stride], stride, &swaps[middle..end], middle);
}

/// Eliminates in columns the first of which has its diagonal entry in row `k`.
fn panel(a: &mut [f64], swaps: &mut [f64], (n, stride): (usize, usize), k: usize) {
    for j in 0..a.len() / stride {
        let at = k + j;
        let own = &a[j * stride + at..j * stride + n];
        let size = largest(own);
        let pivot = at + own.iter().position(|x| x.abs() == size).unwrap_or(0);
        swaps[at] = pivot as f64;
        if pivot != at {
            a.chunks_exact_mut(stride).for_each(|c| c.swap(at, pivot));
        }
        let (own, rest) = a[j * stride..].split_at_mut(stride);
        let (diagonal, below) = (own[at], &mut own[at + 1..n]);
        if diagonal != 0.0 {
            divide(below, diagonal);
        }
        for column in rest.chunks_exact_mut(stride) {
            subtract(column[at], below, &mut column[at + 1..n]);
        }
    }
}

/// Swaps row `first + k` with row `swaps[k]`, in this order, in every column.
fn swap_rows(a: &mut [f64], stride: usize, swaps: &[f64], first: usize) {
    for (b, block) in swaps.chunks(SWAPS).enumerate() {
        let mut pairs = [(0, 0); SWAPS];
        for (k, (pair, &s)) in pairs.iter_mut().zip(block).enumerate() {
            *pair = (first + b * SWAPS + k, s as usize);
        }
        for column in a.chunks_exact_mut(stride) {
            pairs[..block.len()].iter().for_each(|&(i, j)| column.swap(i, j));
        }
    }
}

vectorized! {
    /// The largest absolute value; NaN is none.
    pub(super) fn largest(x: &[f64]) -> f64 {
        let (head, tail) = x.as_chunks::<8>();
        let mut most = [0.0_f64; 8];
        for e in head {
            for l in 0..8 {
                most[l] = if e[l].abs() > most[l] { e[l].abs() } else { most[l] };
            }
        }
        most.iter().chain(tail).fold(0.0, |m: f64, x| if x.abs() > m { x.abs() } else { m })
    }
}

vectorized! {
    fn divide(x: &mut [f64], by: f64) {
        x.iter_mut().for_each(|x| *x /= by);
    }
}

vectorized! {
    fn total_size(x: &[f64]) -> f64 {
        let (head, tail) = x.as_chunks::<8>();
        let mut sums = [0.0; 8];
        for e in head {
            for l in 0..8 {
                sums[l] += e[l].abs();
            }
        }
        sums.iter().sum::<f64>() + tail.iter().map(|x| x.abs()).sum::<f64>()
    }
}

/// X ← op(A)⁻¹ X in every lane. Left unfinished soon after `stop` is raised.
pub(crate) fn solve_in_place(f: Factored<'_>, transposed: bool, mut x: ViewMut<'_>, stop: Stop<'_>) {
    if transposed {
        solve(f.upper(true), x.reborrow(), stop);
        solve(f.lower(true), x.reborrow(), stop);
        permute(f, x, true);
    } else {
        permute(f, x.reborrow(), false);
        solve(f.lower(false), x.reborrow(), stop);
        solve(f.upper(false), x, stop);
    }
}

/// Px, or Pᵀx.
fn permute(f: Factored<'_>, x: ViewMut<'_>, back: bool) {
    let k = x.lanes;
    for column in x.data.chunks_exact_mut((x.rows * k).max(1)) {
        let mut swap = |(i, &s): (usize, &f64)| {
            let j = s as usize;
            if i != j {
                // The row swapped in stands further down.
                let (upper, lower) = column.split_at_mut(j * k);
                upper[i * k..(i + 1) * k].swap_with_slice(&mut lower[..k]);
            }
        };
        let steps = f.swaps.iter().enumerate();
        if back { steps.rev().for_each(&mut swap) } else { steps.for_each(&mut swap) }
    }
}

/// A⁻¹ into `out`.
pub(crate) fn inverse(f: Factored<'_>, out: &mut [f64], stop: Stop<'_>) {
    let n = f.n;
    invert_lower(f.lower(false), out, n, stop);
    solve(f.upper(false), ViewMut { data: out, rows: n, cols: n, lanes: 1 }, stop);
    // From the right, swaps are of columns, the last one first.
    for (k, &s) in f.swaps.iter().enumerate().rev() {
        if k != s as usize {
            let (left, right) = out.split_at_mut(s as usize * n);
            left[k * n..(k + 1) * n].swap_with_slice(&mut right[..n]);
        }
    }
}

thread_local! {
    static VECTORS: Cell<Buffer> = Cell::default();
    static OWN: Cell<Buffer> = Cell::default();
}

/// An estimate of 1/(‖A‖₁ ‖A⁻¹‖₁) from a few solutions (Hager 1984; Higham 1988, "FORTRAN codes for estimating the
/// one-norm", algorithm 4.1); seldom off by more than a factor of three, and exact for n ≤ 1.
fn rcond(f: Factored<'_>, norm: f64) -> f64 {
    let n = f.n;
    if n == 0 || f.facts.zero_pivot.is_some() {
        return if n == 0 { 1.0 } else { 0.0 };
    }
    if !norm.is_finite() {
        return f64::NAN;
    }
    let mut buffer = VECTORS.take();
    buffer.resize(2 * n);
    let (x, signs) = buffer.split_at_mut(n);
    let apply = |x: &mut [f64], transposed| {
        solve_in_place(f, transposed, ViewMut { data: x, rows: n, cols: 1, lanes: 1 }, Stop::default());
    };
    let sum = |x: &[f64]| x.iter().map(|x| x.abs()).sum::<f64>();
    x.fill(1.0 / n as f64);
    apply(x, false);
    let mut estimate = sum(x);
    signs.fill(0.0);
    for round in 0..5 {
        let mut same = true;
        for (s, x) in signs.iter_mut().zip(x.iter()) {
            let sign = if *x >= 0.0 { 1.0 } else { -1.0 };
            same &= *s == sign;
            *s = sign;
        }
        if n == 1 || (round > 0 && same) {
            break;
        }
        x.copy_from_slice(signs);
        apply(x, true);
        let largest = (0..n).fold(0, |p, i| if x[i].abs() > x[p].abs() { i } else { p });
        x.fill(0.0);
        x[largest] = 1.0;
        apply(x, false);
        let next = sum(x);
        if next.is_nan() || next <= estimate {
            break;
        }
        estimate = next;
    }
    // A vector of alternating signs and growing size finds what the steps can miss.
    for (i, x) in x.iter_mut().enumerate() {
        let size = 1.0 + i as f64 / (n.max(2) - 1) as f64;
        *x = if i % 2 == 0 { size } else { -size };
    }
    apply(x, false);
    let alternating = 2.0 * sum(x) / (3.0 * n as f64);
    VECTORS.set(buffer);
    1.0 / (norm * if alternating > estimate { alternating } else { estimate })
}

/// ‖A‖₁, NaN where an entry is.
pub(crate) fn norm(a: &[f64], n: usize) -> f64 {
    let sums = a[..n * n].chunks_exact(n.max(1)).map(total_size);
    sums.fold(0.0, |m: f64, s| if s > m || s.is_nan() { s } else { m })
}

#[cfg(test)]
mod tests;
