//! Finite differences at one step: the plain formulas, with what their errors are.
//!
//! Along the coordinate xᵢ, with eᵢ the unit vector and ε the noise of f (that of rounding is ε|f|):
//!
//! | function | formula | error | best step |
//! |---|---|---|---|
//! | [`gradient_forward`] | (f(x + heᵢ) − f(x)) / h | h·f″/2 + 2ε/h | √ε |
//! | [`gradient_central`] | (f(x + heᵢ) − f(x − heᵢ)) / 2h | h²·f‴/6 + ε/h | ∛ε |
//! | [`product_forward`] | (∇f(x + hv) − ∇f(x)) / h | h·f‴/2 along v + 2ε/h | √ε |
//! | [`product_central`] | (∇f(x + hv) − ∇f(x − hv)) / 2h | h²·f⁗/6 along v + ε/h | ∛ε |
//! | [`hessian_of_gradient_central`] | the same with v = eⱼ, for all j | | ∛ε |
//! | [`curvature_central`] | (f(x + hu + hv) − f(x + hu − hv) − f(x − hu + hv) + f(x − hu − hv)) / 4h² | O(h²) + ε/h² | ⁴√ε |
//! | [`hessian_of_value`] | the same with u = eᵢ, v = eⱼ; (f(x + heᵢ) − 2f(x) + f(x − heᵢ)) / h² on the diagonal | O(h²) + 4ε/h² | ⁴√ε |
//!
//! [`Step::Auto`] takes the best step of a function whose values and derivatives are about 1 over max(|xᵢ|, 1), with
//! rounding as its noise. Steps are made exact: the h that is divided by is the one that was moved. The functions of
//! [`estimates`](crate::estimates) choose steps by the function's own noise and say how wrong they may be.
//!
//! # Reference
//! P. E. Gill, W. Murray, M. A. Saunders and M. H. Wright, *Computing forward-difference intervals for numerical
//! optimization*, SIAM J. Sci. Stat. Comput. 4 (1983).

use crate::check::finite;
use crate::error::{Error, Result};

/// How far to move.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Step {
    /// The best relative step of the formula.
    #[default]
    Auto,
    /// h = η·max(|xᵢ|, 1) along a coordinate; along v, hv moves no coordinate by more than that, and one by as much.
    Relative(f64),
    /// h itself.
    Absolute(f64),
}

impl Step {
    /// The step along xᵢ, and the check that it can be one.
    fn along(self, x: f64, auto: f64) -> Result<f64> {
        let h = match self {
            Step::Auto => auto * x.abs().max(1.0),
            Step::Relative(eta) => eta * x.abs().max(1.0),
            Step::Absolute(h) => h,
        };
        if h > 0.0 && h.is_finite() { Ok(h) } else { Err(Error::Option { what: "the step", value: h }) }
    }

    /// The step along v.
    fn along_direction(self, x: &[f64], v: &[f64], auto: f64) -> Result<f64> {
        let eta = match self {
            Step::Auto => auto,
            Step::Relative(eta) => eta,
            Step::Absolute(h) => return Step::Absolute(h).along(0.0, h),
        };
        Step::Absolute(eta / relative_size(x, v)).along(0.0, eta)
    }
}

/// max |vᵢ| / max(|xᵢ|, 1): how far v moves x, relatively; 1 for a direction that is zero.
pub(crate) fn relative_size(x: &[f64], v: &[f64]) -> f64 {
    let size = x.iter().zip(v).fold(0.0f64, |m, (x, v)| m.max(v.abs() / x.abs().max(1.0)));
    if size > 0.0 { size } else { 1.0 }
}

/// √ε, ∛ε, ⁴√ε.
const FORWARD: f64 = 1.5e-8;
const CENTRAL: f64 = 6.1e-6;
const SECOND: f64 = 1.2e-4;

pub(crate) fn length(what: &'static str, expected: usize, got: usize, dimension: usize) -> Result<()> {
    if expected == got { Ok(()) } else { Err(Error::Length { what, expected, got, dimension }) }
}

fn square(n: usize) -> usize {
    n.saturating_mul(n)
}

/// A point whose coordinates are moved and put back.
struct Moving<'x> {
    x: &'x [f64],
    moved: Vec<f64>,
}

impl<'x> Moving<'x> {
    fn new(x: &'x [f64]) -> Result<Self> {
        finite("x", x)?;
        Ok(Moving { x, moved: x.to_vec() })
    }

    /// Calls `use_it` with xᵢ + h in place of xᵢ; returns how far that is, exactly.
    fn with(&mut self, i: usize, h: f64, use_it: impl FnOnce(&[f64])) -> f64 {
        self.moved[i] = self.x[i] + h;
        use_it(&self.moved);
        let far = self.moved[i] - self.x[i];
        self.moved[i] = self.x[i];
        far
    }

