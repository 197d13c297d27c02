//! What a result of the direction part is made of when it is written out.

use super::{Base, Factor, Outer, Split, Term, Terms};
use crate::program::ops::{Broadcast, Combine};
use crate::program::{Shape, Value};

/// One summand of a result; the values are those of the direction part (or, later, numbers of its outputs).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Piece<V = Value> {
    /// An array with all entries.
    Array(V),
    /// factor · scale · array, with a scalar of the direction and an array of the point.
    Spread { factor: f64, scale: V, array: V },
    /// factor · scale · u vᵀ.
    Outer { factor: f64, scale: Option<V>, u: Vector<V>, v: Vector<V> },
}

/// A factor of an outer product.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Vector<V = Value> {
    /// The unit vector of the place that a number names.
    Unit(V),
    /// The column of a matrix that a number names.
    Column(V, V),
    Entries(V),
}

impl<V: Copy> Piece<V> {
    /// The same of other names for its values.
    pub fn map<W>(self, f: &mut impl FnMut(V) -> W) -> Piece<W> {
        match self {
            Piece::Array(v) => Piece::Array(f(v)),
            Piece::Spread { factor, scale, array } => {
                Piece::Spread { factor, scale: f(scale), array: f(array) }
            }
            Piece::Outer { factor, scale, u, v } => {
                let scale = scale.map(&mut *f);
                Piece::Outer { factor, scale, u: u.map(f), v: v.map(f) }
            }
        }
    }
}

impl<V: Copy> Vector<V> {
    fn map<W>(self, f: &mut impl FnMut(V) -> W) -> Vector<W> {
        match self {
            Vector::Unit(i) => Vector::Unit(f(i)),
            Vector::Column(m, i) => Vector::Column(f(m), f(i)),
            Vector::Entries(x) => Vector::Entries(f(x)),
        }
    }
}

impl Split {
    /// The pieces of a result: what is thin stays so, all else becomes one array.
    pub fn pieces(&mut self, terms: &Terms) -> Vec<Piece> {
        let shape = terms.shape;
        let mut pieces = Vec::new();
        let mut arrays = Terms::zero(shape);
        for t in &terms.list {
            let piece = if self.units { self.piece(t, shape) } else { None };
            match piece {
                Some(piece) => pieces.push(piece),
                None => arrays.list.push(*t),
            }
        }
        if !arrays.list.is_empty() {
            pieces.insert(0, Piece::Array(self.materialize(&arrays)));
        }
        pieces
    }

    fn piece(&mut self, t: &Term, shape: Shape) -> Option<Piece> {
        if let Base::Array(scale) = t.base {
            let full = self.spread(t)?;
            let array = self.point.emit(Broadcast::new(shape), &[full]);
            return Some(Piece::Spread { factor: t.factor, scale, array: self.import(array) });
        }
        let outer = self.resolved(t, shape)?;
        if !self.free(&outer) {
            return None;
        }
        let Outer { factor, coef, thin } = outer;
        let scale = match (coef.map(|c| self.import(c)), thin.scale) {
            (Some(c), Some(s)) => {
                let mut op = Combine::new(Shape::SCALAR);
                op.push(1.0, true);
                Some(self.direction.emit(op, &[c, s]))
            }
            (c, s) => c.or(s),
        };
        Some(Piece::Outer { factor, scale, u: self.written(thin.u), v: self.written(thin.v) })
    }

    fn written(&mut self, f: Factor) -> Vector {
        match f {
            Factor::Unit(p) => Vector::Unit(p.index),
            Factor::Column(m, p) => Vector::Column(self.import(m), p.index),
            Factor::Fixed(w) => Vector::Entries(self.import(w)),
            Factor::Vector(x) => Vector::Entries(x),
        }
    }
}
