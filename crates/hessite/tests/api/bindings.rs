//! Misuse of a finished function: names, keys, shapes, lengths and numbers that are not finite. Every call refuses in
//! words, and function and points stay as they were.

use super::support::*;
use hessite::{Error, Function, Graph, Mode, Point, bind};
use nalgebra::{DMatrix, DVector};

/// ‖X·w‖² + Σ sin, of X 2×3 and "weights" 3×1.
fn sample() -> Function {
    let g = Graph::new();
    let (x, w) = (g.matrix("X", 2, 3), g.vector("weights", 3));
    g.function((x * w).norm_squared() + x.sin().sum()).unwrap()
}

const X: [f64; 6] = [1.0, -2.0, 0.5, 3.0, -1.0, 0.25];
const W: [f64; 3] = [2.0, -1.0, 0.75];

fn point(f: &Function) -> Point {
    f.at(&[bind("X", &X), bind("weights", &W)]).unwrap()
}

/// All that a point can be asked for, as bits.
fn everything(p: &Point) -> Vec<u64> {
    let mut all = vec![p.value()];
    all.extend(p.gradient().unwrap().stacked().iter());
    all.extend(p.hvp(&[bind("X", &X), bind("weights", &W)]).unwrap().stacked().iter());
    all.extend(p.hessian(&["weights", "X"]).unwrap().matrix());
    all.extend(p.block("X", "weights").unwrap().matrix());
    all.extend(p.hvp_many(&DMatrix::<f64>::identity(9, 9)).unwrap().iter());
    all.into_iter().map(f64::to_bits).collect()
}

#[test]
fn a_name_bound_twice_left_out_or_unknown() {
    let f = sample();
    let twice = f.at(&[bind("X", &X), bind("X", &X), bind("weights", &W)]).unwrap_err();
    assert_eq!(twice.to_string(), "binding of \"X\": bound twice");
    let missing = f.at(&[bind("X", &X)]).unwrap_err().to_string();
    assert!(
        missing.starts_with("binding of \"weights\": left unbound; it is 3x1 and declared at "),
        "{missing}"
    );
    assert!(missing.contains(file!()));
    let near = f.at(&[bind("X", &X), bind("wieghts", &W)]).unwrap_err();
    assert_eq!(near.to_string(), "binding of \"wieghts\": unknown name; did you mean \"weights\"?");
    let case = f.at(&[bind("x", &X), bind("weights", &W)]).unwrap_err();
    assert_eq!(case.to_string(), "binding of \"x\": unknown name; did you mean \"X\"?");
}

#[test]
fn every_call_with_a_key_knows_names_alike() {
    let f = sample();
    let p = point(&f);
    let g = p.gradient().unwrap();
    let h = p.hessian(&["X"]).unwrap();
    let errors = [
        p.hvp(&[bind("weihts", &W)]).map(drop),
        p.jvp(&[bind("weihts", &W)]).map(drop),
        f.stack(&[bind("weihts", &W)]).map(drop),
        p.block("weihts", "X").map(drop),
        p.block("X", "weihts").map(drop),
        p.hessian(&["weihts"]).map(drop),
        p.jacobian("weihts").map(drop),
        p.third(&[bind("weihts", &W)], &[]).map(drop),
        g.of("weihts").map(drop),
    ];
    for e in errors {
        assert_eq!(
            e.unwrap_err().to_string(),
            "binding of \"weihts\": unknown name; did you mean \"weights\"?"
        );
    }
    assert_eq!(
        h.block("Y", "X").unwrap_err().to_string(),
        "binding of \"Y\": unknown name; did you mean \"X\"?"
    );
    assert_eq!(p.hessian(&["X", "X"]).unwrap_err().to_string(), "binding of \"X\": listed twice");
}

#[test]
fn a_key_of_another_graph_is_refused_by_every_call() {
    let f = sample();
    let other = Graph::new();
    let foreign = other.matrix("X", 2, 3).var();
    let mut p = point(&f);
    let g = p.gradient().unwrap();
    let h = p.hessian(&["X"]).unwrap();
    let before = everything(&p);
    let errors = [
        f.at(&[foreign.is(&X), bind("weights", &W)]).map(drop),
        p.update(&[foreign.is(&X), bind("weights", &W)]),
        f.stack(&[foreign.is(&X)]).map(drop),
        p.hvp(&[foreign.is(&X)]).map(drop),
        p.jvp(&[foreign.is(&X)]).map(drop),
        p.third(&[foreign.is(&X)], &[]).map(drop),
        p.block(foreign, "X").map(drop),
        p.block("X", foreign).map(drop),
        p.block_into(foreign, "X", &mut []).map(drop),
        p.hessian(&[foreign]).map(drop),
        p.hessian_into(&[foreign], &mut []).map(drop),
        p.jacobian(foreign).map(drop),
        g.of(foreign).map(drop),
        h.block(foreign, "X").map(drop),
        h.block("X", foreign).map(drop),
    ];
    for e in errors {
        assert!(matches!(e, Err(Error::MixedGraph { .. })), "{e:?}");
    }
    assert_eq!(everything(&p), before);
}

