//! Everything that second derivatives of one function at one point must agree on.

use super::bounded::Bounded;
use super::support::{Rng, assert_within, evaluate, inner};
use crate::calculus;
use crate::dense::columns::ColumnsMut;
use crate::engine::control::Control;
use crate::engine::duals::{First, Literal};
use crate::hessian::{Directions, Kind, PlanKey, Set, derive};
use crate::program::literal;
use crate::program::number::{Array, Number};
use crate::program::ops::Dot;
use crate::program::{Builder, Program, Value};
use crate::record::{Binding, Var};
use crate::{Function, Point};
use nalgebra::DMatrix;
use num_dual::Dual64;

/// Another order of the same operations.
pub const ORDER: f64 = 4.0;
/// Other formulas for the same derivatives: the analysis knows ours.
pub const FORMULA: f64 = 32.0;

/// A function at a point, with the bounds of its Hessian by running error analysis.
pub struct Laws<'f> {
    pub f: &'f Function,
    pub at: Point,
    pub x: Vec<f64>,
    pub vars: Vec<Var>,
    /// Column by column, by the rules evaluated literally.
    pub bounds: Vec<Vec<Bounded>>,
}

/// The bounds, with room where they are zero: what cancels in a rule may leave the rounding of its square in dual numbers.
fn tiny(bounds: &[Bounded]) -> Vec<Bounded> {
    let largest = bounds.iter().fold(1.0, |m: f64, b| m.max(b.value.abs()));
    let room = |b: &Bounded| Bounded { error: if b.error == 0.0 { 1e-25 * largest } else { b.error }, ..*b };
    bounds.iter().map(room).collect()
}

impl<'f> Laws<'f> {
    /// `x`: all variables stacked.
    pub fn new(f: &'f Function, x: &[f64]) -> crate::Result<Self> {
        let vars = f.inner.variables.vars();
        let at = f.at(&bindings(f, &vars, x))?;
        let mut laws = Laws { f, at, x: x.to_vec(), vars, bounds: Vec::new() };
        laws.bounds = (0..laws.n()).map(|c| laws.bounded_hvp(&unit(laws.n(), c))).collect();
        Ok(laws)
    }

    pub fn n(&self) -> usize {
        self.x.len()
    }

    /// The largest bound of an entry of H or of the gradient, relative to the largest entry; NaN where one is not finite, or
    /// so large that powers in quotients of dual numbers may not be.
    pub fn sharpness(&self) -> f64 {
        let gradient = self.bounded_gradient();
        let all = || self.bounds.iter().flatten().chain(&gradient);
        if all().any(|b| b.error.is_nan() || b.value.is_nan() || b.value.abs() > 1e75) {
            return f64::NAN;
        }
        let largest = all().fold(1.0, |m: f64, b| m.max(b.value.abs()));
        all().fold(0.0, |m: f64, b| m.max(b.error)) / largest
    }

    /// The gradient by the rules, evaluated literally with bounds.
    fn bounded_gradient(&self) -> Vec<Bounded> {
        let g = self.f.inner.gradient().unwrap();
        let values = evaluate::<Bounded>(&g.program, &self.parts(&self.x));
        self.stack(&values, &g.derivatives)
    }

