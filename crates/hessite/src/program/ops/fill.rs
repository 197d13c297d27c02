//! An array with all entries the same constant.

use super::*;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Fill {
    bits: u64,
    rows: usize,
    cols: usize,
}

impl Fill {
    pub fn new(shape: Shape, x: f64) -> Self {
        Fill { bits: x.to_bits(), rows: shape.rows, cols: shape.cols }
    }

    pub fn value(&self) -> f64 {
        f64::from_bits(self.bits)
    }
}

impl Primitive for Fill {
    fn name(&self) -> &'static str {
        "constant"
    }

    fn shape(&self, _: &[Shape]) -> Result<Shape, Mismatch> {
        Ok(Shape::new(self.rows, self.cols))
    }

    fn run(&self, _: &[View<'_>], target: Target<'_>) {
        target.out.data.fill(self.value());
    }

    fn literal<N: Number>(&self, _: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        entrywise(shape, |_, _| N::constant(self.value()))
    }

    fn tangent(&self, _: &mut Builder, _: At<'_>, _: &[Option<Value>]) -> Option<Value> {
        None
    }

    fn transpose(&self, _: &mut Builder, _: At<'_>, _: usize, _: Value) -> Option<Value> {
        None
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        vec![(Fill::new(Shape::new(2, 3), 0.5), vec![])]
    }
}
