//! Writing results out of the direction part: arrays lane by lane, thin pieces straight into their columns.

use super::Stages;
use super::lanes::{LanePlan, Workspace};
use crate::dense::assemble::{Stream, add_multiple, assemble};
use crate::dense::buffer::Buffer;
use crate::dense::columns::ColumnsMut;
use crate::dense::lanes::{View, unpack};
use crate::dense::reduce::all_finite;
use crate::program::Shape;
use crate::program::split::{MOST_PICKED, MOST_WRITTEN, Piece, Pieces, Places, Vector};
use smallvec::SmallVec;

/// One result of a block of lanes that was run.
pub(crate) struct Written<'a> {
    pub plan: &'a LanePlan,
    pub stages: Stages<'a>,
    pub workspace: &'a Workspace,
    pub lanes: usize,
    /// Numbers of the result.
    pub len: usize,
    /// Columns of the result before this one are left alone.
    pub from: usize,
    /// What the result is the sum of, by numbers of the plan's outputs.
    pub pieces: &'a Pieces<usize>,
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

/// A piece of all lanes of the block that has numbers for every column of the result.
#[derive(Clone, Copy)]
enum Ready<'a> {
    /// Arrays of this length, one lane after another, or one for all.
    Array(&'a [f64], usize),
    Spread(f64, Number<'a>, &'a [f64]),
    Outer(Rank1<'a>),
}

/// factor · scale · u vᵀ of all lanes of the block.
#[derive(Clone, Copy)]
struct Rank1<'a> {
    factor: f64,
    scale: Option<Number<'a>>,
    u: Arm<'a>,
    v: Arm<'a>,
}

impl Rank1<'_> {
    #[inline(always)]
    fn scale(&self, c: usize) -> f64 {
        self.factor * self.scale.map_or(1.0, |s| s.at(c))
    }
}

/// What a sum of pieces is made of, for all lanes.
#[derive(Default)]
struct Sum<'a> {
    ready: SmallVec<[Ready<'a>; MOST_WRITTEN]>,
    /// One row, one column or one entry each.
    placed: SmallVec<[Rank1<'a>; MOST_WRITTEN]>,
}

/// Room for those of one lane.
type Streams<'a> = SmallVec<[Stream<'a>; MOST_WRITTEN]>;

impl<'a> Written<'a> {
    /// Writes the result to the rows of `out` from `row` on, lane c to column c; the first lane whose result is not
    /// finite is returned.
    pub fn write(&self, row: usize, out: &mut ColumnsMut<'_>, scratch: &mut Buffer) -> Option<usize> {
        let skipped = self.from * self.pieces.shape.rows;
        let (row, len) = (row + skipped, self.len - skipped);
        match (&self.pieces.own[..], &self.pieces.picked[..]) {
            _ if len == 0 => None,
            ([], []) => {
                out.clear(row, len);
                None
            }
            ([Piece::Array(k)], []) => {
                let data = self.view(*k).columns_from(self.from).data;
                out.write(row, data, self.lanes);
                if all_finite(data) {
                    return None;
                }
                // Lanes beyond the columns hold no direction.
                let bad = |l: &usize| data.iter().skip(*l).step_by(self.lanes).any(|x| !x.is_finite());
                (0..out.count()).find(bad)
            }
            _ => self.assemble(row, len, out, scratch),
        }
    }

