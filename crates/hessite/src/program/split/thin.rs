//! Thin terms: outer products of two factors, and how linear operations act on them.

use super::factor::{Factor, Place, Scale};
use super::{Base, Side, Split, Term, Terms};
use crate::program::ops::{Broadcast, Op, Reshape};
use crate::program::{Shape, Value, scalar};
use smallvec::SmallVec;

/// scale · u vᵀ, with `scale` a 1×1 value of the direction part.
///
/// With both factors unit vectors it is one entry, with v one a column, with u one a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Thin {
    pub scale: Option<Value>,
    pub u: Factor,
    pub v: Factor,
}

/// A term with a thin base: factor · coef ∘ (scale · u vᵀ).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outer {
    pub factor: f64,
    pub coef: Option<Value>,
    pub thin: Thin,
}

impl Outer {
    pub fn unit(u: Factor, v: Factor) -> Self {
        Outer { factor: 1.0, coef: None, thin: Thin { scale: None, u, v } }
    }

    pub fn term(self) -> Term {
        Term { factor: self.factor, coef: self.coef, base: Base::Thin(self.thin) }
    }

    /// The same term with other factors.
    pub fn with(self, u: Factor, v: Factor) -> Self {
        Outer { thin: Thin { u, v, ..self.thin }, ..self }
    }
}

impl Split {
    /// A linear operation of one argument. A scalar of the direction times a point array needs it on the point array
    /// alone; thin terms, with coefficients that are numbers, are left to `thin`.
    pub fn unary(
        &mut self,
        op: impl Into<Op>,
        terms: &Terms,
        shape: Shape,
        mut thin: impl FnMut(&mut Self, Outer) -> Option<Terms>,
    ) -> Terms {
        let op = op.into();
        let full = terms.shape;
        let each = |s: &mut Self, t: &Term| match t.base {
            Base::Thin(_) => {
                let outer = s.resolved(t, full)?;
                if s.free(&outer) { thin(s, outer) } else { None }
            }
            Base::Array(_) => s.spread(t).map(|c| {
                let c = s.point.emit(Broadcast::new(full), &[c]);
                let coef = s.point.emit(op.clone(), &[c]);
                Terms::one(shape, Term { coef: Some(coef), ..*t })
            }),
            Base::Picked(_) => s.arranged_again(&op, t, full, shape),
        };
        self.termwise(terms, shape, each, |s, rest| s.arranged_or_opaque(&op, rest, shape))
    }

    /// A thin term with its coefficient taken into the factors, where one of them is a unit vector or the
    /// coefficient is smaller than the array.
    pub fn resolved(&mut self, t: &Term, shape: Shape) -> Option<Outer> {
        let Base::Thin(thin) = t.base else { return None };
        let outer = Outer { factor: t.factor, coef: t.coef, thin };
        let (Some(c), Thin { u, v, .. }) = (t.coef, thin) else { return Some(outer) };
        let s = self.point.shape(c);
        let (scale, outer) = if s.is_scalar() {
            return Some(outer);
        } else if s.cols == 1 {
            let (scale, u) = self.hadamard(Factor::Fixed(c), u, shape.rows);
            (scale, outer.with(u, v))
        } else if s.rows == 1 {
            let c = self.transposed(c);
            let (scale, v) = self.hadamard(Factor::Fixed(c), v, shape.cols);
            (scale, outer.with(u, v))
        } else if let Factor::Unit(p) = v {
            let (scale, u) = self.hadamard(Factor::Column(c, p), u, shape.rows);
            (scale, outer.with(u, v))
        } else if let Factor::Unit(p) = u {
            let c = self.transposed(c);
            let (scale, v) = self.hadamard(Factor::Column(c, p), v, shape.cols);
            (scale, outer.with(u, v))
        } else {
            return Some(outer);
        };
        Some(self.times(Outer { coef: None, ..outer }, scale))
    }

    /// Whether the coefficient is a number, so that the factors can be worked on.
    pub fn free(&self, o: &Outer) -> bool {
        o.coef.is_none_or(|c| self.point.shape(c).is_scalar())
    }

