//! Results that know their indices.

use super::variables::{Variables, find};
use crate::error::Result;
use crate::program::Shape;
use crate::record::{Coordinates, Key, Packing, Var};
use nalgebra::{DMatrix, DMatrixView, DVector};
use std::fmt;
use std::ops::Index;

/// One array for each variable, shaped like it: a gradient, or a product H·v.
///
/// `g["X"]` or `g.of(x)?` is the part of one variable; [`stacked`](PerVariable::stacked) is all of them in one vector.
#[derive(Clone, Debug, PartialEq)]
pub struct PerVariable {
    names: Vec<String>,
    graph_keys: Vec<Var>,
    packings: Vec<Option<Packing>>,
    parts: Vec<DMatrix<f64>>,
}

impl PerVariable {
    pub(crate) fn new(variables: &Variables, parts: Vec<DMatrix<f64>>) -> Self {
        let names = variables.list.iter().map(|v| v.name.clone()).collect();
        let packings = variables.list.iter().map(|v| v.packing.map(|(p, _)| p)).collect();
        PerVariable { names, graph_keys: variables.vars(), packings, parts }
    }

    pub(crate) fn from_stacked(variables: &Variables, stacked: &[f64]) -> Self {
        let parts = variables.list.iter().enumerate().map(|(k, v)| {
            DMatrix::from_column_slice(v.shape.rows, v.shape.cols, &stacked[variables.range(k)])
        });
        PerVariable::new(variables, parts.collect())
    }

    /// The part of one variable; of a [structured](crate::Structure) one a column, by its coordinates.
    pub fn of<'k>(&self, key: impl Into<Key<'k>>) -> Result<&DMatrix<f64>> {
        Ok(self.part(key.into())?.2)
    }

    /// Name, packing and part of one variable.
    pub(crate) fn part(&self, key: Key<'_>) -> Result<(&str, Option<Packing>, &DMatrix<f64>)> {
        let k = position(key, &self.graph_keys, self.names.iter().map(|n| &n[..]))?;
        Ok((&self.names[k], self.packings[k], &self.parts[k]))
    }

    /// Names and parts, in the order of declaration.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &DMatrix<f64>)> {
        self.names.iter().map(String::as_str).zip(&self.parts)
    }

    /// All parts stacked, variable after variable, each column by column.
    pub fn stacked(&self) -> DVector<f64> {
        DVector::from_iterator(
            self.parts.iter().map(|p| p.len()).sum(),
            self.parts.iter().flat_map(|p| p.iter().copied()),
        )
    }
}

/// The part of a variable by name; panics, as indexing does, when there is none.
impl Index<&str> for PerVariable {
    type Output = DMatrix<f64>;

    #[allow(clippy::panic)] // Indexing with [] panics as in std; `of` does not.
    fn index(&self, name: &str) -> &DMatrix<f64> {
        match self.of(name) {
            Ok(part) => part,
            Err(_) => panic!("no variable is called {name:?}"),
        }
    }
}

impl fmt::Display for PerVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|(name, part)| writeln!(f, "{name}:{part}"))
    }
}

/// Where `key` stands among the variables of a result.
fn position<'n>(key: Key<'_>, keys: &[Var], names: impl Iterator<Item = &'n str> + Clone) -> Result<usize> {
    find(key, keys.first().map(|k| k.graph), |v| keys.iter().position(|&k| k == v), names)
}

/// One axis pair of a block: a variable (or the output) with its shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Axis {
    pub name: String,
    pub rows: usize,
    pub cols: usize,
    /// What its entries are coordinates of.
    pub packing: Option<Packing>,
}

impl Axis {
    /// Of the value of a function.
    pub fn value(shape: Shape) -> Self {
        Axis { name: "Z".into(), rows: shape.rows, cols: shape.cols, packing: None }
    }

    pub fn len(&self) -> usize {
        self.rows * self.cols
    }
}

/// "X 2x3", "S 3x1 (packed 2x2 symmetric)".
impl fmt::Display for Axis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}x{}", self.name, self.rows, self.cols)?;
        match self.packing {
            Some(Packing { n, structure, coordinates: Coordinates::Orthonormal }) => {
                write!(f, " (packed {n}x{n} {structure}, orthonormal)")
            }
            Some(Packing { n, structure, .. }) => write!(f, " (packed {n}x{n} {structure})"),
            None => Ok(()),
        }
    }
}

/// A block of second derivatives, `b[(i, j, k, l)]` = ∂²L/∂Xᵢⱼ∂Yₖₗ; or a Jacobian, ∂Zᵢⱼ/∂Xₖₗ.
///
/// As a matrix its rows are (i, j) and its columns (k, l), both in `vec` order: i (k) runs fastest.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    pub(crate) row: Axis,
    pub(crate) col: Axis,
    pub(crate) entries: DMatrix<f64>,
    /// What one entry is, for printing.
    pub(crate) kind: &'static str,
}

