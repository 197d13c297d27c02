//! How noisy a function is, from a table of differences.

/// Points of the table.
const POINTS: usize = 9;

/// The steps of the table: at first so small that a smooth function is a straight line over the table, and large enough
/// to change it; then a larger one for values that were equal, and a smaller one where the smooth part was seen.
const STEP: f64 = 1.0 / (1u64 << 30) as f64;
const LARGER: f64 = 1.0 / (1u64 << 22) as f64;
const SMALLER: f64 = 1.0 / (1u64 << 38) as f64;

/// What a table of differences says.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Table {
    Noise(f64),
    /// Half of the values are equal: a larger step is needed.
    Flat,
    /// Differences are those of a smooth function: a smaller step is needed.
    Smooth,
}

/// The noise of t ↦ `phi`(t) at t = 0: the standard deviation σ of what is not smooth in its values, rounding
/// included; `None` where none could be told from the smooth part. `phi` should vary over |t| ~ 1.
///
/// k-th differences of the values at nine close points lose the smooth part, while independent noise of deviation σ
/// has k-th differences of variance σ² (2k)!/(k!)². Three levels k, k+1, k+2 that give the same σ within a factor of
/// four, with differences of both signs, are taken for noise.
///
/// # Reference
/// J. J. Moré and S. M. Wild, *Estimating computational noise*, SIAM J. Sci. Comput. 33 (2011), algorithm ECnoise.
///
/// ```
/// let rough = |t: f64| { // single precision
///     f64::from((1.0 + t).exp() as f32)
/// };
/// let sigma = hessite_check::noise(rough).unwrap();
/// assert!(sigma > 1e-8 && sigma < 1e-7);
/// assert!(hessite_check::noise(|t| (1.0 + t).sin()).unwrap() < 1e-15);
/// ```
pub fn noise(mut phi: impl FnMut(f64) -> f64) -> Option<f64> {
    let mut out = [f64::NAN];
    noises(&mut |t, out: &mut [f64]| out[0] = phi(t), &mut out);
    Some(out[0]).filter(|s| !s.is_nan())
}

/// The same for all components of a function; NaN for those without an answer.
pub(crate) fn noises(eval: &mut dyn FnMut(f64, &mut [f64]), out: &mut [f64]) {
    out.fill(f64::NAN);
    let m = out.len();
    let mut values = vec![0.0; m * POINTS];
    let mut scan = |h: f64| {
        let (mut flat, mut smooth) = (false, false);
        for (k, row) in values.chunks_exact_mut(m.max(1)).enumerate() {
            // To one side of t = 0, where a function with a kink at the point is smooth.
            eval(h * (k as f64 + 1.0), row);
        }
        for (i, sigma) in out.iter_mut().enumerate().filter(|(_, s)| s.is_nan()) {
            match table(std::array::from_fn(|k| values[k * m + i])) {
                Table::Noise(level) => *sigma = level,
                Table::Flat => flat = true,
                Table::Smooth => smooth = true,
            }
        }
        (flat, smooth)
    };
    let (flat, smooth) = scan(STEP);
    if flat {
        scan(LARGER);
    }
    if smooth {
        scan(SMALLER);
    }
}

fn table(mut f: [f64; POINTS]) -> Table {
    let largest = f.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    if f.iter().all(|x| *x == f[0]) {
        return Table::Flat;
    }
    if !largest.is_finite() {
        return Table::Smooth;
    }
    let (mut gamma, mut levels, mut signs) = (1.0, [0.0; POINTS - 1], [false; POINTS - 1]);
    for k in 1..POINTS {
        let count = POINTS - k;
        (0..count).for_each(|i| f[i] = f[i + 1] - f[i]);
        let d = &f[..count];
        if k == 1 && d.iter().filter(|x| **x == 0.0).count() >= POINTS / 2 {
            return Table::Flat;
        }
        gamma *= 0.5 * k as f64 / (2 * k - 1) as f64;
        levels[k - 1] = (gamma * d.iter().map(|x| x * x).sum::<f64>() / count as f64).sqrt();
        signs[k - 1] = d.iter().any(|x| *x > 0.0) && d.iter().any(|x| *x < 0.0);
    }
    for k in 0..POINTS - 3 {
        let three = &levels[k..k + 3];
        let (least, most) = three.iter().fold((f64::INFINITY, 0.0f64), |(a, b), x| (a.min(*x), b.max(*x)));
        if most <= 4.0 * least && signs[k] {
            return Table::Noise(levels[k]);
        }
    }
    Table::Smooth
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SplitMix64;

    #[test]
    fn planted_noise_is_measured_within_a_factor_of_three() {
        for sigma in [1e-3, 1e-6, 1e-9, 1e-12] {
            for seed in 0..20 {
                let mut r = SplitMix64::new(seed);
                // Uniform in ±√3 σ has the deviation σ.
                let level =
                    noise(|t| (1.0 + t).exp() + sigma * 3f64.sqrt() * (2.0 * r.unit() - 1.0)).unwrap();
                assert!(level > sigma / 3.0 && level < 3.0 * sigma, "{sigma}, {seed}: {level}");
            }
        }
    }

    #[test]
    fn a_smooth_function_has_the_noise_of_rounding() {
        for x in [1.0, 30.0, -7.0] {
            let level = noise(|t| ((x + x * t) * 1.3).exp()).unwrap_or(0.0);
            assert!(level <= f64::EPSILON * (1.3 * x).abs() * (1.3 * x).exp(), "{x}: {level}");
        }
    }

    #[test]
    fn a_constant_has_no_noise_to_be_seen() {
        assert_eq!(noise(|_| 3.0), None);
    }
}