    /// x + h v.
    fn along(&mut self, v: &[f64], h: f64) -> &[f64] {
        self.moved.iter_mut().zip(self.x).zip(v).for_each(|((m, x), v)| *m = x + h * v);
        &self.moved
    }
}

/// out = ∇f(x) by n + 1 values, (f(x + heᵢ) − f(x)) / h.
///
/// # Errors
/// A wrong length, a non-finite x, a step that is not positive.
///
/// ```
/// use hessite_check::differences::{Step, gradient_forward};
/// let mut g = [0.0; 2];
/// gradient_forward(|x| x[0] * x[1], &[3.0, 4.0], Step::Auto, &mut g)?;
/// assert!((g[0] - 4.0).abs() < 1e-6 && (g[1] - 3.0).abs() < 1e-6);
/// # Ok::<(), hessite_check::Error>(())
/// ```
pub fn gradient_forward(
    mut f: impl FnMut(&[f64]) -> f64,
    x: &[f64],
    step: Step,
    out: &mut [f64],
) -> Result<()> {
    length("out", x.len(), out.len(), x.len())?;
    let mut moving = Moving::new(x)?;
    let here = f(x);
    for (i, out) in out.iter_mut().enumerate() {
        let mut there = 0.0;
        let h = moving.with(i, step.along(x[i], FORWARD)?, |x| there = f(x));
        *out = (there - here) / h;
    }
    Ok(())
}

/// out = ∇f(x) by 2n values, (f(x + heᵢ) − f(x − heᵢ)) / 2h.
///
/// # Errors
/// As [`gradient_forward`].
///
/// ```
/// use hessite_check::differences::{Step, gradient_central};
/// let mut g = [0.0; 1];
/// gradient_central(|x| x[0].exp(), &[1.0], Step::Relative(1e-5), &mut g)?;
/// assert!((g[0] - 1f64.exp()).abs() < 1e-9);
/// # Ok::<(), hessite_check::Error>(())
/// ```
pub fn gradient_central(
    mut f: impl FnMut(&[f64]) -> f64,
    x: &[f64],
    step: Step,
    out: &mut [f64],
) -> Result<()> {
    length("out", x.len(), out.len(), x.len())?;
    let mut moving = Moving::new(x)?;
    for (i, out) in out.iter_mut().enumerate() {
        let h = step.along(x[i], CENTRAL)?;
        let (mut above, mut below) = (0.0, 0.0);
        let up = moving.with(i, h, |x| above = f(x));
        let down = moving.with(i, -h, |x| below = f(x));
        *out = (above - below) / (up - down);
    }
    Ok(())
}

/// out = ∇²f(x) v by two gradients, (∇f(x + hv) − ∇f(x)) / h.
///
/// # Errors
/// As [`gradient_forward`].
///
/// ```
/// use hessite_check::differences::{Step, product_forward};
/// let gradient = |x: &[f64], g: &mut [f64]| g.copy_from_slice(&[2.0 * x[0] * x[1], x[0] * x[0]]);
/// let mut hv = [0.0; 2];
/// product_forward(gradient, &[3.0, -1.0], &[1.0, 0.0], Step::Auto, &mut hv)?;
/// assert!((hv[0] + 2.0).abs() < 1e-6 && (hv[1] - 6.0).abs() < 1e-6);
/// # Ok::<(), hessite_check::Error>(())
/// ```
pub fn product_forward(
    mut gradient: impl FnMut(&[f64], &mut [f64]),
    x: &[f64],
    v: &[f64],
    step: Step,
    out: &mut [f64],
) -> Result<()> {
    length("v", x.len(), v.len(), x.len())?;
    length("out", x.len(), out.len(), x.len())?;
    let mut moving = Moving::new(x)?;
    let h = step.along_direction(x, v, FORWARD)?;
    let mut here = vec![0.0; x.len()];
    gradient(x, &mut here);
    gradient(moving.along(v, h), out);
    out.iter_mut().zip(&here).for_each(|(o, g)| *o = (*o - g) / h);
    Ok(())
}

/// out = ∇²f(x) v by two gradients, (∇f(x + hv) − ∇f(x − hv)) / 2h.
///
/// # Errors
/// As [`gradient_forward`].
pub fn product_central(
    mut gradient: impl FnMut(&[f64], &mut [f64]),
    x: &[f64],
    v: &[f64],
    step: Step,
    out: &mut [f64],
) -> Result<()> {
    length("v", x.len(), v.len(), x.len())?;
    length("out", x.len(), out.len(), x.len())?;
    let mut moving = Moving::new(x)?;
    let h = step.along_direction(x, v, CENTRAL)?;
    let mut below = vec![0.0; x.len()];
    gradient(moving.along(v, h), out);
    gradient(moving.along(v, -h), &mut below);
    out.iter_mut().zip(&below).for_each(|(o, b)| *o = (*o - b) / (2.0 * h));
    Ok(())
}

