//! Functions of symmetric matrices: f(A) = V f(Λ) Vᵀ for a smooth f of the scalar table, and their derivatives
//! fₖ(A; E₁…Eₖ) = Dᵏf(A)[E₁…Eₖ] as one family; A stands for its symmetric part.
//!
//! Arguments: A, its [`SymmetricEigen`], E₁…Eₖ.
//! ḟₖ = fₖ₊₁(A; E₁…Eₖ, Ȧ) + Σⱼ fₖ(A; … Ėⱼ …), and Ēⱼ = fₖ(A; Eᵢᵀ (i ≠ j), W). All are evaluated by divided
//! differences of f at the eigenvalues, which are as exact at repeated eigenvalues as elsewhere: no eigenvector is
//! ever linearized.
//!
//! Higham, Functions of Matrices (2008), ch. 3; Noferini, Linear Algebra Appl. 519 (2017).

use super::*;
use crate::dense::divided::{Differences, TERMS};
use crate::dense::spectral;
use crate::program::scalar::Series;
use smallvec::SmallVec;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Spectral {
    pub f: Map,
    pub order: u8,
}

/// Two more than this are what divided differences can do, and literal dual numbers need.
const HIGHEST: u8 = 5;

/// Where f is taken: the eigenvalues, but 0 for one that is negative by rounding alone where f is not defined there.
pub(super) fn points(f: &Map, eigenvalues: &[f64]) -> Vec<f64> {
    let largest = eigenvalues.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    let rounding = 4.0 * eigenvalues.len() as f64 * f64::EPSILON * largest;
    let settled = |&x: &f64| {
        let outside = x < 0.0 && x >= -rounding && f.row.value(f.parameter(), &[x]).is_nan();
        if outside { 0.0 } else { x }
    };
    eigenvalues.iter().map(settled).collect()
}

pub(super) fn differences<'a>(f: &Map, points: &'a [f64]) -> Differences<'a> {
    let mut series = Series::new(f.row, f.parameter());
    Differences::new(points, |x, out| match &mut series {
        Some(s) => s.at(x, out),
        None => out.fill(f64::NAN),
    })
}

/// f alone, without its derivatives.
fn values<'a>(f: &Map, points: &'a [f64]) -> Differences<'a> {
    Differences::new(points, |x, out: &mut [f64]| {
        debug_assert_eq!(out.len(), TERMS);
        out[0] = f.row.value(f.parameter(), &[x]);
    })
}

impl Spectral {
    pub fn value(f: Map) -> Self {
        Spectral { f, order: 0 }
    }

    fn differences<'a>(&self, points: &'a [f64]) -> Differences<'a> {
        match self.order {
            0 => values(&self.f, points),
            1 => differences(&self.f, points),
            _ => differences(&self.f, points).with_first(),
        }
    }

    /// The terms in the eigenvectors' basis: VᵀEV, or V R Vᵀ back.
    fn rotated(s: &mut Split, v: Value, e: Side, back: bool, shape: Shape) -> Side {
        let left = Matmul { ta: !back, tb: false };
        let right = Matmul { ta: false, tb: back };
        match e {
            Side::Point(e) => {
                let half = s.point.emit(left, &[v, e]);
                Side::Point(s.point.emit(right, &[half, v]))
            }
            Side::Lanes(t) => {
                let half = left.act(s, &[Side::Point(v), Side::Lanes(t)], shape);
                Side::Lanes(right.act(s, &[Side::Lanes(half), Side::Point(v)], shape))
            }
        }
    }
}

