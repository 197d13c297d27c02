//! Eigenvalues of a diagonal matrix plus one of rank one: the roots of 1/ρ + Σ zⱼ²/(dⱼ − λ).

use super::super::simd::vectorized;

/// Steps for a root; a few are enough.
const STEPS: usize = 200;

/// The root between `d[i]` and the next, or beyond the last: `d` rises strictly, ρ > 0 and no z is 0. Writes d − λ to
/// `distances`, each exact to rounding, and gives λ.
///
/// Poles on both sides are matched in value and slope ("the middle way", Li 1993, "Solving secular equations stably and
/// efficiently", LAPACK working note 89), within an interval that is kept.
pub(super) fn root(i: usize, d: &[f64], z: &[f64], rho: f64, distances: &mut [f64]) -> f64 {
    let k = d.len();
    if k == 1 {
        let shift = rho * z[0] * z[0];
        distances[0] = -shift;
        return d[0] + shift;
    }
    let last = i + 1 == k;
    let split = if last { i } else { i + 1 };
    let width = if last { rho * z.iter().map(|z| z * z).sum::<f64>() } else { d[i + 1] - d[i] };
    let mut origin = i;
    shift(d, d[origin], distances);
    let (mut low, mut high, mut x) = (0.0, width, 0.5 * width);
    let mut sums = Sums::at(x, distances, z, split, rho);
    if sums.total <= 0.0 {
        if last {
            low = x;
        } else {
            origin = i + 1;
            shift(d, d[origin], distances);
            (low, high, x) = (-0.5 * width, 0.0, -0.5 * width);
            sums = Sums::at(x, distances, z, split, rho);
        }
    } else {
        high = x;
    }
    for _ in 0..STEPS {
        if sums.total.abs()
            <= f64::EPSILON * (8.0 * sums.size + x.abs() * (sums.below_slope + sums.above_slope))
        {
            break;
        }
        if sums.total < 0.0 {
            low = x;
        } else {
            high = x;
        }
        let poles = (distances[split - 1] - x, distances[split] - x);
        let mut next = x + sums.step(poles, last);
        if !(low < next && next < high) {
            next = 0.5 * (low + high);
        }
        if next == x || !(low < next && next < high) {
            break;
        }
        x = next;
        sums = Sums::at(x, distances, z, split, rho);
    }
    distances.iter_mut().for_each(|distance| *distance -= x);
    d[origin] + x
}

fn shift(d: &[f64], origin: f64, distances: &mut [f64]) {
    distances.iter_mut().zip(d).for_each(|(x, d)| *x = d - origin);
}

/// The function at a place: the sums over poles below and above the root, and their slopes.
struct Sums {
    total: f64,
    /// The sum of the terms' absolute values.
    size: f64,
    below_slope: f64,
    above_slope: f64,
}

impl Sums {
    fn at(x: f64, distances: &[f64], z: &[f64], split: usize, rho: f64) -> Self {
        let (below, below_slope) = terms(&distances[..split], &z[..split], x);
        let (above, above_slope) = terms(&distances[split..], &z[split..], x);
        let constant = rho.recip();
        let total = constant + below + above;
        Sums { total, size: constant + below.abs() + above.abs(), below_slope, above_slope }
    }

    /// To the root of c + s/(a − x) + t/(b − x), which has these sums and slopes at 0, for poles at a and b.
    fn step(&self, (a, b): (f64, f64), last: bool) -> f64 {
        let Sums { total, below_slope, above_slope, .. } = *self;
        let slope = below_slope + above_slope;
        let c = total - a * below_slope - b * above_slope;
        // c x² − q x + p = 0.
        let (q, p) = ((a + b) * total - a * b * slope, a * b * total);
        let c = if last { c.abs() } else { c };
        let root = (q * q - 4.0 * p * c).abs().sqrt();
        let far = if last { q >= 0.0 } else { q <= 0.0 };
        let signed = if last { root } else { -root };
        let x = if far { (q + signed) / (2.0 * c) } else { 2.0 * p / (q - signed) };
        // The function rises.
        if x.is_finite() && x * total < 0.0 { x } else { -total / slope }
    }
}

vectorized! {
    /// Σ z²/(d − x), and its derivative.
    fn terms(distances: &[f64], z: &[f64], x: f64) -> (f64, f64) {
        let ((d, d_tail), (z, z_tail)) = (distances.as_chunks::<8>(), z.as_chunks::<8>());
        let (mut sums, mut slopes) = ([0.0; 8], [0.0; 8]);
        for (d, z) in d.iter().zip(z) {
            for l in 0..8 {
                let t = z[l] / (d[l] - x);
                sums[l] += z[l] * t;
                slopes[l] += t * t;
            }
        }
        let (mut sum, mut slope) = (sums.iter().sum::<f64>(), slopes.iter().sum::<f64>());
        for (d, z) in d_tail.iter().zip(z_tail) {
            let t = z / (d - x);
            sum += z * t;
            slope += t * t;
        }
        (sum, slope)
    }
}
