//! A recorded function, transformed and planned once.

use super::plan::{Key, Kind, Plan, internal};
use super::point::Point;
use super::products::length;
use super::second::Companions;
use super::variables::{Purpose, Set, Sorted, Variables};
use crate::calculus::{self, Derived};
use crate::engine::control::{Control, DEFAULT_BUDGET};
use crate::engine::schedule::Schedule;
use crate::error::{Error, Line, Result};
use crate::passes::prune;
use crate::program::{Program, Shape, Value};
use crate::record::{Binding, Graph, Matrix, Variable};
use nalgebra::DVector;
use smallvec::SmallVec;
use std::collections::HashMap;
use std::fmt;
use std::panic::Location;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock, RwLock};

/// What happens where a number is not finite or a derivative does not exist; see docs/semantics in the repository.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// Every operation gives its IEEE value; nothing is checked.
    Ieee,
    /// A NaN or infinity in a point, a direction or a result is an error that names the operation.
    #[default]
    Checked,
    /// As `Checked`, and a point where the function has a kink is an error too.
    Strict,
}

/// The immutable part that functions and their points share.
pub(crate) struct Inner {
    pub program: Program,
    pub output: Value,
    pub shape: Shape,
    pub variables: Variables,
    pub value_schedule: Schedule,
    gradient: OnceLock<Result<Derived>>,
    gradient_schedule: OnceLock<Schedule>,
    plans: RwLock<Vec<Arc<Plan>>>,
    /// Of which pairs of variables the second is seeded.
    sides: RwLock<HashMap<[usize; 2], bool>>,
    /// Functions that the second derivatives of a matrix-valued one are derivatives of.
    pub companions: Companions,
}

impl Inner {
    /// The gradient program: the value program with adjoints appended.
    pub fn gradient(&self) -> Result<&Derived> {
        self.gradient.get_or_init(|| self.make_gradient()).as_ref().map_err(Clone::clone)
    }

    fn make_gradient(&self) -> Result<Derived> {
        let inputs: Vec<Value> = self.variables.list.iter().map(|v| v.value).collect();
        let mut d =
            calculus::adjoints(self.program.clone(), &inputs, self.output, false).map_err(internal)?;
        // The value comes first, so that the value program stays a prefix with the same numbers.
        d.program.outputs =
            std::iter::once(self.output).chain(d.derivatives.iter().flatten().copied()).collect();
        let (program, place) = prune(&d.program, self.program.inputs.len());
        let derivatives = d.derivatives.iter().map(|v| v.and_then(|v| place[v.index()])).collect();
        Ok(Derived { program, seeds: d.seeds, derivatives })
    }

    /// The gradient stage, which goes on from the value stage; empty where there is no gradient.
    pub fn gradient_schedule(&self) -> &Schedule {
        self.gradient_schedule.get_or_init(|| match self.gradient() {
            Ok(g) => {
                let targets: Vec<Value> = g.derivatives.iter().flatten().copied().collect();
                Schedule::new(&g.program, &targets, 1, Some(&self.value_schedule))
            }
            Err(_) => Schedule::new(&self.program, &[], 1, Some(&self.value_schedule)),
        })
    }

    /// The plan for this key, made on first use.
    pub fn plan(&self, kind: Kind, seeded: &Set, wanted: &Set, directions: usize) -> Result<Arc<Plan>> {
        let same = |p: &&Arc<Plan>| p.key.is(kind, seeded, wanted, directions);
        if let Ok(plans) = self.plans.read()
            && let Some(p) = plans.iter().find(same)
        {
            return Ok(p.clone());
        }
        let key = Key { kind, seeded: seeded.clone(), wanted: wanted.clone(), directions };
        let plan = Arc::new(Plan::new(self, key)?);
        if let Ok(mut plans) = self.plans.write() {
            if let Some(p) = plans.iter().find(same) {
                return Ok(p.clone());
            }
            plans.push(plan.clone());
        }
        Ok(plan)
    }

    /// Whether the block of variables `a` and `b` is computed along the entries of `b`: the smaller side, the second of
    /// equals, unless a block worth the planning takes clearly less along the other one.
    pub fn seeds_second(&self, a: usize, b: usize) -> bool {
        let (m, n) = (self.variables.len_of(a), self.variables.len_of(b));
        let smaller = m >= n;
        if a == b || m.min(n).saturating_mul(4) < m.max(n) || m.saturating_mul(n) < WORTH {
            return smaller;
        }
        if let Ok(sides) = self.sides.read()
            && let Some(&known) = sides.get(&[a, b])
        {
            return known;
        }
        let time = |seed: usize, wanted: usize, n: usize| {
            let plan = self.plan(Kind::Hvp, &[seed as u32][..].into(), &[wanted as u32][..].into(), n);
            plan.map_or(u64::MAX, |p| p.time(n))
        };
        let (first, second) = (time(a, b, m), time(b, a, n));
        // The smaller side is left for a fifth of the time.
        let gain = |from: u64, to: u64| to < from / 5 * 4;
        let seeds_second = if smaller { !gain(second, first) } else { gain(first, second) };
        if let Ok(mut sides) = self.sides.write() {
            sides.insert([a, b], seeds_second);
        }
        seeds_second
    }
}

