//! Many directions through one linearised point: blocks of lanes, dealt to the threads.
//!
//! Blocks depend on the number of directions alone, and each writes its own columns of the result, so the bits are
//! the same for any number of threads.

use super::failures;
use super::function::Mode;
use super::plan::derive;
use super::point::{Linearized, Point};
use crate::dense::columns::ColumnsMut;
use crate::dense::lanes::pack;
#[cfg(feature = "rayon")]
use crate::dense::threads::shared;
use crate::engine::Stages;
use crate::engine::control::Control;
use crate::engine::lanes::{LanePlan, Workspace};
use crate::engine::results::Written;
use crate::error::{Error, Phase, Result};
use crate::program::split::{Piece, Pieces};
use crate::program::{Shape, Value};
use smallvec::SmallVec;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// The directions of a sweep.
#[derive(Clone, Copy)]
pub(crate) enum Directions<'a> {
    /// The unit vectors of the one seeded input, from this entry on.
    Units(usize),
    /// Columns: the seeded inputs stacked.
    Columns(&'a [f64]),
    /// One direction: the seeded inputs one by one.
    Parts(&'a [&'a [f64]]),
}

/// The first row of each wanted derivative in a column of the result.
pub(crate) type Rows = SmallVec<[usize; 16]>;

/// Where parts of these lengths begin when they follow one another, and the length of all.
pub(crate) fn stacked(lengths: impl Iterator<Item = usize>) -> (Rows, usize) {
    let mut end = 0;
    let starts = lengths.map(|n| {
        end += n;
        end - n
    });
    (starts.collect(), end)
}

struct Sweep<'a> {
    stages: Stages<'a>,
    lanes: &'a LanePlan,
    linearized: &'a Linearized,
    directions: Directions<'a>,
    rows: &'a [usize],
    half: Option<Half>,
    /// Length of a column of directions.
    seed_len: usize,
    count: usize,
    control: &'a Control<'a>,
    done: AtomicU64,
    /// The first column with a number that is not finite.
    bad: AtomicUsize,
}

/// A derivative that is symmetric, for an array of this many rows, and of which columns are saved where that pays:
/// those of entries in columns of the array before the direction's own.
#[derive(Clone, Copy)]
struct Half {
    result: usize,
    value: Value,
    rows: usize,
}

/// Smaller blocks are done before a half of one is left out.
const WHOLE: usize = 64;

impl Half {
    /// `result` is the number of the derivative with respect to what is seeded.
    fn of(linearized: &Linearized, lanes: &LanePlan, result: usize) -> Option<Half> {
        let parts = &linearized.plan.parts;
        let shape = linearized.plan.shapes[result];
        let arrays = |pieces: &Pieces<usize>| -> SmallVec<[usize; 2]> {
            pieces.all().filter_map(|p| if let Piece::Array(k) = p { Some(*k) } else { None }).collect()
        };
        let pieces = &parts.results[result];
        let [k] = arrays(pieces)[..] else { return None };
        if pieces.shape != shape || !pieces.picked.is_empty() {
            return None;
        }
        let others = parts.results.iter().enumerate().filter(|(r, _)| *r != result);
        if shape.rows < 2 || shape.cols < 4 || shape.len() < WHOLE {
            return None;
        }
        let shared = others.flat_map(|(_, pieces)| arrays(pieces)).any(|other| other == k);
        let value = lanes.made_by_columns(k).filter(|_| !shared)?;
        Some(Half { result, value, rows: shape.rows })
    }
}

impl Point {
    /// Fills `out` with the wanted derivatives, one after another, along as many directions as it has columns.
    ///
    /// # Errors
    /// [`Error::Cancelled`]; unless the mode is Ieee, a result that is not finite.
    pub(crate) fn sweep(
        &self,
        linearized: &Linearized,
        directions: Directions<'_>,
        out: ColumnsMut<'_>,
        control: &Control<'_>,
    ) -> Result<()> {
        let (rows, _) = stacked(linearized.plan.shapes.iter().map(|s| s.len()));
        self.sweep_into(linearized, directions, &rows, None, out, control).map(drop)
    }

