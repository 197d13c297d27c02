//! A block is seeded on the side that takes less, and is the same whichever that is.

use hessite::Graph;
use nalgebra::DMatrix;

fn entries(m: usize, n: usize, seed: f64) -> DMatrix<f64> {
    DMatrix::from_fn(m, n, |i, j| ((1 + i + m * j) as f64 * seed).sin())
}

#[test]
fn the_larger_side_is_seeded_where_its_directions_stay_thinner() {
    for (m, n, larger) in [(20, 15, true), (9, 8, true), (9, 2, false)] {
        for swapped in [false, true] {
            let g = Graph::new();
            let first = swapped.then(|| g.matrix("Y", m, n));
            let x = g.matrix("X", m, m);
            let y = first.unwrap_or_else(|| g.matrix("Y", m, n));
            let f = g.function((x.tanh() * y).norm_squared()).unwrap();
            let plan = f.plan().unwrap();
            let mixed = plan.lines().nth(1).unwrap();
            assert_eq!(mixed.contains("of X"), larger, "{mixed}");
            let at = f.at(&[x.is(&entries(m, m, 0.3)), y.is(&entries(m, n, 0.7))]).unwrap();
            let (p, q) = (m * m, m * n);
            let products = at.hvp_many(&DMatrix::<f64>::identity(p + q, p + q)).unwrap();
            let (px, py) = if swapped { (q, 0) } else { (0, p) };
            let expected = products.view((px, py), (p, q));
            let near = |a: &DMatrix<f64>| (a - expected).amax() <= 1e-13 * products.amax();
            assert!(near(at.block(x, y).unwrap().matrix()), "{m} {n} {swapped}");
            assert!(near(&at.block(y, x).unwrap().matrix().transpose()), "{m} {n} {swapped}");
            let hessian = at.hessian(&[x, y]).unwrap().into_matrix();
            assert!(near(&hessian.view((0, p), (p, q)).into_owned()), "{m} {n} {swapped}");
            assert!(near(&hessian.view((p, 0), (q, p)).transpose()), "{m} {n} {swapped}");
        }
    }
}
