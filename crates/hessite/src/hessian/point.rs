//! A point: what was computed there, stage by stage, as it was needed.
//!
//! The value stage is there from the start. The gradient stage and the point part of each plan are added on demand,
//! by whichever thread comes first; nothing is locked while computing. `update` moves to another point and keeps
//! the memory.

use super::failures;
use super::function::{Function, Inner, Mode};
use super::plan::{Kind, Placed, Plan};
use super::variables::{Purpose, Set, Sorted};
use crate::dense::buffer::Buffer;
use crate::dense::reduce::all_finite;
use crate::engine::control::Control;
use crate::engine::schedule::Schedule;
use crate::engine::{NO_STAGES, Stages};
use crate::error::{Error, Phase, Result};
use crate::program::{Program, Value};
use crate::record::Binding;
use nalgebra::DMatrix;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A function at a point. Everything that is asked of it shares what was computed there once.
pub struct Point {
    pub(crate) function: Function,
    value: Vec<Buffer>,
    /// Why there is no value: the evaluation was cancelled, or an operation has no result here.
    incomplete: Option<Error>,
    later: Mutex<Later>,
}

/// The stages after the value, each with the memory of the point before.
#[derive(Default)]
struct Later {
    gradient: Slot,
    plans: Vec<(Arc<Plan>, [Slot; 2])>,
}

#[derive(Default)]
struct Slot {
    ready: Option<Arc<Vec<Buffer>>>,
    spare: Option<Arc<Vec<Buffer>>>,
}

impl Slot {
    fn retire(&mut self) {
        self.spare = self.ready.take().or(self.spare.take());
    }
}

/// The stages that a plan's direction part reads.
pub(crate) struct Linearized {
    pub plan: Arc<Plan>,
    with_gradient: bool,
    gradient: Option<Arc<Vec<Buffer>>>,
    own: Arc<Vec<Buffer>>,
}

/// Refuses a stage whose buffers are over the budget.
fn within(limit: u64, what: &str, schedule: &Schedule) -> Result<()> {
    let needed_bytes = schedule.bytes();
    if needed_bytes <= limit {
        return Ok(());
    }
    let alternatives = "a function with smaller intermediate arrays, or a larger budget";
    Err(Error::Budget { what: what.into(), needed_bytes, limit, alternatives })
}

impl fmt::Debug for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Point").field("function", &self.function).finish_non_exhaustive()
    }
}

