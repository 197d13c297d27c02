//! The two parts of a linear program: what is computed once for a point, and what for each direction.
//!
//! A value of the direction part is kept as a sum of [`Term`]s, factor · coefficient ∘ base, for as long as its
//! consumers can work with that; coefficients live in the point part. So a∘(b∘t) becomes (a∘b)∘t, t + t becomes
//! 2t, and an operation that is linear may act on the terms one by one instead of on their sum.
//!
//! When the directions are unit matrices, bases are *thin* ([`Thin`]): outer products u vᵀ whose factors are unit
//! vectors, columns of point matrices or vectors. They cost next to nothing until an operation needs them as arrays.

mod factor;
mod picked;
mod pieces;
mod thin;

use super::ops::{Combine, Op};
use super::{Builder, Program, Shape, Value};
pub(crate) use factor::{Factor, Place};
use picked::Picked;
pub(crate) use picked::Places;
pub(crate) use pieces::{Pick, Piece, Pieces, Vector};
use smallvec::{SmallVec, smallvec};
use std::collections::HashMap;
pub(crate) use thin::{Outer, Thin};

/// factor · coef ∘ base, with `coef` a value of the point part; it may be smaller than the array that it stands
/// for, and is then repeated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Term {
    pub factor: f64,
    pub coef: Option<Value>,
    pub base: Base,
}

/// What varies with the direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Base {
    /// A value of the direction part, repeated if it is smaller.
    Array(Value),
    Thin(Thin),
    /// Entries of other terms, by their number in [`Split`].
    Picked(usize),
}

impl Term {
    pub fn of(base: Base) -> Self {
        Term { factor: 1.0, coef: None, base }
    }

    pub fn scaled(self, factor: f64) -> Self {
        Term { factor: factor * self.factor, ..self }
    }

    pub fn is_thin(&self) -> bool {
        matches!(self.base, Base::Thin(_))
    }
}

/// A sum of terms; none at all is zero.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Terms {
    pub shape: Shape,
    pub list: SmallVec<[Term; 1]>,
}

impl Terms {
    pub fn zero(shape: Shape) -> Self {
        Terms { shape, list: SmallVec::new() }
    }

    pub fn one(shape: Shape, term: Term) -> Self {
        Terms { shape, list: smallvec![term] }
    }

    /// A value of the direction part, repeated if it is smaller.
    pub fn base(shape: Shape, base: Value) -> Self {
        Terms::one(shape, Term::of(Base::Array(base)))
    }

    /// The value that these terms already are, if they are just one.
    fn plain(&self, direction: &Builder) -> Option<Value> {
        match self.list[..] {
            [Term { factor: 1.0, coef: None, base: Base::Array(v) }] if direction.shape(v) == self.shape => {
                Some(v)
            }
            _ => None,
        }
    }
}

/// An argument of an instruction of the direction part.
#[derive(Clone, Debug)]
pub(crate) enum Side {
    /// Known once the point is.
    Point(Value),
    Lanes(Terms),
}

/// As many terms become an array of their own.
pub(crate) const MOST_TERMS: usize = 8;
/// The same where they are merely written out, or rearranged before.
pub(crate) const MOST_WRITTEN: usize = 16;
/// The sums of which a result takes entries, at most.
pub(crate) const MOST_PICKED: usize = 4;

/// The two parts, while they are made.
pub(crate) struct Split {
    pub point: Builder,
    pub direction: Builder,
    imports: HashMap<Value, Value>,
    /// The point value behind each input of the direction part that follows the lanes.
    pub imported: Vec<Value>,
    picked: Vec<Picked>,
    /// For how many directions a point is expected to serve: what hoisting may cost.
    pub directions: usize,
    /// The directions are unit matrices, and results may be written out piece by piece.
    pub units: bool,
}

impl Split {
    /// The point part goes on from `program`; `lanes` are the shapes that come per direction.
    pub fn new(program: Program, lanes: &[Shape], directions: usize, units: bool) -> (Self, Vec<Value>) {
        let mut direction = Builder::default();
        let inputs = lanes.iter().map(|&s| direction.input(s)).collect();
        let point = Builder::extend(program);
        let (imports, imported, picked) = (HashMap::new(), Vec::new(), Vec::new());
        (Split { point, direction, imports, imported, picked, directions, units }, inputs)
    }

