//! Running sums down each column: Y[i, :] = Σₖ X[k, :] over k ≤ i, or over k ≥ i from the end.
//!
//! Ẏ is the same of Ẋ; X̄ runs the other way over Ȳ.

use super::*;
use crate::dense::sequences;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CumulativeSum {
    /// From the end of each column.
    pub reverse: bool,
}

impl Primitive for CumulativeSum {
    fn name(&self) -> &'static str {
        "cumulative_sum"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        Ok(args[0])
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        sequences::cumulative_sum(args[0], self.reverse, target.out);
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        entrywise(shape, |i, j| {
            // In the order of the running sum, so that rounding is its own.
            let (first, rest) = if self.reverse { (shape.rows - 1, i..shape.rows - 1) } else { (0, 1..i + 1) };
            let add = |sum: N, k: usize| sum + args[0].at(k, j).clone();
            let start = args[0].at(first, j).clone();
            if self.reverse { rest.rev().fold(start, add) } else { rest.fold(start, add) }
        })
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        multilinear(self, b, at, tangents)
    }

    fn transpose(&self, b: &mut Builder, _: At<'_>, _: usize, w: Value) -> Option<Value> {
        Some(b.emit(CumulativeSum { reverse: !self.reverse }, &[w]))
    }

    fn simplify(&self, b: &mut Builder, args: &[Value], shape: Shape) -> Option<Value> {
        (shape.rows <= 1 || b.uniform(args[0]) == Some(0.0)).then_some(args[0])
    }

    fn act(&self, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
        match args {
            [Side::Lanes(t)] => s.unary(self.clone(), t, shape, |s, o| {
                let u = s.column_by_column(self.clone(), o.thin.u, shape.rows);
                Some(Terms::one(shape, o.with(u, o.thin.v).term()))
            }),
            _ => s.opaque(self.clone(), args, shape),
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let both = |s: (usize, usize)| [true, false].map(|reverse| (CumulativeSum { reverse }, shapes(&[s])));
        [(4, 3), (5, 1), (1, 3), (1, 1), (0, 2), (3, 0)].into_iter().flat_map(both).collect()
    }
}
