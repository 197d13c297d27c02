//! One function for each primitive, of an n×n matrix A: L = ⟨C, f(A)⟩ for constant weights C where f is curved, and ‖f(A)‖²
//! where it is linear.

use crate::inputs::symmetric;
use crate::problems::Problem;
use hessite::{Matrix, Scalar};
use nalgebra::DMatrix;

type Square = DMatrix<f64>;

/// Where a primitive is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// 2I and noise, whose eigenvalues are within 1 of 2.
    General,
    /// I and a positive definite matrix; directions are symmetric.
    Definite,
    /// Symmetric, with eigenvalues near 1, 2, 3, …; directions are symmetric.
    Spread,
}

/// A primitive.
pub struct Primitive {
    /// As its method is called, with what it is applied to.
    pub name: &'static str,
    at: At,
    loss: for<'g> fn(Matrix<'g>, Matrix<'g>) -> Scalar<'g>,
    /// H·V by hand, from A, V and C.
    pub closed: Option<fn(&Square, &Square, &Square) -> Square>,
    /// The bare value by nalgebra, of which one number is returned: what any derivative has to pay. From A and C.
    pub plain: Option<fn(&Square, &Square) -> f64>,
    /// The largest size that takes well under a second: 3 s at n = 256 is too long for a bench.
    pub largest: usize,
}

impl Primitive {
    /// Its function at a point for n×n matrices, with a direction.
    pub fn problem(&self, n: usize) -> Problem {
        let (loss, c) = (self.loss, weights(n));
        let definite = self.at != At::General;
        let flat = symmetric(903, n * n, 1.0);
        let v = Square::from_row_slice(n, n, &flat);
        let v = if definite { (&v + v.transpose()) * 0.5 } else { v };
        Problem::of_matrix(self.point(n), v, move |g, a| loss(a, g.data(&c)))
    }

    fn point(&self, n: usize) -> Square {
        let noise = Square::from_row_slice(n, n, &symmetric(901, n * n, 1.0 / (n as f64).sqrt()));
        match self.at {
            At::General => Square::identity(n, n) * 2.0 + noise,
            At::Definite => Square::identity(n, n) + &noise * noise.transpose(),
            At::Spread => {
                let steps = Square::from_fn(n, n, |i, j| if i == j { 1.0 + i as f64 } else { 0.0 });
                steps + (&noise + noise.transpose()) * 0.1
            }
        }
    }
}

/// C, n×n.
pub fn weights(n: usize) -> Square {
    Square::from_row_slice(n, n, &symmetric(902, n * n, 1.0))
}

/// Where no closed form or no value by nalgebra is given.
const NONE: Primitive = Primitive {
    name: "",
    at: At::General,
    loss: |a, _| a.norm_squared(),
    closed: None,
    plain: None,
    largest: usize::MAX,
};

/// A⁻¹, zero where there is none.
fn inverse(a: &Square) -> Square {
    a.clone().try_inverse().unwrap_or_else(|| Square::zeros(a.nrows(), a.ncols()))
}

