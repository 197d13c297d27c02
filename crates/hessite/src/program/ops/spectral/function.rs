//! What is applied to eigenvalues, and its divided differences there.

use super::super::Map;
use crate::dense::divided::{Differences, TERMS};
use crate::dense::eigen;
use crate::dense::spectral::{Limits, Pole};
use crate::program::scalar::Series;

#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum SpectralFunction {
    /// This derivative of a smooth row of the scalar table.
    Row { map: Map, slope: u8 },
    /// |λ|, with slope 0 at 0. This many eigenvalues are always 0 and no kink: directions don't move them.
    Abs { zeros: usize },
    /// λ/r at the r largest that coincide, 0 at the others: the trace is the largest eigenvalue, or where it is repeated
    /// the mean of those that coincide, which is smooth.
    Top,
}

impl std::fmt::Debug for SpectralFunction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SpectralFunction::Row { map, slope: 0 } => write!(f, "{map:?}"),
            SpectralFunction::Row { map, slope } => write!(f, "{map:?}, derivative {slope}"),
            SpectralFunction::Abs { zeros } => write!(f, "abs[{zeros}]"),
            SpectralFunction::Top => write!(f, "top"),
        }
    }
}

/// Where a function is taken, and the pieces that it has there.
pub(crate) struct Spectrum {
    pub points: Vec<f64>,
    pieces: Vec<u8>,
    /// How many points the last piece has.
    pub last: usize,
}

/// The piece of a point where not all coefficients are finite; no other point shares its series.
const APART: u8 = u8::MAX;

impl SpectralFunction {
    pub fn of(map: Map) -> Self {
        SpectralFunction::Row { map, slope: 0 }
    }

    /// Whether there are numbers at which a derivative is not finite.
    pub fn may_be_infinite(&self) -> bool {
        use crate::program::scalar::*;
        const BOUNDED: [&Row; 9] = [&SIN, &COS, &ATAN, &TANH, &ASINH, &SIGMOID, &SOFTPLUS, &ERF, &ERFC];
        matches!(self, SpectralFunction::Row { map, .. } if !BOUNDED.contains(&map.row))
    }

    /// The eigenvalues of a factored V | λ, but an end of the domain (0, ±1) for one that is there up to rounding if it is
    /// outside, or if f is finite there and a derivative is not. One whose eigenvector is a unit vector is an entry of
    /// the matrix, and has no rounding. |λ| takes 0 for what is 0 up to rounding.
    pub fn spectrum(&self, factored: &[f64], n: usize) -> Spectrum {
        let (v, eigenvalues) = factored.split_at(n * n);
        let eigenvalues = &eigenvalues[..n];
        let rounding = eigen::resolution(eigenvalues);
        let settled = |(k, &x): (usize, &f64)| match self {
            SpectralFunction::Row { map, .. } => {
                let (end, f) = (x.round(), |x: f64| map.row.value(map.parameter(), &[x]));
                let distance = (x - end).abs();
                if distance == 0.0 || distance > rounding || end.abs() > 1.0 {
                    return x;
                }
                let exact = || v[n * k..n * (k + 1)].iter().filter(|x| **x != 0.0).count() == 1;
                let outside = f(x).is_nan() && !f(end).is_nan();
                let steep = || 4.0 * distance <= rounding && !exact() && steep(map, end);
                if outside || steep() { end } else { x }
            }
            SpectralFunction::Abs { .. } if x.abs() <= rounding => 0.0,
            _ => x,
        };
        let points: Vec<f64> = eigenvalues.iter().enumerate().map(settled).collect();
        let top = points.iter().fold(f64::NEG_INFINITY, |m: f64, x| m.max(*x));
        let piece = |&x: &f64| match self {
            SpectralFunction::Row { .. } => 0,
            SpectralFunction::Abs { .. } => u8::from(x >= 0.0) + u8::from(x > 0.0),
            SpectralFunction::Top => u8::from(x >= top - rounding),
        };
        let pieces: Vec<u8> = points.iter().map(piece).collect();
        let last = pieces.iter().filter(|p| **p == 1).count();
        Spectrum { points, pieces, last }
    }