    fn times(&mut self, mut o: Outer, scale: Scale) -> Outer {
        o.thin.scale = match (o.thin.scale, scale.lanes) {
            (Some(x), Some(y)) => Some(self.direction.mul(x, y)),
            (x, y) => x.or(y),
        };
        match scale.coef.map(|c| (c, self.point.uniform(c))) {
            Some((_, Some(x))) => o.factor *= x,
            Some((c, None)) => o.coef = Some(o.coef.map_or(c, |d| self.point.mul(c, d))),
            None => {}
        }
        o
    }

    /// factor · coef · scale as a 1×1 value.
    fn number(&mut self, o: Outer) -> Terms {
        let lanes = o.thin.scale.unwrap_or_else(|| self.direction.constant(1.0));
        Terms::one(Shape::SCALAR, Term { base: Base::Array(lanes), ..o.term() })
    }

    /// op(A)·T, or T·op(A) from the right.
    pub fn multiplied(&mut self, o: Outer, a: Value, ta: bool, left: bool) -> Outer {
        let Thin { u, v, .. } = o.thin;
        match left {
            true => {
                let u = self.apply(a, ta, u);
                o.with(u, v)
            }
            false => {
                let v = self.apply(a, !ta, v);
                o.with(u, v)
            }
        }
    }

    /// The terms under an operation that is linear in its last argument and acts on its columns; the other arguments are
    /// the point's.
    pub fn columnwise(&mut self, op: impl Into<Op>, fixed: &[Value], terms: &Terms, shape: Shape) -> Terms {
        let op = op.into();
        let full = terms.shape;
        let each = |s: &mut Self, t: &Term| {
            if s.spread(t).is_some() {
                let coef = t.coef.map(|c| {
                    let c = s.point.emit(Broadcast::new(full), &[c]);
                    let args: SmallVec<[Value; 4]> = fixed.iter().copied().chain([c]).collect();
                    s.point.emit(op.clone(), &args)
                });
                return Some(Terms::one(shape, Term { coef, ..*t }));
            }
            let o = s.resolved(t, full)?;
            if !s.free(&o) {
                return None;
            }
            let u = s.image(&op, fixed, o.thin.u, full.rows);
            Some(Terms::one(shape, o.with(u, o.thin.v).term()))
        };
        self.termwise(terms, shape, each, |s, rest| {
            let args: SmallVec<[Side; 4]> =
                fixed.iter().map(|&v| Side::Point(v)).chain([Side::Lanes(rest.clone())]).collect();
            s.opaque(op.clone(), &args, shape)
        })
    }

    /// Tᵀ.
    pub fn flipped(&mut self, o: Outer) -> Outer {
        let coef = o.coef.map(|c| self.transposed(c));
        Outer { coef, ..o.with(o.thin.v, o.thin.u) }
    }

    /// ⟨W, T⟩ = uᵀ(W∘c)v for a term T with `rows` rows and coefficient c.
    pub fn contracted(&mut self, w: Value, o: Outer, rows: usize) -> Terms {
        let w = o.coef.map_or(w, |c| self.point.mul(w, c));
        let right = self.apply(w, false, o.thin.v);
        let scale = self.inner(o.thin.u, right, rows);
        let o = self.times(Outer { coef: None, ..o }, scale);
        self.number(o)
    }

    /// The sums over rows, columns or both.
    pub fn totalled(&mut self, mut o: Outer, full: Shape, to: Shape) -> Terms {
        if to.rows != full.rows || to.is_scalar() {
            o = self.folded(o, true, full.rows);
        }
        if to.cols != full.cols || to.is_scalar() {
            o = self.folded(o, false, full.cols);
        }
        if to.is_scalar() { self.number(o) } else { Terms::one(to, o.term()) }
    }

    /// One factor, of length n, replaced by the sum of its entries.
    fn folded(&mut self, o: Outer, first: bool, n: usize) -> Outer {
        let Thin { u, v, .. } = o.thin;
        let (ones, one) = (self.ones(n), self.ones(1));
        let scale = self.inner(if first { u } else { v }, ones, n);
        let o = if first { o.with(one, v) } else { o.with(u, one) };
        self.times(o, scale)
    }