/// All of them.
pub const PRIMITIVES: [Primitive; 36] = [
    Primitive {
        name: "A·A",
        loss: |a, c| c.dot(a * a),
        closed: Some(|_, v, c| c * v.transpose() + v.transpose() * c),
        plain: Some(|a, _| (a * a)[0]),
        ..NONE
    },
    Primitive {
        name: "A.tr_mul(A)",
        loss: |a, c| c.dot(a.tr_mul(a)),
        closed: Some(|_, v, c| v * (c + c.transpose())),
        plain: Some(|a, _| a.tr_mul(a)[0]),
        ..NONE
    },
    Primitive { name: "A.pow(5)", loss: |a, c| c.dot(a.pow(5)), plain: Some(|a, _| a.pow(5)[0]), ..NONE },
    Primitive {
        name: "A.quadratic_form(C)",
        loss: |a, c| a.quadratic_form(c),
        closed: Some(|_, v, c| (c + c.transpose()) * v),
        plain: Some(|a, c| a.dot(&(c * a))),
        ..NONE
    },
    Primitive {
        name: "A.kronecker(2×2)",
        loss: |a, c| a.kronecker(c.view((0, 0), (2, 2))).norm_squared(),
        plain: Some(|a, c| a.kronecker(&c.view((0, 0), (2, 2)))[0]),
        ..NONE
    },
    Primitive {
        name: "inverse",
        loss: |a, c| c.dot(a.inverse()),
        closed: Some(|a, v, c| {
            let bt = inverse(a).transpose();
            let moved = &bt * v.transpose() * &bt;
            &moved * (c * &bt) + (&bt * c) * moved
        }),
        plain: Some(|a, _| inverse(a)[0]),
        ..NONE
    },
    Primitive {
        name: "solve, one right-hand side",
        loss: |a, c| c.column(0).dot(a.solve(c.column(1))),
        plain: Some(|a, c| a.clone().lu().solve(&c.column(1)).map_or(0.0, |x| x[0])),
        ..NONE
    },
    Primitive {
        name: "solve, n right-hand sides",
        loss: |a, c| c.dot(a.solve(c)),
        plain: Some(|a, c| a.clone().lu().solve(c).map_or(0.0, |x| x[0])),
        ..NONE
    },
    Primitive {
        name: "solve_lower_triangular",
        loss: |a, c| c.dot(a.solve_lower_triangular(c)),
        plain: Some(|a, c| a.solve_lower_triangular(c).map_or(0.0, |x| x[0])),
        ..NONE
    },
    Primitive {
        name: "determinant",
        loss: |a, _| a.determinant(),
        closed: Some(|a, v, _| {
            let (b, d) = (inverse(a), a.determinant());
            let moved = &b * v;
            (b.transpose() * moved.trace() - (&moved * &b).transpose()) * d
        }),
        plain: Some(|a, _| a.determinant()),
        ..NONE
    },
    Primitive {
        name: "log_abs_determinant",
        loss: |a, _| a.log_abs_determinant(),
        closed: Some(|a, v, _| {
            let b = inverse(a);
            -(&b * v * &b).transpose()
        }),
        plain: Some(|a, _| a.clone().lu().u().diagonal().iter().map(|u| u.abs().ln()).sum()),
        ..NONE
    },
    Primitive {
        name: "least_squares",
        loss: |a, c| {
            c.view((0, 0), (a.ncols() / 2, 1)).dot(a.columns(0, a.ncols() / 2).least_squares(c.column(1)))
        },
        plain: Some(|a, c| {
            let qr = a.columns(0, a.ncols() / 2).into_owned().qr();
            qr.r().solve_upper_triangular(&qr.q().tr_mul(&c.column(1))).map_or(0.0, |x| x[0])
        }),
        ..NONE
    },
    Primitive {
        name: "pseudo_inverse",
        loss: |a, c| c.rows(0, a.ncols() / 2).dot(a.columns(0, a.ncols() / 2).pseudo_inverse()),
        plain: Some(|a, _| {
            a.columns(0, a.ncols() / 2).into_owned().pseudo_inverse(1e-12).map_or(0.0, |p| p[0])
        }),
        ..NONE
    },
    Primitive {
        name: "qr",
        loss: |a, c| {
            let (q, r) = a.qr();
            c.dot(q) + c.dot(r)
        },
        plain: Some(|a, _| a.clone().qr().q()[0]),
        ..NONE
    },
    Primitive {
        name: "cholesky",
        at: At::Definite,
        loss: |a, c| c.dot(a.cholesky()),
        plain: Some(|a, _| a.clone().cholesky().map_or(0.0, |l| l.l_dirty()[0])),
        ..NONE
    },
    Primitive {
        name: "log_determinant_positive_definite",
        at: At::Definite,
        loss: |a, _| a.log_determinant_positive_definite(),
        closed: Some(|a, v, _| {
            let b = a.clone().cholesky().map_or_else(|| inverse(a), |l| l.inverse());
            -(&b * v * &b)
        }),
        plain: Some(|a, _| a.clone().cholesky().map_or(0.0, |l| l.ln_determinant())),
        ..NONE
    },
    Primitive {
        name: "solve_positive_definite",
        at: At::Definite,
        loss: |a, c| c.dot(a.solve_positive_definite(c)),
        plain: Some(|a, c| a.clone().cholesky().map_or(0.0, |l| l.solve(c)[0])),
        ..NONE
    },
    Primitive {
        name: "inverse_positive_definite",
        at: At::Definite,
        loss: |a, c| c.dot(a.inverse_positive_definite()),
        plain: Some(|a, _| a.clone().cholesky().map_or(0.0, |l| l.inverse()[0])),
        ..NONE
    },
    Primitive { name: "expm", loss: |a, c| c.dot(a.expm()), plain: Some(|a, _| a.exp()[0]), ..NONE },
    Primitive {
        name: "spectral().exp()",
        at: At::Definite,
        loss: |a, c| c.dot(a.spectral().exp()),
        plain: Some(|a, _| {
            let e = a.clone().symmetric_eigen();
            let scaled = &e.eigenvectors * Square::from_diagonal(&e.eigenvalues.map(f64::exp));
            (scaled * e.eigenvectors.transpose())[0]
        }),
        ..NONE
    },
    Primitive {
        name: "symmetric_eigenvalues",
        at: At::Spread,
        loss: |a, c| c.column(0).dot(a.symmetric_eigenvalues()),
        plain: Some(|a, _| a.symmetric_eigenvalues()[0]),
        ..NONE
    },
    Primitive {
        name: "eigenvectors",
        at: At::Spread,
        loss: |a, c| c.dot(a.spectral().eigenvectors()),
        plain: Some(|a, _| a.clone().symmetric_eigen().eigenvectors[0]),
        ..NONE
    },
    Primitive {
        name: "singular_values",
        at: At::Spread,
        loss: |a, c| c.column(0).dot(a.singular_values()),
        plain: Some(|a, _| a.singular_values()[0]),
        ..NONE
    },
    Primitive {
        name: "nuclear_norm",
        loss: |a, _| a.nuclear_norm(),
        plain: Some(|a, _| a.singular_values().sum()),
        largest: 64,
        ..NONE
    },
    Primitive {
        name: "norm",
        loss: |a, _| a.norm(),
        closed: Some(|a, v, _| {
            let f = a.norm();
            (v - a * (a.dot(v) / (f * f))) / f
        }),
        plain: Some(|a, _| a.norm()),
        ..NONE
    },
    Primitive {
        name: "exp",
        loss: |a, c| c.dot(a.exp()),
        closed: Some(|a, v, c| a.zip_zip_map(v, c, |a, v, c| c * a.exp() * v)),
        plain: Some(|a, _| a.map(f64::exp)[0]),
        ..NONE
    },
    Primitive {
        name: "tanh",
        loss: |a, c| c.dot(a.tanh()),
        closed: Some(|a, v, c| {
            a.zip_zip_map(v, c, |a, v, c| {
                let t = a.tanh();
                -2.0 * c * t * (1.0 - t * t) * v
            })
        }),
        plain: Some(|a, _| a.map(f64::tanh)[0]),
        ..NONE
    },
    Primitive {
        name: "powi(3)",
        loss: |a, c| c.dot(a.powi(3)),
        closed: Some(|a, v, c| a.zip_zip_map(v, c, |a, v, c| 6.0 * c * a * v)),
        plain: Some(|a, _| a.map(|a| a * a * a)[0]),
        ..NONE
    },
    Primitive {
        name: "component_div",
        loss: |a, c| c.component_div(a.powi(2).add_scalar(1.0)).sum(),
        closed: Some(|a, v, c| {
            a.zip_zip_map(v, c, |a, v, c| {
                let q = 1.0 / (1.0 + a * a);
                2.0 * c * q * q * (4.0 * a * a * q - 1.0) * v
            })
        }),
        ..NONE
    },
    Primitive { name: "row_logsumexp", loss: |a, c| c.column(0).dot(a.row_logsumexp()), ..NONE },
    Primitive { name: "row_softmax", loss: |a, c| c.dot(a.row_softmax()), ..NONE },
    Primitive { name: "lp_norm(3)", loss: |a, _| a.lp_norm(3.0), ..NONE },
    Primitive {
        name: "cumulative_sum",
        loss: |a, _| a.reshape(a.nrows() * a.ncols(), 1).cumulative_sum().norm_squared(),
        ..NONE
    },
    Primitive {
        name: "convolve_valid",
        loss: |a, c| a.reshape(a.nrows() * a.ncols(), 1).convolve_valid(c.column(0)).norm_squared(),
        ..NONE
    },
    Primitive {
        name: "transpose, hcat, view",
        loss: |a, c| {
            let n = a.nrows();
            let middle = a.transpose().hcat(a).view((0, n / 2), (n, n));
            c.dot(middle.component_mul(middle))
        },
        ..NONE
    },
    Primitive {
        name: "row_sum, broadcast",
        loss: |a, c| {
            let sums = a.row_sum().broadcast(a.nrows(), a.ncols());
            c.dot(sums.component_mul(a))
        },
        ..NONE
    },
];

