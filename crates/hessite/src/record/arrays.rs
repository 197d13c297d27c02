//! Lists of indices, running sums, products of entries, convolutions, Kronecker and cross products, further norms.
//!
//! What is made of other operations here costs what an operation of its own would.

use super::{Matrix, Scalar};
use crate::program::ops::*;
use crate::program::scalar;
use crate::program::{Shape, Value};
use std::panic::Location;

/// Rows, columns and entries by lists of indices, counted from 0.
impl<'g> Matrix<'g> {
    /// The rows that `list` names, in its order, each as often as it is named.
    ///
    /// ```
    /// # fn main() -> hessite::Result<()> {
    /// let g = hessite::Graph::new();
    /// let x = g.matrix("X", 3, 2);
    /// let f = g.function(x.select_rows(&[2, 0, 2]))?;
    /// let at = f.at(&[x.is(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])])?;
    /// assert_eq!(at.value_matrix().as_slice(), [3.0, 1.0, 3.0, 6.0, 4.0, 6.0]);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn select_rows(self, list: &[usize]) -> Matrix<'g> {
        self.apply(Gather { list: list.into(), rows: true })
    }

    /// The columns that `list` names, in its order, each as often as it is named.
    #[track_caller]
    pub fn select_columns(self, list: &[usize]) -> Matrix<'g> {
        self.apply(Gather { list: list.into(), rows: false })
    }

    /// The entries that `list` names, as a column; they are numbered column by column.
    #[track_caller]
    pub fn gather(self, list: &[usize]) -> Matrix<'g> {
        let (m, n) = self.shape();
        self.reshape(m * n, 1).select_rows(list)
    }

    /// The transpose of [`select_rows`](Self::select_rows): row k added to row `list[k]` of `n` rows of zeros.
    #[track_caller]
    pub fn scatter_rows(self, list: &[usize], n: usize) -> Matrix<'g> {
        self.apply(ScatterAdd { list: list.into(), rows: true, n })
    }

    /// The transpose of [`select_columns`](Self::select_columns): column k added to column `list[k]` of `n` columns
    /// of zeros.
    #[track_caller]
    pub fn scatter_columns(self, list: &[usize], n: usize) -> Matrix<'g> {
        self.apply(ScatterAdd { list: list.into(), rows: false, n })
    }

    /// The transpose of [`gather`](Self::gather): entry k (column by column) added to entry `list[k]` of a
    /// `rows`×`cols` matrix of zeros.
    #[track_caller]
    pub fn scatter_add(self, list: &[usize], rows: usize, cols: usize) -> Matrix<'g> {
        let (m, n) = self.shape();
        let all = rows.saturating_mul(cols);
        self.reshape(m * n, 1).scatter_rows(list, all).reshape(rows, cols)
    }
}

/// Running sums and products, and products of all entries.
impl<'g> Matrix<'g> {
    /// Running sums down each column: yᵢⱼ = Σ xₖⱼ over k ≤ i.
    #[track_caller]
    pub fn cumulative_sum(self) -> Matrix<'g> {
        self.apply(CumulativeSum { reverse: false })
    }

    /// Running products down each column: yᵢⱼ = Π xₖⱼ over k ≤ i, exact in every derivative whatever entries are 0.
    #[track_caller]
    pub fn cumulative_product(self) -> Matrix<'g> {
        let (m, n) = self.shape();
        let (mut all, mut step) = (self, 1);
        while step < m {
            // Products of twice as many entries each time.
            let ones = self.graph.repeat(step, n, 1.0);
            all = all.component_mul(ones.vcat(all.rows(0, m - step)));
            step *= 2;
        }
        all
    }

    /// Π xᵢⱼ over all entries, 1 of none. Its derivatives are products of the other entries, so one, two or more zeros
    /// do no harm.
    ///
    /// ```
    /// # fn main() -> hessite::Result<()> {
    /// let g = hessite::Graph::new();
    /// let x = g.vector("x", 3);
    /// let at = g.function(x.product())?.at(&[x.is(&[0.0, 2.0, 5.0])])?;
    /// assert_eq!(at.gradient()?["x"].as_slice(), [10.0, 0.0, 0.0]);
    /// assert_eq!(at.hessian(&[x])?.matrix().row(0).iter().copied().collect::<Vec<_>>(), [0.0, 5.0, 2.0]);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn product(self) -> Scalar<'g> {
        let (m, n) = self.shape();
        let p = self.reshape(m * n, 1).row_product();
        Scalar::new(p.graph, p.value)
    }

    /// The rows multiplied entry by entry: a row of the products of the columns' entries.
    #[track_caller]
    pub fn row_product(self) -> Matrix<'g> {
        let (mut m, n) = self.shape();
        let mut rest = self;
        while m > 1 {
            let half = m / 2;
            let pairs = rest.rows(0, half).component_mul(rest.rows(half, half));
            rest = if m % 2 == 0 { pairs } else { pairs.vcat(rest.row(m - 1)) };
            m -= half;
        }
        if m == 0 { self.graph.repeat(1, n, 1.0) } else { rest }
    }

    /// The columns multiplied entry by entry: a column of the products of the rows' entries.
    #[track_caller]
    pub fn column_product(self) -> Matrix<'g> {
        let (m, mut n) = self.shape();
        let mut rest = self;
        while n > 1 {
            let half = n / 2;
            let pairs = rest.columns(0, half).component_mul(rest.columns(half, half));
            rest = if n % 2 == 0 { pairs } else { pairs.hcat(rest.column(n - 1)) };
            n -= half;
        }
        if n == 0 { self.graph.repeat(m, 1, 1.0) } else { rest }
    }
}

