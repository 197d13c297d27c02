//! X = op(A)⁻¹B with a finished factorisation F of A; op is the transpose where the flag says so.
//!
//! Ẋ = op(A)⁻¹(Ḃ − op(Ȧ)X), B̄ = op(A)⁻ᵀX̄: with the factors of the point, for every order of derivative.
//!
//! A zero pivot, or a reciprocal condition number below ε, is `Singular`.

use super::*;
use crate::program::scalar;

/// Arguments A, F, B.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Solve {
    pub factors: Factors,
    /// Of no concern where the factors are those of a symmetric matrix.
    pub transposed: bool,
}

impl Primitive for Solve {
    fn name(&self) -> &'static str {
        match self.factors {
            Factors::Lu => "solve",
            Factors::Cholesky => "solve_positive_definite",
        }
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        square(args[0])?;
        solved(args[0], args[2])
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let Target { out, stop, .. } = target;
        out.data.copy_from_slice(args[2].data);
        self.factors.solve(args[1], self.transposed, out, stop);
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let mut x = args[2].entries.clone();
        self.factors.literal_solve(args[1], shape.rows, self.transposed, &mut x)?;
        Ok(x)
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        let change = tangents[0].map(|t| {
            let t = self.factors.direction(b, t);
            b.emit(Matmul { ta: self.transposed, tb: false }, &[t, at.result])
        });
        let right = match (tangents[2], change) {
            (Some(x), Some(c)) => b.map(&scalar::SUB, &[x, c]),
            (None, Some(c)) => b.neg(c),
            (x, None) => x?,
        };
        Some(b.emit(self.clone(), &[at.args[0], at.args[1], right]))
    }

    fn transpose(&self, b: &mut Builder, at: At<'_>, j: usize, w: Value) -> Option<Value> {
        let transposed = self.factors == Factors::Lu && !self.transposed;
        let op = Solve { factors: self.factors, transposed };
        (j == 2).then(|| b.emit(op, &[at.args[0], at.args[1], w]))
    }

    /// A⁻¹I is the inverse.
    fn simplify(&self, b: &mut Builder, args: &[Value], _: Shape) -> Option<Value> {
        let right = b.instr(args[2]);
        let identity = matches!(right.op, Op::FromDiagonal(_)) && b.uniform(right.args[0]) == Some(1.0);
        if !identity {
            return None;
        }
        let inverse = b.emit(Inverse { factors: self.factors }, &args[..2]);
        Some(if self.transposed { b.emit(Transpose, &[inverse]) } else { inverse })
    }

    fn act(&self, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
        match args {
            [Side::Point(a), Side::Point(f), Side::Lanes(x)] => s.columnwise(self.clone(), &[*a, *f], x, shape),
            _ => s.opaque(self.clone(), args, shape),
        }
    }

    fn fallible(&self) -> bool {
        self.factors == Factors::Lu
    }

    fn failure(&self, args: &[View<'_>], _: View<'_>) -> Option<Failure> {
        self.factors.failure(args[1], args[0].rows)
    }

    fn reciprocal_condition(&self, args: &[&Array<f64>]) -> Option<f64> {
        self.factors.reciprocal_condition(&args[1].entries, args[0].shape.rows)
    }

    fn flops(&self, args: &[Shape], shape: Shape) -> u64 {
        2 * args[0].rows as u64 * shape.len() as u64
    }

    #[cfg(test)]
    fn made_by(&self, j: usize) -> Option<(Op, usize)> {
        (j == 1).then(|| (self.factors.maker(), 0))
    }

    #[cfg(test)]
    fn tame(&self, args: &mut [Array<f64>]) {
        self.factors.tame(&mut args[0]);
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let mut all = Vec::new();
        for (n, m) in [(3, 2), (1, 1), (4, 1), (1, 3), (0, 2), (2, 0), (5, 3)] {
            for (factors, transposed) in
                [(Factors::Lu, false), (Factors::Lu, true), (Factors::Cholesky, false)]
            {
                all.push((Solve { factors, transposed }, shapes(&[(n, n), (n, m)])));
            }
        }
        all
    }
}
