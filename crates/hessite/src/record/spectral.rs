//! Functions of a symmetric matrix by its eigenvalues.

use super::{Matrix, Scalar};
use crate::program::ops::*;
use crate::program::scalar as table;
use crate::program::{Shape, Value};
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
    /// not finite at an eigenvalue; in [`Mode::Ieee`](crate::Mode::Ieee) neither, but limits from inside of the domain and
    /// NaN outside. An eigenvalue that is 0 up to rounding counts as 0 where f or a derivative ends there.
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
    /// Its derivatives are those of the same products: along E the
    /// first is ∫₀¹ e^((1−t)A) E e^(tA) dt.
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

/// By the symmetric matrix [0 X; Xᵀ 0], whose eigenvalues are plus and minus the singular values, and zeros.
impl<'g> Matrix<'g> {
    #[track_caller]
    fn doubled(self) -> Spectral<'g> {
        let (m, n) = self.shape();
        let zeros = |k: usize| {
            Matrix::new(
                self.graph,
                self.graph.emit(Fill::new(Shape::new(k, k), 0.0), &[], Location::caller()),
            )
        };
        let upper = zeros(m).hcat(self);
        upper.vcat(self.transpose().hcat(zeros(n))).spectral()
    }

    /// The eigenvalues of a symmetric matrix in rising order: `spectral().eigenvalues()`.
    ///
    /// # Errors
    /// As [`spectral`](Self::spectral) and [`Spectral::eigenvalues`].
    #[track_caller]
    pub fn symmetric_eigenvalues(self) -> Matrix<'g> {
        self.spectral().eigenvalues()
    }

    /// The singular values, from the largest down.
    ///
    /// # Errors
    /// From derivatives [`Degenerate`](crate::Error::Degenerate) where two are equal up to rounding, or one is 0.
    #[track_caller]
    pub fn singular_values(self) -> Matrix<'g> {
        let count = self.nrows().min(self.ncols());
        self.doubled().apply(Eigenvalues { count, falling: true })
    }

    /// The nuclear norm, Σ σᵢ, smooth where X has full rank, repeated singular values included. At a zero singular value
    /// the derivatives select the subgradient of least norm, and the kink is reported.
    #[track_caller]
    pub fn nuclear_norm(self) -> Scalar<'g> {
        let zeros = self.nrows().abs_diff(self.ncols());
        self.doubled().apply(spectral(SpectralFunction::Abs { zeros })).trace() * 0.5
    }

    /// The spectral norm, the largest singular value; 0 of an empty matrix. Where it is repeated the derivatives are those
    /// of the mean of the equal ones, and the kink is reported; at X = 0 they are 0.
    #[track_caller]
    pub fn spectral_norm(self) -> Scalar<'g> {
        if self.nrows() == 0 || self.ncols() == 0 {
            return self.sum();
        }
        self.doubled().largest_eigenvalue()
    }
}

impl<'g> Spectral<'g> {
    #[track_caller]
    fn of(self, row: &'static table::Row, parameter: f64) -> Matrix<'g> {
        self.apply(spectral(SpectralFunction::of(Map::new(row, parameter))))
    }

    #[track_caller]
    fn apply(self, op: impl Into<Op>) -> Matrix<'g> {
        let args = [self.matrix.value, self.factored];
        Matrix::new(self.matrix.graph, self.matrix.graph.emit(op, &args, Location::caller()))
    }

    /// |A| = √(A²). Where an eigenvalue is 0 the derivative selects slope 0 for it, and the kink is reported.
    #[track_caller]
    pub fn abs(self) -> Matrix<'g> {
        self.apply(spectral(SpectralFunction::Abs { zeros: 0 }))
    }

    /// The eigenvalues in rising order.
    ///
    /// # Errors
    /// From derivatives [`Degenerate`](crate::Error::Degenerate) where two are equal up to rounding: each alone has none
    /// there. Functions that are symmetric in them are functions of the matrix: their sum is the trace, the sum of their
    /// exponentials `exp().trace()`, and so on.
    #[track_caller]
    pub fn eigenvalues(self) -> Matrix<'g> {
        self.apply(Eigenvalues { count: self.matrix.nrows(), falling: false })
    }

    /// The eigenvectors as columns, in the order of [`eigenvalues`](Self::eigenvalues), of length 1 and with a positive
    /// entry of largest modulus.
    ///
    /// # Errors
    /// As [`eigenvalues`](Self::eigenvalues).
    #[track_caller]
    pub fn eigenvectors(self) -> Matrix<'g> {
        let of = Eigenvalues { count: self.matrix.nrows(), falling: false };
        self.apply(Eigenvectors { of, checked: false })
    }

    /// The largest eigenvalue. Where it is repeated the derivatives are those of the mean of the equal ones (the subgradient
    /// of least norm), and the kink is reported.
    #[track_caller]
    pub fn largest_eigenvalue(self) -> Scalar<'g> {
        if self.matrix.nrows() == 0 {
            let error = crate::Error::Empty {
                op: "largest eigenvalue".into(),
                line: crate::Line(Some(Location::caller())),
            };
            return Scalar::new(self.matrix.graph, self.matrix.graph.fail(error));
        }
        self.apply(spectral(SpectralFunction::Top)).trace()
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

fn spectral(f: SpectralFunction) -> crate::program::ops::Spectral {
    crate::program::ops::Spectral::value(f)
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
