//! The rows (or columns) that a list of indices names, in its order, each as often as it is named.
//!
//! Y[k, :] = X[iₖ, :]. Ẏ is the same of Ẋ; X̄ adds every row of Ȳ to the one that it came from ([`ScatterAdd`]).

use super::*;
use crate::dense::sequences;
use crate::program::split::{Factor, Outer};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Gather {
    pub list: Arc<[usize]>,
    /// The list is of rows; otherwise of columns.
    pub rows: bool,
}

/// The first index of a list of consecutive ones.
pub(super) fn consecutive(list: &[usize]) -> Option<usize> {
    let first = list.first().copied().unwrap_or(0);
    list.iter().enumerate().all(|(k, &i)| i == first + k).then_some(first)
}

/// An error for the first index that is not below `n`.
pub(super) fn inside(list: &[usize], rows: bool, n: usize, s: Shape) -> Result<(), Mismatch> {
    let what = if rows { "row" } else { "column" };
    match list.iter().find(|&&i| i >= n) {
        Some(i) => Err(Mismatch::new(format!("there is no {what} {i} in {s}; they are counted from 0"))),
        None => Ok(()),
    }
}

impl Gather {
    /// Of an outer product, with `n` rows (columns) to choose from.
    fn thin(&self, s: &mut Split, o: Outer, n: usize, shape: Shape) -> Option<Terms> {
        let o = if self.rows { o } else { s.flipped(o) };
        let back = |s: &mut Split, o: Outer| if self.rows { o } else { s.flipped(o) };
        let Factor::Unit(place) = o.thin.u else {
            let u = s.column_by_column(Gather { list: self.list.clone(), rows: true }, o.thin.u, n);
            return Some(Terms::one(shape, back(s, o.with(u, o.thin.v)).term()));
        };
        // Where an index stands in the list for the first and the second time: the places of ones.
        let mut tables = [vec![None; n], vec![None; n]];
        for (k, &i) in self.list.iter().enumerate() {
            let free = tables.iter_mut().find(|t| t[i].is_none())?;
            free[i] = Some(k);
        }
        let mut terms = Terms::zero(shape);
        for table in &tables {
            if let Some(p) = place.through(s, table, self.list.len()) {
                terms.list.push(back(s, o.with(Factor::Unit(p), o.thin.v)).term());
            }
        }
        Some(terms)
    }
}

impl Primitive for Gather {
    fn name(&self) -> &'static str {
        if self.rows { "select_rows" } else { "select_columns" }
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        let s = args[0];
        inside(&self.list, self.rows, if self.rows { s.rows } else { s.cols }, s)?;
        let n = self.list.len();
        Ok(if self.rows { Shape::new(n, s.cols) } else { Shape::new(s.rows, n) })
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        sequences::gather(args[0], &self.list, self.rows, target.out);
    }

    fn arranges(&self) -> bool {
        true
    }

    fn places(&self, from: Shape) -> Option<Places> {
        let Shape { rows: m, cols: n } = from;
        match self.rows {
            true => {
                let column = |j: usize| self.list.iter().map(move |&i| Some(i + m * j));
                Places::new(from.len(), (0..n).flat_map(column))
            }
            false => {
                let column = |&j: &usize| (0..m).map(move |i| Some(i + m * j));
                Places::new(from.len(), self.list.iter().flat_map(column))
            }
        }
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        entrywise(shape, |i, j| match self.rows {
            true => args[0].at(self.list[i], j).clone(),
            false => args[0].at(i, self.list[j]).clone(),
        })
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        multilinear(self, b, at, tangents)
    }

    fn transpose(&self, b: &mut Builder, at: At<'_>, _: usize, w: Value) -> Option<Value> {
        let full = b.shape(at.args[0]);
        let n = if self.rows { full.rows } else { full.cols };
        Some(b.emit(ScatterAdd { list: self.list.clone(), rows: self.rows, n }, &[w]))
    }

    fn simplify(&self, b: &mut Builder, args: &[Value], shape: Shape) -> Option<Value> {
        if let Some(x) = b.uniform(args[0]) {
            return Some(b.fill(shape, x));
        }
        let first = consecutive(&self.list)?;
        let (row, col) = if self.rows { (first, 0) } else { (0, first) };
        Some(b.emit(Slice { row, col, rows: shape.rows, cols: shape.cols }, args))
    }

    fn act(&self, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
        match args {
            [Side::Lanes(t)] => {
                let n = if self.rows { t.shape.rows } else { t.shape.cols };
                s.unary(self.clone(), t, shape, |s, o| self.thin(s, o, n, shape))
            }
            _ => s.opaque(self.clone(), args, shape),
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let mut all = Vec::new();
        for rows in [true, false] {
            let of = |list: &[usize], m, n| {
                let shape = if rows { (m, n) } else { (n, m) };
                (Gather { list: list.into(), rows }, shapes(&[shape]))
            };
            all.push(of(&[2, 0, 3], 4, 3));
            all.push(of(&[1, 1, 0], 2, 2));
            all.push(of(&[2, 0, 0, 0, 1, 2], 3, 1));
            all.push(of(&[0, 0], 1, 1));
            all.push(of(&[1, 0], 2, 0));
        }
        all
    }
}
