//! Elementwise functions, by the same names on matrices and scalars.

use super::{Matrix, Scalar};
use crate::program::scalar as table;

macro_rules! elementwise {
    ($($(#[$meta:meta])* $name:ident = $row:ident),* $(,)?) => {
        /// Elementwise functions.
        impl<'g> Matrix<'g> {
            $($(#[$meta])* #[track_caller] pub fn $name(self) -> Matrix<'g> { self.map(&table::$row, 0.0) })*
        }
        /// Functions of one number.
        impl<'g> Scalar<'g> {
            $($(#[$meta])* #[track_caller] pub fn $name(self) -> Scalar<'g> { self.map(&table::$row, 0.0) })*
        }
    };
}

elementwise! {
    /// 1/x.
    recip = RECIP,
    /// √x; its derivatives at 0 are +∞ and −∞, and NaN below.
    sqrt = SQRT,
    /// ∛x.
    cbrt = CBRT,
    /// eˣ.
    exp = EXP,
    /// eˣ − 1, exact for small x.
    exp_m1 = EXP_M1,
    /// The natural logarithm.
    ln = LN,
    /// ln(1 + x), exact for small x.
    ln_1p = LN_1P,
    /// The logarithm to base 2.
    log2 = LOG2,
    /// The logarithm to base 10.
    log10 = LOG10,
    /// x ln x, 0 at 0.
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
    /// 1/(1 + e⁻ˣ).
    sigmoid = SIGMOID,
    /// ln(1 + eˣ).
    softplus = SOFTPLUS,
    /// The error function.
    erf = ERF,
    /// 1 − erf(x), exact for large x.
    erfc = ERFC,
    /// |x|, with derivative 0 at 0.
    abs = ABS,
    /// −1, 0 or 1.
    sign = SIGN,
    /// The largest integer that is not larger.
    floor = FLOOR,
    /// The smallest integer that is not smaller.
    ceil = CEIL,
    /// The nearest integer, halves away from 0.
    round = ROUND,
}

macro_rules! with_parameter {
    ($Handle:ident) => {
        impl<'g> $Handle<'g> {
            /// xⁿ entry by entry, defined for negative x too.
            #[track_caller]
            pub fn powi(self, n: i32) -> $Handle<'g> {
                self.map(&table::POWI, f64::from(n))
            }

            /// xᶜ entry by entry for a constant c; an integral c is as [`powi`](Self::powi).
            #[track_caller]
            pub fn powf(self, c: f64) -> $Handle<'g> {
                self.map(&table::POWF, c)
            }

            /// max(x, 0), with derivative 1 at 0.
            #[track_caller]
            pub fn relu(self) -> $Handle<'g> {
                self.clamp(0.0, f64::INFINITY)
            }

            /// x between bounds; at a bound it counts as inside, with derivative 1.
            #[track_caller]
            pub fn clamp(self, low: f64, high: f64) -> $Handle<'g> {
                let line = std::panic::Location::caller();
                let g = self.graph;
                let mut v = self.value;
                if low > f64::NEG_INFINITY {
                    v = g.entrywise(&table::MAX, v, g.constant(low).value, line);
                }
                if high < f64::INFINITY {
                    v = g.entrywise(&table::MIN, v, g.constant(high).value, line);
                }
                $Handle::new(g, v)
            }
        }
    };
}
with_parameter!(Matrix);
with_parameter!(Scalar);
