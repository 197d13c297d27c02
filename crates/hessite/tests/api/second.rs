//! Matrix-valued functions to second order.

use super::support::*;
use hessite::{Error, Function, Graph, Matrix, Mode, Phase, bind};
use nalgebra::{DMatrix, dmatrix};

/// Z = X·X·Y with Y 3×2, and a point.
fn xxy() -> (Function, DMatrix<f64>, DMatrix<f64>) {
    let g = Graph::new();
    let (x, y) = (g.matrix("X", 3, 3), g.matrix("Y", 3, 2));
    let x0 = dmatrix![1.0, -2.0, 0.5; 3.0, 4.0, -1.0; 0.25, 2.0, -0.75];
    let y0 = dmatrix![0.5, -1.0; 1.5, 2.0; -0.5, 3.0];
    (g.function(x * x * y).unwrap(), x0, y0)
}

#[test]
fn the_second_derivative_of_xxy_along_two_directions() {
    let (f, x, y) = xxy();
    let at = f.at(&[bind("X", &x), bind("Y", &y)]).unwrap();
    let (ux, uy) =
        (dmatrix![1.0, 0.0, 2.0; -1.0, 0.5, 0.0; 3.0, 1.0, 1.0], dmatrix![1.0, 2.0; 0.0, -1.0; 0.5, 0.5]);
    let (vx, vy) =
        (dmatrix![0.0, 1.0, 1.0; 2.0, 0.0, -3.0; 1.0, 0.5, 0.0], dmatrix![-1.0, 0.0; 2.0, 1.0; 0.0, 3.0]);
    let (u, v) = ([bind("X", &ux), bind("Y", &uy)], [bind("X", &vx), bind("Y", &vy)]);
    let both = (&ux * &vx + &vx * &ux) * &y;
    let mixed = |ux: &DMatrix<f64>, vy: &DMatrix<f64>| (ux * &x + &x * ux) * vy;
    let expected = &both + mixed(&ux, &vy) + mixed(&vx, &uy);
    for _ in 0..2 {
        assert_close(at.second(&u, &v).unwrap().as_slice(), expected.as_slice(), "U, V");
        assert_close(at.second(&v, &u).unwrap().as_slice(), expected.as_slice(), "V, U");
        // What is left out does not vary.
        assert_close(at.second(&u[..1], &v[..1]).unwrap().as_slice(), both.as_slice(), "X, X");
        assert_close(at.second(&u[..1], &v[1..]).unwrap().as_slice(), mixed(&ux, &vy).as_slice(), "X, Y");
        assert_close(at.second(&u[1..], &v[..1]).unwrap().as_slice(), mixed(&vx, &uy).as_slice(), "Y, X");
    }
    assert_eq!(at.second(&u[1..], &v[1..]).unwrap(), DMatrix::zeros(3, 2));
    assert_eq!(at.second(&[], &v).unwrap(), DMatrix::zeros(3, 2));
    assert_eq!(at.second(&u, &[]).unwrap(), DMatrix::zeros(3, 2));
}

