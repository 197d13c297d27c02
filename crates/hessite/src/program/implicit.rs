//! F(z, x) = 0 as a definition of z: the programs of F and its derivatives, and their values inside of an operation.

mod memory;
mod search;

pub(crate) use super::evaluator::Directions;
use super::literal;
use super::number::{Array, Number};
use super::ops::{Factors, Lu, Op};
use super::{Program, Shape};
use crate::dense::lanes::View;
use crate::dense::stop::Stop;
use crate::dense::{cholesky, lu};
use crate::error::{Failure, Result};
pub(crate) use memory::Spare;
use search::Search;
use std::fmt;
use std::sync::Arc;

/// A further input after z and x, and what the program gives for it; `None` where that is zero as a whole.
pub(crate) type Along = Option<Program>;

/// The programs that an implicit function is made of. The first inputs of all of them are z and x₁…xₙ.
pub(crate) struct Equation {
    /// F; and after it f where F is the gradient of f by z.
    pub residual: Program,
    /// F_z·w for several w together; `None` where that is zero as a whole.
    pub directions: Option<Directions>,
    /// F_z·w, and F_{x_k}·w, by the number of the input that w is a tangent of.
    pub along: Vec<Along>,
    /// The tangents of F_z·w by z, x₁…xₙ; their inputs go on with w and the tangent.
    pub second: Vec<Along>,
    /// The tangents of F_zᵀ·w; nothing where F_z is symmetric.
    pub second_turned: Vec<Along>,
    /// The shape of z, and of F.
    pub shape: Shape,
    pub start: Vec<f64>,
    pub factors: Factors,
    /// Memory of searches that have ended.
    pub spare: Spare,
}

/// An [`Equation`], shared; each is equal to itself alone.
#[derive(Clone)]
pub(crate) struct Implicit(pub Arc<Equation>);

impl std::ops::Deref for Implicit {
    type Target = Equation;
    fn deref(&self) -> &Equation {
        &self.0
    }
}

impl PartialEq for Implicit {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Implicit {}

impl std::hash::Hash for Implicit {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}

impl fmt::Debug for Implicit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}", self.residual.len(), self.shape)
    }
}

impl Equation {
    /// Whether F is the gradient of a function to be minimized.
    pub fn minimizes(&self) -> bool {
        self.factors == Factors::Cholesky
    }

    /// Unknowns, and equations.
    pub fn len(&self) -> usize {
        self.shape.len()
    }

    /// Shapes of all inputs of F: of z and x.
    pub fn inputs(&self) -> &[Shape] {
        &self.residual.inputs
    }

    /// Floating-point operations of one column of F_z.
    pub fn flops(&self) -> u64 {
        let Some(program) = &self.along[0] else { return 0 };
        let own = |i: &super::Instr| {
            let shapes: Vec<Shape> = i.args.iter().map(|&a| program.shape(a)).collect();
            i.op.flops(&shapes, i.shape)
        };
        program.instrs.iter().map(own).sum()
    }

    /// Writes the factors of F_z, at z and x.
    pub fn factor(&self, point: &[View<'_>], out: &mut [f64], stop: Stop<'_>) -> Result<(), Failure> {
        let mut memory = self.spare.take(self);
        let mut j = std::mem::take(&mut memory.jacobian);
        let found = memory.jacobian(self, point[0].data, &point[1..], &mut j, stop);
        if found.is_ok() {
            let n = self.len();
            let a = View { data: &j, rows: n, cols: n, lanes: 1 };
            match self.factors {
                Factors::Lu => lu::factor(a, out, stop),
                Factors::Cholesky => cholesky::factor(a, out, stop),
            }
        }
        memory.jacobian = j;
        self.spare.put(memory);
        found
    }

    pub fn literal_jacobian<N: Number>(&self, point: &[Array<N>]) -> Result<Array<N>> {
        let n = self.len();
        let mut all = Vec::with_capacity(n * n);
        for j in 0..n {
            let unit = (0..n).map(|i| N::constant(if i == j { 1.0 } else { 0.0 })).collect();
            match &self.along[0] {
                Some(p) => {
                    let mut inputs = point.to_vec();
                    inputs.push(Array::new(self.shape, unit));
                    all.append(&mut literal::evaluate(p, &inputs, true)?[p.outputs[0].index()].entries);
                }
                None => all.resize(all.len() + n, N::constant(0.0)),
            }
        }
        Ok(Array::new(Shape::new(n, n), all))
    }

    /// Writes z for these x, or says why there is none; NaN where an x is, and unfinished soon after `stop` is raised.
    pub fn solve(&self, x: &[View<'_>], out: &mut [f64], stop: Stop<'_>) -> Result<(), Failure> {
        if x.iter().any(|x| x.data.iter().any(|x| !x.is_finite())) {
            out.fill(f64::NAN);
            return Ok(());
        }
        let mut memory = self.spare.take(self);
        let found = Search::new(self, x, &mut memory, stop).run(out);
        self.spare.put(memory);
        found
    }

    /// A finished z as a function of numbers of any kind: Newton's steps with the real F_z gain one order each.
    pub fn literal<N: Number>(&self, found: &[f64], x: &[&Array<N>]) -> Result<Vec<N>> {
        let mut z = Array::new(self.shape, found.iter().map(|&z| N::constant(z)).collect::<Vec<N>>());
        if N::NILPOTENT == 0 {
            return Ok(z.entries);
        }
        let n = self.len();
        let mut point: Vec<Array<N>> = std::iter::once(&z).chain(x.iter().copied()).cloned().collect();
        let real = |a: &N| N::constant(a.real());
        let fixed: Vec<Array<N>> =
            point.iter().map(|a| Array::new(a.shape, a.entries.iter().map(real).collect())).collect();
        let jacobian = self.literal_jacobian(&fixed)?;
        let shape = Shape::new(lu::len(n), 1);
        let factors = Array::new(shape, Op::from(Lu).literal(&[&jacobian], shape)?);
        for _ in 0..N::NILPOTENT {
            point[0] = z.clone();
            let mut values = literal::evaluate(&self.residual, &point, true)?;
            let mut step = values.swap_remove(self.residual.outputs[0].index()).entries;
            Factors::Lu.literal_solve(&factors, n, false, &mut step)?;
            for ((z, d), found) in z.entries.iter_mut().zip(step).zip(found) {
                let next = z.clone() - d;
                // The real part stays what was found.
                *z = next.clone() + N::constant(found - next.real());
            }
        }
        Ok(z.entries)
    }
}
