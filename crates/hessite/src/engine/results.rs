//! Writing results out of the direction part: arrays lane by lane, thin pieces straight into their columns.

use super::Stages;
use super::lanes::{LanePlan, Workspace};
use crate::dense::assemble::{Stream, add_multiple, assemble};
use crate::dense::buffer::Buffer;
use crate::dense::columns::ColumnsMut;
use crate::dense::lanes::{View, unpack};
use crate::dense::reduce::all_finite;
use crate::program::Shape;
use crate::program::split::{Piece, Vector};
use smallvec::SmallVec;

/// One result of a block of lanes that was run.
pub(crate) struct Written<'a> {
    pub plan: &'a LanePlan,
    pub stages: Stages<'a>,
    pub workspace: &'a Workspace,
    pub lanes: usize,
    pub shape: Shape,
    /// Columns of the result before this one are left alone.
    pub from: usize,
    /// What the result is the sum of, by numbers of the plan's outputs.
    pub pieces: &'a [Piece<usize>],
}

/// A number of each lane, or one for all.
#[derive(Clone, Copy)]
struct Number<'a>(&'a [f64]);

impl Number<'_> {
    #[inline(always)]
    fn at(self, c: usize) -> f64 {
        self.0[if self.0.len() == 1 { 0 } else { c }]
    }

    /// The index that it is, if it is one of `n`.
    fn place(self, c: usize, n: usize) -> Option<usize> {
        let x = self.at(c);
        (x >= 0.0 && x < n as f64).then_some(x as usize)
    }
}

/// A factor of all lanes of the block.
#[derive(Clone, Copy)]
enum Arm<'a> {
    Unit(Number<'a>, usize),
    Column(View<'a>, Number<'a>),
    /// The same for all lanes.
    Fixed(&'a [f64]),
    /// Vectors of this length, one lane after another.
    Vectors(&'a [f64], usize),
}

/// A factor of one lane.
#[derive(Clone, Copy)]
enum Lane<'a> {
    Place(usize),
    Entries(&'a [f64]),
}

impl<'a> Lane<'a> {
    /// The factor without its first entries; `None` where that is zero.
    #[inline(always)]
    fn from(self, first: usize) -> Option<Lane<'a>> {
        match self {
            Lane::Place(k) => k.checked_sub(first).map(Lane::Place),
            Lane::Entries(x) => Some(Lane::Entries(&x[first..])),
        }
    }
}

impl<'a> Arm<'a> {
    /// The factor of lane c; `None` where it is zero.
    #[inline(always)]
    fn lane(&self, c: usize) -> Option<Lane<'a>> {
        match *self {
            Arm::Unit(i, n) => i.place(c, n).map(Lane::Place),
            Arm::Column(m, j) => {
                j.place(c, m.cols).map(|j| Lane::Entries(&m.data[j * m.rows..(j + 1) * m.rows]))
            }
            Arm::Fixed(x) => Some(Lane::Entries(x)),
            Arm::Vectors(x, n) => Some(Lane::Entries(&x[c * n..(c + 1) * n])),
        }
    }
}

