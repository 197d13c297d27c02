//! A constant array given by the user.

use super::*;

/// The constant array with this index in the program.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Data {
    pub index: u32,
    pub rows: usize,
    pub cols: usize,
}

impl Primitive for Data {
    fn name(&self) -> &'static str {
        "data"
    }

    fn shape(&self, _: &[Shape]) -> Result<Shape, Mismatch> {
        Ok(Shape::new(self.rows, self.cols))
    }

    /// The engine reads the program's own array.
    fn run(&self, _: &[View<'_>], _: Target<'_>) {}

    fn literal<N: Number>(&self, _: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        entrywise(shape, |_, _| N::constant(f64::NAN))
    }

    fn tangent(&self, _: &mut Builder, _: At<'_>, _: &[Option<Value>]) -> Option<Value> {
        None
    }

    fn transpose(&self, _: &mut Builder, _: At<'_>, _: usize, _: Value) -> Option<Value> {
        None
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        Vec::new()
    }
}
