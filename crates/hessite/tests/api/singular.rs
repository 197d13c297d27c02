//! Elementwise functions at the edges of their domains and far out.

use super::support::*;
use std::f64::consts::{FRAC_PI_2, LN_2, LN_10, PI};

#[test]
fn square_root() {
    at(&[0.0], |x| x[0].sqrt()).gives(0.0, &[INF], &[-INF]);
    at(&[-0.0], |x| x[0].sqrt()).gives(0.0, &[INF], &[-INF]);
    at(&[-1.0], |x| x[0].sqrt()).gives(NAN, &[NAN], &[NAN]);
    at(&[4.0], |x| x[0].sqrt()).gives(2.0, &[0.25], &[-1.0 / 32.0]);
    // √(1 + x) − 1 has no operation of its own; the composition is exact at 0.
    at(&[0.0], |x| (x[0] + 1.0).sqrt() - 1.0).gives(0.0, &[0.5], &[-0.25]);
}

#[test]
fn cube_root_has_a_vertical_tangent() {
    // Its second derivative is +∞ on one side and −∞ on the other: NaN.
    at(&[0.0], |x| x[0].cbrt()).gives(0.0, &[INF], &[NAN]);
    at(&[-8.0], |x| x[0].cbrt()).gives(-2.0, &[1.0 / 12.0], &[1.0 / 144.0]);
}

#[test]
fn logarithms() {
    for zero in [0.0, -0.0] {
        at(&[zero], |x| x[0].ln()).gives(-INF, &[INF], &[-INF]);
        at(&[zero], |x| x[0].log2()).gives(-INF, &[INF], &[-INF]);
        at(&[zero], |x| x[0].log10()).gives(-INF, &[INF], &[-INF]);
    }
    at(&[-1.0], |x| x[0].ln_1p()).gives(-INF, &[INF], &[-INF]);
    at(&[-2.0], |x| x[0].ln()).gives(NAN, &[NAN], &[NAN]);
    at(&[-2.0], |x| x[0].log2()).gives(NAN, &[NAN], &[NAN]);
    at(&[-2.0], |x| x[0].log10()).gives(NAN, &[NAN], &[NAN]);
    at(&[-3.0], |x| x[0].ln_1p()).gives(NAN, &[NAN], &[NAN]);
    at(&[2.0], |x| x[0].log2()).gives(1.0, &[0.5 / LN_2], &[-0.25 / LN_2]);
    at(&[10.0], |x| x[0].log10()).gives(1.0, &[0.1 / LN_10], &[-0.01 / LN_10]);
    at(&[1e300], |x| x[0].ln()).gives(1e300f64.ln(), &[1e-300], &[0.0]);
}

#[test]
fn logarithm_and_exponential_of_small_numbers_do_not_cancel() {
    at(&[1e-20], |x| x[0].ln_1p()).gives(1e-20, &[1.0], &[-1.0]);
    at(&[1e-20], |x| x[0].exp_m1()).gives(1e-20, &[1.0], &[1.0]);
    at(&[-1e-20], |x| x[0].ln_1p()).gives(-1e-20, &[1.0], &[-1.0]);
}

#[test]
fn reciprocal() {
    at(&[0.0], |x| x[0].recip()).gives(INF, &[-INF], &[INF]);
    at(&[-0.0], |x| x[0].recip()).gives(-INF, &[-INF], &[-INF]);
    at(&[0.0], |x| 1.0 / x[0]).gives(INF, &[-INF], &[INF]);
    at(&[-0.0], |x| 1.0 / x[0]).gives(-INF, &[-INF], &[-INF]);
    at(&[-2.0], |x| x[0].recip()).gives(-0.5, &[-0.25], &[-0.25]);
}

#[test]
fn x_ln_x_and_relative_entropy() {
    for zero in [0.0, -0.0] {
        at(&[zero], |x| x[0].xlnx()).gives(0.0, &[-INF], &[INF]);
        // d²/dxdy = −1/y, at x = 0 as everywhere.
        at(&[zero, 2.0], |x| x[0].rel_entr(x[1])).gives(0.0, &[-INF, 0.0], &[INF, -0.5, -0.5, 0.0]);
    }
    at(&[-1.0], |x| x[0].xlnx()).gives(NAN, &[NAN], &[NAN]);
    at(&[1.0], |x| x[0].xlnx()).gives(0.0, &[1.0], &[1.0]);
    let l = 2.0f64.ln();
    at(&[4.0, 2.0], |x| x[0].rel_entr(x[1])).gives(4.0 * l, &[l + 1.0, -2.0], &[0.25, -0.5, -0.5, 1.0]);
}

#[test]
fn exponentials_that_overflow() {
    at(&[710.0], |x| x[0].exp()).gives(INF, &[INF], &[INF]);
    at(&[710.0], |x| x[0].exp_m1()).gives(INF, &[INF], &[INF]);
    at(&[711.0], |x| x[0].sinh()).gives(INF, &[INF], &[INF]);
    at(&[-711.0], |x| x[0].sinh()).gives(-INF, &[INF], &[-INF]);
    at(&[711.0], |x| x[0].cosh()).gives(INF, &[INF], &[INF]);
    at(&[-711.0], |x| x[0].cosh()).gives(INF, &[-INF], &[INF]);
    at(&[-800.0], |x| x[0].exp()).gives(0.0, &[0.0], &[0.0]);
    at(&[-800.0], |x| x[0].exp_m1()).gives(-1.0, &[0.0], &[0.0]);
}

