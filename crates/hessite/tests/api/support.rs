//! One point of one function, in all modes and by all ways to its derivatives.

use hessite::{Binding, Error, Function, Graph, Mode, Phase, Point, Result, Scalar, bind};
use nalgebra::DMatrix;
use std::panic::Location;

pub const INF: f64 = f64::INFINITY;
pub const NAN: f64 = f64::NAN;

/// Names of the scalar variables of a case.
const NAMES: [&str; 3] = ["x", "y", "z"];

/// Whether two results are the same: NaN as NaN, an infinity as itself, else to the rounding of the at most a dozen
/// operations that the functions of these tests take (each within 2 ulp).
pub fn same(a: f64, b: f64) -> bool {
    let close = (a - b).abs() <= 24.0 * f64::EPSILON * a.abs().max(b.abs());
    (a.is_nan() && b.is_nan()) || a == b || (close && a.is_finite() && b.is_finite())
}

/// As [`same`], entry by entry.
#[track_caller]
pub fn assert_same(got: &[f64], expected: &[f64], what: &str) {
    assert_eq!(got.len(), expected.len(), "{what}: lengths");
    let all = got.iter().zip(expected).all(|(&a, &b)| same(a, b));
    assert!(all, "{what}: got {got:?}, expected {expected:?}");
}

/// The bits of both, NaN of any kind as NaN.
#[track_caller]
pub fn assert_bits(got: &[f64], expected: &[f64], what: &str) {
    let bits =
        |x: &[f64]| x.iter().map(|x| if x.is_nan() { u64::MAX } else { x.to_bits() }).collect::<Vec<_>>();
    assert_eq!(bits(got), bits(expected), "{what}: got {got:?}, expected {expected:?}");
}

/// A function of up to three scalars at one point.
pub struct Case {
    function: Function,
    at: Vec<f64>,
}

/// Records `build` of as many scalars as `at` has entries.
pub fn at(at: &[f64], build: impl for<'g> Fn(&[Scalar<'g>]) -> Scalar<'g>) -> Case {
    let g = Graph::new();
    let x: Vec<Scalar<'_>> = NAMES[..at.len()].iter().map(|n| g.scalar(n)).collect();
    Case { function: g.function(build(&x)).unwrap(), at: at.to_vec() }
}

impl Case {
    /// Asserts value, gradient and Hessian (row by row), at a point that is no kink, in all modes.
    #[track_caller]
    pub fn gives(&self, value: f64, gradient: &[f64], hessian: &[f64]) {
        self.check(value, gradient, hessian, None);
    }

    /// The same at a kink of operation `op`.
    #[track_caller]
    pub fn gives_at_kink(&self, op: &str, value: f64, gradient: &[f64], hessian: &[f64]) {
        self.check(value, gradient, hessian, Some(op));
    }

    #[track_caller]
    fn check(&self, value: f64, gradient: &[f64], hessian: &[f64], kink: Option<&str>) {
        let n = self.at.len();
        assert_eq!((gradient.len(), hessian.len()), (n, n * n), "the case itself");
        let h = DMatrix::from_row_slice(n, n, hessian);
        self.ieee(value, gradient, &h);
        self.checked(Mode::Checked, value, gradient, &h);
        match kink {
            None => self.checked(Mode::Strict, value, gradient, &h),
            Some(op) => match self.point(Mode::Strict) {
                Err(Error::Kink { op: named, line, index, .. }) => {
                    assert_eq!((named.as_str(), index), (op, (0, 0)));
                    near(line, Location::caller());
                }
                other => panic!("a kink of {op} is no Err(Kink) but {other:?}"),
            },
        }
    }