#[test]
fn a_handle_that_is_no_variable_is_refused_as_a_key() {
    let g = Graph::new();
    let x = g.vector("x", 2);
    let square = x.component_mul(x);
    let f = g.function(square.sum()).unwrap();
    let late = g.vector("late", 2);
    for key in [square.var(), late.var(), g.data(&[1.0, 2.0]).var()] {
        let p = f.at(&[x.is(&[1.0, 2.0])]).unwrap();
        for e in [
            f.at(&[key.is(&[1.0, 2.0])]).map(drop),
            p.block(key, x).map(drop),
            p.gradient().unwrap().of(key).map(drop),
        ] {
            assert!(matches!(e, Err(Error::Binding { .. })), "{e:?}");
        }
    }
}

#[test]
fn shapes_at_a_point_are_never_bent() {
    let f = sample();
    let seed = |name: &str, expected: &str, got: &str| Error::SeedShape {
        name: name.into(),
        expected: expected.into(),
        got: got.into(),
    };
    let transposed = DMatrix::<f64>::zeros(3, 2);
    let e = f.at(&[bind("X", &transposed), bind("weights", &W)]).unwrap_err();
    assert_eq!(e, seed("X", "2x3", "3x2"));
    assert_eq!(e.to_string(), "X: expected 2x3, got 3x2");
    let e = f.at(&[bind("X", &X), bind("weights", &X)]).unwrap_err();
    assert_eq!(e, seed("weights", "3x1", "6 numbers"));
    assert_eq!(
        f.at(&[bind("X", &X), bind("weights", 1.0)]).unwrap_err(),
        seed("weights", "3x1", "1 numbers")
    );
    let row = DMatrix::<f64>::zeros(1, 3);
    assert_eq!(f.at(&[bind("X", &X), bind("weights", &row)]).unwrap_err(), seed("weights", "3x1", "1x3"));

    let mut p = point(&f);
    let before = everything(&p);
    assert_eq!(p.hvp(&[bind("weights", &X)]).unwrap_err(), seed("weights", "3x1", "6 numbers"));
    assert_eq!(p.jvp(&[bind("X", &transposed)]).unwrap_err(), seed("X", "2x3", "3x2"));
    assert_eq!(f.stack(&[bind("X", &W)]).unwrap_err(), seed("X", "2x3", "3 numbers"));
    assert_eq!(p.vjp(&W).unwrap_err(), seed("weight", "1x1", "3 numbers"));
    assert_eq!(p.vjp(&transposed).unwrap_err(), seed("weight", "1x1", "3x2"));
    assert_eq!(p.update(&[bind("X", &W), bind("weights", &W)]).unwrap_err(), seed("X", "2x3", "3 numbers"));
    assert_eq!(everything(&p), before);
}

#[test]
fn slices_of_the_wrong_length_are_refused() {
    let f = sample();
    let p = point(&f);
    let before = everything(&p);
    let (nine, ten) = ([1.0; 9], [1.0; 10]);
    let mut out = [7.0; 10];
    let full = DVector::from_element(10, 1.0);
    let calls = [
        p.gradient_into(&mut out),
        p.hvp_into(&[bind("X", &X)], &mut out),
        p.hvp_many_into(&nine, 1, &mut out),
        p.hvp_many_into(&ten, 1, &mut out[..9]),
        p.hvp_many_into(&nine, 2, &mut out[..9]),
        p.hvp_many_into(&nine, usize::MAX, &mut out[..9]),
        p.hvp_many(&ten[..]).map(drop),
        p.hvp_many(&full).map(drop),
        p.block_into("X", "weights", &mut out),
        p.hessian_into(&["X"], &mut out),
        p.operator().apply(&ten, &mut out[..9]),
        p.operator().apply(&nine, &mut out),
        p.operator().apply_many(&nine, 0, &mut []),
    ];
    for (k, e) in calls.into_iter().enumerate() {
        assert!(matches!(e, Err(Error::SeedShape { .. })), "call {k}: {e:?}");
    }
    assert_eq!(out, [7.0; 10], "what is refused writes nothing");
    assert_eq!(everything(&p), before);
}

