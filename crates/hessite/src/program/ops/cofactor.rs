//! The family Cₖ(A; E₁ … Eₖ): the gradient in F of the multilinear Dᵏ⁺¹ det(A)[F, E₁ … Eₖ]. C₀ are the cofactors of A.
//!
//! Ċₖ = Cₖ₊₁(A; E₁ … Eₖ, Ȧ) + Σⱼ Cₖ(A; … Ėⱼ …), and the transpose in Eⱼ is Cₖ with the weight in its place: no factor
//! of A is ever differentiated, so all orders are exact at matrices of every rank, where det A is as smooth as elsewhere.
//!
//! With XAY = D from elimination with complete pivoting, det(A + E) = ± det(D + Ẽ) for Ẽ = XEY. C₀ = ± Xᵀ P Yᵀ with the
//! products P of all pivots but one, and C₁ = ± Xᵀ G Yᵀ with Gᵢᵢ = Σⱼ pᵢⱼ Ẽⱼⱼ, Gᵢⱼ = −pᵢⱼ Ẽⱼᵢ and the products pᵢⱼ of
//! all pivots but two (Ipsen and Rehman 2008, "Perturbation bounds for determinants", have the same with singular
//! values).

mod complete;
mod directions;

use super::*;
use crate::dense;
pub(super) use complete::Eliminated;
use directions::Multi;

/// Arguments A, [`CompletePivots`] of A, E₁ … Eₖ.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Cofactor {
    pub order: usize,
}

/// Where literal elimination stops, relative to the first pivot: what is left needs no division.
pub(super) const THRESHOLD: f64 = 0.05;

impl Cofactor {
    fn literal_of<N: Number>(a: &Array<N>, directions: &[&Array<N>]) -> Result<Vec<N>> {
        let n = a.shape.rows;
        if directions.is_empty() {
            return Ok(Eliminated::new(&a.entries, n, THRESHOLD)?.cofactors());
        }
        let with = |e: usize| Multi::new(a.entries[e].clone(), directions.iter().map(|d| d.entries[e].clone()));
        let all: Vec<Multi<N>> = (0..n * n).map(with).collect();
        let cofactors = Eliminated::new(&all, n, THRESHOLD)?.cofactors();
        Ok(cofactors.into_iter().map(|c| c.top(directions.len())).collect())
    }
}

impl Primitive for Cofactor {
    fn name(&self) -> &'static str {
        "determinant"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        match args.iter().skip(2).all(|s| *s == args[0]) {
            true => square(args[0]),
            false => Err(Mismatch::new("the shapes differ")),
        }
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        if self.order == 0 {
            return dense::complete::cofactors(args[1].data, target.out, target.stop);
        }
        let out = target.out;
        let shape = Shape::new(out.rows, out.cols);
        for l in 0..out.lanes {
            let lane = |v: &View<'_>| {
                let l = if v.lanes == 1 { 0 } else { l };
                Array::new(shape, v.data.iter().skip(l).step_by(v.lanes).copied().collect())
            };
            let all: Vec<Array<f64>> = args.iter().enumerate().filter(|(j, _)| *j != 1).map(|(_, v)| lane(v)).collect();
            // Division is a row of every number, so there is no error.
            let entries = Cofactor::literal_of(&all[0], &all[1..].iter().collect::<Vec<_>>()).unwrap_or_default();
            out.data.iter_mut().skip(l).step_by(out.lanes).zip(entries).for_each(|(o, x)| *o = x);
        }
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], _: Shape) -> Result<Vec<N>> {
        Cofactor::literal_of(args[0], &args[2..])
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        let mut directions: smallvec::SmallVec<[Option<Value>; 4]> = tangents.into();
        let own = directions[0].take();
        directions[1] = None;
        let sum = multilinear(self, b, at, &directions);
        let Some(t) = own else { return sum };
        let args: Args = at.args.iter().copied().chain([t]).collect();
        let next = b.emit(Cofactor { order: self.order + 1 }, &args);
        Some(sum.map_or(next, |s| b.add(s, next)))
    }

    fn transpose(&self, b: &mut Builder, at: At<'_>, j: usize, w: Value) -> Option<Value> {
        let mut args = Args::from_slice(at.args);
        (j >= 2).then(|| {
            args[j] = w;
            b.emit(self.clone(), &args)
        })
    }

    /// The matrix of a single number has cofactor 1.
    fn simplify(&self, b: &mut Builder, _: &[Value], shape: Shape) -> Option<Value> {
        shape.is_scalar().then(|| b.constant(if self.order == 0 { 1.0 } else { 0.0 }))
    }

    fn act(&self, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
        let [Side::Point(_), Side::Point(w), Side::Lanes(e)] = args else {
            return s.opaque(self.clone(), args, shape);
        };
        let n = shape.rows;
        let x = s.point.emit(Slice { row: 0, col: 0, rows: n, cols: n }, &[*w]);
        let y = s.point.emit(Slice { row: 0, col: n, rows: n, cols: n }, &[*w]);
        let pairs = s.point.emit(PairProducts, &[*w]);
        let column = Shape::new(n, 1);
        let (point, lanes) = (Side::Point, |t: &Terms| Side::Lanes(t.clone()));
        let (flip, plain) = (Matmul { ta: true, tb: false }, Matmul::PLAIN);
        let inner = plain.act(s, &[point(x), lanes(e)], shape);
        let inner = plain.act(s, &[lanes(&inner), point(y)], shape);
        let turned = Transpose.act(s, &[lanes(&inner)], shape);
        let outside = s.multiply(pairs, &turned, shape);
        let diagonal = Diagonal.act(s, &[lanes(&inner)], column);
        let diagonal = plain.act(s, &[point(pairs), lanes(&diagonal)], column);
        let diagonal = FromDiagonal.act(s, &[lanes(&diagonal)], shape);
        let inner = s.sum(&[(-1.0, &outside), (1.0, &diagonal)], shape);
        let half = flip.act(s, &[point(x), lanes(&inner)], shape);
        Matmul { ta: false, tb: true }.act(s, &[lanes(&half), point(y)], shape)
    }

    fn flops(&self, args: &[Shape], shape: Shape) -> u64 {
        2 * args[0].rows as u64 * shape.len() as u64
    }

    #[cfg(test)]
    fn made_by(&self, j: usize) -> Option<(Op, usize)> {
        (j == 1).then(|| (CompletePivots.into(), 0))
    }

    #[cfg(test)]
    fn tame(&self, args: &mut [Array<f64>]) {
        factors::dominate(&mut args[0]);
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let mut all = Vec::new();
        for (n, orders) in [(1, 2), (2, 3), (3, 1), (5, 2), (0, 2)] {
            for order in 0..orders {
                all.push((Cofactor { order }, vec![Shape::new(n, n); 1 + order]));
            }
        }
        all
    }
}
