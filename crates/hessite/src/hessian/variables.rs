//! The variables of a function, and finding them by key.

use crate::dense::reduce::all_finite;
use crate::error::{Error, Result};
use crate::program::Shape;
use crate::record::{Binding, Key, Structure, Var, Variable};
use smallvec::SmallVec;
use std::borrow::Cow;

/// Positions of variables, in increasing order.
pub(crate) type Set = SmallVec<[u32; 16]>;

/// What numbers are bound for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The values of all variables.
    Point,
    /// Values of some.
    Values,
    /// A direction, in which what is left out does not vary.
    Direction,
}

/// The coordinates bound to each variable.
pub(crate) type Sorted<'b> = SmallVec<[Option<Cow<'b, [f64]>>; 16]>;

impl Variable {
    /// Its declared shape; of a structured one that of the matrix.
    fn shown(&self) -> Shape {
        self.packing.map_or(self.shape, |(p, _)| Shape::new(p.n, p.n))
    }

    /// The numbers that are differentiated by, for what is bound.
    fn coordinates<'b>(&self, b: &'b Binding<'_>, purpose: Purpose) -> Result<Cow<'b, [f64]>> {
        let entries = b.entries.as_slice();
        let whole = self.packing.filter(|_| !b.packed).map(|(p, _)| p);
        let shape = whole.map_or(self.shape, |_| self.shown());
        let got = b.entries.shape();
        if !got.map_or(entries.len() == shape.len(), |(r, c)| (r, c) == (shape.rows, shape.cols)) {
            let got = got.map_or(format!("{} numbers", entries.len()), |(r, c)| format!("{r}x{c}"));
            let expected = match self.packing {
                Some((p, _)) if b.packed => {
                    format!("{} coordinates of a {} {}", p.len(), self.shown(), p.structure)
                }
                Some((p, _)) => format!("{shape} {}, or {} coordinates with .packed()", p.structure, p.len()),
                None => shape.to_string(),
            };
            return Err(Error::SeedShape { name: self.name.clone(), expected, got });
        }
        match whole {
            None => Ok(Cow::Borrowed(entries)),
            Some(p) if p.structure == Structure::PositiveDefinite && purpose == Purpose::Direction => {
                let why = "a direction of a positive definite variable is one of its coordinates: give them with .packed()";
                Err(Error::Binding { name: self.name.clone(), why: why.into() })
            }
            Some(p) => p.pack(&self.name, entries).map(Cow::Owned),
        }
    }
}

/// The declared variables in order; stacked, each one's entries follow those of the one before, in `vec` order.
#[derive(Debug)]
pub(crate) struct Variables {
    graph: u64,
    pub list: Vec<Variable>,
    /// Where each begins in the stacked vector, and the length of all.
    offsets: Vec<usize>,
}

impl Variables {
    pub fn new(graph: u64, list: Vec<Variable>) -> Self {
        let mut offsets = vec![0usize];
        let mut end = 0usize;
        for v in &list {
            end = end.saturating_add(v.shape.len());
            offsets.push(end);
        }
        Variables { graph, list, offsets }
    }

    /// The graph that they belong to.
    pub fn graph(&self) -> u64 {
        self.graph
    }

    pub fn all(&self) -> Set {
        (0..self.list.len() as u32).collect()
    }

    /// The variables as keys.
    pub fn vars(&self) -> Vec<Var> {
        (0..self.list.len()).map(|k| self.var(k)).collect()
    }

    /// Variable `k` as a key.
    pub fn var(&self, k: usize) -> Var {
        Var { graph: self.graph, index: Some(k as u32) }
    }

    /// Entries of all variables together.
    pub fn total(&self) -> usize {
        self.offsets.last().copied().unwrap_or(0)
    }

    pub fn range(&self, k: usize) -> std::ops::Range<usize> {
        self.offsets[k]..self.offsets[k + 1]
    }

