//! The table. To add a function: add its row, name it in [`TABLE`], and, if it is the user's to call,
//! a method in `record`.

use super::{Over, Row, Rule};
use crate::dense::functions as array;
use crate::dense::simd::{each, each_pair};
use crate::program::{Builder, Value};

/// Every row, for the tests that run over all of them.
#[cfg(test)]
pub(crate) static TABLE: &[&Row] = &[
    &ADD,
    &SUB,
    &NEG,
    &SCALE,
    &MUL,
    &GATE,
    &DIV,
    &RECIP,
    &RECIP_UP,
    &RECIP_OR_ZERO,
    &DIV_OR_ZERO,
    &SQUARE,
    &POWI,
    &POWF,
    &POW_LOG,
    &SQRT,
    &CBRT,
    &EXP,
    &EXP_M1,
    &LN,
    &LN_SLOPE,
    &LN_1P,
    &LOG2,
    &LOG10,
    &SIN,
    &COS,
    &TAN,
    &ASIN,
    &ACOS,
    &ATAN,
    &SINH,
    &COSH,
    &TANH,
    &SECH_SQUARED,
    &ASINH,
    &ACOSH,
    &ATANH,
    &SIGMOID,
    &SOFTPLUS,
    &ERF,
    &ERFC,
    &ABS,
    &SIGN,
    &FLOOR,
    &CEIL,
    &ROUND,
    &MAX,
    &MIN,
    &AT_LEAST,
    &BELOW,
    &ATAN2,
    &HYPOT,
    &XLNX,
    &REL_ENTR,
    &LN_RATIO,
    &NOT_INFINITE,
    &BOTH,
    &IS_ZERO,
];

const fn one(name: &'static str, f: fn(&[f64], &mut [f64]), rule: Rule) -> Row {
    Row { name, over: Over::One(f), rule, dear: false, kink: None }
}

const fn two(name: &'static str, f: fn(f64, &[f64], &[f64], &mut [f64]), rule: Rule) -> Row {
    Row { name, over: Over::Two(f), rule, dear: false, kink: None }
}

const fn dear(mut row: Row) -> Row {
    row.dear = true;
    row
}

const fn kink(mut row: Row, at: fn(&[f64]) -> bool) -> Row {
    row.kink = Some(at);
    row
}

/// ẏ = c·ẋ.
fn times(b: &mut Builder, c: Value, t: Value) -> Option<Value> {
    Some(b.mul(c, t))
}

macro_rules! over1 {
    (|$x:ident| $f:expr) => {
        |xs: &[f64], out: &mut [f64]| each(xs, out, |$x| $f)
    };
}

macro_rules! over2 {
    (|$x:ident, $y:ident| $f:expr) => {
        |_: f64, xs: &[f64], ys: &[f64], out: &mut [f64]| each_pair(xs, ys, out, |$x, $y| $f)
    };
}

// Linear rows.
pub(crate) static ADD: Row = two("add", over2!(|x, y| x + y), Rule::Sum(&[1.0, 1.0]));
pub(crate) static SUB: Row = two("sub", over2!(|x, y| x - y), Rule::Sum(&[1.0, -1.0]));
pub(crate) static NEG: Row = one("neg", over1!(|x| -x), Rule::Sum(&[-1.0]));
pub(crate) static MUL: Row = two("mul", over2!(|x, y| x * y), Rule::Product);
/// c ≠ 0 ? x : 0, so that what is not selected never matters, NaN or not.
pub(crate) static GATE: Row = two("gate", over2!(|c, x| if c != 0.0 { x } else { 0.0 }), Rule::Gate);
pub(crate) static SCALE: Row = Row {
    name: "scale",
    over: Over::OneWith(|p, xs, out| each(xs, out, |x| p * x)),
    rule: Rule::Scale,
    dear: false,
    kink: None,
};

