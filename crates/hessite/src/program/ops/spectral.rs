//! Functions of symmetric matrices: f(A) = V f(Λ) Vᵀ for a smooth f of the scalar table, and their derivatives
//! fₖ(A; E₁…Eₖ) = Dᵏf(A)[E₁…Eₖ] as one family; A stands for its symmetric part.
//!
//! Arguments: A, its [`SymmetricEigen`], E₁…Eₖ.
//! ḟₖ = fₖ₊₁(A; E₁…Eₖ, Ȧ) + Σⱼ fₖ(A; … Ėⱼ …), and Ēⱼ = fₖ(A; Eᵢᵀ (i ≠ j), W). All are evaluated by divided
//! differences of f at the eigenvalues, which are as exact at repeated eigenvalues as elsewhere: no eigenvector is
//! ever linearized.
//!
//! Higham, Functions of Matrices (2008), ch. 3; Noferini, Linear Algebra Appl. 519 (2017).

mod function;

use super::*;
use crate::dense::divided::Differences;
use crate::dense::spectral::{self, Limits};
use crate::program::scalar::Series;
pub(crate) use function::SpectralFunction;
use smallvec::SmallVec;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Spectral {
    pub f: SpectralFunction,
    pub order: u8,
}

/// Two more than this are what divided differences can do, and literal dual numbers need.
const HIGHEST: u8 = 5;

impl Spectral {
    pub fn value(f: SpectralFunction) -> Self {
        Spectral { f, order: 0 }
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

impl Spectral {
    /// s · f′ where direction `j` is s·I, as behind a trace.
    fn along_identity(&self, b: &mut Builder, args: &[Value], shape: Shape) -> Option<Value> {
        let SpectralFunction::Row { map, slope } = &self.f else { return None };
        let factor = |b: &Builder, e: Value| {
            let diagonal = b.instr(e).op.as_from_diagonal().then(|| b.instr(e).args[0])?;
            let made = b.instr(diagonal);
            match b.uniform(diagonal) {
                Some(x) => Some(Err(x)),
                None => made.op.as_broadcast().then(|| made.args[0]).filter(|&s| b.shape(s).is_scalar()).map(Ok),
            }
        };
        let (j, s) = (2..args.len()).find_map(|j| Some((j, factor(b, args[j])?)))?;
        let mut rest = Args::from_slice(args);
        rest.remove(j);
        let f = SpectralFunction::Row { map: map.clone(), slope: slope + 1 };
        let slope = b.emit(Spectral { f, order: self.order - 1 }, &rest);
        Some(match s {
            Err(x) => b.scale(x, slope),
            Ok(s) => {
                let s = b.emit(Broadcast::new(shape), &[s]);
                b.mul(s, slope)
            }
        })
    }
}

impl Primitive for Spectral {
    fn name(&self) -> &'static str {
        "spectral function"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        let mut slope = 0;
        if let SpectralFunction::Row { map, slope: of } = &self.f {
            slope = *of;
            if Series::new(map.row, map.parameter()).is_none() {
                return Err(Mismatch::new(format!("{} has kinks or steps", map.row.name)));
            }
        }
        if self.order + slope > HIGHEST {
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
        let spectrum = self.f.spectrum(args[1].data, n);
        let differences = self.f.differences(&spectrum, self.order);
        let differences = if self.order > 1 { differences.with_first() } else { differences };
        let v = View { data: &args[1].data[..n * n], rows: n, cols: n, lanes: 1 };
        spectral::derivative(&differences, v, &args[2..], target.out, target.stop);
    }

    /// With A = A₀ + D and D without real part, fₖ(A; E…) = Σₘ fₖ₊ₘ(A₀; E…, D…D)/m!, which ends.
    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let n = shape.rows;
        let reals: Vec<f64> = args[1].entries.iter().map(N::real).collect();
        let v = &reals[..n * n];
        let spectrum = self.f.spectrum(&reals, n);
        let differences = self.f.differences(&spectrum, self.order + N::NILPOTENT as u8);
        let half = |x: &N| x.clone() * N::constant(0.5);
        let moved = |i: usize, j: usize| {
            let part = |x: &N| x.clone() - N::constant(x.real());
            half(&part(args[0].at(i, j))) + half(&part(args[0].at(j, i)))
        };
        let mut directions: Vec<Array<N>> = args[2..].iter().map(|e| literal_rotated(v, e, true)).collect();
        let d = literal_rotated(v, &Array::from_fn(shape, moved), true);
        let zeros = || Array::from_fn(shape, |_, _| N::constant(0.0));
        let (mut total, mut poles) = (zeros(), zeros());
        let mut factorial = 1.0;
        for m in 0..=N::NILPOTENT {
            if m > 0 {
                directions.push(d.clone());
                factorial *= m as f64;
            }
            add_literal(&differences.finite, &directions, 1.0 / factorial, &mut total);
            for pole in differences.poles().iter().filter(|_| N::DUAL) {
                add_literal(&pole.differences, &directions, pole.coefficient / factorial, &mut poles);
            }
        }
        let mut all = literal_rotated(v, &total, false).entries;
        if !differences.are_finite() {
            // Derivatives as numbers are multiplied, so that none is left out; the value as its limit.
            let real = |e: &Array<N>| e.entries.iter().map(N::real).collect::<Vec<f64>>();
            let along: Vec<Vec<f64>> = args[2..].iter().map(|e| real(e)).collect();
            let infinities = literal_infinities(&differences, v, &along, n);
            let poles = literal_rotated(v, &poles, false).entries;
            for ((x, pole), y) in all.iter_mut().zip(poles).zip(infinities) {
                let value = x.real() + y;
                *x = (x.clone() + pole).with_real(value);
            }
        }
        Ok(all)
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

    fn simplify(&self, b: &mut Builder, args: &[Value], shape: Shape) -> Option<Value> {
        self.along_identity(b, args, shape).or_else(|| in_order(self, b, args, shape))
    }

    /// In the eigenvectors' basis the first derivative is an entrywise product with f[λᵢ, λⱼ]. What is not finite comes on
    /// top of it.
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
            Side::Lanes(t) if self.f.may_be_infinite() => {
                let terms = self.order + 1;
                let coefficients =
                    s.point.emit(TaylorCoefficients { f: self.f.clone(), terms }, &[*factored]);
                let mut all = vec![Side::Point(coefficients)];
                all.extend_from_slice(&args[1..]);
                let more = s.opaque(SpectralLimit { f: self.f.clone(), order: self.order }, &all, shape);
                s.sum(&[(1.0, &t), (1.0, &more)], shape)
            }
            Side::Lanes(t) => t,
            Side::Point(_) => s.opaque(self.clone(), args, shape),
        }
    }

