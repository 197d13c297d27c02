//! Z = op(A)·op(B) with op the identity or the transpose, chosen per side; no side is ever copied for it.
//!
//! Ż = op(Ȧ)·op(B) + op(A)·op(Ḃ). For op the identity, Ā = Z̄·op(B)ᵀ and B̄ = op(A)ᵀ·Z̄; for a transposed side the
//! transposes of these.

mod terms;

use super::map::multiple;
use super::*;
use crate::dense::product;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Matmul {
    /// A is used as Aᵀ.
    pub ta: bool,
    /// B is used as Bᵀ.
    pub tb: bool,
}

fn op(s: Shape, t: bool) -> Shape {
    if t { s.transposed() } else { s }
}

impl Matmul {
    pub const PLAIN: Matmul = Matmul { ta: false, tb: false };

    /// The shapes of op(A) and op(B).
    fn sides(&self, a: Shape, b: Shape) -> (Shape, Shape) {
        (op(a, self.ta), op(b, self.tb))
    }
}

impl Primitive for Matmul {
    fn name(&self) -> &'static str {
        "product"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        let (a, b) = self.sides(args[0], args[1]);
        if a.cols != b.rows {
            return Err(Mismatch::new(format!("inner {} != {}", a.cols, b.rows)));
        }
        Ok(Shape::new(a.rows, b.cols))
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let Target { out, scale, add, stop } = target;
        product::product((args[0], self.ta), (args[1], self.tb), out, scale, add, stop);
    }

    fn accumulates(&self) -> bool {
        true
    }

    fn by_columns(&self) -> bool {
        !self.tb
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let (a, b) = (args[0], args[1]);
        let inner = op(a.shape, self.ta).cols;
        entrywise(shape, |i, j| {
            (0..inner).fold(N::constant(0.0), |sum, p| {
                let x = if self.ta { a.at(p, i) } else { a.at(i, p) };
                let y = if self.tb { b.at(j, p) } else { b.at(p, j) };
                sum + x.clone() * y.clone()
            })
        })
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        multilinear(self, b, at, tangents)
    }

    fn transpose(&self, b: &mut Builder, at: At<'_>, j: usize, w: Value) -> Option<Value> {
        let (x, y) = (at.args[0], at.args[1]);
        Some(match (j, self.ta, self.tb) {
            (0, false, tb) => b.emit(Matmul { ta: false, tb: !tb }, &[w, y]),
            (0, true, tb) => b.emit(Matmul { ta: tb, tb: true }, &[y, w]),
            (_, ta, false) => b.emit(Matmul { ta: !ta, tb: false }, &[x, w]),
            (_, ta, true) => b.emit(Matmul { ta: true, tb: ta }, &[w, x]),
        })
    }

    fn simplify(&self, b: &mut Builder, args: &[Value], shape: Shape) -> Option<Value> {
        let mut op = self.clone();
        let mut sides = [args[0], args[1]];
        for (side, flag) in sides.iter_mut().zip([&mut op.ta, &mut op.tb]) {
            let x = b.instr(*side);
            if matches!(x.op, Op::Transpose(_)) {
                *side = x.args[0];
                *flag = !*flag;
            }
        }
        if op != *self {
            return Some(b.emit(op, &sides));
        }
        // A product with a 1×1 side is a scaling, in any transposed form that leaves the other side's entries.
        let (x, y) = self.sides(b.shape(args[0]), b.shape(args[1]));
        if x.is_scalar() || y.is_scalar() {
            let (scalar, mut other, t) =
                if x.is_scalar() { (args[0], args[1], self.tb) } else { (args[1], args[0], self.ta) };
            if t {
                other = b.emit(Transpose, &[other]);
            }
            return (b.shape(other) == shape).then(|| b.mul(scalar, other));
        }
        // A multiple of a product that is there already.
        for (k, &side) in args.iter().enumerate() {
            let mut args = [args[0], args[1]];
            let Some((number, rest)) = multiple(b, side) else { continue };
            args[k] = rest;
            if let Some(product) = b.find(self.clone(), &args) {
                return Some(b.mul(number, product));
            }
        }
        None
    }

    fn act(&self, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
        terms::act(self, s, args, shape)
    }

    fn flops(&self, args: &[Shape], shape: Shape) -> u64 {
        2 * op(args[0], self.ta).cols as u64 * shape.len() as u64
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let mut all = Vec::new();
        for (m, k, n) in [(2, 3, 4), (1, 5, 1), (3, 1, 3), (1, 1, 1), (2, 0, 3), (0, 2, 2), (7, 7, 7)] {
            for (ta, tb) in [(false, false), (true, false), (false, true), (true, true)] {
                let a = if ta { (k, m) } else { (m, k) };
                let b = if tb { (n, k) } else { (k, n) };
                all.push((Matmul { ta, tb }, shapes(&[a, b])));
            }
        }
        all
    }
}