// Quotients and powers.
pub(crate) static DIV: Row = two(
    "div",
    over2!(|x, y| x / y),
    Rule::Smooth(|b, at, j, t| {
        let r = b.recip(at.x[1]);
        let c = if j == 0 { r } else { b.mul(at.y, r) };
        let v = b.mul(c, t);
        Some(if j == 0 { v } else { b.neg(v) })
    }),
);
/// 1/x; y′ = −y².
pub(crate) static RECIP: Row = one("recip", array::recip, Rule::Smooth(minus_square));
/// 1/x with +∞ at either zero: the slopes of functions that end at 0 and are 0 at −0 too.
pub(crate) static RECIP_UP: Row = one("recip_up", over1!(|x| 1.0 / (x + 0.0)), Rule::Smooth(minus_square));
/// x/y with 0 at y = 0: minimum-norm subgradients (norm, hypot). Its derivatives are written with the quotient, for
/// 1/y² may over- and underflow where they do not.
pub(crate) static DIV_OR_ZERO: Row = two(
    "div_or_zero",
    over2!(|x, y| if y == 0.0 { 0.0 } else { x / y }),
    Rule::Smooth(|b, at, j, t| {
        let r = b.map(&RECIP_OR_ZERO, &[at.x[1]]);
        let c = if j == 0 { r } else { b.mul(at.y, r) };
        let v = b.mul(c, t);
        Some(if j == 0 { v } else { b.neg(v) })
    }),
);
/// 1/x with 0 at 0, the coefficient of such subgradients.
pub(crate) static RECIP_OR_ZERO: Row =
    one("recip_or_zero", over1!(|x| if x == 0.0 { 0.0 } else { 1.0 / x }), Rule::Smooth(minus_square));

fn minus_square(b: &mut Builder, at: super::At<'_>, _: usize, t: Value) -> Option<Value> {
    let s = b.map(&SQUARE, &[at.y]);
    let c = b.neg(s);
    times(b, c, t)
}

pub(crate) static SQUARE: Row = one(
    "square",
    over1!(|x| x * x),
    Rule::Smooth(|b, at, _, t| {
        let c = b.scale(2.0, at.x[0]);
        times(b, c, t)
    }),
);
/// xⁿ for an integer n (the parameter); y′ = n xⁿ⁻¹.
pub(crate) static POWI: Row = Row {
    name: "powi",
    over: Over::OneWith(|p, xs, out| match p as i32 {
        // The usual ones without a call for each entry, in its order of multiplications.
        1 => each(xs, out, |x| x),
        2 => each(xs, out, |x| x * x),
        3 => each(xs, out, |x| x * (x * x)),
        4 => each(xs, out, |x| (x * x) * (x * x)),
        n => each(xs, out, |x| x.powi(n)),
    }),
    rule: Rule::Smooth(|b, at, _, t| {
        let p = b.map_with(&POWI, at.parameter - 1.0, at.x);
        let c = b.scale(at.parameter, p);
        times(b, c, t)
    }),
    dear: false,
    kink: None,
};
/// xᶜ for a constant c that is no integer (the parameter); y′ = c xᶜ⁻¹.
pub(crate) static POWF: Row = Row {
    name: "powf",
    over: Over::OneWith(|p, xs, out| each(xs, out, |x| x.powf(p))),
    rule: Rule::Smooth(|b, at, _, t| {
        let p = b.map_with(&POWF, at.parameter - 1.0, at.x);
        let c = b.scale(at.parameter, p);
        times(b, c, t)
    }),
    dear: true,
    kink: None,
};
/// xʸ (ln x)ᵏ with k the parameter, and 0 at x = 0 < y where xʸ outweighs the logarithm. k = 0 is xʸ itself.
/// ∂x = y xʸ⁻¹(ln x)ᵏ + k xʸ⁻¹(ln x)ᵏ⁻¹, ∂y = xʸ(ln x)ᵏ⁺¹.
pub(crate) static POW_LOG: Row = dear(two(
    "pow",
    |k, xs, ys, out| {
        each_pair(xs, ys, out, |x, y| match k {
            0.0 => x.powf(y),
            _ if x == 0.0 && y > 0.0 => 0.0,
            k => x.powf(y) * x.ln().powi(k as i32),
        });
    },
    Rule::Smooth(|b, at, j, t| {
        let (k, [x, y]) = (at.parameter, [at.x[0], at.x[1]]);
        if j == 1 {
            let c = b.map_with(&POW_LOG, k + 1.0, &[x, y]);
            return times(b, c, t);
        }
        let one = b.constant(1.0);
        let less = b.map(&SUB, &[y, one]);
        let p = b.map_with(&POW_LOG, k, &[x, less]);
        let mut c = b.mul(y, p);
        if k > 0.0 {
            let q = b.map_with(&POW_LOG, k - 1.0, &[x, less]);
            let q = b.scale(k, q);
            c = b.add(c, q);
        }
        times(b, c, t)
    }),
));
/// √x; y′ = 1/(2y).
pub(crate) static SQRT: Row = one(
    "sqrt",
    array::sqrt,
    Rule::Smooth(|b, at, _, t| {
        let r = b.map(&RECIP_UP, &[at.y]);
        let c = b.scale(0.5, r);
        times(b, c, t)
    }),
);
/// ∛x; y′ = 1/(3y²).
pub(crate) static CBRT: Row = dear(one(
    "cbrt",
    array::cbrt,
    Rule::Smooth(|b, at, _, t| {
        let s = b.map(&SQUARE, &[at.y]);
        let r = b.recip(s);
        let c = b.scale(1.0 / 3.0, r);
        times(b, c, t)
    }),
));