#[test]
fn numbers_that_are_not_finite_are_named_with_their_index() {
    let f = sample();
    let mut p = point(&f);
    let before = everything(&p);
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut x = X;
        x[3] = bad;
        let mut panel = [1.0; 18];
        panel[9 + 8] = bad;
        let mut out = [0.0; 18];
        let errors = [
            ("X", (1, 1), f.at(&[bind("X", &x), bind("weights", &W)]).map(drop)),
            ("X", (1, 1), p.update(&[bind("X", &x), bind("weights", &W)])),
            ("X", (1, 1), p.hvp(&[bind("X", &x)]).map(drop)),
            ("X", (1, 1), p.jvp(&[bind("X", &x)]).map(drop)),
            ("X", (1, 1), p.third(&[bind("X", &x)], &[bind("X", &X)]).map(drop)),
            ("weights", (2, 0), p.hvp_many_into(&panel, 2, &mut out)),
            ("weights", (2, 0), p.operator().apply(&panel[9..], &mut out[..9])),
            ("weight", (0, 0), p.vjp(bad).map(drop)),
        ];
        for (expected, at, e) in errors {
            match e {
                Err(Error::NonFiniteInput { name, index, value }) => {
                    assert_eq!((name.as_str(), index), (expected, at));
                    assert_bits(&[value], &[bad], "the number");
                }
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(everything(&p), before);
    let e = f.at(&[bind("X", &[f64::INFINITY; 6]), bind("weights", &W)]).unwrap_err();
    assert_eq!(e.to_string(), "X: entry (0, 0) is inf; a finite number is needed (Mode::Ieee lets it pass)");
    // Mode::Ieee: they propagate.
    let p = f.with_mode(Mode::Ieee).at(&[bind("X", &[f64::NAN; 6]), bind("weights", &W)]).unwrap();
    assert!(p.value().is_nan() && p.gradient().unwrap().stacked().iter().all(|x| x.is_nan()));
}

#[test]
fn what_needs_a_scalar_says_so() {
    let g = Graph::new();
    let x = g.matrix("X", 2, 3);
    let f = g.function(x.exp()).unwrap();
    let p = f.at(&[x.is(&X)]).unwrap();
    let mut out = [0.0; 36];
    let errors = [
        p.gradient().map(drop),
        p.gradient_into(&mut out[..6]),
        p.hvp(&[x.is(&X)]).map(drop),
        p.hvp_into(&[x.is(&X)], &mut out[..6]),
        p.hvp_many(&X).map(drop),
        p.hvp_many_into(&X, 1, &mut out[..6]),
        p.operator().apply(&X, &mut out[..6]),
        p.block(x, x).map(drop),
        p.block_into(x, x, &mut out),
        p.hessian(&[x]).map(drop),
        p.hessian_into(&[x], &mut out),
        p.third(&[x.is(&X)], &[x.is(&X)]).map(drop),
        f.estimate().map(drop),
    ];
    for (k, e) in errors.into_iter().enumerate() {
        assert!(matches!(e, Err(Error::NotScalar { rows: 2, cols: 3, .. })), "call {k}: {e:?}");
    }
    assert_eq!(
        p.gradient().unwrap_err().to_string(),
        "gradient needs a scalar function; this one is 2x3. Use jvp, vjp or jacobian, or record a scalar of it"
    );
    assert_eq!(p.jvp(&[x.is(&[1.0; 6])]).unwrap(), p.value_matrix());
}

#[test]
fn a_failed_update_leaves_the_point_where_it_was() {
    let f = sample();
    let mut p = point(&f);
    let before = everything(&p);
    assert!(p.update(&[bind("X", &X)]).is_err());
    assert!(p.update(&[bind("X", &X), bind("weights", &[1.0, f64::NAN, 0.0])]).is_err());
    assert_eq!(everything(&p), before);
    // And it moves on afterwards, and back.
    p.update(&[bind("weights", &[0.0; 3]), bind("X", &[0.0; 6])]).unwrap();
    assert_eq!(p.value(), 0.0);
    p.update(&[bind("X", &X), bind("weights", &W)]).unwrap();
    assert_eq!(everything(&p), before);
}

#[test]
fn a_point_that_moved_answers_as_a_fresh_one() {
    let f = sample();
    let elsewhere = [bind("X", &[0.3, 1.0, -0.7, 2.0, 0.1, -1.5]), bind("weights", &[-0.2, 0.9, 1.1])];
    let mut p = point(&f);
    let before = everything(&p);
    p.update(&elsewhere).unwrap();
    let moved = everything(&p);
    assert_ne!(moved, before);
    assert_eq!(moved, everything(&f.at(&elsewhere).unwrap()));
}

#[test]
fn a_non_finite_value_moves_the_point_and_breaks_nothing() {
    let g = Graph::new();
    let x = g.vector("x", 2);
    let f = g.function(x.ln().sum()).unwrap();
    let mut p = f.at(&[x.is(&[1.0, 2.0])]).unwrap();
    let h = p.hessian(&[x]).unwrap();
    assert!(matches!(p.update(&[x.is(&[1.0, -2.0])]), Err(Error::NonFinite { .. })));
    assert!(p.value().is_nan());
    assert!(matches!(p.hvp(&[x.is(&[1.0, 1.0])]), Err(Error::NonFinite { .. })));
    p.update(&[x.is(&[1.0, 2.0])]).unwrap();
    assert_eq!(p.hessian(&[x]).unwrap(), h);
}

#[test]
fn errors_cross_threads_and_are_errors() {
    fn crosses<E: std::error::Error + Send + Sync + Clone + PartialEq + 'static>(_: &E) {}
    let e = sample().at(&[]).unwrap_err();
    crosses(&e);
    let boxed: Box<dyn std::error::Error + Send + Sync> = e.clone().into();
    let back = std::thread::spawn(move || boxed).join().unwrap();
    assert_eq!(back.downcast_ref::<Error>(), Some(&e));
}
