//! y = f(x₁, …) entry by entry, with f a row of the scalar table. A scalar, row or column argument is repeated.
//!
//! The derivative is the row's own; an argument that was repeated receives the sum of its adjoints.

use super::*;
use crate::dense::segments;
use crate::program::scalar::{self, Row, Rule};
use crate::program::split::Term;
use smallvec::SmallVec;

#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Map {
    pub row: &'static Row,
    bits: u64,
}

impl std::fmt::Debug for Map {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}[{}]", self.row.name, self.parameter())
    }
}

impl Map {
    pub fn new(row: &'static Row, parameter: f64) -> Self {
        Map { row, bits: parameter.to_bits() }
    }

    pub fn parameter(&self) -> f64 {
        f64::from_bits(self.bits)
    }

    /// Whether this multiplies entry by entry.
    pub fn is_product(&self) -> bool {
        matches!(self.row.rule, Rule::Product)
    }

    fn is(&self, row: &'static Row) -> bool {
        *self.row == *row
    }
}

impl Primitive for Map {
    fn name(&self) -> &'static str {
        self.row.name
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        // A dimension of 1 gives way; all others are equal.
        let join = |p: usize, q: usize| if p == 1 { q } else { p };
        let full = args.iter().fold(Shape::SCALAR, |s, a| Shape::new(join(s.rows, a.rows), join(s.cols, a.cols)));
        match args.iter().all(|a| a.broadcasts_to(full)) {
            true => Ok(full),
            false => Err(Mismatch::new("the shapes differ")),
        }
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        segments::for_each(args, target.out, |slices, out| self.row.over(self.parameter(), slices, out));
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let mut out = Vec::with_capacity(shape.len());
        let mut x: Vec<N> = Vec::with_capacity(args.len());
        for j in 0..shape.cols {
            for i in 0..shape.rows {
                x.clear();
                x.extend(args.iter().map(|a| a.repeated(i, j).clone()));
                out.push(match (self.row.rule, &x[..]) {
                    (Rule::Sum(signs), x) => signed_sum(signs, x),
                    (Rule::Scale, [x]) => x.clone() * N::constant(self.parameter()),
                    (Rule::Product, [x, y]) => x.clone() * y.clone(),
                    (Rule::Gate, [c, x]) if c.real() != 0.0 => x.clone(),
                    (Rule::Gate, _) => N::constant(0.0),
                    (Rule::Constant, x) => {
                        let real: Args64 = x.iter().map(N::real).collect();
                        N::constant(self.row.value(self.parameter(), &real))
                    }
                    (_, x) => N::row(self.row, self.parameter(), x)?,
                });
            }
        }
        Ok(out)
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        let whole = b.shape(at.result);
        let mut total: Option<Value> = None;
        for (j, t) in tangents.iter().enumerate() {
            let Some(t) = *t else { continue };
            let part = match self.row.rule {
                Rule::Sum(signs) => Some(if signs[j] < 0.0 { b.neg(t) } else { t }),
                Rule::Scale => Some(b.scale(self.parameter(), t)),
                Rule::Product => Some(b.mul(at.args[1 - j], t)),
                Rule::Gate => (j == 1).then(|| b.gate(at.args[0], t)),
                Rule::Smooth(f) => {
                    let seen = scalar::At { parameter: self.parameter(), x: at.args, y: at.result };
                    f(b, seen, j, t)
                }
                Rule::Constant => None,
            };
            let Some(part) = part else { continue };
            total = Some(total.map_or(part, |sum| b.add(sum, part)));
        }
        // x + s with only the scalar s varying: its tangent is repeated.
        total.map(|t| b.emit(Broadcast::new(whole), &[t]))
    }

    fn transpose(&self, b: &mut Builder, at: At<'_>, j: usize, w: Value) -> Option<Value> {
        let full = match self.row.rule {
            Rule::Sum(signs) if signs[j] < 0.0 => b.neg(w),
            Rule::Sum(_) => w,
            Rule::Scale => b.scale(self.parameter(), w),
            Rule::Product => b.mul(at.args[1 - j], w),
            Rule::Gate if j == 1 => b.gate(at.args[0], w),
            _ => return None,
        };
        let (from, to) = (b.shape(full), b.shape(at.args[j]));
        Some(b.emit(Sum::to(from, to), &[full]))
    }

    fn simplify(&self, b: &mut Builder, args: &[Value], shape: Shape) -> Option<Value> {
        self.narrow(b, args, shape)
            .or_else(|| self.fold(b, args, shape))
            .or_else(|| self.identity(b, args, shape))
            .or_else(|| self.outward(b, args))
    }

    fn act(&self, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
        match (self.row.rule, args) {
            (Rule::Sum(signs), args) => {
                let mut parts: SmallVec<[(f64, Terms); 2]> = SmallVec::new();
                for (a, &sign) in args.iter().zip(signs) {
                    match a {
                        Side::Lanes(t) => parts.push((sign, s.widened(t, shape))),
                        Side::Point(_) => return s.opaque(self.clone(), args, shape),
                    }
                }
                let parts: SmallVec<[(f64, &Terms); 2]> = parts.iter().map(|(sign, t)| (*sign, t)).collect();
                s.sum(&parts, shape)
            }
            (Rule::Scale, [Side::Lanes(t)]) => s.sum(&[(self.parameter(), t)], shape),
            (Rule::Product, [Side::Point(c), Side::Lanes(t)] | [Side::Lanes(t), Side::Point(c)]) => {
                let t = s.widened(t, shape);
                s.multiply(*c, &t, shape)
            }
            (Rule::Gate, [Side::Point(c), Side::Lanes(t)]) if t.shape == shape => {
                let by = s.point.shape(*c);
                let each = |s: &mut Split, t: &Term| {
                    let outer = s.resolved(t, shape)?;
                    let gated = match () {
                        () if by == shape && s.free(&outer) => s.gated(*c, outer, shape),
                        () if by == Shape::new(shape.rows, 1) => s.gated_by_row(*c, outer, shape),
                        () => None,
                    };
                    gated.map(|o| Terms::one(shape, o.term()))
                };
                s.termwise(t, shape, each, |s, rest| {
                    s.opaque(self.clone(), &[Side::Point(*c), Side::Lanes(rest.clone())], shape)
                })
            }
            _ => s.opaque(self.clone(), args, shape),
        }
    }

    fn elementwise(&self) -> bool {
        matches!(self.row.rule, Rule::Sum(_) | Rule::Scale | Rule::Product)
    }

    fn kink(&self, args: &[&Array<f64>], result: &Array<f64>) -> Option<usize> {
        let kink = self.row.kink?;
        let s = result.shape;
        (0..s.len()).find(|&e| {
            let x: Args64 = args.iter().map(|a| *a.repeated(e % s.rows, e / s.rows)).collect();
            kink(&x)
        })
    }

    /// Where a gate opens along a direction it jumps, unless what it keeps out is 0 there, which differences can't
    /// tell from a slope.
    #[cfg(test)]
    fn tame(&self, args: &mut [Array<f64>]) {
        if matches!(self.row.rule, Rule::Gate) {
            args[1].entries.iter_mut().filter(|x| **x == 0.0).for_each(|x| *x = 1.0);
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let mut all = Vec::new();
        for row in scalar::TABLE {
            let parameters: &[f64] = match row.name {
                "powi" => &[-2.0, 3.0],
                "powf" => &[0.5, 2.5],
                "scale" => &[-1.5],
                "pow" => &[0.0, 1.0],
                _ => &[0.0],
            };
            for &p in parameters {
                let map = Map::new(row, p);
                match row.arity() {
                    1 => all.extend([(2, 3), (1, 1), (0, 2)].map(|s| (map.clone(), shapes(&[s])))),
                    _ => all.extend(
                        [[(2, 3), (2, 3)], [(1, 1), (2, 3)], [(2, 3), (1, 3)], [(2, 1), (1, 3)], [(0, 2), (1, 1)]]
                            .map(|s| (map.clone(), shapes(&s))),
                    ),
                }
            }
        }
        all
    }
}

