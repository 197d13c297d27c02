//! Blocks of second derivatives and dense Hessians.

use super::function::bytes;
use super::plan::Kind;
use super::point::{Linearized, Point};
use super::products::length;
use super::results::{Axis, Block, Hessian};
use super::sweep::{Directions, Rows, stacked};
use super::variables::Set;
use crate::dense::columns::{ColumnsMut, mirror};
use crate::dense::threads::among;
use crate::engine::control::Control;
use crate::error::{Error, Result};
use crate::record::Key;
use nalgebra::DMatrix;
use smallvec::{SmallVec, smallvec};
use std::ops::Range;

const ALTERNATIVES: &str = "hvp or operator() for products, block(a, b) for a part, hessian_chunks for a few columns at a time, or a larger budget";

/// Variables in the order asked for.
type List = SmallVec<[usize; 16]>;

impl Point {
    /// The block d/dA[dL/dB] of second derivatives, `[(i, j, k, l)]` = ∂²L/∂Aᵢⱼ∂Bₖₗ, by min(|A|, |B|) directions.
    ///
    /// # Errors
    /// An unknown key; the function is not scalar; [`Error::Budget`] before any memory is taken; a non-finite result
    /// (unless the mode is Ieee).
    pub fn block<'a, 'b>(&self, a: impl Into<Key<'a>>, b: impl Into<Key<'b>>) -> Result<Block> {
        self.block_with(a, b, &Control::new())
    }

    /// [`block`](Point::block) with a budget, progress and a cancel flag.
    ///
    /// # Errors
    /// Also [`Error::Cancelled`].
    pub fn block_with<'a, 'b>(
        &self,
        a: impl Into<Key<'a>>,
        b: impl Into<Key<'b>>,
        control: &Control<'_>,
    ) -> Result<Block> {
        self.function.scalar("block")?;
        let vars = &self.function.inner.variables;
        let (a, b) = (vars.find(a.into())?, vars.find(b.into())?);
        let (m, n) = (vars.len_of(a), vars.len_of(b));
        self.afford("block", bytes(m, n), control)?;
        let mut out = DMatrix::zeros(m, n);
        self.fill_block(a, b, out.as_mut_slice(), control)?;
        Ok(Block { row: self.axis(a), col: self.axis(b), entries: out, kind: "d2L/dA_ij dB_kl" })
    }

    /// [`block`](Point::block) into the caller's memory: column-major, rows (i, j) and columns (k, l).
    ///
    /// # Errors
    /// As [`block`](Point::block); a wrong length.
    pub fn block_into<'a, 'b>(
        &self,
        a: impl Into<Key<'a>>,
        b: impl Into<Key<'b>>,
        out: &mut [f64],
    ) -> Result<()> {
        self.function.scalar("block")?;
        let vars = &self.function.inner.variables;
        let (a, b) = (vars.find(a.into())?, vars.find(b.into())?);
        length("block", vars.len_of(a).saturating_mul(vars.len_of(b)), out.len())?;
        self.fill_block(a, b, out, &Control::new())
    }

    /// Seeds one side; the results are columns of the block, or its rows.
    fn fill_block(&self, a: usize, b: usize, out: &mut [f64], control: &Control<'_>) -> Result<()> {
        let vars = &self.function.inner.variables;
        let (m, n) = (vars.len_of(a), vars.len_of(b));
        let second = self.function.inner.seeds_second(a, b);
        let (seed, wanted, count) = if second { (b, a, n) } else { (a, b, m) };
        if m == 0 || n == 0 {
            return Ok(());
        }
        let control = self.function.control(control);
        let l =
            self.linearize(Kind::Hvp, &smallvec![seed as u32], &smallvec![wanted as u32], count, &control)?;
        among(l.plan.time(count), || {
            let own = (a == b).then_some(0);
            let columns = if second { ColumnsMut::columns(out, m, n) } else { ColumnsMut::rows(out, n, m) };
            if self.sweep_into(&l, Directions::Units(0), &[0], own, columns, &control)? {
                self.complete(a, 0, m, out, &control)?;
            }
            Ok(())
        })
    }

    /// The upper half of a variable's own block, which begins at entry (start, start) of a matrix of order n, from the
    /// lower one; halves by columns of the variable.
    fn complete(
        &self,
        k: usize,
        start: usize,
        n: usize,
        out: &mut [f64],
        control: &Control<'_>,
    ) -> Result<()> {
        let vars = &self.function.inner.variables;
        let height = vars.list[k].shape.rows.max(1);
        halves(out, n, start, height, 0..vars.len_of(k) / height, control)
    }