#[test]
fn the_tensor_of_xxy_is_the_closed_form() {
    let (f, x, y) = xxy();
    let at = f.at(&[bind("X", &x), bind("Y", &y)]).unwrap();
    let t = at.second_tensor("X", "Y").unwrap();
    assert_eq!(t.shapes(), [(3, 2), (3, 3), (3, 2)]);
    let is = |a: usize, b: usize| if a == b { 1.0 } else { 0.0 };
    let mut count = 0;
    for (i, j, k) in (0..18).map(|e| (e % 3, e / 3 % 2, e / 6)) {
        for (l, p, q) in (0..18).map(|e| (e % 3, e / 3 % 3, e / 9)) {
            // Z_ij = Σ X_ia X_ap Y_pj.
            let expected = is(j, q) * (is(i, k) * x[(l, p)] + x[(i, k)] * is(l, p));
            assert_eq!(t[(i, j, k, l, p, q)], expected, "{:?}", (i, j, k, l, p, q));
            assert_eq!(t.as_slice()[count_of((i, j, k, l, p, q))], expected);
            count += 1;
        }
    }
    assert_eq!((count, t.as_slice().len()), (324, 324));
    assert_eq!(t.get((0, 2, 0, 0, 0, 0)), None);
    assert_eq!(t.for_value_entry(2, 1).unwrap()[(2 + 3, 1 + 3)], t[(2, 1, 2, 1, 1, 1)]);
    assert_eq!(t.for_value_entry(3, 0), None);
    // By X and X, contracted with two directions, it is `second`.
    let t = at.second_tensor("X", "X").unwrap();
    let (u, v) = (dmatrix![1.0, 0.0, 2.0; -1.0, 0.5, 0.0; 3.0, 1.0, 1.0], x.transpose());
    let z = at.second(&[bind("X", &u)], &[bind("X", &v)]).unwrap();
    for (i, j) in [(0, 0), (1, 0), (2, 1)] {
        let h = t.for_value_entry(i, j).unwrap();
        let sum = (u.clone().reshape_generic(nalgebra::Dyn(9), nalgebra::Const::<1>).transpose()
            * h
            * v.clone().reshape_generic(nalgebra::Dyn(9), nalgebra::Const::<1>))[0];
        assert!((sum - z[(i, j)]).abs() <= 1e-13 * z.amax());
    }
}

/// The place of an index in the slice of the tensor of X·X·Y by X and Y.
fn count_of((i, j, k, l, p, q): (usize, usize, usize, usize, usize, usize)) -> usize {
    i + 3 * (j + 2 * (k + 3 * (l + 3 * (p + 3 * q))))
}

#[test]
fn the_tensor_prints_with_its_indices() {
    let g = Graph::new();
    let (x, y) = (g.matrix("X", 1, 2), g.matrix("Y", 2, 1));
    let at = g.function(x * y).unwrap().at(&[x.is(&[1.0, 2.0]), y.is(&[3.0, 4.0])]).unwrap();
    let text = format!("{:.1}", at.second_tensor(x, y).unwrap());
    let expected = "d2Z_ij/dA_kl dB_pq [(i,j) of Z 1x1, (k,l) of X 1x2, (p,q) of Y 2x1]\n\
        (0,0) by (0,0):\n             1.0\n             0.0\n\
        (0,0) by (0,1):\n             0.0\n             1.0\n";
    let lines = |t: &str| t.lines().map(|l| l.trim().to_string()).collect::<Vec<_>>();
    assert_eq!(lines(&text), lines(expected));
}

/// A matrix-valued function with most kinds of operations.
fn some<'g>(x: Matrix<'g>, y: Matrix<'g>) -> Matrix<'g> {
    (x * y).sin().vcat((x * y).row_softmax()) * (x.transpose() * x).sum()
}

