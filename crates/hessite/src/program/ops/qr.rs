//! A = QR for A with as many rows as columns or more: the result is [Q; R], one above the other; the columns of Q are
//! orthonormal, R is upper triangular with positive diagonal, and so both are unique.
//!
//! With C = Qᵀ Ȧ R⁻¹ and U = upper(C) + (strictly lower(C))ᵀ: Ṙ = UR, Q̇ = ȦR⁻¹ − QU (Walter and Lehmann 2013,
//! doi:10.1080/10556788.2011.643888).
//!
//! Columns that depend on each other up to rounding are `RankDeficient`.

use super::*;
use crate::dense::qr;
use crate::program::scalar;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Qr;

impl Qr {
    /// Q and R of a result.
    pub fn parts(b: &mut Builder, both: Value) -> (Value, Value) {
        let s = b.shape(both);
        let m = s.rows - s.cols;
        let q = b.emit(Slice { row: 0, col: 0, rows: m, cols: s.cols }, &[both]);
        let r = b.emit(Slice { row: m, col: 0, rows: s.cols, cols: s.cols }, &[both]);
        (q, r)
    }
}

impl Primitive for Qr {
    fn name(&self) -> &'static str {
        "qr"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        if args[0].rows < args[0].cols {
            return Err(Mismatch::new("as many rows as columns or more are needed"));
        }
        Ok(Shape::new(args[0].rows.saturating_add(args[0].cols), args[0].cols))
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        qr::factor(args[0], target.out.data, target.stop);
    }

    /// Gram and Schmidt, twice.
    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let (m, n) = (args[0].shape.rows, shape.cols);
        let mut both: Vec<N> = Vec::with_capacity(shape.len());
        for k in 0..n {
            let mut v = args[0].entries[k * m..(k + 1) * m].to_vec();
            let mut r = vec![N::constant(0.0); n];
            let dot = |x: &[N], y: &[N]| {
                x.iter().zip(y).fold(N::constant(0.0), |s, (x, y)| s + x.clone() * y.clone())
            };
            for j in (0..k).chain(0..k) {
                let q = &both[j * shape.rows..j * shape.rows + m];
                let along = dot(q, &v);
                v.iter_mut().zip(q).for_each(|(v, q)| *v = v.clone() - along.clone() * q.clone());
                r[j] = r[j].clone() + along;
            }
            r[k] = Norm.literal(&[&Array::new(Shape::new(m, 1), v.clone())], Shape::SCALAR)?.swap_remove(0);
            for x in &mut v {
                *x = N::row(&scalar::DIV, 0.0, &[x.clone(), r[k].clone()])?;
            }
            both.extend(v);
            both.extend(r);
        }
        Ok(both)
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        let (q, r) = Qr::parts(b, at.result);
        let turned = b.emit(Transpose, &[tangents[0]?]);
        let turned = b.emit(SolveTriangular { transposed: true, ..SolveTriangular::UPPER }, &[r, turned]);
        let change = b.emit(Transpose, &[turned]);
        let c = b.emit(Matmul { ta: true, tb: false }, &[q, change]);
        let below = b.emit(Triangle::new(false, 0.0), &[c]);
        let below = b.emit(Transpose, &[below]);
        let upper = b.emit(Triangle::new(true, 1.0), &[c]);
        let upper = b.add(upper, below);
        let r_dot = b.emit(Matmul::PLAIN, &[upper, r]);
        let within = b.emit(Matmul::PLAIN, &[q, upper]);
        let q_dot = b.map(&scalar::SUB, &[change, within]);
        Some(b.emit(Concat { vertical: true }, &[q_dot, r_dot]))
    }

    fn transpose(&self, _: &mut Builder, _: At<'_>, _: usize, _: Value) -> Option<Value> {
        None
    }

    fn fallible(&self) -> bool {
        true
    }

    fn failure(&self, args: &[View<'_>], result: View<'_>) -> Option<Failure> {
        let (m, n) = (args[0].rows, args[0].cols);
        let rank = qr::rank(result.data, m, n);
        (rank < n).then_some(Failure::RankDeficient { rank })
    }

    fn flops(&self, args: &[Shape], _: Shape) -> u64 {
        4 * args[0].cols as u64 * args[0].len() as u64
    }

    #[cfg(test)]
    fn tame(&self, args: &mut [Array<f64>]) {
        (0..3).for_each(|_| factors::dominate(&mut args[0]));
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        [(3, 3), (3, 2), (5, 2), (1, 1), (4, 1), (2, 0), (0, 0)].map(|s| (Qr, shapes(&[s]))).to_vec()
    }
}