    fn parts<'x>(&self, x: &'x [f64]) -> Vec<&'x [f64]> {
        parts(self.f, x)
    }

    /// H·v by the rules, evaluated literally with bounds.
    pub fn bounded_hvp(&self, v: &[f64]) -> Vec<Bounded> {
        let f = &*self.f.inner;
        let all = f.variables.all();
        let key = PlanKey { kind: Kind::Hvp, seeded: all.clone(), wanted: all, directions: 1 };
        let (_, d) = derive(f, &key).unwrap();
        let mut inputs = self.parts(&self.x);
        // What reverse mode added between the variables and the seeds is not needed, and NaN.
        let between: Vec<Vec<f64>> = d.program.inputs[inputs.len()..d.program.inputs.len() - d.seeds.len()]
            .iter()
            .map(|s| vec![f64::NAN; s.len()])
            .collect();
        inputs.extend(between.iter().map(|x| &x[..]));
        inputs.extend(self.parts(v));
        let values = evaluate::<Bounded>(&d.program, &inputs);
        self.stack(&values, &d.derivatives)
    }

    /// Values of all variables' derivatives, zeros where there is none.
    fn stack<N: Number>(&self, values: &[Array<N>], derivatives: &[Option<Value>]) -> Vec<N> {
        let vars = &self.f.inner.variables;
        let part = |(k, d): (usize, &Option<Value>)| match d {
            Some(v) => values[v.index()].entries.clone(),
            None => vec![N::constant(0.0); vars.len_of(k)],
        };
        derivatives.iter().enumerate().flat_map(part).collect()
    }

    pub fn bindings<'x>(&self, x: &'x [f64]) -> Vec<Binding<'x>> {
        bindings(self.f, &self.vars, x)
    }

    /// All laws.
    pub fn check(&self, rng: &mut Rng, what: &str) {
        let h = self.at.hessian(&self.vars).unwrap().into_matrix();
        self.gradient(what);
        self.hessian(&h, what);
        self.blocks(what);
        self.products(rng, what);
        self.hyper_duals(rng, what);
        self.modes(rng, what);
        self.hoisting(what);
    }

    /// The gradient is that of dual numbers on the value program.
    fn gradient(&self, what: &str) {
        let bounds = self.bounded_gradient();
        let stacked = self.at.gradient().unwrap().stacked();
        assert_within(stacked.as_slice(), &bounds, ORDER, &format!("{what}: gradient"));
        let by_duals: Vec<f64> = (0..self.n()).map(|c| self.slope(&unit(self.n(), c))).collect();
        assert_within(&by_duals, &tiny(&bounds), FORMULA, &format!("{what}: gradient by dual numbers"));
    }

    /// The derivative along v by dual numbers on the value program.
    fn slope(&self, v: &[f64]) -> f64 {
        let f = &*self.f.inner;
        let dual = |(&x, &v): (&f64, &f64)| Literal(Dual64::new(x, v));
        let parts = self.parts(&self.x).into_iter().zip(self.parts(v)).zip(&f.program.inputs);
        let inputs: Vec<Array<First>> =
            parts.map(|((x, v), &s)| Array::new(s, x.iter().zip(v).map(dual).collect())).collect();
        literal::evaluate(&f.program, &inputs, false).unwrap()[f.output.index()].entries[0].0.eps
    }

    /// The dense Hessian is made of the rules' columns and of dual numbers' on the gradient program; it is symmetric.
    fn hessian(&self, h: &DMatrix<f64>, what: &str) {
        for c in 0..self.n() {
            assert_within(h.column(c).as_slice(), &self.bounds[c], ORDER, &format!("{what}: column {c}"));
            let duals = self.at.hvp_by_duals(&unit(self.n(), c)).unwrap();
            let bounds = tiny(&self.bounds[c]);
            assert_within(&duals, &bounds, FORMULA, &format!("{what}: column {c} by dual numbers"));
            for r in 0..c {
                let (x, y) = (self.bounds[c][r], self.bounds[r][c]);
                assert!((x - y).admits(0.0, ORDER), "{what}: H is not symmetric at ({r}, {c}): {x:?}, {y:?}");
                assert!(
                    // Subnormal numbers are rounded to a fixed step.
                    (h[(r, c)] - h[(c, r)]).abs() <= ORDER * (x.error + y.error) + 1e-300,
                    "{what}: H = H' at ({r}, {c}): {:e}, {:e}",
                    h[(r, c)],
                    h[(c, r)]
                );
            }
        }
    }

    /// A block is a slice of the full Hessian, whichever side is seeded, in any order of the variables.
    fn blocks(&self, what: &str) {
        let vars = &self.f.inner.variables;
        let backwards: Vec<Var> = self.vars.iter().rev().copied().collect();
        let turned = self.at.hessian(&backwards).unwrap();
        for (a, &x) in self.vars.iter().enumerate() {
            for (b, &y) in self.vars.iter().enumerate() {
                let block = self.at.block(x, y).unwrap().into_matrix();
                let part = turned.block(x, y).unwrap().into_owned();
                let (rows, cols) = (vars.range(a), vars.range(b));
                for (m, of) in [(block, "on its own"), (part, "of the Hessian backwards")] {
                    assert_eq!(m.shape(), (rows.len(), cols.len()), "{what}");
                    for (c, column) in cols.clone().zip(m.column_iter()) {
                        let column: Vec<f64> = column.iter().copied().collect();
                        let name = format!("{what}: block ({a}, {b}) {of}");
                        assert_within(&column, &self.bounds[c][rows.clone()], ORDER, &name);
                    }
                }
            }
        }
    }

    /// One direction, some variables left out, and panels of every width.
    fn products(&self, rng: &mut Rng, what: &str) {
        let n = self.n();
        let v = rng.numbers(n, -1.0, 1.0);
        let full = self.at.hvp(&self.bindings(&v)).unwrap().stacked();
        assert_within(full.as_slice(), &self.bounded_hvp(&v), ORDER, &format!("{what}: hvp"));
        for (k, &var) in self.vars.iter().enumerate() {
            let range = self.f.inner.variables.range(k);
            let mut part = vec![0.0; n];
            part[range.clone()].copy_from_slice(&v[range.clone()]);
            let got = self.at.hvp(&[var.is(&v[range])]).unwrap().stacked();
            assert_within(
                got.as_slice(),
                &self.bounded_hvp(&part),
                ORDER,
                &format!("{what}: hvp along X{k}"),
            );
        }
        for count in [1, 2, 3, 4, 5, 8, 9, 13] {
            let panel = DMatrix::from_vec(n, count, rng.numbers(n * count, -1.0, 1.0));
            let got = self.at.hvp_many(&panel).unwrap();
            // The tail of a panel is where widths differ; the rest is as the widths before.
            for c in (count - 1) / 4 * 4..count {
                let bound = self.bounded_hvp(panel.column(c).as_slice());
                let name = format!("{what}: column {c} of a panel of {count}");
                assert_within(got.column(c).as_slice(), &bound, ORDER, &name);
            }
        }
    }

    /// uᵀHv by hyper-dual numbers on the value program, for all pairs of entries or for random ones.
    fn hyper_duals(&self, rng: &mut Rng, what: &str) {
        let n = self.n();
        let every: Vec<(usize, usize)> = (0..n).flat_map(|c| (0..=c).map(move |r| (r, c))).collect();
        let some: Vec<(usize, usize)> =
            if every.len() <= 36 { every } else { (0..24).map(|_| (rng.below(n), rng.below(n))).collect() };
        for (r, c) in some {
            let got = self.at.curvature_by_hyperduals(&unit(n, r), &unit(n, c)).unwrap();
            let b = tiny(&self.bounds[c])[r];
            assert!(b.admits(got, FORMULA), "{what}: hyper-dual ({r}, {c}): {got:e}, {b:?}");
        }
    }

    /// Reverse over reverse, reverse over forward and forward over forward.
    fn modes(&self, rng: &mut Rng, what: &str) {
        let v = rng.numbers(self.n(), -1.0, 1.0);
        let u = rng.numbers(self.n(), -1.0, 1.0);
        let bound = self.bounded_hvp(&v);
        let f = &*self.f.inner;
        let inputs: Vec<Value> = f.variables.list.iter().map(|v| v.value).collect();

        let g = f.gradient().unwrap();
        let (program, total) = self.contracted(&g.program, &g.derivatives);
        let rr = self.reverse(program, &inputs, total, &v);
        assert_within(&rr, &bound, ORDER, &format!("{what}: reverse over reverse"));

        let d = calculus::tangents(f.program.clone(), &inputs, &[f.output]).unwrap();
        let rf = match d.derivatives[0] {
            Some(t) => self.reverse(d.program.clone(), &inputs, t, &v),
            None => vec![0.0; self.n()],
        };
        assert_within(&rf, &bound, ORDER, &format!("{what}: reverse over forward"));

        let ff = d.derivatives[0].map_or(0.0, |t| {
            let dd = calculus::tangents(d.program.clone(), &inputs, &[t]).unwrap();
            let all = [self.parts(&self.x), self.parts(&v), self.parts(&u)].concat();
            dd.derivatives[0].map_or(0.0, |t| evaluate::<f64>(&dd.program, &all)[t.index()].entries[0])
        });
        let b = inner(&bound, &u);
        assert!(b.admits(ff, ORDER), "{what}: forward over forward: {ff:e}, {b:?}");
    }

    /// Appends Σ ⟨gₖ, Vₖ⟩ for further inputs V.
    fn contracted(&self, program: &Program, parts: &[Option<Value>]) -> (Program, Value) {
        let mut b = Builder::extend(program.clone());
        let inputs: Vec<Value> = self.f.inner.variables.list.iter().map(|v| b.input(v.shape)).collect();
        let mut total = b.constant(0.0);
        for (part, v) in parts.iter().zip(inputs) {
            if let Some(part) = *part {
                let dot = b.emit(Dot, &[part, v]);
                total = b.add(total, dot);
            }
        }
        (b.finish(vec![total]).unwrap(), total)
    }

    /// The gradient of a scalar of (x, v) with respect to x.
    fn reverse(&self, program: Program, inputs: &[Value], target: Value, v: &[f64]) -> Vec<f64> {
        let d = calculus::adjoints(program, inputs, target, false).unwrap();
        let mut given = self.parts(&self.x);
        // Seeds of earlier passes stand between; only the last are V.
        given.extend(self.parts(v));
        let values = evaluate::<f64>(&d.program, &given);
        self.stack(&values, &d.derivatives)
    }

    /// How many directions are expected changes what is hoisted, never what comes out.
    fn hoisting(&self, what: &str) {
        let vars = &self.f.inner.variables;
        for k in 0..self.vars.len() {
            let (n, range) = (vars.len_of(k), vars.range(k));
            if n == 0 {
                continue;
            }
            let seeded: Set = [k as u32].into_iter().collect();
            for directions in [1, 7, 8, 1000] {
                let control = Control::new();
                let l = self.at.linearize(Kind::Hvp, &seeded, &vars.all(), directions, &control).unwrap();
                let mut out = vec![f64::NAN; self.n() * n];
                let columns = ColumnsMut::columns(&mut out, self.n(), n);
                self.at.sweep(&l, Directions::Units(0), columns, &control).unwrap();
                for (c, column) in range.clone().zip(out.chunks(self.n())) {
                    let name = format!("{what}: column {c}, planned for {directions} directions");
                    assert_within(column, &self.bounds[c], ORDER, &name);
                }
            }
        }
    }
}

pub fn unit(n: usize, c: usize) -> Vec<f64> {
    let mut e = vec![0.0; n];
    e[c] = 1.0;
    e
}

/// All variables stacked, one by one.
pub fn parts<'x>(f: &Function, x: &'x [f64]) -> Vec<&'x [f64]> {
    (0..f.inner.variables.list.len()).map(|k| &x[f.inner.variables.range(k)]).collect()
}

pub fn bindings<'x>(f: &Function, vars: &[Var], x: &'x [f64]) -> Vec<Binding<'x>> {
    vars.iter().enumerate().map(|(k, v)| v.is(&x[f.inner.variables.range(k)])).collect()
}
