//! What is evaluated, counted: nothing that is not needed.

use super::plan::Kind;
use crate::Graph;
use crate::hessian::Function;

fn seed_function() -> Function {
    let g = Graph::new();
    let (x, y) = (g.matrix("X", 5, 5), g.matrix("Y", 5, 3));
    g.function((x * x * y).norm()).unwrap()
}

fn plan_counts(f: &Function, seeded: &[u32], wanted: &[u32], directions: usize) -> (usize, usize, usize) {
    let plan = f.inner.plan(Kind::Hvp, &seeded.into(), &wanted.into(), directions).unwrap();
    let placed = plan.placed(&f.inner, false);
    (placed.schedule.instructions(), placed.lanes.count("product"), placed.lanes.instructions())
}

#[test]
fn a_product_of_the_seed_function_takes_twelve_matrix_products() {
    let (_, products, _) = plan_counts(&seed_function(), &[0, 1], &[0, 1], 1);
    assert_eq!(products, 12);
}

#[test]
fn the_value_takes_two_products_and_the_gradient_four_more() {
    let f = seed_function();
    assert_eq!(f.inner.value_schedule.instructions(), 3);
    // The residual over its norm, four products and the sum of two of them.
    assert_eq!(f.inner.gradient_schedule().instructions(), 6);
}

#[test]
fn a_block_evaluates_what_it_needs() {
    let f = seed_function();
    // Both blocks look up one entry of a point array, the derivative of the norm; the rest is written out.
    for (seeded, wanted) in [(1, 1), (1, 0)] {
        let (_, products, all) = plan_counts(&f, &[seeded], &[wanted], 15);
        assert_eq!((products, all), (0, 1));
    }
}

#[test]
fn a_block_on_the_point_of_a_product_evaluates_no_gradient_output() {
    let f = seed_function();
    let plan = f.inner.plan(Kind::Hvp, &[0u32, 1][..].into(), &[0u32, 1][..].into(), 1).unwrap();
    let g = f.inner.gradient().unwrap();
    let placed = plan.placed(&f.inner, false);
    for d in g.derivatives.iter().flatten() {
        assert!(
            placed.schedule.place(*d).is_none(),
            "the gradient itself is not part of the product's point"
        );
    }
}

/// ‖XXY‖, with more that X and Y do not meet, or meet alone.
fn mixed_function() -> Function {
    let g = Graph::new();
    let (x, y) = (g.matrix("X", 5, 5), g.matrix("Y", 5, 3));
    let (z, s) = (g.matrix("Z", 5, 4), g.scalar("s"));
    let other = (z.sin() * s).exp().norm_squared() + x.tr_mul(z).norm();
    g.function((x * x * y).norm() + other).unwrap()
}

#[test]
fn a_block_pays_for_no_further_variable() {
    let (f, m) = (seed_function(), mixed_function());
    for (seeded, wanted) in [(1, 1), (1, 0)] {
        assert_eq!(plan_counts(&m, &[seeded], &[wanted], 15), plan_counts(&f, &[seeded], &[wanted], 15));
    }
    // X's own block has the part of ‖XᵀZ‖ too, but no function of Z alone.
    let plan = m.inner.plan(Kind::Hvp, &[0u32][..].into(), &[0u32][..].into(), 25).unwrap();
    let placed = plan.placed(&m.inner, false);
    for (v, i) in plan.parts.point.values().zip(&plan.parts.point.instrs).skip(m.inner.program.len()) {
        let transcendental = i.op.as_map().is_some_and(|map| map.row.dear);
        assert!(!transcendental || placed.schedule.place(v).is_none(), "{} is not needed", i.op.name());
    }
}

#[test]
fn a_block_of_variables_that_do_not_meet_evaluates_nothing() {
    let m = mixed_function();
    for (seeded, wanted) in [(1, 2), (2, 1), (1, 3), (0, 3), (3, 0)] {
        assert_eq!(
            plan_counts(&m, &[seeded], &[wanted], 5),
            (0, 0, 0),
            "d/d{seeded} of the gradient of {wanted}"
        );
    }
}

#[test]
fn a_product_along_one_variable_leaves_the_others_out() {
    let m = mixed_function();
    // Along s: only Z and s answer, elementwise.
    let (_, products, _) = plan_counts(&m, &[3], &[0, 1, 2, 3], 1);
    assert_eq!(products, 0);
    let plan = m.inner.plan(Kind::Hvp, &[3u32][..].into(), &[0u32, 1, 2, 3][..].into(), 1).unwrap();
    let answers: Vec<bool> = plan.parts.results.iter().map(|pieces| !pieces.is_empty()).collect();
    assert_eq!(answers, [false, false, true, true]);
    // Along Y: the product of the seed function, without the second products that a tangent of X adds.
    assert_eq!(plan_counts(&m, &[1], &[0, 1], 1), plan_counts(&seed_function(), &[1], &[0, 1], 1));
}
