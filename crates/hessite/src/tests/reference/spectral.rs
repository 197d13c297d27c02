//! The functions of `tests/reference/spectral.py` at regular points, at repeated and nearly repeated eigenvalues, at
//! multiples of the identity and at 1×1 matrices: within 1e-12 of the largest entry of each array, or 100 times what the
//! exact result changes by when the matrix does by half an ulp.

use crate::record::SPECTRAL_FUNCTIONS;
use crate::{Graph, Matrix, Scalar};
use nalgebra::DMatrix;
use std::collections::{BTreeMap, HashMap};

const NUMBERS: &str = include_str!("../../../tests/reference/spectral.txt");

/// What a case records: the function's matrix, to be weighted, or a number.
enum Recorded<'g> {
    Array(Matrix<'g>),
    Number(Scalar<'g>),
}

fn recorded<'g>(name: &str, a: Matrix<'g>) -> Recorded<'g> {
    if let Some((_, f)) = SPECTRAL_FUNCTIONS.iter().find(|f| f.0 == name) {
        return Recorded::Array(f(a.spectral()));
    }
    let power = |name: &str| name.split_once('_').unwrap().1.parse::<f64>().unwrap();
    match name {
        _ if name.starts_with("powi_") => Recorded::Array(a.spectral().powi(power(name) as i32)),
        _ if name.starts_with("powf_") => Recorded::Array(a.spectral().powf(power(name))),
        "abs" => Recorded::Array(a.spectral().abs()),
        "expm" => Recorded::Array(a.expm()),
        "eigenvalues" => Recorded::Array(a.symmetric_eigenvalues()),
        "eigenvectors" => Recorded::Array(a.spectral().eigenvectors()),
        "singular_values" => Recorded::Array(a.singular_values()),
        "largest_eigenvalue" => Recorded::Number(a.spectral().largest_eigenvalue()),
        "spectral_norm" => Recorded::Number(a.spectral_norm()),
        "nuclear_norm" => Recorded::Number(a.nuclear_norm()),
        _ => panic!("no such function: {name}"),
    }
}

type Case<'n> = HashMap<&'n str, Vec<f64>>;

fn cases() -> BTreeMap<&'static str, Case<'static>> {
    let bits = |word: &str| f64::from_bits(u64::from_str_radix(word, 16).unwrap());
    let mut all: BTreeMap<&str, Case<'_>> = BTreeMap::new();
    for line in NUMBERS.lines() {
        let mut words = line.split(' ');
        let (case, what) = (words.next().unwrap(), words.next().unwrap());
        all.entry(case).or_default().insert(what, words.map(bits).collect());
    }
    all
}

/// The largest error relative to the largest entry.
fn error(got: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(got.len(), expected.len());
    let largest = expected.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    let scale = if largest == 0.0 { 1.0 } else { largest };
    got.iter().zip(expected).fold(0.0, |m: f64, (g, x)| {
        let error = (g - x).abs() / scale;
        if error.is_nan() { f64::INFINITY } else { m.max(error) }
    })
}

#[test]
fn value_gradient_and_product_are_those_of_a_hundred_digits() {
    let all = cases();
    assert!(all.len() > 150);
    let mut failures = Vec::new();
    for (name, case) in &all {
        let (rows, cols) = (case["shape"][0] as usize, case["shape"][1] as usize);
        let g = Graph::new();
        let a = g.matrix("A", rows, cols);
        let l = match recorded(name.split('/').next().unwrap(), a) {
            Recorded::Number(l) => l,
            Recorded::Array(y) => {
                let w = DMatrix::from_column_slice(y.nrows(), y.ncols(), &case["weight"]);
                g.data(&w).dot(y) + y.norm_squared() * 0.5
            }
        };
        let f = g.function(l).unwrap();
        let at = f.at(&[a.is(&case["matrix"])]).unwrap_or_else(|e| panic!("{name}: {e}"));
        let product = at.hvp(&[a.is(&case["direction"])]).unwrap().stacked();
        let dense = at.hessian(&[a.var()]).unwrap().into_matrix()
            * nalgebra::DVector::from_column_slice(&case["direction"]);
        let gradient = at.gradient().unwrap().stacked();
        let results = [
            ("value", &[at.value()][..]),
            ("gradient", gradient.as_slice()),
            ("hvp", product.as_slice()),
            ("hvp", dense.as_slice()),
        ];
        for (what, got) in results {
            let e = error(got, &case[what]);
            let delta = case[&*format!("delta_{what}")][0];
            if e > f64::max(1e-12, 100.0 * delta) {
                failures.push(format!("{name}, {what}: relative error {e:e}, delta {delta:e}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_function_of_a_spectrum_has_a_reference() {
    let all = cases();
    for (name, _) in SPECTRAL_FUNCTIONS {
        let count = all.keys().filter(|k| k.split('/').next() == Some(*name)).count();
        assert!(count >= 5, "{name}: {count} references");
    }
}
