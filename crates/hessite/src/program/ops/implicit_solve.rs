//! w = op(F_z)⁻¹r at (z, x), with finished factors; op is the transpose where the flag says so.
//!
//! ẇ = op(F_z)⁻¹(ṙ − D_{z,x}[op(F_z)·w](ż, ẋ)) with w fixed in the bracket, which is the tangent of a program of the size of
//! F: no array of second derivatives is made. r̄ = op(F_z)⁻ᵀw̄.

use super::*;
use crate::program::implicit::{Along, Implicit};

/// Arguments z, x₁…xₙ, the [`ImplicitFactors`], r.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ImplicitSolve {
    pub of: Implicit,
    /// Of no concern where F_z is symmetric.
    pub transposed: bool,
}

impl ImplicitSolve {
    /// Σ programₖ(given, ẋₖ); `None` where all of them are zero.
    pub fn sum(
        b: &mut Builder,
        programs: &[Along],
        given: &[Value],
        tangents: &[Option<Value>],
    ) -> Option<Value> {
        let mut total = None;
        for (program, t) in programs.iter().zip(tangents) {
            let (Some(program), Some(t)) = (program, *t) else { continue };
            let inputs: Args = given.iter().copied().chain([t]).collect();
            for v in b.inline(program, &inputs) {
                total = Some(total.map_or(v, |sum| b.add(sum, v)));
            }
        }
        total
    }

    /// The place of r.
    fn right(&self) -> usize {
        self.of.inputs().len() + 1
    }
}

impl Primitive for ImplicitSolve {
    fn name(&self) -> &'static str {
        if self.of.minimizes() { "derivative of argmin" } else { "derivative of root" }
    }

    fn shape(&self, args: &[Shape]) -> Result<Shape, Mismatch> {
        let right = Shape::new(self.of.len(), 1);
        let n = self.of.inputs().len();
        match args.len() == n + 2 && args[..n] == *self.of.inputs() && args[n + 1] == right {
            true => Ok(right),
            false => Err(Mismatch::new("the shapes are not those of the equation")),
        }
    }

    fn run(&self, args: &[View<'_>], target: Target<'_>) {
        let Target { out, stop, .. } = target;
        let n = self.right();
        out.data.copy_from_slice(args[n].data);
        self.of.factors.solve(args[n - 1], self.transposed, out, stop);
    }

    fn literal<N: Number>(&self, args: &[&Array<N>], shape: Shape) -> Result<Vec<N>> {
        let n = self.right();
        let mut w = args[n].entries.clone();
        self.of.factors.literal_solve(args[n - 1], shape.rows, self.transposed, &mut w)?;
        Ok(w)
    }

    fn tangent(&self, b: &mut Builder, at: At<'_>, tangents: &[Option<Value>]) -> Option<Value> {
        let n = self.right();
        let mut given = Args::from_slice(&at.args[..n - 1]);
        given.push(b.emit(Reshape::new(self.of.shape), &[at.result]));
        let programs = if self.transposed { &self.of.second_turned } else { &self.of.second };
        let change = ImplicitSolve::sum(b, programs, &given, &tangents[..n - 1]);
        let change = change.map(|c| b.emit(Reshape::new(Shape::new(self.of.len(), 1)), &[c]));
        let right = match (tangents[n], change) {
            (Some(r), Some(c)) => b.map(&crate::program::scalar::SUB, &[r, c]),
            (None, Some(c)) => b.neg(c),
            (r, None) => r?,
        };
        let mut args = Args::from_slice(at.args);
        args[n] = right;
        Some(b.emit(self.clone(), &args))
    }

    fn transpose(&self, b: &mut Builder, at: At<'_>, j: usize, w: Value) -> Option<Value> {
        if j != self.right() {
            return None;
        }
        let transposed = !self.of.minimizes() && !self.transposed;
        let mut args = Args::from_slice(at.args);
        args[j] = w;
        Some(b.emit(ImplicitSolve { of: self.of.clone(), transposed }, &args))
    }

    fn flops(&self, _: &[Shape], shape: Shape) -> u64 {
        2 * shape.len() as u64 * shape.len() as u64
    }

    #[cfg(test)]
    fn made_of(&self, j: usize) -> Option<(Op, Vec<usize>)> {
        let n = self.of.inputs().len();
        (j == n).then(|| (ImplicitFactors { of: self.of.clone() }.into(), (0..n).collect()))
    }

    #[cfg(test)]
    fn tame(&self, args: &mut [Array<f64>]) {
        tame(&mut args[1..]);
    }

    #[cfg(test)]
    fn samples() -> Vec<(Self, Vec<Shape>)> {
        let mut all = Vec::new();
        for of in equations() {
            for transposed in [false, true] {
                if transposed && of.minimizes() {
                    continue;
                }
                let shapes = of.inputs().iter().copied().chain([Shape::new(of.len(), 1)]).collect();
                all.push((ImplicitSolve { of: of.clone(), transposed }, shapes));
            }
        }
        all
    }
}

/// Equations of every kind that are regular at every z, for arguments within [−1, 1].
#[cfg(test)]
pub(super) fn equations() -> Vec<Implicit> {
    let g = crate::Graph::new();
    let (a, b, c) = (g.matrix("A", 3, 3), g.vector("b", 3), g.matrix("C", 2, 3));
    let (d, e, x) = (g.matrix("D", 2, 2), g.matrix("E", 0, 2), g.scalar("x"));
    let zeros = |m: usize, n: usize| nalgebra::DMatrix::<f64>::zeros(m, n);
    let all = [
        g.root_of(&[x.into()], 0.0, |_, z, x| z * 3.0 + z.sin() - x[0]),
        g.root_of(&[a, b], &[0.0; 3], |_, z, x| z - (x[0] * z * 0.3).tanh() - x[1]),
        g.root_of(&[c, d], &zeros(2, 3), |g, z, x| {
            let weights = g.data(&nalgebra::dmatrix![1.0, 0.5, 0.25; 0.0, 2.0, 1.5]);
            z * 5.0 + x[1] * z + weights.component_mul(z.powi(3)) - x[0]
        }),
        g.root_of(&[e], &zeros(0, 2), |_, z, x| z - x[0]),
        g.argmin_of(&[a, b], &[0.0; 3], |_, z, x| (x[0] * z - x[1]).softplus().sum() + z.norm_squared() * 1.5),
        g.argmin_of(&[x.into()], 0.0, |_, z, x| (z - x[0]).norm_squared() + z.cos().sum()),
    ];
    let of = |z: crate::Matrix<'_>| match &g.snapshot(z.value).unwrap().0.instr(z.value).op {
        Op::Root(root) => root.of.clone(),
        other => unreachable!("{other:?} is no implicit function"),
    };
    all.map(of).to_vec()
}

/// Within [−1, 1].
#[cfg(test)]
pub(super) fn tame(args: &mut [Array<f64>]) {
    args.iter_mut().flat_map(|a| &mut a.entries).for_each(|x| *x = x.sin());
}
