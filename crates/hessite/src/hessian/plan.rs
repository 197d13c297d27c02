//! A direction plan: for given seeded variables and wanted derivatives, what a point computes once and what each
//! direction computes. Made on first use and kept by the function.

use super::function::Inner;
use super::variables::Set;
use crate::calculus::{self, Derived};
use crate::engine::lanes::{LanePlan, Workspace};
use crate::engine::schedule::Schedule;
use crate::error::{Error, Mismatch, Result};
use crate::passes::{Parts, split};
use crate::program::{Program, Shape, Value};
use std::sync::{Mutex, OnceLock};

/// What is differentiated along the directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The gradient: forward over reverse.
    Hvp,
    /// The function itself, forward.
    Jvp,
    /// The function itself, in reverse: the directions are weights of its output.
    Vjp,
}

/// Which plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub kind: Kind,
    /// The seeded variables (none for `Vjp`).
    pub seeded: Set,
    /// The variables whose derivatives are wanted (none for `Jvp`).
    pub wanted: Set,
    /// Directions that a point is expected to serve.
    pub directions: usize,
}

impl Key {
    pub fn is(&self, kind: Kind, seeded: &Set, wanted: &Set, directions: usize) -> bool {
        (self.kind, self.directions) == (kind, directions) && self.seeded == *seeded && self.wanted == *wanted
    }
}

/// A point part and a direction part, placed for one choice of what a point holds already.
pub(crate) struct Placed {
    pub schedule: Schedule,
    pub lanes: LanePlan,
}

pub(crate) struct Plan {
    pub key: Key,
    pub parts: Parts,
    /// Shapes of the wanted derivatives.
    pub shapes: Vec<Shape>,
    /// Placed on the value stage alone, and on value and gradient.
    placed: [OnceLock<Placed>; 2],
    pool: Mutex<Vec<Workspace>>,
}

impl Plan {
    pub fn new(f: &Inner, key: Key) -> Result<Self> {
        let (base, derived) = derive(f, &key)?;
        let parts = split(base, &derived, key.directions).map_err(internal)?;
        let shapes = match key.kind {
            Kind::Jvp => vec![f.shape],
            _ => key.wanted.iter().map(|&k| f.variables.list[k as usize].shape).collect(),
        };
        Ok(Plan { key, parts, shapes, placed: Default::default(), pool: Mutex::new(Vec::new()) })
    }

    /// With the gradient stage at hand or without.
    pub fn placed(&self, f: &Inner, with_gradient: bool) -> &Placed {
        self.placed[usize::from(with_gradient)].get_or_init(|| {
            let earlier = if with_gradient { f.gradient_schedule() } else { &f.value_schedule };
            let schedule = Schedule::new(&self.parts.point, &self.parts.imported, 2, Some(earlier));
            let places: Vec<_> = self.parts.imported.iter().filter_map(|&v| schedule.place(v)).collect();
            let lanes = LanePlan::new(&self.parts.direction, self.parts.lanes, &places, self.key.directions);
            Placed { schedule, lanes }
        })
    }

    /// Nanoseconds of a sweep along so many directions, nearly.
    pub fn time(&self, directions: usize) -> u64 {
        (self.parts.cost * directions as f64) as u64
    }

    pub fn borrow_workspace(&self) -> Workspace {
        self.pool.lock().map(|mut p| p.pop().unwrap_or_default()).unwrap_or_default()
    }

    pub fn return_workspace(&self, w: Workspace) {
        if let Ok(mut pool) = self.pool.lock() {
            pool.push(w);
        }
    }
}

/// The linear program of a plan, and the program that it goes on from.
pub(crate) fn derive<'f>(f: &'f Inner, key: &Key) -> Result<(&'f Program, Derived)> {
    let inputs =
        |set: &Set| -> Vec<Value> { set.iter().map(|&k| f.variables.list[k as usize].value).collect() };
    let derived = match key.kind {
        Kind::Hvp => {
            let g = f.gradient()?;
            let targets: Vec<Option<Value>> = key.wanted.iter().map(|&k| g.derivatives[k as usize]).collect();
            let known: Vec<Value> = targets.iter().flatten().copied().collect();
            let mut d =
                calculus::tangents(g.program.clone(), &inputs(&key.seeded), &known).map_err(internal)?;
            // A gradient that is zero as a whole has no tangent.
            let mut made = d.derivatives.into_iter();
            d.derivatives = targets.iter().map(|t| t.and_then(|_| made.next().flatten())).collect();
            return Ok((&g.program, d));
        }
        Kind::Jvp => calculus::tangents(f.program.clone(), &inputs(&key.seeded), &[f.output]),
        Kind::Vjp => calculus::adjoints(f.program.clone(), &inputs(&key.wanted), f.output, true),
    };
    Ok((&f.program, derived.map_err(internal)?))
}

pub(crate) fn internal(fault: Mismatch) -> Error {
    Error::Internal(format!("a derivative rule made shapes that do not fit: {}", fault.why))
}