/// out = ∇²f(x), column-major, by 2n gradients: column j is (∇f(x + heⱼ) − ∇f(x − heⱼ)) / 2h, and what comes out is
/// not symmetrised.
///
/// # Errors
/// As [`gradient_forward`]; `out` has n² numbers.
///
/// ```
/// use hessite_check::differences::{Step, hessian_of_gradient_central};
/// let gradient = |x: &[f64], g: &mut [f64]| g.copy_from_slice(&[2.0 * x[0] * x[1], x[0] * x[0]]);
/// let mut h = [0.0; 4];
/// hessian_of_gradient_central(gradient, &[3.0, -1.0], Step::Auto, &mut h)?;
/// assert!(h.iter().zip([-2.0, 6.0, 6.0, 0.0]).all(|(a, b)| (a - b).abs() < 1e-8));
/// # Ok::<(), hessite_check::Error>(())
/// ```
pub fn hessian_of_gradient_central(
    mut gradient: impl FnMut(&[f64], &mut [f64]),
    x: &[f64],
    step: Step,
    out: &mut [f64],
) -> Result<()> {
    let n = x.len();
    length("out", square(n), out.len(), n)?;
    let mut moving = Moving::new(x)?;
    let mut below = vec![0.0; n];
    for (j, column) in out.chunks_exact_mut(n.max(1)).enumerate() {
        let h = step.along(x[j], CENTRAL)?;
        let up = moving.with(j, h, |x| gradient(x, column));
        let down = moving.with(j, -h, |x| gradient(x, &mut below));
        column.iter_mut().zip(&below).for_each(|(c, b)| *c = (*c - b) / (up - down));
    }
    Ok(())
}

/// uᵀ∇²f(x)v by four values.
///
/// # Errors
/// As [`gradient_forward`].
///
/// ```
/// use hessite_check::differences::{Step, curvature_central};
/// let c = curvature_central(|x| x[0] * x[0] * x[1], &[3.0, -1.0], &[1.0, 0.0], &[0.0, 1.0], Step::Auto)?;
/// assert!((c - 6.0).abs() < 1e-6);
/// # Ok::<(), hessite_check::Error>(())
/// ```
pub fn curvature_central(
    mut f: impl FnMut(&[f64]) -> f64,
    x: &[f64],
    u: &[f64],
    v: &[f64],
    step: Step,
) -> Result<f64> {
    length("u", x.len(), u.len(), x.len())?;
    length("v", x.len(), v.len(), x.len())?;
    let mut moving = Moving::new(x)?;
    let (a, b) = (step.along_direction(x, u, SECOND)?, step.along_direction(x, v, SECOND)?);
    let mut at = |a: f64, b: f64| {
        let d: Vec<f64> = u.iter().zip(v).map(|(u, v)| a * u + b * v).collect();
        f(moving.along(&d, 1.0))
    };
    Ok(((at(a, b) - at(a, -b)) - (at(-a, b) - at(-a, -b))) / (4.0 * a * b))
}

/// out = ∇²f(x), column-major and symmetric, by 2n² + 1 values.
///
/// # Errors
/// As [`gradient_forward`]; `out` has n² numbers.
pub fn hessian_of_value(
    mut f: impl FnMut(&[f64]) -> f64,
    x: &[f64],
    step: Step,
    out: &mut [f64],
) -> Result<()> {
    let n = x.len();
    length("out", square(n), out.len(), n)?;
    let mut moving = Moving::new(x)?;
    // The steps that xᵢ + h really takes.
    let exact = |x: &f64| step.along(*x, SECOND).map(|h| (x + h) - x);
    let steps: Vec<f64> = x.iter().map(exact).collect::<Result<_>>()?;
    let here = f(x);
    let mut corner = |i: usize, a: f64, j: usize, b: f64| {
        moving.moved[i] = x[i] + a;
        moving.moved[j] = x[j] + b;
        let value = f(&moving.moved);
        (moving.moved[i], moving.moved[j]) = (x[i], x[j]);
        value
    };
    for j in 0..n {
        let b = steps[j];
        out[j + n * j] = ((corner(j, b, j, b) - here) + (corner(j, -b, j, -b) - here)) / (b * b);
        for i in 0..j {
            let a = steps[i];
            let along =
                (corner(i, a, j, b) - corner(i, a, j, -b)) - (corner(i, -a, j, b) - corner(i, -a, j, -b));
            out[i + n * j] = along / (4.0 * a * b);
            out[j + n * i] = out[i + n * j];
        }
    }
    Ok(())
}
