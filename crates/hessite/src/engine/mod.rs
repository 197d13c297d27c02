//! Programs are run here, with all memory planned ahead: nothing is allocated once warm.
//!
//! [`schedule`] plans and runs the point part, [`lanes`] the direction part for K directions at a time, and
//! [`literal`](crate::program::literal) evaluates any program entry by entry at any kind of number, for its meaning rather than its speed.

pub(crate) mod control;
pub(crate) mod duals;
mod fused;
pub(crate) mod lanes;
pub(crate) mod results;
pub(crate) mod schedule;

use crate::dense::buffer::Buffer;
use crate::dense::lanes::View;
use crate::program::{Program, Shape};
use smallvec::SmallVec;
use std::sync::Arc;

/// Where a value of the point part lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A constant array of the program.
    Data(u32),
    /// A buffer of the value stage, of the gradient stage, or of the schedule's own.
    Stage(u8, u32),
}

/// The stages of a point that a schedule can read, in order; its own comes last.
#[derive(Clone, Copy)]
pub(crate) struct Stages<'a> {
    pub data: &'a [Arc<[f64]>],
    pub stages: [&'a [Buffer]; 3],
}

/// Nothing computed yet.
pub(crate) const NO_STAGES: [&[Buffer]; 3] = [&[], &[], &[]];

impl<'a> Stages<'a> {
    pub fn new(program: &'a Program) -> Self {
        Stages { data: &program.data, stages: NO_STAGES }
    }

    /// The array at `place`.
    pub fn view(&self, place: Place, shape: Shape) -> View<'a> {
        let data: &'a [f64] = match place {
            Place::Data(k) => &self.data[k as usize],
            Place::Stage(s, k) => &self.stages[s as usize][k as usize],
        };
        View { data, rows: shape.rows, cols: shape.cols, lanes: 1 }
    }
}

/// Calls `f` with `n` views, from the stack.
#[inline(always)]
pub(crate) fn with_views<'a, R>(
    n: usize,
    view: impl Fn(usize) -> View<'a>,
    f: impl FnOnce(&[View<'a>]) -> R,
) -> R {
    match n {
        1 => f(&[view(0)]),
        2 => f(&[view(0), view(1)]),
        3 => f(&[view(0), view(1), view(2)]),
        _ => f(&(0..n).map(view).collect::<SmallVec<[View<'a>; 16]>>()),
    }
}
