//! Newton's method with a line search, from the same start every time, so that z is a function of x alone.
//!
//! Steps make ‖F‖ smaller; where F is the gradient of a function to be minimized, that function. Where F_z is singular a
//! step is regularised, where a Hessian is not positive definite it is shifted (Nocedal & Wright 2006, "Numerical
//! Optimization", sections 3.4, 10.3 and 11.2).

use super::super::evaluator::Evaluator;
use super::super::ops::Factors;
use super::{Equation, jacobian};
use crate::dense::lanes::{View, ViewMut};
use crate::dense::stop::Stop;
use crate::dense::{cholesky, lu};
use crate::error::Failure;

/// Steps made at most.
const STEPS: usize = 100;
/// Halvings of a step.
const HALVINGS: u32 = 200;
/// Of the decrease that a step promises, the part that it has to keep.
const KEPT: f64 = 1e-4;
/// Roundings that a residual may consist of.
const ROUNDINGS: f64 = 64.0;

pub(super) struct Search<'a> {
    equation: &'a Equation,
    residual: Evaluator<'a>,
    along: Vec<Option<Evaluator<'a>>>,
    x: &'a [View<'a>],
    stop: Stop<'a>,
}

/// F at a z.
struct Trial {
    z: Vec<f64>,
    residual: Vec<f64>,
    /// ‖F‖, or what is minimized.
    height: f64,
}

/// How Newton's steps become shorter: from one to the next they are squared near a simple solution, and keep a fixed part
/// of their length near a multiple one, where F_z vanishes and is nothing but rounding at what is found.
#[derive(Default)]
struct Pace {
    last: f64,
    slow: u32,
}

impl Pace {
    /// Steps in a row that are slow by chance.
    const CHANCE: u32 = 6;

    /// Whether a step of this size is the last one, at a z of that size.
    fn arrives(&mut self, step: f64, z: f64) -> bool {
        let keeps = step > 0.25 * self.last && step < self.last;
        self.slow = if keeps { self.slow + 1 } else { 0 };
        self.last = step;
        step <= 4.0 * f64::EPSILON * z
    }

    fn is_slow(&self) -> bool {
        self.slow >= Pace::CHANCE
    }
}

