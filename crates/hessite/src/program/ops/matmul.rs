//! Z = op(A)·op(B) with op the identity or the transpose, chosen per side; no side is ever copied for it.
//!
//! Ż = op(Ȧ)·op(B) + op(A)·op(Ḃ). For op the identity, Ā = Z̄·op(B)ᵀ and B̄ = op(A)ᵀ·Z̄; for a transposed side the
//! transposes of these.

use super::*;
use crate::dense::product;
use crate::program::split::Term;

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
        let Target { out, scale, add } = target;
        product::product_parallel(scale, args[0], self.ta, args[1], self.tb, out, add);
    }

    fn accumulates(&self) -> bool {
        true
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
        None
    }

    /// Terms that are a scalar of the direction times a point array need no product per direction: the product is
    /// the point array's, made once. What remains may then be re-associated, A·(B·t) = (A·B)·t.
    fn act(&self, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
        let (lane, terms, fixed) = match args {
            [Side::Point(a), Side::Lanes(t)] => (1, t, *a),
            [Side::Lanes(t), Side::Point(b)] => (0, t, *b),
            _ => return s.opaque(self.clone(), args, shape),
        };
        let sides = |x: Value, y: Value| if lane == 1 { [x, y] } else { [y, x] };
        let scalar_base = |s: &Split, t: &Term| t.coef.is_some() && s.direction.shape(t.base).is_scalar();
        let spread: Vec<Term> = terms.list.iter().filter(|t| scalar_base(s, t)).copied().collect();
        let rest: Vec<Term> = terms.list.iter().filter(|t| !scalar_base(s, t)).copied().collect();
        let scalar_coef =
            |s: &Split, t: &Term| t.coef.is_none_or(|c| s.point.shape(c).is_scalar()) && s.direction.shape(t.base) == terms.shape;
        let worth = s.directions as u64 >= 8 && !spread.is_empty();
        let splits = rest.len() <= 1 && rest.iter().all(|t| scalar_coef(s, t));
        if !splits || (!spread.is_empty() && !worth) {
            return s.opaque(self.clone(), args, shape);
        }
        let mut parts: Vec<Terms> = Vec::new();
        for t in &spread {
            let Some(c) = t.coef else { continue };
            let full = if s.point.shape(c) == terms.shape {
                c
            } else {
                s.point.emit(Broadcast::new(terms.shape), &[c])
            };
            let c = s.point.emit(self.clone(), &sides(fixed, full));
            parts.push(Terms { shape, list: [Term { factor: t.factor, coef: Some(c), base: t.base }].into_iter().collect() });
        }
        for t in &rest {
            let mut product = self.reassociate(s, lane, fixed, t.base, shape);
            for p in &mut product.list {
                p.factor *= t.factor;
            }
            parts.push(match t.coef {
                Some(c) => s.multiply(c, &product, shape),
                None => product,
            });
        }
        let parts: Vec<(f64, &Terms)> = parts.iter().map(|p| (1.0, p)).collect();
        s.sum(&parts, shape)
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

impl Matmul {
    /// op(A)·op(t), where t may itself be a product with a point array: op(A)·op(B·u) = (op(A)·op(B))·u when that
    /// is never dearer per direction and the point's product is paid back by the directions.
    fn reassociate(&self, s: &mut Split, lane: usize, fixed: Value, base: Value, shape: Shape) -> Terms {
        if let Some((merged, op, inner)) = self.merge(s, lane, fixed, base) {
            let args = if lane == 1 {
                [Side::Point(merged), Side::Lanes(Terms::base(s.direction.shape(inner), inner))]
            } else {
                [Side::Lanes(Terms::base(s.direction.shape(inner), inner)), Side::Point(merged)]
            };
            return s.opaque(op, &args, shape);
        }
        let t = Side::Lanes(Terms::base(s.direction.shape(base), base));
        let p = Side::Point(fixed);
        let args = if lane == 1 { [p, t] } else { [t, p] };
        s.opaque(self.clone(), &args, shape)
    }

    /// The merged point array, the operation with it, and what it is applied to.
    fn merge(&self, s: &mut Split, lane: usize, fixed: Value, base: Value) -> Option<(Value, Matmul, Value)> {
        let inner = s.direction.instr(base).clone();
        let Op::Matmul(m) = inner.op else { return None };
        let import = |s: &Split, v: Value| {
            let k = s.direction.instr(v).op.as_input()?;
            let lanes = s.direction.program().inputs.len() - s.imported.len();
            k.checked_sub(lanes).map(|k| s.imported[k])
        };
        let (flip, own) = if lane == 1 { (self.tb, self.ta) } else { (self.ta, self.tb) };
        // op(base) as a product of a point side and a lane side, transposed where this product transposes it.
        let [(x, tx), (y, ty)] = [(inner.args[0], m.ta ^ flip), (inner.args[1], m.tb ^ flip)];
        let [left, right] = if flip { [(y, ty), (x, tx)] } else { [(x, tx), (y, ty)] };
        let (near, far) = if lane == 1 { (left, right) } else { (right, left) };
        let near_point = import(s, near.0)?;
        let (f, n) = (s.point.shape(fixed), s.point.shape(near_point));
        let (f, n) = (op(f, own), op(n, near.1));
        let (old, new) = if lane == 1 {
            (f.rows * f.cols + n.rows * n.cols, f.rows * n.cols)
        } else {
            (f.rows * f.cols + n.rows * n.cols, n.rows * f.cols)
        };
        let once = f.len() as u64 * if lane == 1 { n.cols } else { n.rows } as u64;
        let saved = (old - new.min(old)) as u64;
        let width = if lane == 1 { op(s.direction.shape(far.0), far.1).cols } else { op(s.direction.shape(far.0), far.1).rows };
        let pays = new <= f.len() && saved * width as u64 * s.directions as u64 > 2 * once;
        if !pays || s.directions < 8 {
            return None;
        }
        let (merged, op) = if lane == 1 {
            (
                s.point.emit(Matmul { ta: own, tb: near.1 }, &[fixed, near_point]),
                Matmul { ta: false, tb: far.1 },
            )
        } else {
            (
                s.point.emit(Matmul { ta: near.1, tb: own }, &[near_point, fixed]),
                Matmul { ta: far.1, tb: false },
            )
        };
        Some((merged, op, far.0))
    }
}
