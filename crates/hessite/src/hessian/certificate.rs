//! The certificate of a point: the engine's derivatives against finite differences, by names and operations.

use super::failures::{self, Condition};
use super::function::{Function, Mode};
use super::point::Point;
use crate::engine::control::Control;
use crate::error::{Error, Line, Phase, Result};
use crate::program::Value;
use crate::program::literal;
use crate::program::number::Array;
use crate::record::{Binding, Entries, Key, Packing};
use hessite_check::{Along, Check, Fault, Options, Place, Report};
use std::cell::RefCell;
use std::fmt;

/// By how much more than its arguments an operation moves that is held to switch.
const STEEP: f64 = 1e3;

/// Half of the digits are lost.
const NEARLY_SINGULAR: f64 = 1e-8;

/// What [`Point::check`] found. It prints as a few lines: what fits least, by name, and who is likely at fault.
#[derive(Clone, Debug, PartialEq)]
pub struct Certificate {
    report: Report,
    axes: Vec<Axis>,
    kinks: Vec<Error>,
    conditions: Vec<Condition>,
    switch: Option<Switch>,
}

/// A variable in the stacked vector.
#[derive(Clone, Debug, PartialEq)]
struct Axis {
    name: String,
    rows: usize,
    start: usize,
    len: usize,
    /// What its entries are coordinates of.
    packing: Option<Packing>,
}

/// An operation that jumps between two close points.
#[derive(Clone, Debug, PartialEq)]
struct Switch {
    op: String,
    line: Line,
    index: (usize, usize),
}

impl Certificate {
    /// Whether value, gradient and Hessian fit together here: no fault.
    pub fn passed(&self) -> bool {
        self.report.passed()
    }

    /// Who is likely at fault, if anybody.
    pub fn fault(&self) -> Option<Fault> {
        self.report.fault
    }

    /// The operations that have no derivative at this point, each an [`Error::Kink`] with its line. A function may be
    /// smooth in spite of them, as x·|x| is in its gradient; then the certificate passes.
    pub fn kinks(&self) -> &[Error] {
        &self.kinks
    }

    /// The systems of equations and inverses of this point's value, each with the reciprocal condition of its matrix;
    /// printed below 1e-8.
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// The numbers: exact values, differences and the errors to be expected of them; indices count over all variables
    /// stacked.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The name of a place of the report: `dL/dX[(1,0)]`, `d²L/dX[(0,1)]dY[(1,1)]`.
    pub fn name(&self, place: Place) -> String {
        let column = match place.along {
            Along::Coordinate(j) => format!("d{}", self.entry(j)),
            along => format!(" along {along}"),
        };
        match place.row {
            None => format!("dL/{}", column.trim_start()),
            Some(i) => format!("d²L/d{}{column}", self.entry(i)),
        }
    }

    /// A stacked coordinate by name, `X[(i,j)]`; a scalar by its name alone.
    fn entry(&self, k: usize) -> String {
        match self.axes.iter().find(|a| (a.start..a.start + a.len).contains(&k)) {
            Some(a) if a.len == 1 => a.name.clone(),
            Some(a) => {
                let e = k - a.start;
                let own = a.packing.and_then(|p| p.places().nth(e));
                let (i, j) = own.unwrap_or((e % a.rows, e / a.rows));
                format!("{}[({i},{j})]", a.name)
            }
            None => format!("[{k}]"),
        }
    }
}

impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "certificate at this point")?;
        let along = |a| match a {
            Along::Coordinate(k) => self.entry(k),
            a => a.to_string(),
        };
        self.report.write(f, &|p| self.name(p), &along)?;
        if let Some(s) = &self.switch {
            let (i, j) = s.index;
            write!(f, "\n  switches   {} at {}, entry ({i}, {j}), within that distance", s.op, s.line)?;
        }
        for c in self.conditions.iter().filter(|c| c.reciprocal < NEARLY_SINGULAR) {
            write!(f, "\n  condition  {} at {}: reciprocal condition {:.1e}", c.op, c.line, c.reciprocal)?;
        }
        self.kinks.iter().try_for_each(|kink| write!(f, "\n  kink       {kink}"))
    }
}

