//! Elimination with complete pivoting at any kind of number, and cofactors that need no inverse.
//!
//! XAY = B with B the block diagonal of pivots D and of what is left, S; X and Y have determinants ±1, well-conditioned
//! as they are. So det(A + E) = ± det(B + XEY), and the cofactors of A are ± Xᵀ cof(B) Yᵀ, whatever the rank.

use crate::error::Result;
use crate::program::number::Number;
use crate::program::scalar;

/// A matrix, eliminated as far as pivots are large.
pub(in super::super) struct Eliminated<N> {
    n: usize,
    /// n × n, and Y transposed.
    pub x: Vec<N>,
    pub y_transposed: Vec<N>,
    pub pivots: Vec<N>,
    /// What is left, square.
    rest: Vec<N>,
    /// det X · det Y.
    pub sign: f64,
}

fn divide<N: Number>(x: &N, y: &N) -> Result<N> {
    N::row(&scalar::DIV, 0.0, &[x.clone(), y.clone()])
}

impl<N: Number> Eliminated<N> {
    /// Stops where the largest entry left is not above `threshold` times the first pivot.
    pub fn new(a: &[N], n: usize, threshold: f64) -> Result<Self> {
        let mut w = a.to_vec();
        let (mut rows, mut cols): (Vec<usize>, Vec<usize>) = ((0..n).collect(), (0..n).collect());
        let (mut sign, mut pivots) = (1.0, Vec::new());
        for k in 0..n {
            let (i, j) = largest(&w, n, k);
            let first = pivots.first().map_or(0.0, |p: &N| p.real().abs());
            let size = w[i + n * j].real().abs();
            if size.is_nan() || size == 0.0 || size <= threshold * first {
                break;
            }
            if i != k {
                (0..n).for_each(|c| w.swap(k + n * c, i + n * c));
                rows.swap(k, i);
                sign = -sign;
            }
            if j != k {
                (0..n).for_each(|r| w.swap(r + n * k, r + n * j));
                cols.swap(k, j);
                sign = -sign;
            }
            let pivot = w[k + n * k].clone();
            for r in k + 1..n {
                w[r + n * k] = divide(&w[r + n * k], &pivot)?;
            }
            for c in k + 1..n {
                let top = w[k + n * c].clone();
                for r in k + 1..n {
                    w[r + n * c] = w[r + n * c].clone() - w[r + n * k].clone() * top.clone();
                }
                w[k + n * c] = divide(&top, &pivot)?;
            }
            pivots.push(pivot);
        }
        let rank = pivots.len();
        let left = n - rank;
        let rest = (0..left * left).map(|e| w[rank + e % left + n * (rank + e / left)].clone()).collect();
        let x = permuted_inverse(n, rank, &rows, |i, k| &w[i + n * k]);
        let y_transposed = permuted_inverse(n, rank, &cols, |j, k| &w[k + n * j]);
        Ok(Eliminated { n, x, y_transposed, pivots, rest, sign })
    }

    pub fn determinant(&self) -> N {
        let product = |p: N, d: &N| p * d.clone();
        let pivots = self.pivots.iter().fold(N::constant(self.sign), product);
        pivots * adjugate(&self.rest, self.n - self.pivots.len()).1
    }

    /// ∂ det A / ∂A.
    pub fn cofactors(&self) -> Vec<N> {
        let (n, rank) = (self.n, self.pivots.len());
        let left = n - rank;
        let (adjugate, rest) = adjugate(&self.rest, left);
        let mut inner = vec![N::constant(0.0); n * n];
        for (k, p) in left_out(&self.pivots).into_iter().enumerate() {
            inner[k * (n + 1)] = p * rest.clone();
        }
        let all = self.pivots.iter().fold(N::constant(1.0), |p, d| p * d.clone());
        for e in 0..left * left {
            // Cofactors are the transposed adjugate.
            inner[rank + e / left + n * (rank + e % left)] = all.clone() * adjugate[e].clone();
        }
        let half = product(n, |i, p| &self.x[p + n * i], |p, j| &inner[p + n * j]);
        let whole = product(n, |i, p| &half[i + n * p], |p, j| &self.y_transposed[p + n * j]);
        whole.into_iter().map(|c| N::constant(self.sign) * c).collect()
    }
}