/// Entries of a block for which both sides are planned and compared.
const WORTH: usize = 1 << 12;

/// A function of matrices, ready to be evaluated and differentiated at any number of points.
///
/// `Clone` is cheap, and it is `Send + Sync`: threads share one function, each with points of its own.
#[derive(Clone)]
pub struct Function {
    pub(crate) inner: Arc<Inner>,
    pub(crate) mode: Mode,
    pub(crate) budget: u64,
    cancel: Option<Arc<AtomicBool>>,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variables: Vec<String> =
            self.inner.variables.list.iter().map(|v| format!("{}: {}", v.name, v.shape)).collect();
        f.debug_struct("Function")
            .field("variables", &variables)
            .field("output", &self.inner.shape)
            .field("mode", &self.mode)
            .finish()
    }
}

/// What a function costs, before any work is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Estimate {
    /// Entries of all variables: the order of the full Hessian.
    pub variables: usize,
    /// Floating-point operations of the value.
    pub value_flops: u64,
    /// Further ones of the gradient.
    pub gradient_flops: u64,
    /// Of one Hessian-vector product on a kept point.
    pub hvp_flops: u64,
    /// Directions that the full Hessian takes.
    pub hessian_directions: u64,
    /// Bytes of the full Hessian.
    pub hessian_bytes: u64,
    /// Bytes that a point keeps for value, gradient and products.
    pub point_bytes: u64,
    /// Bytes of one thread's buffers.
    pub workspace_bytes: u64,
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "variables           {:>14} entries", self.variables)?;
        writeln!(f, "value               {:>14} flops", self.value_flops)?;
        writeln!(f, "gradient, further   {:>14} flops", self.gradient_flops)?;
        writeln!(f, "one product H·v     {:>14} flops on a kept point", self.hvp_flops)?;
        writeln!(f, "full Hessian        {:>14} directions", self.hessian_directions)?;
        writeln!(f, "                    {:>14} bytes", self.hessian_bytes)?;
        writeln!(f, "point               {:>14} bytes", self.point_bytes)?;
        write!(f, "workspace           {:>14} bytes a thread", self.workspace_bytes)
    }
}

impl Graph {
    /// Makes a function of what was recorded: its value program, and its gradient when it is a scalar.
    ///
    /// All variables of the graph are the function's variables, in the order of declaration.
    ///
    /// # Errors
    /// The first fault on the way to `output`, in words and with the caller's lines: shapes that do not fit, a
    /// handle of another graph, a name declared twice.
    #[track_caller]
    pub fn function<'g>(&'g self, output: impl Into<Matrix<'g>>) -> Result<Function> {
        let output: Matrix<'g> = output.into();
        if output.graph.id() != self.id() {
            return Err(Error::MixedGraph {
                what: "the output".into(),
                line: Line(Some(Location::caller())),
            });
        }
        let (recorded, list) = self.snapshot(output.value)?;
        Function::pruned(&recorded, self.id(), list)
    }
}

impl Function {
    /// Of what a program with one output needs, its inputs being these variables, in order.
    pub(crate) fn pruned(whole: &Program, graph: u64, mut list: Vec<Variable>) -> Result<Function> {
        let (program, place) = prune(whole, whole.inputs.len());
        for v in &mut list {
            v.value = place[v.value.index()].unwrap_or(v.value);
        }
        let output = program.outputs.first().copied().unwrap_or(Value(0));
        Function::of(program, output, Variables::new(graph, list))
    }

    /// Of a program whose inputs are these variables, in order.
    pub(crate) fn of(program: Program, output: Value, variables: Variables) -> Result<Function> {
        let shape = program.shape(output);
        let inner = Inner {
            value_schedule: Schedule::new(&program, &[output], 0, None),
            output,
            shape,
            variables,
            gradient: OnceLock::new(),
            gradient_schedule: OnceLock::new(),
            plans: RwLock::new(Vec::new()),
            sides: RwLock::default(),
            companions: Companions::default(),
            program,
        };
        if shape.is_scalar() {
            inner.gradient()?;
        }
        Ok(Function { inner: Arc::new(inner), mode: Mode::default(), budget: DEFAULT_BUDGET, cancel: None })
    }
}

impl Function {
    /// The same function in another mode.
    pub fn with_mode(&self, mode: Mode) -> Function {
        Function { mode, ..self.clone() }
    }

    /// The same function with another memory budget for each call, in bytes; 8 GiB at first.
    pub fn with_budget(&self, bytes: u64) -> Function {
        Function { budget: bytes, ..self.clone() }
    }

    /// The same function under a flag: once it is raised, from any thread, every call on the function and its points
    /// returns [`Error::Cancelled`] within a fraction of a second. Lowered again, all go on. A point whose
    /// evaluation was cancelled has to be [updated](Point::update).
    pub fn with_cancel(&self, flag: Arc<AtomicBool>) -> Function {
        Function { cancel: Some(flag), ..self.clone() }
    }

