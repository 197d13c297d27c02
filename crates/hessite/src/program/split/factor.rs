//! The factors of thin terms: vectors that a direction names without computing anything.

use super::Split;
use crate::program::ops::{
    Diagonal, Dot, FromDiagonal, Matmul, Op, PickColumn, PickEntry, Slice, Transpose, Unit,
};
use crate::program::{Shape, Value, scalar};
use smallvec::SmallVec;
use std::sync::Arc;

/// A place among `from..to` that the direction names: a 1×1 value of the direction part that holds its number, or
/// NaN for no place at all, where what is picked is zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Place {
    pub index: Value,
    pub from: usize,
    pub to: usize,
}

impl Place {
    /// The same place counted from `first` on, among `n`; `None` where it can't be.
    pub fn within(self, s: &mut Split, first: usize, n: usize) -> Option<Place> {
        let (from, to) = (self.from.saturating_sub(first), self.to.saturating_sub(first).min(n));
        if from >= to {
            return None;
        }
        let inside = self.from >= first && self.to <= first + n;
        let place = Place { index: self.shifted(s, -(first as f64)), from, to };
        Some(if inside { place } else { Place { index: only(s, place.index, n), ..place } })
    }

    /// The same place counted from `first` before.
    pub fn beyond(self, s: &mut Split, first: usize) -> Place {
        Place { index: self.shifted(s, first as f64), from: self.from + first, to: self.to + first }
    }

    /// The place that a table names for this one, among `n`; `None` where it names none for any.
    pub fn through(self, s: &mut Split, table: &[Option<usize>], n: usize) -> Option<Place> {
        let images = || table.iter().take(self.to).skip(self.from).flatten();
        let (from, to) = (*images().min()?, images().max()? + 1);
        // Counted from 1 on, for what lies nowhere is picked as 0.
        let entries: Arc<[f64]> = table.iter().map(|t| t.map_or(0.0, |k| k as f64 + 1.0)).collect();
        let table = s.point.data(Shape::new(entries.len(), 1), entries);
        let table = s.import(table);
        let b = &mut s.direction;
        let (zero, one) = (b.constant(0.0), b.constant(1.0));
        let found = b.emit(PickEntry, &[table, self.index, zero]);
        let index = b.map(&scalar::SUB, &[found, one]);
        Some(Place { index: only(s, index, n), from, to })
    }

    fn shifted(self, s: &mut Split, by: f64) -> Value {
        let by = s.direction.constant(by);
        s.direction.add(self.index, by)
    }
}

/// The index, or NaN where it is not one of `n`.
fn only(s: &mut Split, index: Value, n: usize) -> Value {
    let b = &mut s.direction;
    let (zero, end, nowhere) = (b.constant(0.0), b.constant(n as f64), b.constant(f64::NAN));
    let (low, high) = (b.map(&scalar::AT_LEAST, &[index, zero]), b.map(&scalar::BELOW, &[index, end]));
    let valid = b.mul(low, high);
    let not = b.map(&scalar::IS_ZERO, &[valid]);
    let (index, nowhere) = (b.gate(valid, index), b.gate(not, nowhere));
    b.add(index, nowhere)
}

/// A vector of a thin term.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Factor {
    /// The unit vector of a place.
    Unit(Place),
    /// The column of a point matrix at a place.
    Column(Value, Place),
    /// A vector of the point, the same for all directions.
    Fixed(Value),
    /// A vector of the direction part.
    Vector(Value),
}

/// A scalar of a direction: the product of what is there.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Scale {
    /// A 1×1 value of the point.
    pub coef: Option<Value>,
    /// A 1×1 value of the direction part.
    pub lanes: Option<Value>,
}

impl Split {
    /// The transpose of a point array.
    pub fn transposed(&mut self, a: Value) -> Value {
        self.point.emit(Transpose, &[a])
    }

    /// The factor as an n×1 value of the direction part.
    pub fn vector(&mut self, f: Factor, n: usize) -> Value {
        match f {
            Factor::Unit(p) => self.direction.emit(Unit { len: n }, &[p.index]),
            Factor::Column(m, p) => {
                let m = self.import(m);
                self.direction.emit(PickColumn, &[m, p.index])
            }
            Factor::Fixed(w) => self.import(w),
            Factor::Vector(x) => x,
        }
    }