// Exponentials and logarithms.
pub(crate) static EXP: Row = dear(one("exp", array::exp, Rule::Smooth(|b, at, _, t| times(b, at.y, t))));
pub(crate) static EXP_M1: Row = dear(one(
    "exp_m1",
    array::exp_m1,
    Rule::Smooth(|b, at, _, t| {
        let c = b.map(&EXP, at.x);
        times(b, c, t)
    }),
));
pub(crate) static LN: Row = dear(one(
    "ln",
    array::ln,
    Rule::Smooth(|b, at, _, t| {
        let c = b.map(&LN_SLOPE, at.x);
        times(b, c, t)
    }),
));
/// 1/x where the logarithm is defined: +∞ at either zero, NaN below (not the finite 1/x of a negative x).
pub(crate) static LN_SLOPE: Row =
    one("ln_slope", over1!(|x| if x >= 0.0 { 1.0 / x.abs() } else { f64::NAN }), Rule::Smooth(minus_square));
pub(crate) static LN_1P: Row = dear(one(
    "ln_1p",
    array::ln_1p,
    Rule::Smooth(|b, at, _, t| {
        let one = b.constant(1.0);
        let s = b.add(at.x[0], one);
        let c = b.map(&LN_SLOPE, &[s]);
        times(b, c, t)
    }),
));
pub(crate) static LOG2: Row =
    dear(one("log2", array::log2, Rule::Smooth(|b, at, _, t| log_base(b, at, std::f64::consts::LN_2, t))));
pub(crate) static LOG10: Row =
    dear(one("log10", array::log10, Rule::Smooth(|b, at, _, t| log_base(b, at, std::f64::consts::LN_10, t))));

fn log_base(b: &mut Builder, at: super::At<'_>, ln_base: f64, t: Value) -> Option<Value> {
    let s = b.map(&LN_SLOPE, at.x);
    let c = b.scale(1.0 / ln_base, s);
    times(b, c, t)
}

