//! Functions that are defined by an equation or a minimum.

use super::equation;
use crate::error::{Error, Line, Mismatch};
use crate::program::implicit::{Equation, Implicit};
use crate::program::ops::Root;
use crate::program::{Program, Value};
use crate::record::{Entries, Graph, Matrix, Scalar};
use std::panic::Location;
use std::sync::Arc;

/// Functions given by equations.
///
/// `args` are the matrices x₁…xₙ that the result z depends on; the closure is called once, with a graph of its own, the
/// unknown z, and stand-ins for the arguments, in their order. What else it needs are constants of that graph. z has the
/// shape of `start`, where every search begins: a slice is a column, a number is 1×1.
///
/// z is found by Newton's method with a line search. Derivatives of every order are those of the equation at z (theorem on
/// implicit functions) and don't depend on how z was found: with F(z, x) = 0
///
/// ż = −F_z⁻¹ F_x ẋ,
///
/// where F_z, a matrix of order `z.len()`, is factored once for a point. Griewank & Walther 2008, "Evaluating
/// Derivatives", chapter 15.
///
/// In a point's value an operation inside of the closure takes what is merely not symmetric by its symmetric part; its
/// derivatives are checked as everywhere.
impl Graph {
    /// The z with F(z, x₁…xₙ) = 0 that Newton's method reaches from `start`; F is shaped like z.
    ///
    /// ```
    /// # fn main() -> hessite::Result<()> {
    /// // Lambert's function: z eᶻ = x.
    /// let g = hessite::Graph::new();
    /// let x = g.scalar("x");
    /// let z = g.root_of(&[x.into()], 0.5, |_, z, args| z.component_mul(z.exp()) - args[0]);
    /// let at = g.function(z)?.at(&[x.is(1.0)])?;
    /// let w = 0.567_143_290_409_783_8;
    /// assert!((at.value() - w).abs() < 1e-15);
    /// assert!((at.gradient()?["x"][0] - w / (1.0 + w)).abs() < 1e-15);
    /// let second = -w * w * (w + 2.0) / (1.0f64 + w).powi(3);
    /// assert!((at.hessian(&["x"])?.matrix()[(0, 0)] - second).abs() < 1e-15);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// From [`function`](Graph::function): what recording F brings up; F is not shaped like z. At a point:
    /// [`NoConvergence`](Error::NoConvergence), [`Singular`](Error::Singular) where F_z is singular and the search can't
    /// go on, or what an operation in F has; from derivatives [`Singular`](Error::Singular).
    #[track_caller]
    pub fn root_of<'g, 's>(
        &'g self,
        args: &[Matrix<'g>],
        start: impl Into<Entries<'s>>,
        equation: impl for<'i> FnOnce(&'i Graph, Matrix<'i>, &[Matrix<'i>]) -> Matrix<'i>,
    ) -> Matrix<'g> {
        let inner = Graph::new();
        let (handles, start) = unknowns(&inner, args, &start.into());
        let output = equation(&inner, handles[0], &handles[1..]);
        self.implicit(args, &inner, output, start, equation::root, Location::caller())
    }

    /// The z with z = φ(z, x₁…xₙ) that Newton's method reaches from `start`: [`root_of`](Graph::root_of) z − φ. That φ be a
    /// contraction is not needed.
    ///
    /// ```
    /// # fn main() -> hessite::Result<()> {
    /// // The stationary distance from a rate: z = cos(a z).
    /// let g = hessite::Graph::new();
    /// let a = g.scalar("a");
    /// let z = g.fixed_point_of(&[a.into()], 1.0, |_, z, args| (args[0] * z).cos());
    /// let at = g.function(z)?.at(&[a.is(1.0)])?;
    /// assert!((at.value() - 0.739_085_133_215_160_6).abs() < 1e-15);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`root_of`](Graph::root_of); F_z is I − φ_z.
    #[track_caller]
    pub fn fixed_point_of<'g, 's>(
        &'g self,
        args: &[Matrix<'g>],
        start: impl Into<Entries<'s>>,
        map: impl for<'i> FnOnce(&'i Graph, Matrix<'i>, &[Matrix<'i>]) -> Matrix<'i>,
    ) -> Matrix<'g> {
        let inner = Graph::new();
        let (handles, start) = unknowns(&inner, args, &start.into());
        let image = map(&inner, handles[0], &handles[1..]);
        self.implicit(args, &inner, handles[0] - image, start, equation::root, Location::caller())
    }

    /// The z that makes f(z, x₁…xₙ) least, locally: a search from `start` goes down to a point with ∇_z f = 0 and a
    /// positive definite Hessian f_zz, which is factored by Cholesky there. It is the [root](Graph::root_of) of ∇_z f.
    ///
    /// So a hypergradient, the derivative of a loss L at the solution z(x) of an inner minimization, is an ordinary
    /// gradient, and its second derivatives are ordinary blocks.
    ///
    /// ```
    /// # fn main() -> hessite::Result<()> {
    /// // Ridge regression by its minimum: ‖Az − b‖² + e^s ‖z‖²; how far is z from w, as a function of s?
    /// use nalgebra::{dmatrix, dvector};
    /// let g = hessite::Graph::new();
    /// let (a, b) = (dmatrix![1.0, 0.0; 0.0, 2.0; 1.0, 1.0], dvector![1.0, -1.0, 2.0]);
    /// let s = g.scalar("s");
    /// let z = g.argmin_of(&[s.into()], &[0.0, 0.0], |g, z, args| {
    ///     let residual = g.data(&a) * z - g.data(&b);
    ///     residual.norm_squared() + args[0].exp().entry(0, 0) * z.norm_squared()
    /// });
    /// let w = g.data(&dvector![1.0, 0.0]);
    /// let loss = g.function((z - w).norm_squared())?;
    /// let at = loss.at(&[s.is(0.0)])?;
    /// // The closed form: z = (AᵀA + I)⁻¹Aᵀb, ż = −(AᵀA + I)⁻¹z.
    /// let inverse = (a.tr_mul(&a) + dmatrix![1.0, 0.0; 0.0, 1.0]).try_inverse().unwrap();
    /// let z0 = &inverse * a.tr_mul(&b);
    /// let slope = -2.0 * (&z0 - dvector![1.0, 0.0]).dot(&(&inverse * &z0));
    /// assert!((at.gradient()?["s"][0] - slope).abs() < 1e-14);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// From [`function`](Graph::function): what recording f brings up. At a point: [`NotAMinimum`](Error::NotAMinimum)
    /// where the search ends at a saddle, or the Hessian is singular there; [`NoConvergence`](Error::NoConvergence); or
    /// what an operation in f has.
    #[track_caller]
    pub fn argmin_of<'g, 's>(
        &'g self,
        args: &[Matrix<'g>],
        start: impl Into<Entries<'s>>,
        inner: impl for<'i> FnOnce(&'i Graph, Matrix<'i>, &[Matrix<'i>]) -> Scalar<'i>,
    ) -> Matrix<'g> {
        let minimized = inner;
        let inner = Graph::new();
        let (handles, start) = unknowns(&inner, args, &start.into());
        let output = minimized(&inner, handles[0], &handles[1..]);
        self.implicit(args, &inner, output.into(), start, equation::minimum, Location::caller())
    }

    /// Records the solution of what was recorded on `inner`.
    fn implicit<'g>(
        &'g self,
        args: &[Matrix<'g>],
        inner: &Graph,
        output: Matrix<'_>,
        start: Vec<f64>,
        make: impl FnOnce(Program, Vec<f64>) -> Result<Equation, Mismatch>,
        line: &'static Location<'static>,
    ) -> Matrix<'g> {
        let recorded = || {
            let operands = args.iter().map(|a| self.operand(a.graph, a.value, line));
            let operands = operands.collect::<Result<Vec<Value>, Value>>()?;
            let program = snapshot(inner, output, args.len(), line).map_err(|e| self.fail(e))?;
            let wanted = program.inputs[0];
            let got = program.shape(program.outputs[0]);
            let of = make(program, start).map_err(|why| self.fail(Error::Internal(why.why)))?;
            if !of.minimizes() && got != wanted {
                let message = format!(
                    "root: the equation is {got} and the unknown {wanted}; root at {}",
                    Line(Some(line))
                );
                return Err(self.fail(Error::Shape { message }));
            }
            Ok(self.emit(Root { of: Implicit(Arc::new(of)) }, &operands, line))
        };
        Matrix::new(self, recorded().unwrap_or_else(|bad| bad))
    }
}

