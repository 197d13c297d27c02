//! The matrix exponential and its derivatives in any number of directions.
//!
//! e^A = (T(A/2ˢ))^(2ˢ) with T the Taylor polynomial of degree 18 in five products (Bader, Blanes & Casas, Mathematics 7,
//! 1174, 2019). The derivatives are those of the same products, evaluated at A + Σ εᵢEᵢ with εᵢ² = 0 (as Al-Mohy &
//! Higham, SIAM J. Matrix Anal. Appl. 30, 2009, do for one direction): the *component* S of a number, a set of
//! directions as a bit mask, is what stands with ∏ εᵢ, and (XY)_S = Σ X_U Y_(S∖U) over the subsets U of S.

use super::lanes::{View, ViewMut};
use super::product::product;
use super::stop::Stop;
use std::cell::RefCell;

/// Up to this norm of A/2ˢ the polynomial and its first derivatives are exact up to rounding.
const RADIUS: f64 = 0.9;
/// The most squarings: norms up to 10¹².
pub(crate) const MOST_SQUARINGS: usize = 40;
/// Factors of products before the squarings.
const FACTORS: usize = 7;
/// Matrices on a tape: the factors and the powers that are squared, the last of which is the result.
pub(crate) const TAPE: usize = FACTORS + MOST_SQUARINGS + 1;

// Places on a tape.
const A: usize = 0;
const A2: usize = 1;
const A3: usize = 2;
const LEFT: usize = 3;
const RIGHT: usize = 4;
const NINTH_AND: usize = 5;
const NINTH: usize = 6;

/// Coefficients of I, A, A², A³ and A⁶ in the factors.
const C_LEFT: [f64; 5] =
    [0.0, -0.100_365_581_030_144_62, -0.008_029_246_482_411_57, -0.000_892_138_498_045_729_9, 0.0];
const C_RIGHT: [f64; 5] =
    [0.0, 0.0, -0.092_336_461_936_711_86, -0.016_936_493_900_208_17, -0.000_014_008_679_818_203_616];
const C_NINTH: [f64; 5] = [
    -0.090_431_683_239_081_06,
    -0.067_640_451_907_138_2,
    0.067_596_130_177_045_97,
    0.029_555_257_042_931_55,
    -0.000_013_918_025_751_606_071,
];
const C_AND: [f64; 5] = [
    -10.967_639_605_296_206,
    1.680_158_138_789_062,
    0.057_177_984_647_886_55,
    -0.006_982_101_224_880_521,
    0.000_033_497_501_708_607_054,
];
const C_REST: [f64; 5] = [
    0.0,
    0.397_849_749_499_645_1,
    1.367_837_784_604_117_2,
    0.498_289_622_525_382_67,
    -0.000_637_898_194_594_723_3,
];

/// How often e^(A/2ˢ) is squared, or `None` where the norm of A is too large or not finite.
pub(crate) fn squarings(a: &[f64], n: usize) -> Option<usize> {
    let columns = a[..n * n].chunks_exact(n.max(1));
    // A NaN is kept.
    let norm = columns
        .map(|c| c.iter().map(|x| x.abs()).sum::<f64>())
        .fold(0.0, |m: f64, x| if x <= m { m } else { x });
    let s = (norm / RADIUS).log2().ceil().max(0.0);
    (norm.is_finite() && s <= MOST_SQUARINGS as f64).then_some(s as usize)
}

/// One component while it is computed.
struct Work {
    mask: usize,
    lanes: usize,
    /// The factors, and two powers in turn.
    slots: Vec<Vec<f64>>,
    sixth: Vec<f64>,
    /// Whether the matrix itself has this component.
    input: bool,
}

/// An evaluation for some of the components, given the others.
struct Evaluation<'a> {
    n: usize,
    /// The tapes of the components that are given, by mask.
    given: &'a [Option<&'a [f64]>],
    work: Vec<Work>,
    stop: Stop<'a>,
}

thread_local! {
    /// Memory for later evaluations on this thread.
    static SPARE: RefCell<Vec<Vec<f64>>> = const { RefCell::new(Vec::new()) };
}

fn memory(len: usize) -> Vec<f64> {
    let mut x = SPARE.with_borrow_mut(Vec::pop).unwrap_or_default();
    x.resize(len, 0.0);
    x
}

