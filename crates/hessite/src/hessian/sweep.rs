//! Many directions through one linearised point: blocks of lanes, dealt to the threads.
//!
//! Blocks depend on the number of directions alone, and each writes its own columns of the result, so the bits are
//! the same for any number of threads.

use super::point::{Linearized, Point};
use crate::dense::lanes::{pack, unpack};
use crate::engine::Stages;
use crate::engine::control::Control;
use crate::engine::lanes::{LanePlan, Workspace};
use crate::error::Result;
use crate::program::Value;
use std::sync::atomic::AtomicU64;

/// The directions of a sweep.
#[derive(Clone, Copy)]
pub(crate) enum Directions<'a> {
    /// The unit vectors of the one seeded input.
    Units,
    /// Columns: the seeded inputs stacked.
    Columns(&'a [f64]),
    /// One direction: the seeded inputs one by one.
    Parts(&'a [&'a [f64]]),
}

struct Sweep<'a> {
    stages: Stages<'a>,
    lanes: &'a LanePlan,
    linearized: &'a Linearized,
    directions: Directions<'a>,
    /// Length of a column of directions, and of the result.
    seed_len: usize,
    height: usize,
    count: usize,
    control: &'a Control<'a>,
    done: AtomicU64,
}

impl Point {
    /// Fills `out`, column by column, with the wanted derivatives (stacked) along `count` directions.
    pub(crate) fn sweep(
        &self,
        linearized: &Linearized,
        directions: Directions<'_>,
        count: usize,
        out: &mut [f64],
        control: &Control<'_>,
    ) -> Result<()> {
        if count == 0 || out.is_empty() {
            return Ok(());
        }
        let (stages, placed) = self.stages(linearized);
        let lanes = &placed.lanes;
        let seed_len = lanes.inputs.iter().map(|&v| lanes.shape(v).len()).sum();
        let sweep = Sweep {
            stages,
            lanes,
            linearized,
            directions,
            seed_len,
            height: out.len() / count,
            count,
            control,
            done: AtomicU64::new(0),
        };
        sweep.deal(out)
    }
}

impl Sweep<'_> {
    fn deal(&self, out: &mut [f64]) -> Result<()> {
        let block = self.lanes.width.min(self.count);
        let columns = self.height * block;
        #[cfg(feature = "rayon")]
        if self.count > block
            && rayon::current_num_threads() > 1
            && self.lanes.flops * self.count as u64 > 100_000
        {
            use rayon::prelude::*;
            return out.par_chunks_mut(columns).enumerate().try_for_each_init(
                || Loan::new(self),
                |loan, (k, out)| self.block(&mut loan.workspace, k * block, out),
            );
        }
        let mut loan = Loan::new(self);
        out.chunks_mut(columns)
            .enumerate()
            .try_for_each(|(k, out)| self.block(&mut loan.workspace, k * block, out))
    }

    /// Directions `first..` as many as `out` has columns.
    fn block(&self, w: &mut Workspace, first: usize, out: &mut [f64]) -> Result<()> {
        self.control.check()?;
        let n = out.len() / self.height;
        let lanes = match n {
            1 => 1,
            2..=4 if self.lanes.width >= 4 => 4,
            _ => self.lanes.width,
        };
        self.seed(w, first, n, lanes);
        let run = self.lanes.run(self.stages, w, lanes, self.control);
        if run.is_ok() {
            // Before the seeds go: a result may be a seed itself.
            self.read(w, n, lanes, out);
        }
        if let Directions::Units = self.directions {
            // The next block finds zeros again.
            self.units(w, first, n, lanes, 0.0);
        }
        run?;
        self.control.advance(&self.done, n as u64, self.count as u64);
        Ok(())
    }

    fn seed(&self, w: &mut Workspace, first: usize, n: usize, lanes: usize) {
        match self.directions {
            Directions::Units => self.units(w, first, n, lanes, 1.0),
            Directions::Parts(parts) => {
                for (&v, part) in self.lanes.inputs.iter().zip(parts) {
                    self.lanes.slice_mut(w, v, 1).copy_from_slice(part);
                }
            }
            Directions::Columns(all) => {
                let mut at = first * self.seed_len;
                for &v in &self.lanes.inputs {
                    let input = self.lanes.slice_mut(w, v, lanes);
                    let len = self.lanes.shape(v).len();
                    pack(&all[at..], self.seed_len, n, input, lanes);
                    at += len;
                }
            }
        }
    }

    fn units(&self, w: &mut Workspace, first: usize, n: usize, lanes: usize, x: f64) {
        for &v in &self.lanes.inputs {
            let input = self.lanes.slice_mut(w, v, lanes);
            for l in 0..n {
                input[(first + l) * lanes + l] = x;
            }
        }
    }

    fn read(&self, w: &Workspace, n: usize, lanes: usize, out: &mut [f64]) {
        let mut at = 0;
        for (o, len) in self.outputs() {
            match o {
                Some(v) => unpack(self.lanes.slice(w, v, lanes), lanes, len, &mut out[at..], self.height, n),
                None => (0..n).for_each(|l| out[at + l * self.height..][..len].fill(0.0)),
            }
            at += len;
        }
    }

    /// The result of each wanted derivative with its length; `None` is zero.
    fn outputs(&self) -> impl Iterator<Item = (Option<Value>, usize)> {
        let plan = &self.linearized.plan;
        plan.parts.outputs.iter().zip(&plan.heights).map(|(o, &len)| (o.map(|k| self.lanes.outputs[k]), len))
    }
}

/// A workspace out of the plan's pool, and back into it.
struct Loan<'a> {
    linearized: &'a Linearized,
    workspace: Workspace,
}

impl<'a> Loan<'a> {
    fn new(sweep: &Sweep<'a>) -> Self {
        let mut workspace = sweep.linearized.plan.borrow_workspace();
        sweep.lanes.prepare(&mut workspace);
        for &v in &sweep.lanes.inputs {
            sweep.lanes.slice_mut(&mut workspace, v, sweep.lanes.width).fill(0.0);
        }
        Loan { linearized: sweep.linearized, workspace }
    }
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        self.linearized.plan.return_workspace(std::mem::take(&mut self.workspace));
    }
}
