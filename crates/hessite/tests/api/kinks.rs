//! Kinks: one selection on the value, used by every derivative, and named in Mode::Strict.

use super::support::*;

#[test]
fn absolute_value() {
    for zero in [0.0, -0.0] {
        at(&[zero], |x| x[0].abs()).gives_at_kink("abs", 0.0, &[0.0], &[0.0]);
    }
    at(&[-3.0], |x| x[0].abs()).gives(3.0, &[-1.0], &[0.0]);
    at(&[-1e-320], |x| x[0].abs()).gives(1e-320, &[-1.0], &[0.0]);
}

#[test]
fn the_square_of_an_absolute_value_is_smooth() {
    for x in [0.0, -0.0, -3.0] {
        at(&[x], |x| x[0].abs() * x[0].abs()).gives(x * x, &[2.0 * x], &[2.0]);
        at(&[x], |x| x[0].abs().powi(2)).gives(x * x, &[2.0 * x], &[2.0]);
        at(&[x], |x| x[0].abs().powf(2.0)).gives(x * x, &[2.0 * x], &[2.0]);
    }
}

#[test]
fn steps() {
    at(&[0.0], |x| x[0].sign()).gives_at_kink("sign", 0.0, &[0.0], &[0.0]);
    at(&[-2.0], |x| x[0].sign()).gives(-1.0, &[0.0], &[0.0]);
    at(&[3.0], |x| x[0].floor()).gives_at_kink("floor", 3.0, &[0.0], &[0.0]);
    at(&[3.5], |x| x[0].floor()).gives(3.0, &[0.0], &[0.0]);
    at(&[-3.0], |x| x[0].ceil()).gives_at_kink("ceil", -3.0, &[0.0], &[0.0]);
    at(&[-3.5], |x| x[0].ceil()).gives(-3.0, &[0.0], &[0.0]);
    at(&[2.5], |x| x[0].round()).gives_at_kink("round", 3.0, &[0.0], &[0.0]);
    at(&[-2.5], |x| x[0].round()).gives_at_kink("round", -3.0, &[0.0], &[0.0]);
    at(&[2.0], |x| x[0].round()).gives(2.0, &[0.0], &[0.0]);
    // A step is constant to differentiation, also as a factor.
    at(&[2.5], |x| x[0].floor() * x[0].powi(2)).gives(12.5, &[10.0], &[4.0]);
}

#[test]
fn maximum_and_minimum_take_the_first_at_a_tie() {
    at(&[2.0, 2.0], |x| x[0].powi(2).max(x[1] * 2.0)).gives_at_kink(
        "max",
        4.0,
        &[4.0, 0.0],
        &[2.0, 0.0, 0.0, 0.0],
    );
    at(&[2.0, 2.0], |x| (x[1] * 2.0).max(x[0].powi(2))).gives_at_kink("max", 4.0, &[0.0, 2.0], &[0.0; 4]);
    at(&[2.0, 2.0], |x| x[0].powi(2).min(x[1] * 2.0)).gives_at_kink(
        "min",
        4.0,
        &[4.0, 0.0],
        &[2.0, 0.0, 0.0, 0.0],
    );
    at(&[2.0, 2.0], |x| (x[1] * 2.0).min(x[0].powi(2))).gives_at_kink("min", 4.0, &[0.0, 2.0], &[0.0; 4]);
    at(&[3.0, 2.0], |x| x[0].powi(2).max(x[1] * 2.0)).gives(9.0, &[6.0, 0.0], &[2.0, 0.0, 0.0, 0.0]);
    at(&[3.0, 2.0], |x| x[0].powi(2).min(x[1] * 2.0)).gives(4.0, &[0.0, 2.0], &[0.0; 4]);
    // Either zero ties with the other.
    at(&[-0.0, 0.0], |x| x[0].max(x[1])).gives_at_kink("max", 0.0, &[1.0, 0.0], &[0.0; 4]);
}

#[test]
fn the_square_of_a_positive_part_takes_the_piece_of_the_selection() {
    at(&[0.0], |x| x[0].relu().powi(2)).gives_at_kink("max", 0.0, &[0.0], &[2.0]);
    at(&[0.0], |x| x[0].relu() * x[0].relu()).gives_at_kink("max", 0.0, &[0.0], &[2.0]);
    at(&[0.0], |x| x[0].max(x[0] * 0.0).powi(2)).gives_at_kink("max", 0.0, &[0.0], &[2.0]);
    at(&[0.0], |x| (x[0] * 0.0).max(x[0]).powi(2)).gives_at_kink("max", 0.0, &[0.0], &[0.0]);
    at(&[-1.0], |x| x[0].relu().powi(2)).gives(0.0, &[0.0], &[0.0]);
    at(&[1.5], |x| x[0].relu().powi(2)).gives(2.25, &[3.0], &[2.0]);
}

#[test]
fn a_bound_of_a_clamp_counts_as_inside() {
    at(&[1.0], |x| x[0].clamp(1.0, 2.0).powi(2)).gives_at_kink("max", 1.0, &[2.0], &[2.0]);
    at(&[2.0], |x| x[0].clamp(1.0, 2.0).powi(2)).gives_at_kink("min", 4.0, &[4.0], &[2.0]);
    at(&[1.0], |x| x[0].clamp(1.0, 2.0)).gives_at_kink("max", 1.0, &[1.0], &[0.0]);
    at(&[0.5], |x| x[0].clamp(1.0, 2.0).powi(2)).gives(1.0, &[0.0], &[0.0]);
    at(&[2.5], |x| x[0].clamp(1.0, 2.0).powi(2)).gives(4.0, &[0.0], &[0.0]);
    at(&[1.5], |x| x[0].clamp(1.0, 2.0).powi(2)).gives(2.25, &[3.0], &[2.0]);
    at(&[-7.0], |x| x[0].clamp(-INF, INF).powi(2)).gives(49.0, &[-14.0], &[2.0]);
}
