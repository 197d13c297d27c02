//! Inverses, systems of equations, determinants and factorisations.

use super::{Matrix, Scalar};
use crate::program::Value;
use crate::program::ops::*;
use std::panic::Location;

type Caller = &'static Location<'static>;

impl<'g> Matrix<'g> {
    /// A⁻¹.
    ///
    /// # Errors
    /// From [`Graph::function`](crate::Graph::function): A is not square. At a point:
    /// [`Singular`](crate::Error::Singular) when a pivot is zero or A is singular up to rounding.
    ///
    /// ```
    /// # fn main() -> hessite::Result<()> {
    /// let g = hessite::Graph::new();
    /// let x = g.matrix("X", 2, 2);
    /// let f = g.function(x.inverse().trace())?;
    /// let at = f.at(&[x.is(&[2.0, 0.0, 0.0, 4.0])])?;
    /// assert_eq!(at.value(), 0.75);
    /// assert_eq!(at.gradient()?["X"], nalgebra::matrix![-0.25, 0.0; 0.0, -0.0625]);
    /// assert!(f.at(&[x.is(&[1.0, 2.0, 2.0, 4.0])]).is_err());
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn inverse(self) -> Matrix<'g> {
        self.of_factors(Inverse { factors: Factors::Lu }, Factors::Lu)
    }

    /// A⁻¹B, the solution of AX = B for one or many columns, by LU with partial pivoting. A is factored once for a point;
    /// every direction of every derivative uses the factors.
    ///
    /// # Errors
    /// From [`Graph::function`](crate::Graph::function): A is not square, or B has not as many rows. At a point:
    /// [`Singular`](crate::Error::Singular) when a pivot is zero or A is singular up to rounding.
    #[track_caller]
    pub fn solve(self, b: Matrix<'g>) -> Matrix<'g> {
        self.of_factors_and(Solve { factors: Factors::Lu, transposed: false }, Factors::Lu, b)
    }

    /// A⁻ᵀB.
    ///
    /// # Errors
    /// As [`solve`](Self::solve).
    #[track_caller]
    pub fn tr_solve(self, b: Matrix<'g>) -> Matrix<'g> {
        self.of_factors_and(Solve { factors: Factors::Lu, transposed: true }, Factors::Lu, b)
    }

    /// det A; 1 for the empty matrix.
    ///
    /// A polynomial, and differentiated as one: derivatives are exact at singular matrices of every rank, by products
    /// of all pivots but one and all but two, in O(n³) a direction. At rank n − 1 the gradient is the transposed
    /// adjugate; at rank n − 2 it is 0, and the Hessian is not.
    ///
    /// # Errors
    /// From [`Graph::function`](crate::Graph::function): A is not square.
    ///
    /// ```
    /// # fn main() -> hessite::Result<()> {
    /// let g = hessite::Graph::new();
    /// let x = g.matrix("X", 2, 2);
    /// let at = g.function(x.determinant())?.at(&[x.is(&[1.0, 2.0, 2.0, 4.0])])?;
    /// assert_eq!(at.value(), 0.0);
    /// assert_eq!(at.gradient()?["X"], nalgebra::matrix![4.0, -2.0; -2.0, 1.0]);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn determinant(self) -> Scalar<'g> {
        let m = self.of_factors(Determinant, Factors::Lu);
        Scalar::new(m.graph, m.value)
    }

    /// ln det A; −∞ at det A = 0, and 0 for the empty matrix.
    ///
    /// # Errors
    /// From [`Graph::function`](crate::Graph::function): A is not square. At a point:
    /// [`Domain`](crate::Error::Domain) when det A < 0; from derivatives [`Singular`](crate::Error::Singular).
    #[track_caller]
    pub fn log_determinant(self) -> Scalar<'g> {
        self.log_determinant_by(Factors::Lu, false)
    }

    /// ln |det A|; −∞ at det A = 0. The sign of the determinant is constant where this has derivatives.
    ///
    /// # Errors
    /// From [`Graph::function`](crate::Graph::function): A is not square. From derivatives:
    /// [`Singular`](crate::Error::Singular).
    #[track_caller]
    pub fn log_abs_determinant(self) -> Scalar<'g> {
        self.log_determinant_by(Factors::Lu, true)
    }

    /// The lower triangular L with positive diagonal and LLᵀ = (A + Aᵀ)/2. The gradient with respect to A is symmetric,
    /// since the symmetric part is read.
    ///
    /// # Errors
    /// From [`Graph::function`](crate::Graph::function): A is not square. At a point:
    /// [`NotPositiveDefinite`](crate::Error::NotPositiveDefinite), or, but in [`Mode::Ieee`](crate::Mode::Ieee),
    /// [`NotSymmetric`](crate::Error::NotSymmetric) beyond 1e-12 of the largest entry.
    #[track_caller]
    pub fn cholesky(self) -> Matrix<'g> {
        self.apply(Cholesky)
    }

    /// ((A + Aᵀ)/2)⁻¹B for a positive definite A, by [`cholesky`](Self::cholesky).
    ///
    /// # Errors
    /// From [`Graph::function`](crate::Graph::function): A is not square, or B has not as many rows. At a point as
    /// [`cholesky`](Self::cholesky).
    ///
    /// ```
    /// # fn main() -> hessite::Result<()> {
    /// // The likelihood of a Gaussian process, up to a constant: ½ yᵀK⁻¹y + ½ ln det K.
    /// let g = hessite::Graph::new();
    /// let (k, y) = (g.matrix("K", 2, 2), g.vector("y", 2));
    /// let fit = y.dot(k.solve_positive_definite(y));
    /// let f = g.function((fit + k.log_determinant_positive_definite()) * 0.5)?;
    /// let at = f.at(&[k.is(&[2.0, 0.0, 0.0, 0.5]), y.is(&[2.0, 1.0])])?;
    /// assert!((at.value() - 2.0).abs() < 1e-15);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn solve_positive_definite(self, b: Matrix<'g>) -> Matrix<'g> {
        self.of_factors_and(Solve { factors: Factors::Cholesky, transposed: false }, Factors::Cholesky, b)
    }

    /// ((A + Aᵀ)/2)⁻¹ for a positive definite A, by [`cholesky`](Self::cholesky).
    ///
    /// # Errors
    /// As [`cholesky`](Self::cholesky).
    #[track_caller]
    pub fn inverse_positive_definite(self) -> Matrix<'g> {
        self.of_factors(Inverse { factors: Factors::Cholesky }, Factors::Cholesky)
    }

    /// ln det((A + Aᵀ)/2) for a positive definite A, by [`cholesky`](Self::cholesky).
    ///
    /// # Errors
    /// As [`cholesky`](Self::cholesky).
    #[track_caller]
    pub fn log_determinant_positive_definite(self) -> Scalar<'g> {
        self.log_determinant_by(Factors::Cholesky, false)
    }

    /// Q and R with A = QR for A with as many rows as columns or more: orthonormal columns, and upper triangular with a
    /// positive diagonal, which makes them unique.
    ///
    /// # Errors
    /// From [`Graph::function`](crate::Graph::function): A has fewer rows than columns. At a point:
    /// [`RankDeficient`](crate::Error::RankDeficient).
    #[track_caller]
    pub fn qr(self) -> (Matrix<'g>, Matrix<'g>) {
        let (both, (m, n)) = (self.apply(Qr), self.shape());
        (both.rows(0, m), both.rows(m, n))
    }

    /// The pseudo-inverse A⁺ of a matrix of full rank, by QR.
    ///
    /// # Errors
    /// At a point: [`RankDeficient`](crate::Error::RankDeficient).
    #[track_caller]
    pub fn pseudo_inverse(self) -> Matrix<'g> {
        if self.nrows() < self.ncols() {
            return self.transpose().pseudo_inverse().transpose();
        }
        let (q, r) = self.qr();
        r.solve_upper_triangular(q.transpose())
    }

    /// The X that makes ‖AX − B‖ least, column by column, by QR; for more columns than rows the smallest one.
    ///
    /// # Errors
    /// From [`Graph::function`](crate::Graph::function): B has not as many rows as A. At a point:
    /// [`RankDeficient`](crate::Error::RankDeficient).
    #[track_caller]
    pub fn least_squares(self, b: Matrix<'g>) -> Matrix<'g> {
        if self.nrows() < self.ncols() {
            let (q, r) = self.transpose().qr();
            return q * r.tr_solve_upper_triangular(b);
        }
        let (q, r) = self.qr();
        r.solve_upper_triangular(q.tr_mul(b))
    }

    /// xᵀA⁻¹x; of a matrix X the sum over its columns, tr XᵀA⁻¹X.
    ///
    /// # Errors
    /// As [`solve`](Self::solve).
    #[track_caller]
    pub fn inverse_quadratic_form(self, a: Matrix<'g>) -> Scalar<'g> {
        self.dot(a.solve(self))
    }

    /// L⁻¹B with the lower triangle L of this matrix; the rest is not read.
    ///
    /// # Errors
    /// From [`Graph::function`](crate::Graph::function): the matrix is not square, or B has not as many rows. At a point:
    /// [`Singular`](crate::Error::Singular) when an entry of the diagonal is zero.
    #[track_caller]
    pub fn solve_lower_triangular(self, b: Matrix<'g>) -> Matrix<'g> {
        self.with(SolveTriangular::LOWER, b)
    }

    /// U⁻¹B with the upper triangle U of this matrix; the rest is not read.
    ///
    /// # Errors
    /// As [`solve_lower_triangular`](Self::solve_lower_triangular).
    #[track_caller]
    pub fn solve_upper_triangular(self, b: Matrix<'g>) -> Matrix<'g> {
        self.with(SolveTriangular::UPPER, b)
    }

    /// L⁻ᵀB with the lower triangle L of this matrix.
    ///
    /// # Errors
    /// As [`solve_lower_triangular`](Self::solve_lower_triangular).
    #[track_caller]
    pub fn tr_solve_lower_triangular(self, b: Matrix<'g>) -> Matrix<'g> {
        self.with(SolveTriangular { transposed: true, ..SolveTriangular::LOWER }, b)
    }

    /// U⁻ᵀB with the upper triangle U of this matrix.
    ///
    /// # Errors
    /// As [`solve_lower_triangular`](Self::solve_lower_triangular).
    #[track_caller]
    pub fn tr_solve_upper_triangular(self, b: Matrix<'g>) -> Matrix<'g> {
        self.with(SolveTriangular { transposed: true, ..SolveTriangular::UPPER }, b)
    }

    /// L⁻¹B with the strictly lower triangle of this matrix below a diagonal of ones.
    ///
    /// # Errors
    /// From [`Graph::function`](crate::Graph::function): the matrix is not square, or B has not as many rows.
    #[track_caller]
    pub fn solve_unit_lower_triangular(self, b: Matrix<'g>) -> Matrix<'g> {
        self.with(SolveTriangular { unit: true, ..SolveTriangular::LOWER }, b)
    }

    /// The entries on and below the diagonal, zeros above.
    #[track_caller]
    pub fn lower_triangle(self) -> Matrix<'g> {
        self.apply(Triangle::new(false, 1.0))
    }

    /// The entries on and above the diagonal, zeros below.
    #[track_caller]
    pub fn upper_triangle(self) -> Matrix<'g> {
        self.apply(Triangle::new(true, 1.0))
    }

    #[track_caller]
    fn log_determinant_by(self, factors: Factors, absolute: bool) -> Scalar<'g> {
        let m = self.of_factors(LogDeterminant { factors, absolute }, factors);
        Scalar::new(m.graph, m.value)
    }

    /// `op` of this matrix and its factorisation.
    #[track_caller]
    fn of_factors(self, op: impl Into<Op>, factors: Factors) -> Matrix<'g> {
        let (op, line) = (op.into(), Location::caller());
        let value = match self.factored(&op, factors, line) {
            Ok(f) => self.graph.emit(op, &[self.value, f], line),
            Err(bad) => bad,
        };
        Matrix::new(self.graph, value)
    }

    /// `op` of this matrix, its factorisation, and right-hand sides.
    #[track_caller]
    fn of_factors_and(self, op: impl Into<Op>, factors: Factors, b: Matrix<'g>) -> Matrix<'g> {
        let (op, line) = (op.into(), Location::caller());
        let value = self.graph.operand(b.graph, b.value, line).and_then(|b| {
            let f = self.factored(&op, factors, line)?;
            let (a_shape, b_shape) = (self.graph.shape(self.value), self.graph.shape(b));
            if a_shape.rows != b_shape.rows {
                let why = format!("{} rows != {}", a_shape.rows, b_shape.rows);
                return Err(self.graph.reject(op.name(), &[self.value, b], &why, line));
            }
            Ok(self.graph.emit(op.clone(), &[self.value, f, b], line))
        });
        Matrix::new(self.graph, value.unwrap_or_else(|bad| bad))
    }

    /// The factorisation; the failure of `op` where the matrix is not square.
    fn factored(self, op: &Op, factors: Factors, line: Caller) -> Result<Value, Value> {
        let shape = self.graph.shape(self.value);
        if shape.rows != shape.cols {
            return Err(self.graph.reject(op.name(), &[self.value], "a square matrix is needed", line));
        }
        Ok(self.graph.emit(factors.maker(), &[self.value], line))
    }
}
