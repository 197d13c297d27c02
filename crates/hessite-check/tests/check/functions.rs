//! Functions with closed first and second derivatives.

use hessite_check::{Check, Options, Report};

/// A generator for test data.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ 0x9e37_79b9_7f4a_7c15)
    }

    pub fn bits(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Uniform in [-1, 1).
    pub fn number(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }

    pub fn numbers(&mut self, n: usize) -> Vec<f64> {
        (0..n).map(|_| self.number()).collect()
    }
}

/// f with its gradient and its Hessian, column-major.
pub trait Smooth {
    fn value(&self, x: &[f64]) -> f64;
    fn gradient(&self, x: &[f64], g: &mut [f64]);
    fn hessian(&self, x: &[f64], h: &mut [f64]);
}

pub fn certify(f: &dyn Smooth, x: &[f64], options: &Options) -> Report {
    Check::new(|x: &[f64]| f.value(x), |x: &[f64], g: &mut [f64]| f.gradient(x, g))
        .hessian(|x, h| f.hessian(x, h))
        .options(options)
        .at(x)
        .unwrap()
}

/// By products H·v, not the dense Hessian.
pub fn certify_products(f: &dyn Smooth, x: &[f64], options: &Options) -> Report {
    let product = |x: &[f64], v: &[f64], out: &mut [f64]| {
        let n = x.len();
        let mut h = vec![0.0; n * n];
        f.hessian(x, &mut h);
        for i in 0..n {
            out[i] = (0..n).map(|j| h[i + n * j] * v[j]).sum();
        }
    };
    Check::new(|x: &[f64]| f.value(x), |x: &[f64], g: &mut [f64]| f.gradient(x, g))
        .product(product)
        .options(options)
        .at(x)
        .unwrap()
}

/// Σ 100 (xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)².
pub struct Rosenbrock;

impl Smooth for Rosenbrock {
    fn value(&self, x: &[f64]) -> f64 {
        x.windows(2).map(|p| 100.0 * (p[1] - p[0] * p[0]).powi(2) + (1.0 - p[0]).powi(2)).sum()
    }

    fn gradient(&self, x: &[f64], g: &mut [f64]) {
        g.fill(0.0);
        for i in 1..x.len() {
            let r = x[i] - x[i - 1] * x[i - 1];
            g[i - 1] += -400.0 * x[i - 1] * r - 2.0 * (1.0 - x[i - 1]);
            g[i] += 200.0 * r;
        }
    }

    fn hessian(&self, x: &[f64], h: &mut [f64]) {
        let n = x.len();
        h.fill(0.0);
        for i in 1..n {
            let (a, b) = (i - 1, i);
            h[a + n * a] += -400.0 * (x[b] - 3.0 * x[a] * x[a]) + 2.0;
            h[b + n * b] += 200.0;
            h[a + n * b] += -400.0 * x[a];
            h[b + n * a] += -400.0 * x[a];
        }
    }
}

/// ½ xᵀAx + bᵀx + c with a symmetric A.
pub struct Quadratic {
    pub a: Vec<f64>,
    pub b: Vec<f64>,
    pub c: f64,
}

impl Quadratic {
    pub fn random(n: usize, seed: u64) -> Self {
        let mut r = Random::new(seed);
        let mut a = r.numbers(n * n);
        for i in 0..n {
            for j in 0..i {
                a[i + n * j] = a[j + n * i];
            }
        }
        Quadratic { a, b: r.numbers(n), c: r.number() }
    }
}

impl Smooth for Quadratic {
    fn value(&self, x: &[f64]) -> f64 {
        let n = x.len();
        let half: f64 = (0..n * n).map(|k| 0.5 * self.a[k] * x[k % n] * x[k / n]).sum();
        half + self.b.iter().zip(x).map(|(b, x)| b * x).sum::<f64>() + self.c
    }

    fn gradient(&self, x: &[f64], g: &mut [f64]) {
        let n = x.len();
        g.copy_from_slice(&self.b);
        (0..n * n).for_each(|k| g[k % n] += self.a[k] * x[k / n]);
    }

    fn hessian(&self, _: &[f64], h: &mut [f64]) {
        h.copy_from_slice(&self.a);
    }
}

/// Σₖ cₖ φₖ(aₖ·x + bₖ) for smooth φₖ.
pub struct Ridge {
    pub terms: Vec<(f64, usize, Vec<f64>, f64)>,
}

/// φ, φ', φ'' of each kind.
const PROFILES: [fn(f64) -> [f64; 3]; 7] = [
    |z| [z.exp(), z.exp(), z.exp()],
    |z| [z.sin(), z.cos(), -z.sin()],
    |z| [z * z * z, 3.0 * z * z, 6.0 * z],
    |z| {
        let t = z.tanh();
        [t, 1.0 - t * t, -2.0 * t * (1.0 - t * t)]
    },
    |z| [(1.0 + z * z).ln(), 2.0 * z / (1.0 + z * z), 2.0 * (1.0 - z * z) / (1.0 + z * z).powi(2)],
    |z| [(1.0 + z * z).sqrt(), z / (1.0 + z * z).sqrt(), (1.0 + z * z).powf(-1.5)],
    |z| [(-z * z).exp(), -2.0 * z * (-z * z).exp(), (4.0 * z * z - 2.0) * (-z * z).exp()],
];

impl Ridge {
    /// `steep` scales the arguments.
    pub fn random(n: usize, count: usize, steep: f64, seed: u64) -> Self {
        let mut r = Random::new(seed);
        let term = |_| {
            let kind = (r.bits() >> 20) as usize % PROFILES.len();
            let a = r.numbers(n).iter().map(|a| steep * a).collect();
            (r.number(), kind, a, r.number())
        };
        Ridge { terms: (0..count).map(term).collect() }
    }

    fn each(&self, x: &[f64], mut use_it: impl FnMut(&[f64], [f64; 3])) {
        for (c, kind, a, b) in &self.terms {
            let z = a.iter().zip(x).map(|(a, x)| a * x).sum::<f64>() + b;
            use_it(a, PROFILES[*kind](z).map(|p| c * p));
        }
    }
}

impl Smooth for Ridge {
    fn value(&self, x: &[f64]) -> f64 {
        let mut sum = 0.0;
        self.each(x, |_, p| sum += p[0]);
        sum
    }

    fn gradient(&self, x: &[f64], g: &mut [f64]) {
        g.fill(0.0);
        self.each(x, |a, p| g.iter_mut().zip(a).for_each(|(g, a)| *g += p[1] * a));
    }

    fn hessian(&self, x: &[f64], h: &mut [f64]) {
        let n = x.len();
        h.fill(0.0);
        self.each(x, |a, p| (0..n * n).for_each(|k| h[k] += p[2] * a[k % n] * a[k / n]));
    }
}