type Args64 = SmallVec<[f64; 2]>;

fn signed_sum<N: Number>(signs: &[f64], x: &[N]) -> N {
    let signed = |k: usize| if signs[k] < 0.0 { -x[k].clone() } else { x[k].clone() };
    (1..x.len()).fold(signed(0), |sum, k| sum + signed(k))
}

/// Identities, tried in this order. None of them changes a value, NaN and infinities included: x·0 stays.
impl Map {
    /// An argument that was repeated needs no repeating when another one has the full shape.
    fn narrow(&self, b: &mut Builder, args: &[Value], shape: Shape) -> Option<Value> {
        let small = |b: &Builder, v: Value| match &b.instr(v).op {
            Op::Broadcast(_) => Some(b.instr(v).args[0]),
            _ => None,
        };
        for j in 0..args.len() {
            if (0..args.len()).all(|i| i == j || b.shape(args[i]) != shape) {
                continue;
            }
            let less = match b.uniform(args[j]) {
                Some(x) if !b.shape(args[j]).is_scalar() => Some(b.constant(x)),
                _ => small(b, args[j]),
            };
            if let Some(less) = less {
                let mut args = Args::from_slice(args);
                args[j] = less;
                return Some(b.emit(self.clone(), &args));
            }
        }
        None
    }

