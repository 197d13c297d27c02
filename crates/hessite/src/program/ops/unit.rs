//! The unit vector of the place that a number names; zero where there is none. Constant to differentiation.

use super::*;
use super::pick_column::{index, within};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Unit {
    pub len: usize,
}

impl Primitive for Unit {
    fn name(&self) -> &'static str {
        "unit vector"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        match args[0].is_scalar() {
            true => Ok(Shape::new(self.len, 1)),
            false => Err(Mismatch::new("the number of a place is a scalar")),
        }
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let out = target.out;
        out.data.fill(0.0);
        for l in 0..out.lanes {
            if let Some(i) = index(&args[0], l, self.len) {
                out.data[i * out.lanes + l] = 1.0;
            }
        }
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let place = within(args[0].entries[0].real(), self.len);
        entrywise(shape, |i, _| N::constant(if place == Some(i) { 1.0 } else { 0.0 }))
    }

    fn tangent(&self, _: &mut Builder, _: At<'_>, _: &[Option<Value>]) -> Option<Value> {
        None
    }

    fn transpose(&self, _: &mut Builder, _: At<'_>, _: usize, _: Value) -> Option<Value> {
        None
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        [0, 1, 3].map(|len| (Unit { len }, shapes(&[(1, 1)]))).to_vec()
    }
}