#[test]
fn weighted_hessians_are_sums_over_the_entries() {
    let g = Graph::new();
    let (x, y) = (g.matrix("X", 2, 3), g.matrix("Y", 3, 2));
    let z = some(x, y);
    let (x0, y0) = (dmatrix![0.3, -0.7, 1.1; 0.2, 0.9, -0.4], dmatrix![1.0, 0.2; -0.3, 0.8; 0.6, -1.2]);
    let point = [x.is(&x0), y.is(&y0)];
    let at = g.function(z).unwrap().at(&point).unwrap();
    let w = DMatrix::from_fn(4, 2, |i, j| 1.0 + i as f64 - 2.5 * j as f64);
    let mut sum = DMatrix::zeros(12, 12);
    for (i, j) in (0..8).map(|e| (e % 4, e / 4)) {
        let one = g.function(z.entry(i, j)).unwrap().at(&point).unwrap();
        let h = one.hessian(&[x, y]).unwrap().into_matrix();
        assert_close(
            at.second_tensor(x, y).unwrap().for_value_entry(i, j).unwrap().as_slice(),
            h.view((0, 6), (6, 6)).into_owned().as_slice(),
            "tensor",
        );
        sum += h * w[(i, j)];
    }
    let near = |a: &DMatrix<f64>, b: &DMatrix<f64>| assert!((a - b).amax() <= 1e-13 * sum.amax(), "{a}{b}");
    near(at.weighted_hessian(&w, &[x, y]).unwrap().matrix(), &sum);
    near(at.weighted_hessian(w.as_slice(), &["Y"]).unwrap().matrix(), &sum.view((6, 6), (6, 6)).into_owned());
    near(at.weighted_block(&w, y, x).unwrap().matrix(), &sum.view((6, 0), (6, 6)).into_owned());
    let hv = at.weighted_hvp(&w, &[y.is(&x0.transpose())]).unwrap();
    let v = DMatrix::from_iterator(12, 1, [0.0; 6].into_iter().chain(x0.transpose().iter().copied()));
    near(&DMatrix::from_column_slice(12, 1, hv.stacked().as_slice()), &(&sum * v));
    // ⟨W, d²Z[U, V]⟩ = Uᵀ(Σ W ∇²Z)V.
    let u0 = y0.transpose();
    let (u, v) = ([x.is(&u0)], [y.is(&y0)]);
    let second = at.second(&u, &v).unwrap();
    let h = at.weighted_hvp(&w, &v).unwrap();
    assert!((second.dot(&w) - h["X"].dot(&y0.transpose())).abs() <= 1e-12 * sum.amax());
}

#[test]
fn of_a_scalar_function_it_is_the_hessian() {
    let g = Graph::new();
    let (x, unused) = (g.vector("x", 3), g.vector("unused", 2));
    let f = g.function(x.norm() * x.sum().exp()).unwrap();
    let at = f.at(&[x.is(&[0.1, 0.5, -0.2]), unused.is(&[7.0, 8.0])]).unwrap();
    let h = at.hessian(&[x]).unwrap().into_matrix();
    let (u, v) = ([1.0, 2.0, -1.0], [0.5, 0.0, 3.0]);
    let expected: f64 = (0..9).map(|e| u[e % 3] * h[(e % 3, e / 3)] * v[e / 3]).sum();
    assert_close(at.second(&[x.is(&u)], &[x.is(&v)]).unwrap().as_slice(), &[expected], "uHv");
    assert_eq!(at.second(&[unused.is(&[1.0, 1.0])], &[x.is(&v)]).unwrap()[0], 0.0);
    assert_eq!(at.second(&[x.is(&v)], &[unused.is(&[1.0, 1.0])]).unwrap()[0], 0.0);
    assert_close(
        at.weighted_hessian(2.0, &[x]).unwrap().matrix().as_slice(),
        (h * 2.0).as_slice(),
        "weighted",
    );
    assert_eq!(*at.weighted_block(1.0, x, unused).unwrap().matrix(), DMatrix::zeros(3, 2));
    assert_eq!(at.second_tensor(unused, x).unwrap().as_slice(), [0.0; 6]);
}

#[test]
fn empty_values_and_variables_have_empty_derivatives() {
    let g = Graph::new();
    let (x, y) = (g.matrix("X", 0, 3), g.matrix("Y", 3, 2));
    let at = g.function(x * y).unwrap().at(&[x.is(&[]), y.is(&[1.0; 6])]).unwrap();
    let none: [f64; 0] = [];
    assert_eq!(at.second(&[x.is(&none)], &[y.is(&[1.0; 6])]).unwrap().shape(), (0, 2));
    assert_eq!(at.second_tensor(x, y).unwrap().as_slice(), none);
    assert_eq!(*at.weighted_hessian(&none, &[x, y]).unwrap().matrix(), DMatrix::zeros(6, 6));
    let z = g.function((y.transpose() * x.transpose()).hcat(y.transpose())).unwrap();
    let at = z.at(&[x.is(&[]), y.is(&[1.0; 6])]).unwrap();
    assert_eq!(at.second_tensor(y, y).unwrap().as_slice(), [0.0; 216]);
}