    /// A function of constants is a constant; but what a gate shuts is a stronger zero than that.
    fn fold(&self, b: &mut Builder, args: &[Value], shape: Shape) -> Option<Value> {
        if let Rule::Gate = self.row.rule {
            return None;
        }
        let x: Option<Args64> = args.iter().map(|&a| b.uniform(a)).collect();
        x.map(|x| b.fill(shape, self.row.value(self.parameter(), &x)))
    }

    /// Gates go outwards over linear rows, and two in a row become one: what a gate shuts is an exact zero, whatever
    /// it was multiplied with.
    fn outward(&self, b: &mut Builder, args: &[Value]) -> Option<Value> {
        if let (Rule::Gate, &[c, x]) = (self.row.rule, args) {
            let (inner, y) = gated(b, x)?;
            if inner == c {
                return Some(x);
            }
            let both = b.map(&scalar::BOTH, &[c, inner]);
            return Some(b.gate(both, y));
        }
        let conditions: smallvec::SmallVec<[_; 2]> = args.iter().map(|&a| Some(gated(b, a)?.0)).collect();
        let condition = match (self.row.rule, &conditions[..]) {
            (Rule::Product, [Some(c), _] | [None, Some(c)]) | (Rule::Scale | Rule::Sum(_), [Some(c)]) => *c,
            (Rule::Sum(_), &[Some(c), Some(d)]) => shared(b, c, d)?,
            _ => return None,
        };
        let open: Args = args.iter().map(|&a| opened(b, a, condition)).collect();
        let result = b.emit(self.clone(), &open);
        Some(b.gate(condition, result))
    }