    /// Terms as those of a larger shape, repeated: array terms are so as they stand.
    pub fn widened(&mut self, terms: &Terms, shape: Shape) -> Terms {
        let full = terms.shape;
        if full == shape {
            return terms.clone();
        }
        let list = terms.list.iter().map(|t| match self.resolved(t, full) {
            Some(o) if self.free(&o) && full.is_scalar() => self.totalled(o, full, full).list[0],
            Some(o) if self.free(&o) => self.repeated(o, full, shape).term(),
            Some(o) => Term::of(Base::Array(self.materialize(&Terms::one(full, o.term())))),
            None => match t.base {
                Base::Picked(k) => Term { base: Base::Array(self.picked_array(k)), ..*t },
                _ => *t,
            },
        });
        Terms { shape, list: list.collect() }
    }

    /// T repeated from shape `from` to shape `to`.
    pub fn repeated(&mut self, mut o: Outer, from: Shape, to: Shape) -> Outer {
        if from.rows != to.rows {
            o = self.folded(o, true, 1);
            o.thin.u = self.ones(to.rows);
        }
        if from.cols != to.cols {
            o = self.folded(o, false, 1);
            o.thin.v = self.ones(to.cols);
        }
        o
    }

    /// The rectangle of this shape at `start`.
    pub fn cut(&mut self, o: Outer, start: (usize, usize), to: Shape) -> Terms {
        match self.part(o.thin.u, start.0, to.rows).zip(self.part(o.thin.v, start.1, to.cols)) {
            Some((u, v)) => Terms::one(to, o.with(u, v).term()),
            None => Terms::zero(to),
        }
    }

    /// T at `start` among zeros.
    pub fn put(&mut self, o: Outer, start: (usize, usize), to: Shape) -> Outer {
        let (u, v) = (self.padded(o.thin.u, start.0, to.rows), self.padded(o.thin.v, start.1, to.cols));
        o.with(u, v)
    }

    /// The same entries under another shape: for single entries, and for vectors that stay vectors.
    pub fn rearranged(&mut self, o: Outer, from: Shape, to: Shape) -> Option<Outer> {
        if from.transposed() == to && (from.rows == 1 || from.cols == 1) {
            return Some(self.flipped(o));
        }
        if from.len() == 0 {
            return None;
        }
        // A vector's other factor is a number.
        let o = match (from.rows, from.cols) {
            (_, 1) => self.folded(o, false, 1),
            (1, _) => self.folded(o, true, 1),
            _ => o,
        };
        let e = match (o.thin.u, o.thin.v) {
            (Factor::Unit(i), _) if from.cols == 1 => i,
            (_, Factor::Unit(j)) if from.rows == 1 => j,
            (Factor::Unit(i), Factor::Unit(j)) => self.linear(i, j, from),
            _ => return None,
        };
        let one = self.ones(1);
        Some(match (to.rows, to.cols) {
            (_, 1) => o.with(Factor::Unit(e), one),
            (1, _) => o.with(one, Factor::Unit(e)),
            _ => {
                let (i, j) = self.unravelled(e, to.rows);
                o.with(Factor::Unit(i), Factor::Unit(j))
            }
        })
    }

    /// The number i + rows·j of an entry; none if i lies outside.
    fn linear(&mut self, i: Place, j: Place, shape: Shape) -> Place {
        let m = shape.rows;
        let b = &mut self.direction;
        let before = b.scale(m as f64, j.index);
        let index = b.add(i.index, before);
        let (from, to) = (i.from + m * j.from, i.to + m * (j.to - 1));
        Place { index, from, to }
    }

    /// The row and column of entry number e in a matrix of `rows` rows.
    fn unravelled(&mut self, e: Place, rows: usize) -> (Place, Place) {
        let b = &mut self.direction;
        // Exact: numbers of entries are far below 2⁵³.
        let quotient = b.scale(1.0 / rows as f64, e.index);
        let half = b.constant(0.5 / rows as f64);
        let quotient = b.add(quotient, half);
        let j = b.map(&scalar::FLOOR, &[quotient]);
        let before = b.scale(rows as f64, j);
        let i = b.map(&scalar::SUB, &[e.index, before]);
        let (first, last) = (e.from / rows, (e.to - 1) / rows);
        let within = if first == last { (e.from % rows, (e.to - 1) % rows + 1) } else { (0, rows) };
        (Place { index: i, from: within.0, to: within.1 }, Place { index: j, from: first, to: last + 1 })
    }

