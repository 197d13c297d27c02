//! A rectangle of consecutive rows and columns; the adjoint puts it back among zeros ([`Pad`]).

use super::*;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Slice {
    pub row: usize,
    pub col: usize,
    pub rows: usize,
    pub cols: usize,
}

impl Primitive for Slice {
    fn name(&self) -> &'static str {
        "view"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        let fits = |start: usize, len: usize, all: usize| start.checked_add(len).is_some_and(|end| end <= all);
        if !fits(self.row, self.rows, args[0].rows) || !fits(self.col, self.cols, args[0].cols) {
            return Err(Mismatch::new(format!(
                "{} rows from {} and {} columns from {} do not lie within {}",
                self.rows, self.row, self.cols, self.col, args[0]
            )));
        }
        Ok(Shape::new(self.rows, self.cols))
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let (x, k) = (&args[0], args[0].lanes);
        let run = self.rows * k;
        for (j, out) in target.out.data.chunks_exact_mut(run.max(1)).enumerate().take(self.cols) {
            let from = (self.row + x.rows * (self.col + j)) * k;
            out.copy_from_slice(&x.data[from..from + run]);
        }
    }

    fn arranges(&self) -> bool {
        true
    }

    fn places(&self, from: Shape) -> Option<Places> {
        let column = |j: usize| (0..self.rows).map(move |i| Some(self.row + i + from.rows * (self.col + j)));
        Places::new(from.len(), (0..self.cols).flat_map(column))
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        entrywise(shape, |i, j| args[0].at(self.row + i, self.col + j).clone())
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        multilinear(self, b, at, tangents)
    }

    fn transpose(&self, b: &mut Builder, at: At<'_>, _: usize, w: Value) -> Option<Value> {
        let full = b.shape(at.args[0]);
        Some(b.emit(Pad { row: self.row, col: self.col, rows: full.rows, cols: full.cols }, &[w]))
    }

    fn simplify(&self, b: &mut Builder, args: &[Value], shape: Shape) -> Option<Value> {
        if b.shape(args[0]) == shape {
            return Some(args[0]);
        }
        b.uniform(args[0]).map(|x| b.fill(shape, x))
    }

    fn act(&self, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
        match args {
            [Side::Lanes(t)] => s.unary(self.clone(), t, shape, |s, o| Some(s.cut(o, (self.row, self.col), shape))),
            _ => s.opaque(self.clone(), args, shape),
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let at = |row, col, rows, cols| Slice { row, col, rows, cols };
        vec![
            (at(1, 0, 2, 3), shapes(&[(4, 3)])),
            (at(0, 2, 3, 1), shapes(&[(3, 3)])),
            (at(1, 1, 1, 1), shapes(&[(2, 2)])),
            (at(1, 1, 0, 1), shapes(&[(2, 2)])),
        ]
    }
}