impl Point {
    pub(crate) fn new(function: &Function, bindings: &[Binding<'_>]) -> Result<Point> {
        let f = &*function.inner;
        // Wrong bindings are found before memory is taken.
        let mut sorted = Sorted::new();
        f.variables.sort(bindings, Purpose::Point, &mut sorted)?;
        within(function.budget, "the point", &f.value_schedule)?;
        let value = f.value_schedule.allocate(&f.program);
        let mut point = Point {
            function: function.clone(),
            value,
            incomplete: Some(Error::Cancelled),
            later: Mutex::default(),
        };
        point.settle(&sorted)?;
        Ok(point)
    }

    /// Moves to another point, keeping plans and memory: nothing is allocated once everything that is asked has
    /// been asked before. What is needed again is computed again when it is asked for.
    ///
    /// # Errors
    /// As [`Function::at`]. Bindings that do not fit leave the point where it was; after a non-finite value or a
    /// kink it stands at the new place, usable as far as it is defined; after [`Error::Cancelled`], or where an
    /// operation has no result (a singular matrix, say), it has to be updated again, and until then all that is
    /// asked of it is that error.
    pub fn update(&mut self, bindings: &[Binding<'_>]) -> Result<()> {
        self.move_to(bindings)
    }

    /// [`update`](Point::update) to one vector of all variables stacked.
    ///
    /// # Errors
    /// A wrong length; otherwise as [`update`](Point::update).
    pub fn update_stacked(&mut self, x: &[f64]) -> Result<()> {
        let bindings = self.function.unstack(x)?;
        self.move_to(&bindings)
    }

    fn move_to(&mut self, bindings: &[Binding<'_>]) -> Result<()> {
        let mut sorted = Sorted::new();
        self.function.inner.variables.sort(bindings, Purpose::Point, &mut sorted)?;
        self.settle(&sorted)
    }

    fn settle(&mut self, sorted: &Sorted<'_>) -> Result<()> {
        let Point { function, value, incomplete, later } = self;
        function.finite_bindings(sorted)?;
        let f = &*function.inner;
        for (k, entries) in sorted.iter().enumerate() {
            if let (Some(entries), Some(slot)) = (entries, f.value_schedule.inputs[k]) {
                value[slot as usize].copy_from_slice(entries);
            }
        }
        let later = later.get_mut().unwrap_or_else(PoisonError::into_inner);
        later.gradient.retire();
        later.plans.iter_mut().flat_map(|(_, slots)| slots).for_each(Slot::retire);
        let control = function.control(&Control::new());
        let run = f.value_schedule.run(&f.program, Stages::new(&f.program), value, &control);
        *incomplete = run.clone().err();
        run?;
        self.check_value()
    }

    fn check_value(&self) -> Result<()> {
        let f = &*self.function.inner;
        if !self.function.checks() {
            return Ok(());
        }
        if !all_finite(self.value_entries()) {
            return Err(failures::locate(&f.program, &[f.output], &self.inputs(), Phase::Value)?);
        }
        if self.function.mode == Mode::Strict
            && let Some(kink) = failures::kinks(&f.program, f.output, &self.inputs())?.into_iter().next()
        {
            return Err(kink);
        }
        Ok(())
    }

    /// The function of this point.
    pub fn function(&self) -> &Function {
        &self.function
    }

    pub(crate) fn value_entries(&self) -> &[f64] {
        let f = &*self.function.inner;
        self.entries(f, &f.program, f.output, NO_STAGES)
    }

    /// The value of variable `k` here.
    pub(crate) fn input(&self, k: usize) -> &[f64] {
        match self.function.inner.value_schedule.inputs[k] {
            Some(slot) => &self.value[slot as usize],
            None => &[],
        }
    }

    pub(crate) fn inputs(&self) -> Vec<&[f64]> {
        (0..self.function.inner.variables.list.len()).map(|k| self.input(k)).collect()
    }

    fn entries<'a>(
        &'a self,
        f: &'a Inner,
        program: &'a Program,
        v: Value,
        mut stages: [&'a [Buffer]; 3],
    ) -> &'a [f64] {
        stages[0] = &self.value;
        let stages = Stages { data: &program.data, stages };
        let schedule = if stages.stages[1].is_empty() { &f.value_schedule } else { f.gradient_schedule() };
        schedule.place(v).map_or(&[], |place| stages.view(place, program.shape(v)).data)
    }

    /// The value of a scalar function; of a matrix-valued one its first entry (see
    /// [`value_matrix`](Point::value_matrix)). NaN when the last update was cancelled or gave none.
    pub fn value(&self) -> f64 {
        self.value_entries().first().copied().filter(|_| self.incomplete.is_none()).unwrap_or(f64::NAN)
    }

    /// The value as a matrix; of NaNs when the last update was cancelled or gave none.
    pub fn value_matrix(&self) -> DMatrix<f64> {
        let (rows, cols) = self.function.shape();
        match self.incomplete.is_none() {
            true => DMatrix::from_column_slice(rows, cols, self.value_entries()),
            false => DMatrix::from_element(rows, cols, f64::NAN),
        }
    }

    fn later(&self) -> MutexGuard<'_, Later> {
        self.later.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An error when the evaluation at this place was cancelled, or had no result.
    fn completed(&self) -> Result<()> {
        self.incomplete.clone().map_or(Ok(()), Err)
    }

    /// The gradient stage, computed if nobody has yet.
    fn gradient_stage(&self, control: &Control<'_>) -> Result<Arc<Vec<Buffer>>> {
        self.completed()?;
        let f = &*self.function.inner;
        let (ready, spare) = {
            let slot = &mut self.later().gradient;
            (slot.ready.clone(), if slot.ready.is_none() { slot.spare.take() } else { None })
        };
        if let Some(ready) = ready {
            return Ok(ready);
        }
        let program = &f.gradient()?.program;
        let schedule = f.gradient_schedule();
        within(control.limit(self.function.budget), "the gradient", schedule)?;
        let mut own = spare.unwrap_or_else(|| Arc::new(schedule.allocate(program)));
        if Arc::get_mut(&mut own).is_none() {
            own = Arc::new(schedule.allocate(program));
        }
        if let Some(own) = Arc::get_mut(&mut own) {
            let earlier = Stages { data: &program.data, stages: [&self.value, &[], &[]] };
            schedule.run(program, earlier, own, control)?;
        }
        self.later().gradient.ready = Some(own.clone());
        Ok(own)
    }

    /// Calls `read` with the gradient of each variable, `None` where it is zero as a whole.
    pub(crate) fn with_gradient<R>(&self, mut read: impl FnMut(usize, Option<&[f64]>) -> R) -> Result<()> {
        let f = &*self.function.inner;
        self.function.scalar("gradient")?;
        let own = self.gradient_stage(&self.function.control(&Control::new()))?;
        let g = f.gradient()?;
        let stages = [&self.value[..], &own[..], &[]];
        let array = |k: usize| g.derivatives[k].map(|v| self.entries(f, &g.program, v, stages));
        if self.function.checks() {
            let bad = (0..g.derivatives.len()).any(|k| array(k).is_some_and(|a| !all_finite(a)));
            if bad {
                let targets: Vec<Value> = g.derivatives.iter().flatten().copied().collect();
                return Err(failures::locate(&g.program, &targets, &self.inputs(), Phase::Gradient)?);
            }
        }
        for k in 0..g.derivatives.len() {
            read(k, array(k));
        }
        Ok(())
    }

    /// The point part of a plan, computed if nobody has yet.
    pub(crate) fn linearize(
        &self,
        kind: Kind,
        seeded: &Set,
        wanted: &Set,
        directions: usize,
        control: &Control<'_>,
    ) -> Result<Linearized> {
        let f = &*self.function.inner;
        self.completed()?;
        let asked = |(plan, _): &(Arc<Plan>, _)| plan.key.is(kind, seeded, wanted, directions);
        let (plan, gradient, ready, spare) = {
            let mut later = self.later();
            let at = match later.plans.iter().position(asked) {
                Some(at) => at,
                None => {
                    drop(later);
                    let plan = f.plan(kind, seeded, wanted, directions)?;
                    later = self.later();
                    // Another thread may have been faster.
                    later.plans.iter().position(asked).unwrap_or_else(|| {
                        later.plans.push((plan, Default::default()));
                        later.plans.len() - 1
                    })
                }
            };
            let plan = later.plans[at].0.clone();
            let gradient = later.gradient.ready.clone().filter(|_| kind == Kind::Hvp);
            let slots = &mut later.plans[at].1;
            // What was computed before the gradient was asked for serves on.
            match &slots[0].ready {
                Some(own) => (plan, None, Some(own.clone()), None),
                None => {
                    let slot = &mut slots[usize::from(gradient.is_some())];
                    let ready = slot.ready.clone();
                    let spare = if ready.is_none() { slot.spare.take() } else { None };
                    (plan, gradient, ready, spare)
                }
            }
        };
        let with_gradient = gradient.is_some();
        if let Some(own) = ready {
            return Ok(Linearized { plan, with_gradient, gradient, own });
        }
        let placed = plan.placed(f, with_gradient);
        within(control.limit(self.function.budget), "the derivative at this point", &placed.schedule)?;
        let program = &plan.parts.point;
        let mut own = spare.unwrap_or_else(|| Arc::new(placed.schedule.allocate(program)));
        if Arc::get_mut(&mut own).is_none() {
            own = Arc::new(placed.schedule.allocate(program));
        }
        if let Some(own) = Arc::get_mut(&mut own) {
            let earlier = gradient.as_ref().map_or(&[][..], |g| &g[..]);
            let earlier = Stages { data: &program.data, stages: [&self.value, earlier, &[]] };
            placed.schedule.run(program, earlier, own, control)?;
        }
        let mut later = self.later();
        if let Some((_, slots)) = later.plans.iter_mut().find(|(p, _)| Arc::ptr_eq(p, &plan)) {
            slots[usize::from(with_gradient)].ready = Some(own.clone());
        }
        drop(later);
        Ok(Linearized { plan, with_gradient, gradient, own })
    }

    /// The stages of a linearised point, and the plan placed on them.
    pub(crate) fn stages<'a>(&'a self, l: &'a Linearized) -> (Stages<'a>, &'a Placed) {
        let placed = l.plan.placed(&self.function.inner, l.with_gradient);
        let gradient = l.gradient.as_ref().map_or(&[][..], |g| &g[..]);
        (Stages { data: &l.plan.parts.point.data, stages: [&self.value, gradient, &l.own] }, placed)
    }
}
