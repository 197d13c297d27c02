//! Gradient and Hessian-vector products.

use super::function::bytes;
use super::operator::Operator;
use super::plan::Kind;
use super::point::Point;
use super::results::PerVariable;
use super::sweep::Directions;
use super::variables::{Purpose, Set, Sorted};
use crate::dense::columns::ColumnsMut;
use crate::engine::control::Control;
use crate::error::{Error, Result};
use crate::record::{Binding, Entries};
use nalgebra::DMatrix;
use smallvec::SmallVec;
use std::borrow::Cow;

/// The parts of a direction.
pub(crate) type Parts<'b> = SmallVec<[Cow<'b, [f64]>; 16]>;

pub(crate) fn slices<'p>(parts: &'p Parts<'_>) -> SmallVec<[&'p [f64]; 16]> {
    parts.iter().map(|p| &**p).collect()
}

impl Point {
    /// The gradient, one array for each variable.
    ///
    /// # Errors
    /// The function is not scalar; an entry is not finite (unless the mode is Ieee).
    pub fn gradient(&self) -> Result<PerVariable> {
        let vars = &self.function.inner.variables;
        let mut parts = Vec::with_capacity(vars.list.len());
        self.with_gradient(|k, array| {
            let s = vars.list[k].shape;
            parts.push(match array {
                Some(a) => DMatrix::from_column_slice(s.rows, s.cols, a),
                None => DMatrix::zeros(s.rows, s.cols),
            });
        })?;
        Ok(PerVariable::new(vars, parts))
    }

    /// The gradient of all variables stacked, into the caller's memory.
    ///
    /// # Errors
    /// As [`gradient`](Point::gradient); a wrong length.
    pub fn gradient_into(&self, out: &mut [f64]) -> Result<()> {
        let vars = &self.function.inner.variables;
        length("gradient", vars.total(), out.len())?;
        self.with_gradient(|k, array| match array {
            Some(a) => out[vars.range(k)].copy_from_slice(a),
            None => out[vars.range(k)].fill(0.0),
        })
    }

    /// H·v for one direction. A variable that is left out does not vary: its part of the direction is an exact zero.
    ///
    /// # Errors
    /// A direction of the wrong shape, bound twice or unknown; the function is not scalar; unless the mode is Ieee,
    /// a non-finite direction or result.
    pub fn hvp(&self, direction: &[Binding<'_>]) -> Result<PerVariable> {
        let vars = &self.function.inner.variables;
        let mut out = vec![0.0; vars.total()];
        self.hvp_into(direction, &mut out)?;
        Ok(PerVariable::from_stacked(vars, &out))
    }

    /// [`hvp`](Point::hvp) into the caller's memory, all variables stacked.
    ///
    /// # Errors
    /// As [`hvp`](Point::hvp); a wrong length.
    pub fn hvp_into(&self, direction: &[Binding<'_>], out: &mut [f64]) -> Result<()> {
        self.function.scalar("hvp")?;
        let vars = &self.function.inner.variables;
        length("hvp", vars.total(), out.len())?;
        let (seeded, parts) = self.direction(direction)?;
        self.along(Kind::Hvp, &seeded, &vars.all(), &slices(&parts), out)
    }

    /// The variables that a direction names, and its parts in their order.
    pub(crate) fn direction<'b>(&self, direction: &'b [Binding<'_>]) -> Result<(Set, Parts<'b>)> {
        let vars = &self.function.inner.variables;
        let mut sorted = Sorted::new();
        vars.sort(direction, Purpose::Direction, &mut sorted)?;
        self.function.finite_bindings(&sorted)?;
        let seeded = (0..sorted.len() as u32).filter(|&k| sorted[k as usize].is_some()).collect();
        Ok((seeded, sorted.into_iter().flatten().collect()))
    }

    /// One direction through a plan of its own.
    pub(crate) fn along(
        &self,
        kind: Kind,
        seeded: &Set,
        wanted: &Set,
        parts: &[&[f64]],
        out: &mut [f64],
    ) -> Result<()> {
        if parts.is_empty() {
            out.fill(0.0);
            return Ok(());
        }
        let control = self.function.control(&Control::new());
        let l = self.linearize(kind, seeded, wanted, 1, &control)?;
        let height = out.len();
        self.sweep(&l, Directions::Parts(parts), ColumnsMut::columns(out, height, 1), &control)
    }

    /// H·V for a panel of directions: its columns are all variables stacked (see
    /// [`Function::stack`](crate::Function::stack)), and so are those of the result.
    ///
    /// # Errors
    /// A panel with the wrong number of rows; otherwise as [`hvp`](Point::hvp).
    pub fn hvp_many<'v>(&self, panel: impl Into<Entries<'v>>) -> Result<DMatrix<f64>> {
        self.hvp_many_with(panel, &Control::new())
    }

    /// [`hvp_many`](Point::hvp_many) with a budget, progress and a cancel flag.
    ///
    /// # Errors
    /// Also [`Error::Budget`] and [`Error::Cancelled`].
    pub fn hvp_many_with<'v>(
        &self,
        panel: impl Into<Entries<'v>>,
        control: &Control<'_>,
    ) -> Result<DMatrix<f64>> {
        let panel: Entries<'_> = panel.into();
        let n = self.function.inner.variables.total();
        let count = match panel.shape() {
            Some((rows, cols)) if rows == n => cols,
            Some((rows, cols)) => {
                let got = format!("{rows}x{cols}");
                return Err(Error::SeedShape { name: "panel".into(), expected: format!("{n} rows"), got });
            }
            None => panel.as_slice().len() / n.max(1),
        };
        self.afford("hvp_many", bytes(n, count), control)?;
        let mut out = DMatrix::zeros(n, count);
        self.products(panel.as_slice(), count, out.as_mut_slice(), control)?;
        Ok(out)
    }

    /// [`hvp_many`](Point::hvp_many) between slices: `count` columns each.
    ///
    /// # Errors
    /// As [`hvp_many`](Point::hvp_many); wrong lengths.
    pub fn hvp_many_into(&self, panel: &[f64], count: usize, out: &mut [f64]) -> Result<()> {
        self.products(panel, count, out, &Control::new())
    }

    pub(crate) fn products(
        &self,
        panel: &[f64],
        count: usize,
        out: &mut [f64],
        control: &Control<'_>,
    ) -> Result<()> {
        self.function.scalar("hvp")?;
        let vars = &self.function.inner.variables;
        let n = vars.total();
        length("panel", n.saturating_mul(count), panel.len())?;
        length("result", n.saturating_mul(count), out.len())?;
        if n == 0 {
            return Ok(());
        }
        if self.function.checks() {
            panel.chunks_exact(n).try_for_each(|v| vars.finite_stacked(v))?;
        }
        let all = vars.all();
        let control = self.function.control(control);
        let l = self.linearize(Kind::Hvp, &all, &all, 1, &control)?;
        self.sweep(&l, Directions::Columns(panel), ColumnsMut::columns(out, n, count), &control)
    }

    /// The Hessian over all variables as a linear operator.
    pub fn operator(&self) -> Operator<'_> {
        Operator { point: self }
    }
}

/// An error unless a slice of the caller's has the length that is needed.
pub(crate) fn length(name: &str, expected: usize, got: usize) -> Result<()> {
    if expected == got {
        return Ok(());
    }
    Err(Error::SeedShape {
        name: name.into(),
        expected: format!("{expected} numbers"),
        got: format!("{got} numbers"),
    })
}