    /// Taylor coefficients at the points, [`TERMS`] for each: of order 0 alone, or of all orders.
    pub fn coefficients(&self, s: &Spectrum, all: bool) -> Vec<f64> {
        let share = 1.0 / s.last.max(1) as f64;
        let mut out = vec![0.0; s.points.len() * TERMS];
        let each = out.chunks_exact_mut(TERMS).zip(s.points.iter().zip(&s.pieces));
        match self {
            SpectralFunction::Row { map, slope: 0 } if !all => {
                each.for_each(|(c, (x, _))| c[0] = map.row.value(map.parameter(), &[*x]));
            }
            SpectralFunction::Row { map, slope } => {
                let Some(mut series) = Series::new(map.row, map.parameter()) else { return out };
                each.for_each(|(c, (x, _))| slopes(&mut series, *x, *slope, c));
            }
            SpectralFunction::Abs { .. } => {
                each.for_each(|(c, (x, piece))| (c[0], c[1]) = (x.abs(), f64::from(*piece) - 1.0));
            }
            SpectralFunction::Top => {
                each.filter(|(_, p)| *p.1 == 1).for_each(|(c, (x, _))| (c[0], c[1]) = (share * x, share));
            }
        }
        out
    }

    /// Differences of this many directions at most: those of the coefficients that are finite, and of the others one by
    /// one.
    pub fn differences<'a>(&self, s: &'a Spectrum, order: u8) -> Limits<'a> {
        let terms = usize::from(order) + 1;
        let mut coefficients = self.coefficients(s, order > 0);
        let mut pieces = s.pieces.clone();
        let mut poles: Vec<Pole<'_>> = Vec::new();
        for (i, x) in s.points.iter().enumerate() {
            let c = &mut coefficients[i * TERMS..(i + 1) * TERMS];
            if c[..terms].iter().all(|c| c.is_finite()) {
                continue;
            }
            pieces[i] = APART;
            for (r, c) in c.iter_mut().enumerate().filter(|(_, c)| !c.is_finite()) {
                let known = |p: &Pole<'_>| p.order == r && (p.at.total_cmp(x).is_eq() || p.at == *x);
                if r < terms && !poles.iter().any(known) {
                    poles.push(Pole { order: r, at: *x, coefficient: *c, differences: unit(&s.points, *x, r) });
                }
                *c = 0.0;
            }
        }
        Limits::new(Differences::of_coefficients(&s.points, pieces, coefficients), poles)
    }
}

/// Whether f is finite at `x` and its first or second derivative is not.
fn steep(map: &Map, x: f64) -> bool {
    let mut c = [0.0; 3];
    let Some(mut series) = Series::new(map.row, map.parameter()) else { return false };
    series.at(x, &mut c);
    c[0].is_finite() && !(c[1].is_finite() && c[2].is_finite())
}

/// The coefficients of the derivative of this number: (m + slope)!/m! c of order m + slope.
fn slopes(series: &mut Series, x: f64, slope: u8, out: &mut [f64]) {
    let p = usize::from(slope);
    let mut all = [0.0; TERMS + u8::MAX as usize];
    series.at(x, &mut all[..TERMS + p]);
    for (m, o) in out.iter_mut().enumerate() {
        *o = (m + 1..=m + p).fold(all[m + p], |c, k| c * k as f64);
    }
}

/// Differences of what has the coefficient 1 of order `r` at the points that are `x`, and no other.
fn unit(points: &[f64], x: f64, r: usize) -> Differences<'_> {
    let here = |p: &f64| *p == x || p.total_cmp(&x).is_eq();
    let pieces = points.iter().map(|p| if here(p) { APART } else { 0 }).collect();
    let mut coefficients = vec![0.0; points.len() * TERMS];
    for (c, p) in coefficients.chunks_exact_mut(TERMS).zip(points) {
        c[r] = f64::from(u8::from(here(p)));
    }
    Differences::of_coefficients(points, pieces, coefficients)
}