    /// As [`sweep`](Self::sweep), with the place of each derivative in the columns of `out`. Of the derivative with
    /// this number, which is symmetric, one half may be left out: that is told.
    pub(crate) fn sweep_into(
        &self,
        linearized: &Linearized,
        directions: Directions<'_>,
        rows: &[usize],
        symmetric: Option<usize>,
        out: ColumnsMut<'_>,
        control: &Control<'_>,
    ) -> Result<bool> {
        if out.count() == 0 || out.height() == 0 {
            return Ok(false);
        }
        let (stages, placed) = self.stages(linearized);
        let lanes = &placed.lanes;
        let half = symmetric.and_then(|result| Half::of(linearized, lanes, result));
        let sweep = Sweep {
            stages,
            lanes,
            linearized,
            directions,
            rows,
            half,
            seed_len: lanes.inputs.iter().map(|&v| lanes.shape(v).len()).sum(),
            count: out.count(),
            control,
            done: AtomicU64::new(0),
            bad: AtomicUsize::new(usize::MAX),
        };
        sweep.deal(out)?;
        match sweep.bad.into_inner() {
            usize::MAX => Ok(half.is_some()),
            _ if self.function.mode == Mode::Ieee => Ok(half.is_some()),
            column => Err(self.blame(linearized, directions, column)),
        }
    }

    /// The error for a direction whose derivative is not finite: the operation that made it.
    fn blame(&self, l: &Linearized, directions: Directions<'_>, column: usize) -> Error {
        let derived = match derive(&self.function.inner, &l.plan.key) {
            Ok((_, derived)) => derived,
            Err(e) => return e,
        };
        let program = &derived.program;
        // Inputs in the program's order: the variables, then what a derivation added, of which the last are seeds.
        let mut inputs: Vec<Vec<f64>> = self.inputs().into_iter().map(<[f64]>::to_vec).collect();
        inputs.extend(program.inputs[inputs.len()..].iter().map(|s| vec![0.0; s.len()]));
        let first = inputs.len() - derived.seeds.len();
        directions.put(column, &mut inputs[first..]);
        let inputs: Vec<&[f64]> = inputs.iter().map(|x| &x[..]).collect();
        let targets: Vec<Value> = derived.derivatives.iter().flatten().copied().collect();
        failures::locate(program, &targets, &inputs, Phase::Tangent).unwrap_or_else(|e| e)
    }
}

impl Directions<'_> {
    /// Direction number `column`, written to the inputs that it is made of.
    fn put(&self, column: usize, seeds: &mut [Vec<f64>]) {
        match self {
            Directions::Units(first) => seeds.iter_mut().for_each(|s| s[first + column] = 1.0),
            Directions::Parts(parts) => seeds.iter_mut().zip(*parts).for_each(|(s, p)| s.copy_from_slice(p)),
            Directions::Columns(all) => {
                let mut at = column * seeds.iter().map(Vec::len).sum::<usize>();
                for s in seeds {
                    let n = s.len();
                    s.copy_from_slice(&all[at..at + n]);
                    at += n;
                }
            }
        }
    }
}