/// Products of two matrices.
impl<'g> Matrix<'g> {
    /// The value of the other operand, or the handle of the failure.
    fn other(self, other: Matrix<'g>, line: &'static Location<'static>) -> Result<Value, Matrix<'g>> {
        let value = self.graph.operand(other.graph, other.value, line);
        value.map_err(|bad| Matrix::new(self.graph, bad))
    }

    /// The failure of a method, in the words of a shape error.
    fn misfit(self, name: &str, args: &[Value], why: &str, line: &'static Location<'static>) -> Matrix<'g> {
        Matrix::new(self.graph, self.graph.reject(name, args, why, line))
    }

    /// The Kronecker product A⊗B, with the block aᵢⱼB at (i, j).
    ///
    /// ```
    /// # fn main() -> hessite::Result<()> {
    /// let g = hessite::Graph::new();
    /// let (a, b) = (g.matrix("A", 1, 2), g.vector("b", 2));
    /// let f = g.function(a.kronecker(b))?;
    /// let at = f.at(&[a.is(&[2.0, 3.0]), b.is(&[5.0, 7.0])])?;
    /// assert_eq!(at.value_matrix().as_slice(), [10.0, 14.0, 15.0, 21.0]);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn kronecker(self, other: Matrix<'g>) -> Matrix<'g> {
        let line = Location::caller();
        let b = match self.other(other, line) {
            Ok(b) => b,
            Err(bad) => return bad,
        };
        let ((m, n), (p, q)) = (self.shape(), other.shape());
        let fits = m.checked_mul(p).zip(n.checked_mul(q)).is_some_and(|(r, c)| Shape::new(r, c).fits());
        if !fits {
            return self.misfit("kronecker", &[self.value, b], "the result does not fit in memory", line);
        }
        // Every entry of A repeated as a block, times B repeated as a whole.
        let blocks = |n: usize, p: usize| (0..n * p).map(|k| k / p).collect::<Vec<usize>>();
        let tiles = |n: usize, p: usize| (0..n * p).map(|k| k % p).collect::<Vec<usize>>();
        let a = self.select_rows(&blocks(m, p)).select_columns(&blocks(n, q));
        a.component_mul(other.select_rows(&tiles(m, p)).select_columns(&tiles(n, q)))
    }

    /// The cross product of two vectors with three entries, both columns or both rows.
    #[track_caller]
    pub fn cross(self, other: Matrix<'g>) -> Matrix<'g> {
        let line = Location::caller();
        let b = match self.other(other, line) {
            Ok(b) => b,
            Err(bad) => return bad,
        };
        let (next, last) = ([1, 2, 0], [2, 0, 1]);
        match (self.shape(), other.shape()) {
            ((3, 1), (3, 1)) => {
                self.select_rows(&next).component_mul(other.select_rows(&last))
                    - self.select_rows(&last).component_mul(other.select_rows(&next))
            }
            ((1, 3), (1, 3)) => {
                self.select_columns(&next).component_mul(other.select_columns(&last))
                    - self.select_columns(&last).component_mul(other.select_columns(&next))
            }
            _ => self.misfit("cross", &[self.value, b], "two columns or two rows of 3 are needed", line),
        }
    }

    /// xᵀAx; of a matrix X the sum over its columns, tr XᵀAX.
    #[track_caller]
    pub fn quadratic_form(self, a: Matrix<'g>) -> Scalar<'g> {
        self.dot(a * self)
    }

    /// Xⁿ = X·X·…·X for a square X, by repeated squaring; X⁰ is the identity. (Entry by entry it is
    /// [`powi`](Self::powi).)
    #[track_caller]
    pub fn pow(self, n: u32) -> Matrix<'g> {
        let (rows, cols) = self.shape();
        if rows != cols {
            let line = Location::caller();
            return self.misfit("pow", &[self.value], "a square matrix is needed", line);
        }
        let (mut left, mut square) = (n, self);
        let mut result: Option<Matrix<'g>> = None;
        while left > 0 {
            if left & 1 == 1 {
                result = Some(match result {
                    Some(r) => r * square,
                    None => square,
                });
            }
            left >>= 1;
            if left > 0 {
                square = square * square;
            }
        }
        match result {
            Some(power) => power,
            None => self.graph.identity(rows),
        }
    }

    /// The full convolution of two vectors, yₖ = Σ xᵢhⱼ over i + j = k: of length m + n − 1, a row where `self` is one.
    ///
    /// ```
    /// # fn main() -> hessite::Result<()> {
    /// let g = hessite::Graph::new();
    /// let (x, h) = (g.vector("x", 3), g.vector("h", 2));
    /// let f = g.function(x.convolve_full(h))?;
    /// let at = f.at(&[x.is(&[1.0, 2.0, 3.0]), h.is(&[1.0, -1.0])])?;
    /// assert_eq!(at.value_matrix().as_slice(), [1.0, 1.0, 1.0, -3.0]);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn convolve_full(self, kernel: Matrix<'g>) -> Matrix<'g> {
        let y = self.standing().with(Convolve, kernel.standing());
        self.lying(y)
    }

    /// Those entries of the convolution for which the kernel, no longer than this vector, lies wholly in it:
    /// yᵢ = Σ xᵢ₊ⱼhₙ₋₁₋ⱼ, of length m − n + 1.
    #[track_caller]
    pub fn convolve_valid(self, kernel: Matrix<'g>) -> Matrix<'g> {
        let kernel = kernel.standing();
        let backwards: Vec<usize> = (0..kernel.nrows()).rev().collect();
        let y = self.standing().with(Correlate, kernel.select_rows(&backwards));
        self.lying(y)
    }

    /// The correlation with a kernel no longer than this vector, yᵢ = Σ xᵢ₊ⱼhⱼ: of length m − n + 1.
    #[track_caller]
    pub fn correlate(self, kernel: Matrix<'g>) -> Matrix<'g> {
        let y = self.standing().with(Correlate, kernel.standing());
        self.lying(y)
    }

    /// A row as a column.
    #[track_caller]
    fn standing(self) -> Matrix<'g> {
        if self.nrows() == 1 { self.transpose() } else { self }
    }

    /// A column as a row, where this is one.
    #[track_caller]
    fn lying(self, y: Matrix<'g>) -> Matrix<'g> {
        if self.nrows() == 1 && self.ncols() != 1 { y.transpose() } else { y }
    }
}

/// Norms beside the Frobenius norm.
impl<'g> Matrix<'g> {
    /// The p-norm of all entries, (Σ |xᵢⱼ|ᵖ)^(1/p), for p ≥ 1; the largest size for p = ∞.
    ///
    /// At X = 0 its derivatives are taken to be 0, and so they are at p = 1 in the direction of an entry that is 0, and
    /// at p = ∞ for all but the first of the largest entries. For 1 < p < 2 second derivatives are infinite at an entry
    /// that is 0; it then counts as constant in them. All of these are kinks, and reported.
    ///
    /// # Errors
    /// From [`Graph::function`](crate::Graph::function): p < 1, or NaN.
    #[track_caller]
    pub fn lp_norm(self, p: f64) -> Scalar<'g> {
        match p {
            1.0 => self.abs().sum(),
            2.0 => self.norm(),
            f64::INFINITY if self.nrows() == 0 || self.ncols() == 0 => self.graph.constant(0.0),
            f64::INFINITY => self.abs().max(),
            p => self.reduce(LpNorm::new(p)),
        }
    }

    /// The norm that is induced by the 1-norm of vectors: the largest sum of sizes in a column. Kinks as those of
    /// [`abs`](Self::abs) and [`max`](Self::max).
    #[track_caller]
    pub fn one_norm(self) -> Scalar<'g> {
        match self.shape() {
            (0, _) | (_, 0) => self.graph.constant(0.0),
            _ => self.map(&scalar::ABS, 0.0).row_sum().max(),
        }
    }

    /// The norm that is induced by the ∞-norm of vectors: the largest sum of sizes in a row.
    #[track_caller]
    pub fn infinity_norm(self) -> Scalar<'g> {
        match self.shape() {
            (0, _) | (_, 0) => self.graph.constant(0.0),
            _ => self.map(&scalar::ABS, 0.0).column_sum().max(),
        }
    }
}