impl Point {
    /// The certificate of this point: the gradient against differences of the value, H against differences of the
    /// gradient, and H against its transpose; along every entry of the variables, or a choice of 32 when there are more,
    /// and along random directions.
    ///
    /// Differences are Richardson's, from a ladder of steps, each with the error to be expected of it; see
    /// [`hessite_check`]. The point is left as it is; the function is evaluated nearby, in [`Mode::Ieee`], some ten times
    /// for each direction where all is well, some fifty times where it is not.
    ///
    /// ```
    /// # fn main() -> hessite::Result<()> {
    /// use hessite::{Fault, Graph};
    /// let g = Graph::new();
    /// let x = g.matrix("X", 2, 2);
    /// let f = g.function((x * x).trace() + x.norm())?;
    ///
    /// let good = f.at(&[x.is(&[1.0, 2.0, 3.0, 4.0])])?.check()?;
    /// assert!(good.passed(), "{good}");
    ///
    /// let kink = f.at(&[x.is(&[0.0; 4])])?.check()?;
    /// assert_eq!(kink.fault(), Some(Fault::NearbyKink));
    /// assert!(kink.to_string().contains("not differentiable here: norm"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The function is not scalar; a value, gradient or product at the point is not finite, whatever the mode.
    pub fn check(&self) -> Result<Certificate> {
        self.check_with(&Options::default())
    }

    /// [`check`](Point::check) with options: tolerance, numbers of directions, magnitudes, seed.
    ///
    /// # Errors
    /// As [`check`](Point::check); options that can't be.
    pub fn check_with(&self, options: &Options) -> Result<Certificate> {
        self.function.scalar("check")?;
        let f = &*self.function.inner;
        let x = self.stacked();
        let mut report = self.compare(&x, options)?;
        let kinks = failures::kinks(&f.program, f.output, &self.inputs())?;
        let conditions = failures::conditions(&f.program, f.output, &self.inputs())?;
        // A selection made at a kink is no wrong derivative, even where the function is smooth in spite of it.
        let selected =
            |fault| matches!(fault, Fault::WrongGradient | Fault::WrongHessian | Fault::Unresolved);
        if report.fault.is_some_and(selected) && !kinks.is_empty() {
            report.fault = Some(Fault::NearbyKink);
        }
        let switch = match &report.displacement {
            Some(d) => switch(&self.function, &x, d)?,
            None => None,
        };
        let axes = f.variables.list.iter().enumerate().map(|(k, v)| {
            let range = f.variables.range(k);
            let packing = v.packing.map(|(p, _)| p);
            Axis { name: v.name.clone(), rows: v.shape.rows, start: range.start, len: range.len(), packing }
        });
        Ok(Certificate { report, axes: axes.collect(), kinks, conditions, switch })
    }

    /// All variables stacked; those that the function does not use have no value, and stand as 0.
    fn stacked(&self) -> Vec<f64> {
        let vars = &self.function.inner.variables;
        let mut x = vec![0.0; vars.total()];
        for k in 0..vars.list.len() {
            x[vars.range(k)].iter_mut().zip(self.input(k)).for_each(|(x, y)| *x = *y);
        }
        x
    }

