//! Elementwise neighbours in one pass: a chunk of every argument is read once, goes through all functions while it
//! is in the nearest cache, and only what is wanted elsewhere is written back.

use super::{Place, Stages};
use crate::dense::buffer::Buffer;
use crate::dense::lanes::View;
use crate::dense::segments::piece;
use crate::program::scalar::Row;
use crate::program::{Program, Shape, Value};
use smallvec::SmallVec;
use std::cell::RefCell;

/// Numbers of each intermediate result that are worked on together.
const CHUNK: usize = 128;
/// Most functions in one pass: their chunks stay in the first-level cache.
pub(super) const MOST: usize = 14;

/// An argument: an array from outside, or the result of an earlier function of the pass, by its number among all or
/// among those that are kept.
#[derive(Clone, Copy)]
enum Operand {
    Outside(u32),
    Inside(u32),
    Kept(u32),
}

struct Apply {
    row: &'static Row,
    parameter: f64,
    args: SmallVec<[Operand; 2]>,
    /// The own buffer that receives the result.
    slot: Option<u32>,
}

/// Elementwise functions on arrays of one shape, evaluated together.
pub(super) struct Fused {
    pub shape: Shape,
    outside: Vec<(Place, Shape)>,
    applied: Vec<Apply>,
}

impl Fused {
    /// `members` in order; `place` tells where arrays from outside lie, `slot` where a result is kept.
    pub fn new(
        program: &Program,
        members: &[Value],
        place: impl Fn(Value) -> Option<Place>,
        slot: impl Fn(Value) -> Option<u32>,
    ) -> Self {
        let shape = members.first().map_or(Shape::SCALAR, |&v| program.shape(v));
        let mut fused = Fused { shape, outside: Vec::new(), applied: Vec::new() };
        let mut known: Vec<Value> = Vec::new();
        for &v in members {
            let instr = program.instr(v);
            let Some(map) = instr.op.as_map() else { continue };
            let mut args = SmallVec::new();
            for &a in &instr.args {
                args.push(match members.iter().position(|&m| m == a && m < v) {
                    Some(k) if fused.applied[k].slot.is_none() => Operand::Inside(k as u32),
                    Some(k) => {
                        let kept = fused.applied[..k].iter().filter(|a| a.slot.is_some()).count();
                        Operand::Kept(kept as u32)
                    }
                    None => {
                        let k = known.iter().position(|&o| o == a).unwrap_or_else(|| {
                            known.push(a);
                            fused.outside.extend(place(a).map(|p| (p, program.shape(a))));
                            known.len() - 1
                        });
                        Operand::Outside(k as u32)
                    }
                });
            }
            fused.applied.push(Apply { row: map.row, parameter: map.parameter(), args, slot: slot(v) });
        }
        fused
    }

    /// Number of functions.
    pub fn len(&self) -> usize {
        self.applied.len()
    }

    pub fn run(&self, earlier: Stages<'_>, stage: u8, own: &mut [Buffer]) {
        let mut results: SmallVec<[Buffer; MOST]> = SmallVec::new();
        for a in &self.applied {
            results.extend(a.slot.map(|s| std::mem::take(&mut own[s as usize])));
        }
        {
            let mut stages = earlier;
            stages.stages[stage as usize] = own;
            let views: SmallVec<[View<'_>; 2 * MOST]> =
                self.outside.iter().map(|&(place, shape)| stages.view(place, shape)).collect();
            SCRATCH.with_borrow_mut(|scratch| self.sweep(&views, &mut results, scratch));
        }
        let mut done = results.into_iter();
        for a in &self.applied {
            if let (Some(s), Some(buffer)) = (a.slot, a.slot.and_then(|_| done.next())) {
                own[s as usize] = buffer;
            }
        }
    }

    fn sweep(&self, views: &[View<'_>], results: &mut [Buffer], scratch: &mut Vec<[f64; CHUNK]>) {
        let Shape { rows, cols } = self.shape;
        let (m, n) = (self.applied.len(), views.len());
        scratch.resize(scratch.len().max(m + n), [0.0; CHUNK]);
        let (inside, repeated) = scratch.split_at_mut(m);
        let flat = views.iter().all(|x| x.data.len() == 1 || (x.rows, x.cols) == (rows, cols));
        let (height, width) = if flat { (rows * cols, 1) } else { (rows, cols) };
        for j in 0..width {
            let mut start = 0;
            while start < height {
                let len = CHUNK.min(height - start);
                let mut outside: SmallVec<[&[f64]; 2 * MOST]> = SmallVec::new();
                for (x, block) in views.iter().zip(&mut *repeated) {
                    outside.push(piece(x, flat, rows, 1, j, start, &mut block[..len]));
                }
                // Results that are kept are made, and read again, where they are kept.
                let mut kept = 0;
                for (k, a) in self.applied.iter().enumerate() {
                    let (before, own) = inside.split_at_mut(k);
                    let (done, rest) = results.split_at_mut(kept);
                    let here = j * height + start;
                    let arg = |o: Operand| match o {
                        Operand::Outside(o) => outside[o as usize],
                        Operand::Inside(i) => &before[i as usize][..len],
                        Operand::Kept(i) => &done[i as usize][here..][..len],
                    };
                    let out = match (a.slot, rest) {
                        (Some(_), [result, ..]) => {
                            kept += 1;
                            &mut result[here..][..len]
                        }
                        _ => &mut own[0][..len],
                    };
                    match a.args[..] {
                        [x] => a.row.over(a.parameter, &[arg(x)], out),
                        [x, y] => a.row.over(a.parameter, &[arg(x), arg(y)], out),
                        _ => {}
                    }
                }
                start += len;
            }
        }
    }
}

thread_local! {
    /// Chunks of intermediate results and of repeated arguments, kept so that a warm run allocates nothing.
    static SCRATCH: RefCell<Vec<[f64; CHUNK]>> = const { RefCell::new(Vec::new()) };
}
