//! Questions to a problem, asked again and again in the same memory.

use crate::inputs::Layout;
use crate::problems::{Problem, Recorded};
use hessite::{Binding, Point, Result, Var};

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Value and gradient at a new point.
    Gradient,
    /// H·v at a new point.
    Hvp,
    /// H·v, the point kept: the linear map alone.
    HvpKept,
    /// H·V for as many directions, at a new point.
    HvpMany(usize),
    /// The block of two variables, by their positions, at a new point.
    Block(usize, usize),
    /// The Hessian over all variables, at a new point.
    Hessian,
}

/// A problem that has been asked once: plans are made, memory is taken.
pub struct Session<'p> {
    request: Request,
    layout: &'p Layout,
    vars: Vec<Var>,
    directions: &'p [f64],
    to: Vec<Binding<'p>>,
    along: Vec<Binding<'p>>,
    point: Point,
    out: Vec<f64>,
}

impl<'p> Session<'p> {
    /// From recording to the first result.
    ///
    /// # Errors
    /// What hessite refuses.
    pub fn start(problem: &'p Problem, request: Request) -> Result<Self> {
        let Recorded { function, vars } = problem.record()?;
        let n = problem.layout.len();
        let part = |k: usize| problem.layout.0[k].0 * problem.layout.0[k].1;
        let (count, len) = match request {
            Request::Gradient => (0, n),
            Request::Hvp | Request::HvpKept => (1, n),
            Request::HvpMany(count) => (count, count * n),
            Request::Block(a, b) => (0, part(a) * part(b)),
            Request::Hessian => (0, n * n),
        };
        let to = problem.bind(&vars, &problem.point);
        let along = if count == 1 { problem.bind(&vars, &problem.directions[..n]) } else { Vec::new() };
        let mut session = Session {
            request,
            layout: &problem.layout,
            point: function.at(&to)?,
            directions: &problem.directions[..count * n],
            out: vec![0.0; len],
            vars,
            to,
            along,
        };
        session.answer()?;
        Ok(session)
    }

    /// Asks once more.
    ///
    /// # Errors
    /// What hessite refuses.
    pub fn evaluate(&mut self) -> Result<()> {
        if self.request != Request::HvpKept {
            self.point.update(&self.to)?;
        }
        self.answer()
    }

    fn answer(&mut self) -> Result<()> {
        let out = &mut self.out;
        match self.request {
            Request::Gradient => self.point.gradient_into(out),
            Request::Hvp | Request::HvpKept => self.point.hvp_into(&self.along, out),
            Request::HvpMany(count) => self.point.hvp_many_into(self.directions, count, out),
            Request::Block(a, b) => self.point.block_into(self.vars[a], self.vars[b], out),
            Request::Hessian => self.point.hessian_into(&self.vars, out),
        }
    }

    /// The last answer in hessite's own order: stacked, columns after each other.
    pub fn stacked(&self) -> &[f64] {
        &self.out
    }

    /// The last answer by rows: products one after the other, a block in the order (i, j, k, l).
    pub fn by_rows(&self) -> Vec<f64> {
        let order = |k: usize| Layout(vec![self.layout.0[k]]).stacked_index();
        let (rows, cols) = match self.request {
            Request::Gradient | Request::Hvp | Request::HvpKept | Request::HvpMany(_) => {
                return self.layout.by_rows(&self.out);
            }
            Request::Block(a, b) => (order(a), order(b)),
            Request::Hessian => (self.layout.stacked_index(), self.layout.stacked_index()),
        };
        let height = rows.len();
        rows.iter().flat_map(|r| cols.iter().map(move |c| self.out[r + height * c])).collect()
    }
}

/// A problem whose value and gradient are asked at points of the caller's, for differences to take.
pub struct Asked<'p> {
    /// The problem.
    pub problem: &'p Problem,
    vars: Vec<Var>,
    point: Point,
}

impl<'p> Asked<'p> {
    /// Records the function.
    ///
    /// # Errors
    /// What hessite refuses.
    pub fn new(problem: &'p Problem) -> Result<Self> {
        let Recorded { function, vars } = problem.record()?;
        let point = function.at(&problem.bind(&vars, &problem.point))?;
        Ok(Asked { problem, vars, point })
    }

    /// ∇f(x), stacked.
    ///
    /// # Errors
    /// What hessite refuses.
    pub fn gradient(&mut self, x: &[f64], out: &mut [f64]) -> Result<()> {
        self.point.update(&self.problem.bind(&self.vars, x))?;
        self.point.gradient_into(out)
    }

    /// f(x).
    ///
    /// # Errors
    /// What hessite refuses.
    pub fn value(&mut self, x: &[f64]) -> Result<f64> {
        self.point.update(&self.problem.bind(&self.vars, x))?;
        Ok(self.point.value())
    }
}