    /// The diagonal matrix of a column.
    pub fn spread_out(&mut self, o: Outer) -> Option<Outer> {
        let o = self.folded(o, false, 1);
        let unit = o.thin.u;
        matches!(unit, Factor::Unit(_)).then(|| o.with(unit, unit))
    }

    /// The diagonal of a square term, as a column.
    pub fn main_diagonal(&mut self, o: Outer, n: usize) -> Outer {
        let (scale, u) = self.hadamard(o.thin.u, o.thin.v, n);
        let one = self.ones(1);
        self.times(o.with(u, one), scale)
    }

    /// c ≠ 0 ? T : 0 for a point array c of T's shape, which a column or an entry of it decides.
    pub fn gated(&mut self, c: Value, o: Outer, shape: Shape) -> Option<Outer> {
        if let (Factor::Unit(p), Factor::Unit(q)) = (o.thin.u, o.thin.v) {
            let entry = self.inner(Factor::Unit(p), Factor::Column(c, q), shape.rows).lanes?;
            let scale = o.thin.scale.unwrap_or_else(|| self.direction.constant(1.0));
            let scale = Some(self.direction.gate(entry, scale));
            return Some(Outer { thin: Thin { scale, ..o.thin }, ..o });
        }
        let (c, unit, other, first, n) = match (o.thin.u, o.thin.v) {
            (u, Factor::Unit(p)) => (c, p, u, true, shape.rows),
            (Factor::Unit(p), v) => (self.transposed(c), p, v, false, shape.cols),
            _ => return None,
        };
        let c = self.vector(Factor::Column(c, unit), n);
        let mut x = self.vector(other, n);
        // The scale may be infinite where the gate is shut.
        if let Some(scale) = o.thin.scale {
            x = self.direction.mul(x, scale);
        }
        let gated = Factor::Vector(self.direction.gate(c, x));
        let o = Outer { thin: Thin { scale: None, ..o.thin }, ..o };
        Some(if first { o.with(gated, o.thin.v) } else { o.with(o.thin.u, gated) })
    }

    /// c ≠ 0 ? T : 0 for a column c of the point that decides for whole rows. All that is multiplied has to be shut, or
    /// what is not finite would come through; of v that is known.
    pub fn gated_by_row(&mut self, c: Value, o: Outer, shape: Shape) -> Option<Outer> {
        let Thin { u, v, .. } = o.thin;
        match v {
            Factor::Unit(_) => {}
            Factor::Fixed(w) if self.point.uniform(w).is_some_and(f64::is_finite) => {}
            _ => return None,
        }
        let u = match (u, o.thin.scale) {
            (Factor::Fixed(w), None) => Factor::Fixed(self.point.gate(c, w)),
            (Factor::Column(m, p), None) => Factor::Column(self.point.gate(c, m), p),
            (u, scale) => {
                let mut x = self.vector(u, shape.rows);
                if let Some(scale) = scale {
                    x = self.direction.mul(x, scale);
                }
                let c = self.import(c);
                Factor::Vector(self.direction.gate(c, x))
            }
        };
        let coef = o.coef.map(|k| self.point.gate(c, k));
        Some(Outer { coef, thin: Thin { scale: None, u, v }, ..o })
    }

    /// u (scaled) and v as a column and a row of the direction part.
    pub fn column_and_row(&mut self, thin: Thin, shape: Shape) -> (Value, Value) {
        let mut u = self.vector(thin.u, shape.rows);
        if let Some(s) = thin.scale {
            u = self.direction.mul(u, s);
        }
        let row = match thin.v {
            Factor::Fixed(w) => {
                let w = self.transposed(w);
                self.import(w)
            }
            v => {
                let v = self.vector(v, shape.cols);
                self.direction.emit(Reshape::new(Shape::new(1, shape.cols)), &[v])
            }
        };
        (u, row)
    }
}
