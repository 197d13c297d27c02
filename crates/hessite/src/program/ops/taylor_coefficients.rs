//! f⁽ᵐ⁾(λᵢ)/m! of the eigenvalues in a factored V | λ, one row for each: made once for a point.

use super::*;
use crate::dense::divided::TERMS;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TaylorCoefficients {
    pub f: SpectralFunction,
    pub terms: u8,
}

impl Primitive for TaylorCoefficients {
    fn name(&self) -> &'static str {
        "taylor coefficients"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        Ok(Shape::new(args[0].rows, usize::from(self.terms)))
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let n = args[0].rows;
        let spectrum = self.f.spectrum(args[0].data, n);
        let all = self.f.coefficients(&spectrum, true);
        for (i, c) in all.chunks_exact(TERMS).enumerate() {
            for (m, c) in c.iter().take(self.terms.into()).enumerate() {
                target.out.data[i + n * m] = *c;
            }
        }
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let real: Vec<f64> = args[0].entries.iter().map(N::real).collect();
        let mut out = vec![0.0; shape.len()];
        let of = View { data: &real, rows: args[0].shape.rows, cols: args[0].shape.cols, lanes: 1 };
        let into = ViewMut { data: &mut out, rows: shape.rows, cols: shape.cols, lanes: 1 };
        self.run(&[of], Target::plain(into, Stop::default()));
        Ok(out.into_iter().map(N::constant).collect())
    }

    fn tangent(&self, _: &mut Builder, _: At<'_>, _: &[Option<Value>]) -> Option<Value> {
        None
    }

    fn transpose(&self, _: &mut Builder, _: At<'_>, _: usize, _: Value) -> Option<Value> {
        None
    }

    fn flops(&self, _: &[Shape], shape: Shape) -> u64 {
        900 * shape.rows as u64
    }

    #[cfg(test)]
    fn is_cache(&self) -> bool {
        true
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let f = SpectralFunction::of(Map::new(&crate::program::scalar::EXP, 0.0));
        vec![(TaylorCoefficients { f, terms: 3 }, shapes(&[(3, 4)]))]
    }
}
