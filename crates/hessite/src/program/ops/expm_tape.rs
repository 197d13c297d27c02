//! The factors of all products that make e^A, or its derivative along a direction: made once for a point, for
//! [`Expm`](super::Expm). Arguments: A; or A, its own tape and E.

use super::*;
use crate::dense::expm;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ExpmTape {
    /// Of the derivative.
    pub tangent: bool,
}

impl Primitive for ExpmTape {
    fn name(&self) -> &'static str {
        "matrix exponential"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        match args[0].rows == args[0].cols {
            true => Ok(Shape::new(args[0].rows, args[0].cols.saturating_mul(expm::TAPE))),
            false => Err(Mismatch::new("the matrix is not square")),
        }
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let (a, n, out) = (args[0].data, args[0].rows, target.out.data);
        match self.tangent {
            false => expm::tape(a, n, out, target.stop),
            true => {
                let s = expm::squarings(a, n);
                expm::tangent_tape(args[1].data, s, args[2].data, n, out, target.stop);
            }
        }
    }

    /// Constants: what is made of them depends on A alone, and is differentiated as a function of A.
    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let real: Vec<Vec<f64>> = args.iter().map(|a| a.entries.iter().map(N::real).collect()).collect();
        let view = |(a, data): (&&Array<N>, _)| View { data, rows: a.shape.rows, cols: a.shape.cols, lanes: 1 };
        let views: Vec<View<'_>> = args.iter().zip(real.iter().map(|r| &r[..])).map(view).collect();
        let mut out = vec![0.0; shape.len()];
        let into = ViewMut { data: &mut out, rows: shape.rows, cols: shape.cols, lanes: 1 };
        self.run(&views, Target::plain(into, Stop::default()));
        Ok(out.into_iter().map(N::constant).collect())
    }

    fn tangent(&self, _: &mut Builder, _: At<'_>, _: &[Option<Value>]) -> Option<Value> {
        None
    }

    fn transpose(&self, _: &mut Builder, _: At<'_>, _: usize, _: Value) -> Option<Value> {
        None
    }

    fn fallible(&self) -> bool {
        !self.tangent
    }

    fn failure(&self, args: &[View<'_>], _: View<'_>) -> Option<Failure> {
        let (a, n) = (args[0].data, args[0].rows);
        let finite = a.iter().all(|x| x.is_finite());
        let largest = a.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
        (finite && expm::squarings(a, n).is_none())
            .then_some(Failure::Domain { needs: "a matrix of 1-norm below 9e11", value: largest })
    }

    fn flops(&self, args: &[Shape], _: Shape) -> u64 {
        (if self.tangent { 32 } else { 16 }) * args[0].rows as u64 * args[0].len() as u64
    }

    #[cfg(test)]
    fn is_cache(&self) -> bool {
        true
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        vec![(ExpmTape { tangent: false }, shapes(&[(2, 2)]))]
    }
}