#[test]
fn a_variable_that_does_not_vary_is_an_exact_zero_beside_an_overflow() {
    // d²/dx² overflows; nothing of it enters what is asked along y, nor the blocks with y.
    at(&[800.0, 3.0], |x| x[0].exp() + x[1].powi(2)).gives(INF, &[INF, 6.0], &[INF, 0.0, 0.0, 2.0]);
    at(&[0.0, 3.0], |x| x[0].sqrt() + x[1].powi(3)).gives(27.0, &[INF, 27.0], &[-INF, 0.0, 0.0, 18.0]);
}

#[test]
fn saturated_functions() {
    for x in [800.0, 1e300] {
        at(&[x], |x| x[0].tanh()).gives(1.0, &[0.0], &[0.0]);
        at(&[-x], |x| x[0].tanh()).gives(-1.0, &[0.0], &[0.0]);
        at(&[x], |x| x[0].sigmoid()).gives(1.0, &[0.0], &[0.0]);
        at(&[-x], |x| x[0].sigmoid()).gives(0.0, &[0.0], &[0.0]);
        at(&[x], |x| x[0].softplus()).gives(x, &[1.0], &[0.0]);
        at(&[-x], |x| x[0].softplus()).gives(0.0, &[0.0], &[0.0]);
        at(&[x], |x| x[0].erf()).gives(1.0, &[0.0], &[0.0]);
        at(&[-x], |x| x[0].erf()).gives(-1.0, &[0.0], &[0.0]);
        at(&[-x], |x| x[0].erfc()).gives(2.0, &[0.0], &[0.0]);
        at(&[x], |x| x[0].erfc()).gives(0.0, &[0.0], &[0.0]);
    }
    at(&[1e300], |x| x[0].atan()).gives(FRAC_PI_2, &[0.0], &[0.0]);
    at(&[-1e300], |x| x[0].atan()).gives(-FRAC_PI_2, &[0.0], &[0.0]);
    // Not yet saturated: the derivatives don't cancel.
    let e = (-40.0f64).exp();
    at(&[20.0], |x| x[0].tanh()).gives(20f64.tanh(), &[4.0 * e], &[-8.0 * e]);
    let e = (-50.0f64).exp();
    at(&[50.0], |x| x[0].sigmoid()).gives(1.0, &[e], &[-e]);
    at(&[-50.0], |x| x[0].softplus()).gives(e, &[e], &[e]);
}

#[test]
fn arc_functions_at_the_ends() {
    at(&[1.0], |x| x[0].asin()).gives(FRAC_PI_2, &[INF], &[INF]);
    at(&[-1.0], |x| x[0].asin()).gives(-FRAC_PI_2, &[INF], &[-INF]);
    at(&[1.0], |x| x[0].acos()).gives(0.0, &[-INF], &[-INF]);
    at(&[-1.0], |x| x[0].acos()).gives(PI, &[-INF], &[INF]);
    at(&[1.5], |x| x[0].asin()).gives(NAN, &[NAN], &[NAN]);
    at(&[-1.5], |x| x[0].acos()).gives(NAN, &[NAN], &[NAN]);
    at(&[1.0], |x| x[0].acosh()).gives(0.0, &[INF], &[-INF]);
    at(&[0.5], |x| x[0].acosh()).gives(NAN, &[NAN], &[NAN]);
    at(&[1.0], |x| x[0].atanh()).gives(INF, &[INF], &[INF]);
    at(&[-1.0], |x| x[0].atanh()).gives(-INF, &[INF], &[-INF]);
    at(&[1.5], |x| x[0].atanh()).gives(NAN, &[NAN], &[NAN]);
}

#[test]
fn angle() {
    at(&[0.0, -1.0], |x| x[0].atan2(x[1])).gives(PI, &[-1.0, 0.0], &[0.0, -1.0, -1.0, 0.0]);
    at(&[0.0, 0.0], |x| x[0].atan2(x[1])).gives_at_kink("atan2", 0.0, &[0.0; 2], &[0.0; 4]);
    at(&[1e100, 0.0], |x| x[0].atan2(x[1])).gives(FRAC_PI_2, &[0.0, -1e-100], &[0.0, 1e-200, 1e-200, 0.0]);
    at(&[1e-100, 0.0], |x| x[0].atan2(x[1])).gives(FRAC_PI_2, &[0.0, -1e100], &[0.0, 1e200, 1e200, 0.0]);
}

#[test]
fn hypotenuse() {
    at(&[0.0, 0.0], |x| x[0].hypot(x[1])).gives_at_kink("hypot", 0.0, &[0.0; 2], &[0.0; 4]);
    at(&[0.0, -2.0], |x| x[0].hypot(x[1])).gives(2.0, &[0.0, -1.0], &[0.5, 0.0, 0.0, 0.0]);
    for s in [1.0, 1e200, 1e-200] {
        // At (3, 4)·s: h = 5s, gradient (3, 4)/5, Hessian (16, −12; −12, 9)/(125 s).
        let h = [16.0, -12.0, -12.0, 9.0].map(|x| x / 125.0 / s);
        at(&[3.0 * s, 4.0 * s], |x| x[0].hypot(x[1])).gives(5.0 * s, &[0.6, 0.8], &h);
    }
}
