//! Powers: constant and varying exponents, at 0 and below.

use super::support::*;

#[test]
fn integer_powers_at_zero() {
    for zero in [0.0, -0.0] {
        at(&[zero], |x| x[0].powi(0)).gives(1.0, &[0.0], &[0.0]);
        at(&[zero], |x| x[0].powi(1)).gives(0.0, &[1.0], &[0.0]);
        at(&[zero], |x| x[0].powi(2)).gives(0.0, &[0.0], &[2.0]);
        at(&[zero], |x| x[0].powi(3)).gives(0.0, &[0.0], &[0.0]);
        at(&[zero], |x| x[0].powi(7)).gives(0.0, &[0.0], &[0.0]);
    }
    at(&[0.0], |x| x[0].powi(-1)).gives(INF, &[-INF], &[INF]);
    at(&[0.0], |x| x[0].powi(-2)).gives(INF, &[-INF], &[INF]);
    at(&[-0.0], |x| x[0].powi(-3)).gives(-INF, &[-INF], &[-INF]);
}

#[test]
fn integer_powers_of_a_negative_base() {
    at(&[-2.0], |x| x[0].powi(0)).gives(1.0, &[0.0], &[0.0]);
    at(&[-2.0], |x| x[0].powi(3)).gives(-8.0, &[12.0], &[-12.0]);
    at(&[-2.0], |x| x[0].powi(4)).gives(16.0, &[-32.0], &[48.0]);
    at(&[-2.0], |x| x[0].powi(-3)).gives(-0.125, &[-0.1875], &[-0.375]);
}

#[test]
fn a_constant_exponent_at_zero() {
    for zero in [0.0, -0.0] {
        at(&[zero], |x| x[0].powf(0.5)).gives(0.0, &[INF], &[-INF]);
        at(&[zero], |x| x[0].powf(1.5)).gives(0.0, &[0.0], &[INF]);
        at(&[zero], |x| x[0].powf(2.5)).gives(0.0, &[0.0], &[0.0]);
        at(&[zero], |x| x[0].powf(3.5)).gives(0.0, &[0.0], &[0.0]);
        at(&[zero], |x| x[0].powf(-0.5)).gives(INF, &[-INF], &[INF]);
    }
    at(&[-1.0], |x| x[0].powf(1.5)).gives(NAN, &[NAN], &[NAN]);
}

#[test]
fn an_integral_constant_exponent_is_an_integer_power() {
    at(&[0.0], |x| x[0].powf(0.0)).gives(1.0, &[0.0], &[0.0]);
    at(&[0.0], |x| x[0].powf(1.0)).gives(0.0, &[1.0], &[0.0]);
    at(&[0.0], |x| x[0].powf(2.0)).gives(0.0, &[0.0], &[2.0]);
    at(&[0.0], |x| x[0].powf(3.0)).gives(0.0, &[0.0], &[0.0]);
    at(&[-2.0], |x| x[0].powf(3.0)).gives(-8.0, &[12.0], &[-12.0]);
    at(&[-2.0], |x| x[0].powf(-2.0)).gives(0.25, &[0.25], &[0.375]);
}

#[test]
fn both_varying_at_a_zero_base() {
    at(&[0.0, 3.0], |x| x[0].pow(x[1])).gives(0.0, &[0.0, 0.0], &[0.0; 4]);
    at(&[0.0, 2.0], |x| x[0].pow(x[1])).gives(0.0, &[0.0, 0.0], &[2.0, 0.0, 0.0, 0.0]);
    at(&[0.0, 1.5], |x| x[0].pow(x[1])).gives(0.0, &[0.0, 0.0], &[INF, 0.0, 0.0, 0.0]);
    // d²/dxdy = xʸ⁻¹(1 + y ln x) is −∞ at y = 1; d²/dx² = y(y − 1)xʸ⁻² is 0·∞.
    at(&[0.0, 1.0], |x| x[0].pow(x[1])).gives(0.0, &[1.0, 0.0], &[NAN, -INF, -INF, 0.0]);
}

#[test]
fn both_varying_at_a_zero_base_and_an_exponent_up_to_one_agree_in_all_modes() {
    at(&[0.0, 0.5], |x| x[0].pow(x[1])).gives(0.0, &[INF, 0.0], &[-INF, NAN, NAN, 0.0]);
    at(&[0.0, 0.0], |x| x[0].pow(x[1])).gives(1.0, &[NAN, -INF], &[NAN, NAN, NAN, INF]);
    at(&[0.0, -1.0], |x| x[0].pow(x[1])).gives(INF, &[-INF, -INF], &[INF; 4]);
}

#[test]
fn both_varying_at_a_zero_exponent() {
    let l = 3.0f64.ln();
    at(&[3.0, 0.0], |x| x[0].pow(x[1])).gives(1.0, &[0.0, l], &[0.0, 1.0 / 3.0, 1.0 / 3.0, l * l]);
    at(&[1.0, 0.0], |x| x[0].pow(x[1])).gives(1.0, &[0.0, 0.0], &[0.0, 1.0, 1.0, 0.0]);
}

#[test]
fn both_varying_with_a_negative_base() {
    at(&[-2.0, 3.0], |x| x[0].pow(x[1])).gives(-8.0, &[12.0, NAN], &[-12.0, NAN, NAN, NAN]);
    // An exponent that does not vary leaves all exact.
    at(&[-2.0], |x| x[0].pow(x[0] * 0.0 + 3.0)).gives(-8.0, &[NAN], &[NAN]);
    at(&[-2.0], |x| x[0].pow((x[0] * 0.0 + 3.0).floor())).gives_at_kink("floor", -8.0, &[12.0], &[-12.0]);
    at(&[-2.0, 0.5], |x| x[0].pow(x[1])).gives(NAN, &[NAN, NAN], &[NAN; 4]);
    at(&[2.0, -1.0], |x| x[0].pow(x[1])).gives(
        0.5,
        &[-0.25, 0.5 * 2f64.ln()],
        &[0.25, 0.25 * (1.0 - 2f64.ln()), 0.25 * (1.0 - 2f64.ln()), 0.5 * 2f64.ln().powi(2)],
    );
}

#[test]
fn the_identity_and_half_a_square_have_unit_derivatives() {
    at(&[3.0], |x| x[0]).gives(3.0, &[1.0], &[0.0]);
    at(&[3.0], |x| x[0].powi(2) * 0.5).gives(4.5, &[3.0], &[1.0]);
    at(&[3.0, 4.0], |x| (x[0] * x[0] + x[1] * x[1]) * 0.5).gives(12.5, &[3.0, 4.0], &[1.0, 0.0, 0.0, 1.0]);
}
