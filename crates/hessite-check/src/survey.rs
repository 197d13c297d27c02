//! Walking the directions of a point and collecting what speaks for and against its derivatives.

use crate::check::{Check, Direction, Second, finite};
use crate::error::{Error, Result};
use crate::evidence::{Coordinate, Evidence};
use crate::fault::Fault;
use crate::line::{Analysis, Claim, measure};
use crate::noise::noises;
use crate::random::SplitMix64;
use crate::report::{Along, Evaluations, Place, Report, Symmetry};

/// Parts of the largest entry below which an entry is rounding of the others: 10³ ε.
pub(crate) const NEGLIGIBLE: f64 = 1e3 * f64::EPSILON;

/// The most random directions that are taken; the products along all are kept.
const MOST: usize = 1024;

/// Roundings of the value that a jump of the gradient may be, in units of the scales.
const QUANTUM: f64 = 1e2 * f64::EPSILON;

pub(crate) struct Survey<'c, 'a> {
    pub(crate) check: &'c mut Check<'a>,
    pub(crate) x: &'c [f64],
    /// Steps along xᵢ are parts of this power of two, max(|xᵢ|, typical) rounded down.
    pub(crate) scales: Vec<f64>,
    value: f64,
    gradient: Vec<f64>,
    /// The dense Hessian, where one was given.
    pub(crate) matrix: Option<Vec<f64>>,
    noise: f64,
    pub(crate) gradient_noise: Vec<f64>,
    pub(crate) evidence: Evidence,
    pub(crate) symmetry: Option<Symmetry>,
    pub(crate) coordinates: Vec<usize>,
    directions: Vec<Direction>,
    evaluations: Evaluations,
}

impl<'c, 'a> Survey<'c, 'a> {
    pub fn new(check: &'c mut Check<'a>, x: &'c [f64]) -> Result<Self> {
        let n = x.len();
        let value = (check.value)(x);
        finite("the value", &[value])?;
        let mut gradient = vec![0.0; n];
        (check.gradient)(x, &mut gradient);
        finite("the gradient", &gradient)?;
        let mut evaluations = Evaluations { value: 1, gradient: 1, hessian: 0 };
        let mut matrix = None;
        if let Second::Dense(hessian) = &mut check.second {
            let length = n.checked_mul(n).ok_or(Error::Length {
                what: "the dense Hessian",
                expected: usize::MAX,
                got: 0,
                dimension: n,
            })?;
            let mut h = vec![0.0; length];
            hessian(x, &mut h);
            evaluations.hessian = 1;
            finite("the Hessian", &h)?;
            matrix = Some(h);
        }
        let typical = check.options.typical;
        Ok(Survey {
            x,
            scales: x.iter().map(|x| power_of_two(x.abs().max(typical))).collect(),
            value,
            gradient,
            matrix,
            noise: 0.0,
            gradient_noise: vec![0.0; n],
            evidence: Evidence::new(check.options.tolerance),
            symmetry: None,
            coordinates: Vec::new(),
            directions: Vec::new(),
            evaluations,
            check,
        })
    }

    /// Looks at the noise, at random directions, at coordinates, and at the symmetry of the Hessian.
    pub fn walk(&mut self) -> Result<()> {
        let n = self.x.len();
        if n == 0 {
            return Ok(());
        }
        let (wanted, limit) = (self.check.options.directions.min(MOST), self.check.options.coordinates);
        let mut random = SplitMix64::new(self.check.options.seed);
        let random_directions: Vec<Direction> = (0..wanted)
            .map(|k| Direction {
                along: Along::Direction(k),
                entries: random.direction(&self.scales),
                unit: 1.0,
            })
            .collect();
        self.look_for_noise(&random.direction(&self.scales));
        let mut products = Vec::new();
        for d in &random_directions {
            products.extend(self.compare(d)?);
        }
        self.coordinates = random.choose(n, limit);
        let mut columns = Vec::new();
        for j in self.coordinates.clone() {
            let d = self.coordinate(j);
            let column = self.compare(&d)?;
            columns.extend(
                column.map(|c| self.coordinates.iter().map(|&i| c[i] / d.unit).collect::<Vec<f64>>()),
            );
        }
        self.symmetry_of_columns(&columns);
        self.symmetry_of_directions(&random_directions, &products);
        self.symmetry_of_matrix();
        self.narrow(&random_directions)?;
        self.directions = random_directions;
        Ok(())
    }

    fn coordinate(&self, j: usize) -> Direction {
        let mut entries = vec![0.0; self.x.len()];
        entries[j] = self.scales[j];
        Direction { along: Along::Coordinate(j), entries, unit: self.scales[j] }
    }