    /// op(A)·f for a point matrix A.
    pub fn apply(&mut self, a: Value, ta: bool, f: Factor) -> Factor {
        let product = Matmul { ta, tb: false };
        match f {
            Factor::Unit(p) => Factor::Column(if ta { self.transposed(a) } else { a }, p),
            // The product of the point serves all its columns.
            Factor::Column(m, p) if self.point.shape(m).cols <= self.directions => {
                Factor::Column(self.point.emit(product, &[a, m]), p)
            }
            Factor::Fixed(w) => Factor::Fixed(self.point.emit(product, &[a, w])),
            Factor::Column(..) | Factor::Vector(_) => {
                let (a, x) = (self.import(a), self.vector(f, 0));
                Factor::Vector(self.direction.emit(product, &[a, x]))
            }
        }
    }

    /// The image of f, of length n, under an operation that is linear in its last argument and acts on its columns;
    /// the other arguments are the point's.
    pub fn image(&mut self, op: &Op, fixed: &[Value], f: Factor, n: usize) -> Factor {
        let with = |x: Value| fixed.iter().copied().chain([x]).collect::<SmallVec<[Value; 4]>>();
        match f {
            // The image of the point's matrix serves all its columns.
            Factor::Unit(p) if n <= self.directions => {
                let ones = self.point.fill(Shape::new(n, 1), 1.0);
                let identity = self.point.emit(FromDiagonal, &[ones]);
                Factor::Column(self.point.emit(op.clone(), &with(identity)), p)
            }
            Factor::Column(m, p) if self.point.shape(m).cols <= self.directions => {
                Factor::Column(self.point.emit(op.clone(), &with(m)), p)
            }
            Factor::Fixed(w) => Factor::Fixed(self.point.emit(op.clone(), &with(w))),
            _ => {
                let x = self.vector(f, n);
                let args: SmallVec<[Value; 4]> = fixed.iter().map(|&v| self.import(v)).chain([x]).collect();
                Factor::Vector(self.direction.emit(op.clone(), &args))
            }
        }
    }

    /// f∘g, as a scalar and a vector of length n.
    pub fn hadamard(&mut self, f: Factor, g: Factor, n: usize) -> (Scale, Factor) {
        use Factor::*;
        match (f, g) {
            (Unit(_), other) | (other, Unit(_)) => {
                let unit = if matches!(f, Unit(_)) { f } else { g };
                (self.inner(unit, other, n), unit)
            }
            (Fixed(v), Fixed(w)) => (Scale::default(), Fixed(self.point.mul(v, w))),
            (Fixed(w), Column(m, p)) | (Column(m, p), Fixed(w)) => {
                (Scale::default(), Column(self.point.mul(w, m), p))
            }
            (Column(m, p), Column(q, r)) if p == r && self.point.shape(m) == self.point.shape(q) => {
                (Scale::default(), Column(self.point.mul(m, q), p))
            }
            _ => {
                let (x, y) = (self.vector(f, n), self.vector(g, n));
                (Scale::default(), Vector(self.direction.mul(x, y)))
            }
        }
    }

    /// fᵀg for vectors of length n.
    pub fn inner(&mut self, f: Factor, g: Factor, n: usize) -> Scale {
        use Factor::*;
        match (f, g) {
            (Fixed(v), Fixed(w)) => Scale { coef: Some(self.point.emit(Dot, &[v, w])), lanes: None },
            (Unit(p), Column(m, q)) | (Column(m, q), Unit(p)) => self.entry(m, p, q),
            (Column(m, p), Column(o, q)) if self.cheap(m, o) => {
                let both = self.point.emit(Matmul { ta: true, tb: false }, &[m, o]);
                self.entry(both, p, q)
            }
            (Column(m, p), Fixed(w)) | (Fixed(w), Column(m, p)) => {
                let all = self.point.emit(Matmul { ta: true, tb: false }, &[m, w]);
                self.element(all, p)
            }
            (Unit(p), Fixed(w)) | (Fixed(w), Unit(p)) => self.element(w, p),
            (Unit(p), other) | (other, Unit(p)) => {
                let x = self.vector(other, n);
                let zero = self.direction.constant(0.0);
                Scale { coef: None, lanes: Some(self.direction.emit(PickEntry, &[x, p.index, zero])) }
            }
            _ => {
                let (x, y) = (self.vector(f, n), self.vector(g, n));
                Scale { coef: None, lanes: Some(self.direction.emit(Dot, &[x, y])) }
            }
        }
    }

