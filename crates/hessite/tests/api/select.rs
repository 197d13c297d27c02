//! What a selection does not take never matters: not its value, not its derivatives, NaN and infinite or not.

use super::support::*;
use hessite::{Graph, Matrix, Mode, Phase};

type Unary = (&'static str, for<'g> fn(Matrix<'g>) -> Matrix<'g>);

/// Every elementwise function, two-argument ones with one argument fixed or repeated.
const FUNCTIONS: &[Unary] = &[
    ("recip", |x| x.recip()),
    ("sqrt", |x| x.sqrt()),
    ("cbrt", |x| x.cbrt()),
    ("exp", |x| x.exp()),
    ("exp_m1", |x| x.exp_m1()),
    ("ln", |x| x.ln()),
    ("ln_1p", |x| x.ln_1p()),
    ("log2", |x| x.log2()),
    ("log10", |x| x.log10()),
    ("xlnx", |x| x.xlnx()),
    ("sin", |x| x.sin()),
    ("cos", |x| x.cos()),
    ("tan", |x| x.tan()),
    ("asin", |x| x.asin()),
    ("acos", |x| x.acos()),
    ("atan", |x| x.atan()),
    ("sinh", |x| x.sinh()),
    ("cosh", |x| x.cosh()),
    ("tanh", |x| x.tanh()),
    ("asinh", |x| x.asinh()),
    ("acosh", |x| (x + x + x).acosh()),
    ("atanh", |x| x.atanh()),
    ("sigmoid", |x| x.sigmoid()),
    ("softplus", |x| x.softplus()),
    ("erf", |x| x.erf()),
    ("erfc", |x| x.erfc()),
    ("abs", |x| x.abs()),
    ("sign", |x| x.sign()),
    ("floor", |x| x.floor()),
    ("ceil", |x| x.ceil()),
    ("round", |x| x.round()),
    ("powi", |x| x.powi(3)),
    ("powi, negative", |x| x.powi(-3)),
    ("powf", |x| x.powf(0.7)),
    ("relu", |x| x.relu()),
    ("clamp", |x| x.clamp(0.1, 0.9)),
    ("neg", |x| -x),
    ("add", |x| x + x.sin()),
    ("sub", |x| x.sin() - x),
    ("scale", |x| x * 3.0),
    ("component_mul", |x| x.component_mul(x.sin())),
    ("component_div", |x| x.sin().component_div(x)),
    ("component_pow", |x| x.component_pow(x.exp())),
    ("atan2", |x| x.atan2(x.powi(2))),
    ("hypot", |x| x.hypot(x.powi(2))),
    ("rel_entr", |x| x.rel_entr(x.powi(2))),
    ("sup", |x| x.sup(x.powi(2))),
    ("inf", |x| x.inf(x.powi(2))),
    ("select", |x| x.select(x, x.exp())),
];

/// `take` decides at entry 0 for x² and at entry 1 for `f` of something.
fn pick<'g>(g: &'g Graph, swapped: bool, square: Matrix<'g>, f: Matrix<'g>) -> Matrix<'g> {
    match swapped {
        false => g.data(&[1.0, 0.0]).select(square, f),
        true => g.data(&[0.0, 1.0]).select(f, square),
    }
}

#[test]
fn the_branch_not_taken_never_matters_whatever_function_is_in_it() {
    // ln x is NaN, −∞ or has infinite slopes at the entry that is not taken.
    for (name, f) in FUNCTIONS {
        for bad in [-1.0, 0.0, -0.0, -1e150] {
            for swapped in [false, true] {
                let g = Graph::new();
                let x = g.vector("x", 2);
                let inner = (x + g.repeat(2, 1, 0.0)).ln();
                let both = g.function(pick(&g, swapped, x.powi(2), f(inner)).sum()).unwrap();
                let good = 1.6;
                let all = all_ways(&both.at(&[x.is(&[bad, good])]).unwrap());

                let h = Graph::new();
                let y = h.vector("y", 1);
                let alone = h.function(f(y.ln()).sum()).unwrap();
                let one = all_ways(&alone.at(&[y.is(good)]).unwrap());
                let what = format!("{name} of ln({bad})");
                assert!(same(all.value, bad * bad + one.value), "{what}: {}", all.value);
                assert_close(&all.gradient[..1], &[2.0 * bad], &what);
                assert_close(&all.gradient[1..], &one.gradient, &what);
                assert_close(all.hessian.as_slice(), &[2.0, 0.0, 0.0, one.hessian[(0, 0)]], &what);
            }
        }
    }
}

