//! What Taylor coefficients of f that are not finite add to fₖ(A; E₁…Eₖ) ([`Spectral`]): ±∞ or NaN where they take
//! part, else 0. Arguments: the coefficients up to order k ([`TaylorCoefficients`]), V | λ, E₁…Eₖ.

use super::*;
use crate::dense::spectral;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SpectralLimit {
    pub f: SpectralFunction,
    pub order: u8,
}

impl Primitive for SpectralLimit {
    fn name(&self) -> &'static str {
        "spectral function"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        let n = args[1].rows;
        let fits = args[0] == Shape::new(n, usize::from(self.order) + 1) && args[1].cols == n.saturating_add(1);
        match fits && args[2..].iter().all(|&e| e == Shape::new(n, n)) {
            true => Ok(Shape::new(n, n)),
            false => Err(Mismatch::new("the shapes differ")),
        }
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        if args[0].data.iter().all(|c| c.is_finite()) {
            return target.out.data.fill(0.0);
        }
        let n = args[1].rows;
        let spectrum = self.f.spectrum(args[1].data, n);
        let limits = self.f.differences(&spectrum, self.order);
        let v = View { data: &args[1].data[..n * n], rows: n, cols: n, lanes: 1 };
        spectral::infinities(&limits, v, &args[2..], target.out, target.stop);
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let reals: Vec<Vec<f64>> = args.iter().map(|a| a.entries.iter().map(N::real).collect()).collect();
        let view = |(x, a): (_, &&Array<N>)| View { data: x, rows: a.shape.rows, cols: a.shape.cols, lanes: 1 };
        let views: Vec<View<'_>> = reals.iter().map(|x| &x[..]).zip(args).map(view).collect();
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

    #[cfg(test)]
    fn is_cache(&self) -> bool {
        true
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let f = SpectralFunction::of(Map::new(&crate::program::scalar::SQRT, 0.0));
        vec![(SpectralLimit { f, order: 1 }, shapes(&[(3, 2), (3, 4), (3, 3)]))]
    }
}
