//! Finite-difference certificates for gradients and Hessians, over closures on slices.
//!
//! **What enters**: a function f: ℝⁿ → ℝ, its gradient, and its Hessian H (or the product H·v), written by hand or by any
//! engine, as closures on `&[f64]`; and a point x. **What leaves**: a [`Report`] that says which entry fits differences
//! least, with the error to be expected of the difference, whether H = Hᵀ, and who is likely at [fault](Fault).
//!
//! ```
//! use hessite_check::{Check, Fault};
//!
//! // Rosenbrock's function, with a sign that is easily lost.
//! let value = |x: &[f64]| 100.0 * (x[1] - x[0] * x[0]).powi(2) + (1.0 - x[0]).powi(2);
//! let gradient = |x: &[f64], g: &mut [f64]| {
//!     g[0] = -400.0 * x[0] * (x[1] - x[0] * x[0]) + 2.0 * (1.0 - x[0]);
//!     g[1] = 200.0 * (x[1] - x[0] * x[0]);
//! };
//! let report = Check::new(value, gradient).at(&[-1.2, 1.0])?;
//! assert_eq!(report.fault, Some(Fault::WrongGradient));
//! assert_eq!(report.suspect.map(|place| place.to_string()).as_deref(), Some("g[0]"));
//! println!("{report}");
//! # Ok::<(), hessite_check::Error>(())
//! ```
//! prints
//! ```text
//!   gradient   worst g[0]  exact  -2.068000000e2  difference  -2.156000000e2  error 8.8e0 (expected ≤ 6.5e-11)  differs
//!   along      all 2 of 2 coordinates, 4 random directions
//!   verdict    likely at fault: wrong gradient at g[0]
//!              differences of the value converge to -2.156000000e2 within 6.5e-11, the gradient says -2.068000000e2
//! ```
//!
//! # How
//! Along a direction d let φ(t) = f(x + t d), or a component of ∇f(x + t d). Central differences
//!
//!   D(h) = (φ(h) − φ(−h)) / 2h = φ′(0) + a h² + b h⁴ + … ± ε/h
//!
//! are taken at h = 1/8, 1/32, … of the scale of d and extrapolated to h = 0 (Richardson); the tableau gives the truncation
//! error (Ridders), and the noise ε of φ, measured from a table of differences (Moré and Wild's ECnoise), the rounding
//! error. The ladder ends where the claimed derivative is confirmed by an estimate that smaller steps don't improve, or
//! at 2·10⁻¹⁵. A claim e is refuted when
//!
//!   |e − D| > 8 (truncation + rounding) + rounding of e + tolerance · max(|e|, |D|).
//!
//! The scale of a coordinate is max(|xᵢ|, typical), rounded to a power of two so that x + h is exact; a random direction
//! moves each coordinate by a half to the whole of its scale. From the same samples come the difference of the one-sided
//! slopes and of the one-sided values, extrapolated as well, which tell kinks from errors: see [`Fault`].
//!
//! # Elsewhere in the crate
//! [`differences`] has the plain formulas at a step of one's own choice, [`estimates`] differences with an error estimate,
//! [`noise()`] the noise of a function.
//!
//! # Deliberately absent
//! Automatic differentiation; sparse Hessians (give the product); complex steps; symmetrising what is not symmetric.
//!
//! # References
//! * J. J. Moré and S. M. Wild, *Estimating computational noise*, SIAM J. Sci. Comput. 33 (2011); *Estimating derivatives
//!   of noisy simulations*, ACM Trans. Math. Softw. 38 (2012).
//! * C. J. F. Ridders, *Accurate computation of F′(x) and F′(x)F″(x)*, Adv. Eng. Softw. 4 (1982).
//! * P. E. Gill, W. Murray, M. A. Saunders and M. H. Wright, *Computing forward-difference intervals for numerical
//!   optimization*, SIAM J. Sci. Stat. Comput. 4 (1983).
#![forbid(unsafe_code)]

mod check;
pub mod differences;
mod error;
pub mod estimates;
mod evidence;
mod extrapolate;
mod fault;
mod line;
mod noise;
mod options;
mod random;
mod report;
mod survey;
mod symmetry;

pub use check::Check;
pub use error::{Error, Result};
pub use extrapolate::Estimate;
pub use fault::Fault;
pub use noise::noise;
pub use options::Options;
pub use report::{Along, Comparison, Evaluations, Place, Report, Symmetry};