    fn look_for_noise(&mut self, d: &[f64]) {
        let mut level = [0.0];
        self.on_values(d, |phi, _| noises(phi, &mut level));
        self.noise = deviations(level[0]).max(4.0 * f64::EPSILON * self.value.abs());
        let mut levels = vec![0.0; self.x.len()];
        self.on_gradients(d, |gamma| noises(gamma, &mut levels));
        for (i, noise) in self.gradient_noise.iter_mut().enumerate() {
            *noise = deviations(levels[i]).max(4.0 * f64::EPSILON * self.gradient[i].abs());
        }
    }

    /// Hands `use_it` t ↦ f(x + t d), and its value at 0.
    fn on_values<R>(
        &mut self,
        d: &[f64],
        use_it: impl FnOnce(&mut dyn FnMut(f64, &mut [f64]), f64) -> R,
    ) -> R {
        let mut moved = self.x.to_vec();
        let (x, value, calls) = (self.x, &mut self.check.value, &mut self.evaluations.value);
        let mut phi = |t: f64, out: &mut [f64]| {
            step(&mut moved, x, d, t);
            *calls += 1;
            out[0] = value(&moved);
        };
        use_it(&mut phi, self.value)
    }

    /// Hands `use_it` t ↦ ∇f(x + t d).
    fn on_gradients<R>(&mut self, d: &[f64], use_it: impl FnOnce(&mut dyn FnMut(f64, &mut [f64])) -> R) -> R {
        let mut moved = self.x.to_vec();
        let (x, gradient, calls) = (self.x, &mut self.check.gradient, &mut self.evaluations.gradient);
        let mut gamma = |t: f64, out: &mut [f64]| {
            step(&mut moved, x, d, t);
            *calls += 1;
            gradient(&moved, out);
        };
        use_it(&mut gamma)
    }

    /// H·d, if there is a Hessian.
    fn product(&mut self, d: &[f64]) -> Result<Option<Vec<f64>>> {
        let n = self.x.len();
        let mut out = vec![0.0; n];
        match (&mut self.check.second, &self.matrix) {
            (Second::Product(product), _) => {
                product(self.x, d, &mut out);
                self.evaluations.hessian += 1;
            }
            (_, Some(h)) => {
                for (column, d) in h.chunks_exact(n).zip(d).filter(|(_, d)| **d != 0.0) {
                    out.iter_mut().zip(column).for_each(|(o, h)| *o += h * d);
                }
            }
            _ => return Ok(None),
        }
        finite("the product H·v", &out)?;
        Ok(Some(out))
    }

    /// Compares gradient and Hessian with differences along d; returns H·d.
    fn compare(&mut self, d: &Direction) -> Result<Option<Vec<f64>>> {
        let (claim, slope) = self.compare_gradient(d);
        self.evidence.add(Place { row: None, along: d.along }, d.unit, &claim, &slope);
        let product = self.product(&d.entries)?;
        if let Some(product) = &product {
            let (claims, slopes) = self.compare_hessian(d, product);
            for (i, (claim, slope)) in claims.iter().zip(&slopes).enumerate() {
                self.evidence.add(Place { row: Some(i), along: d.along }, d.unit, claim, slope);
            }
            if let Along::Direction(_) = d.along {
                let noise = &self.gradient_noise;
                let sizes: Vec<f64> = self
                    .gradient
                    .iter()
                    .zip(&self.scales)
                    .map(|(g, s)| (g * s).abs() + self.value.abs())
                    .collect();
                self.evidence.gradient_resolution(&self.scales, &sizes, noise, &claims, &slopes);
            }
        }
        match d.along {
            Along::Direction(_) => self.evidence.value_resolution(self.value, self.noise, &claim, &slope),
            Along::Coordinate(j) => {
                let second = product.as_ref().map_or(0.0, |p| p[j] / d.unit);
                let noises = [self.noise, self.gradient_noise[j]];
                self.evidence.coordinate(Coordinate::new(j, d.unit, noises, second, &claim, &slope));
            }
        }
        Ok(product)
    }

    fn compare_gradient(&mut self, d: &Direction) -> (Claim, Analysis) {
        let (mut exact, mut floor, mut moved, mut largest) = (0.0, 0.0, 0.0, 0.0f64);
        for (i, d) in d.entries.iter().enumerate().filter(|(_, d)| **d != 0.0) {
            exact += self.gradient[i] * d;
            floor += self.gradient_noise[i] * d.abs();
            moved += (self.gradient[i] * self.x[i]).abs();
            largest = largest.max((self.gradient[i] * d).abs());
        }
        let noise = self.noise + f64::EPSILON * moved;
        let claim = Claim { exact, noise, floor: floor + NEGLIGIBLE * largest, quantum: 0.0 };
        let tolerance = self.check.options.tolerance;
        let slopes = self.on_values(&d.entries, |phi, zero| measure(phi, &[zero], &|_| claim, tolerance));
        (claim, slopes[0])
    }