    /// The input of the direction part that stands for a point value.
    pub fn import(&mut self, v: Value) -> Value {
        if let Some(&known) = self.imports.get(&v) {
            return known;
        }
        let shape = self.point.shape(v);
        // A constant needs no import.
        let here = match self.point.uniform(v) {
            Some(x) => self.direction.fill(shape, x),
            None => {
                self.imported.push(v);
                self.direction.input(shape)
            }
        };
        self.imports.insert(v, here);
        here
    }

    /// One array of the direction part.
    pub fn materialize(&mut self, terms: &Terms) -> Value {
        if let Some(v) = terms.plain(&self.direction) {
            return v;
        }
        let mut total: Option<Value> = None;
        for list in terms.list.chunks(MOST_TERMS - 1) {
            let first = total.map(|v| Term::of(Base::Array(v)));
            let list: SmallVec<[Term; 8]> = first.into_iter().chain(list.iter().copied()).collect();
            total = Some(self.combine(terms.shape, &list));
        }
        total.unwrap_or_else(|| self.direction.fill(terms.shape, 0.0))
    }

    fn combine(&mut self, shape: Shape, list: &[Term]) -> Value {
        let mut args: SmallVec<[Value; 16]> = SmallVec::new();
        let mut op = Combine::new(shape);
        for t in list {
            let (coef, base) = match t.base {
                Base::Array(v) => (t.coef.map(|c| self.import(c)), v),
                Base::Thin(thin) => self.outer(t, thin, shape),
                Base::Picked(k) => (t.coef.map(|c| self.import(c)), self.picked_array(k)),
            };
            args.extend(coef);
            args.push(base);
            op.push(t.factor, coef.is_some());
        }
        self.direction.emit(op, &args)
    }

    /// c ∘ (u vᵀ) as coefficient and base of a combination: a column and a row, or an array where c is one.
    fn outer(&mut self, t: &Term, thin: Thin, shape: Shape) -> (Option<Value>, Value) {
        let (column, row) = self.column_and_row(thin, shape);
        let Some(c) = t.coef else { return (Some(column), row) };
        // What is repeated along one dimension is so as it stands.
        let same = |s: &Self, f: Factor| matches!(f, Factor::Fixed(w) if s.point.uniform(w) == Some(1.0));
        if same(self, thin.v) {
            return (Some(self.import(c)), column);
        }
        if same(self, thin.u) && thin.scale.is_none() {
            return (Some(self.import(c)), row);
        }
        let mut op = Combine::new(shape);
        op.push(1.0, true);
        let product = self.direction.emit(op, &[column, row]);
        (Some(self.import(c)), product)
    }

    /// The operation as it stands, on arrays.
    pub fn opaque(&mut self, op: impl Into<Op>, args: &[Side], shape: Shape) -> Terms {
        let args: SmallVec<[Value; 4]> = args
            .iter()
            .map(|a| match a {
                Side::Point(v) => self.import(*v),
                Side::Lanes(t) => self.materialize(t),
            })
            .collect();
        Terms::base(shape, self.direction.emit(op, &args))
    }

    /// Σ factorₖ · termsₖ, repeated to `shape`.
    pub fn sum(&mut self, parts: &[(f64, &Terms)], shape: Shape) -> Terms {
        let mut list: SmallVec<[Term; 1]> = SmallVec::new();
        for (factor, terms) in parts {
            for t in &terms.list {
                self.add_term(&mut list, t.scaled(*factor));
            }
        }
        Terms { shape, list }
    }

    fn add_term(&mut self, list: &mut SmallVec<[Term; 1]>, t: Term) {
        let Some(same) = list.iter_mut().find(|s| s.base == t.base) else {
            list.push(t);
            return;
        };
        if same.coef == t.coef {
            same.factor += t.factor;
            return;
        }
        let b = &mut self.point;
        let [p, q] = [&*same, &t].map(|t| match t.coef {
            Some(c) => b.scale(t.factor, c),
            None => b.constant(t.factor),
        });
        let coef = b.add(p, q);
        *same = Term { factor: 1.0, coef: Some(coef), base: t.base };
    }

