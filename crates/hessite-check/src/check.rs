//! The check of a point: which closures, which directions, in which order.

use crate::error::{Error, Result};
use crate::options::Options;
use crate::report::{Along, Report};
use crate::survey::Survey;

type Value<'a> = Box<dyn FnMut(&[f64]) -> f64 + 'a>;
type Gradient<'a> = Box<dyn FnMut(&[f64], &mut [f64]) + 'a>;
type Product<'a> = Box<dyn FnMut(&[f64], &[f64], &mut [f64]) + 'a>;

/// Where second derivatives come from.
pub(crate) enum Second<'a> {
    Nowhere,
    Product(Product<'a>),
    Dense(Gradient<'a>),
}

/// A function f: ℝⁿ → ℝ with the derivatives that are to be checked, as closures on slices.
///
/// The gradient is compared with differences of the value, the Hessian with differences of the gradient, each along all
/// coordinates (a choice of them when n is large) and some random directions; the Hessian also with its transpose.
/// Differences are extrapolated from a ladder of steps and come with the error to be expected of them. The
/// [`Report`] says what fits least, and who is likely at fault.
///
/// ```
/// use hessite_check::{Check, Fault};
/// let value = |x: &[f64]| x[0].powi(2) * x[1];
/// let gradient = |x: &[f64], g: &mut [f64]| {
///     g[0] = 2.0 * x[0] * x[1];
///     g[1] = x[0] * x[0];
/// };
/// // Column-major. The mixed derivative is wrong by a factor of two.
/// let hessian = |x: &[f64], h: &mut [f64]| h.copy_from_slice(&[2.0 * x[1], x[0], x[0], 0.0]);
/// let report = Check::new(value, gradient).hessian(hessian).at(&[3.0, -1.0])?;
/// assert_eq!(report.fault, Some(Fault::WrongHessian));
/// println!("{report}");
///
/// // H·v alone will do.
/// let product = |x: &[f64], v: &[f64], out: &mut [f64]| {
///     out[0] = 2.0 * x[1] * v[0] + 2.0 * x[0] * v[1];
///     out[1] = 2.0 * x[0] * v[0];
/// };
/// assert!(Check::new(value, gradient).product(product).at(&[3.0, -1.0])?.passed());
/// # Ok::<(), hessite_check::Error>(())
/// ```
pub struct Check<'a> {
    pub(crate) value: Value<'a>,
    pub(crate) gradient: Gradient<'a>,
    pub(crate) second: Second<'a>,
    pub(crate) options: Options,
}

impl std::fmt::Debug for Check<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Check").field("options", &self.options).finish_non_exhaustive()
    }
}

impl<'a> Check<'a> {
    /// A value x ↦ f(x) and its gradient, (x, out) ↦ out = ∇f(x). Each call should give the same numbers for the same x.
    pub fn new(value: impl FnMut(&[f64]) -> f64 + 'a, gradient: impl FnMut(&[f64], &mut [f64]) + 'a) -> Self {
        let (value, gradient) = (Box::new(value), Box::new(gradient));
        Check { value, gradient, second: Second::Nowhere, options: Options::default() }
    }

    /// Checks also H·v, (x, v, out) ↦ out = ∇²f(x) v.
    pub fn product(self, product: impl FnMut(&[f64], &[f64], &mut [f64]) + 'a) -> Self {
        Check { second: Second::Product(Box::new(product)), ..self }
    }

    /// Checks also a dense Hessian, (x, out) ↦ out = ∇²f(x), column-major: out[i + n·j] = ∂²f/∂xᵢ∂xⱼ.
    pub fn hessian(self, hessian: impl FnMut(&[f64], &mut [f64]) + 'a) -> Self {
        Check { second: Second::Dense(Box::new(hessian)), ..self }
    }

    /// The same check with other options.
    pub fn options(self, options: &Options) -> Self {
        Check { options: options.clone(), ..self }
    }

    /// Checks the point x.
    ///
    /// Takes about ten values and ten gradients for each direction where all is well, and 48 of each where it is not.
    ///
    /// # Errors
    /// A NaN or infinity in x, or at x in the value, the gradient or the Hessian; a tolerance or typical magnitude that
    /// is not positive; a dense Hessian of more entries than can be counted. What differs is no error: it is in the
    /// report.
    pub fn at(&mut self, x: &[f64]) -> Result<Report> {
        self.options.validate()?;
        finite("x", x)?;
        let mut survey = Survey::new(self, x)?;
        survey.walk()?;
        Ok(survey.report())
    }
}

/// An error for the first entry that is not finite.
pub(crate) fn finite(what: &'static str, entries: &[f64]) -> Result<()> {
    match entries.iter().position(|x| !x.is_finite()) {
        None => Ok(()),
        Some(index) => Err(Error::NonFinite { what, index, value: entries[index] }),
    }
}

/// A direction d that is checked, with the units of its derivatives.
pub(crate) struct Direction {
    pub along: Along,
    pub entries: Vec<f64>,
    /// d is this times the direction that is reported: sⱼ for a coordinate, 1 for a random direction.
    pub unit: f64,
}
