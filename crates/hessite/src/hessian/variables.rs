//! The variables of a function, and finding them by key.

use crate::dense::reduce::all_finite;
use crate::error::{Error, Result};
use crate::record::{Binding, Key, Var, Variable};
use smallvec::SmallVec;

/// Positions of variables, in increasing order.
pub(crate) type Set = SmallVec<[u32; 16]>;

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

    /// Sorts bindings by variable. With `complete`, every variable must be bound.
    pub fn sort<'b, 'a>(
        &self,
        bindings: &'b [Binding<'a>],
        complete: bool,
    ) -> Result<SmallVec<[Option<&'b Binding<'a>>; 16]>> {
        let mut sorted: SmallVec<[Option<&Binding<'_>>; 16]> = SmallVec::from_elem(None, self.list.len());
        for b in bindings {
            let k = self.find(b.key)?;
            let v = &self.list[k];
            let got = b.entries.shape();
            let fits = match got {
                Some((r, c)) => (r, c) == (v.shape.rows, v.shape.cols),
                None => b.entries.as_slice().len() == v.shape.len(),
            };
            if !fits {
                let got = match got {
                    Some((r, c)) => format!("{r}x{c}"),
                    None => format!("{} numbers", b.entries.as_slice().len()),
                };
                return Err(Error::SeedShape { name: v.name.clone(), expected: v.shape.to_string(), got });
            }
            if sorted[k].replace(b).is_some() {
                return Err(Error::Binding { name: v.name.clone(), why: "bound twice".into() });
            }
        }
        if let Some(k) = sorted.iter().position(Option::is_none).filter(|_| complete) {
            let v = &self.list[k];
            return Err(Error::Binding {
                name: v.name.clone(),
                why: format!("left unbound; it is {} and declared at {}", v.shape, v.line),
            });
        }
        Ok(sorted)
    }

    /// An error for the first entry that is not finite.
    pub fn finite(&self, k: usize, entries: &[f64]) -> Result<()> {
        let v = &self.list[k];
        finite(&v.name, entries, v.shape.rows)
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