    fn bindings(&self) -> Vec<Binding<'_>> {
        NAMES.iter().zip(&self.at).map(|(&n, &x)| bind(n, x)).collect()
    }

    fn point(&self, mode: Mode) -> Result<Point> {
        self.function.with_mode(mode).at(&self.bindings())
    }

    /// All ways give the same numbers, whatever they are.
    #[track_caller]
    fn ieee(&self, value: f64, gradient: &[f64], h: &DMatrix<f64>) {
        let p = self.point(Mode::Ieee).unwrap();
        assert_same(&[p.value()], &[value], "value");
        assert_same(p.gradient().unwrap().stacked().as_slice(), gradient, "gradient");
        assert_same(p.vjp(1.0).unwrap().stacked().as_slice(), gradient, "vjp of 1");
        let names = &NAMES[..self.at.len()];
        assert_same(p.hessian(names).unwrap().matrix().as_slice(), h.as_slice(), "hessian");
        for (k, &name) in names.iter().enumerate() {
            let hv = p.hvp(&[bind(name, 1.0)]).unwrap().stacked();
            assert_same(hv.as_slice(), h.column(k).as_slice(), &format!("hvp along {name}"));
            assert_same(p.jvp(&[bind(name, 1.0)]).unwrap().as_slice(), &[gradient[k]], "jvp");
            assert_same(p.jacobian(name).unwrap().matrix().as_slice(), &[gradient[k]], "jacobian");
            assert_same(p.hessian(&[name]).unwrap().matrix().as_slice(), &[h[(k, k)]], "hessian of one");
            for (i, &other) in names.iter().enumerate() {
                let b = p.block(other, name).unwrap();
                assert_same(b.matrix().as_slice(), &[h[(i, k)]], &format!("block({other}, {name})"));
            }
        }
        self.panels(&p, h);
    }

    /// A lane of a panel is the product with all variables seeded, zeros being ordinary numbers there.
    #[track_caller]
    fn panels(&self, p: &Point, h: &DMatrix<f64>) {
        let n = self.at.len();
        let unit = DMatrix::<f64>::identity(n, n);
        let panel = p.hvp_many(&unit).unwrap();
        let mut applied = vec![7.0; n];
        for k in 0..n {
            let direction: Vec<Binding<'_>> = (0..n).map(|i| bind(NAMES[i], unit[(i, k)])).collect();
            let hv = p.hvp(&direction).unwrap().stacked();
            assert_bits(panel.column(k).as_slice(), hv.as_slice(), "lane of a panel");
            p.operator().apply(unit.column(k).as_slice(), &mut applied).unwrap();
            assert_bits(&applied, hv.as_slice(), "operator");
            if n == 1 || h.iter().all(|x| x.is_finite()) {
                assert_same(hv.as_slice(), h.column(k).as_slice(), "product with zeros seeded");
            }
        }
    }

    /// What is not finite is an error that names the phase; all else comes out as in Ieee; errors break nothing.
    #[track_caller]
    fn checked(&self, mode: Mode, value: f64, gradient: &[f64], h: &DMatrix<f64>) {
        let finite = |x: &[f64]| x.iter().all(|x| x.is_finite());
        let p = match self.point(mode) {
            Ok(p) => p,
            Err(e) => return assert_nonfinite(&e, Phase::Value, !finite(&[value]), Location::caller()),
        };
        assert_same(&[p.value()], &[value], "value");
        let names = &NAMES[..self.at.len()];
        for _ in 0..2 {
            match p.gradient() {
                Ok(g) => assert_same(g.stacked().as_slice(), gradient, "gradient, checked"),
                Err(e) => assert_nonfinite(&e, Phase::Gradient, !finite(gradient), Location::caller()),
            }
            match p.hessian(names) {
                Ok(got) => assert_same(got.matrix().as_slice(), h.as_slice(), "hessian, checked"),
                Err(e) => assert_nonfinite(&e, Phase::Tangent, !finite(h.as_slice()), Location::caller()),
            }
            for (k, &name) in names.iter().enumerate() {
                let column = h.column(k);
                match p.hvp(&[bind(name, 1.0)]) {
                    Ok(hv) => assert_same(hv.stacked().as_slice(), column.as_slice(), "hvp, checked"),
                    Err(e) => {
                        assert_nonfinite(&e, Phase::Tangent, !finite(column.as_slice()), Location::caller())
                    }
                }
            }
        }
        assert_same(&[p.value()], &[value], "value after the errors");
    }
}

fn assert_nonfinite(e: &Error, expected: Phase, due: bool, caller: &Location<'_>) {
    assert!(due, "all is finite here, yet: {e}");
    match e {
        Error::NonFinite { phase, line, index, value, .. } => {
            assert_eq!((*phase, *index), (expected, (0, 0)), "{e}");
            assert!(!value.is_finite(), "{e}");
            near(*line, caller);
        }
        other => panic!("expected NonFinite in {expected}, got {other:?}"),
    }
}

/// The line is the one of the closure in the call that began at `caller`.
fn near(line: hessite::Line, caller: &Location<'_>) {
    let at = line.location().unwrap_or_else(|| panic!("no line"));
    assert_eq!(at.file(), caller.file());
    assert!(at.line().abs_diff(caller.line()) <= 6, "{line} is far from {caller}");
}

/// Value, stacked gradient and Hessian over all variables.
pub struct Derivatives {
    pub value: f64,
    pub gradient: Vec<f64>,
    pub hessian: DMatrix<f64>,
}

