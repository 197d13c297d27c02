//! A variable of the program.

use super::*;

/// The input with this index; its shape is the program's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Input {
    pub index: u32,
}

impl Primitive for Input {
    fn name(&self) -> &'static str {
        "input"
    }

    fn shape(&self, _: &[Shape]) -> Result<Shape, Mismatch> {
        Err(Mismatch::new("inputs are declared, not computed"))
    }

    /// The engine puts inputs in place itself.
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
