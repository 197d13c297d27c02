//! Sums over rows, columns or both; a summed dimension stays, with length 1.
//!
//! y = Σᵢ x[i,j], Σⱼ x[i,j] or Σᵢⱼ x[i,j]; X̄ repeats ȳ.

use super::*;
use crate::dense::reduce;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Sum {
    /// Add the rows up: the result has one row.
    pub rows: bool,
    /// Add the columns up: the result has one column.
    pub cols: bool,
}

impl Sum {
    pub const ALL: Sum = Sum { rows: true, cols: true };

    /// What reduces a repeated array back to `to`.
    pub fn to(from: Shape, to: Shape) -> Sum {
        Sum { rows: to.rows == 1 && from.rows != 1, cols: to.cols == 1 && from.cols != 1 }
    }
}

impl Primitive for Sum {
    fn name(&self) -> &'static str {
        "sum"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        let s = args[0];
        Ok(Shape::new(if self.rows { 1 } else { s.rows }, if self.cols { 1 } else { s.cols }))
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        reduce::sum(args[0], target.out);
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let x = args[0];
        entrywise(shape, |i, j| {
            let mut sum = N::constant(0.0);
            for q in if self.cols { 0..x.shape.cols } else { j..j + 1 } {
                for p in if self.rows { 0..x.shape.rows } else { i..i + 1 } {
                    sum = sum + x.at(p, q).clone();
                }
            }
            sum
        })
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        multilinear(self, b, at, tangents)
    }

    fn transpose(&self, b: &mut Builder, at: At<'_>, _: usize, w: Value) -> Option<Value> {
        let full = b.shape(at.args[0]);
        Some(b.emit(Broadcast::new(full), &[w]))
    }

    fn simplify(&self, b: &mut Builder, args: &[Value], shape: Shape) -> Option<Value> {
        let x = b.instr(args[0]);
        if x.shape == shape {
            return Some(args[0]);
        }
        // The sum of all entrywise products is a dot product.
        let factors = x.op.as_map().and_then(|m| m.is_product().then(|| x.args.clone()))?;
        let full = x.shape;
        (shape.is_scalar() && factors.iter().all(|&f| b.shape(f) == full)).then(|| b.emit(Dot, &factors))
    }

    fn act(&self, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
        match args {
            [Side::Lanes(t)] => s.unary(self.clone(), t, shape, |s, o| Some(s.totalled(o, t.shape, shape))),
            _ => s.opaque(self.clone(), args, shape),
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let mut all = Vec::new();
        for s in [(3, 4), (1, 4), (4, 1), (1, 1), (0, 3), (3, 0)] {
            for (rows, cols) in [(true, true), (true, false), (false, true)] {
                all.push((Sum { rows, cols }, shapes(&[s])));
            }
        }
        all
    }
}
