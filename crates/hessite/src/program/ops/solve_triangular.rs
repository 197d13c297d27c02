//! X = op(T)⁻¹B for one triangle of a square T, which alone is read; op is the transpose where the flag says so.
//!
//! Ẋ = op(T)⁻¹(Ḃ − op(Ṫ)X), with the same triangle of Ṫ. B̄ = op(T)⁻ᵀX̄.
//!
//! A zero on the diagonal is `Singular`.

use super::*;
use crate::dense::triangular;
use crate::program::scalar;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SolveTriangular {
    pub upper: bool,
    pub transposed: bool,
    /// The diagonal is ones, whatever stands there.
    pub unit: bool,
}

impl SolveTriangular {
    pub const LOWER: SolveTriangular = SolveTriangular { upper: false, transposed: false, unit: false };
    pub const UPPER: SolveTriangular = SolveTriangular { upper: true, ..Self::LOWER };
}

impl Primitive for SolveTriangular {
    fn name(&self) -> &'static str {
        if self.upper { "solve_upper_triangular" } else { "solve_lower_triangular" }
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        square(args[0])?;
        solved(args[0], args[1])
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let Target { out, stop, .. } = target;
        out.data.copy_from_slice(args[1].data);
        let t = triangular::Triangle::new(args[0].data, args[0].rows, self.upper, self.transposed, self.unit);
        triangular::solve(t, out, stop);
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let mut x = args[1].entries.clone();
        let at = |i: usize, j: usize| if self.transposed { args[0].at(j, i) } else { args[0].at(i, j) };
        let one = N::constant(1.0);
        let diagonal = |i: usize| if self.unit { one.clone() } else { at(i, i).clone() };
        for column in x.chunks_exact_mut(shape.rows.max(1)) {
            factors::substitute(column, self.upper == self.transposed, at, diagonal)?;
        }
        Ok(x)
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        let change = tangents[0].map(|t| {
            let t = b.emit(Triangle::new(self.upper, if self.unit { 0.0 } else { 1.0 }), &[t]);
            b.emit(Matmul { ta: self.transposed, tb: false }, &[t, at.result])
        });
        let right = match (tangents[1], change) {
            (Some(x), Some(c)) => b.map(&scalar::SUB, &[x, c]),
            (None, Some(c)) => b.neg(c),
            (x, None) => x?,
        };
        Some(b.emit(self.clone(), &[at.args[0], right]))
    }

    fn transpose(&self, b: &mut Builder, at: At<'_>, j: usize, w: Value) -> Option<Value> {
        let op = SolveTriangular { transposed: !self.transposed, ..self.clone() };
        (j == 1).then(|| b.emit(op, &[at.args[0], w]))
    }

    fn act(&self, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
        match args {
            [Side::Point(t), Side::Lanes(x)] => s.columnwise(self.clone(), &[*t], x, shape),
            _ => s.opaque(self.clone(), args, shape),
        }
    }

    fn fallible(&self) -> bool {
        !self.unit
    }

    fn failure(&self, args: &[View<'_>], _: View<'_>) -> Option<Failure> {
        let n = args[0].rows;
        let zero = (0..n).find(|k| !self.unit && args[0].data[k * (n + 1)] == 0.0);
        zero.map(|k| Failure::Singular { pivot: Some(k), rcond: 0.0 })
    }

    fn flops(&self, args: &[Shape], _: Shape) -> u64 {
        (args[0].rows * args[1].len()) as u64
    }

    #[cfg(test)]
    fn tame(&self, args: &mut [Array<f64>]) {
        factors::dominate(&mut args[0]);
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let mut all = Vec::new();
        for (n, m) in [(3, 2), (1, 1), (4, 1), (1, 3), (0, 2), (2, 0)] {
            for bits in 0..8 {
                let op = SolveTriangular { upper: bits & 1 != 0, transposed: bits & 2 != 0, unit: bits & 4 != 0 };
                all.push((op, shapes(&[(n, n), (n, m)])));
            }
        }
        all
    }
}
