//! What a result of the direction part is made of when it is written out.

use super::{Base, Factor, MOST_PICKED, Outer, Picked, Places, Split, Term, Terms};
use crate::program::ops::{Broadcast, Combine};
use crate::program::{Shape, Value};

/// What a result is written as: a sum of pieces, and of entries of other such sums.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pieces<V = Value> {
    /// The result's, or another one with the same entries in the same order.
    pub shape: Shape,
    pub own: Vec<Piece<V>>,
    pub picked: Vec<Pick<V>>,
}

/// Entries of a sum of pieces.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pick<V = Value> {
    pub shape: Shape,
    pub source: Vec<Piece<V>>,
    pub takes: Vec<Take<V>>,
}

/// factor · coef ∘ what stands at the places; with one coefficient, or one for each.
pub(crate) type Take<V = Value> = (f64, Option<V>, Places);

impl<V> Pick<V> {
    /// Where the entries begin that are taken one after another, and as they are.
    pub fn run(&self) -> Option<usize> {
        match &self.takes[..] {
            [(1.0, None, places)] => places.run,
            _ => None,
        }
    }
}

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

impl<V> Pieces<V> {
    pub fn zero(shape: Shape) -> Self {
        Pieces { shape, own: Vec::new(), picked: Vec::new() }
    }

    /// Whether the result is zero.
    pub fn is_empty(&self) -> bool {
        self.own.is_empty() && self.picked.is_empty()
    }

    /// All summands.
    pub fn all(&self) -> impl Iterator<Item = &Piece<V>> {
        self.own.iter().chain(self.picked.iter().flat_map(|p| &p.source))
    }
}

impl Pieces {
    /// The same by other names, without arrays that do not vary.
    pub fn named(
        self,
        varies: impl Fn(Value) -> bool,
        mut name: impl FnMut(Value) -> usize,
    ) -> Pieces<usize> {
        let kept = |p: &Piece| !matches!(p, Piece::Array(v) if !varies(*v));
        let all = |pieces: Vec<Piece>, name: &mut dyn FnMut(Value) -> usize| -> Vec<Piece<usize>> {
            pieces.into_iter().filter(kept).map(|p| p.map(&mut |v| name(v))).collect()
        };
        let own = all(self.own, &mut name);
        let mut picked = Vec::new();
        for Pick { shape, source, takes } in self.picked {
            let source = all(source, &mut name);
            if !source.is_empty() {
                let takes = takes.into_iter().map(|(f, c, p)| (f, c.map(&mut name), p)).collect();
                picked.push(Pick { shape, source, takes });
            }
        }
        Pieces { shape: self.shape, own, picked }
    }
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
    /// The pieces of a result: what is thin or picked stays so, all else becomes one array.
    pub fn pieces(&mut self, terms: &Terms) -> Pieces {
        if let [Term { factor: 1.0, coef: None, base: Base::Picked(k) }] = terms.list[..]
            && self.picked[k].places.identical()
        {
            let source = self.picked[k].source.clone();
            return self.pieces(&source);
        }
        let mut sources: Vec<(Terms, Vec<Take>)> = Vec::new();
        let mut others = Terms::zero(terms.shape);
        for t in &terms.list {
            let Base::Picked(k) = t.base else {
                others.list.push(*t);
                continue;
            };
            let Picked { source, places, .. } = self.picked[k].clone();
            let known = sources.iter().position(|(known, _)| *known == source);
            if known.is_none() && sources.len() == MOST_PICKED {
                others.list.push(*t);
                continue;
            }
            let coef = t.coef.map(|c| match self.point.shape(c).is_scalar() {
                true => self.import(c),
                false => {
                    let each = self.point.emit(Broadcast::new(terms.shape), &[c]);
                    self.import(each)
                }
            });
            let take = (t.factor, coef, places);
            match known {
                Some(k) => sources[k].1.push(take),
                None => sources.push((source, vec![take])),
            }
        }
        let own = self.summands(&others);
        let picked = sources
            .into_iter()
            .map(|(source, takes)| Pick { shape: source.shape, source: self.summands(&source), takes })
            .collect();
        Pieces { shape: terms.shape, own, picked }
    }

    fn summands(&mut self, terms: &Terms) -> Vec<Piece> {
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
