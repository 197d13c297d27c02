//! A product with a point array, acting on a sum of terms.
//!
//! A term that is a scalar of the direction times a point array needs no product per direction: the product is the
//! point array's, made once. What remains may be re-associated, A·(B·t) = (A·B)·t. Both trade work of the point
//! for work of every direction, so they wait until enough directions are expected.

use super::*;
use crate::program::split::{Base, Outer, Term};

/// A product with one point side.
struct HalfFixed<'a> {
    op: &'a Matmul,
    fixed: Value,
    /// The point side stands on the left.
    left: bool,
    shape: Shape,
}

pub(super) fn act(op: &Matmul, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
    let (product, terms) = match args {
        [Side::Point(a), Side::Lanes(t)] => (HalfFixed { op, fixed: *a, left: true, shape }, t),
        [Side::Lanes(t), Side::Point(b)] => (HalfFixed { op, fixed: *b, left: false, shape }, t),
        _ => return s.opaque(op.clone(), args, shape),
    };
    let full = terms.shape;
    let each = |s: &mut Split, t: &Term| {
        if s.spread(t).is_some() {
            return Some(product.of_point(s, t, full));
        }
        let outer = s.resolved(t, full)?;
        s.free(&outer).then(|| product.of_thin(s, outer))
    };
    s.termwise(terms, shape, each, |s, rest| product.of_arrays(s, rest))
}

impl HalfFixed<'_> {
    fn order<T>(&self, fixed: T, other: T) -> [T; 2] {
        if self.left { [fixed, other] } else { [other, fixed] }
    }

    /// Of a point array times a scalar of the direction.
    fn of_point(&self, s: &mut Split, t: &Term, full: Shape) -> Terms {
        let coef = t.coef.map(|c| {
            let c = s.point.emit(Broadcast::new(full), &[c]);
            s.point.emit(self.op.clone(), &self.order(self.fixed, c))
        });
        Terms { shape: self.shape, list: [Term { coef, ..*t }].into_iter().collect() }
    }

    /// Of an outer product.
    fn of_thin(&self, s: &mut Split, outer: Outer) -> Terms {
        let (own, other) = if self.left { (self.op.ta, self.op.tb) } else { (self.op.tb, self.op.ta) };
        let outer = if other { s.flipped(outer) } else { outer };
        Terms::one(self.shape, s.multiplied(outer, self.fixed, own, self.left).term())
    }

    /// Of array terms. More than one product per direction, just to spare an addition, would not pay.
    fn of_arrays(&self, s: &mut Split, terms: &Terms) -> Terms {
        let scalar = |c: Value| s.point.shape(c).is_scalar();
        match terms.list[..] {
            [t @ Term { base: Base::Array(base), .. }]
                if t.coef.is_none_or(scalar) && s.direction.shape(base) == terms.shape =>
            {
                let mut part = self.of_lanes(s, base);
                part.list.iter_mut().for_each(|p| p.factor *= t.factor);
                match t.coef {
                    Some(c) => s.multiply(c, &part, self.shape),
                    None => part,
                }
            }
            _ => {
                let lanes = Side::Lanes(terms.clone());
                s.opaque(self.op.clone(), &self.order(Side::Point(self.fixed), lanes), self.shape)
            }
        }
    }

    /// Of an array of the direction, re-associated if that pays.
    fn of_lanes(&self, s: &mut Split, base: Value) -> Terms {
        let (op, fixed, base) =
            self.reassociated(s, base).unwrap_or_else(|| (self.op.clone(), self.fixed, base));
        let lanes = Terms::base(s.direction.shape(base), base);
        s.opaque(op, &self.order(Side::Point(fixed), Side::Lanes(lanes)), self.shape)
    }

    /// op(A)·op(B·u) as (op(A)·op(B))·u, or the same from the right: the operation, the merged point array and u.
    ///
    /// Only where the new product is never dearer than the outer one was, even if the inner one stays needed.
    fn reassociated(&self, s: &mut Split, base: Value) -> Option<(Matmul, Value, Value)> {
        let made = s.direction.instr(base).clone();
        let Op::Matmul(inner) = made.op else { return None };
        let (own, flip) = if self.left { (self.op.ta, self.op.tb) } else { (self.op.tb, self.op.ta) };
        // The base as this product uses it: its factors, each with its transposition, swapped by an outer one.
        let [x, y] = [(made.args[0], inner.ta ^ flip), (made.args[1], inner.tb ^ flip)];
        let [first, second] = if flip { [y, x] } else { [x, y] };
        let ((near, near_t), (far, far_t)) = if self.left { (first, second) } else { (second, first) };
        let near = s.point_of(near)?;

        let outer = op(s.point.shape(self.fixed), own);
        let between = op(s.point.shape(near), near_t);
        let merged = if self.left { outer.rows * between.cols } else { between.rows * outer.cols };
        let once = outer.len() * if self.left { between.cols } else { between.rows };
        let far_shape = op(s.direction.shape(far), far_t);
        let width = if self.left { far_shape.cols } else { far_shape.rows };
        let spared = (outer.len() + between.len()).saturating_sub(merged) * width;
        if merged > outer.len() || !s.many() || spared * s.directions <= 2 * once {
            return None;
        }
        let (merge, then) = if self.left {
            (Matmul { ta: own, tb: near_t }, Matmul { ta: false, tb: far_t })
        } else {
            (Matmul { ta: near_t, tb: own }, Matmul { ta: far_t, tb: false })
        };
        let merged = s.point.emit(merge, &self.order(self.fixed, near));
        Some((then, merged, far))
    }
}