    /// coef ∘ terms.
    pub fn multiply(&mut self, coef: Value, terms: &Terms, shape: Shape) -> Terms {
        let gathered = self.gathered(coef, terms);
        let b = &mut self.point;
        let list = gathered
            .list
            .iter()
            .map(|t| match b.uniform(coef) {
                Some(x) => t.scaled(x),
                None => Term { coef: Some(t.coef.map_or(coef, |c| b.mul(coef, c))), ..*t },
            })
            .collect();
        Terms { shape, list }
    }

    /// The terms with products that one array is to multiply added up first: each is then added where the one before
    /// stands, and the array is read once.
    fn gathered(&mut self, coef: Value, terms: &Terms) -> Terms {
        let full = terms.shape;
        let product = |t: &Term| match t.base {
            Base::Array(v) if t.coef.is_none() && self.direction.shape(v) == full => {
                let op = &self.direction.instr(v).op;
                op.accumulates() && op.as_combine().is_none()
            }
            _ => false,
        };
        let (products, others): (SmallVec<[Term; 1]>, SmallVec<[Term; 1]>) =
            terms.list.iter().copied().partition(product);
        if products.len() < 2 || self.point.shape(coef).is_scalar() {
            return terms.clone();
        }
        let sum = self.combine(full, &products);
        let list = others.into_iter().chain([Term::of(Base::Array(sum))]).collect();
        Terms { shape: full, list }
    }

    /// A linear operation on the terms: `each` acts on those that it knows, the others are added up for `rest`.
    pub fn termwise(
        &mut self,
        terms: &Terms,
        shape: Shape,
        mut each: impl FnMut(&mut Self, &Term) -> Option<Terms>,
        rest: impl FnOnce(&mut Self, &Terms) -> Terms,
    ) -> Terms {
        let mut parts: SmallVec<[Terms; 4]> = SmallVec::new();
        let mut left = Terms::zero(terms.shape);
        for t in &terms.list {
            match each(self, t) {
                Some(done) => parts.push(done),
                None => left.list.push(*t),
            }
        }
        if !left.list.is_empty() {
            parts.push(rest(self, &left));
        }
        let parts: SmallVec<[(f64, &Terms); 4]> = parts.iter().map(|p| (1.0, p)).collect();
        self.sum(&parts, shape)
    }

    /// The point array that a scalar of the direction multiplies, where hoisting an operation on it pays.
    pub fn spread(&self, t: &Term) -> Option<Value> {
        match t.base {
            Base::Array(v) if self.many() && self.direction.shape(v).is_scalar() => t.coef,
            _ => None,
        }
    }

    /// Whether enough directions are expected to pay for further work at the point.
    pub fn many(&self) -> bool {
        self.directions >= 8
    }
}

/// Seeing through what a base of the direction part is made of.
impl Split {
    /// The point value that an input of the direction part stands for.
    pub fn point_of(&self, v: Value) -> Option<Value> {
        let k = self.direction.instr(v).op.as_input()?;
        let lanes = self.direction.program().inputs.len() - self.imported.len();
        k.checked_sub(lanes).map(|k| self.imported[k])
    }

    /// ⟨W, B·t⟩ = ⟨BᵀW, t⟩: if `base` is a product with one point side, its adjoint applied to W, and t; `None`
    /// when the point's product would not be paid back.
    pub fn pull_back(&mut self, weight: Value, base: Value) -> Option<(Value, Value)> {
        let made = self.direction.instr(base).clone();
        let point: SmallVec<[Option<Value>; 3]> = made.args.iter().map(|&a| self.point_of(a)).collect();
        let mut moving = (0..point.len()).filter(|&j| point[j].is_none());
        let (Some(j), None) = (moving.next(), moving.next()) else { return None };
        let inner = made.args[j];
        let shapes: SmallVec<[Shape; 3]> = made.args.iter().map(|&a| self.direction.shape(a)).collect();
        // Paid back only if the product itself is not needed then, which the passes find out later.
        if !self.many() || made.op.flops(&shapes, made.shape) == 0 {
            return None;
        }
        // The rule reads shapes of its arguments alone: any value of the right shape stands for the moving one.
        let stand_in = self.point.fill(shapes[j], 0.0);
        let args: SmallVec<[Value; 3]> = point.iter().map(|p| p.unwrap_or(stand_in)).collect();
        let at = super::ops::At { args: &args, result: weight };
        let adjoint = made.op.transpose(&mut self.point, at, j, weight)?;
        Some((adjoint, inner))
    }
}