/// x ln x, 0 at 0; y′ = ln x + 1.
pub(crate) static XLNX: Row = dear(one(
    "xlnx",
    over1!(|x| if x == 0.0 { 0.0 } else { x * x.ln() }),
    Rule::Smooth(|b, at, _, t| {
        let l = b.map(&LN, at.x);
        let one = b.constant(1.0);
        let c = b.add(l, one);
        times(b, c, t)
    }),
));
/// x ln(x/y), 0 at x = 0; ∂x = ln(x/y) + 1, ∂y = −x/y.
pub(crate) static REL_ENTR: Row = dear(two(
    "rel_entr",
    over2!(|x, y| if x == 0.0 { 0.0 } else { x * (x / y).ln() }),
    Rule::Smooth(|b, at, j, t| {
        if j == 1 {
            let q = b.map(&DIV, at.x);
            let c = b.neg(q);
            return times(b, c, t);
        }
        let l = b.map(&LN_RATIO, at.x);
        let one = b.constant(1.0);
        let c = b.add(l, one);
        times(b, c, t)
    }),
));
/// ln(x/y) with the slopes of ln x − ln y, of which one is finite where x = 0.
pub(crate) static LN_RATIO: Row = dear(two(
    "ln_ratio",
    over2!(|x, y| (x / y).ln()),
    Rule::Smooth(|b, at, j, t| {
        let c = b.map(&RECIP_UP, &[at.x[j]]);
        let v = b.mul(c, t);
        Some(if j == 0 { v } else { b.neg(v) })
    }),
));

// Circular functions.
pub(crate) static SIN: Row = dear(one(
    "sin",
    array::sin,
    Rule::Smooth(|b, at, _, t| {
        let c = b.map(&COS, at.x);
        times(b, c, t)
    }),
));
pub(crate) static COS: Row = dear(one(
    "cos",
    array::cos,
    Rule::Smooth(|b, at, _, t| {
        let s = b.map(&SIN, at.x);
        let c = b.neg(s);
        times(b, c, t)
    }),
));
/// tan x; y′ = 1 + y².
pub(crate) static TAN: Row = dear(one(
    "tan",
    array::tan,
    Rule::Smooth(|b, at, _, t| {
        let s = b.map(&SQUARE, &[at.y]);
        let one = b.constant(1.0);
        let c = b.add(s, one);
        times(b, c, t)
    }),
));
/// 1/√((1 − x)(1 + x)): +∞ at ±1, NaN outside.
fn arc_slope(b: &mut Builder, x: Value) -> Value {
    let one = b.constant(1.0);
    let (l, r) = (b.map(&SUB, &[one, x]), b.add(one, x));
    let p = b.mul(l, r);
    let s = b.map(&SQRT, &[p]);
    b.recip(s)
}
pub(crate) static ASIN: Row = dear(one(
    "asin",
    array::asin,
    Rule::Smooth(|b, at, _, t| {
        let c = arc_slope(b, at.x[0]);
        times(b, c, t)
    }),
));
pub(crate) static ACOS: Row = dear(one(
    "acos",
    array::acos,
    Rule::Smooth(|b, at, _, t| {
        let s = arc_slope(b, at.x[0]);
        let c = b.neg(s);
        times(b, c, t)
    }),
));
/// atan x; y′ = 1/(1 + x²).
pub(crate) static ATAN: Row = dear(one(
    "atan",
    array::atan,
    Rule::Smooth(|b, at, _, t| {
        let s = b.map(&SQUARE, at.x);
        let one = b.constant(1.0);
        let d = b.add(s, one);
        let c = b.recip(d);
        times(b, c, t)
    }),
));
/// atan2(y, x), the angle of the point (x, y); with r² = x² + y²: ∂y = x/r², ∂x = −y/r², both 0 at the origin.
pub(crate) static ATAN2: Row = kink(
    dear(two(
        "atan2",
        over2!(|y, x| y.atan2(x)),
        Rule::Smooth(|b, at, j, t| {
            let h = b.map(&HYPOT, at.x);
            let r = b.map(&RECIP_OR_ZERO, &[h]);
            let other = b.mul(at.x[1 - j], r);
            let c = b.mul(other, r);
            let v = b.mul(c, t);
            Some(if j == 0 { v } else { b.neg(v) })
        }),
    )),
    |x| x[0] == 0.0 && x[1] == 0.0,
);
/// √(x² + y²) without overflow; derivatives x/h and y/h, 0 at the origin.
pub(crate) static HYPOT: Row = kink(
    dear(two(
        "hypot",
        over2!(|x, y| x.hypot(y)),
        Rule::Smooth(|b, at, j, t| {
            let c = b.map(&DIV_OR_ZERO, &[at.x[j], at.y]);
            times(b, c, t)
        }),
    )),
    |x| x[0] == 0.0 && x[1] == 0.0,
);