#[cfg(all(test, feature = "rivals"))]
mod tests {
    use super::*;
    use crate::requests::{Request, Session};
    use hessite_check::differences::{Step, product_central};

    #[test]
    fn every_primitive_is_its_closed_form_and_its_difference() {
        let n = 6;
        for primitive in PRIMITIVES {
            let p = primitive.problem(n);
            let mut session =
                Session::start(&p, Request::Hvp).unwrap_or_else(|e| panic!("{}: {e}", primitive.name));
            session.evaluate().unwrap();
            let own = session.stacked();
            let scale = own.iter().fold(0.0f64, |s, h| s.max(h.abs()));
            assert!(scale > 1e-3, "{} has no curvature here", primitive.name);
            let far =
                |other: &[f64]| own.iter().zip(other).fold(0.0f64, |w, (a, b)| w.max((a - b).abs())) / scale;

            let recorded = p.record().unwrap();
            let mut point = recorded.function.at(&p.bind(&recorded.vars, &p.point)).unwrap();
            let gradient = |x: &[f64], g: &mut [f64]| {
                point.update(&p.bind(&recorded.vars, x)).unwrap();
                point.gradient_into(g).unwrap();
            };
            let mut out = vec![0.0; n * n];
            product_central(gradient, &p.point, &p.directions, Step::Auto, &mut out).unwrap();
            // Of third derivatives around 1, those differences have nine digits.
            assert!(far(&out) < 1e-7, "{}: {:.1e} from differences", primitive.name, far(&out));
            if let Some(closed) = primitive.closed {
                let matrix = |x: &[f64]| Square::from_column_slice(n, n, x);
                let by_hand = closed(&matrix(&p.point), &matrix(&p.directions), &weights(n));
                // An inverse and some sums of six products.
                let error = far(by_hand.as_slice());
                assert!(error < 1e-13, "{}: {error:.1e} from the closed form", primitive.name);
            }
        }
    }
}
