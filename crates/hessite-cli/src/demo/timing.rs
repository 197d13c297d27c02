//! All second derivatives three ways: exact, by differences of exact gradients, by second differences of values.

use super::{loss, working};
use crate::error::Result;
use hessite::{Function, Graph, Point, bind};
use nalgebra::DMatrix;
use std::time::{Duration, Instant};

/// Orders of X and Y. The second differences of one further size would take longer than the rest of the program.
const SIZES: [usize; 3] = [2, 6, 12];

/// The rows of the table, headings first.
///
/// # Errors
/// Those of the library.
pub fn table() -> Result<Vec<String>> {
    let _work = working("timing");
    let heads = ["X, Y", "entries", "exact", "differences of gradients", "second differences of L"];
    let mut lines = vec![
        format!("{:>7}{:>9}{:>11}{:>33}{:>33}", heads[0], heads[1], heads[2], heads[3], heads[4]),
        format!("{:>27}{:>23}{:>10}{:>23}{:>10}", "time", "time", "error", "time", "error"),
    ];
    for n in SIZES {
        let case = Case::new(n)?;
        let (exact, reference) = median(|| case.exact())?;
        let (first, by_gradients) = median(|| case.gradient_differences())?;
        let (second, by_values) = median(|| case.second_differences())?;
        let against = |t: Duration| format!("{} ({:.0}x)", time(t), t.as_secs_f64() / exact.as_secs_f64());
        lines.push(format!(
            "{:>7}{:>9}{:>11}{:>23}{:>10.0e}{:>23}{:>10.0e}",
            format!("{n}x{n}"),
            4 * n.pow(4),
            time(exact),
            against(first),
            worst(&reference, &by_gradients),
            against(second),
            worst(&reference, &by_values)
        ));
    }
    Ok(lines)
}

struct Case {
    f: Function,
    /// X and Y stacked.
    z: Vec<f64>,
    n: usize,
}

impl Case {
    /// ‖X·X·Y‖ at matrices of order n whose entries vary like those of a random one, without randomness.
    fn new(n: usize) -> Result<Self> {
        let g = Graph::new();
        let f = g.function(loss(g.matrix("X", n, n), g.matrix("Y", n, n)))?;
        let z = (0..2 * n * n).map(|k| (1.0 + 12.9898 * k as f64).sin()).collect();
        Ok(Case { f, z, n })
    }

    fn bindings<'z>(&self, z: &'z [f64]) -> [hessite::Binding<'z>; 2] {
        let (x, y) = z.split_at(self.n * self.n);
        [bind("X", x), bind("Y", y)]
    }

    fn exact(&self) -> hessite::Result<DMatrix<f64>> {
        Ok(self.f.at(&self.bindings(&self.z))?.hessian(&["X", "Y"])?.into_matrix())
    }

    /// Column q = (∇L(z + h e_q) − ∇L(z − h e_q)) / 2h with h = ε^⅓, which balances rounding and truncation.
    fn gradient_differences(&self) -> hessite::Result<DMatrix<f64>> {
        let order = self.z.len();
        let h = f64::EPSILON.cbrt();
        let mut at = self.f.at(&self.bindings(&self.z))?;
        let mut z = self.z.clone();
        let (mut plus, mut minus) = (vec![0.0; order], vec![0.0; order]);
        let mut hessian = DMatrix::zeros(order, order);
        for q in 0..order {
            let mut gradient = |z: &[f64], out: &mut [f64]| {
                at.update(&self.bindings(z))?;
                at.gradient_into(out)
            };
            z[q] = self.z[q] + h;
            gradient(&z, &mut plus)?;
            z[q] = self.z[q] - h;
            gradient(&z, &mut minus)?;
            z[q] = self.z[q];
            for p in 0..order {
                hessian[(p, q)] = (plus[p] - minus[p]) / (2.0 * h);
            }
        }
        Ok(hessian)
    }

    /// H_pq = (L₊₊ − L₊₋ − L₋₊ + L₋₋) / 4h² with h = ε^¼.
    fn second_differences(&self) -> hessite::Result<DMatrix<f64>> {
        let order = self.z.len();
        let h = f64::EPSILON.powf(0.25);
        let mut at = self.f.at(&self.bindings(&self.z))?;
        let mut z = self.z.clone();
        let mut hessian = DMatrix::zeros(order, order);
        for q in 0..order {
            for p in 0..=q {
                let mut sum = 0.0;
                for (s, t) in [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)] {
                    z[p] += s * h;
                    z[q] += t * h;
                    sum += s * t * value(&mut at, &self.bindings(&z))?;
                    (z[p], z[q]) = (self.z[p], self.z[q]);
                }
                hessian[(p, q)] = sum / (4.0 * h * h);
                hessian[(q, p)] = hessian[(p, q)];
            }
        }
        Ok(hessian)
    }
}

fn value(at: &mut Point, bindings: &[hessite::Binding<'_>]) -> hessite::Result<f64> {
    at.update(bindings)?;
    Ok(at.value())
}

/// The median time of runs that fill a tenth of a second, at least three and at most 101, and the last result.
fn median<T>(run: impl Fn() -> hessite::Result<T>) -> hessite::Result<(Duration, T)> {
    let mut result = run()?;
    let mut times = Vec::new();
    let begin = Instant::now();
    while times.len() < 3 || (times.len() < 101 && begin.elapsed() < Duration::from_millis(100)) {
        let start = Instant::now();
        result = run()?;
        times.push(start.elapsed());
    }
    times.sort();
    Ok((times[times.len() / 2], result))
}

/// max |a − b| / max |a|.
fn worst(a: &DMatrix<f64>, b: &DMatrix<f64>) -> f64 {
    (a - b).amax() / a.amax()
}

fn time(t: Duration) -> String {
    let seconds = t.as_secs_f64();
    match seconds {
        s if s < 1e-3 => format!("{:.1} µs", s * 1e6),
        s if s < 1.0 => format!("{:.2} ms", s * 1e3),
        s => format!("{s:.2} s"),
    }
}
