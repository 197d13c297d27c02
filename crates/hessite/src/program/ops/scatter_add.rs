//! Rows (or columns) added to those that a list of indices names, among zeros; the adjoint reads them back ([`Gather`]).
//!
//! Y[iₖ, :] = Σ X[k, :], the sum over all k with the same iₖ.

use super::gather::{consecutive, inside};
use super::*;
use crate::dense::sequences;
use crate::program::split::{Factor, Outer};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ScatterAdd {
    pub list: Arc<[usize]>,
    /// The list is of rows; otherwise of columns.
    pub rows: bool,
    /// How many rows (columns) the result has.
    pub n: usize,
}

impl ScatterAdd {
    /// Of an outer product: a unit vector stays one.
    fn thin(&self, s: &mut Split, o: Outer, shape: Shape) -> Option<Terms> {
        let o = if self.rows { o } else { s.flipped(o) };
        let u = match o.thin.u {
            Factor::Unit(p) => {
                let table: Vec<Option<usize>> = self.list.iter().map(|&i| Some(i)).collect();
                match p.through(s, &table, self.n) {
                    Some(p) => Factor::Unit(p),
                    None => return Some(Terms::zero(shape)),
                }
            }
            u => s.column_by_column(ScatterAdd { rows: true, ..self.clone() }, u, self.list.len()),
        };
        let o = o.with(u, o.thin.v);
        let o = if self.rows { o } else { s.flipped(o) };
        Some(Terms::one(shape, o.term()))
    }
}

impl Primitive for ScatterAdd {
    fn name(&self) -> &'static str {
        if self.rows { "scatter_rows" } else { "scatter_columns" }
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        let s = args[0];
        let to = if self.rows { Shape::new(self.n, s.cols) } else { Shape::new(s.rows, self.n) };
        inside(&self.list, self.rows, self.n, to)?;
        let have = if self.rows { s.rows } else { s.cols };
        match have == self.list.len() {
            true => Ok(to),
            false => Err(Mismatch::new(format!("{} indices for {s}", self.list.len()))),
        }
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        sequences::scatter_add(args[0], &self.list, self.rows, target.out);
    }

    fn arranges(&self) -> bool {
        true
    }

    fn places(&self, from: Shape) -> Option<Places> {
        let m = from.rows.max(1);
        let (rows, cols) = if self.rows { (self.n, from.cols) } else { (from.rows, self.n) };
        let to = |k: usize| match self.rows {
            true => self.list[k % m] + rows * (k / m),
            false => k % m + rows * self.list[k / m],
        };
        Places::scattered(rows * cols, (0..from.len()).map(to))
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let x = args[0];
        entrywise(shape, |i, j| {
            let to = if self.rows { i } else { j };
            let from = self.list.iter().enumerate().filter(|&(_, &k)| k == to);
            from.fold(N::constant(0.0), |sum, (k, _)| {
                sum + if self.rows { x.at(k, j) } else { x.at(i, k) }.clone()
            })
        })
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        multilinear(self, b, at, tangents)
    }

    fn transpose(&self, b: &mut Builder, _: At<'_>, _: usize, w: Value) -> Option<Value> {
        Some(b.emit(Gather { list: self.list.clone(), rows: self.rows }, &[w]))
    }

    fn simplify(&self, b: &mut Builder, args: &[Value], shape: Shape) -> Option<Value> {
        let first = consecutive(&self.list)?;
        let (row, col) = if self.rows { (first, 0) } else { (0, first) };
        Some(b.emit(Pad { row, col, rows: shape.rows, cols: shape.cols }, args))
    }

    fn act(&self, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
        match args {
            [Side::Lanes(t)] => s.unary(self.clone(), t, shape, |s, o| self.thin(s, o, shape)),
            _ => s.opaque(self.clone(), args, shape),
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let mut all = Vec::new();
        for rows in [true, false] {
            let of = |list: &[usize], n, other| {
                let shape = if rows { (list.len(), other) } else { (other, list.len()) };
                (ScatterAdd { list: list.into(), rows, n }, shapes(&[shape]))
            };
            all.push(of(&[2, 0, 3], 4, 3));
            all.push(of(&[1, 1, 0], 2, 2));
            all.push(of(&[2, 0, 0, 0, 1, 2], 3, 1));
            all.push(of(&[0, 0], 1, 1));
            all.push(of(&[], 2, 3));
            all.push(of(&[1, 0], 2, 0));
        }
        all
    }
}
