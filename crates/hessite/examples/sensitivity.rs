//! How an equilibrium moves with a parameter: dx*/dp = −(∂²E/∂x²)⁻¹ ∂²E/∂x∂p, by one mixed block.
//!
//! A chain of springs hangs between two hooks: E(X, p) = Σₛ ½k(‖Δₛ‖ − pₛ)² + w Σᵢ Xᵢ₁ over the positions X (one node
//! a row) with the rest lengths p as parameters. At the minimum x* the gradient in X is zero for every p; its
//! derivative with respect to p gives the formula (implicit function theorem). Solving anew at p ± h confirms it, and so
//! does `argmin_of`, where x*(p) is a function as any other, with second derivatives of its own.

use hessite::{Graph, Matrix, Point, Scalar, Var};
use nalgebra::{Cholesky, DMatrix, DVector, Dyn, dmatrix};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const NODES: usize = 4;

fn main() -> Result<()> {
    let g = Graph::new();
    let x = g.matrix("X", NODES, 2);
    let p = g.vector("p", NODES + 1);
    let f = g.function(energy(&g, x, p))?;

    let rest = DVector::from_element(NODES + 1, 0.9);
    let straight = DMatrix::from_fn(NODES, 2, |i, j| (i + 1) as f64 * [1.0, 0.2][j]);
    let mut at = f.at(&[x.is(&straight), p.is(&rest)])?;
    let equilibrium = solve(&mut at, x.var(), p.var(), &rest, straight.clone())?;
    println!("equilibrium, a node a row:{equilibrium:.6}");

    let sensitivity = -stiffness_matrix(&at, x.var())?.solve(at.block(x, p)?.matrix());
    println!("d vec(X*) / dp, predicted:{sensitivity:.6}");

    // The equilibrium as a function of p: its Jacobian, and how the lowest height bends with the rest lengths.
    let outer = Graph::new();
    let q = outer.vector("p", NODES + 1);
    let hanging = outer.argmin_of(&[q], &straight, |g, x, p| energy(g, x, p[0]));
    let there = outer.function(hanging)?.at(&[q.is(&rest)])?;
    assert!((there.jacobian(q)?.matrix() - &sensitivity).amax() < 1e-12);
    let height = outer.function(hanging.column(1).min())?.at(&[q.is(&rest)])?;
    println!("d² (lowest height) / dp²:{:.6}", height.hessian(&[q])?.matrix());

    let h = 1e-5;
    let mut solved = DMatrix::zeros(2 * NODES, NODES + 1);
    for s in 0..=NODES {
        let mut moved = |by: f64| {
            let mut rest = rest.clone();
            rest[s] += by;
            solve(&mut at, x.var(), p.var(), &rest, equilibrium.clone())
        };
        let difference = (moved(h)? - moved(-h)?) / (2.0 * h);
        solved.column_mut(s).copy_from_slice(difference.as_slice());
    }
    let difference = (&solved - &sensitivity).amax();
    println!("largest difference to solving anew at p ± {h:e}: {difference:.1e}");
    assert!(difference < 1e-8); // h² of the difference quotient, and 1e-12/h of the solver
    Ok(())
}

fn energy<'g>(g: &'g Graph, x: Matrix<'g>, p: Matrix<'g>) -> Scalar<'g> {
    let (stiffness, weight) = (50.0, 1.0);
    let chain = g.data(&dmatrix![0.0, 0.0]).vcat(x).vcat(g.data(&dmatrix![5.0, 1.0]));
    let springs = chain.rows(1, NODES + 1) - chain.rows(0, NODES + 1);
    let lengths = springs.component_mul(springs).column_sum().sqrt();
    0.5 * stiffness * (lengths - p).norm_squared() + weight * x.column(1).sum()
}

/// Newton's method on E(·, p) from `start`; leaves the point at the minimum.
fn solve(at: &mut Point, x: Var, p: Var, rest: &DVector<f64>, start: DMatrix<f64>) -> Result<DMatrix<f64>> {
    let mut here = start;
    for _ in 0..50 {
        at.update(&[x.is(&here), p.is(rest)])?;
        let gradient = at.gradient()?.of(x)?.clone();
        if gradient.norm() < 1e-12 {
            break;
        }
        let step = stiffness_matrix(at, x)?.solve(&gradient.reshape_generic(Dyn(2 * NODES), Dyn(1)));
        here -= step.reshape_generic(Dyn(NODES), Dyn(2));
    }
    Ok(here)
}

/// ∂²E/∂x², factorised; positive definite where the equilibrium is stable.
fn stiffness_matrix(at: &Point, x: Var) -> Result<Cholesky<f64, Dyn>> {
    Ok(at.hessian(&[x])?.into_matrix().cholesky().ok_or("the equilibrium is not stable")?)
}
