//! Functions of matrices against numbers of 50 digits, and against closed forms.

mod arrays;
mod closed;
mod composites;
mod implicit;
mod linear_algebra;
mod spectral;

use super::oracles::bindings;
use super::support::Rng;
use crate::{Function, Graph, Matrix, Scalar};
use std::collections::HashMap;

/// Relative to the largest entry of each array: well above the 1e-14 or so that a few hundred operations at
/// well-conditioned points leave.
const TOLERANCE: f64 = 1e-12;

type Interval = (f64, f64);
const U: Interval = (-2.0, 2.0);
const P: Interval = (0.3, 2.5);

/// A function with the shapes of its variables, and where their entries are drawn.
struct Case {
    name: &'static str,
    variables: &'static [(usize, usize, Interval)],
    record: for<'g> fn(&'g Graph, &[Matrix<'g>]) -> Scalar<'g>,
}

impl Case {
    fn function(&self) -> Function {
        let g = Graph::new();
        let names: Vec<String> = (0..self.variables.len()).map(|k| format!("X{k}")).collect();
        let shapes = names.iter().zip(self.variables);
        let handles: Vec<Matrix<'_>> = shapes.map(|(name, &(m, n, _))| g.matrix(name, m, n)).collect();
        g.function((self.record)(&g, &handles)).unwrap()
    }
}

/// The largest error, relative to the largest entry.
fn error(got: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(got.len(), expected.len());
    let largest = expected.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    got.iter().zip(expected).fold(0.0, |m: f64, (g, x)| {
        let error = (g - x).abs() / largest;
        if error.is_nan() { f64::INFINITY } else { m.max(error) }
    })
}

/// Value, gradient and H·v of each case, at the points and directions that the generating script drew.
fn check(cases: &[Case], fixture: &str) {
    let bits = |word: &str| f64::from_bits(u64::from_str_radix(word, 16).unwrap());
    let numbers: HashMap<(&str, &str), Vec<f64>> = fixture
        .lines()
        .map(|line| {
            let mut words = line.split(' ');
            ((words.next().unwrap(), words.next().unwrap()), words.map(bits).collect())
        })
        .collect();
    assert_eq!(numbers.len(), 3 * cases.len(), "one line each for value, gradient and product");
    for (k, case) in cases.iter().enumerate() {
        let f = case.function();
        let mut rng = Rng(k as u64);
        let x: Vec<f64> =
            case.variables.iter().flat_map(|&(m, n, (low, high))| rng.numbers(m * n, low, high)).collect();
        let v = rng.numbers(x.len(), -1.0, 1.0);
        let vars = f.inner.variables.vars();
        let at = f.at(&bindings(&f, &vars, &x)).unwrap();
        let product = at.hvp(&bindings(&f, &vars, &v)).unwrap().stacked();
        let gradient = at.gradient().unwrap().stacked();
        let all =
            [("value", &[at.value()][..]), ("gradient", gradient.as_slice()), ("hvp", product.as_slice())];
        for (what, got) in all {
            let e = error(got, &numbers[&(case.name, what)]);
            assert!(e < TOLERANCE, "{}, {what}: relative error {e:e}", case.name);
        }
    }
}
