//! Results that are entries of other arrays are those that products make.

use hessite::{Graph, Matrix, Scalar};
use nalgebra::DMatrix;

fn entries(m: usize, n: usize, seed: f64) -> DMatrix<f64> {
    DMatrix::from_fn(m, n, |i, j| ((1 + i + m * j) as f64 * seed).sin())
}

/// The Hessian of a function of an n×1 matrix against its products with unit vectors, and its plan in words.
#[track_caller]
fn checked(n: usize, f: impl for<'g> Fn(&'g Graph, Matrix<'g>) -> Scalar<'g>) -> String {
    let g = Graph::new();
    let x = g.matrix("x", n, 1);
    let f = g.function(f(&g, x)).unwrap();
    let at = f.at(&[x.is(&entries(n, 1, 0.3))]).unwrap();
    let products = at.hvp_many(&DMatrix::<f64>::identity(n, n)).unwrap();
    let hessian = at.hessian(&[x]).unwrap();
    assert!((hessian.matrix() - &products).amax() <= 1e-13 * products.amax());
    f.plan().unwrap()
}

/// tr(A Z B Z), whose gradient is the sum of two products.
fn trace<'g>(g: &'g Graph, z: Matrix<'g>) -> Scalar<'g> {
    let (a, b) = (g.data(&entries(16, 16, 1.1)), g.data(&entries(16, 16, 1.7)));
    (a * z * b * z).trace()
}

#[test]
fn entries_that_a_matrix_takes_once_twice_and_three_times() {
    for (n, result) in [
        (256, "entries of (rank one"),
        (301, "entries of (rank one"),
        (129, "entries of (rank one"),
        (87, "result: dense"),
    ] {
        let list: Vec<usize> = (0..256).map(|k| (k * 11) % n).collect();
        let plan = checked(n, |g, x| trace(g, x.select_rows(&list).reshape(16, 16)));
        assert!(plan.contains(result), "{n}: {plan}");
    }
}

#[test]
fn three_entries_of_an_outer_product_are_added_up() {
    let g = Graph::new();
    let (x, y) = (g.matrix("x", 345, 1), g.matrix("Y", 16, 16));
    let list: Vec<usize> = (0..1024).map(|k| (k * 11) % 345).collect();
    let z = x.select_rows(&list).reshape(32, 32);
    let (p, q) = (g.data(&entries(32, 16, 1.3)), g.data(&entries(16, 32, 0.4)));
    let f = g.function((z * p * y * q).trace()).unwrap();
    let at = f.at(&[x.is(&entries(345, 1, 0.3)), y.is(&entries(16, 16, 0.6))]).unwrap();
    let products = at.hvp_many(&DMatrix::<f64>::identity(601, 601)).unwrap();
    assert!((at.hessian(&[x, y]).unwrap().matrix() - &products).amax() <= 1e-13 * products.amax());
    assert!(
        f.plan().unwrap().contains("256 unit matrices of Y"),
        "a column of the one, three times of the other: {}",
        f.plan().unwrap()
    );
}

#[test]
fn places_are_looked_up_through_places_and_times_coefficients() {
    let back: Vec<usize> = (0..150).rev().collect();
    let lists =
        [(0..256).map(|k| (k * 11) % 150).collect::<Vec<_>>(), (0..256).map(|k| (k * 5) % 256).collect()];
    let plan = checked(150, |g, x| {
        let x = x.component_mul(g.data(&entries(150, 1, 0.7)));
        let z = x.select_rows(&back).select_rows(&lists[0]).select_rows(&lists[1]).reshape(16, 16);
        trace(g, z) + trace(g, z.transpose()) * 0.5
    });
    assert!(plan.contains("entries of (") && !plan.contains("dense"), "{plan}");
}

#[test]
fn a_gradient_that_is_reshaped_is_written_as_it_is() {
    let plan = checked(256, |g, x| trace(g, x.reshape(16, 16)));
    assert!(plan.contains("result: rank one + rank one\n"), "{plan}");
}

#[test]
fn structured_variables_have_thin_results() {
    let g = Graph::new();
    let x = g.symmetric("X", 16);
    let f = g.function((x * x * g.data(&entries(16, 16, 0.9))).norm()).unwrap();
    let plan = f.plan().unwrap();
    assert!(plan.contains("number x array + entries of (") && !plan.contains("dense"), "{plan}");
}

#[test]
fn a_row_that_is_repeated_over_entries_of_an_outer_product() {
    let g = Graph::new();
    let (x, y) = (g.matrix("x", 1, 16), g.matrix("Y", 8, 16));
    // By y it is x, repeated, times what is a row of the reshaped matrix.
    let z = y.component_mul(x.broadcast(8, 16)).reshape(16, 8) * g.data(&entries(8, 4, 1.3));
    let f = g.function(z).unwrap();
    let at = f.at(&[x.is(&entries(1, 16, 0.3)), y.is(&entries(8, 16, 0.7))]).unwrap();
    let jacobian = at.jacobian(y).unwrap().into_matrix();
    for (k, column) in jacobian.column_iter().enumerate() {
        let unit = DMatrix::from_fn(8, 16, |i, j| f64::from(u8::from(i + 8 * j == k)));
        let jvp = at.jvp(&[y.is(&unit)]).unwrap();
        let error = column.iter().zip(jvp.iter()).fold(0.0, |m: f64, (a, b)| m.max((a - b).abs()));
        assert!(error <= 1e-14, "{k}: {error:e}");
    }
    let h = g.function(z.norm_squared().ln()).unwrap();
    let at = h.at(&[x.is(&entries(1, 16, 0.3)), y.is(&entries(8, 16, 0.7))]).unwrap();
    let products = at.hvp_many(&DMatrix::<f64>::identity(144, 144)).unwrap();
    assert!((at.hessian(&[x, y]).unwrap().matrix() - &products).amax() <= 1e-13 * products.amax());
}

#[test]
fn slices_of_one_vector_are_written_where_they_stand() {
    let plan = checked(2 * 256 + 16, |_, p| {
        let (x, y) = (p.rows(0, 256).reshape(16, 16), p.rows(256, 256).reshape(16, 16));
        (x * x * y).norm() + p.rows(512, 16).norm_squared().ln()
    });
    assert!(plan.contains("528 unit matrices of x") && plan.contains("entries of (rank one"), "{plan}");
    let plan = checked(256, |_, p| {
        let part = |k: usize| p.rows(64 * k, 64).reshape(8, 8);
        (part(0) * part(1) * part(2) * part(3)).norm()
    });
    assert_eq!(plan.matches("entries of (r").count(), 4, "{plan}");
}