impl<'a> Search<'a> {
    pub fn new(equation: &'a Equation, x: &'a [View<'a>], stop: Stop<'a>) -> Self {
        let along = equation.along.iter().map(|a| a.as_ref().map(Evaluator::new)).collect();
        Search { equation, residual: Evaluator::new(&equation.residual), along, x, stop }
    }

    pub fn run(&mut self) -> Result<Vec<f64>, Failure> {
        let mut now = self.at(self.equation.start.clone())?;
        let mut pace = Pace::default();
        let mut at_start = None;
        for steps in 0.. {
            if self.stop.raised() {
                break;
            }
            let j = self.jacobian(&now.z)?;
            let lost = Failure::NoConvergence { residual: largest(&now.residual), steps };
            if !now.height.is_finite() || now.residual.iter().chain(&j).any(|x| !x.is_finite()) {
                return Err(lost);
            }
            let newton = self.newton(&j, &now.residual);
            let defect = newton.as_ref().err().copied();
            at_start = if steps == 0 { defect } else { at_start };
            if now.residual.iter().all(|&r| r == 0.0) {
                return defect.filter(|_| self.equation.minimizes()).map_or(Ok(now.z), Err);
            }
            if let Ok(by) = &newton
                && pace.arrives(largest(by), largest(&now.z))
            {
                return if pace.is_slow() { Err(lost) } else { Ok(moved(&now.z, by, 1.0)) };
            }
            let next = if steps < STEPS { self.next(&now, &j, newton.ok()) } else { None };
            now = match next {
                Some(next) => next,
                None if self.equation.minimizes() && defect.is_some() => return Err(defect.unwrap_or(lost)),
                None if self.rounded(&now, &j)? => return Ok(now.z),
                // A matrix that became singular on the way is no cause, but a sign that there is no solution.
                None => return Err(defect.and(at_start).unwrap_or(lost)),
            };
        }
        Ok(vec![f64::NAN; self.equation.len()])
    }

    fn next(&mut self, now: &Trial, j: &[f64], newton: Option<Vec<f64>>) -> Option<Trial> {
        newton.and_then(|by| self.down(now, &by)).or_else(|| {
            let by = self.regularised(j, &now.residual)?;
            self.down(now, &by)
        })
    }

    fn at(&mut self, z: Vec<f64>) -> Result<Trial, Failure> {
        self.residual.run(&point(&z, self.x), self.stop)?;
        let residual = self.residual.output(0).to_vec();
        let height = match self.equation.minimizes() {
            true => self.residual.output(1).iter().sum(),
            false => norm(&residual),
        };
        Ok(Trial { z, residual, height })
    }

    fn jacobian(&mut self, z: &[f64]) -> Result<Vec<f64>, Failure> {
        let n = self.equation.len();
        match &mut self.along[0] {
            Some(along) => jacobian(along, n, &point(z, self.x), self.stop),
            None => Ok(vec![0.0; n * n]),
        }
    }

    /// −F_z⁻¹F.
    fn newton(&self, j: &[f64], residual: &[f64]) -> Result<Vec<f64>, Failure> {
        let n = residual.len();
        let a = View { data: j, rows: n, cols: n, lanes: 1 };
        let mut step: Vec<f64> = residual.iter().map(|r| -r).collect();
        let x = ViewMut { data: &mut step, rows: n, cols: 1, lanes: 1 };
        match self.equation.factors {
            Factors::Lu => {
                let mut f = vec![0.0; lu::len(n)];
                lu::factor(a, &mut f, self.stop);
                let f = lu::Factored::new(&f, n);
                if f.facts.singular() {
                    return Err(Failure::Singular { pivot: f.facts.zero_pivot, rcond: f.facts.rcond });
                }
                lu::solve_in_place(f, false, x, self.stop);
            }
            Factors::Cholesky => {
                let mut l = vec![0.0; n * n];
                cholesky::factor(a, &mut l, self.stop);
                if let Some(k) = cholesky::first_failure(&l, n) {
                    return Err(Failure::NotAMinimum { minor: k + 1 });
                }
                cholesky::solve_in_place(&l, x, self.stop);
            }
        }
        Ok(step)
    }

    /// −(F_zᵀF_z + μI)⁻¹F_zᵀF, or −(H + μI)⁻¹g with a Hessian H, for the first μ that makes the matrix positive definite.
    fn regularised(&self, j: &[f64], residual: &[f64]) -> Option<Vec<f64>> {
        let n = residual.len();
        let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
        let column = |k: usize| &j[k * n..(k + 1) * n];
        let (matrix, right): (Vec<f64>, Vec<f64>) = match self.equation.minimizes() {
            true => (j.to_vec(), residual.iter().map(|r| -r).collect()),
            false => (
                (0..n * n).map(|e| dot(column(e % n), column(e / n))).collect(),
                (0..n).map(|k| -dot(column(k), residual)).collect(),
            ),
        };
        let size = largest(&matrix);
        let mut shift = 1e-3 * if size > 0.0 { size } else { 1.0 };
        for _ in 0..20 {
            let mut shifted = matrix.clone();
            (0..n).for_each(|k| shifted[k * (n + 1)] += shift);
            let mut l = vec![0.0; n * n];
            cholesky::factor(View { data: &shifted, rows: n, cols: n, lanes: 1 }, &mut l, self.stop);
            if cholesky::first_failure(&l, n).is_none() {
                let mut step = right;
                cholesky::solve_in_place(
                    &l,
                    ViewMut { data: &mut step, rows: n, cols: 1, lanes: 1 },
                    self.stop,
                );
                return Some(step);
            }
            shift *= 10.0;
        }
        None
    }

    /// The first of this step, its half, its quarter … that goes down far enough.
    fn down(&mut self, now: &Trial, by: &[f64]) -> Option<Trial> {
        let slope: f64 = now.residual.iter().zip(by).map(|(g, d)| g * d).sum();
        let mut part = 1.0;
        for _ in 0..HALVINGS {
            let z = moved(&now.z, by, part);
            if z == now.z {
                break;
            }
            if let Ok(next) = self.at(z) {
                let smaller = |x: f64, y: f64| x < (1.0 - KEPT * part) * y;
                let enough = match self.equation.minimizes() {
                    // Near the minimum the function is flat up to rounding, and its gradient is not.
                    true => {
                        let flat = next.height <= now.height + 8.0 * f64::EPSILON * now.height.abs();
                        next.height < now.height && next.height <= now.height + KEPT * part * slope
                            || flat && smaller(norm(&next.residual), norm(&now.residual))
                    }
                    false => smaller(next.height, now.height),
                };
                if enough {
                    return Some(next);
                }
            }
            part *= 0.5;
        }
        None
    }

    /// Whether F is nothing but roundings of its terms, whose sizes are those of F_z z and F_x x.
    fn rounded(&mut self, last: &Trial, j: &[f64]) -> Result<bool, Failure> {
        let n = last.z.len();
        let mut sizes = vec![0.0_f64; n];
        for (column, z) in j.chunks_exact(n.max(1)).zip(&last.z) {
            sizes.iter_mut().zip(column).for_each(|(s, j)| *s += (j * z).abs());
        }
        let point = point(&last.z, self.x);
        for (along, x) in self.along.iter_mut().skip(1).zip(self.x) {
            if let Some(along) = along {
                along.prepare(&point, self.stop)?;
                let part = along.along(x.data, self.stop)?;
                sizes.iter_mut().zip(part).for_each(|(s, p)| *s += p.abs());
            }
        }
        Ok(largest(&last.residual) <= ROUNDINGS * f64::EPSILON * largest(&sizes))
    }
}

fn point<'b>(z: &'b [f64], x: &'b [View<'b>]) -> Vec<&'b [f64]> {
    std::iter::once(z).chain(x.iter().map(|x| x.data)).collect()
}

fn moved(z: &[f64], by: &[f64], part: f64) -> Vec<f64> {
    z.iter().zip(by).map(|(z, d)| z + part * d).collect()
}

/// The largest absolute value; NaN where one is.
fn largest(x: &[f64]) -> f64 {
    x.iter().fold(0.0, |m: f64, x| if x.abs() > m || x.is_nan() { x.abs() } else { m })
}

fn norm(x: &[f64]) -> f64 {
    let size = largest(x);
    match size > 0.0 && size.is_finite() {
        true => size * x.iter().map(|x| (x / size) * (x / size)).sum::<f64>().sqrt(),
        false => size,
    }
}