    /// The numbers: this point's own derivatives at x, and a second point that moves about.
    fn compare(&self, x: &[f64], options: &Options) -> Result<Report> {
        // What is not finite at the point itself is an error that names the operation.
        let checked = match self.function.mode {
            Mode::Ieee => Some(at(&self.function.with_mode(Mode::Checked), x)?),
            _ => None,
        };
        let own = checked.as_ref().unwrap_or(self);
        let moving = RefCell::new(at(&self.function.with_mode(Mode::Ieee), x)?);
        let failure = RefCell::new(None);
        let kept = |result: Result<()>| {
            let failed = result.is_err();
            if let Err(e) = result {
                failure.borrow_mut().get_or_insert(e);
            }
            failed
        };
        let value = |y: &[f64]| {
            if y == x {
                return own.value();
            }
            let mut moving = moving.borrow_mut();
            if kept(bound(&self.function, y, |b| moving.update(b))) { f64::NAN } else { moving.value() }
        };
        let gradient = |y: &[f64], out: &mut [f64]| {
            let mut moving = moving.borrow_mut();
            let result = match y == x {
                true => own.gradient_into(out),
                false => {
                    bound(&self.function, y, |b| moving.update(b)).and_then(|()| moving.gradient_into(out))
                }
            };
            if kept(result) {
                out.fill(f64::NAN);
            }
        };
        let product = |_: &[f64], v: &[f64], out: &mut [f64]| {
            if kept(own.products(v, 1, out, &Control::new())) {
                out.fill(f64::NAN);
            }
        };
        let report = Check::new(value, gradient).product(product).options(options).at(x);
        match failure.take() {
            Some(e) => Err(e),
            None => report.map_err(|e| self.explain(e)),
        }
    }

    /// The error of a check in the words of this crate.
    fn explain(&self, e: hessite_check::Error) -> Error {
        use hessite_check::Error as Of;
        match e {
            Of::Option { what, value } => Error::Option { what, value },
            Of::NonFinite { what, index, value } => Error::NonFinite {
                op: what.into(),
                node: 0,
                line: Line(None),
                phase: Phase::Value,
                index: (index, 0),
                value,
            },
            e => Error::Internal(e.to_string()),
        }
    }
}

/// The point of a function at a stacked vector.
fn at(function: &Function, x: &[f64]) -> Result<Point> {
    bound(function, x, |b| function.at(b))
}