    fn compare_hessian(&mut self, d: &Direction, product: &[f64]) -> (Vec<Claim>, Vec<Analysis>) {
        let largest = self.largest(product);
        let claims: Vec<Claim> = (0..self.x.len()).map(|i| self.claim(product, i, largest)).collect();
        let (tolerance, zero) = (self.check.options.tolerance, self.gradient.clone());
        let slopes = self.on_gradients(&d.entries, |gamma| measure(gamma, &zero, &|i| claims[i], tolerance));
        (claims, slopes)
    }

    /// The largest entry of a product, in units of the scales.
    fn largest(&self, product: &[f64]) -> f64 {
        product.iter().zip(&self.scales).fold(0.0, |m, (p, s)| m.max((p * s).abs()))
    }

    fn claim(&self, product: &[f64], i: usize, largest: f64) -> Claim {
        let (exact, noise) = (product[i], self.gradient_noise[i]);
        // The gradient is made of what the value was made of.
        let quantum = QUANTUM * self.value.abs() / self.scales[i];
        Claim { exact, noise, floor: noise + NEGLIGIBLE * largest / self.scales[i], quantum }
    }

    /// Where only a random direction disagrees, halves it until a coordinate is left.
    fn narrow(&mut self, directions: &[Direction]) -> Result<()> {
        for second in [false, true] {
            let Some(Place { row, along: Along::Direction(k) }) = self.evidence.refuted(second) else {
                continue;
            };
            let mut support: Vec<usize> = (0..self.x.len()).collect();
            while support.len() > 1 {
                let (left, right) = support.split_at(support.len() / 2);
                let part = |half: &[usize]| {
                    let mut entries = vec![0.0; self.x.len()];
                    half.iter().for_each(|&i| entries[i] = directions[k].entries[i]);
                    Direction { along: Along::Direction(k), entries, unit: 1.0 }
                };
                let (a, b) = (part(left), part(right));
                let (a, b) = (self.disagreement(&a, row)?, self.disagreement(&b, row)?);
                if a.max(b) <= 1.0 {
                    break;
                }
                support = if a >= b { left.to_vec() } else { right.to_vec() };
            }
            if let [j] = support[..] {
                let d = self.coordinate(j);
                self.compare(&d)?;
            }
        }
        Ok(())
    }

    /// By how much the gradient (row i of the Hessian) disagrees along d, in units of what is allowed.
    fn disagreement(&mut self, d: &Direction, row: Option<usize>) -> Result<f64> {
        let tolerance = self.check.options.tolerance;
        let Some(i) = row else {
            let (claim, slope) = self.compare_gradient(d);
            return Ok(claim.ratio(&slope.estimate, tolerance));
        };
        let Some(product) = self.product(&d.entries)? else { return Ok(0.0) };
        let claim = self.claim(&product, i, self.largest(&product));
        let (mut all, zero) = (vec![0.0; self.x.len()], self.gradient[i]);
        let slopes = self.on_gradients(&d.entries, |gamma| {
            let mut row = |t: f64, out: &mut [f64]| {
                gamma(t, &mut all);
                out[0] = all[i];
            };
            measure(&mut row, &[zero], &|_| claim, tolerance)
        });
        Ok(claim.ratio(&slopes[0].estimate, tolerance))
    }

    /// How far to either side the break lies.
    fn displacement(&self) -> Option<Vec<f64>> {
        let (along, reach) = self.evidence.break_along()?;
        let mut d = match along {
            Along::Coordinate(j) => self.coordinate(j).entries,
            Along::Direction(k) => self.directions.get(k)?.entries.clone(),
        };
        d.iter_mut().for_each(|d| *d *= reach);
        Some(d)
    }

    pub fn report(self) -> Report {
        let (fault, suspect, evidence) = self.evidence.diagnose(self.symmetry);
        let displacement = (fault == Some(Fault::NearbyKink)).then(|| self.displacement()).flatten();
        Report {
            dimension: self.x.len(),
            coordinates: self.coordinates.len(),
            directions: self.directions.len(),
            value: self.value,
            noise: self.noise,
            gradient: self.evidence.worst(false),
            hessian: self.evidence.worst(true),
            symmetry: self.symmetry,
            fault,
            suspect,
            evidence,
            displacement,
            evaluations: self.evaluations,
        }
    }
}

/// Three standard deviations; none where no noise was seen.
fn deviations(sigma: f64) -> f64 {
    if sigma.is_nan() { 0.0 } else { 3.0 * sigma }
}

/// x + t d.
pub(crate) fn step(moved: &mut [f64], x: &[f64], d: &[f64], t: f64) {
    moved.iter_mut().zip(x).zip(d).for_each(|((m, x), d)| *m = x + t * d);
}

/// The largest power of two up to s > 0.
pub(crate) fn power_of_two(s: f64) -> f64 {
    f64::from_bits(s.max(f64::MIN_POSITIVE).to_bits() & 0x7ff0_0000_0000_0000)
}
