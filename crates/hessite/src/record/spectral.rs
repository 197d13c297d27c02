//! Functions of a symmetric matrix by its eigenvalues.

use super::Matrix;
use crate::program::Value;
use crate::program::ops::*;
use crate::program::scalar as table;
use std::panic::Location;

/// A symmetric matrix A = V diag(λ) Vᵀ, whose functions are f(A) = V diag(f(λ)) Vᵀ ([`Matrix::spectral`]).
#[derive(Clone, Copy, Debug)]
pub struct Spectral<'g> {
    matrix: Matrix<'g>,
    factored: Value,
}

impl<'g> Matrix<'g> {
    /// (X + Xᵀ)/2.
    ///
    /// # Errors
    /// From [`Graph::function`](crate::Graph::function): X is not square.
    #[track_caller]
    pub fn symmetric_part(self) -> Matrix<'g> {
        self.apply(SymmetricPart::ANY)
    }

    /// The functions of this symmetric matrix: `a.spectral().ln()` is its logarithm.
    ///
    /// f(A) = V diag(f(λ)) Vᵀ with A = V diag(λ) Vᵀ, factored once for a point. Its derivatives are made of divided
    /// differences of f, so they are as exact at repeated and nearly repeated eigenvalues as elsewhere, and no
    /// eigenvector is differentiated. Derivatives are those of f((A + Aᵀ)/2), with respect to independent entries: the
    /// gradient is symmetric.
    ///
    /// # Errors
    /// From [`Graph::function`](crate::Graph::function): A is not square. At a point:
    /// [`NotSymmetric`](crate::Error::NotSymmetric) beyond 1e-12 of the largest entry
    /// ([`symmetric_part`](Self::symmetric_part) says that it is meant), and [`Domain`](crate::Error::Domain) where f is
    /// not finite at an eigenvalue. One that is negative by rounding alone counts as 0 where f is not defined below.
    ///
    /// ```
    /// # fn main() -> hessite::Result<()> {
    /// let g = hessite::Graph::new();
    /// let a = g.matrix("A", 2, 2);
    /// let f = g.function(a.spectral().sqrt().trace())?;
    /// // Two equal eigenvalues do no harm: tr √A has the gradient A^(-1/2)/2.
    /// let at = f.at(&[a.is(&[4.0, 0.0, 0.0, 4.0])])?;
    /// assert_eq!(at.value(), 4.0);
    /// assert_eq!(at.gradient()?["A"], nalgebra::matrix![0.25, 0.0; 0.0, 0.25]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// N. J. Higham, Functions of Matrices (2008), chapters 1 and 3.
    #[track_caller]
    pub fn spectral(self) -> Spectral<'g> {
        let line = Location::caller();
        let g = self.graph;
        let symmetric = g.emit(SymmetricPart { checked: true }, &[self.value], line);
        let factored = g.emit(SymmetricEigen, &[symmetric], line);
        Spectral { matrix: Matrix::new(g, symmetric), factored }
    }
}

impl<'g> Matrix<'g> {
    /// The exponential e^A of any square matrix, by scaling and squaring; [`exp`](Self::exp) is entrywise.
    ///
    /// Its derivatives are those of the same products: D exp(A)[E] = ∫₀¹ e^((1−t)A) E e^(tA) dt, and so on.
    ///
    /// # Errors
    /// From [`Graph::function`](crate::Graph::function): A is not square. At a point:
    /// [`Domain`](crate::Error::Domain) beyond a 1-norm of 9e11.
    ///
    /// ```
    /// # fn main() -> hessite::Result<()> {
    /// let g = hessite::Graph::new();
    /// let a = g.matrix("A", 2, 2);
    /// let f = g.function(a.expm().entry(0, 1))?;
    /// // exp of a nilpotent matrix is I + A.
    /// let at = f.at(&[a.is(&[0.0, 0.0, 3.0, 0.0])])?;
    /// assert!((at.value() - 3.0).abs() < 1e-15);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// P. Bader, S. Blanes & F. Casas, Mathematics 7, 1174 (2019); A. H. Al-Mohy & N. J. Higham, SIAM J. Matrix Anal.
    /// Appl. 30 (2009).
    #[track_caller]
    pub fn expm(self) -> Matrix<'g> {
        let line = Location::caller();
        let tape = self.graph.emit(ExpmTape { tangent: false }, &[self.value], line);
        Matrix::new(self.graph, self.graph.emit(Expm { order: 0 }, &[self.value, tape], line))
    }
}