    /// Whether the product of these point matrices costs no more than one for each direction.
    fn cheap(&self, m: Value, o: Value) -> bool {
        let (m, o) = (self.point.shape(m).cols, self.point.shape(o).cols);
        m.saturating_mul(o) <= self.directions.saturating_mul(2)
    }

    /// Entry (p, q) of a point matrix.
    fn entry(&mut self, m: Value, p: Place, q: Place) -> Scale {
        if p == q {
            let diagonal = self.point.try_emit(Diagonal, &[m]);
            if let Ok(diagonal) = diagonal {
                return self.element(diagonal, p);
            }
        }
        let m = self.import(m);
        Scale { coef: None, lanes: Some(self.direction.emit(PickEntry, &[m, p.index, q.index])) }
    }

    /// Entry p of a point vector.
    fn element(&mut self, w: Value, p: Place) -> Scale {
        let (w, zero) = (self.import(w), self.direction.constant(0.0));
        Scale { coef: None, lanes: Some(self.direction.emit(PickEntry, &[w, p.index, zero])) }
    }

    /// Entries `first..first + n` of a factor; `None` where they are zero.
    pub fn part(&mut self, f: Factor, first: usize, n: usize) -> Option<Factor> {
        let rows = |cols| Slice { row: first, col: 0, rows: n, cols };
        Some(match f {
            Factor::Unit(p) => Factor::Unit(p.within(self, first, n)?),
            Factor::Column(m, p) => {
                let cols = self.point.shape(m).cols;
                Factor::Column(self.point.emit(rows(cols), &[m]), p)
            }
            Factor::Fixed(w) => Factor::Fixed(self.point.emit(rows(1), &[w])),
            Factor::Vector(x) => Factor::Vector(self.direction.emit(rows(1), &[x])),
        })
    }

    /// A factor as entries `first..` of a vector of length `n` that is zero elsewhere.
    pub fn padded(&mut self, f: Factor, first: usize, n: usize) -> Factor {
        let pad = |cols| Op::from(crate::program::ops::Pad { row: first, col: 0, rows: n, cols });
        match f {
            Factor::Unit(p) => Factor::Unit(p.beyond(self, first)),
            Factor::Column(m, p) => {
                let cols = self.point.shape(m).cols;
                Factor::Column(self.point.emit(pad(cols), &[m]), p)
            }
            Factor::Fixed(w) => Factor::Fixed(self.point.emit(pad(1), &[w])),
            Factor::Vector(x) => Factor::Vector(self.direction.emit(pad(1), &[x])),
        }
    }

    /// A factor of length `n` under a linear operation on columns, `op` acting on a matrix column by column.
    pub fn column_by_column(&mut self, op: impl Into<Op>, f: Factor, n: usize) -> Factor {
        let op = op.into();
        match f {
            // The images of all unit vectors serve every direction, and are made one by one, not in lanes.
            Factor::Unit(p) if n.saturating_mul(4) <= self.directions => {
                let ones = self.point.fill(Shape::new(n, 1), 1.0);
                let identity = self.point.emit(FromDiagonal, &[ones]);
                Factor::Column(self.point.emit(op, &[identity]), p)
            }
            Factor::Column(m, p) if self.point.shape(m).cols <= self.directions => {
                Factor::Column(self.point.emit(op, &[m]), p)
            }
            Factor::Fixed(w) => Factor::Fixed(self.point.emit(op, &[w])),
            _ => {
                let x = self.vector(f, n);
                Factor::Vector(self.direction.emit(op, &[x]))
            }
        }
    }

    /// The vector of n ones.
    pub fn ones(&mut self, n: usize) -> Factor {
        Factor::Fixed(self.point.fill(Shape::new(n, 1), 1.0))
    }
}
