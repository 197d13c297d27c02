//! The factorisation of F_z at (z, x): a cache, as `lu` and `cholesky` are, for [`ImplicitSolve`].
//!
//! Nothing but derivatives needs it, so it fails where there are none: a zero pivot, or a reciprocal condition number
//! below ε, is `Singular`, a Hessian that is not positive definite `NotAMinimum`.

use super::*;
use crate::dense::cholesky;
use crate::program::implicit::Implicit;

/// Arguments z, x₁…xₙ.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ImplicitFactors {
    pub of: Implicit,
}

impl ImplicitFactors {
    fn square(&self) -> Shape {
        Shape::new(self.of.len(), self.of.len())
    }
}

impl Primitive for ImplicitFactors {
    fn name(&self) -> &'static str {
        "factors of an implicit function"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        match args == self.of.inputs() {
            true => self.of.factors.maker().shape(&[self.square()]),
            false => Err(Mismatch::new("the shapes are not those of the equation")),
        }
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        if self.of.factor(args, target.out.data, target.stop).is_err() {
            target.out.data.fill(f64::NAN);
        }
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let point: Vec<Array<N>> = args.iter().map(|&a| a.clone()).collect();
        self.of.factors.maker().literal(&[&self.of.literal_jacobian(&point)?], shape)
    }

    fn tangent(&self, _: &mut Builder, _: At<'_>, _: &[Option<Value>]) -> Option<Value> {
        None
    }

    fn transpose(&self, _: &mut Builder, _: At<'_>, _: usize, _: Value) -> Option<Value> {
        None
    }

    fn fallible(&self) -> bool {
        true
    }

    fn failure(&self, args: &[View<'_>], result: View<'_>) -> Option<Failure> {
        let n = self.of.len();
        let defect = match self.of.factors {
            Factors::Lu => self.of.factors.failure(result, n),
            Factors::Cholesky => {
                cholesky::first_failure(result.data, n).map(|k| Failure::NotAMinimum { minor: k + 1 })
            }
        };
        let undefined = || {
            let known = result.data.iter().all(|x| !x.is_nan());
            let again = || self.of.factor(args, &mut vec![0.0; result.data.len()], Stop::default()).err();
            if known { None } else { again() }
        };
        defect.or_else(undefined)
    }

    fn flops(&self, _: &[Shape], _: Shape) -> u64 {
        let n = self.of.len() as u64;
        n * (n * n + self.of.flops())
    }

    #[cfg(test)]
    fn is_cache(&self) -> bool {
        true
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let of = |of: Implicit| (ImplicitFactors { of: of.clone() }, of.inputs().to_vec());
        implicit_solve::equations().into_iter().map(of).collect()
    }
}