#[test]
fn a_reduction_in_the_branch_not_taken_does_not_matter() {
    type Reduction = for<'g> fn(Matrix<'g>) -> hessite::Scalar<'g>;
    let reductions: [(&str, Reduction); 6] = [
        ("sum", |x| x.sum()),
        ("mean", |x| x.mean()),
        ("norm", |x| x.norm()),
        ("norm_squared", |x| x.norm_squared()),
        ("max", |x| x.max()),
        ("dot", |x| x.dot(x.sin())),
    ];
    for (name, f) in reductions {
        let g = Graph::new();
        let x = g.vector("x", 2);
        let taken = x.norm_squared().to_matrix();
        let p = g.constant(0.0).to_matrix().select(f(x.ln()).to_matrix(), taken);
        let f = g.function(p).unwrap();
        for point in [[-1.0, 2.0], [0.0, 0.0]] {
            let all = all_ways(&f.at(&[x.is(&point)]).unwrap());
            assert_close(&all.gradient, &[2.0 * point[0], 2.0 * point[1]], name);
            assert_close(all.hessian.as_slice(), &[2.0, 0.0, 0.0, 2.0], name);
        }
    }
}

#[test]
fn the_pieces_of_maxima_and_clamps_are_branches_too() {
    // √x has an infinite slope at 0, where the other piece is taken.
    at(&[0.0], |x| x[0].sqrt().max(x[0].powi(2) + 1.0)).gives(1.0, &[0.0], &[2.0]);
    at(&[0.0], |x| x[0].sqrt().clamp(0.5, 2.0)).gives(0.5, &[0.0], &[0.0]);
    at(&[0.0], |x| x[0].ln().clamp(-5.0, 5.0) * x[0]).gives(0.0, &[-5.0], &[0.0]);
}

#[test]
fn a_condition_may_depend_on_the_point() {
    let g = Graph::new();
    let x = g.vector("x", 3);
    let zero = g.repeat(3, 1, 0.0);
    // √x where x ≥ 0, else x².
    let f = g.function(x.at_least(zero).select(x.sqrt(), x.powi(2)).sum()).unwrap();
    let all = all_ways(&f.at(&[x.is(&[4.0, -3.0, 1.0])]).unwrap());
    all.are(12.0, &[0.25, -6.0, 0.5], &[-1.0 / 32.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, -0.25]);
}

#[test]
fn the_operation_blamed_is_on_the_way_to_the_result() {
    let g = Graph::new();
    let (x, y) = (g.vector("x", 2), g.scalar("y"));
    let harmless = g.data(&[1.0, 0.0]).select(x, x.ln()).sum();
    let (bad, line) = (y.exp(), line!());
    let f = g.function(harmless + bad).unwrap();
    match f.at(&[x.is(&[-1.0, 1.0]), y.is(800.0)]) {
        Err(hessite::Error::NonFinite { op, line: at, phase: Phase::Value, .. }) => {
            assert_eq!((op.as_str(), at.location().unwrap().line()), ("exp", line));
        }
        other => panic!("{other:?}"),
    }
    assert!(f.with_mode(Mode::Ieee).at(&[x.is(&[-1.0, 1.0]), y.is(800.0)]).unwrap().value().is_infinite());
}
