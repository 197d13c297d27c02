//! The exponential of a square matrix and its derivatives Eₖ(A; E₁…Eₖ) = Dᵏexp(A)[E₁…Eₖ] as one family.
//!
//! Arguments: A, its [`ExpmTape`], E₁…Eₖ.
//! Ėₖ = Eₖ₊₁(A; E₁…Eₖ, Ȧ) + Σⱼ Eₖ(A; … Ėⱼ …), and Ēⱼ = Eₖ(Aᵀ; Eᵢᵀ (i ≠ j), W) = Eₖ(A; Eᵢ (i ≠ j), Wᵀ)ᵀ.
//! Evaluated by scaling and squaring at A + Σ εᵢEᵢ, see `dense::expm`.

use super::*;
use crate::dense::expm;
use smallvec::SmallVec;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Expm {
    pub order: u8,
}

/// Components double with every order.
const HIGHEST: u8 = 5;

impl Primitive for Expm {
    fn name(&self) -> &'static str {
        "matrix exponential"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        if self.order > HIGHEST {
            return Err(Mismatch::new(format!("derivatives above order {HIGHEST} are not given")));
        }
        ExpmTape { tangent: false }.shape(args)?;
        match args[2..].iter().all(|&e| e == args[0]) {
            true => Ok(args[0]),
            false => Err(Mismatch::new("the shapes differ")),
        }
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let (n, tape) = (args[0].rows, args[1].data);
        let s = expm::squarings(args[0].data, n);
        match self.order {
            0 => expm::value(tape, s, n, target.out.data),
            _ => expm::derivative(tape, s, &args[2..], target.out, target.stop),
        }
    }

    /// By Horner's scheme for the Taylor polynomial of degree 20 at a norm below ½.
    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let real: Vec<f64> = args[0].entries.iter().map(N::real).collect();
        let Some(s) = expm::squarings(&real, shape.rows).map(|s| s + 1) else {
            return Ok(vec![N::constant(f64::NAN); shape.len()]);
        };
        let scale = N::constant(0.5f64.powi(s as i32));
        let zero = || Array::from_fn(shape, |_, _| N::constant(0.0));
        let mut x: Vec<Array<N>> = (0..1usize << self.order).map(|_| zero()).collect();
        let inputs = [args[0]].into_iter().chain(args[2..].iter().copied());
        for (k, a) in inputs.enumerate() {
            let place = if k == 0 { 0 } else { 1 << (k - 1) };
            x[place] = Array::from_fn(shape, |i, j| a.at(i, j).clone() * scale.clone());
        }
        let mut y: Vec<Array<N>> = x.iter().map(|_| zero()).collect();
        add_identity(&mut y[0]);
        for k in (1..=20).rev() {
            y = multiplied(&x, &y, 1.0 / f64::from(k));
            add_identity(&mut y[0]);
        }
        for _ in 0..s {
            y = multiplied(&y, &y, 1.0);
        }
        Ok(y.swap_remove((1 << self.order) - 1).entries)
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        let mut total = tangents[0].map(|a_dot| {
            let args: Args = at.args.iter().copied().chain([a_dot]).collect();
            b.emit(Expm { order: self.order + 1 }, &args)
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
        let mut args = Args::from_slice(at.args);
        args[j] = b.emit(Transpose, &[w]);
        let turned = b.emit(self.clone(), &args);
        Some(b.emit(Transpose, &[turned]))
    }

    fn simplify(&self, b: &mut Builder, args: &[Value], shape: Shape) -> Option<Value> {
        in_order(self, b, args, shape)
    }

    /// What one of two directions adds to the products is the point's, and kept.
    fn act(&self, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
        let lanes: SmallVec<[&Side; 2]> = args[2..].iter().filter(|a| matches!(a, Side::Lanes(_))).collect();
        let points: SmallVec<[Value; 4]> =
            args.iter().filter_map(|a| if let Side::Point(v) = a { Some(*v) } else { None }).collect();
        let (&[a, tape, p], &[e], 2) = (&points[..], &lanes[..], self.order) else {
            return s.opaque(self.clone(), args, shape);
        };
        let second = s.point.emit(ExpmTape { tangent: true }, &[a, tape, p]);
        let point = [a, tape, second, p].map(Side::Point);
        let args: SmallVec<[Side; 5]> = point.into_iter().chain([e.clone()]).collect();
        s.opaque(ExpmSecond, &args, shape)
    }

    fn flops(&self, args: &[Shape], _: Shape) -> u64 {
        match self.order {
            0 => 0,
            k => 16 * 3u64.pow(u32::from(k)) * args[0].rows as u64 * args[0].len() as u64,
        }
    }

    #[cfg(test)]
    fn made_by(&self, j: usize) -> Option<(Op, usize)> {
        (j == 1).then(|| (ExpmTape { tangent: false }.into(), 0))
    }

    /// Small, and near a diagonal matrix: the bounds of errors know no cancellation.
    #[cfg(test)]
    fn tame(&self, args: &mut [Array<f64>]) {
        let a = args[0].clone();
        args[0] = Array::from_fn(a.shape, |i, j| a.at(i, j).sin() * if i == j { 0.5 } else { 0.2 });
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let of = |order: u8, n: usize| (Expm { order }, shapes(&vec![(n, n); 1 + usize::from(order)]));
        [(0, 0), (0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (1, 3), (2, 1), (2, 2)].map(|(k, n)| of(k, n)).to_vec()
    }
}

fn add_identity<N: Number>(y: &mut Array<N>) {
    let n = y.shape.rows;
    for i in 0..n {
        y.entries[i + n * i] = y.entries[i + n * i].clone() + N::constant(1.0);
    }
}

/// All components of a product, scaled.
fn multiplied<N: Number>(x: &[Array<N>], y: &[Array<N>], scale: f64) -> Vec<Array<N>> {
    let component = |mask: usize| {
        Array::from_fn(x[0].shape, |i, j| {
            let subsets = (0..=mask).filter(|part| part & !mask == 0);
            let pairs = subsets.flat_map(|part| (0..x[0].shape.rows).map(move |p| (part, p)));
            let sum = pairs.fold(N::constant(0.0), |sum, (part, p)| {
                sum + x[part].at(i, p).clone() * y[mask & !part].at(p, j).clone()
            });
            sum * N::constant(scale)
        })
    };
    (0..x.len()).map(component).collect()
}
