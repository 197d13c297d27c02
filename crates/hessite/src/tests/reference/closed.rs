//! Closed forms of Hessians, at 1e-13 of the largest entry, or of 1 where all are smaller: the arguments are of size 1.

use super::super::support::Rng;
use crate::{Graph, Matrix, Point};
use nalgebra::{DMatrix, DVector};

const TOLERANCE: f64 = 1e-13;

fn random(rng: &mut Rng, m: usize, n: usize) -> DMatrix<f64> {
    DMatrix::from_vec(m, n, rng.numbers(m * n, -1.0, 1.0))
}

fn vec(x: &DMatrix<f64>) -> DVector<f64> {
    DVector::from_column_slice(x.as_slice())
}

#[track_caller]
fn assert_close(got: &DMatrix<f64>, expected: &DMatrix<f64>) {
    assert_eq!(got.shape(), expected.shape());
    let (error, size) = ((got - expected).amax(), expected.amax().max(1.0));
    assert!(error <= TOLERANCE * size, "error {error:e} beside {size:e}");
}

fn block(at: &Point, a: Matrix<'_>, b: Matrix<'_>) -> DMatrix<f64> {
    at.block(a, b).unwrap().into_matrix()
}

/// With R = XXY, L = ‖R‖ and U = R/L, D²L[V, W] = (⟨Ṙ(V), Ṙ(W)⟩ − ⟨U, Ṙ(V)⟩⟨U, Ṙ(W)⟩)/L + ⟨U, R̈(V, W)⟩.
/// By vec(AXB) = (Bᵀ⊗A) vec(X), Ṙ is a matrix, and R̈ a product of two unit matrices.
#[test]
fn norm_of_xxy() {
    for (n, p, seed) in [(3, 2, 1), (1, 1, 2), (4, 1, 3), (2, 5, 4)] {
        let mut rng = Rng(seed);
        let (x, y) = (random(&mut rng, n, n), random(&mut rng, n, p));
        let g = Graph::new();
        let (gx, gy) = (g.matrix("X", n, n), g.matrix("Y", n, p));
        let f = g.function((gx * gx * gy).norm()).unwrap();
        let at = f.at(&[gx.is(&x), gy.is(&y)]).unwrap();

        let r = &x * &x * &y;
        let (l, u) = (r.norm(), &r / r.norm());
        let (one_n, one_p) = (DMatrix::identity(n, n), DMatrix::identity(p, p));
        // vec Ṙ = Jx vec Ẋ + Jy vec Ẏ.
        let jx = (&x * &y).transpose().kronecker(&one_n) + y.transpose().kronecker(&x);
        let jy = one_p.kronecker(&(&x * &x));
        let projector = (DMatrix::identity(n * p, n * p) - vec(&u) * vec(&u).transpose()) / l;
        let gauss = |a: &DMatrix<f64>, b: &DMatrix<f64>| a.transpose() * &projector * b;

        assert_close(&block(&at, gy, gy), &gauss(&jy, &jy));
        // ⟨U, ẊX′Y + X′ẊY⟩ for unit Ẋ = E_ij, X′ = E_kl: (U Yᵀ)_il δ_jk + (U Yᵀ)_kj δ_li.
        let uy = &u * y.transpose();
        let xx = DMatrix::from_fn(n * n, n * n, |r, c| {
            let (i, j, k, m) = (r % n, r / n, c % n, c / n);
            (if j == k { uy[(i, m)] } else { 0.0 }) + if m == i { uy[(k, j)] } else { 0.0 }
        });
        assert_close(&block(&at, gx, gx), &(gauss(&jx, &jx) + xx));
        // ⟨U, (ẊX + XẊ)Ẏ⟩ for Ẋ = E_ij, Ẏ = E_kl: U_il X_jk + (XᵀU)_il δ_jk.
        let xtu = x.transpose() * &u;
        let xy = DMatrix::from_fn(n * n, n * p, |r, c| {
            let (i, j, k, m) = (r % n, r / n, c % n, c / n);
            u[(i, m)] * x[(j, k)] + if j == k { xtu[(i, m)] } else { 0.0 }
        });
        assert_close(&block(&at, gx, gy), &(gauss(&jx, &jy) + xy));
    }
}

/// ½⟨X, AXB⟩ has the Hessian sym(Bᵀ⊗A).
#[test]
fn a_quadratic_form() {
    for (m, n, seed) in [(3, 4, 1), (1, 5, 2), (5, 1, 3), (1, 1, 4)] {
        let mut rng = Rng(seed);
        let (a, b, x) = (random(&mut rng, m, m), random(&mut rng, n, n), random(&mut rng, m, n));
        let g = Graph::new();
        let gx = g.matrix("X", m, n);
        let f = g.function(gx.dot(&a * gx * &b) * 0.5).unwrap();
        let at = f.at(&[gx.is(&x)]).unwrap();
        let k = b.transpose().kronecker(&a);
        assert_close(&block(&at, gx, gx), &((&k + k.transpose()) * 0.5));
    }
}