    pub fn len_of(&self, k: usize) -> usize {
        self.list[k].shape.len()
    }

    /// The variable that a key names.
    pub fn find(&self, key: Key<'_>) -> Result<usize> {
        // Variables declared after the function was made are not its own.
        let own = |v: Var| v.index.map(|k| k as usize).filter(|&k| k < self.list.len());
        find(key, Some(self.graph), own, self.list.iter().map(|v| &v.name[..]))
    }

    /// Sorts bindings by variable into `sorted`, which is empty, as the coordinates that are differentiated by. Of a
    /// point every variable must be bound.
    pub fn sort<'b>(
        &self,
        bindings: &'b [Binding<'_>],
        purpose: Purpose,
        sorted: &mut Sorted<'b>,
    ) -> Result<()> {
        sorted.resize_with(self.list.len(), || None);
        for b in bindings {
            let k = self.find(b.key)?;
            let v = &self.list[k];
            let entries = v.coordinates(b, purpose)?;
            if sorted[k].replace(entries).is_some() {
                return Err(Error::Binding { name: v.name.clone(), why: "bound twice".into() });
            }
        }
        if let Some(k) = sorted.iter().position(Option::is_none).filter(|_| purpose == Purpose::Point) {
            let v = &self.list[k];
            return Err(Error::Binding {
                name: v.name.clone(),
                why: format!("left unbound; it is {} and declared at {}", v.shown(), v.line),
            });
        }
        Ok(())
    }

    /// An error for the first entry that is not finite.
    pub fn finite(&self, k: usize, entries: &[f64]) -> Result<()> {
        let v = &self.list[k];
        finite(&v.name, entries, v.shape.rows).map_err(|e| match (e, v.packing) {
            // In the place where the matrix has it.
            (Error::NonFiniteInput { name, index, value }, Some((packing, _))) => {
                let index = packing.places().nth(index.0).unwrap_or(index);
                Error::NonFiniteInput { name, index, value }
            }
            (e, _) => e,
        })
    }

    /// The same for a stacked vector.
    pub fn finite_stacked(&self, stacked: &[f64]) -> Result<()> {
        (0..self.list.len()).try_for_each(|k| self.finite(k, &stacked[self.range(k)]))
    }
}

/// Where a key stands among variables of `graph` with these names in order; `own` tells it of a handle.
pub(crate) fn find<'n>(
    key: Key<'_>,
    graph: Option<u64>,
    own: impl Fn(Var) -> Option<usize>,
    mut names: impl Iterator<Item = &'n str> + Clone,
) -> Result<usize> {
    let unbound = |name: &str, why: String| Error::Binding { name: name.into(), why };
    match key {
        Key::Var(v) if Some(v.graph) != graph => {
            Err(Error::MixedGraph { what: "a key".into(), line: crate::error::Line(None) })
        }
        Key::Var(v) => {
            own(v).ok_or_else(|| unbound("this handle", "it is none of the variables here".into()))
        }
        Key::Name(name) => names.clone().position(|n| n == name).ok_or_else(|| {
            let why = match names.by_ref().min_by_key(|n| distance(n, name)) {
                Some(near) => format!("unknown name; did you mean {near:?}?"),
                None => "unknown name; there are no variables".into(),
            };
            unbound(name, why)
        }),
    }
}

/// An error for the first entry that is not finite, in an array of `rows` rows.
pub(crate) fn finite(name: &str, entries: &[f64], rows: usize) -> Result<()> {
    if all_finite(entries) {
        return Ok(());
    }
    match entries.iter().position(|x| !x.is_finite()) {
        None => Ok(()),
        Some(e) => Err(Error::NonFiniteInput {
            name: name.into(),
            index: (e % rows.max(1), e / rows.max(1)),
            value: entries[e],
        }),
    }
}

/// Levenshtein's distance, for suggestions.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(!x.eq_ignore_ascii_case(y));
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