    /// The dense Hessian over the listed variables, in that order.
    ///
    /// # Errors
    /// As [`block`](Point::block); a variable listed twice.
    pub fn hessian<'k, K: Into<Key<'k>> + Clone>(&self, variables: &[K]) -> Result<Hessian> {
        self.hessian_with(variables, &Control::new())
    }

    /// [`hessian`](Point::hessian) with a budget, progress and a cancel flag.
    ///
    /// # Errors
    /// Also [`Error::Cancelled`].
    pub fn hessian_with<'k, K: Into<Key<'k>> + Clone>(
        &self,
        variables: &[K],
        control: &Control<'_>,
    ) -> Result<Hessian> {
        self.function.scalar("hessian")?;
        let vars = &self.function.inner.variables;
        let list = self.listed(variables)?;
        let n = list.iter().fold(0usize, |n, &k| n.saturating_add(vars.len_of(k)));
        self.afford("hessian", bytes(n, n), control)?;
        let mut out = DMatrix::zeros(n, n);
        self.fill_hessian(&list, out.as_mut_slice(), control)?;
        Ok(Hessian {
            axes: list.iter().map(|&k| self.axis(k)).collect(),
            keys: list.iter().map(|&k| vars.var(k)).collect(),
            entries: out,
        })
    }

    /// [`hessian`](Point::hessian) into the caller's memory, column-major.
    ///
    /// # Errors
    /// As [`hessian`](Point::hessian); a wrong length.
    pub fn hessian_into<'k, K: Into<Key<'k>> + Clone>(&self, variables: &[K], out: &mut [f64]) -> Result<()> {
        self.function.scalar("hessian")?;
        let list = self.listed(variables)?;
        let n = list.iter().fold(0usize, |n, &k| n.saturating_add(self.function.inner.variables.len_of(k)));
        length("hessian", n.saturating_mul(n), out.len())?;
        self.fill_hessian(&list, out, &Control::new())
    }

    pub(crate) fn listed<'k, K: Into<Key<'k>> + Clone>(&self, variables: &[K]) -> Result<List> {
        let vars = &self.function.inner.variables;
        let mut list = List::new();
        for key in variables {
            let k = vars.find(key.clone().into())?;
            if list.contains(&k) {
                return Err(Error::Binding { name: vars.list[k].name.clone(), why: "listed twice".into() });
            }
            list.push(k);
        }
        Ok(list)
    }

    /// Each pair of variables is seeded on one side and mirrored.
    fn fill_hessian(&self, list: &[usize], out: &mut [f64], control: &Control<'_>) -> Result<()> {
        let vars = &self.function.inner.variables;
        let (starts, n) = stacked(list.iter().map(|&k| vars.len_of(k)));
        let end = |p: usize| starts[p] + vars.len_of(list[p]);
        let control = self.function.control(control);
        // All point parts first; what threads share follows in one go.
        let mut seeded: SmallVec<[(usize, List, Linearized); 16]> = SmallVec::new();
        for (q, &seed) in list.iter().enumerate().filter(|(_, k)| vars.len_of(**k) > 0) {
            let width = vars.len_of(seed);
            let second = |p: usize, q: usize| self.function.inner.seeds_second(list[p], list[q]);
            let owns = |p: usize| p == q || if p < q { second(p, q) } else { !second(q, p) };
            let mut mine: List = (0..list.len()).filter(|&p| owns(p)).collect();
            mine.sort_unstable_by_key(|&p| list[p]);
            let wanted: Set = mine.iter().map(|&p| list[p] as u32).collect();
            let l = self.linearize(Kind::Hvp, &smallvec![seed as u32], &wanted, width, &control)?;
            seeded.push((q, mine, l));
        }
        let time = seeded.iter().map(|(q, _, l)| l.plan.time(vars.len_of(list[*q]))).sum();
        among(time, || {
            for (q, mine, l) in &seeded {
                let (q, columns) = (*q, starts[*q]..end(*q));
                let rows: Rows = mine.iter().map(|&p| starts[p]).collect();
                let own = mine.iter().position(|&p| p == q);
                let part = control.part(starts[q] as u64, n as u64);
                let to = ColumnsMut::columns(&mut out[columns.start * n..columns.end * n], n, columns.len());
                if self.sweep_into(l, Directions::Units(0), &rows, own, to, &part)? {
                    self.complete(list[q], starts[q], n, out, &control)?;
                }
                for p in mine.iter().copied().filter(|&p| p != q) {
                    mirrored(out, n, starts[p]..end(p), columns.clone(), &control)?;
                }
            }
            Ok(())
        })
    }

