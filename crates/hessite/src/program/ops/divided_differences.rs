//! f[λᵢ, λⱼ] (n×n) or f[λᵢ, λⱼ, λₖ] (packed, i ≤ j ≤ k) of the eigenvalues in a factored V | λ: the coefficients of a
//! spectral function's derivatives, made once for a point. Taylor coefficients of f that are not finite are left out
//! ([`SpectralLimit`] brings them in).

use super::*;
use crate::dense::spectral;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct DividedDifferences {
    pub f: SpectralFunction,
    /// Two points, or three.
    pub three: bool,
}

impl Primitive for DividedDifferences {
    fn name(&self) -> &'static str {
        "divided differences"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        let n = args[0].rows;
        let triples = n.checked_mul(n).and_then(|x| x.checked_mul(n)).map(|_| spectral::packed_triples(n));
        match (self.three, triples) {
            (false, _) => Ok(Shape::new(n, n)),
            (true, Some(len)) => Ok(Shape::new(len, 1)),
            (true, None) => Err(Mismatch::new(format!("the triples of {n} eigenvalues do not fit in memory"))),
        }
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let n = args[0].rows;
        let spectrum = self.f.spectrum(args[0].data, n);
        let d = self.f.differences(&spectrum, if self.three { 2 } else { 1 }).finite;
        match self.three {
            true => spectral::second_table(&d.with_first(), n, target.out.data),
            false => spectral::first_table(&d, n, target.out.data),
        }
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let real: Vec<f64> = args[0].entries.iter().map(N::real).collect();
        let mut out = vec![0.0; shape.len()];
        let view = |data, s: Shape| View { data, rows: s.rows, cols: s.cols, lanes: 1 };
        let into = ViewMut { data: &mut out, rows: shape.rows, cols: shape.cols, lanes: 1 };
        self.run(&[view(&real, args[0].shape)], Target::plain(into, Stop::default()));
        Ok(out.into_iter().map(N::constant).collect())
    }

    fn tangent(&self, _: &mut Builder, _: At<'_>, _: &[Option<Value>]) -> Option<Value> {
        None
    }

    fn transpose(&self, _: &mut Builder, _: At<'_>, _: usize, _: Value) -> Option<Value> {
        None
    }

    fn flops(&self, _: &[Shape], shape: Shape) -> u64 {
        60 * shape.len() as u64
    }

    #[cfg(test)]
    fn is_cache(&self) -> bool {
        true
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let f = SpectralFunction::of(Map::new(&crate::program::scalar::EXP, 0.0));
        vec![(DividedDifferences { f, three: true }, shapes(&[(3, 4)]))]
    }
}