impl<'g> Spectral<'g> {
    #[track_caller]
    fn of(self, row: &'static table::Row, parameter: f64) -> Matrix<'g> {
        let op = crate::program::ops::Spectral::value(Map::new(row, parameter));
        let args = [self.matrix.value, self.factored];
        Matrix::new(self.matrix.graph, self.matrix.graph.emit(op, &args, Location::caller()))
    }

    /// Aⁿ, for negative n of an invertible A.
    #[track_caller]
    pub fn powi(self, n: i32) -> Matrix<'g> {
        self.of(&table::POWI, f64::from(n))
    }

    /// Aᶜ for a constant c; `powf(-0.5)` is the inverse square root. An integral c is as [`powi`](Self::powi), others
    /// need a positive semidefinite A.
    #[track_caller]
    pub fn powf(self, c: f64) -> Matrix<'g> {
        if c.fract() == 0.0 && c.abs() < 1e9 {
            return self.powi(c as i32);
        }
        self.of(&table::POWF, c)
    }
}

macro_rules! functions {
    ($($(#[$meta:meta])* $name:ident = $row:ident),* $(,)?) => {
        impl<'g> Spectral<'g> {
            $($(#[$meta])* #[track_caller] pub fn $name(self) -> Matrix<'g> { self.of(&table::$row, 0.0) })*
        }

        /// The functions and their names, for the tests.
        #[cfg(test)]
        pub(crate) const FUNCTIONS: &[(&str, for<'g> fn(Spectral<'g>) -> Matrix<'g>)] =
            &[$((stringify!($name), |s| s.$name())),*];
    };
}

functions! {
    /// A⁻¹.
    recip = RECIP,
    /// √A of a positive semidefinite A; derivatives need a definite one.
    sqrt = SQRT,
    /// ∛A.
    cbrt = CBRT,
    /// e^A; of a matrix that is not symmetric see [`expm`](Matrix::expm).
    exp = EXP,
    /// e^A − I, exact for small eigenvalues.
    exp_m1 = EXP_M1,
    /// The logarithm of a positive definite A.
    ln = LN,
    /// ln(I + A), exact for small eigenvalues.
    ln_1p = LN_1P,
    /// The logarithm to base 2.
    log2 = LOG2,
    /// The logarithm to base 10.
    log10 = LOG10,
    /// A ln A of a positive semidefinite A: its trace is minus the von Neumann entropy.
    xlnx = XLNX,
    /// The sine.
    sin = SIN,
    /// The cosine.
    cos = COS,
    /// The tangent.
    tan = TAN,
    /// The arc sine.
    asin = ASIN,
    /// The arc cosine.
    acos = ACOS,
    /// The arc tangent.
    atan = ATAN,
    /// The hyperbolic sine.
    sinh = SINH,
    /// The hyperbolic cosine.
    cosh = COSH,
    /// The hyperbolic tangent.
    tanh = TANH,
    /// The inverse hyperbolic sine.
    asinh = ASINH,
    /// The inverse hyperbolic cosine.
    acosh = ACOSH,
    /// The inverse hyperbolic tangent.
    atanh = ATANH,
    /// (I + e⁻ᴬ)⁻¹.
    sigmoid = SIGMOID,
    /// ln(I + eᴬ).
    softplus = SOFTPLUS,
    /// The error function.
    erf = ERF,
    /// I − erf(A), exact for large eigenvalues.
    erfc = ERFC,
}