    /// The Hessian over all variables, at most `columns` of its columns at a time (1 at least): for Hessians that
    /// do not fit in memory. Each item is the number of its first column and the columns, which never cross from one
    /// variable to the next.
    ///
    /// ```
    /// # fn main() -> hessite::Result<()> {
    /// let g = hessite::Graph::new();
    /// let x = g.vector("x", 5);
    /// let f = g.function(x.norm())?;
    /// let at = f.at(&[x.is(&[1.0, 2.0, 3.0, 4.0, 5.0])])?;
    /// let whole = at.hessian(&[x])?;
    /// for chunk in at.hessian_chunks(2) {
    ///     let (first, columns) = chunk?;
    ///     assert_eq!(columns, whole.matrix().columns(first, columns.ncols()).into_owned());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Each item as [`hessian`](Point::hessian).
    pub fn hessian_chunks(&self, columns: usize) -> impl Iterator<Item = Result<(usize, DMatrix<f64>)>> + '_ {
        let vars = &self.function.inner.variables;
        let (all, most) = (vars.all(), columns.max(1));
        let places =
            (0..vars.list.len()).flat_map(move |k| (0..vars.len_of(k)).step_by(most).map(move |e| (k, e)));
        places.map(move |(k, first)| {
            self.function.scalar("hessian_chunks")?;
            let (n, count) = (vars.total(), most.min(vars.len_of(k) - first));
            let control = Control::new();
            self.afford("hessian_chunks", bytes(n, count), &control)?;
            let mut out = DMatrix::zeros(n, count);
            let rows: Rows = (0..vars.list.len()).map(|k| vars.range(k).start).collect();
            let target = ColumnsMut::columns(out.as_mut_slice(), n, count);
            let control = self.function.control(&control);
            // One plan and one point part for all chunks of a variable.
            let l = self.linearize(Kind::Hvp, &smallvec![k as u32], &all, vars.len_of(k), &control)?;
            self.sweep_into(&l, Directions::Units(first), &rows, None, target, &control)?;
            Ok((vars.range(k).start + first, out))
        })
    }

    pub(crate) fn axis(&self, k: usize) -> Axis {
        let v = &self.function.inner.variables.list[k];
        let packing = v.packing.map(|(p, _)| p);
        Axis { name: v.name.clone(), rows: v.shape.rows, cols: v.shape.cols, packing }
    }

    pub(crate) fn afford(&self, what: &str, needed_bytes: u64, control: &Control<'_>) -> Result<()> {
        self.afford_or(what, needed_bytes, control, ALTERNATIVES)
    }

    /// Refuses a result over the budget, with what to do instead.
    pub(crate) fn afford_or(
        &self,
        what: &str,
        needed_bytes: u64,
        control: &Control<'_>,
        alternatives: &'static str,
    ) -> Result<()> {
        let limit = control.limit(self.function.budget);
        if needed_bytes <= limit {
            return Ok(());
        }
        Err(Error::Budget { what: what.into(), needed_bytes, limit, alternatives })
    }
}

/// The upper half of these block columns, `height` columns of a matrix each, which begins at entry (start, start) of a
/// square of order n, from the lower one: a square of it, then the two halves above and below that.
fn halves(
    out: &mut [f64],
    n: usize,
    start: usize,
    height: usize,
    blocks: Range<usize>,
    control: &Control<'_>,
) -> Result<()> {
    if blocks.len() < 2 {
        return Ok(());
    }
    let middle = blocks.start + blocks.len() / 2;
    let at = |block: usize| start + block * height;
    mirrored(out, n, at(middle)..at(blocks.end), at(blocks.start)..at(middle), control)?;
    halves(out, n, start, height, blocks.start..middle, control)?;
    halves(out, n, start, height, middle..blocks.end, control)
}

/// Copies a part of a square of order n across its diagonal, some milliseconds between two looks at the flag.
fn mirrored(
    out: &mut [f64],
    n: usize,
    rows: Range<usize>,
    columns: Range<usize>,
    control: &Control<'_>,
) -> Result<()> {
    let step = (1 << 22) / rows.len().max(1) + 1;
    for first in columns.clone().step_by(step) {
        control.check()?;
        mirror(out, n, rows.clone(), first..(first + step).min(columns.end));
    }
    Ok(())
}
