//! Derivatives of f(A) where f has infinite derivatives at an eigenvalue: the limits from inside of the domain.
//!
//! A divided difference is linear in the Taylor coefficients of f at its points, so a derivative is the finite one of
//! the finite coefficients, plus T·C for each coefficient T that is not finite, with C the same derivative for a
//! function that has the coefficient 1 there and no other. The coefficient of highest order grows fastest, and an
//! entry of C that is zero takes no part: so an entry of the result is ±∞ by the sign of the first C that is not zero,
//! or finite. In the basis of the eigenvectors a direction is multiplied as numbers are: 0·∞ is NaN. The eigenvectors'
//! own zeros are exact.

use super::super::divided::Differences;
use super::super::lanes::View;
use super::super::stop::Stop;
use super::{next, orders, rotated};

/// Divided differences, in parts.
pub(crate) struct Limits<'a> {
    /// Those of the finite coefficients.
    pub finite: Differences<'a>,
    /// Those of highest order first.
    poles: Vec<Pole<'a>>,
}

/// A Taylor coefficient that is not finite.
pub(crate) struct Pole<'a> {
    pub order: usize,
    /// The point that it belongs to.
    pub at: f64,
    pub coefficient: f64,
    /// Those of a function with the coefficient 1 there and no other.
    pub differences: Differences<'a>,
}

impl<'a> Limits<'a> {
    pub fn new(finite: Differences<'a>, mut poles: Vec<Pole<'a>>) -> Self {
        poles.sort_by_key(|p| std::cmp::Reverse(p.order));
        Limits { finite, poles }
    }

    pub fn poles(&self) -> &[Pole<'a>] {
        &self.poles
    }

    /// Whether all coefficients are finite.
    pub fn are_finite(&self) -> bool {
        self.poles.is_empty()
    }

    /// Keeps all f[xᵢ, xⱼ] of the finite coefficients, for many differences of higher order.
    pub fn with_first(self) -> Self {
        Limits { finite: self.finite.with_first(), ..self }
    }

    /// What the coefficients that are not finite add to the derivative along these directions (one lane each): ±∞, NaN or
    /// 0 for each entry.
    pub fn infinities(&self, v: View<'_>, directions: &[View<'_>], out: &mut [f64], stop: Stop<'_>) {
        let n = v.rows;
        let unit = 4.0 * n as f64 * f64::EPSILON;
        let absolute = |x: &[f64]| x.iter().map(|x| x.abs()).collect::<Vec<f64>>();
        let sizes = absolute(&v.data[..n * n]);
        let inner: Vec<Vec<f64>> = directions
            .iter()
            .map(|e| {
                let here = rotated((v, true), *e, (v, false), stop);
                let size = absolute(&e.data[..n * n]);
                let (v, e) = (View { data: &sizes, ..v }, View { data: &size, ..*e });
                let size = rotated((v, true), e, (v, false), stop);
                // Not to be told from zero.
                here.into_iter().zip(size).map(|(x, s)| if x.abs() <= unit * s { 0.0 } else { x }).collect()
            })
            .collect();
        let settled: Vec<f64> =
            v.data[..n * n].iter().map(|&x| if x.abs() <= unit { 0.0 } else { x }).collect();
        out.fill(0.0);
        let mut open = vec![true; n * n];
        let mut at = 0;
        while let Some(first) = self.poles.get(at) {
            let same = self.poles[at..].iter().take_while(|p| p.order == first.order);
            let mut touched = vec![false; n * n];
            for pole in same {
                at += 1;
                if stop.raised() {
                    return;
                }
                let signs = signs(&weights(&pole.differences, &inner, n), &settled, n, unit);
                for (e, s) in signs.into_iter().enumerate().filter(|(e, s)| open[*e] && *s != 0.0) {
                    out[e] += pole.coefficient * s;
                    touched[e] = true;
                }
            }
            open.iter_mut().zip(touched).for_each(|(o, t)| *o &= !t);
        }
    }
}

/// The sum over inner indices and orders of the directions, in the basis of the eigenvectors; NaN where one of its
/// products is 0 for a direction that is.
fn weights(d: &Differences<'_>, inner: &[Vec<f64>], n: usize) -> Vec<f64> {
    let orders = orders(inner.len());
    let mut sum = vec![0.0; n * n];
    let mut at = vec![0; inner.len() + 1];
    let mut more = n > 0;
    while more {
        let f = d.at(&at);
        let entry = at[0] + n * at[at.len() - 1];
        if inner.is_empty() {
            sum[entry] = f;
        } else if f != 0.0 {
            for order in &orders {
                let product = order
                    .iter()
                    .enumerate()
                    .fold(f, |product, (r, &which)| product * inner[which][at[r] + n * at[r + 1]]);
                sum[entry] += if product == 0.0 { f64::NAN } else { product };
            }
        }
        more = next(&mut at, n);
    }
    sum
}

/// The signs of V C Vᵀ, 0 where it is 0 up to rounding; a zero of V is exact.
fn signs(c: &[f64], v: &[f64], n: usize, unit: f64) -> Vec<f64> {
    let times = |x: &dyn Fn(usize) -> (f64, f64), y: &dyn Fn(usize) -> f64| {
        (0..n)
            .map(|p| (x(p), y(p)))
            .filter(|((x, _), y)| *x != 0.0 && *y != 0.0)
            .fold((0.0, 0.0), |(sum, size), ((x, bound), y)| (sum + x * y, size + bound * y.abs()))
    };
    let half: Vec<(f64, f64)> = (0..n * n)
        .map(|e| times(&|p| (c[p + n * (e / n)], c[p + n * (e / n)].abs()), &|p| v[e % n + n * p]))
        .collect();
    (0..n * n)
        .map(|e| {
            let (sum, size) = times(&|q| half[e % n + n * q], &|q| v[e / n + n * q]);
            match sum.abs() <= unit * size {
                true => 0.0,
                false if sum.is_nan() => f64::NAN,
                false => sum.signum(),
            }
        })
        .collect()
}
