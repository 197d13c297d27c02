//! H = Hᵀ: entry against entry over the checked coordinates, uᵀHv against vᵀHu over the random directions.

use crate::check::Direction;
use crate::report::{Along, Symmetry};
use crate::survey::{NEGLIGIBLE, Survey};

impl Survey<'_, '_> {
    /// |Hᵢⱼ − Hⱼᵢ| over the checked coordinates, from the columns' entries there.
    pub(crate) fn symmetry_of_columns(&mut self, columns: &[Vec<f64>]) {
        let list = self.coordinates.clone();
        let entry = |p: usize, q: usize| columns[q][p];
        self.symmetry_of_entries(&list[..columns.len().min(list.len())], &entry);
    }

    pub(crate) fn symmetry_of_matrix(&mut self) {
        if let Some(h) = self.matrix.take() {
            let n = self.x.len();
            self.symmetry_of_entries(&(0..n).collect::<Vec<_>>(), &|i, j| h[i + n * j]);
            self.matrix = Some(h);
        }
    }

    /// Rounding of Hᵢⱼsⱼ is like that of ∂f/∂xᵢ, with which it shares its intermediate results.
    fn symmetry_of_entries(&mut self, list: &[usize], entry: &dyn Fn(usize, usize) -> f64) {
        let s = &self.scales;
        let pairs = || (0..list.len()).flat_map(|q| (0..q).map(move |p| (p, q)));
        let diagonal = (0..list.len()).map(|p| (p, p));
        let largest = pairs()
            .chain(diagonal)
            .fold(0.0f64, |m, (p, q)| m.max((entry(p, q) * s[list[p]] * s[list[q]]).abs()));
        let noise = &self.gradient_noise;
        let mut worst: Option<Symmetry> = None;
        for (p, q) in pairs() {
            let (i, j, a, b) = (list[p], list[q], entry(p, q), entry(q, p));
            let expected = 8.0 * (noise[i] / s[j] + noise[j] / s[i]) + NEGLIGIBLE * largest / (s[i] * s[j]);
            let at = (Along::Coordinate(i), Along::Coordinate(j));
            worst = Some(worse(worst, self.residual(at, a, b, expected)));
        }
        self.symmetry = [self.symmetry, worst].into_iter().flatten().reduce(|a, b| worse(Some(a), b));
    }

    pub(crate) fn symmetry_of_directions(&mut self, directions: &[Direction], products: &[Vec<f64>]) {
        // For one variable any two directions are one.
        if self.x.len() < 2 {
            return;
        }
        let dot = |u: &[f64], v: &[f64]| u.iter().zip(v).map(|(u, v)| u * v).sum::<f64>();
        let size = |u: &[f64], v: &[f64]| u.iter().zip(v).map(|(u, v)| (u * v).abs()).sum::<f64>();
        for q in 0..products.len() {
            for p in 0..q {
                let (u, v) = (&directions[p].entries, &directions[q].entries);
                let (hu, hv) = (&products[p], &products[q]);
                let rounding = size(u, &self.gradient_noise) + size(v, &self.gradient_noise);
                let expected = 8.0 * rounding + NEGLIGIBLE * size(u, hv).max(size(v, hu));
                let at = (directions[p].along, directions[q].along);
                let found = self.residual(at, dot(u, hv), dot(v, hu), expected);
                // Entries say more than directions, unless directions alone see it.
                let tell = self.symmetry.is_none_or(|s| s.ratio <= 1.0 && found.ratio > 1.0);
                if tell || self.symmetry.is_some_and(|s| matches!(s.at.0, Along::Direction(_))) {
                    self.symmetry = Some(worse(self.symmetry, found));
                }
            }
        }
    }

    fn residual(&self, at: (Along, Along), a: f64, b: f64, expected: f64) -> Symmetry {
        let residual = (a - b).abs();
        let allowed = expected + self.check.options.tolerance * a.abs().max(b.abs());
        Symmetry { at, residual, expected, ratio: if residual == 0.0 { 0.0 } else { residual / allowed } }
    }
}

fn worse(a: Option<Symmetry>, b: Symmetry) -> Symmetry {
    match a {
        Some(a) if a.ratio >= b.ratio => a,
        _ => b,
    }
}
