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
    // d²L/dY²: one re-associated product, one dot product, one combination.
    let (_, products, all) = plan_counts(&f, &[1], &[1], 15);
    assert_eq!((products, all), (1, 3));
    // d/dX[dL/dY] from the side of Y: W·Ẏ, two products to its adjoint's tangent, two to that of X.
    let (_, products, all) = plan_counts(&f, &[1], &[0], 15);
    assert_eq!((products, all), (5, 7));
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
