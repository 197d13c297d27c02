//! y = Σₖ fₖ · cₖ ∘ tₖ with constants fₖ and optional coefficient arrays cₖ; smaller arrays are repeated.
//!
//! All elementwise work of a direction part is of this kind: the passes make it, no user records it.

use super::*;
use crate::dense::combine;
use smallvec::SmallVec;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Combine {
    rows: usize,
    cols: usize,
    /// Per term the bits of its factor and whether a coefficient stands before it in the arguments.
    terms: SmallVec<[(u64, bool); 2]>,
}

impl Combine {
    pub fn new(shape: Shape) -> Self {
        Combine { rows: shape.rows, cols: shape.cols, terms: SmallVec::new() }
    }

    pub fn push(&mut self, factor: f64, has_coef: bool) {
        self.terms.push((factor.to_bits(), has_coef));
    }

    /// Per term its factor and the positions of coefficient and base among the arguments.
    pub fn terms(&self) -> impl Iterator<Item = (f64, Option<usize>, usize)> + '_ {
        let mut at = 0;
        self.terms.iter().map(move |&(bits, has_coef)| {
            let coef = has_coef.then_some(at);
            at += 1 + usize::from(has_coef);
            (f64::from_bits(bits), coef, at - 1)
        })
    }
}

impl Primitive for Combine {
    fn name(&self) -> &'static str {
        "combination"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        let to = Shape::new(self.rows, self.cols);
        match args.iter().find(|a| !a.broadcasts_to(to)) {
            Some(a) => Err(Mismatch::new(format!("{a} can't be repeated to {to}"))),
            None => Ok(to),
        }
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let Target { out, scale, add, .. } = target;
        let term = |(factor, coef, base): (f64, Option<usize>, usize)| {
            let coef = coef.map(|c: usize| args[c]);
            combine::Term { factor: scale * factor, coef, base: args[base] }
        };
        combine::sum(self.terms().map(term), out, add);
    }

    fn accumulates(&self) -> bool {
        true
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        entrywise(shape, |i, j| {
            self.terms().fold(N::constant(0.0), |sum, (factor, coef, base)| {
                let mut t = N::constant(factor) * args[base].repeated(i, j).clone();
                if let Some(c) = coef {
                    t = t * args[c].repeated(i, j).clone();
                }
                sum + t
            })
        })
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        let mut total = None;
        for (factor, coef, base) in self.terms() {
            let pairs = [(Some(base), coef), (coef, Some(base))];
            for (moving, fixed) in pairs {
                let Some(t) = moving.and_then(|m| tangents[m]) else { continue };
                let mut v = b.scale(factor, t);
                if let Some(c) = fixed {
                    v = b.mul(at.args[c], v);
                }
                total = Some(total.map_or(v, |sum| b.add(sum, v)));
            }
        }
        total.map(|t| b.emit(Broadcast::new(Shape::new(self.rows, self.cols)), &[t]))
    }

    fn transpose(&self, b: &mut Builder, at: At<'_>, j: usize, w: Value) -> Option<Value> {
        let (factor, coef, base) = self.terms().find(|&(_, coef, base)| base == j || coef == Some(j))?;
        let other = if base == j { coef } else { Some(base) };
        let mut v = b.scale(factor, w);
        if let Some(o) = other {
            v = b.mul(at.args[o], v);
        }
        let (from, to) = (b.shape(v), b.shape(at.args[j]));
        Some(b.emit(Sum::to(from, to), &[v]))
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let mut one = Combine::new(Shape::new(2, 3));
        one.push(-0.5, true);
        one.push(1.0, false);
        one.push(2.0, true);
        let mut scalar = Combine::new(Shape::SCALAR);
        scalar.push(3.0, true);
        vec![
            (one.clone(), shapes(&[(2, 3), (2, 3), (2, 3), (2, 3), (1, 1)])),
            (one, shapes(&[(1, 1), (2, 3), (2, 1), (1, 3), (2, 3)])),
            (scalar, shapes(&[(1, 1), (1, 1)])),
        ]
    }
}
