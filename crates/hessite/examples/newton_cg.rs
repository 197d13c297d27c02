//! Newton–CG for matrix completion: L(U, V) = ½‖W ∘ (UVᵀ − M)‖² + ½λ(‖U‖² + ‖V‖²), with W = 1 where M is known.
//!
//! The Newton system H·d = −∇L is solved by conjugate gradients, which need products H·v alone: H is never formed.
//! L is not convex, so the solver leaves along what it has where the curvature is not positive. The loop is
//! Algorithm 7.1 of Nocedal & Wright, *Numerical Optimization* (2006).

use hessite::{Graph, Operator, Result};
use nalgebra::{DMatrix, DVector};

fn main() -> Result<()> {
    let (m, n, rank, lambda) = (40, 30, 3, 1e-3);
    let truth = wave(m, rank, 0.7) * wave(n, rank, 1.9).transpose();
    let known = DMatrix::from_fn(m, n, |i, j| if (7 * i + 5 * j) % 3 == 0 { 0.0 } else { 1.0 });

    let g = Graph::new();
    let (u, v) = (g.matrix("U", m, rank), g.matrix("V", n, rank));
    let misfit = g.data(&known).component_mul(u * v.transpose() - &truth);
    let f = g.function(0.5 * misfit.norm_squared() + 0.5 * lambda * (u.norm_squared() + v.norm_squared()))?;

    // All variables stacked, U first, as gradients and products come.
    let mut here = f.stack(&[u.is(&wave(m, rank, 0.3)), v.is(&wave(n, rank, 1.1))])?;
    let (head, mut gradient) = (m * rank, DVector::zeros(f.dimension()));
    let mut at = f.at(&[u.is(&here.as_slice()[..head]), v.is(&here.as_slice()[head..])])?;
    for iteration in 0..100 {
        at.gradient_into(gradient.as_mut_slice())?;
        println!("{iteration:3}  L = {:12.9}  |gradient| = {:8.2e}", at.value(), gradient.norm());
        if gradient.norm() < 1e-9 {
            break;
        }
        let step = newton_step(&at.operator(), &gradient)?;
        // Backtracking to Armijo's sufficient decrease; `update` keeps the point's memory.
        let (value, slope, mut length) = (at.value(), gradient.dot(&step), 1.0);
        loop {
            let trial = &here + length * &step;
            at.update(&[u.is(&trial.as_slice()[..head]), v.is(&trial.as_slice()[head..])])?;
            if at.value() <= value + 1e-4 * length * slope || length < 1e-12 {
                here = trial;
                break;
            }
            length /= 2.0;
        }
    }
    let (u, v) = here.as_slice().split_at(head);
    let found = DMatrix::from_column_slice(m, rank, u) * DMatrix::from_column_slice(n, rank, v).transpose();
    let error = (found - truth).amax();
    println!("largest error of an entry, unknown ones included: {error:.1e}");
    assert!(gradient.norm() < 1e-9 && error < lambda);
    Ok(())
}

/// Conjugate gradients on H·z = −∇L, until the residual makes the outer loop converge superlinearly, or dᵀHd ≤ 0: then
/// with what was found so far, or with steepest descent.
fn newton_step(h: &Operator<'_>, gradient: &DVector<f64>) -> Result<DVector<f64>> {
    let enough = gradient.norm() * gradient.norm().sqrt().min(0.5);
    let mut z = DVector::zeros(gradient.len());
    let mut r = gradient.clone();
    let mut d = -gradient;
    let mut hd = d.clone();
    for k in 0..2 * gradient.len() {
        h.apply(d.as_slice(), hd.as_mut_slice())?;
        let curvature = d.dot(&hd);
        if curvature <= 0.0 {
            return Ok(if k == 0 { d } else { z });
        }
        let before = r.norm_squared();
        z.axpy(before / curvature, &d, 1.0);
        r.axpy(before / curvature, &hd, 1.0);
        if r.norm() <= enough {
            break;
        }
        d = d * (r.norm_squared() / before) - &r;
    }
    Ok(z)
}

/// Numbers without a pattern, the same on every machine to the last digits that matter.
fn wave(rows: usize, cols: usize, phase: f64) -> DMatrix<f64> {
    DMatrix::from_fn(rows, cols, |i, j| (phase + 3.7 * i as f64 + 11.3 * (j * j + j) as f64).sin())
}