    fn fallible(&self) -> bool {
        self.order == 0 && !matches!(self.f, SpectralFunction::Row { slope: 1.., .. })
    }

    fn failure(&self, args: &[View<'_>], _: View<'_>) -> Option<Failure> {
        let SpectralFunction::Row { map: f, slope: 0 } = &self.f else { return None };
        let n = args[0].rows;
        let spectrum = self.f.spectrum(args[1].data, n);
        let outside = |x: &&f64| x.is_finite() && !f.row.value(f.parameter(), &[**x]).is_finite();
        let value = *spectrum.points.iter().find(outside)?;
        Some(Failure::Limit { needs: "eigenvalues where the function is finite", value })
    }

    fn kink(&self, args: &[&Array<f64>], _: &Array<f64>) -> Option<usize> {
        let n = args[0].shape.rows;
        let spectrum = self.f.spectrum(&args[1].entries, n);
        let kink = match self.f {
            SpectralFunction::Row { .. } => false,
            SpectralFunction::Abs { zeros } => spectrum.last > zeros,
            SpectralFunction::Top => spectrum.last > 1,
        };
        (kink && self.order == 0).then_some(0)
    }

    fn flops(&self, args: &[Shape], shape: Shape) -> u64 {
        (8 + 8 * u64::from(self.order)) * args[0].rows as u64 * shape.len() as u64
    }

    #[cfg(test)]
    fn made_by(&self, j: usize) -> Option<(Op, usize)> {
        (j == 1).then(|| (SymmetricEigen.into(), 0))
    }

    /// Definite where it has to be, and near a diagonal matrix: bounds of errors grow with every change to a basis far away.
    #[cfg(test)]
    fn tame(&self, args: &mut [Array<f64>]) {
        let a = args[0].clone();
        let shrunk = |x: &mut f64| *x = 0.2 * x.sin();
        args[1..].iter_mut().flat_map(|e| &mut e.entries).for_each(shrunk);
        args[0] = Array::from_fn(a.shape, |i, j| {
            let k = i as f64;
            let diagonal = match self.f {
                SpectralFunction::Row { .. } => 1.0 + k,
                SpectralFunction::Abs { .. } if i % 2 == 1 => -1.0 - 2.0 * k,
                _ => 1.0 + 2.0 * k,
            };
            0.03 * a.at(i, j).sin() + if i == j { diagonal } else { 0.0 }
        });
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        use crate::program::scalar::{EXP, LN, POWF, SQRT, TANH};
        let mut functions: Vec<SpectralFunction> =
            [(&EXP, 0.0), (&LN, 0.0), (&SQRT, 0.0), (&POWF, -0.5), (&TANH, 0.0)]
                .map(|(row, parameter)| SpectralFunction::of(Map::new(row, parameter)))
                .to_vec();
        functions.extend([SpectralFunction::Abs { zeros: 0 }, SpectralFunction::Top]);
        let mut all = Vec::new();
        for (k, f) in functions.iter().enumerate() {
            for (order, n) in [(0, 0), (0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (1, 3), (2, 1), (2, 2)] {
                // The bounds of errors are sharp for some of them alone.
                if order < 2 || k == 2 {
                    let args = vec![(n, n); 1 + usize::from(order)];
                    all.push((Spectral { f: f.clone(), order }, shapes(&args)));
                }
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

/// What coefficients that are not finite add along real directions.
fn literal_infinities(d: &Limits<'_>, v: &[f64], directions: &[Vec<f64>], n: usize) -> Vec<f64> {
    let view = |data| View { data, rows: n, cols: n, lanes: 1 };
    let directions: Vec<View<'_>> = directions.iter().map(|e| view(e)).collect();
    let mut out = vec![0.0; n * n];
    d.infinities(view(v), &directions, &mut out, Stop::default());
    out
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
        if f == 0.0 {
            continue;
        }
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