impl Block {
    /// The block as a matrix, rows (i, j) and columns (k, l) in `vec` order.
    pub fn matrix(&self) -> &DMatrix<f64> {
        &self.entries
    }

    /// The same, given away.
    pub fn into_matrix(self) -> DMatrix<f64> {
        self.entries
    }

    /// Shapes of the two arrays: ((rows of X, columns of X), (rows of Y, columns of Y)).
    pub fn shapes(&self) -> ((usize, usize), (usize, usize)) {
        ((self.row.rows, self.row.cols), (self.col.rows, self.col.cols))
    }

    /// Entry (i, j, k, l), if there is one.
    pub fn get(&self, (i, j, k, l): (usize, usize, usize, usize)) -> Option<&f64> {
        let inside = i < self.row.rows && j < self.row.cols && k < self.col.rows && l < self.col.cols;
        inside.then(|| &self.entries[(i + self.row.rows * j, k + self.col.rows * l)])
    }

    /// The matrix over (k, l) for a fixed entry (i, j) of the first array, if there is one.
    pub fn for_row_entry(&self, i: usize, j: usize) -> Option<DMatrix<f64>> {
        (i < self.row.rows && j < self.row.cols).then(|| {
            DMatrix::from_fn(self.col.rows, self.col.cols, |k, l| {
                self.entries[(i + self.row.rows * j, k + self.col.rows * l)]
            })
        })
    }
}

/// ∂²L/∂Xᵢⱼ∂Yₖₗ by its four indices; panics outside, as indexing does ([`Block::get`] does not).
impl Index<(usize, usize, usize, usize)> for Block {
    type Output = f64;

    #[allow(clippy::panic)] // Indexing with [] panics as in std; `get` does not.
    fn index(&self, at: (usize, usize, usize, usize)) -> &f64 {
        match self.get(at) {
            Some(x) => x,
            None => panic!("index {at:?} lies outside of {:?}", self.shapes()),
        }
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (x, y) = (&self.row, &self.col);
        writeln!(f, "{} [(i,j) of {x}, (k,l) of {y}]", self.kind)?;
        let digits = f.precision().unwrap_or(4);
        for j in 0..x.cols {
            for i in 0..x.rows {
                let Some(part) = self.for_row_entry(i, j) else { continue };
                writeln!(f, "({i},{j}):")?;
                for r in part.row_iter() {
                    let line: Vec<String> = r.iter().map(|v| format!("{v:>14.digits$}")).collect();
                    writeln!(f, "  {}", line.join(" "))?;
                }
            }
        }
        Ok(())
    }
}

/// The dense Hessian over a list of variables, in the order asked for; stacked indices in `vec` order.
#[derive(Clone, Debug, PartialEq)]
pub struct Hessian {
    pub(crate) axes: Vec<Axis>,
    pub(crate) keys: Vec<Var>,
    pub(crate) entries: DMatrix<f64>,
}

impl Hessian {
    /// The symmetric matrix over all listed variables, stacked.
    pub fn matrix(&self) -> &DMatrix<f64> {
        &self.entries
    }

    /// The same, given away.
    pub fn into_matrix(self) -> DMatrix<f64> {
        self.entries
    }

    fn find(&self, key: Key<'_>) -> Result<(usize, usize)> {
        let k = position(key, &self.keys, self.axes.iter().map(|a| &a.name[..]))?;
        Ok((k, self.axes[..k].iter().map(Axis::len).sum()))
    }

    /// The block of two of its variables, rows of the first and columns of the second.
    pub fn block<'a, 'b>(
        &self,
        a: impl Into<Key<'a>>,
        b: impl Into<Key<'b>>,
    ) -> Result<DMatrixView<'_, f64>> {
        let ((a, row), (b, col)) = (self.find(a.into())?, self.find(b.into())?);
        Ok(self.entries.view((row, col), (self.axes[a].len(), self.axes[b].len())))
    }

    /// max |H − Hᵀ|: zero but for rounding.
    pub fn asymmetry(&self) -> f64 {
        let h = &self.entries;
        let n = h.nrows();
        (0..n)
            .flat_map(|j| (0..j).map(move |i| (i, j)))
            .fold(0.0, |m: f64, (i, j)| m.max((h[(i, j)] - h[(j, i)]).abs()))
    }
}

impl fmt::Display for Hessian {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.axes.iter().map(Axis::to_string).collect();
        writeln!(f, "Hessian over ({}), each in vec order", names.join(", "))?;
        write!(f, "{}", self.entries)
    }
}