    fn identity(&self, b: &mut Builder, args: &[Value], shape: Shape) -> Option<Value> {
        let p = self.parameter();
        let whole = |b: &Builder, v: Value| b.shape(v) == shape;
        // The inner map that `x` is, with its first argument.
        let inner = |b: &Builder, v: Value| b.instr(v).op.as_map().map(|m| (m.clone(), b.instr(v).args[0]));
        if let &[x] = args {
            let inside = inner(b, x);
            return match self.row.rule {
                Rule::Scale if p == 1.0 => Some(x),
                Rule::Scale if p == -1.0 => Some(b.neg(x)),
                Rule::Scale => match inside {
                    Some((m, y)) if m.is(&scalar::SCALE) => Some(b.scale(p * m.parameter(), y)),
                    Some((m, y)) if m.is(&scalar::NEG) => Some(b.scale(-p, y)),
                    _ => None,
                },
                Rule::Sum(_) => match inside {
                    Some((m, y)) if m.is(&scalar::NEG) => Some(y),
                    Some((m, y)) if m.is(&scalar::SCALE) => Some(b.scale(-m.parameter(), y)),
                    _ => multiple(b, x).map(|(s, y)| {
                        let negative = b.neg(s);
                        b.mul(negative, y)
                    }),
                },
                _ if self.is(&scalar::POWI) => match p {
                    0.0 => Some(b.fill(shape, 1.0)),
                    1.0 => Some(x),
                    2.0 => Some(b.map(&scalar::SQUARE, args)),
                    -1.0 => Some(b.recip(x)),
                    _ => None,
                },
                _ if self.is(&scalar::POWF) && p == p.trunc() && p.abs() < 1e9 => {
                    Some(b.map_with(&scalar::POWI, p, args))
                }
                // norm² and |x|² are smooth where norm and |x| are not.
                _ if self.is(&scalar::SQUARE) => match (&b.instr(x).op, inside) {
                    (Op::Norm(_), _) => {
                        let y = b.instr(x).args[0];
                        Some(b.emit(Dot, &[y, y]))
                    }
                    (_, Some((m, y))) if m.is(&scalar::ABS) => Some(b.map(&scalar::SQUARE, &[y])),
                    _ => None,
                },
                _ => None,
            };
        }
        let &[x, y] = args else { return None };
        match self.row.rule {
            Rule::Product => {
                for (c, other) in [(x, y), (y, x)] {
                    match b.uniform(c) {
                        Some(1.0) if whole(b, other) => return Some(other),
                        Some(c) if whole(b, other) => return Some(b.scale(c, other)),
                        _ => {}
                    }
                }
                if x == y {
                    return Some(b.map(&scalar::SQUARE, &[x]));
                }
                // One order for both, so that equal products are found.
                (x > y).then(|| b.mul(y, x))
            }
            Rule::Sum(signs) => {
                if b.uniform(y) == Some(0.0) && whole(b, x) {
                    return Some(x);
                }
                if b.uniform(x) == Some(0.0) && whole(b, y) {
                    return Some(if signs[1] < 0.0 { b.neg(y) } else { y });
                }
                let negative = |b: &Builder, v: Value| inner(b, v).filter(|(m, _)| m.is(&scalar::NEG)).map(|(_, z)| z);
                let [this, other] = match signs[1] < 0.0 {
                    true => [&scalar::SUB, &scalar::ADD],
                    false => [&scalar::ADD, &scalar::SUB],
                };
                if let Some(z) = negative(b, y) {
                    return Some(b.map(other, &[x, z]));
                }
                // The same number times two arrays, the sum of which is there already.
                let ((s, x), (t, z)) = (multiple(b, x)?, multiple(b, y)?);
                let row = match () {
                    () if s == t => this,
                    () if negative(b, s) == Some(t) || negative(b, t) == Some(s) => other,
                    () => return None,
                };
                let sum = b.find(Map::new(row, 0.0), &[x, z])?;
                Some(b.mul(s, sum))
            }
            Rule::Gate => match b.uniform(x) {
                Some(c) if c != 0.0 && whole(b, y) => Some(y),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The 1×1 value and the larger array of which `v` is the product.
pub(super) fn multiple(b: &Builder, v: Value) -> Option<(Value, Value)> {
    let (x, y) = pair(b, v, &scalar::MUL)?;
    let array = |s: Value, a: Value| b.shape(s).is_scalar() && !b.shape(a).is_scalar();
    [(x, y), (y, x)].into_iter().find(|&(s, a)| array(s, a))
}

/// The two arguments of `v` if it is this row.
fn pair(b: &Builder, v: Value, row: &'static Row) -> Option<(Value, Value)> {
    let instr = b.instr(v);
    instr.op.as_map().filter(|m| m.is(row)).map(|_| (instr.args[0], instr.args[1]))
}

/// The condition of the gate that `v` is, and what it lets through.
fn gated(b: &Builder, v: Value) -> Option<(Value, Value)> {
    pair(b, v, &scalar::GATE)
}

/// A condition that both `c` and `d` imply.
fn shared(b: &Builder, c: Value, d: Value) -> Option<Value> {
    let implied = |c: Value| [c, pair(b, c, &scalar::BOTH).map_or(c, |(_, m)| m)];
    implied(c).into_iter().find(|m| implied(d).contains(m))
}

/// `v` without the part `condition` of its gate's condition.
fn opened(b: &mut Builder, v: Value, condition: Value) -> Value {
    match gated(b, v) {
        Some((c, x)) if c == condition => x,
        Some((c, x)) => match pair(b, c, &scalar::BOTH) {
            Some((other, m)) if m == condition => b.gate(other, x),
            _ => v,
        },
        None => v,
    }
}
