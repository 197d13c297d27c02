//! One triangle of a matrix, zeros elsewhere, with the diagonal times a weight; its own adjoint.

use super::*;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Triangle {
    upper: bool,
    /// Bits of the factor of the diagonal.
    diagonal: u64,
}

impl Triangle {
    pub fn new(upper: bool, diagonal: f64) -> Self {
        Triangle { upper, diagonal: diagonal.to_bits() }
    }

    fn weight(&self, i: usize, j: usize) -> f64 {
        if i == j {
            f64::from_bits(self.diagonal)
        } else if (i < j) == self.upper {
            1.0
        } else {
            0.0
        }
    }
}

impl Primitive for Triangle {
    fn name(&self) -> &'static str {
        if self.upper { "upper_triangle" } else { "lower_triangle" }
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        Ok(args[0])
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let (x, k) = (args[0].data, args[0].lanes.max(1));
        let rows = args[0].rows;
        for (e, (out, x)) in target.out.data.chunks_exact_mut(k).zip(x.chunks_exact(k)).enumerate() {
            match self.weight(e % rows, e / rows) {
                0.0 => out.fill(0.0),
                w => out.iter_mut().zip(x).for_each(|(o, x)| *o = w * x),
            }
        }
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        entrywise(shape, |i, j| match self.weight(i, j) {
            0.0 => N::constant(0.0),
            w => N::constant(w) * args[0].at(i, j).clone(),
        })
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        multilinear(self, b, at, tangents)
    }

    fn transpose(&self, b: &mut Builder, _: At<'_>, _: usize, w: Value) -> Option<Value> {
        Some(b.emit(self.clone(), &[w]))
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let mut all = Vec::new();
        for s in [(3, 3), (2, 4), (4, 1), (1, 1), (0, 2)] {
            for (upper, diagonal) in [(false, 1.0), (true, 1.0), (false, 0.5), (true, 0.0)] {
                all.push((Triangle::new(upper, diagonal), shapes(&[s])));
            }
        }
        all
    }
}
