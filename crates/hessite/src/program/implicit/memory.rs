//! The buffers of a search, kept from one to the next.

use super::super::evaluator::{Evaluator, Lanes};
use super::super::ops::Factors;
use super::Equation;
use crate::dense::lanes::View;
use crate::dense::lu;
use crate::dense::stop::Stop;
use crate::error::Failure;
use std::sync::{Mutex, PoisonError};

/// F at a z.
#[derive(Default)]
pub(super) struct Trial {
    pub z: Vec<f64>,
    pub residual: Vec<f64>,
    /// ‖F‖, or what is minimized.
    pub height: f64,
}

/// What one search needs.
pub(crate) struct Memory {
    /// Of F, and of what F_z needs of a point.
    pub(super) residual: Evaluator,
    lanes: Option<Lanes>,
    /// Of F_{x_k}·w; made when they are first needed.
    pub(super) along: Vec<Option<Evaluator>>,
    pub(super) now: Trial,
    pub(super) next: Trial,
    /// F_z, its factors, and a matrix of the same size.
    pub(super) jacobian: Vec<f64>,
    pub(super) factors: Vec<f64>,
    pub(super) shifted: Vec<f64>,
    pub(super) step: Vec<f64>,
    pub(super) right: Vec<f64>,
}

impl Memory {
    fn new(of: &Equation) -> Self {
        let n = of.len();
        let vector = || vec![0.0; n];
        let trial = || Trial { z: vector(), residual: vector(), height: 0.0 };
        Memory {
            residual: Evaluator::new(of.directions.as_ref().map_or(&of.residual, |d| &d.point)),
            lanes: of.directions.as_ref().map(Lanes::new),
            along: of.along.iter().map(|_| None).collect(),
            now: trial(),
            next: trial(),
            jacobian: vec![0.0; n * n],
            factors: vec![0.0; if of.factors == Factors::Lu { lu::len(n) } else { n * n }],
            shifted: vec![0.0; n * n],
            step: vector(),
            right: vector(),
        }
    }

    /// F at z and x.
    pub fn residual(
        &mut self,
        of: &Equation,
        z: &[f64],
        x: &[View<'_>],
        stop: Stop<'_>,
    ) -> Result<(), Failure> {
        self.residual.set(0, z);
        x.iter().enumerate().for_each(|(k, x)| self.residual.set(k + 1, x.data));
        self.residual.run(&of.residual, (0, of.residual.len()), stop)
    }

    /// F_z at z and x.
    pub fn jacobian(
        &mut self,
        of: &Equation,
        z: &[f64],
        x: &[View<'_>],
        out: &mut [f64],
        stop: Stop<'_>,
    ) -> Result<(), Failure> {
        let (Some(directions), Some(lanes)) = (&of.directions, &mut self.lanes) else {
            out.fill(0.0);
            return Ok(());
        };
        self.residual.set(0, z);
        x.iter().enumerate().for_each(|(k, x)| self.residual.set(k + 1, x.data));
        self.residual.run(&directions.point, (0, directions.point.len()), stop)?;
        lanes.columns(directions, &self.residual, out, stop);
        Ok(())
    }
}

/// Memory that no search uses at present.
#[derive(Default)]
pub(crate) struct Spare(Mutex<Vec<Memory>>);

impl Spare {
    pub fn take(&self, of: &Equation) -> Memory {
        let spare = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        spare.unwrap_or_else(|| Memory::new(of))
    }

    pub fn put(&self, memory: Memory) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
    }
}