/// The unknown and stand-ins for the arguments, and the start.
fn unknowns<'i>(inner: &'i Graph, args: &[Matrix<'_>], start: &Entries<'_>) -> (Vec<Matrix<'i>>, Vec<f64>) {
    let start_entries = start.as_slice().to_vec();
    let (rows, cols) = start.shape().unwrap_or((start_entries.len(), 1));
    let mut all = vec![inner.matrix("the unknown", rows, cols)];
    for (k, a) in args.iter().enumerate() {
        let (rows, cols) = a.shape();
        all.push(inner.matrix(&format!("argument {k}"), rows, cols));
    }
    (all, start_entries)
}

/// The program of `output`, of an unknown and so many arguments.
fn snapshot(
    inner: &Graph,
    output: Matrix<'_>,
    args: usize,
    line: &'static Location<'static>,
) -> Result<Program, Error> {
    let line = Line(Some(line));
    if output.graph.id() != inner.id() {
        return Err(Error::MixedGraph { what: "the result of the closure".into(), line });
    }
    let (program, variables) = inner.snapshot(output.value)?;
    match variables.get(args + 1) {
        Some(v) => Err(Error::Declaration {
            name: v.name.clone(),
            line: v.line,
            why: "an equation has no variables of its own; pass it as an argument".into(),
        }),
        None => Ok(program),
    }
}