// Hyperbolic functions and what saturates.
pub(crate) static SINH: Row = dear(one(
    "sinh",
    array::sinh,
    Rule::Smooth(|b, at, _, t| {
        let c = b.map(&COSH, at.x);
        times(b, c, t)
    }),
));
pub(crate) static COSH: Row = dear(one(
    "cosh",
    array::cosh,
    Rule::Smooth(|b, at, _, t| {
        let c = b.map(&SINH, at.x);
        times(b, c, t)
    }),
));
pub(crate) static TANH: Row = dear(one(
    "tanh",
    array::tanh,
    Rule::Smooth(|b, at, _, t| {
        let c = b.map(&SECH_SQUARED, at.x);
        times(b, c, t)
    }),
));
/// 1/cosh² x = 4e/(1 + e)² with e = exp(−2|x|): exact where 1 − tanh² cancels. y′ = −2 tanh(x) y.
pub(crate) static SECH_SQUARED: Row = dear(one(
    "sech_squared",
    array::sech_squared,
    Rule::Smooth(|b, at, _, t| {
        let th = b.map(&TANH, at.x);
        let p = b.mul(th, at.y);
        let c = b.scale(-2.0, p);
        times(b, c, t)
    }),
));

pub(crate) static ASINH: Row = dear(one(
    "asinh",
    array::asinh,
    Rule::Smooth(|b, at, _, t| {
        let one = b.constant(1.0);
        let h = b.map(&HYPOT, &[at.x[0], one]);
        let c = b.recip(h);
        times(b, c, t)
    }),
));
/// acosh x; y′ = 1/(√(x − 1) √(x + 1)), NaN below 1.
pub(crate) static ACOSH: Row = dear(one(
    "acosh",
    array::acosh,
    Rule::Smooth(|b, at, _, t| {
        let one = b.constant(1.0);
        let (l, r) = (b.map(&SUB, &[at.x[0], one]), b.add(at.x[0], one));
        let (l, r) = (b.map(&SQRT, &[l]), b.map(&SQRT, &[r]));
        let p = b.mul(l, r);
        let c = b.recip(p);
        times(b, c, t)
    }),
));
/// atanh x; y′ = 1/((1 − x)(1 + x)) inside [−1, 1], NaN outside.
pub(crate) static ATANH: Row = dear(one(
    "atanh",
    array::atanh,
    Rule::Smooth(|b, at, _, t| {
        let one = b.constant(1.0);
        let (l, r) = (b.map(&SUB, &[one, at.x[0]]), b.add(one, at.x[0]));
        let p = b.mul(l, r);
        let c = b.map(&LN_SLOPE, &[p]);
        times(b, c, t)
    }),
));
/// 1/(1 + e⁻ˣ); y′ = σ(x) σ(−x), which does not cancel as y(1 − y) does.
pub(crate) static SIGMOID: Row = dear(one(
    "sigmoid",
    array::sigmoid,
    Rule::Smooth(|b, at, _, t| {
        let m = b.neg(at.x[0]);
        let s = b.map(&SIGMOID, &[m]);
        let c = b.mul(at.y, s);
        times(b, c, t)
    }),
));
/// ln(1 + eˣ); y′ = σ(x).
pub(crate) static SOFTPLUS: Row = dear(one(
    "softplus",
    array::softplus,
    Rule::Smooth(|b, at, _, t| {
        let c = b.map(&SIGMOID, at.x);
        times(b, c, t)
    }),
));
pub(crate) static ERF: Row = dear(one(
    "erf",
    array::erf,
    Rule::Smooth(|b, at, _, t| gauss(b, at, std::f64::consts::FRAC_2_SQRT_PI, t)),
));
pub(crate) static ERFC: Row = dear(one(
    "erfc",
    array::erfc,
    Rule::Smooth(|b, at, _, t| gauss(b, at, -std::f64::consts::FRAC_2_SQRT_PI, t)),
));