impl Sweep<'_> {
    fn deal(&self, out: ColumnsMut<'_>) -> Result<()> {
        #[cfg(feature = "rayon")]
        {
            if self.count > self.lanes.width && shared(self.linearized.plan.time(self.count)) {
                let (blocks, threads) = (self.count.div_ceil(self.lanes.width), rayon::current_num_threads());
                return self.halve(out, 0, blocks.div_ceil(8 * threads) * self.lanes.width);
            }
        }
        self.blocks(out, 0)
    }

    /// Directions `first..`, dealt out down to `least` at a time.
    #[cfg(feature = "rayon")]
    fn halve(&self, out: ColumnsMut<'_>, first: usize, least: usize) -> Result<()> {
        if out.count() <= least {
            return self.blocks(out, first);
        }
        let half = (out.count() / 2).next_multiple_of(self.lanes.width);
        let (left, right) = out.split_at(half);
        let (left, right) =
            rayon::join(|| self.halve(left, first, least), || self.halve(right, first + half, least));
        left.and(right)
    }

    /// Directions `first..`, block after block.
    fn blocks(&self, mut out: ColumnsMut<'_>, mut first: usize) -> Result<()> {
        let mut loan = Loan::new(self);
        while out.count() > 0 {
            self.control.check()?;
            let (block, rest) = out.split_at(self.lanes.width.min(self.count - first));
            let n = block.count();
            self.block(&mut loan.workspace, first, block)?;
            (out, first) = (rest, first + n);
        }
        Ok(())
    }

    /// Directions `first..`, as many as `out` has columns.
    fn block(&self, w: &mut Workspace, first: usize, mut out: ColumnsMut<'_>) -> Result<()> {
        let n = out.count();
        let lanes = match n {
            1 => 1,
            2..=4 if self.lanes.width >= 4 => 4,
            5..=8 if self.lanes.width >= 8 => 8,
            _ => self.lanes.width,
        };
        self.seed(w, first, n, lanes);
        let without = self.half.map(|half| (half.value, self.first_column(half, first)));
        let run = self.lanes.run(self.stages, w, lanes, without, self.control);
        if run.is_ok() {
            // Before the seeds go: a result may be a seed itself.
            self.read(w, first, lanes, &mut out);
        }
        if let (Directions::Units(start), None) = (self.directions, self.linearized.plan.parts.units) {
            // The next block finds zeros again.
            self.units(w, start + first, n, lanes, 0.0);
        }
        run?;
        self.control.advance(&self.done, n as u64, self.count as u64);
        Ok(())
    }

    /// The column that the first of the directions from `first` on stands in.
    fn first_column(&self, half: Half, first: usize) -> usize {
        match self.directions {
            Directions::Units(start) => (start + first) / half.rows,
            _ => 0,
        }
    }

    fn seed(&self, w: &mut Workspace, first: usize, n: usize, lanes: usize) {
        match self.directions {
            Directions::Units(start) => match self.linearized.plan.parts.units {
                Some(shape) => self.places(w, start + first, lanes, shape),
                None => self.units(w, start + first, n, lanes, 1.0),
            },
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

    /// Rows and columns of entries `first..` of the seed; lanes beyond the last entry name no place.
    fn places(&self, w: &mut Workspace, first: usize, lanes: usize, shape: Shape) {
        for (&v, is_row) in self.lanes.inputs.iter().zip([true, false]) {
            let (mut i, mut j) = (first % shape.rows, first / shape.rows);
            for x in self.lanes.slice_mut(w, v, lanes) {
                *x = if is_row { i } else { j } as f64;
                i += 1;
                if i == shape.rows {
                    (i, j) = (0, j + 1);
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

    fn read(&self, w: &mut Workspace, first: usize, lanes: usize, out: &mut ColumnsMut<'_>) {
        let plan = &self.linearized.plan;
        let mut scratch = std::mem::take(&mut w.scratch);
        for (k, ((pieces, &shape), &row)) in
            plan.parts.results.iter().zip(&plan.shapes).zip(self.rows).enumerate()
        {
            let from =
                self.half.filter(|half| half.result == k).map_or(0, |half| self.first_column(half, first));
            let (plan, stages) = (self.lanes, self.stages);
            let written = Written { plan, stages, workspace: w, lanes, len: shape.len(), from, pieces };
            if let Some(l) = written.write(row, out, &mut scratch) {
                self.bad.fetch_min(first + l, Ordering::Relaxed);
            }
        }
        w.scratch = scratch;
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
        let units =
            matches!(sweep.directions, Directions::Units(_)) && sweep.linearized.plan.parts.units.is_none();
        if units && !workspace.clear {
            for &v in &sweep.lanes.inputs {
                sweep.lanes.slice_mut(&mut workspace, v, sweep.lanes.width).fill(0.0);
            }
        }
        // Each block of unit vectors leaves zeros behind; other seeds are written whole.
        workspace.clear = units;
        Loan { linearized: sweep.linearized, workspace }
    }
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        self.linearized.plan.return_workspace(std::mem::take(&mut self.workspace));
    }
}
