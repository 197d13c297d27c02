//! Two arrays side by side, or one above the other; the adjoint takes each its part.

use super::*;
use crate::program::split::Term;
use smallvec::SmallVec;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Concat {
    /// One above the other; otherwise side by side.
    pub vertical: bool,
}

impl Primitive for Concat {
    fn name(&self) -> &'static str {
        "concatenation"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        let (a, b) = (args[0], args[1]);
        let joined = |p: usize, q: usize| p.checked_add(q).ok_or_else(|| Mismatch::new("too large"));
        match self.vertical {
            true if a.cols == b.cols => Ok(Shape::new(joined(a.rows, b.rows)?, a.cols)),
            false if a.rows == b.rows => Ok(Shape::new(a.rows, joined(a.cols, b.cols)?)),
            true => Err(Mismatch::new(format!("columns {} != {}", a.cols, b.cols))),
            false => Err(Mismatch::new(format!("rows {} != {}", a.rows, b.rows))),
        }
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let (out, k) = (target.out.data, target.out.lanes);
        let runs = args.iter().map(|x| if self.vertical { x.rows } else { x.rows * x.cols });
        let total: usize = runs.clone().sum::<usize>() * k;
        if total == 0 {
            return;
        }
        for (j, mut rest) in out.chunks_exact_mut(total).enumerate() {
            for (x, run) in args.iter().zip(runs.clone()) {
                let (part, after) = rest.split_at_mut(run * k);
                let from = &x.data[j * run * x.lanes..(j + 1) * run * x.lanes];
                match x.lanes == k {
                    true => part.copy_from_slice(from),
                    // A part that does not vary serves all lanes.
                    false => part.chunks_exact_mut(k).zip(from).for_each(|(o, x)| o.fill(*x)),
                }
                rest = after;
            }
        }
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let (a, b) = (args[0], args[1]);
        entrywise(shape, |i, j| match self.vertical {
            true if i < a.shape.rows => a.at(i, j).clone(),
            true => b.at(i - a.shape.rows, j).clone(),
            false if j < a.shape.cols => a.at(i, j).clone(),
            false => b.at(i, j - a.shape.cols).clone(),
        })
    }

    /// Jointly linear: an argument that does not vary contributes zeros.
    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        tangents.iter().any(Option::is_some).then(|| {
            let mut parts = Args::new();
            for (&x, t) in at.args.iter().zip(tangents) {
                let shape = b.shape(x);
                parts.push(t.unwrap_or_else(|| b.fill(shape, 0.0)));
            }
            b.emit(self.clone(), &parts)
        })
    }

    fn transpose(&self, b: &mut Builder, at: At<'_>, j: usize, w: Value) -> Option<Value> {
        let (a, s) = (b.shape(at.args[0]), b.shape(at.args[j]));
        let (row, col) = match (j, self.vertical) {
            (0, _) => (0, 0),
            (_, true) => (a.rows, 0),
            (_, false) => (0, a.cols),
        };
        Some(b.emit(Slice { row, col, rows: s.rows, cols: s.cols }, &[w]))
    }

    fn simplify(&self, b: &mut Builder, args: &[Value], shape: Shape) -> Option<Value> {
        args.iter().copied().find(|&x| b.shape(x) == shape)
    }

    /// The sum of the parts, each among zeros, where a part is no array.
    fn act(&self, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
        let lazy = |a: &Side| matches!(a, Side::Lanes(t) if t.list.iter().all(Term::is_thin));
        let zero = |a: &Side| matches!(a, Side::Point(v) if s.point.uniform(*v) == Some(0.0));
        if !args.iter().any(lazy) || !args.iter().all(|a| lazy(a) || zero(a) || matches!(a, Side::Lanes(_))) {
            return s.opaque(self.clone(), args, shape);
        }
        let mut parts: SmallVec<[Terms; 2]> = SmallVec::new();
        let mut at = (0, 0);
        for a in args {
            let size = match a {
                Side::Point(v) => s.point.shape(*v),
                Side::Lanes(t) => t.shape,
            };
            if let Side::Lanes(_) = a {
                let pad = Pad { row: at.0, col: at.1, rows: shape.rows, cols: shape.cols };
                parts.push(pad.act(s, std::slice::from_ref(a), shape));
            }
            at = if self.vertical { (size.rows, 0) } else { (0, size.cols) };
        }
        let parts: SmallVec<[(f64, &Terms); 2]> = parts.iter().map(|p| (1.0, p)).collect();
        s.sum(&parts, shape)
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        vec![
            (Concat { vertical: true }, shapes(&[(2, 3), (1, 3)])),
            (Concat { vertical: false }, shapes(&[(2, 3), (2, 2)])),
            (Concat { vertical: false }, shapes(&[(1, 1), (1, 1)])),
            (Concat { vertical: true }, shapes(&[(1, 1), (2, 1)])),
        ]
    }
}