/// ẏ = s e^(−x²) ẋ.
fn gauss(b: &mut Builder, at: super::At<'_>, s: f64, t: Value) -> Option<Value> {
    let q = b.map(&SQUARE, at.x);
    let m = b.neg(q);
    let e = b.map(&EXP, &[m]);
    let c = b.scale(s, e);
    times(b, c, t)
}

// Pieces: one selection is made on the value and used by every derivative.
pub(crate) static ABS: Row = kink(
    one(
        "abs",
        over1!(|x| x.abs()),
        Rule::Smooth(|b, at, _, t| {
            let c = b.map(&SIGN, at.x);
            times(b, c, t)
        }),
    ),
    |x| x[0] == 0.0,
);
/// −1, 0 or 1.
pub(crate) static SIGN: Row =
    kink(one("sign", over1!(|x| if x == 0.0 { 0.0 } else { x.signum() }), Rule::Constant), |x| x[0] == 0.0);
pub(crate) static FLOOR: Row =
    kink(one("floor", over1!(|x| x.floor()), Rule::Constant), |x| x[0] == x[0].floor());
pub(crate) static CEIL: Row =
    kink(one("ceil", over1!(|x| x.ceil()), Rule::Constant), |x| x[0] == x[0].ceil());
pub(crate) static ROUND: Row =
    kink(one("round", over1!(|x| x.round()), Rule::Constant), |x| (x[0] - x[0].trunc()).abs() == 0.5);
/// 1 where x ≥ y, else 0: which operand a maximum takes, the first at a tie.
pub(crate) static AT_LEAST: Row =
    two("at_least", over2!(|x, y| if x >= y { 1.0 } else { 0.0 }), Rule::Constant);
/// 1 where x < y, else 0.
pub(crate) static BELOW: Row = two("below", over2!(|x, y| if x < y { 1.0 } else { 0.0 }), Rule::Constant);
/// 1 where neither x nor y is 0, else 0: the condition of a gate within a gate.
pub(crate) static BOTH: Row =
    two("both", over2!(|x, y| if x != 0.0 && y != 0.0 { 1.0 } else { 0.0 }), Rule::Constant);
/// 0 where x is infinite, else 1: a NaN goes on.
pub(crate) static NOT_INFINITE: Row =
    one("not_infinite", over1!(|x| if x.is_infinite() { 0.0 } else { 1.0 }), Rule::Constant);
/// 1 where x is 0, else 0.
pub(crate) static IS_ZERO: Row = one("is_zero", over1!(|x| if x == 0.0 { 1.0 } else { 0.0 }), Rule::Constant);
/// The larger one, the first at a tie, NaN if either is.
pub(crate) static MAX: Row = kink(
    two(
        "max",
        over2!(|x, y| if x >= y || x.is_nan() { x } else { y }),
        Rule::Smooth(|b, at, j, t| {
            let rows = [&AT_LEAST, &BELOW];
            let c = b.map(rows[j], at.x);
            Some(b.gate(c, t))
        }),
    ),
    |x| x[0] == x[1],
);
/// The smaller one, the first at a tie, NaN if either is.
pub(crate) static MIN: Row = kink(
    two(
        "min",
        over2!(|x, y| if x <= y || x.is_nan() { x } else { y }),
        Rule::Smooth(|b, at, j, t| {
            let rows = [&AT_LEAST, &BELOW];
            let c = b.map(rows[j], &[at.x[1], at.x[0]]);
            Some(b.gate(c, t))
        }),
    ),
    |x| x[0] == x[1],
);
