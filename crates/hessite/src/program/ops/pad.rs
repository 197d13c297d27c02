//! An array among zeros, at a given place of a larger one; the adjoint reads it back ([`Slice`]).

use super::*;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Pad {
    pub row: usize,
    pub col: usize,
    /// Shape of the result.
    pub rows: usize,
    pub cols: usize,
}

impl Primitive for Pad {
    fn name(&self) -> &'static str {
        "pad"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        let to = Shape::new(self.rows, self.cols);
        Slice { row: self.row, col: self.col, rows: args[0].rows, cols: args[0].cols }.shape(&[to])?;
        Ok(to)
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let (x, k) = (&args[0], args[0].lanes);
        target.out.data.fill(0.0);
        let run = x.rows * k;
        for (j, column) in x.data.chunks_exact(run.max(1)).enumerate().take(x.cols) {
            let to = (self.row + self.rows * (self.col + j)) * k;
            target.out.data[to..to + run].copy_from_slice(column);
        }
    }

    fn arranges(&self) -> bool {
        true
    }

    fn places(&self, from: Shape) -> Option<Places> {
        let inside = |i: usize, j: usize| {
            let (i, j) = (i.checked_sub(self.row)?, j.checked_sub(self.col)?);
            (i < from.rows && j < from.cols).then_some(i + from.rows * j)
        };
        let column = |j: usize| (0..self.rows).map(move |i| inside(i, j));
        Places::new(from.len(), (0..self.cols).flat_map(column))
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let x = args[0];
        entrywise(shape, |i, j| match (i.checked_sub(self.row), j.checked_sub(self.col)) {
            (Some(i), Some(j)) if i < x.shape.rows && j < x.shape.cols => x.at(i, j).clone(),
            _ => N::constant(0.0),
        })
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        multilinear(self, b, at, tangents)
    }

    fn transpose(&self, b: &mut Builder, at: At<'_>, _: usize, w: Value) -> Option<Value> {
        let s = b.shape(at.args[0]);
        Some(b.emit(Slice { row: self.row, col: self.col, rows: s.rows, cols: s.cols }, &[w]))
    }

    fn simplify(&self, b: &mut Builder, args: &[Value], shape: Shape) -> Option<Value> {
        (b.shape(args[0]) == shape).then_some(args[0])
    }

    fn act(&self, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
        match args {
            [Side::Lanes(t)] => s.unary(self.clone(), t, shape, |s, o| Some(Terms::one(shape, s.put(o, (self.row, self.col), shape).term()))),
            _ => s.opaque(self.clone(), args, shape),
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let at = |row, col, rows, cols| Pad { row, col, rows, cols };
        vec![
            (at(1, 0, 4, 3), shapes(&[(2, 3)])),
            (at(0, 2, 3, 3), shapes(&[(3, 1)])),
            (at(1, 1, 2, 2), shapes(&[(1, 1)])),
            (at(1, 1, 2, 2), shapes(&[(0, 1)])),
        ]
    }
}
