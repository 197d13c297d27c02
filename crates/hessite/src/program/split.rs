//! The two parts of a linear program: what is computed once for a point, and what for each direction.
//!
//! A value of the direction part is kept as a sum of [`Term`]s, factor · coefficient ∘ base, for as long as its
//! consumers can work with that; coefficients live in the point part. So a∘(b∘t) becomes (a∘b)∘t, t + t becomes
//! 2t, and an operation that is linear may act on the terms one by one instead of on their sum.

use super::ops::{Combine, Op};
use super::{Builder, Program, Shape, Value};
use smallvec::{SmallVec, smallvec};
use std::collections::HashMap;

/// factor · coef ∘ base, with `coef` a value of the point part and `base` one of the direction part; both may be
/// smaller than the array that they stand for, and are then repeated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Term {
    pub factor: f64,
    pub coef: Option<Value>,
    pub base: Value,
}

/// A sum of terms.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    pub shape: Shape,
    pub list: SmallVec<[Term; 2]>,
}

impl Terms {
    pub fn base(shape: Shape, base: Value) -> Self {
        Terms { shape, list: smallvec![Term { factor: 1.0, coef: None, base }] }
    }

    /// The value that these terms already are, if they are just one.
    fn plain(&self, direction: &Builder) -> Option<Value> {
        match self.list[..] {
            [Term { factor: 1.0, coef: None, base }] if direction.shape(base) == self.shape => Some(base),
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

/// More terms than this become an array of their own.
pub(crate) const MOST_TERMS: usize = 8;

/// The two parts, while they are made.
pub(crate) struct Split {
    pub point: Builder,
    pub direction: Builder,
    imports: HashMap<Value, Value>,
    /// The point value behind each input of the direction part that follows the lanes.
    pub imported: Vec<Value>,
    /// For how many directions a point is expected to serve: what hoisting may cost.
    pub directions: usize,
}

impl Split {
    /// The point part goes on from `program`; `lanes` are the shapes that come per direction.
    pub fn new(program: Program, lanes: &[Shape], directions: usize) -> (Self, Vec<Value>) {
        let mut direction = Builder::default();
        let inputs = lanes.iter().map(|&s| direction.input(s)).collect();
        let point = Builder::extend(program);
        (Split { point, direction, imports: HashMap::new(), imported: Vec::new(), directions }, inputs)
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
            let first = total.map(|base| Term { factor: 1.0, coef: None, base });
            let list: SmallVec<[Term; 8]> = first.into_iter().chain(list.iter().copied()).collect();
            total = Some(self.combine(terms.shape, &list));
        }
        total.unwrap_or_else(|| self.direction.fill(terms.shape, 0.0))
    }

    fn combine(&mut self, shape: Shape, list: &[Term]) -> Value {
        let mut args: SmallVec<[Value; 16]> = SmallVec::new();
        let mut op = Combine::new(shape);
        for t in list {
            if let Some(c) = t.coef {
                args.push(self.import(c));
            }
            args.push(t.base);
            op.push(t.factor, t.coef.is_some());
        }
        self.direction.emit(op, &args)
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
        let mut list: SmallVec<[Term; 2]> = SmallVec::new();
        for (factor, terms) in parts {
            for t in &terms.list {
                self.add_term(&mut list, Term { factor: factor * t.factor, ..*t });
            }
        }
        let sum = Terms { shape, list };
        if sum.list.len() < MOST_TERMS { sum } else { Terms::base(shape, self.materialize(&sum)) }
    }

    fn add_term(&mut self, list: &mut SmallVec<[Term; 2]>, t: Term) {
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
        let b = &mut self.point;
        let list = terms
            .list
            .iter()
            .map(|t| match b.uniform(coef) {
                Some(x) => Term { factor: x * t.factor, ..*t },
                None => Term { coef: Some(t.coef.map_or(coef, |c| b.mul(coef, c))), ..*t },
            })
            .collect();
        Terms { shape, list }
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
        let j = match point[..] {
            [Some(_), None] => 1,
            [None, Some(_)] => 0,
            _ => return None,
        };
        let inner = made.args[j];
        let shapes: SmallVec<[Shape; 3]> = made.args.iter().map(|&a| self.direction.shape(a)).collect();
        // Paid back only if the product itself is not needed then, which the passes find out later.
        if (self.directions as u64) < 8 || made.op.flops(&shapes, made.shape) == 0 {
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
