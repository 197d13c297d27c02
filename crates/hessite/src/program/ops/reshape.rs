//! The same entries in column-major order under another shape.

use super::*;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Reshape {
    rows: usize,
    cols: usize,
}

impl Reshape {
    pub fn new(shape: Shape) -> Self {
        Reshape { rows: shape.rows, cols: shape.cols }
    }
}

impl Primitive for Reshape {
    fn name(&self) -> &'static str {
        "reshape"
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        let to = Shape::new(self.rows, self.cols);
        if to.len() != args[0].len() {
            return Err(Mismatch::new(format!("{} entries can't be arranged as {to}", args[0].len())));
        }
        Ok(to)
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        target.out.data.copy_from_slice(args[0].data);
    }

    fn arranges(&self) -> bool {
        true
    }

    fn places(&self, from: Shape) -> Option<Places> {
        Places::new(from.len(), (0..from.len()).map(Some))
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], _: Shape) -> Result<Vec<N>> {
        Ok(args[0].entries.clone())
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        multilinear(self, b, at, tangents)
    }

    fn transpose(&self, b: &mut Builder, at: At<'_>, _: usize, w: Value) -> Option<Value> {
        let from = b.shape(at.args[0]);
        Some(b.emit(Reshape::new(from), &[w]))
    }

    fn simplify(&self, b: &mut Builder, args: &[Value], shape: Shape) -> Option<Value> {
        let x = b.instr(args[0]);
        if x.shape == shape {
            return Some(args[0]);
        }
        match &x.op {
            Op::Reshape(_) => {
                let inner = x.args[0];
                Some(b.emit(self.clone(), &[inner]))
            }
            _ => None,
        }
    }

    fn act(&self, s: &mut Split, args: &[Side], shape: Shape) -> Terms {
        match args {
            [Side::Lanes(t)] => s.unary(self.clone(), t, shape, |s, o| s.rearranged(o, t.shape, shape).map(|o| Terms::one(shape, o.term()))),
            _ => s.opaque(self.clone(), args, shape),
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let to = |m, n| Reshape::new(Shape::new(m, n));
        vec![(to(3, 2), shapes(&[(2, 3)])), (to(1, 1), shapes(&[(1, 1)])), (to(0, 4), shapes(&[(3, 0)]))]
    }
}
