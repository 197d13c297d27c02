//! A scalar, row or column repeated to a full shape; the adjoint sums.

use super::*;
use crate::dense::segments;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Broadcast {
    rows: usize,
    cols: usize,
}

impl Broadcast {
    pub fn new(shape: Shape) -> Self {
        Broadcast { rows: shape.rows, cols: shape.cols }
    }
}

impl Primitive for Broadcast {
    fn name(&self) -> &'static str {
        "broadcast"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        let to = Shape::new(self.rows, self.cols);
        if !args[0].broadcasts_to(to) {
            return Err(Mismatch::new(format!("{} can't be repeated to {to}", args[0])));
        }
        Ok(to)
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        segments::for_each(args, target.out, |slices, out| out.copy_from_slice(slices[0]));
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        entrywise(shape, |i, j| args[0].repeated(i, j).clone())
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        multilinear(self, b, at, tangents)
    }

    fn transpose(&self, b: &mut Builder, at: At<'_>, _: usize, w: Value) -> Option<Value> {
        let (from, to) = (b.shape(w), b.shape(at.args[0]));
        Some(b.emit(Sum::to(from, to), &[w]))
    }

    fn simplify(&self, b: &mut Builder, args: &[Value], shape: Shape) -> Option<Value> {
        if b.shape(args[0]) == shape {
            return Some(args[0]);
        }
        b.uniform(args[0]).map(|x| b.fill(shape, x))
    }

    /// Terms repeat as they are.
    fn act(&self, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
        match args {
            [Side::Lanes(t)] if t.list.iter().filter(|t| !t.is_thin()).count() < 2 => s.widened(t, shape),
            _ => s.opaque(self.clone(), args, shape),
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let to = Broadcast::new(Shape::new(3, 4));
        let mut all: Vec<_> = [(1, 1), (1, 4), (3, 1), (3, 4)].map(|s| (to.clone(), shapes(&[s]))).to_vec();
        all.push((Broadcast::new(Shape::new(0, 2)), shapes(&[(1, 2)])));
        all
    }
}
