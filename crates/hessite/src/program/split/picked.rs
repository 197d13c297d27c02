//! Entries picked out of a sum of terms: what rearranging makes of outer products that are no vectors. It costs nothing
//! until an operation needs the array.

use super::{Base, Side, Split, Term, Terms};
use crate::program::ops::Op;
use crate::program::{Shape, Value};
use smallvec::{SmallVec, smallvec};
use std::sync::Arc;

/// For each entry of a result the entries of an array, at most two, whose sum it is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Places {
    /// Length of the array; that number names no entry.
    pub of: usize,
    pub first: Arc<[u32]>,
    /// Where some result has a second one.
    pub second: Option<Arc<[u32]>>,
    /// Where the entries begin, if they stand in the result one after another, and all else has none.
    pub run: Option<usize>,
}

impl Places {
    /// Of an array of length `of`; `None` if it is too long to be numbered.
    pub fn new(of: usize, first: impl Iterator<Item = Option<usize>>) -> Option<Places> {
        u32::try_from(of).ok()?;
        Some(Self::made(of, first.map(|p| p.unwrap_or(of) as u32).collect(), None))
    }

    fn made(of: usize, first: Arc<[u32]>, second: Option<Arc<[u32]>>) -> Places {
        let start = first.iter().position(|&p| (p as usize) < of).filter(|_| second.is_none());
        let run = start.filter(|&start| {
            let expected = |k: usize| k.checked_sub(start).filter(|&e| e < of).unwrap_or(of);
            first.len() - start >= of && first.iter().enumerate().all(|(k, &p)| p as usize == expected(k))
        });
        Places { of, first, second, run }
    }

    /// Result `to[k]` of `n` takes entry k. `None` if one takes more than two.
    pub fn scattered(n: usize, to: impl ExactSizeIterator<Item = usize>) -> Option<Places> {
        let of = to.len();
        let mut sources = vec![Sources::new(); n];
        for (k, to) in to.enumerate() {
            sources[to].push(u32::try_from(k).ok()?);
        }
        Self::of_each(of, &sources)
    }

    /// These places of an array that is itself picked: of what it is picked from.
    fn after(&self, inner: &Places) -> Option<Places> {
        let own = self.first.iter().enumerate().map(|(k, &p)| (p, self.second.as_ref().map(|s| s[k])));
        let sources: Vec<Sources> = own
            .map(|(p, q)| {
                let through = |p: u32| -> [Option<u32>; 2] {
                    let at = p as usize;
                    [inner.first.get(at).copied(), inner.second.as_ref().and_then(|s| s.get(at).copied())]
                };
                let all = [Some(p), q].into_iter().flatten().flat_map(through).flatten();
                all.filter(|&p| (p as usize) < inner.of).collect()
            })
            .collect();
        Self::of_each(inner.of, &sources)
    }

    fn of_each(of: usize, sources: &[Sources]) -> Option<Places> {
        let nowhere = u32::try_from(of).ok()?;
        if sources.iter().any(|s| s.len() > 2) {
            return None;
        }
        let side = |k: usize| sources.iter().map(|s| s.get(k).copied().unwrap_or(nowhere)).collect();
        let second = sources.iter().any(|s| s.len() > 1).then(|| side(1));
        Some(Self::made(of, side(0), second))
    }

    /// Whether the result is the array, entry by entry.
    pub fn identical(&self) -> bool {
        self.first.len() == self.of && (self.of == 0 || self.run == Some(0))
    }
}

type Sources = SmallVec<[u32; 2]>;

/// Entries of a sum of terms.
#[derive(Clone, Debug)]
pub(crate) struct Picked {
    pub source: Terms,
    pub places: Places,
    /// What they come from, one operation after another: for who needs the array.
    ops: SmallVec<[Op; 2]>,
}

impl Split {
    /// An operation that merely arranges entries, on terms of which some are thin; `None` where arrays cost no more.
    pub fn arranged(&mut self, op: &Op, terms: &Terms, shape: Shape) -> Option<Terms> {
        let arrays = |t: &Term| matches!(t.base, Base::Array(_));
        let known = |t: &Term| !matches!(t.base, Base::Picked(_));
        if !self.units || terms.list.iter().all(arrays) || !terms.list.iter().all(known) {
            return None;
        }
        let places = op.places(terms.shape)?;
        // With one sign, so that a sum and its opposite are found to be one source.
        let sign = if terms.list[0].factor < 0.0 { -1.0 } else { 1.0 };
        let list = terms.list.iter().map(|t| t.scaled(sign)).collect();
        let source = Terms { shape: terms.shape, list };
        let base = self.picked(Picked { source, places, ops: smallvec![op.clone()] });
        Some(Terms::one(shape, Term::of(base).scaled(sign)))
    }

    /// The same of entries that are picked already.
    pub fn arranged_again(&mut self, op: &Op, t: &Term, full: Shape, shape: Shape) -> Option<Terms> {
        let Term { coef: None, base: Base::Picked(k), .. } = *t else { return None };
        let places = op.places(full)?.after(&self.picked[k].places)?;
        let Picked { source, mut ops, .. } = self.picked[k].clone();
        ops.push(op.clone());
        let base = self.picked(Picked { source, places, ops });
        Some(Terms::one(shape, Term { base, ..*t }))
    }

    fn picked(&mut self, picked: Picked) -> Base {
        self.picked.push(picked);
        Base::Picked(self.picked.len() - 1)
    }

    /// The array of picked entries.
    pub fn picked_array(&mut self, k: usize) -> Value {
        let Picked { source, ops, .. } = self.picked[k].clone();
        let array = self.materialize(&source);
        ops.into_iter().fold(array, |v, op| self.direction.emit(op, &[v]))
    }

    /// A linear operation of one argument on what `unary` can't act on term by term.
    pub(super) fn arranged_or_opaque(&mut self, op: &Op, terms: &Terms, shape: Shape) -> Terms {
        let arranged = self.arranged(op, terms, shape);
        arranged.unwrap_or_else(|| self.opaque(op.clone(), &[Side::Lanes(terms.clone())], shape))
    }
}