impl Primitive for Spectral {
    fn name(&self) -> &'static str {
        "spectral function"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        if Series::new(self.f.row, self.f.parameter()).is_none() {
            return Err(Mismatch::new(format!("{} has kinks or steps", self.f.row.name)));
        }
        if self.order > HIGHEST {
            return Err(Mismatch::new(format!("derivatives above order {HIGHEST} are not given")));
        }
        let shape = SymmetricEigen.shape(args).map(|s| Shape::new(s.rows, s.rows))?;
        match args[2..].iter().all(|&e| e == shape) {
            true => Ok(shape),
            false => Err(Mismatch::new("the shapes differ")),
        }
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let n = args[0].rows;
        let (v, eigenvalues) = args[1].data.split_at(n * n);
        let points = points(&self.f, &eigenvalues[..n]);
        let v = View { data: v, rows: n, cols: n, lanes: 1 };
        spectral::derivative(&self.differences(&points), v, &args[2..], target.out, target.stop);
    }

    /// With A = A₀ + D and D without real part, fₖ(A; E…) = Σₘ fₖ₊ₘ(A₀; E…, D…D)/m!, which ends.
    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let n = shape.rows;
        let reals: Vec<f64> = args[1].entries.iter().map(N::real).collect();
        let (v, eigenvalues) = reals.split_at(n * n);
        let points = points(&self.f, eigenvalues);
        let highest = usize::from(self.order) + N::NILPOTENT;
        let differences = match highest {
            0 => values(&self.f, &points),
            _ => differences(&self.f, &points),
        };
        let half = |x: &N| x.clone() * N::constant(0.5);
        let moved = |i: usize, j: usize| {
            let part = |x: &N| x.clone() - N::constant(x.real());
            half(&part(args[0].at(i, j))) + half(&part(args[0].at(j, i)))
        };
        let mut directions: Vec<Array<N>> = args[2..].iter().map(|e| literal_rotated(v, e, true)).collect();
        let d = literal_rotated(v, &Array::from_fn(shape, moved), true);
        let mut total = Array::from_fn(shape, |_, _| N::constant(0.0));
        let mut factorial = 1.0;
        for m in 0..=N::NILPOTENT {
            if m > 0 {
                directions.push(d.clone());
                factorial *= m as f64;
            }
            add_literal(&differences, &directions, 1.0 / factorial, &mut total);
        }
        Ok(literal_rotated(v, &total, false).entries)
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        let mut total = tangents[0].map(|a_dot| {
            let direction = b.emit(SymmetricPart::ANY, &[a_dot]);
            let args: Args = at.args.iter().copied().chain([direction]).collect();
            b.emit(Spectral { f: self.f.clone(), order: self.order + 1 }, &args)
        });
        for (j, t) in tangents.iter().enumerate().skip(2) {
            let Some(t) = *t else { continue };
            let mut args = Args::from_slice(at.args);
            args[j] = t;
            let v = b.emit(self.clone(), &args);
            total = Some(total.map_or(v, |sum| b.add(sum, v)));
        }
        total
    }

    fn transpose(&self, b: &mut Builder, at: At<'_>, j: usize, w: Value) -> Option<Value> {
        if j < 2 {
            return None;
        }
        let mut args = Args::from_slice(&at.args[..2]);
        for (i, &e) in at.args.iter().enumerate().skip(2) {
            args.push(if i == j { w } else { b.emit(Transpose, &[e]) });
        }
        Some(b.emit(self.clone(), &args))
    }

    /// Symmetric in the directions: they stand in the order of their numbers.
    fn simplify(&self, b: &mut Builder, args: &[Value], shape: Shape) -> Option<Value> {
        if args[2..].iter().any(|&e| b.uniform(e) == Some(0.0)) {
            return Some(b.fill(shape, 0.0));
        }
        if args[2..].is_sorted() {
            return None;
        }
        let mut args = Args::from_slice(args);
        args[2..].sort_unstable();
        Some(b.emit(self.clone(), &args))
    }

    /// In the eigenvectors' basis the first derivative is an entrywise product with f[λᵢ, λⱼ].
    fn act(&self, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
        let lanes = args.iter().filter(|a| matches!(a, Side::Lanes(_))).count();
        let Some(Side::Point(factored)) = args.get(1).filter(|_| lanes == 1 && self.order <= 2) else {
            return s.opaque(self.clone(), args, shape);
        };
        let v = symmetric_eigen::vectors(&mut s.point, *factored);
        let table = DividedDifferences { f: self.f.clone(), three: self.order == 2 };
        let table = s.point.emit(table, &[*factored]);
        let inner: SmallVec<[Side; 2]> =
            args[2..].iter().map(|e| Self::rotated(s, v, e.clone(), false, shape)).collect();
        let result = match &inner[..] {
            [Side::Lanes(e)] => s.multiply(table, e, shape),
            [Side::Point(p), e @ Side::Lanes(_)] | [e @ Side::Lanes(_), Side::Point(p)] => {
                s.opaque(DividedProduct, &[Side::Point(table), Side::Point(*p), e.clone()], shape)
            }
            _ => return s.opaque(self.clone(), args, shape),
        };
        match Self::rotated(s, v, Side::Lanes(result), true, shape) {
            Side::Lanes(t) => t,
            Side::Point(_) => s.opaque(self.clone(), args, shape),
        }
    }

    fn fallible(&self) -> bool {
        self.order == 0
    }

    fn failure(&self, args: &[View<'_>], _: View<'_>) -> Option<Failure> {
        let n = args[0].rows;
        let points = points(&self.f, &args[1].data[n * n..n * n + n]);
        let outside = |x: &&f64| x.is_finite() && !self.f.row.value(self.f.parameter(), &[**x]).is_finite();
        let value = *points.iter().find(outside)?;
        Some(Failure::Domain { needs: "eigenvalues where the function is finite", value })
    }

    fn flops(&self, args: &[Shape], shape: Shape) -> u64 {
        (8 + 8 * u64::from(self.order)) * args[0].rows as u64 * shape.len() as u64
    }

    #[cfg(test)]
    fn made_by(&self, j: usize) -> Option<(Op, usize)> {
        (j == 1).then(|| (SymmetricEigen.into(), 0))
    }

    /// Positive definite, and near a diagonal matrix: bounds of errors grow with every change to a basis far away.
    #[cfg(test)]
    fn tame(&self, args: &mut [Array<f64>]) {
        let a = args[0].clone();
        args[0] = Array::from_fn(a.shape, |i, j| {
            0.05 * a.at(i, j).sin() + if i == j { 0.6 + 0.4 * (i as f64).sqrt() } else { 0.0 }
        });
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        use crate::program::scalar::{EXP, LN, POWF, SQRT, TANH};
        let mut all = Vec::new();
        for (row, parameter) in [(&EXP, 0.0), (&LN, 0.0), (&SQRT, 0.0), (&POWF, -0.5), (&TANH, 0.0)] {
            for (order, n) in [(0, 0), (0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (1, 3), (2, 1), (2, 2)] {
                if order == 2 && *row != SQRT {
                    continue;
                }
                let args = vec![(n, n); 1 + usize::from(order)];
                all.push((Spectral { f: Map::new(row, parameter), order }, shapes(&args)));
            }
        }
        all
    }
}

/// VᵀEV, or V E Vᵀ.
fn literal_rotated<N: Number>(v: &[f64], e: &Array<N>, transposed: bool) -> Array<N> {
    let n = e.shape.rows;
    let at = |i: usize, p: usize| if transposed { v[p + n * i] } else { v[i + n * p] };
    let times = |m: &Array<N>, i: usize, j: usize, right: bool| {
        (0..n).fold(N::constant(0.0), |sum, p| {
            let (x, c) = if right { (m.at(i, p), at(j, p)) } else { (m.at(p, j), at(i, p)) };
            sum + x.clone() * N::constant(c)
        })
    };
    let half = Array::from_fn(e.shape, |i, j| times(e, i, j, false));
    Array::from_fn(e.shape, |i, j| times(&half, i, j, true))
}

/// total += factor · Σ f[λ…] Σ_σ ∏ E, in the eigenvectors' basis.
fn add_literal<N: Number>(d: &Differences<'_>, directions: &[Array<N>], factor: f64, total: &mut Array<N>) {
    let n = total.shape.rows;
    let orders = spectral::orders(directions.len());
    let tuples = n.pow(directions.len() as u32 + 1);
    let mut at = vec![0; directions.len() + 1];
    for code in 0..tuples {
        at.iter_mut().fold(code, |rest, i| {
            *i = rest % n;
            rest / n
        });
        let (first, last) = (at[0], at[directions.len()]);
        if directions.is_empty() && first != last {
            continue;
        }
        let f = d.at(if directions.is_empty() { &at[..1] } else { &at });
        for order in &orders {
            let one = N::constant(factor * f);
            let product = order
                .iter()
                .enumerate()
                .fold(one, |product, (r, &which)| product * directions[which].at(at[r], at[r + 1]).clone());
            let entry = first + n * last;
            total.entries[entry] = total.entries[entry].clone() + product;
        }
    }
}
