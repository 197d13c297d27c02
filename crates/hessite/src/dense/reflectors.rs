//! Blocks of Householder reflections, applied by products.
//!
//! Reflections I − vvᵀ with ‖v‖² = 2, or v = 0 for none, have the product H₁H₂…Hₖ = I − VTVᵀ with the inverse of
//! I + the strictly upper triangle of VᵀV as T (Schreiber and Van Loan 1989, doi:10.1137/0910005; Puglisi 1992,
//! doi:10.1137/0913041).

use super::buffer::Buffer;
use super::product::{Part, PartMut, product_of_parts};
use super::stop::Stop;
use super::triangular::{Triangle, invert_lower};

/// A distance of columns at which neighbours do not share the places of the nearest cache.
pub(super) fn padded(rows: usize) -> usize {
    rows.next_multiple_of(8) | 8
}

/// V, column by column, with Tᵀ.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// Columns of `height` numbers; zeros where a reflection leaves rows alone.
    pub v: Buffer,
    pub height: usize,
    pub rows: usize,
    pub count: usize,
    turned: Buffer,
    work: Buffer,
}

impl Block {
    /// Room for `count` reflections of `rows` rows; what V held is of no use then.
    pub fn resize(&mut self, rows: usize, count: usize) {
        (self.rows, self.count, self.height) = (rows, count, padded(rows));
        self.v.resize(self.height * count);
        self.turned.resize(count * count);
    }

    pub fn column(&mut self, k: usize) -> &mut [f64] {
        &mut self.v[k * self.height..][..self.rows]
    }

    /// V from a column and the row of the same number on, where all above is zero.
    fn part(&self, first: usize) -> Part<'_> {
        Part { data: &self.v, first: first * (self.height + 1), row: 1, col: self.height }
    }

    /// Makes T of reflections `first` to `first + count`, which leave the first `first` rows alone.
    pub fn close(&mut self, first: usize, count: usize, stop: Stop<'_>) {
        let mut work = std::mem::take(&mut self.work);
        work.resize(count * count);
        let v = self.part(first);
        let gram = PartMut { data: &mut work, first: 0, col: count };
        product_of_parts(turned(v), v, gram, (count, self.rows - first, count), (1.0, false), stop);
        let lower = Part { data: &work, first: 0, row: count, col: 1 };
        invert_lower(Triangle { part: lower, lower: true, unit: true }, &mut self.turned, count, stop);
        self.work = work;
    }

    /// C ← HᵀC, or HC, for the closed reflections H from `first` on and as many rows of C, in `n` columns.
    pub fn apply(
        &mut self,
        (first, count): (usize, usize),
        transposed: bool,
        c: PartMut<'_>,
        n: usize,
        stop: Stop<'_>,
    ) {
        let mut work = std::mem::take(&mut self.work);
        let stride = padded(count);
        work.resize(2 * stride * n);
        let (inner, outer) = work.split_at_mut(stride * n);
        let (v, rows) = (self.part(first), self.rows - first);
        let own = Part { data: c.data, first: c.first, row: 1, col: c.col };
        let into = PartMut { data: &mut *inner, first: 0, col: stride };
        product_of_parts(turned(v), own, into, (count, rows, n), (1.0, false), stop);
        let inner = Part { data: inner, first: 0, row: 1, col: stride };
        let into = PartMut { data: &mut *outer, first: 0, col: stride };
        product_of_parts(self.factor(count, transposed), inner, into, (count, count, n), (1.0, false), stop);
        let outer = Part { data: outer, first: 0, row: 1, col: stride };
        product_of_parts(v, outer, c, (rows, count, n), (-1.0, true), stop);
        self.work = work;
    }

    /// The first columns of H, of all reflections: I − VTV₁ᵀ with the first rows V₁ of V.
    pub fn columns(&mut self, c: PartMut<'_>, stop: Stop<'_>) {
        let mut work = std::mem::take(&mut self.work);
        let (rows, k) = (self.rows, self.count);
        work.resize(k * k);
        let v = self.part(0);
        let into = PartMut { data: &mut work, first: 0, col: k };
        product_of_parts(self.factor(k, false), turned(v), into, (k, k, k), (1.0, false), stop);
        let outer = Part { data: &work, first: 0, row: 1, col: k };
        let (first, col) = (c.first, c.col);
        let into = PartMut { data: &mut *c.data, first, col };
        product_of_parts(v, outer, into, (rows, k, k), (-1.0, false), stop);
        (0..k).for_each(|j| c.data[first + j * (col + 1)] += 1.0);
        self.work = work;
    }

    /// T, or its transpose.
    fn factor(&self, count: usize, transposed: bool) -> Part<'_> {
        let t = Part { data: &self.turned, first: 0, row: 1, col: count };
        if transposed { t } else { turned(t) }
    }
}

fn turned(p: Part<'_>) -> Part<'_> {
    Part { row: p.col, col: p.row, ..p }
}

/// Makes v of the reflection that brings `x` to its first axis, in place of it, and gives the number there: none where it
/// stands there already.
pub(super) fn reflection(x: &mut [f64]) -> f64 {
    let Some((&mut first, tail)) = x.split_first_mut() else { return 0.0 };
    let beside = super::reduce::norm(tail);
    if beside == 0.0 {
        x.fill(0.0);
        return first;
    }
    let norm = first.hypot(beside);
    // The sign that does not cancel; ‖v‖² = 2 |end| (|end| + |first|).
    let end = if first > 0.0 { -norm } else { norm };
    x[0] -= end;
    let (one, other) = (norm, norm + first.abs());
    let half = one * other;
    if (1e-280..1e280).contains(&half) {
        let scale = half.sqrt().recip();
        x.iter_mut().for_each(|x| *x *= scale);
    } else {
        // Neither factor overflows.
        let (one, other) = (one.sqrt().recip(), other.sqrt().recip());
        x.iter_mut().for_each(|x| *x = *x * one * other);
    }
    end
}