/// A piece of all lanes of the block.
#[derive(Clone, Copy)]
enum Ready<'a> {
    Array(&'a [f64]),
    Spread(f64, Number<'a>, &'a [f64]),
    Outer(f64, Option<Number<'a>>, Arm<'a>, Arm<'a>),
}

impl<'a> Written<'a> {
    /// Writes the result to the rows of `out` from `row` on, lane c to column c; the first lane whose result is not
    /// finite is returned.
    pub fn write(&self, row: usize, out: &mut ColumnsMut<'_>, scratch: &mut Buffer) -> Option<usize> {
        let row = row + self.from * self.shape.rows;
        match self.pieces {
            [] => {
                out.clear(row, self.len());
                None
            }
            [Piece::Array(k)] => {
                let data = self.view(*k).columns_from(self.from).data;
                out.write(row, data, self.lanes);
                if all_finite(data) {
                    return None;
                }
                // Lanes beyond the columns hold no direction.
                let bad = |l: &usize| data.iter().skip(*l).step_by(self.lanes).any(|x| !x.is_finite());
                (0..out.count()).find(bad)
            }
            _ => self.assemble(row, out, scratch),
        }
    }

    /// Numbers that are written for a lane.
    fn len(&self) -> usize {
        self.shape.rows * (self.shape.cols - self.from)
    }

    fn assemble(&self, row: usize, out: &mut ColumnsMut<'_>, scratch: &mut Buffer) -> Option<usize> {
        let len = self.len();
        self.unpack(len, scratch);
        let (spare, vectors) = scratch.split_at_mut(len);
        let ready = self.ready(vectors);
        let mut bad = None;
        for c in 0..out.count() {
            out.with_column(c, row, spare, |column| {
                if !self.fill(&ready, c, column) {
                    bad = bad.or(Some(c));
                }
            });
        }
        bad
    }

    /// Takes vectors with lanes apart, one after another behind the first `len` numbers of `scratch`.
    fn unpack(&self, len: usize, scratch: &mut Buffer) {
        let mut end = len;
        for x in self.factors() {
            let next = end + x.data.len();
            if scratch.len() < next {
                scratch.resize(next);
            }
            let n = x.data.len() / self.lanes;
            unpack(x.data, self.lanes, n, &mut scratch[end..next], n, self.lanes);
            end = next;
        }
        if scratch.len() < len {
            scratch.resize(len);
        }
    }

    /// The vectors that have lanes.
    fn factors(&self) -> impl Iterator<Item = View<'a>> {
        let vectors = self.pieces.iter().flat_map(|p| match *p {
            Piece::Outer { u, v, .. } => [Some(u), Some(v)],
            _ => [None, None],
        });
        vectors.flatten().filter_map(|v| match v {
            Vector::Entries(k) => Some(self.view(k)).filter(|x| x.lanes > 1),
            _ => None,
        })
    }

    fn view(&self, k: usize) -> View<'a> {
        self.plan.output(self.stages, self.workspace, k, self.lanes)
    }

    fn ready<'b>(&self, mut vectors: &'b [f64]) -> SmallVec<[Ready<'b>; 8]>
    where
        'a: 'b,
    {
        let number = |k: usize| Number(self.view(k).data);
        let mut arm = |v: Vector<usize>, n: usize| match v {
            Vector::Unit(i) => Arm::Unit(number(i), n),
            Vector::Column(m, j) => Arm::Column(self.view(m), number(j)),
            Vector::Entries(k) => match self.view(k) {
                x if x.lanes == 1 => Arm::Fixed(x.data),
                x => {
                    let (own, rest) = vectors.split_at(x.data.len());
                    vectors = rest;
                    Arm::Vectors(own, n)
                }
            },
        };
        let whole = |k: usize| self.view(k).columns_from(self.from).data;
        let pieces = self.pieces.iter().map(|p| match *p {
            Piece::Array(k) => Ready::Array(whole(k)),
            Piece::Spread { factor, scale, array } => Ready::Spread(factor, number(scale), whole(array)),
            Piece::Outer { factor, scale, u, v } => {
                Ready::Outer(factor, scale.map(number), arm(u, self.shape.rows), arm(v, self.shape.cols))
            }
        });
        pieces.collect()
    }

    /// The result of lane c; whether it is finite.
    fn fill(&self, ready: &[Ready<'_>], c: usize, column: &mut [f64]) -> bool {
        let Shape { rows, cols } = Shape::new(self.shape.rows, self.shape.cols - self.from);
        // A row is one column of its entries.
        let size @ (height, _) = if rows == 1 { (cols, 1) } else { (rows, cols) };
        let mut streams: SmallVec<[Stream<'_>; 8]> = SmallVec::new();
        let mut places: SmallVec<[(f64, Lane<'_>, Lane<'_>); 8]> = SmallVec::new();
        let mut adding = false;
        for piece in ready {
            match piece {
                Ready::Array(x) => {
                    column.iter_mut().zip(x.iter().skip(c).step_by(self.lanes)).for_each(|(o, x)| *o = *x);
                    adding = true;
                }
                Ready::Spread(factor, scale, x) => {
                    streams.push(Stream { scale: factor * scale.at(c), v: None, x, step: height });
                }
                Ready::Outer(factor, scale, u, v) => {
                    let scale = factor * scale.map_or(1.0, |s| s.at(c));
                    match u.lane(c).zip(v.lane(c).and_then(|v| v.from(self.from))) {
                        Some((Lane::Entries(u), Lane::Entries(v))) if rows == 1 => {
                            streams.push(Stream { scale: scale * u[0], v: None, x: v, step: 0 });
                        }
                        Some((Lane::Entries(u), Lane::Entries(v))) => {
                            streams.push(Stream { scale, v: Some(v), x: u, step: 0 });
                        }
                        Some((u, v)) => places.push((scale, u, v)),
                        None => {}
                    }
                }
            }
        }
        // What is not finite stays so, whatever is added: each part is looked at as it is written.
        let mut finite =
            assemble(column, size, &streams, adding) && (!streams.is_empty() || all_finite(column));
        for (scale, u, v) in places {
            finite &= match (u, v) {
                (Lane::Place(i), Lane::Place(j)) => add(&mut column[i + rows * j], scale),
                (Lane::Entries(u), Lane::Place(j)) => {
                    add_multiple(&mut column[rows * j..rows * (j + 1)], scale, u)
                }
                (Lane::Place(i), Lane::Entries(v)) => {
                    let row = column.iter_mut().skip(i).step_by(rows);
                    row.zip(v).fold(true, |finite, (o, x)| add(o, scale * x) && finite)
                }
                (Lane::Entries(_), Lane::Entries(_)) => true,
            };
        }
        finite
    }
}

/// o += x; whether it is finite then.
fn add(o: &mut f64, x: f64) -> bool {
    *o += x;
    o.is_finite()
}
