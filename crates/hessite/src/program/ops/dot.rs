//! y = Σᵢⱼ aᵢⱼ bᵢⱼ. ẏ = ⟨Ȧ, B⟩ + ⟨A, Ḃ⟩, Ā = ȳ B, B̄ = ȳ A.

use super::*;
use crate::dense::reduce;
use crate::program::split::{Base, Term};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Dot;

/// ⟨A, t⟩ for array terms.
fn weighted_sum(s: &mut Split, fixed: Value, terms: &Terms) -> Terms {
    let args = |w: Value, t: Terms| [Side::Point(w), Side::Lanes(t)];
    let [Term { factor, coef, base: Base::Array(base) }] = terms.list[..] else {
        return s.opaque(Dot, &args(fixed, terms.clone()), Shape::SCALAR);
    };
    if s.direction.shape(base) != terms.shape {
        return s.opaque(Dot, &args(fixed, terms.clone()), Shape::SCALAR);
    }
    let mut weight = coef.map_or(fixed, |c| s.point.mul(c, fixed));
    let mut target = base;
    if let Some((adjoint, inner)) = s.pull_back(weight, base) {
        (weight, target) = (adjoint, inner);
    }
    let target = Terms::base(s.direction.shape(target), target);
    let mut dot = s.opaque(Dot, &args(weight, target), Shape::SCALAR);
    dot.list.iter_mut().for_each(|t| t.factor *= factor);
    dot
}

impl Primitive for Dot {
    fn name(&self) -> &'static str {
        "dot"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        if args[0] != args[1] {
            return Err(Mismatch::new("the shapes differ"));
        }
        Ok(Shape::SCALAR)
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        reduce::dot(args[0], args[1], target.out);
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], _: Shape) -> Result<Vec<N>> {
        let pairs = args[0].entries.iter().zip(&args[1].entries);
        Ok(vec![pairs.fold(N::constant(0.0), |sum, (x, y)| sum + x.clone() * y.clone())])
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        multilinear(self, b, at, tangents)
    }

    fn transpose(&self, b: &mut Builder, at: At<'_>, j: usize, w: Value) -> Option<Value> {
        Some(b.mul(w, at.args[1 - j]))
    }

    /// A dot product of 1×1 arrays is a product, and one with ones is a sum.
    fn simplify(&self, b: &mut Builder, args: &[Value], _: Shape) -> Option<Value> {
        if b.shape(args[0]).is_scalar() {
            return Some(b.mul(args[0], args[1]));
        }
        (0..2).find(|&j| b.uniform(args[j]) == Some(1.0)).map(|j| b.emit(Sum::ALL, &[args[1 - j]]))
    }

    /// ⟨A, c∘t⟩ = ⟨A∘c, t⟩, and ⟨A, B·t⟩ = ⟨Bᵀ·A, t⟩ when many directions share the point's product.
    fn act(&self, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
        let (fixed, terms) = match args {
            [Side::Point(a), Side::Lanes(t)] | [Side::Lanes(t), Side::Point(a)] => (*a, t),
            _ => return s.opaque(Dot, args, shape),
        };
        let full = terms.shape;
        let each = |s: &mut Split, t: &Term| {
            if let Some(c) = s.spread(t) {
                let c = s.point.emit(Broadcast::new(full), &[c]);
                let coef = s.point.emit(Dot, &[fixed, c]);
                return Some(Terms::one(shape, Term { coef: Some(coef), ..*t }));
            }
            s.resolved(t, full).map(|outer| s.contracted(fixed, outer, full.rows))
        };
        s.termwise(terms, shape, each, |s, rest| weighted_sum(s, fixed, rest))
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        [(3, 4), (1, 1), (1, 5), (0, 2)].map(|s| (Dot, shapes(&[s, s]))).to_vec()
    }
}
