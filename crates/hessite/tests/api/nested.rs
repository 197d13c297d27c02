//! Functions of results of other functions: numbers that leave a point are constants, and tangents of one call never
//! meet those of another. The cases are those of ForwardDiff.jl issues 83, 313 and 443, where nested differentiation
//! mixed its perturbations up; a product inside of a differentiated closure, which those ask for, can't be written
//! here, so each is recorded as what it means.

use super::support::*;
use hessite::{Graph, bind};

#[test]
fn a_derivative_inside_of_another_is_a_constant_to_it() {
    // D(x ↦ x · D(y ↦ x + y)(1)) = 1, not 2: the inner derivative is 1 whatever x is.
    let inner = Graph::new();
    let (x, y) = (inner.scalar("x"), inner.scalar("y"));
    let f = inner.function(x + y).unwrap();
    let slope = f.at(&[x.is(3.0), y.is(1.0)]).unwrap().jvp(&[y.is(1.0)]).unwrap()[0];
    assert_eq!(slope, 1.0);
    at(&[3.0], |x| x[0] * slope).gives(3.0, &[1.0], &[0.0]);
}

#[test]
fn an_inner_gradient_that_depends_on_the_outer_variable_is_a_mixed_block() {
    // D(x ↦ x · D(y ↦ x·y²)(y)) at x = 3, y = 2 is D(x ↦ 2x²y) = 4xy = 24; the mixed block of x·y² gives its part.
    let g = Graph::new();
    let (x, y) = (g.scalar("x"), g.scalar("y"));
    let f = g.function(x * y * y).unwrap();
    let p = f.at(&[x.is(3.0), y.is(2.0)]).unwrap();
    let (slope, mixed) = (p.gradient().unwrap()["y"][0], p.block(x, y).unwrap()[(0, 0, 0, 0)]);
    assert_eq!(slope + 3.0 * mixed, 24.0);
}

#[test]
fn products_at_two_points_of_one_function_do_not_meet() {
    let g = Graph::new();
    let x = g.vector("x", 2);
    let f = g.function(x.exp().sum() * x.norm_squared()).unwrap();
    let (mut a, b) = (f.at(&[x.is(&[0.1, 0.2])]).unwrap(), f.at(&[x.is(&[-1.0, 2.0])]).unwrap());
    let (ha, hb) = (a.hessian(&[x]).unwrap(), b.hessian(&[x]).unwrap());
    // A product whose direction is a product at the other point, with the first point moving in between.
    let v = b.hvp(&[x.is(&[1.0, 0.0])]).unwrap();
    let w = a.hvp(&[x.is(v.of(x).unwrap())]).unwrap();
    assert_close(w.stacked().as_slice(), (ha.matrix() * hb.matrix().column(0)).as_slice(), "H_a H_b e");
    a.update(&[x.is(&[-1.0, 2.0])]).unwrap();
    assert_eq!(a.hessian(&[x]).unwrap(), hb);
    a.update(&[x.is(&[0.1, 0.2])]).unwrap();
    assert_eq!(a.hessian(&[x]).unwrap(), ha);
}

#[test]
fn a_function_recorded_from_results_holds_them_fixed() {
    // The quadratic model m(s) = gᵀs + ½sᵀHs of f: its gradient is g + Hs, its Hessian H, and f's tangents play no part.
    let g = Graph::new();
    let x = g.vector("x", 2);
    let f = g.function(x.exp().sum() * x.norm_squared()).unwrap();
    let p = f.at(&[x.is(&[0.3, -0.4])]).unwrap();
    let (slope, h) = (p.gradient().unwrap(), p.hessian(&[x]).unwrap());
    let model = Graph::new();
    let s = model.vector("x", 2);
    let (c, m) = (model.data(slope.of(x).unwrap()), model.data(h.matrix()));
    let q = model.function(c.dot(s) + (s.transpose() * m * s).sum() * 0.5).unwrap();
    let at = q.at(&[bind("x", &[0.7, 0.2])]).unwrap();
    let step = nalgebra::dvector![0.7, 0.2];
    assert_close(
        at.gradient().unwrap().stacked().as_slice(),
        (slope.stacked() + h.matrix() * step).as_slice(),
        "g+Hs",
    );
    assert_close(at.hessian(&["x"]).unwrap().matrix().as_slice(), h.matrix().as_slice(), "H");
    // The first point's own answers are untouched by all that.
    assert_eq!(p.hessian(&[x]).unwrap(), h);
}

#[test]
fn a_call_from_inside_a_progress_callback_of_the_same_point_is_right() {
    let g = Graph::new();
    let x = g.vector("x", 20);
    let f = g.function(x.exp().sum() * x.norm_squared()).unwrap();
    let p = f.at(&[x.is(&[0.25; 20])]).unwrap();
    let (h, v) = (p.hessian(&[x]).unwrap(), [1.0; 20]);
    let hv = p.hvp(&[x.is(&v)]).unwrap();
    let control = hessite::Control::new();
    // Callbacks are Sync: of the graph only keys may enter.
    let x = x.var();
    let nested = |q: hessite::Progress| {
        assert_eq!(p.hvp(&[x.is(&v)]).unwrap(), hv);
        assert_eq!(p.hessian(&[x]).unwrap(), h);
        assert!(q.done <= q.total);
    };
    assert_eq!(p.hessian_with(&[x], &control.progress(&nested)).unwrap(), h);
}

#[test]
fn the_third_derivative_is_the_derivative_of_products() {
    // Perturbations of both directions at once: D³L[u, v] of x²y at (x, y) is (2u₁v₂ + 2u₂v₁, 2u₁v₁).
    let g = Graph::new();
    let (x, y) = (g.scalar("x"), g.scalar("y"));
    let p = g.function(x * x * y).unwrap().at(&[x.is(5.0), y.is(7.0)]).unwrap();
    let (u, v) = ([2.0, 3.0], [-1.0, 4.0]);
    let t = p.third(&[x.is(u[0]), y.is(u[1])], &[x.is(v[0]), y.is(v[1])]).unwrap();
    assert_eq!(t.stacked().as_slice(), [2.0 * (u[0] * v[1] + u[1] * v[0]), 2.0 * u[0] * v[0]]);
    assert_eq!(t, p.third(&[x.is(v[0]), y.is(v[1])], &[x.is(u[0]), y.is(u[1])]).unwrap());
}