    fn assemble(
        &self,
        row: usize,
        len: usize,
        out: &mut ColumnsMut<'_>,
        scratch: &mut Buffer,
    ) -> Option<usize> {
        let picks = &self.pieces.picked;
        // One number more than the longest source: the zero of what no place names.
        let longest = picks.iter().map(|p| p.shape.len() + 1).max().unwrap_or(0);
        let spare = out.spare(len);
        self.unpack(spare + longest, scratch);
        let (spare, rest) = scratch.split_at_mut(spare);
        let (source, apart) = rest.split_at_mut(longest);
        let mut apart = &*apart;
        // Made in their places: they are large, and mostly empty.
        let (mut own, mut picked) = (Sum::default(), SmallVec::<[Sum<'_>; MOST_PICKED]>::new());
        let mut streams = Streams::new();
        self.sum(&self.pieces.own, self.pieces.shape, self.from, &mut apart, &mut own);
        for (k, p) in picks.iter().enumerate() {
            picked.push(Sum::default());
            self.sum(&p.source, p.shape, 0, &mut apart, &mut picked[k]);
        }
        let looked_up = picks.iter().any(|p| p.run().is_none());
        let mut bad = None;
        out.fill((row, len), spare, |c, column| {
            let mut finite = fill(&own, self.pieces.shape, self.from, c, column, false, &mut streams);
            for (pick, sum) in picks.iter().zip(&picked) {
                let n = pick.shape.len();
                if let Some(start) = pick.run() {
                    finite &= fill(sum, pick.shape, 0, c, &mut column[start..start + n], true, &mut streams);
                    continue;
                }
                fill(sum, pick.shape, 0, c, &mut source[..n], false, &mut streams);
                source[n] = 0.0;
                for (factor, coef, places) in &pick.takes {
                    take(column, source, (*factor, coef.map(|k| self.view(k).data)), places);
                }
            }
            if looked_up {
                finite = all_finite(column);
            }
            if !finite {
                bad = bad.or(Some(c));
            }
        });
        bad
    }

    /// Takes what has lanes apart, one lane after another, behind the first `len` numbers of `scratch`.
    fn unpack(&self, len: usize, scratch: &mut Buffer) {
        let mut end = len;
        for x in self.with_lanes() {
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

    /// The arrays and vectors that have lanes, in the order in which `sum` comes to them.
    fn with_lanes(&self) -> impl Iterator<Item = View<'a>> {
        let own = self.pieces.own.iter().map(|p| (p, self.from));
        let picked = self.pieces.picked.iter().flat_map(|p| p.source.iter().map(|p| (p, 0)));
        let arrays = own.chain(picked).flat_map(|(p, from)| match *p {
            Piece::Array(k) => [Some(self.view(k).columns_from(from)), None],
            Piece::Spread { .. } => [None, None],
            Piece::Outer { u, v, .. } => [u, v].map(|v| match v {
                Vector::Entries(k) => Some(self.view(k)),
                _ => None,
            }),
        });
        arrays.flatten().filter(|x| x.lanes > 1)
    }

    fn view(&self, k: usize) -> View<'a> {
        self.plan.output(self.stages, self.workspace, k, self.lanes)
    }

    /// Pieces of an array of this shape without its first columns, added to `sum`; `apart` begins with what of them has
    /// lanes.
    fn sum<'b>(
        &self,
        pieces: &[Piece<usize>],
        shape: Shape,
        from: usize,
        apart: &mut &'b [f64],
        sum: &mut Sum<'b>,
    ) where
        'a: 'b,
    {
        let number = |k: usize| Number(self.view(k).data);
        let whole = |k: usize| self.view(k).columns_from(from).data;
        let mut own = |n: usize| {
            let (own, rest) = apart.split_at(n);
            *apart = rest;
            own
        };
        for piece in pieces {
            match *piece {
                Piece::Array(k) => sum.ready.push(match self.view(k).columns_from(from) {
                    x if x.lanes == 1 => Ready::Array(x.data, 0),
                    x => Ready::Array(own(x.data.len()), x.data.len() / x.lanes),
                }),
                Piece::Spread { factor, scale, array } => {
                    sum.ready.push(Ready::Spread(factor, number(scale), whole(array)));
                }
                Piece::Outer { factor, scale, u, v } => {
                    let mut arm = |v: Vector<usize>, n: usize| match v {
                        Vector::Unit(i) => Arm::Unit(number(i), n),
                        Vector::Column(m, j) => Arm::Column(self.view(m), number(j)),
                        Vector::Entries(k) => match self.view(k) {
                            x if x.lanes == 1 => Arm::Fixed(x.data),
                            x => Arm::Vectors(own(x.data.len()), n),
                        },
                    };
                    let u = arm(u, shape.rows);
                    let outer = Rank1 { factor, scale: scale.map(number), u, v: arm(v, shape.cols) };
                    match (outer.u, outer.v) {
                        (Arm::Unit(..), _) | (_, Arm::Unit(..)) => sum.placed.push(outer),
                        _ => sum.ready.push(Ready::Outer(outer)),
                    }
                }
            }
        }
    }
}

/// Adds what stands at the places of `source`, times a factor and a coefficient, or one for each number.
fn take(column: &mut [f64], source: &[f64], (factor, coef): (f64, Option<&[f64]>), places: &Places) {
    let first = &*places.first;
    match &places.second {
        Some(second) => {
            take_each(column, |k| source[first[k] as usize] + source[second[k] as usize], factor, coef);
        }
        None => take_each(column, |k| source[first[k] as usize], factor, coef),
    }
}

#[inline(always)]
fn take_each(column: &mut [f64], entry: impl Fn(usize) -> f64, factor: f64, coef: Option<&[f64]>) {
    match coef {
        Some(c) if c.len() > 1 => {
            for ((k, o), c) in column.iter_mut().enumerate().zip(c) {
                *o += factor * c * entry(k);
            }
        }
        _ => {
            let factor = factor * coef.map_or(1.0, |c| c[0]);
            for (k, o) in column.iter_mut().enumerate() {
                *o += factor * entry(k);
            }
        }
    }
}

/// The sum in lane c, without the first columns of an array of this shape, or added; whether it is finite.
fn fill<'a>(
    sum: &Sum<'a>,
    shape: Shape,
    from: usize,
    c: usize,
    column: &mut [f64],
    mut add: bool,
    streams: &mut Streams<'a>,
) -> bool {
    let Shape { rows, cols } = Shape::new(shape.rows, shape.cols - from);
    // A row is one column of its entries.
    let size @ (height, _) = if rows == 1 { (cols, 1) } else { (rows, cols) };
    streams.clear();
    for piece in &sum.ready {
        streams.push(match piece {
            Ready::Array(x, apart) => {
                let x = &x[c * apart..][..column.len()];
                match add {
                    true => streams.push(Stream { scale: 1.0, v: None, x, step: height }),
                    false => column.copy_from_slice(x),
                }
                add = true;
                continue;
            }
            Ready::Spread(factor, scale, x) => {
                Stream { scale: factor * scale.at(c), v: None, x, step: height }
            }
            Ready::Outer(outer) => {
                let (Some(Lane::Entries(u)), Some(Lane::Entries(v))) = (outer.u.lane(c), outer.v.lane(c))
                else {
                    continue;
                };
                let (scale, v) = (outer.scale(c), &v[from..]);
                match rows {
                    1 => Stream { scale: scale * u[0], v: None, x: v, step: 0 },
                    _ => Stream { scale, v: Some(v), x: u, step: 0 },
                }
            }
        });
    }
    // What is not finite stays so, whatever is added: each part is looked at as it is written.
    let mut finite = assemble(column, size, streams, add) && (!streams.is_empty() || all_finite(column));
    for outer in &sum.placed {
        let (u, v) = (outer.u.lane(c), outer.v.lane(c).and_then(|v| v.from(from)));
        let Some((u, v)) = u.zip(v) else { continue };
        let scale = outer.scale(c);
        finite &= match (u, v) {
            (Lane::Place(i), Lane::Place(j)) => add_to(&mut column[i + rows * j], scale),
            (Lane::Entries(u), Lane::Place(j)) => {
                add_multiple(&mut column[rows * j..rows * (j + 1)], scale, u)
            }
            (Lane::Place(i), Lane::Entries(v)) => {
                let row = column.iter_mut().skip(i).step_by(rows);
                row.zip(v).fold(true, |finite, (o, x)| add_to(o, scale * x) && finite)
            }
            (Lane::Entries(_), Lane::Entries(_)) => true,
        };
    }
    finite
}

/// o += x; whether it is finite then.
fn add_to(o: &mut f64, x: f64) -> bool {
    *o += x;
    o.is_finite()
}