impl Drop for Work {
    fn drop(&mut self) {
        SPARE.with_borrow_mut(|spare| {
            spare.extend(self.slots.drain(..).chain([std::mem::take(&mut self.sixth)]))
        });
    }
}

fn slot(place: usize) -> usize {
    if place < FACTORS { place } else { FACTORS + (place - FACTORS) % 2 }
}

impl<'a> Evaluation<'a> {
    fn new(n: usize, given: &'a [Option<&'a [f64]>], stop: Stop<'a>) -> Self {
        Evaluation { n, given, work: Vec::new(), stop }
    }

    /// A further component; those with smaller masks come first. Its part of A/2ˢ is `input`, or zero.
    fn component(&mut self, mask: usize, lanes: usize, s: usize, input: Option<&[f64]>) {
        let len = self.n * self.n * lanes;
        let mut slots: Vec<Vec<f64>> = (0..FACTORS + 2).map(|_| memory(len)).collect();
        if let Some(x) = input {
            let scale = 0.5f64.powi(s as i32);
            slots[A].iter_mut().zip(x).for_each(|(a, x)| *a = scale * x);
        }
        self.work.push(Work { mask, lanes, slots, sixth: memory(len), input: input.is_some() });
    }

    fn operand(&self, mask: usize, place: usize) -> Option<View<'_>> {
        let n = self.n;
        let (data, lanes) = match self.given.get(mask) {
            Some(Some(tape)) => (&tape[place * n * n..(place + 1) * n * n], 1),
            _ => {
                let w = self.work.iter().find(|w| w.mask == mask)?;
                if place == A && !w.input {
                    return None;
                }
                (&w.slots[slot(place)][..], w.lanes)
            }
        };
        Some(View { data, rows: n, cols: n, lanes })
    }

    /// out = (XY)_S, or added to it.
    fn multiply(&self, mask: usize, (x, y): (usize, usize), out: &mut [f64], lanes: usize, mut add: bool) {
        let mut part = mask;
        loop {
            if let (Some(x), Some(y)) = (self.operand(mask & !part, x), self.operand(part, y)) {
                let into = ViewMut { data: out, rows: self.n, cols: self.n, lanes };
                product((x, false), (y, false), into, 1.0, add, self.stop);
                add = true;
            }
            if part == 0 {
                break;
            }
            part = (part - 1) & mask;
        }
        if !add {
            out.fill(0.0);
        }
    }

    /// The product of two places into a third, for every component.
    fn product(&mut self, x: usize, y: usize, into: usize, add: bool) {
        for k in 0..self.work.len() {
            let mut out = std::mem::take(&mut self.work[k].slots[slot(into)]);
            self.multiply(self.work[k].mask, (x, y), &mut out, self.work[k].lanes, add);
            self.work[k].slots[slot(into)] = out;
        }
    }

    fn sixth_power(&mut self) {
        for k in 0..self.work.len() {
            let mut out = std::mem::take(&mut self.work[k].sixth);
            self.multiply(self.work[k].mask, (A3, A3), &mut out, self.work[k].lanes, false);
            self.work[k].sixth = out;
        }
    }

    /// c₀ I + c₁ A + c₂ A² + c₃ A³ + c₄ A⁶, with a further matrix added, for every component.
    fn combine(&mut self, c: [f64; 5], and: Option<usize>, into: usize) {
        let n = self.n;
        for w in &mut self.work {
            let mut out = std::mem::take(&mut w.slots[slot(into)]);
            let [a, a2, a3] = [A, A2, A3].map(|p| &w.slots[p][..]);
            let a = if w.input { a } else { &[] };
            let len = out.len();
            let (a2, a3, a6) = (&a2[..len], &a3[..len], &w.sixth[..len]);
            for e in 0..len {
                out[e] = c[2] * a2[e] + c[3] * a3[e] + c[4] * a6[e];
            }
            out.iter_mut().zip(a).for_each(|(o, a)| *o += c[1] * a);
            if let Some(p) = and {
                out.iter_mut().zip(&w.slots[slot(p)]).for_each(|(o, x)| *o += x);
            }
            if w.mask == 0 {
                (0..n).for_each(|i| out[i + n * i] += c[0]);
            }
            w.slots[slot(into)] = out;
        }
    }

    /// All components of T(A/2ˢ), then squared `s` times; `kept` is called as places are filled.
    fn run(&mut self, s: usize, mut kept: impl FnMut(&Self, usize)) {
        self.product(A, A, A2, false);
        self.product(A2, A, A3, false);
        self.sixth_power();
        if self.stop.raised() {
            return;
        }
        self.combine(C_LEFT, None, LEFT);
        self.combine(C_RIGHT, None, RIGHT);
        self.combine(C_NINTH, None, NINTH);
        self.product(LEFT, RIGHT, NINTH, true);
        if self.stop.raised() {
            return;
        }
        self.combine(C_AND, Some(NINTH), NINTH_AND);
        self.combine(C_REST, None, FACTORS);
        self.product(NINTH_AND, NINTH, FACTORS, true);
        (0..=FACTORS).for_each(|p| kept(self, p));
        for i in 0..s {
            if self.stop.raised() {
                return;
            }
            self.product(FACTORS + i, FACTORS + i, FACTORS + i + 1, false);
            kept(self, FACTORS + i + 1);
        }
    }

    /// The result of the last component.
    fn result(&self, s: usize) -> &[f64] {
        self.work.last().map_or(&[], |w| &w.slots[slot(FACTORS + s)])
    }
}

