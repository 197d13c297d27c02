//! Newton's method with a line search, from the same start every time, so that z is a function of x alone.
//!
//! Steps make ‖F‖ smaller; where F is the gradient of a function to be minimized, that function. Where F_z is singular a
//! step is regularised, where a Hessian is not positive definite it is shifted (Nocedal & Wright 2006, "Numerical
//! Optimization", sections 3.4, 10.3 and 11.2).

use super::super::evaluator::Evaluator;
use super::super::ops::Factors;
use super::Equation;
use super::memory::Memory;
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
    memory: &'a mut Memory,
    x: &'a [View<'a>],
    stop: Stop<'a>,
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
    pub fn new(equation: &'a Equation, x: &'a [View<'a>], memory: &'a mut Memory, stop: Stop<'a>) -> Self {
        Search { equation, memory, x, stop }
    }

    /// Writes z.
    pub fn run(&mut self, out: &mut [f64]) -> Result<(), Failure> {
        self.memory.next.z.copy_from_slice(&self.equation.start);
        self.evaluate()?;
        self.accept();
        let mut pace = Pace::default();
        let mut at_start = None;
        for steps in 0.. {
            if self.stop.raised() {
                break;
            }
            self.jacobian()?;
            let now = &self.memory.now;
            let lost = Failure::NoConvergence { residual: largest(&now.residual), steps };
            let known = now.residual.iter().chain(&self.memory.jacobian).all(|x| x.is_finite());
            if !now.height.is_finite() || !known {
                return Err(lost);
            }
            let defect = self.newton().err();
            let now = &self.memory.now;
            at_start = if steps == 0 { defect } else { at_start };
            if now.residual.iter().all(|&r| r == 0.0) {
                out.copy_from_slice(&now.z);
                return defect.filter(|_| self.equation.minimizes()).map_or(Ok(()), Err);
            }
            if defect.is_none() && pace.arrives(largest(&self.memory.step), largest(&now.z)) {
                moved(&now.z, &self.memory.step, 1.0, out);
                return if pace.is_slow() { Err(lost) } else { Ok(()) };
            }
            if steps < STEPS && self.next(defect.is_none()) {
                self.accept();
                continue;
            }
            if self.equation.minimizes() && defect.is_some() {
                return Err(defect.unwrap_or(lost));
            }
            if self.rounded()? {
                out.copy_from_slice(&self.memory.now.z);
                return Ok(());
            }
            // A matrix that became singular on the way is no cause, but a sign that there is no solution.
            return Err(defect.and(at_start).unwrap_or(lost));
        }
        out.fill(f64::NAN);
        Ok(())
    }

    /// The trial is where the search stands.
    fn accept(&mut self) {
        let m = &mut *self.memory;
        std::mem::swap(&mut m.now, &mut m.next);
    }

    /// Whether the step, or else a regularised one, goes down to a trial.
    fn next(&mut self, newton: bool) -> bool {
        newton && self.down() || self.regularised() && self.down()
    }

    /// F at the trial's z.
    fn evaluate(&mut self) -> Result<(), Failure> {
        let m = &mut *self.memory;
        let mut trial = std::mem::take(&mut m.next);
        let done = m.residual(self.equation, &trial.z, self.x, self.stop);
        if done.is_ok() {
            let outputs = &self.equation.residual.outputs;
            trial.residual.copy_from_slice(m.residual.value(outputs[0]));
            trial.height = match self.equation.minimizes() {
                true => m.residual.value(outputs[1]).iter().sum(),
                false => norm(&trial.residual),
            };
        }
        m.next = trial;
        done
    }

    fn jacobian(&mut self) -> Result<(), Failure> {
        let m = &mut *self.memory;
        let (z, mut j) = (std::mem::take(&mut m.now.z), std::mem::take(&mut m.jacobian));
        let done = m.jacobian(self.equation, &z, self.x, &mut j, self.stop);
        (m.now.z, m.jacobian) = (z, j);
        done
    }

    /// The step −F_z⁻¹F.
    fn newton(&mut self) -> Result<(), Failure> {
        let n = self.equation.len();
        let m = &mut *self.memory;
        let a = View { data: &m.jacobian, rows: n, cols: n, lanes: 1 };
        m.step.iter_mut().zip(&m.now.residual).for_each(|(s, r)| *s = -r);
        let x = ViewMut { data: &mut m.step, rows: n, cols: 1, lanes: 1 };
        match self.equation.factors {
            Factors::Lu => {
                lu::factor(a, &mut m.factors, self.stop);
                let f = lu::Factored::new(&m.factors, n);
                if f.facts.singular() {
                    return Err(Failure::Singular { pivot: f.facts.zero_pivot, rcond: f.facts.rcond });
                }
                lu::solve_in_place(f, false, x, self.stop);
            }
            Factors::Cholesky => {
                cholesky::factor(a, &mut m.factors, self.stop);
                if let Some(k) = cholesky::first_failure(&m.factors, n) {
                    return Err(Failure::NotAMinimum { minor: k + 1 });
                }
                cholesky::solve_in_place(&m.factors, x, self.stop);
            }
        }
        Ok(())
    }

    /// The step −(F_zᵀF_z + μI)⁻¹F_zᵀF, or −(H + μI)⁻¹g with a Hessian H, for the first μ that makes the matrix positive
    /// definite, if there is one.
    fn regularised(&mut self) -> bool {
        let n = self.equation.len();
        let Memory { jacobian, now, shifted, factors, step, right, .. } = &mut *self.memory;
        let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
        let column = |k: usize| &jacobian[k * n..(k + 1) * n];
        match self.equation.minimizes() {
            true => {
                shifted.copy_from_slice(jacobian);
                right.iter_mut().zip(&now.residual).for_each(|(o, r)| *o = -r);
            }
            false => {
                shifted.iter_mut().enumerate().for_each(|(e, o)| *o = dot(column(e % n), column(e / n)));
                right.iter_mut().enumerate().for_each(|(k, o)| *o = -dot(column(k), &now.residual));
            }
        }
        let size = largest(shifted);
        let mut shift = 1e-3 * if size > 0.0 { size } else { 1.0 };
        let mut added = 0.0;
        let l = &mut factors[..n * n];
        for _ in 0..20 {
            // To the matrix as it was: what was added before is taken off again exactly enough for a search.
            (0..n).for_each(|k| shifted[k * (n + 1)] += shift - added);
            added = shift;
            cholesky::factor(View { data: shifted, rows: n, cols: n, lanes: 1 }, l, self.stop);
            if cholesky::first_failure(l, n).is_none() {
                step.copy_from_slice(right);
                let x = ViewMut { data: step, rows: n, cols: 1, lanes: 1 };
                cholesky::solve_in_place(l, x, self.stop);
                return true;
            }
            shift *= 10.0;
        }
        false
    }

    /// Whether the step, its half, its quarter … goes down far enough; the first that does is the trial.
    fn down(&mut self) -> bool {
        let slope: f64 = self.memory.now.residual.iter().zip(&self.memory.step).map(|(g, d)| g * d).sum();
        let mut part = 1.0;
        for _ in 0..HALVINGS {
            let Memory { now, next, step, .. } = &mut *self.memory;
            moved(&now.z, step, part, &mut next.z);
            if next.z == now.z {
                break;
            }
            if self.evaluate().is_ok() && self.enough(part, slope) {
                return true;
            }
            part *= 0.5;
        }
        false
    }

    fn enough(&self, part: f64, slope: f64) -> bool {
        let Memory { now, next, .. } = &*self.memory;
        let smaller = |x: f64, y: f64| x < (1.0 - KEPT * part) * y;
        match self.equation.minimizes() {
            // Near the minimum the function is flat up to rounding, and its gradient is not.
            true => {
                let flat = next.height <= now.height + 8.0 * f64::EPSILON * now.height.abs();
                next.height < now.height && next.height <= now.height + KEPT * part * slope
                    || flat && smaller(norm(&next.residual), norm(&now.residual))
            }
            false => smaller(next.height, now.height),
        }
    }

    /// Whether F is nothing but roundings of its terms, whose sizes are those of F_z z and F_x x.
    fn rounded(&mut self) -> Result<bool, Failure> {
        let Memory { now, jacobian, right: sizes, along, .. } = &mut *self.memory;
        let n = now.z.len();
        sizes.fill(0.0);
        for (column, z) in jacobian.chunks_exact(n.max(1)).zip(&now.z) {
            sizes.iter_mut().zip(column).for_each(|(s, j)| *s += (j * z).abs());
        }
        for (k, x) in self.x.iter().enumerate() {
            let Some(program) = &self.equation.along[k + 1] else { continue };
            let own = along[k + 1].get_or_insert_with(|| Evaluator::new(program));
            own.set(0, &now.z);
            self.x.iter().enumerate().for_each(|(k, x)| own.set(k + 1, x.data));
            own.set(self.x.len() + 1, x.data);
            own.run(program, (0, program.len()), self.stop)?;
            let part = own.value(program.outputs[0]);
            sizes.iter_mut().zip(part).for_each(|(s, p)| *s += p.abs());
        }
        Ok(largest(&now.residual) <= ROUNDINGS * f64::EPSILON * largest(sizes))
    }
}

fn moved(z: &[f64], by: &[f64], part: f64, out: &mut [f64]) {
    out.iter_mut().zip(z.iter().zip(by)).for_each(|(o, (z, d))| *o = z + part * d);
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
