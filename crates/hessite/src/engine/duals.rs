//! num-dual's numbers as [`Number`]s: the only place that knows the crate.
//!
//! A wrapper carries them, so that rows that `DualNum` lacks are given here from the dual's own operations.

use crate::error::{Error, Result};
use crate::program::number::Number;
use crate::program::scalar::Row;
use num_dual::{Dual64, DualNum, HyperDual64};
use std::ops::{Add, Mul, Neg, Sub};

/// x + ẋ ε.
#[cfg(test)]
pub(crate) type First = Literal<Dual64>;
/// x + x₁ε₁ + x₂ε₂ + x₁₂ε₁ε₂.
pub(crate) type Second = Literal<HyperDual64>;

/// A dual number of num-dual.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Literal<D>(pub D);

macro_rules! forward {
    ($Trait:ident :: $method:ident) => {
        impl<D: DualNum<Primitive = f64> + Copy> $Trait for Literal<D> {
            type Output = Self;
            fn $method(self, other: Self) -> Self {
                Literal($Trait::$method(self.0, other.0))
            }
        }
    };
}
forward!(Add::add);
forward!(Sub::sub);
forward!(Mul::mul);

impl<D: DualNum<Primitive = f64> + Copy> Neg for Literal<D> {
    type Output = Self;
    fn neg(self) -> Self {
        Literal(-self.0)
    }
}

impl<D: DualNum<Primitive = f64> + Lift + Copy> Number for Literal<D> {
    const NILPOTENT: usize = D::NILPOTENT;

    fn constant(x: f64) -> Self {
        Literal(D::from(x))
    }

    fn real(&self) -> f64 {
        self.0.re()
    }

    fn with_real(self, x: f64) -> Self {
        Literal(self.0.lift(x, 1.0, 0.0))
    }

    fn row(row: &'static Row, parameter: f64, args: &[Self]) -> Result<Self> {
        let value = match args {
            [x] => unary(row.name, parameter, x.0),
            [x, y] => binary(row.name, parameter, x.0, y.0),
            _ => None,
        };
        value.map(Literal).ok_or_else(|| Error::NoLiteral { name: row.name.into() })
    }
}

/// A dual number whose fields a function with known f, f′, f″ can be applied to.
pub(crate) trait Lift {
    const NILPOTENT: usize;

    fn lift(self, f: f64, f1: f64, f2: f64) -> Self;
}

impl Lift for Dual64 {
    const NILPOTENT: usize = 1;

    fn lift(self, f: f64, f1: f64, _: f64) -> Self {
        Dual64::new(f, f1 * self.eps)
    }
}

impl Lift for HyperDual64 {
    const NILPOTENT: usize = 2;

    fn lift(self, f: f64, f1: f64, f2: f64) -> Self {
        HyperDual64::new(f, f1 * self.eps1, f1 * self.eps2, f1 * self.eps1eps2 + f2 * self.eps1 * self.eps2)
    }
}

/// The elementwise functions by name; `None` for one that is missing here (a test runs over the table).
fn unary<D: DualNum<Primitive = f64> + Lift + Copy>(name: &str, p: f64, x: D) -> Option<D> {
    let re = x.re();
    let one = D::from(1.0);
    // e^(−|x|), which never overflows.
    let decay = || if re >= 0.0 { (-x).exp() } else { x.exp() };
    Some(match name {
        "ln_slope" if re < 0.0 => D::from(f64::NAN),
        "recip" | "recip_up" | "ln_slope" => x.recip(),
        "recip_or_zero" if re == 0.0 => D::from(0.0),
        "recip_or_zero" => x.recip(),
        "square" => x * x,
        "powi" => x.powi(p as i32),
        "powf" => x.powf(p),
        "sqrt" => x.sqrt(),
        "cbrt" => x.cbrt(),
        "exp" => x.exp(),
        "exp_m1" => x.exp_m1(),
        "ln" => x.ln(),
        "ln_1p" => x.ln_1p(),
        "log2" => x.log2(),
        "log10" => x.log10(),
        "xlnx" => x * x.ln(),
        "sin" => x.sin(),
        "cos" => x.cos(),
        "tan" => x.tan(),
        "asin" => x.asin(),
        "acos" => x.acos(),
        "atan" => x.atan(),
        "sinh" => x.sinh(),
        "cosh" => x.cosh(),
        "asinh" => x.asinh(),
        "acosh" => x.acosh(),
        "atanh" => x.atanh(),
        // num-dual's own quotient sinh/cosh is NaN for large arguments.
        "tanh" => {
            let (t, s) = (re.tanh(), sech_squared(re));
            x.lift(t, s, -2.0 * t * s)
        }
        "sech_squared" => {
            let (t, s) = (re.tanh(), sech_squared(re));
            x.lift(s, -2.0 * t * s, s * (4.0 - 6.0 * s))
        }
        "sigmoid" if re >= 0.0 => (one + decay()).recip(),
        "sigmoid" => decay() / (one + decay()),
        "softplus" if re >= 0.0 => x + decay().ln_1p(),
        "softplus" => decay().ln_1p(),
        "erf" => gauss(x, libm::erf(re), 1.0),
        "erfc" => gauss(x, libm::erfc(re), -1.0),
        "abs" if re == 0.0 => D::from(0.0),
        "abs" => x * D::from(re.signum()),
        _ => return None,
    })
}

fn sech_squared(x: f64) -> f64 {
    let e = (-2.0 * x.abs()).exp();
    4.0 * e / ((1.0 + e) * (1.0 + e))
}

fn gauss<D: DualNum<Primitive = f64> + Lift>(x: D, value: f64, sign: f64) -> D {
    let re = x.re();
    let slope = sign * std::f64::consts::FRAC_2_SQRT_PI * (-re * re).exp();
    x.lift(value, slope, -2.0 * re * slope)
}

fn binary<D: DualNum<Primitive = f64> + Copy>(name: &str, p: f64, x: D, y: D) -> Option<D> {
    Some(match name {
        "div" => x / y,
        "div_or_zero" if y.re() == 0.0 => D::from(0.0),
        "div_or_zero" => x / y,
        "ln_ratio" => (x / y).ln(),
        "pow" => (y * x.ln()).exp() * x.ln().powi(p as i32),
        "atan2" => x.atan2(y),
        "hypot" => (x * x + y * y).sqrt(),
        "rel_entr" => x * (x / y).ln(),
        "max" => {
            if x.re() >= y.re() {
                x
            } else {
                y
            }
        }
        "min" => {
            if x.re() <= y.re() {
                x
            } else {
                y
            }
        }
        _ => return None,
    })
}
