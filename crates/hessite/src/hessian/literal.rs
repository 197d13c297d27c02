//! Literal dual numbers through the value and gradient programs: third derivatives, and the oracles of the tests.

use super::point::Point;
use super::results::PerVariable;
use super::variables::Purpose;
use crate::engine::duals::{Literal, Second};
use crate::error::{Phase, Result};
use crate::program::Program;
use crate::program::literal;
use crate::program::number::Array;
use crate::record::Binding;
use nalgebra::DMatrix;
use num_dual::HyperDual64;

impl Point {
    /// The third directional derivative of L along u and v, as a gradient: D²(∇L)[u, v], so that its dot product
    /// with w is D³L[u, v, w].
    ///
    /// The gradient program is evaluated literally at hyper-dual numbers, entry by entry: exact, and much slower
    /// than products. Away from the singular points of elementwise functions.
    ///
    /// # Errors
    /// As [`hvp`](Point::hvp).
    pub fn third(&self, u: &[Binding<'_>], v: &[Binding<'_>]) -> Result<PerVariable> {
        self.function.scalar("third")?;
        let f = &*self.function.inner;
        let stack = |b| self.function.stack_for(b, Purpose::Direction);
        let (u, v) = (stack(u)?, stack(v)?);
        f.variables.finite_stacked(u.as_slice())?;
        f.variables.finite_stacked(v.as_slice())?;
        let g = f.gradient()?;
        let values = self.hyper(&g.program, u.as_slice(), v.as_slice())?;
        let parts = f.variables.list.iter().zip(&g.derivatives).map(|(var, d)| match d {
            Some(d) => {
                let e = values[d.index()].entries.iter().map(|x| x.0.eps1eps2);
                DMatrix::from_iterator(var.shape.rows, var.shape.cols, e)
            }
            None => DMatrix::zeros(var.shape.rows, var.shape.cols),
        });
        let parts: Vec<DMatrix<f64>> = parts.collect();
        let finite = self.function.mode == super::Mode::Ieee
            || parts.iter().all(|p: &DMatrix<f64>| p.iter().all(|x| x.is_finite()));
        if !finite {
            return Err(crate::Error::NonFinite {
                op: "third derivative".into(),
                node: 0,
                line: crate::Line(None),
                phase: Phase::Tangent,
                index: (0, 0),
                value: f64::NAN,
            });
        }
        Ok(PerVariable::new(&f.variables, parts))
    }

    /// All values of `program` at x + u ε₁ + v ε₂.
    fn hyper(&self, program: &Program, u: &[f64], v: &[f64]) -> Result<Vec<Array<Second>>> {
        let vars = &self.function.inner.variables;
        let inputs: Vec<Array<Second>> = (0..vars.list.len())
            .map(|k| {
                let (x, range) = (self.input(k), vars.range(k));
                let entries = x.iter().zip(&u[range.clone()]).zip(&v[range]);
                let number = |((&x, &u), &v): ((&f64, &f64), &f64)| Literal(HyperDual64::new(x, u, v, 0.0));
                Array::new(vars.list[k].shape, entries.map(number).collect())
            })
            .collect();
        literal::evaluate(program, &inputs, !self.function.checks())
    }
}

/// Oracles for the lane engine. Both are forward; the first uses none of our derivative rules.
#[cfg(test)]
impl Point {
    /// uᵀHv by hyper-dual numbers on the value program.
    pub(crate) fn curvature_by_hyperduals(&self, u: &[f64], v: &[f64]) -> Result<f64> {
        let f = &*self.function.inner;
        Ok(self.hyper(&f.program, u, v)?[f.output.index()].entries[0].0.eps1eps2)
    }

    /// H·v by dual numbers on the gradient program.
    pub(crate) fn hvp_by_duals(&self, v: &[f64]) -> Result<Vec<f64>> {
        use crate::engine::duals::First;
        use num_dual::Dual64;
        let f = &*self.function.inner;
        let (vars, g) = (&f.variables, f.gradient()?);
        let inputs: Vec<Array<First>> = (0..vars.list.len())
            .map(|k| {
                let pairs = self.input(k).iter().zip(&v[vars.range(k)]);
                Array::new(vars.list[k].shape, pairs.map(|(&x, &v)| Literal(Dual64::new(x, v))).collect())
            })
            .collect();
        let values = literal::evaluate(&g.program, &inputs, false)?;
        let part = |k: usize| match g.derivatives[k] {
            Some(d) => values[d.index()].entries.iter().map(|x| x.0.eps).collect(),
            None => vec![0.0; vars.len_of(k)],
        };
        Ok((0..vars.list.len()).flat_map(part).collect())
    }
}