/// ½‖X‖² has the identity: its H·v is v itself, with no instruction at all.
#[test]
fn half_a_square() {
    for (m, n) in [(1, 1), (3, 1), (4, 5)] {
        let g = Graph::new();
        let gx = g.matrix("X", m, n);
        let f = g.function(gx.norm_squared() * 0.5).unwrap();
        let at = f.at(&[gx.is(&random(&mut Rng(1), m, n))]).unwrap();
        let one = DMatrix::identity(m * n, m * n);
        assert_eq!(block(&at, gx, gx), one);
        assert_eq!(at.hvp_many(&one).unwrap(), one);
        let v = random(&mut Rng(2), m, n);
        assert_eq!(at.hvp(&[gx.is(&v)]).unwrap()["X"], v);
    }
}

/// Softmax cross-entropy Σ_c lse(z_c) − ⟨t_c, z_c⟩ with Z = WX has d²L/dZ² = diag(s) − ssᵀ for each column, and by
/// vec Z = (Xᵀ⊗1) vec W that of W.
#[test]
fn softmax_cross_entropy() {
    for (k, d, n, seed) in [(3, 2, 4, 1), (2, 1, 1, 2), (4, 3, 1, 3), (1, 2, 3, 4)] {
        let mut rng = Rng(seed);
        let (w, x) = (random(&mut rng, k, d), random(&mut rng, d, n));
        let t = DMatrix::from_fn(k, n, |i, j| if i == j % k { 1.0 } else { 0.0 });
        let g = Graph::new();
        let gw = g.matrix("W", k, d);
        let z = gw * &x;
        let f = g.function(z.column_logsumexp().sum() - g.data(&t).dot(z)).unwrap();
        let at = f.at(&[gw.is(&w)]).unwrap();

        let z = &w * &x;
        let mut hz = DMatrix::zeros(k * n, k * n);
        for (j, column) in z.column_iter().enumerate() {
            let exps = column.map(f64::exp);
            let s = &exps / exps.sum();
            let own = DMatrix::from_diagonal(&s) - &s * s.transpose();
            hz.view_mut((j * k, j * k), (k, k)).copy_from(&own);
        }
        let jacobian = x.transpose().kronecker(&DMatrix::identity(k, k));
        let expected = jacobian.transpose() * hz * jacobian;
        assert_close(&block(&at, gw, gw), &expected);
    }
}

/// ‖x‖ has the Hessian (1 − uuᵀ)/‖x‖, ‖x‖² twice the identity, ‖x‖³/3 ‖x‖(1 + uuᵀ).
#[test]
fn powers_of_the_norm() {
    for (n, seed) in [(1, 1), (2, 2), (7, 3)] {
        let x = random(&mut Rng(seed), n, 1);
        let g = Graph::new();
        let gx = g.vector("x", n);
        let hessian = |s: crate::Scalar<'_>| {
            let f = g.function(s).unwrap();
            block(&f.at(&[gx.is(&x)]).unwrap(), gx, gx)
        };
        let (r, one) = (x.norm(), DMatrix::<f64>::identity(n, n));
        let uu = &x * x.transpose() / (r * r);
        assert_close(&hessian(gx.norm()), &((&one - &uu) / r));
        assert_close(&hessian(gx.norm_squared()), &(&one * 2.0));
        assert_close(&hessian(gx.norm().powi(2)), &(&one * 2.0));
        assert_close(&hessian(gx.norm().powi(3) / 3.0), &((&one + &uu) * r));
    }
}

/// The Jacobian of AXB is Bᵀ⊗A, of Xᵀ the commutation matrix, of X∘X twice the diagonal.
#[test]
fn jacobians() {
    let mut rng = Rng(5);
    let (m, n) = (3, 2);
    let (a, b, x) = (random(&mut rng, 4, m), random(&mut rng, n, 2), random(&mut rng, m, n));
    let g = Graph::new();
    let gx = g.matrix("X", m, n);
    let jacobian = |z: Matrix<'_>| {
        let f = g.function(z).unwrap();
        f.at(&[gx.is(&x)]).unwrap().jacobian(gx).unwrap().into_matrix()
    };
    assert_close(&jacobian(&a * gx * &b), &b.transpose().kronecker(&a));
    let swap = DMatrix::from_fn(m * n, m * n, |r, c| f64::from(u8::from((r / n, r % n) == (c % m, c / m))));
    assert_close(&jacobian(gx.transpose()), &swap);
    assert_close(&jacobian(gx.component_mul(gx)), &DMatrix::from_diagonal(&(vec(&x) * 2.0)));
}