impl Derivatives {
    /// Asserts all three; the Hessian row by row.
    #[track_caller]
    pub fn are(&self, value: f64, gradient: &[f64], hessian: &[f64]) {
        let n = gradient.len();
        assert_same(&[self.value], &[value], "value");
        assert_close(&self.gradient, gradient, "gradient");
        assert_close(self.hessian.as_slice(), DMatrix::from_row_slice(n, n, hessian).as_slice(), "hessian");
    }
}

/// Equal to the rounding of sums over a few dozen terms, relative to the largest entry.
#[track_caller]
pub fn assert_close(got: &[f64], expected: &[f64], what: &str) {
    assert_within(got, expected, 64.0 * f64::EPSILON, what);
}

#[track_caller]
fn assert_within(got: &[f64], expected: &[f64], tolerance: f64, what: &str) {
    let largest = expected.iter().filter(|x| x.is_finite()).fold(0.0, |m: f64, x| m.max(x.abs()));
    beside(got, expected, largest, tolerance, what);
}

/// Equal within a tolerance that is relative to `size`.
#[track_caller]
fn beside(got: &[f64], expected: &[f64], size: f64, tolerance: f64, what: &str) {
    let near = |a: f64, b: f64| same(a, b) || (a - b).abs() <= tolerance * size;
    assert_eq!(got.len(), expected.len(), "{what}: lengths");
    assert!(
        got.iter().zip(expected).all(|(&a, &b)| near(a, b)),
        "{what}: got {got:?}, expected {expected:?}"
    );
}

/// The derivatives at a point by every way there is, which must agree.
#[track_caller]
pub fn all_ways(p: &Point) -> Derivatives {
    all_ways_within(p, 64.0 * f64::EPSILON)
}

/// The same up to what a factorisation leaves, relative to the largest entry.
#[track_caller]
pub fn all_ways_within(p: &Point, tolerance: f64) -> Derivatives {
    let close = |got: &[f64], expected: &[f64], what: &str| assert_within(got, expected, tolerance, what);
    let names: Vec<(String, usize)> =
        p.function().variables().map(|(n, (r, c))| (n.to_string(), r * c)).collect();
    let keys: Vec<&str> = names.iter().map(|(n, _)| n.as_str()).collect();
    let gradient = p.gradient().unwrap().stacked().as_slice().to_vec();
    close(p.vjp(1.0).unwrap().stacked().as_slice(), &gradient, "vjp of 1");
    let h = p.hessian(&keys).unwrap().into_matrix();
    close(h.transpose().as_slice(), h.as_slice(), "transpose of the hessian");
    let n = h.nrows();
    let panel = p.hvp_many(&DMatrix::<f64>::identity(n, n)).unwrap();
    let mut start = 0;
    for (name, len) in &names {
        for k in 0..*len {
            let mut unit = vec![0.0; *len];
            unit[k] = 1.0;
            let column = h.column(start + k);
            let size = h.amax();
            let hv = p.hvp(&[bind(name, &unit)]).unwrap().stacked();
            beside(hv.as_slice(), column.as_slice(), size, tolerance, &format!("hvp along {name}[{k}]"));
            beside(panel.column(start + k).as_slice(), column.as_slice(), size, tolerance, "lane of a panel");
            let slope = p.jvp(&[bind(name, &unit)]).unwrap();
            let size = gradient.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
            beside(slope.as_slice(), &gradient[start + k..][..1], size, tolerance, "jvp");
        }
        let slopes = p.jacobian(name).unwrap().into_matrix();
        close(slopes.as_slice(), &gradient[start..][..*len], "jacobian");
        let mut top = 0;
        for (other, height) in &names {
            let b = p.block(other, name).unwrap().into_matrix();
            let part = h.view((top, start), (*height, *len)).into_owned();
            close(b.as_slice(), part.as_slice(), &format!("block({other}, {name})"));
            top += height;
        }
        start += len;
    }
    Derivatives { value: p.value(), gradient, hessian: h }
}

/// All ways in all modes, the same bits in each; where there is a kink, `Strict` says so and has none.
#[track_caller]
pub fn in_all_modes(f: &Function, x: &[f64], tolerance: f64) -> Derivatives {
    let checked = all_ways_within(&f.with_mode(Mode::Checked).at_stacked(x).unwrap(), tolerance);
    for mode in [Mode::Ieee, Mode::Strict] {
        let at = match f.with_mode(mode).at_stacked(x) {
            Err(Error::Kink { .. }) if mode == Mode::Strict => continue,
            at => at.unwrap(),
        };
        let other = all_ways_within(&at, tolerance);
        assert_bits(&[other.value], &[checked.value], "value in another mode");
        assert_bits(&other.gradient, &checked.gradient, "gradient in another mode");
        assert_bits(other.hessian.as_slice(), checked.hessian.as_slice(), "hessian in another mode");
    }
    checked
}