/// The place of the largest entry of the rows and columns from k on.
fn largest<N: Number>(w: &[N], n: usize, k: usize) -> (usize, usize) {
    let (mut best, mut size) = ((k, k), -1.0);
    for j in k..n {
        for i in k..n {
            let here = w[i + n * j].real().abs();
            if here > size {
                (best, size) = ((i, j), here);
            }
        }
    }
    best
}

/// L⁻¹P for unit lower triangular L of which `rank` columns are not those of the identity.
fn permuted_inverse<'a, N: Number + 'a>(
    n: usize,
    rank: usize,
    order: &[usize],
    at: impl Fn(usize, usize) -> &'a N,
) -> Vec<N> {
    let mut x = vec![N::constant(0.0); n * n];
    for (i, &o) in order.iter().enumerate() {
        x[i + n * o] = N::constant(1.0);
        // Everything above is zero in this column.
        let column = &mut x[n * o..n * (o + 1)];
        for k in i..rank {
            for r in k + 1..n {
                column[r] = column[r].clone() - at(r, k).clone() * column[k].clone();
            }
        }
    }
    x
}

fn product<'a, N: Number + 'a>(
    n: usize,
    a: impl Fn(usize, usize) -> &'a N,
    b: impl Fn(usize, usize) -> &'a N,
) -> Vec<N> {
    let zero = || N::constant(0.0);
    let entry = |e: usize| (0..n).fold(zero(), |s, p| s + a(e % n, p).clone() * b(p, e / n).clone());
    (0..n * n).map(entry).collect()
}

/// For each number the product of all others.
fn left_out<N: Number>(d: &[N]) -> Vec<N> {
    let mut before = N::constant(1.0);
    let mut all: Vec<N> = d
        .iter()
        .map(|x| {
            let here = before.clone();
            before = before.clone() * x.clone();
            here
        })
        .collect();
    let mut after = N::constant(1.0);
    for (p, x) in all.iter_mut().zip(d).rev() {
        *p = p.clone() * after.clone();
        after = after * x.clone();
    }
    all
}

/// The adjugate and the determinant without any division by an entry (Faddeev and LeVerrier).
fn adjugate<N: Number>(s: &[N], n: usize) -> (Vec<N>, N) {
    let mut m: Vec<N> = (0..n * n).map(|e| N::constant(if e % (n + 1) == 0 { 1.0 } else { 0.0 })).collect();
    let mut determinant = N::constant(1.0);
    for k in 1..=n {
        let sm = product(n, |i, p| &s[i + n * p], |p, j| &m[p + n * j]);
        let trace = (0..n).fold(N::constant(0.0), |t, i| t + sm[i * (n + 1)].clone());
        let c = N::constant(-1.0 / k as f64) * trace;
        if k == n {
            determinant = if n.is_multiple_of(2) { c } else { -c };
            break;
        }
        m = sm;
        (0..n).for_each(|i| m[i * (n + 1)] = m[i * (n + 1)].clone() + c.clone());
    }
    let sign = N::constant(if n.is_multiple_of(2) { -1.0 } else { 1.0 });
    (m.into_iter().map(|x| sign.clone() * x).collect(), determinant)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cofactors of matrices of integers, of every rank, by minors.
    #[test]
    fn cofactors_are_minors_at_every_rank() {
        let matrices: [[f64; 9]; 5] = [
            [2.0, 1.0, 0.0, -1.0, 3.0, 1.0, 4.0, 0.0, 1.0],
            [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0],
            [1.0, 2.0, 3.0, 2.0, 4.0, 6.0, -1.0, -2.0, -3.0],
            [0.0; 9],
            [0.0, 0.0, 0.0, 0.0, 5.0, 0.0, 0.0, 0.0, 0.0],
        ];
        for a in matrices {
            for threshold in [0.0, 1e-3, 0.9] {
                let at = |i: usize, j: usize| a[(i % 3) + 3 * (j % 3)];
                let minor = |i: usize, j: usize| {
                    at(i + 1, j + 1) * at(i + 2, j + 2) - at(i + 1, j + 2) * at(i + 2, j + 1)
                };
                let e = Eliminated::new(&a, 3, threshold).unwrap();
                for (k, c) in e.cofactors().into_iter().enumerate() {
                    assert!((c - minor(k % 3, k / 3)).abs() < 1e-13, "{a:?}: {c}");
                }
                let det = (0..3).map(|j| at(0, j) * minor(0, j)).sum::<f64>();
                assert!((e.determinant() - det).abs() < 1e-13, "{a:?}");
            }
        }
    }
}