/// Writes the tape of e^A: [`TAPE`] matrices. NaN where [`squarings`] has no number.
pub(crate) fn tape(a: &[f64], n: usize, out: &mut [f64], stop: Stop<'_>) {
    record(a, n, squarings(a, n), &[], 0, out, stop);
}

/// Writes the tape of the derivative along `e`, given that of e^A.
pub(crate) fn tangent_tape(
    tape: &[f64],
    s: Option<usize>,
    e: &[f64],
    n: usize,
    out: &mut [f64],
    stop: Stop<'_>,
) {
    record(e, n, s, &[Some(tape)], 1, out, stop);
}

fn record(
    input: &[f64],
    n: usize,
    s: Option<usize>,
    given: &[Option<&[f64]>],
    mask: usize,
    out: &mut [f64],
    stop: Stop<'_>,
) {
    let Some(s) = s else { return out.fill(f64::NAN) };
    let mut all = Evaluation::new(n, given, stop);
    all.component(mask, 1, s, Some(input));
    all.run(s, |now, place| {
        out[place * n * n..(place + 1) * n * n].copy_from_slice(&now.work[0].slots[slot(place)]);
    });
}

/// e^A from its tape.
pub(crate) fn value(tape: &[f64], s: Option<usize>, n: usize, out: &mut [f64]) {
    match s {
        Some(s) => out.copy_from_slice(&tape[(FACTORS + s) * n * n..(FACTORS + s + 1) * n * n]),
        None => out.fill(f64::NAN),
    }
}

/// The derivative of e^A along all `directions` together, given the tape of e^A. At most one direction has lanes.
pub(crate) fn derivative(
    tape: &[f64],
    s: Option<usize>,
    directions: &[View<'_>],
    out: ViewMut<'_>,
    stop: Stop<'_>,
) {
    let Some(s) = s else { return out.data.fill(f64::NAN) };
    let given = [Some(tape)];
    let mut all = Evaluation::new(out.rows, &given, stop);
    for mask in 1usize..1 << directions.len() {
        let mut of = directions.iter().enumerate().filter(|(i, _)| mask & (1 << i) != 0).map(|d| d.1);
        let lanes = of.clone().map(|d| d.lanes).max().unwrap_or(1);
        let input = of.next().filter(|_| mask.is_power_of_two()).map(|d| d.data);
        all.component(mask, lanes, s, input);
    }
    all.run(s, |_, _| {});
    out.data.copy_from_slice(all.result(s));
}

/// The second derivative of e^A along two directions, given the tapes of e^A and of its derivative along the first.
pub(crate) fn second(tapes: [&[f64]; 2], s: Option<usize>, e: View<'_>, out: ViewMut<'_>, stop: Stop<'_>) {
    let Some(s) = s else { return out.data.fill(f64::NAN) };
    let given = tapes.map(Some);
    let mut all = Evaluation::new(out.rows, &given, stop);
    all.component(0b10, e.lanes, s, Some(e.data));
    all.component(0b11, e.lanes, s, None);
    all.run(s, |_, _| {});
    out.data.copy_from_slice(all.result(s));
}
