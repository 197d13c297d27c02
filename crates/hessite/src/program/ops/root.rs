//! z(x₁…xₙ) with F(z, x) = 0, from a fixed start.
//!
//! ż = −F_z⁻¹ Σ F_{x_k}ẋ_k at (z, x), by the theorem on implicit functions (Griewank & Walther 2008, "Evaluating
//! Derivatives", chapter 15). The coefficients are F's own instructions at z, which is this operation's result; so
//! derivatives of every order are exact, and how z was found never enters.
//!
//! Where F is the gradient of a function to be minimized, F_z is its Hessian and has to be positive definite.

use super::*;
use crate::program::implicit::Implicit;

/// Arguments x₁…xₙ.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Root {
    pub of: Implicit,
}

impl Primitive for Root {
    fn name(&self) -> &'static str {
        if self.of.minimizes() { "argmin" } else { "root" }
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        match args == &self.of.inputs()[1..] {
            true => Ok(self.of.shape),
            false => Err(Mismatch::new("the shapes are not those that the equation was recorded for")),
        }
    }

    /// NaN where there is none: the reason is found again by [`failure`](Self::failure).
    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        if self.of.solve(args, target.out.data, target.stop).is_err() {
            target.out.data.fill(f64::NAN);
        }
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], _: Shape) -> Result<Vec<N>> {
        let reals: Vec<Vec<f64>> = args.iter().map(|a| a.entries.iter().map(N::real).collect()).collect();
        let view = |(a, data)| {
            let &Array { shape, .. }: &&Array<N> = a;
            let data: &Vec<f64> = data;
            View { data, rows: shape.rows, cols: shape.cols, lanes: 1 }
        };
        let views: Vec<View<'_>> = args.iter().zip(&reals).map(view).collect();
        let mut z = vec![0.0; self.of.len()];
        match self.of.solve(&views, &mut z, Stop::default()) {
            Ok(()) => self.of.literal(&z, args),
            Err(_) => Ok(vec![N::constant(f64::NAN); self.of.len()]),
        }
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        let mut point = Args::from_slice(&[at.result]);
        point.extend_from_slice(at.args);
        let right = ImplicitSolve::sum(b, &self.of.along[1..], &point, tangents)?;
        let right = b.emit(Reshape::new(Shape::new(self.of.len(), 1)), &[right]);
        let factors = b.emit(ImplicitFactors { of: self.of.clone() }, &point);
        point.extend([factors, right]);
        let step = b.emit(ImplicitSolve { of: self.of.clone(), transposed: false }, &point);
        let step = b.emit(Reshape::new(self.of.shape), &[step]);
        Some(b.neg(step))
    }

    fn transpose(&self, _: &mut Builder, _: At<'_>, _: usize, _: Value) -> Option<Value> {
        None
    }

    fn fallible(&self) -> bool {
        true
    }

    fn failure(&self, args: &[View<'_>], result: View<'_>) -> Option<Failure> {
        let found = result.data.iter().all(|z| !z.is_nan());
        let again = || self.of.solve(args, &mut vec![0.0; self.of.len()], Stop::default()).err();
        if found { None } else { again() }
    }

    /// Of eight Newton steps.
    fn flops(&self, _: &[Shape], _: Shape) -> u64 {
        let n = self.of.len() as u64;
        8 * n * (n * n + self.of.flops())
    }

    #[cfg(test)]
    fn tame(&self, args: &mut [Array<f64>]) {
        implicit_solve::tame(args);
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let of = |of: Implicit| (Root { of: of.clone() }, of.inputs()[1..].to_vec());
        implicit_solve::equations().into_iter().map(of).collect()
    }
}