#[test]
fn misuse_is_answered_as_everywhere() {
    let (f, x, y) = xxy();
    let at = f.at(&[bind("X", &x), bind("Y", &y)]).unwrap();
    let wrong = at.second(&[bind("X", &y)], &[bind("Y", &y)]).unwrap_err();
    assert!(matches!(wrong, Error::SeedShape { .. }), "{wrong}");
    let wrong = at.second(&[bind("X", &x)], &[bind("Z", &y)]).unwrap_err();
    assert!(matches!(wrong, Error::Binding { .. }), "{wrong}");
    for wrong in [
        at.weighted_hessian(&x, &["X"]).map(drop),
        at.weighted_block(&[1.0], "X", "Y").map(drop),
        at.weighted_hvp(&x, &[bind("X", &x)]).map(drop),
    ] {
        assert!(matches!(&wrong, Err(Error::SeedShape { name, .. }) if name == "weight"), "{wrong:?}");
    }
    let w = DMatrix::from_element(3, 2, 1.0);
    assert!(matches!(at.weighted_hessian(&w, &["X", "X"]), Err(Error::Binding { .. })));
    assert!(matches!(at.weighted_hessian(&w, &["weight"]), Err(Error::Binding { .. })));
    assert!(matches!(at.weighted_block(&w, "weight", "X"), Err(Error::Binding { .. })));
    let nan = DMatrix::from_element(3, 2, f64::NAN);
    assert!(matches!(at.weighted_hessian(&nan, &["X"]), Err(Error::NonFiniteInput { .. })));
    // The variables of the graph that were declared later are none of the function's.
    let g = Graph::new();
    let v = g.vector("v", 2);
    let at = g.function(v.component_mul(v)).unwrap().at(&[v.is(&[1.0, 2.0])]).unwrap();
    let later = g.vector("later", 2);
    assert!(matches!(at.weighted_hessian(&[1.0, 1.0], &[later]), Err(Error::Binding { .. })));
    assert!(matches!(at.second_tensor(v, later), Err(Error::Binding { .. })));
    assert_eq!(at.weighted_hessian(&[1.0, 3.0], &[v]).unwrap().matrix().as_slice(), [2.0, 0.0, 0.0, 6.0]);
}

#[test]
fn budget_mode_and_flag_are_those_of_the_function() {
    let (f, x, y) = xxy();
    let at = f.with_budget(1000).at(&[bind("X", &x), bind("Y", &y)]).unwrap();
    match at.second_tensor("X", "Y") {
        Err(Error::Budget { needed_bytes, limit: 1000, .. }) => assert_eq!(needed_bytes, 324 * 8),
        other => panic!("{other:?}"),
    }
    let flag = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let at = f.with_cancel(flag.clone()).at(&[bind("X", &x), bind("Y", &y)]).unwrap();
    flag.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(matches!(at.second(&[bind("X", &x)], &[bind("Y", &y)]), Err(Error::Cancelled)));
    assert!(matches!(at.weighted_hessian(&DMatrix::from_element(3, 2, 1.0), &["X"]), Err(Error::Cancelled)));

    let g = Graph::new();
    let v = g.vector("v", 2);
    let f = g.function(v.sqrt()).unwrap();
    let at = f.at(&[v.is(&[0.0, 4.0])]).unwrap();
    let along = [v.is(&[1.0, 1.0])];
    match at.second(&along, &along) {
        Err(Error::NonFinite { phase: Phase::Tangent, .. }) => {}
        other => panic!("{other:?}"),
    }
    let at = f.with_mode(Mode::Ieee).at(&[v.is(&[0.0, 4.0])]).unwrap();
    assert_eq!(at.second(&along, &along).unwrap().as_slice(), [f64::NEG_INFINITY, -1.0 / 32.0]);
}
