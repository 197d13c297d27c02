//! The functions of `tests/reference/implicit.py`: roots, a fixed point and a minimum that is fitted to data, each at two
//! points: within 1e-12 of the largest entry of each array, or 100 times what the exact result changes by when the
//! variables do by half an ulp.

use super::error;
use crate::{Function, Graph};
use nalgebra::DMatrix;
use std::collections::{BTreeMap, HashMap};

const NUMBERS: &str = include_str!("../../../tests/reference/implicit.txt");

const FITTED: [[f64; 3]; 5] =
    [[0.5, 1.2, 1.0], [-1.5, 0.3, -1.0], [0.8, -0.7, 1.0], [-0.2, -1.1, -1.0], [1.4, 0.4, -1.0]];
const HELD_OUT: [[f64; 3]; 3] = [[0.3, 0.9, 1.0], [-0.6, -0.4, -1.0], [1.1, -0.2, 1.0]];

/// z³ + p z = q.
fn cubic(point: &str) -> Function {
    let g = Graph::new();
    let (p, q) = (g.scalar("p"), g.scalar("q"));
    let start = if point == "0" { 1.0 } else { -1.0 };
    let z = g.root_of(&[p.into(), q.into()], start, |_, z, x| z.powi(3) + x[0] * z - x[1]).entry(0, 0);
    g.function(z.powi(2) * (p * 0.5).exp() + q * z).unwrap()
}

/// A z + z∘z∘z/4 = b.
fn system() -> Function {
    let g = Graph::new();
    let (a, b) = (g.matrix("A", 3, 3), g.vector("b", 3));
    let z = g.root_of(&[a, b], &[0.0; 3], |_, z, x| x[0] * z + z.powi(3) * 0.25 - x[1]);
    g.function(z.sin().sum() + z.dot(a * z) * 0.5).unwrap()
}

/// Z = tanh(W Z + B)/2.
fn fixed_point() -> Function {
    let g = Graph::new();
    let (w, b) = (g.matrix("W", 2, 2), g.matrix("B", 2, 2));
    let z = g.fixed_point_of(&[w, b], &DMatrix::zeros(2, 2), |_, z, x| (x[0] * z + x[1]).tanh() * 0.5);
    g.function(z.norm_squared() + z.exp().sum()).unwrap()
}

/// The rows y·a of features with their labels' signs.
fn signed(rows: &[[f64; 3]]) -> DMatrix<f64> {
    DMatrix::from_fn(rows.len(), 2, |i, j| rows[i][2] * rows[i][j])
}

/// argmin Σ cᵢ ln(1 + exp(−yᵢ⟨w, aᵢ⟩)) + exp(s)‖w‖²/2, and the loss of what is held out.
fn logistic() -> Function {
    let g = Graph::new();
    let (c, s) = (g.vector("c", 5), g.scalar("s"));
    let w = g.argmin_of(&[c, s.into()], &[0.0, 0.0], |g, w, x| {
        let losses = (-(g.data(&signed(&FITTED)) * w)).softplus();
        x[0].dot(losses) + x[1].exp().entry(0, 0) * w.norm_squared() * 0.5
    });
    g.function((-(g.data(&signed(&HELD_OUT)) * w)).softplus().sum()).unwrap()
}

#[test]
fn value_gradient_product_and_third_are_those_of_eighty_digits() {
    let bits = |word: &str| f64::from_bits(u64::from_str_radix(word, 16).unwrap());
    let mut cases: BTreeMap<&str, HashMap<&str, Vec<f64>>> = BTreeMap::new();
    for line in NUMBERS.lines() {
        let mut words = line.split(' ');
        let (case, what) = (words.next().unwrap(), words.next().unwrap());
        cases.entry(case).or_default().insert(what, words.map(bits).collect());
    }
    assert_eq!(cases.len(), 8, "four functions at two points");
    for (name, case) in &cases {
        let (of, point) = name.split_once('/').unwrap();
        let f = match of {
            "cubic" => cubic(point),
            "system" => system(),
            "fixed_point" => fixed_point(),
            "logistic" => logistic(),
            _ => panic!("no such function: {of}"),
        };
        let at = f.at_stacked(&case["point"]).unwrap();
        let vars = f.inner.variables.vars();
        let [u, v] = ["u", "v"].map(|d| super::bindings(&f, &vars, &case[d]));
        let product = at.hvp(&v).unwrap().stacked();
        let keys: Vec<_> = vars.to_vec();
        let dense =
            at.hessian(&keys).unwrap().into_matrix() * nalgebra::DVector::from_column_slice(&case["v"]);
        let third = at.third(&u, &v).unwrap().stacked();
        let gradient = at.gradient().unwrap().stacked();
        let results = [
            ("value", &[at.value()][..]),
            ("gradient", gradient.as_slice()),
            ("hvp", product.as_slice()),
            ("hvp", dense.as_slice()),
            ("third", third.as_slice()),
        ];
        for (what, got) in results {
            let e = error(got, &case[what]);
            let delta = case[&*format!("delta_{what}")][0];
            assert!(
                e <= f64::max(1e-12, 100.0 * delta),
                "{name}, {what}: relative error {e:e}, delta {delta:e}"
            );
        }
    }
}
