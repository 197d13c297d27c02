//! First derivatives of matrix-valued functions.

use super::function::bytes;
use super::plan::Kind;
use super::point::Point;
use super::products::slices;
use super::results::{Axis, Block, PerVariable};
use super::sweep::Directions;
use super::variables::{Set, finite};
use crate::dense::columns::ColumnsMut;
use crate::engine::control::Control;
use crate::error::{Error, Result};
use crate::record::{Binding, Entries, Key};
use nalgebra::DMatrix;
use smallvec::smallvec;

impl Point {
    /// The directional derivative of the function, shaped like its value.
    ///
    /// # Errors
    /// As [`hvp`](Point::hvp), for functions of any shape.
    pub fn jvp(&self, direction: &[Binding<'_>]) -> Result<DMatrix<f64>> {
        let shape = self.function.inner.shape;
        let (seeded, parts) = self.direction(direction)?;
        let mut out = DMatrix::zeros(shape.rows, shape.cols);
        self.along(Kind::Jvp, &seeded, &Set::new(), &slices(&parts), out.as_mut_slice())?;
        Ok(out)
    }

    /// The gradient of ⟨W, Z⟩ for a weight W shaped like the value Z: one array for each variable.
    ///
    /// # Errors
    /// A weight of the wrong shape; a non-finite weight or result (unless the mode is Ieee).
    pub fn vjp<'a>(&self, weight: impl Into<Entries<'a>>) -> Result<PerVariable> {
        let f = &*self.function.inner;
        let weight: Entries<'_> = weight.into();
        let w = self.weight(&weight)?;
        let mut out = vec![0.0; f.variables.total()];
        self.along(Kind::Vjp, &Set::new(), &f.variables.all(), &[w], &mut out)?;
        Ok(PerVariable::from_stacked(&f.variables, &out))
    }

    /// The entries of a weight shaped like the value.
    pub(crate) fn weight<'w>(&self, weight: &'w Entries<'_>) -> Result<&'w [f64]> {
        let f = &*self.function.inner;
        let w = weight.as_slice();
        let fits = weight.shape().is_none_or(|s| s == self.function.shape()) && w.len() == f.shape.len();
        if !fits {
            let got = weight.shape().map_or(format!("{} numbers", w.len()), |(r, c)| format!("{r}x{c}"));
            return Err(Error::SeedShape { name: "weight".into(), expected: f.shape.to_string(), got });
        }
        if self.function.checks() {
            finite("weight", w, f.shape.rows)?;
        }
        Ok(w)
    }

    /// The Jacobian `[(i, j, k, l)]` = ∂Zᵢⱼ/∂Xₖₗ of the value Z, forward or in reverse, whichever takes fewer
    /// directions.
    ///
    /// # Errors
    /// As [`block`](Point::block), for functions of any shape.
    pub fn jacobian<'k>(&self, x: impl Into<Key<'k>>) -> Result<Block> {
        self.jacobian_with(x, &Control::new())
    }

    /// [`jacobian`](Point::jacobian) with a budget, progress and a cancel flag.
    ///
    /// # Errors
    /// Also [`Error::Cancelled`].
    pub fn jacobian_with<'k>(&self, x: impl Into<Key<'k>>, control: &Control<'_>) -> Result<Block> {
        let f = &*self.function.inner;
        let x = f.variables.find(x.into())?;
        let (m, n) = (f.shape.len(), f.variables.len_of(x));
        self.afford("jacobian", bytes(m, n), control)?;
        let mut entries = DMatrix::zeros(m, n);
        if m > 0 && n > 0 {
            let control = self.function.control(control);
            let (l, out) = if n <= m {
                let l = self.linearize(Kind::Jvp, &smallvec![x as u32], &Set::new(), n, &control)?;
                (l, ColumnsMut::columns(entries.as_mut_slice(), m, n))
            } else {
                let l = self.linearize(Kind::Vjp, &Set::new(), &smallvec![x as u32], m, &control)?;
                (l, ColumnsMut::rows(entries.as_mut_slice(), n, m))
            };
            self.sweep(&l, Directions::Units(0), out, &control)?;
        }
        Ok(Block { row: Axis::value(f.shape), col: self.axis(x), entries, kind: "dZ_ij/dX_kl" })
    }
}
