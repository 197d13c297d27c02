//! Arrays at the border: nalgebra matrices and views, or plain slices in column-major order, for a named variable.

use super::Var;
use nalgebra::storage::{IsContiguous, RawStorage, Storage};
use nalgebra::{Dim, Matrix as Nalgebra, ViewStorage};
use std::borrow::Cow;

/// The entries of an array, column-major, with its shape where the source has one.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    shape: Option<(usize, usize)>,
    data: Data<'a>,
}

#[derive(Clone, Debug)]
enum Data<'a> {
    Array(Cow<'a, [f64]>),
    Number(f64),
}

impl Entries<'_> {
    /// Rows and columns; a plain slice has none and fits any variable with as many entries.
    pub fn shape(&self) -> Option<(usize, usize)> {
        self.shape
    }

    /// The entries, column by column.
    pub fn as_slice(&self) -> &[f64] {
        match &self.data {
            Data::Array(all) => all,
            Data::Number(x) => std::slice::from_ref(x),
        }
    }
}

impl<'a, R: Dim, C: Dim, S: RawStorage<f64, R, C> + IsContiguous> From<&'a Nalgebra<f64, R, C, S>>
    for Entries<'a>
{
    fn from(m: &'a Nalgebra<f64, R, C, S>) -> Self {
        Entries { shape: Some(m.shape()), data: Data::Array(Cow::Borrowed(m.as_slice())) }
    }
}

/// A view, contiguous or not; it is copied.
impl<'a, 'v, R: Dim, C: Dim, RS: Dim, CS: Dim> From<Nalgebra<f64, R, C, ViewStorage<'v, f64, R, C, RS, CS>>>
    for Entries<'a>
where
    ViewStorage<'v, f64, R, C, RS, CS>: Storage<f64, R, C>,
{
    fn from(m: Nalgebra<f64, R, C, ViewStorage<'v, f64, R, C, RS, CS>>) -> Self {
        Entries { shape: Some(m.shape()), data: Data::Array(Cow::Owned(m.iter().copied().collect())) }
    }
}

impl<'a> From<&'a [f64]> for Entries<'a> {
    fn from(all: &'a [f64]) -> Self {
        Entries { shape: None, data: Data::Array(Cow::Borrowed(all)) }
    }
}

impl<'a, const N: usize> From<&'a [f64; N]> for Entries<'a> {
    fn from(all: &'a [f64; N]) -> Self {
        Entries::from(&all[..])
    }
}

impl<'a> From<&'a Vec<f64>> for Entries<'a> {
    fn from(all: &'a Vec<f64>) -> Self {
        Entries::from(&all[..])
    }
}

impl From<f64> for Entries<'_> {
    fn from(x: f64) -> Self {
        Entries { shape: None, data: Data::Number(x) }
    }
}

/// What names a variable: its handle, its [`Var`], or its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key<'a> {
    /// A variable.
    Var(Var),
    /// A variable's name.
    Name(&'a str),
}

impl From<Var> for Key<'_> {
    fn from(v: Var) -> Self {
        Key::Var(v)
    }
}

impl<'a> From<&'a str> for Key<'a> {
    fn from(name: &'a str) -> Self {
        Key::Name(name)
    }
}

impl<'a> From<&'a String> for Key<'a> {
    fn from(name: &'a String) -> Self {
        Key::Name(name)
    }
}

/// A variable with its value, direction or weight; made by `x.is(…)` or [`bind`].
#[derive(Clone, Debug)]
pub struct Binding<'a> {
    pub(crate) key: Key<'a>,
    pub(crate) entries: Entries<'a>,
    /// The entries are coordinates of a structured variable.
    pub(crate) packed: bool,
}

impl<'a> Binding<'a> {
    pub(crate) fn new(key: Key<'a>, entries: Entries<'a>) -> Self {
        Binding { key, entries, packed: false }
    }

    /// Says that these numbers are the packed coordinates of a [structured variable](crate::Structure), not its matrix.
    /// Of any other variable they are its entries, as they are without.
    ///
    /// ```
    /// # fn main() -> hessite::Result<()> {
    /// let g = hessite::Graph::new();
    /// let s = g.symmetric("S", 2);
    /// let f = g.function(s)?;
    /// let at = f.at(&[s.is(&[1.0, 2.0, 3.0]).packed()])?;
    /// assert_eq!(at.value_matrix().as_slice(), [1.0, 2.0, 2.0, 3.0]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn packed(self) -> Self {
        Binding { packed: true, ..self }
    }
}

/// Pairs a variable, by handle or name, with its value.
///
/// ```
/// # fn main() -> hessite::Result<()> {
/// let g = hessite::Graph::new();
/// let f = g.function(g.scalar("s").powi(3))?;
/// assert_eq!(f.at(&[hessite::bind("s", 2.0)])?.value(), 8.0);
/// # Ok(())
/// # }
/// ```
pub fn bind<'a>(key: impl Into<Key<'a>>, entries: impl Into<Entries<'a>>) -> Binding<'a> {
    Binding::new(key.into(), entries.into())
}