    /// Another function under the mode, budget and flag of this one.
    pub(crate) fn ruling(&self, other: &Function) -> Function {
        Function { inner: other.inner.clone(), ..self.clone() }
    }

    /// What a call obeys beside its own control.
    pub(crate) fn control<'a>(&'a self, own: &Control<'a>) -> Control<'a> {
        own.under(self.cancel.as_deref()).lenient(!self.checks())
    }

    /// Whether inputs and results have to be finite.
    pub(crate) fn checks(&self) -> bool {
        self.mode != Mode::Ieee
    }

    /// An error for the first number of the bindings that is not finite, where that matters.
    pub(crate) fn finite_bindings(&self, sorted: &Sorted<'_>) -> Result<()> {
        if !self.checks() {
            return Ok(());
        }
        let mut bound = sorted.iter().enumerate().filter_map(|(k, b)| Some((k, b.as_deref()?)));
        bound.try_for_each(|(k, entries)| self.inner.variables.finite(k, entries))
    }

    /// Rows and columns of the output.
    pub fn shape(&self) -> (usize, usize) {
        (self.inner.shape.rows, self.inner.shape.cols)
    }

    /// Entries of all variables together.
    pub fn dimension(&self) -> usize {
        self.inner.variables.total()
    }

    /// Names and shapes of the variables, in order; of a structured one that of the column of its coordinates.
    pub fn variables(&self) -> impl Iterator<Item = (&str, (usize, usize))> {
        self.inner.variables.list.iter().map(|v| (v.name.as_str(), (v.shape.rows, v.shape.cols)))
    }

    /// The point with these values: evaluates the function there. Each variable is bound exactly once.
    ///
    /// # Errors
    /// A variable bound twice, not at all, or by an unknown name; a wrong shape; unless the mode is
    /// [`Mode::Ieee`], a NaN or infinity in the point or the value; in [`Mode::Strict`] a kink.
    pub fn at(&self, bindings: &[Binding<'_>]) -> Result<Point> {
        Point::new(self, bindings)
    }

    /// Stacks values or directions of all variables into one vector, as products and panels take them: variable
    /// after variable, each column by column, and of a [structured](crate::Structure) one its coordinates. A variable that is
    /// left out is zero.
    pub fn stack(&self, bindings: &[Binding<'_>]) -> Result<DVector<f64>> {
        self.stack_for(bindings, Purpose::Values)
    }

    pub(crate) fn stack_for(&self, bindings: &[Binding<'_>], purpose: Purpose) -> Result<DVector<f64>> {
        let vars = &self.inner.variables;
        let mut all = DVector::zeros(vars.total());
        let mut sorted = Sorted::new();
        vars.sort(bindings, purpose, &mut sorted)?;
        for (k, entries) in sorted.iter().enumerate() {
            if let Some(entries) = entries {
                all.as_mut_slice()[vars.range(k)].copy_from_slice(entries);
            }
        }
        Ok(all)
    }

    /// The point at one vector of all variables stacked, as optimizers hold it (see [`stack`](Function::stack)).
    ///
    /// # Errors
    /// A wrong length; otherwise as [`at`](Function::at).
    pub fn at_stacked(&self, x: &[f64]) -> Result<Point> {
        self.at(&self.unstack(x)?)
    }

    /// A stacked vector cut into the parts of the variables.
    pub(crate) fn unstack<'x>(&self, x: &'x [f64]) -> Result<SmallVec<[Binding<'x>; 16]>> {
        let vars = &self.inner.variables;
        length("stacked vector", vars.total(), x.len())?;
        Ok((0..vars.list.len()).map(|k| vars.var(k).is(&x[vars.range(k)]).packed()).collect())
    }

    /// What value, gradient, products and the full Hessian cost.
    ///
    /// # Errors
    /// The function is not scalar.
    pub fn estimate(&self) -> Result<Estimate> {
        let f = &*self.inner;
        self.scalar("estimate")?;
        let all = f.variables.all();
        let plan = f.plan(Kind::Hvp, &all, &all, 1)?;
        let placed = plan.placed(f, true);
        let n = f.variables.total();
        Ok(Estimate {
            variables: n,
            value_flops: f.value_schedule.flops(&f.program),
            gradient_flops: f.gradient_schedule().flops(&f.gradient()?.program),
            hvp_flops: placed.lanes.flops,
            hessian_directions: n as u64,
            hessian_bytes: bytes(n, n),
            point_bytes: f.value_schedule.bytes() + f.gradient_schedule().bytes() + placed.schedule.bytes(),
            workspace_bytes: placed.lanes.bytes(),
        })
    }

    pub(crate) fn scalar(&self, what: &'static str) -> Result<()> {
        let s = self.inner.shape;
        if s.is_scalar() { Ok(()) } else { Err(Error::NotScalar { what, rows: s.rows, cols: s.cols }) }
    }
}

/// Bytes of an m×n matrix, saturated.
pub(crate) fn bytes(m: usize, n: usize) -> u64 {
    (m as u64).saturating_mul(n as u64).saturating_mul(8)
}
