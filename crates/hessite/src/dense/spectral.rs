//! Derivatives of f(A) for a symmetric A = V Λ Vᵀ, in any number of directions.
//!
//! In the basis of V, Dᵏf(A)[E₁…Eₖ] has the entries Σ f[λᵢ, λⱼ₁, …, λₗ] Σ_σ (E_σ₁)ᵢⱼ₁ ⋯ (E_σₖ)ⱼₖ₋₁ₗ over the inner
//! indices and all orders σ of the directions (Daleckiĭ & Kreĭn 1965; Noferini, Linear Algebra Appl. 519, 2017).

mod limits;

use super::divided::Differences;
use super::lanes::{View, ViewMut};
use super::product::product;
use super::stop::Stop;
pub(crate) use limits::{Limits, Pole};

/// `out` = V (the sum above) Vᵀ. At most one direction has lanes; without any direction it is f(A).
///
/// # Panics
/// If a view is not of V's shape.
pub(crate) fn derivative(
    d: &Limits<'_>,
    v: View<'_>,
    directions: &[View<'_>],
    out: ViewMut<'_>,
    stop: Stop<'_>,
) {
    let (n, lanes) = (v.rows, out.lanes);
    let sum = summed(&d.finite, v, directions, lanes, stop);
    let sum = View { data: &sum, rows: n, cols: n, lanes };
    let half = multiplied((v, false), (sum, false), stop);
    let half = View { data: &half, ..sum };
    if d.are_finite() {
        return product((half, false), (v, true), out, 1.0, false, stop);
    }
    let data = &mut *out.data;
    product((half, false), (v, true), ViewMut { data: &mut *data, ..out }, 1.0, false, stop);
    let mut more = vec![0.0; n * n * lanes];
    infinities(d, v, directions, ViewMut { data: &mut more, rows: n, cols: n, lanes }, stop);
    data.iter_mut().zip(more).for_each(|(o, x)| *o += x);
}

/// What the coefficients that are not finite add to [`derivative`].
pub(crate) fn infinities(
    d: &Limits<'_>,
    v: View<'_>,
    directions: &[View<'_>],
    out: ViewMut<'_>,
    stop: Stop<'_>,
) {
    let lanes = out.lanes.max(1);
    let mut part = vec![0.0; v.rows * v.rows];
    for l in 0..lanes {
        let data: Vec<Vec<f64>> = directions
            .iter()
            .map(|e| e.data.iter().skip(l % e.lanes).step_by(e.lanes).copied().collect())
            .collect();
        let views: Vec<View<'_>> =
            data.iter().map(|data| View { data, rows: v.rows, cols: v.rows, lanes: 1 }).collect();
        d.infinities(v, &views, &mut part, stop);
        out.data[l..].iter_mut().step_by(lanes).zip(&part).for_each(|(o, x)| *o = *x);
    }
}

/// The sum in the basis of V.
fn summed(
    d: &Differences<'_>,
    v: View<'_>,
    directions: &[View<'_>],
    lanes: usize,
    stop: Stop<'_>,
) -> Vec<f64> {
    let n = v.rows;
    let inner: Vec<Vec<f64>> = directions.iter().map(|e| rotated((v, true), *e, (v, false), stop)).collect();
    let views: Vec<View<'_>> = inner
        .iter()
        .zip(directions)
        .map(|(data, e)| View { data, rows: n, cols: n, lanes: e.lanes })
        .collect();
    let mut sum = vec![0.0; n * n * lanes];
    let orders = orders(directions.len());
    let mut at = vec![0; directions.len() + 1];
    let mut more = n > 0;
    while more && !stop.raised() {
        let entry = at[0] + n * at[at.len() - 1];
        let out = &mut sum[entry * lanes..(entry + 1) * lanes];
        match views[..] {
            [] => out.fill(d.at(&at)),
            _ => add_tuple(d.at(&at), &views, &orders, &at, n, out),
        }
        more = next(&mut at, n);
    }
    sum
}

/// The next tuple of indices below `n`, if there is one.
fn next(at: &mut [usize], n: usize) -> bool {
    let Some(k) = at.iter().position(|&i| i + 1 < n) else { return false };
    at[..k].fill(0);
    at[k] += 1;
    true
}

/// out += f · Σ_σ ∏ (E_σᵣ)(iᵣ₋₁, iᵣ).
fn add_tuple(f: f64, views: &[View<'_>], orders: &[Vec<usize>], at: &[usize], n: usize, out: &mut [f64]) {
    for order in orders {
        let mut factor = f;
        let mut moving: Option<&[f64]> = None;
        for (r, &which) in order.iter().enumerate() {
            let e = &views[which];
            let entry = at[r] + n * at[r + 1];
            match e.lanes {
                1 => factor *= e.data[entry],
                k => moving = Some(&e.data[entry * k..(entry + 1) * k]),
            }
        }
        match moving {
            Some(x) => out.iter_mut().zip(x).for_each(|(o, x)| *o += factor * x),
            None => out.iter_mut().for_each(|o| *o += factor),
        }
    }
}

/// All orders of 0..k.
pub(crate) fn orders(k: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for next in 0..k {
        let insert = |order: &Vec<usize>, place: usize| {
            let mut order = order.clone();
            order.insert(place, next);
            order
        };
        all = all.iter().flat_map(|o| (0..=o.len()).map(move |place| insert(o, place))).collect();
    }
    all
}

fn multiplied(a: (View<'_>, bool), b: (View<'_>, bool), stop: Stop<'_>) -> Vec<f64> {
    let lanes = a.0.lanes.max(b.0.lanes);
    let rows = if a.1 { a.0.cols } else { a.0.rows };
    let cols = if b.1 { b.0.rows } else { b.0.cols };
    let mut data = vec![0.0; rows * cols * lanes];
    product(a, b, ViewMut { data: &mut data, rows, cols, lanes }, 1.0, false, stop);
    data
}

/// op(A)·E·op(B).
fn rotated(a: (View<'_>, bool), e: View<'_>, b: (View<'_>, bool), stop: Stop<'_>) -> Vec<f64> {
    let half = multiplied(a, (e, false), stop);
    let half = View { data: &half, ..e };
    multiplied((half, false), b, stop)
}

/// f[λᵢ, λⱼ] as an n×n array, λ rising.
pub(crate) fn first_table(d: &Differences<'_>, n: usize, out: &mut [f64]) {
    for j in 0..n {
        for i in 0..=j {
            let x = d.at_rising(&[i, j]);
            (out[i + n * j], out[j + n * i]) = (x, x);
        }
    }
}

/// Length of [`second_table`].
pub(crate) const fn packed_triples(n: usize) -> usize {
    n * (n + 1) * (n + 2) / 6
}

/// Where f[λᵢ, λⱼ, λₖ] stands, for i ≤ j ≤ k.
#[inline(always)]
fn triple(i: usize, j: usize, k: usize) -> usize {
    k * (k + 1) * (k + 2) / 6 + j * (j + 1) / 2 + i
}

/// f[λᵢ, λⱼ, λₖ] for i ≤ j ≤ k, one after the other, λ rising.
pub(crate) fn second_table(d: &Differences<'_>, n: usize, out: &mut [f64]) {
    for k in 0..n {
        for j in 0..=k {
            let row = triple(0, j, k);
            for (i, o) in out[row..=row + j].iter_mut().enumerate() {
                *o = d.at_rising(&[i, j, k]);
            }
        }
    }
}

/// Rᵢₖ = Σⱼ f[λᵢ, λⱼ, λₖ] (Pᵢⱼ Eⱼₖ + Eᵢⱼ Pⱼₖ), with `table` as [`second_table`] makes it; E has the lanes of `out`.
pub(crate) fn contract(table: &[f64], p: View<'_>, e: View<'_>, out: ViewMut<'_>, stop: Stop<'_>) {
    let (n, lanes) = (p.rows, out.lanes);
    assert!(
        table.len() >= packed_triples(n)
            && p.data.len() >= n * n
            && e.data.len() >= n * n * lanes
            && out.data.len() >= n * n * lanes,
        "the sizes of a contraction do not fit"
    );
    match lanes {
        8 => contract_lanes::<8>(table, p.data, e.data, out.data, n, stop),
        4 => contract_lanes::<4>(table, p.data, e.data, out.data, n, stop),
        1 => contract_lanes::<1>(table, p.data, e.data, out.data, n, stop),
        _ => {
            for l in 0..lanes {
                let one: Vec<f64> = e.data[l..].iter().step_by(lanes).copied().collect();
                let mut part = vec![0.0; n * n];
                contract_lanes::<1>(table, p.data, &one, &mut part, n, stop);
                out.data[l..].iter_mut().step_by(lanes).zip(part).for_each(|(o, x)| *o = x);
            }
        }
    }
}

fn contract_lanes<const K: usize>(
    table: &[f64],
    p: &[f64],
    e: &[f64],
    out: &mut [f64],
    n: usize,
    stop: Stop<'_>,
) {
    for k in 0..n {
        if stop.raised() {
            return;
        }
        for i in 0..n {
            let (low, high) = (i.min(k), i.max(k));
            let mut sum = [0.0; K];
            let mut add = |j: usize, f: f64| {
                let (left, right) = (f * p[i + n * j], f * p[j + n * k]);
                let (x, y) = (&e[(j + n * k) * K..][..K], &e[(i + n * j) * K..][..K]);
                for l in 0..K {
                    sum[l] += left * x[l] + right * y[l];
                }
            };
            let row = triple(0, low, high);
            table[row..row + low].iter().enumerate().for_each(|(j, &f)| add(j, f));
            (low..high).for_each(|j| add(j, table[triple(low, j, high)]));
            (high..n).for_each(|j| add(j, table[triple(low, high, j)]));
            out[(i + n * k) * K..(i + n * k + 1) * K].copy_from_slice(&sum);
        }
    }
}