/// Hands `use_it` the bindings of all variables to their parts of a stacked vector.
fn bound<R>(function: &Function, x: &[f64], use_it: impl FnOnce(&[Binding<'_>]) -> R) -> R {
    let vars = &function.inner.variables;
    let binding = |(k, var)| Binding::new(Key::Var(var), Entries::from(&x[vars.range(k)])).packed();
    let bindings: Vec<Binding<'_>> = vars.vars().into_iter().enumerate().map(binding).collect();
    use_it(&bindings)
}

/// The operation of the gradient that jumps most between x − d and x + d, by far more than its arguments move.
///
/// The selection that a kink makes is an instruction of the gradient program, constant on either side.
fn switch(function: &Function, x: &[f64], d: &[f64]) -> Result<Option<Switch>> {
    let f = &*function.inner;
    let g = f.gradient()?;
    let side = |sign: f64| {
        let moved: Vec<f64> = x.iter().zip(d).map(|(x, d)| x + sign * d).collect();
        let input = |k: usize| Array::new(f.variables.list[k].shape, moved[f.variables.range(k)].to_vec());
        let inputs: Vec<Array<f64>> = (0..f.variables.list.len()).map(input).collect();
        literal::evaluate(&g.program, &inputs, true)
    };
    let (before, after) = (side(-1.0)?, side(1.0)?);
    let change = |v: Value| {
        let pairs = before[v.index()].entries.iter().zip(&after[v.index()].entries);
        let changes = pairs.map(|(a, b)| (a - b).abs()).enumerate().filter(|(_, c)| c.is_finite());
        changes.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((0, 0.0))
    };
    let need = g.program.cone(g.derivatives.iter().flatten().copied());
    let mut steepest = (STEEP, None);
    for v in g.program.values().filter(|v| need[v.index()]) {
        let instr = g.program.instr(v);
        let moved = instr.args.iter().map(|&a| change(a).1).fold(0.0, f64::max);
        let (entry, jump) = change(v);
        if moved > 0.0 && jump > steepest.0 * moved {
            let index = (entry % instr.shape.rows, entry / instr.shape.rows);
            let found = Switch { op: instr.op.name().into(), line: Line(instr.origin), index };
            steepest = (jump / moved, Some(found));
        }
    }
    Ok(steepest.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Graph;
    use nalgebra::{DMatrix, dmatrix};

    fn numbers(rows: usize, cols: usize, seed: u64) -> DMatrix<f64> {
        let entry = |i: usize, j: usize| ((seed as f64 + 1.0) * (i as f64 + 1.7 * j as f64 + 0.3)).sin();
        DMatrix::from_fn(rows, cols, entry)
    }

    #[test]
    fn a_smooth_function_passes_and_its_entries_are_named() {
        let g = Graph::new();
        let (x, y) = (g.matrix("X", 3, 3), g.matrix("Y", 3, 2));
        let f = g.function((x * x * y).norm()).unwrap();
        for seed in 0..10 {
            let (x0, y0) = (numbers(3, 3, seed), numbers(3, 2, seed + 50));
            let c = f.at(&[x.is(&x0), y.is(&y0)]).unwrap().check().unwrap();
            assert!(c.passed(), "{c}");
            let text = c.to_string();
            assert!(text.starts_with("certificate at this point\n  gradient   worst dL/d"), "{text}");
            assert!(text.contains("[(") && text.ends_with("verdict    passed"), "{text}");
            assert!(text.lines().count() == 6 && c.kinks().is_empty(), "{text}");
            // Closed form: the gradient is good to 1e-9 and better in differences too.

            assert!(c.report().gradient.unwrap().error() < 1e-9, "{c}");
        }
    }

    #[test]
    fn places_are_named_by_variable_row_and_column() {
        let g = Graph::new();
        let (x, s) = (g.matrix("X", 2, 3), g.scalar("s"));
        let f = g.function(x.sum() * s).unwrap();
        let c = f.at(&[x.is(&numbers(2, 3, 1)), s.is(2.0)]).unwrap().check().unwrap();
        let name = |row, j| c.name(Place { row, along: Along::Coordinate(j) });
        assert_eq!(name(None, 3), "dL/dX[(1,1)]");
        assert_eq!(name(Some(0), 4), "d²L/dX[(0,0)]dX[(0,2)]");
        assert_eq!(name(Some(6), 1), "d²L/dsdX[(1,0)]");
        let place = Place { row: Some(2), along: Along::Direction(1) };
        assert_eq!(c.name(place), "d²L/dX[(0,1)] along random direction 1");
    }

    #[test]
    fn the_norm_at_zero_is_a_kink_with_operation_and_line() {
        let g = Graph::new();
        let x = g.matrix("X", 2, 2);
        let line = line!() + 1;
        let f = g.function(x.norm() + x.sum()).unwrap();
        let c = f.at(&[x.is(&DMatrix::zeros(2, 2))]).unwrap().check().unwrap();
        assert_eq!(c.fault(), Some(Fault::NearbyKink), "{c}");
        assert_eq!(c.kinks().len(), 1, "{c}");
        assert!(c.to_string().contains("not differentiable here: norm"), "{c}");
        assert!(c.to_string().contains(&format!("certificate.rs:{line}")), "{c}");
    }

    #[test]
    fn a_selection_at_a_kink_is_no_wrong_hessian() {
        // x·|x| + |x|·|x| is smooth enough for a gradient, and as a product its second derivative at 0 is a selected one.
        let g = Graph::new();
        let x = g.matrix("X", 2, 1);
        let f = g.function(x.abs().component_mul(x.abs() + x).sum()).unwrap();
        let c = f.at(&[x.is(&DMatrix::zeros(2, 1))]).unwrap().check().unwrap();
        assert_eq!(c.fault(), Some(Fault::NearbyKink), "{c}");
        // |x|³ is twice differentiable: the kink is told, and no fault.
        let f = g.function(x.abs().powi(3).sum()).unwrap();
        let c = f.at(&[x.is(&DMatrix::zeros(2, 1))]).unwrap().check().unwrap();
        assert!(c.passed() && c.kinks().len() == 1, "{c}");
    }

    #[test]
    fn an_absolute_value_within_a_step_of_zero_is_a_nearby_kink_with_its_line() {
        let g = Graph::new();
        let x = g.matrix("X", 2, 2);
        let line = line!() + 1;
        let f = g.function(x.abs().sum() + (x * x).trace()).unwrap();
        let c = f.at(&[x.is(&dmatrix![0.4, 1e-7; -2.0, 0.8])]).unwrap().check().unwrap();
        assert_eq!(c.fault(), Some(Fault::NearbyKink), "{c}");
        let text = c.to_string();

        assert!(text.contains("at dL/dX[(0,1)]"), "{text}");
        assert!(text.contains(&format!("certificate.rs:{line}, entry (0, 1)")), "{text}");
        assert!(c.kinks().is_empty(), "{text}");

        let far = f.at(&[x.is(&dmatrix![0.4, 0.1; -2.0, 0.8])]).unwrap().check().unwrap();
        assert!(far.passed(), "{far}");
    }

    #[test]
    fn odd_shapes_pass() {
        for (rows, cols) in [(1, 1), (1, 4), (5, 1), (2, 3), (0, 3), (2, 0)] {
            let g = Graph::new();
            let x = g.matrix("X", rows, cols);
            let unused = g.matrix("unused", 2, 2);
            let f = g.function((x.transpose() * x).trace() + x.sum().sin()).unwrap();
            let at = f.at(&[x.is(&numbers(rows, cols, 3)), unused.is(&numbers(2, 2, 4))]).unwrap();
            let c = at.check().unwrap();
            assert!(c.passed(), "{rows}x{cols}\n{c}");
        }
        let g = Graph::new();
        let f = g.function(g.constant(2.0)).unwrap();
        let c = f.at(&[]).unwrap().check().unwrap();
        assert!(c.passed() && c.to_string().ends_with("passed"), "{c}");
    }

    #[test]
    fn many_entries_are_sampled_and_the_text_says_so() {
        let g = Graph::new();
        let x = g.matrix("X", 12, 12);
        let f = g.function((x * x).sin().sum()).unwrap();
        let c = f.at(&[x.is(&numbers(12, 12, 1))]).unwrap().check().unwrap();
        assert!(c.passed(), "{c}");
        assert!(c.to_string().contains("a choice of 32 of 144 coordinates, 4 random directions"), "{c}");
    }

    #[test]
    fn the_point_is_left_as_it_is() {
        let g = Graph::new();
        let x = g.matrix("X", 2, 2);
        let f = g.function((x * x).exp().sum()).unwrap();
        let at = f.at(&[x.is(&numbers(2, 2, 1))]).unwrap();
        let before = (at.value(), at.gradient().unwrap(), at.hessian(&["X"]).unwrap());
        at.check().unwrap();
        assert_eq!(before, (at.value(), at.gradient().unwrap(), at.hessian(&["X"]).unwrap()));
    }

    #[test]
    fn what_can_not_be_checked_is_an_error() {
        let g = Graph::new();
        let x = g.matrix("X", 2, 2);
        let matrix = g.function(x * x).unwrap();
        let e = matrix.at(&[x.is(&numbers(2, 2, 1))]).unwrap().check().unwrap_err();
        assert!(matches!(e, Error::NotScalar { what: "check", .. }), "{e}");

        let root = g.function(x.sqrt().sum()).unwrap();
        for mode in [Mode::Ieee, Mode::Checked] {
            let at = root.with_mode(mode).at(&[x.is(&DMatrix::zeros(2, 2))]).unwrap();
            let e = at.check().unwrap_err();
            assert!(matches!(e, Error::NonFinite { phase: Phase::Gradient, .. }), "{e}");
        }
        let at = root.at(&[x.is(&dmatrix![1.0, 2.0; 3.0, 4.0])]).unwrap();
        let e = at.check_with(&Options { tolerance: -1.0, ..Options::default() }).unwrap_err();
        assert_eq!(e, Error::Option { what: "tolerance", value: -1.0 });
        assert!(at.check().unwrap().passed());
    }
}
