//! Derivatives by packed coordinates, as matrices of the structure.

use super::function::Function;
use super::results::{Axis, Block, Hessian, PerVariable};
use crate::error::{Error, Result};
use crate::record::{Key, Packing};
use nalgebra::DMatrix;

/// The error of coordinates that are no entries.
fn no_entries(name: &str) -> Error {
    let why = "its coordinates are no entries of the matrix; take the part itself with of()";
    Error::Binding { name: name.into(), why: why.into() }
}

impl PerVariable {
    /// The part of a [structured variable](crate::Structure) as a matrix G of the structure: ⟨G, V⟩ is the
    /// derivative along every matrix V of the structure. Of any other variable it is the part itself.
    ///
    /// For a symmetric variable G = (D + Dᵀ)/2 with D the derivatives by independent entries, whatever the scale
    /// of the coordinates; those themselves have Dᵢⱼ + Dⱼᵢ for an [entry](crate::Coordinates::Entries) off the diagonal,
    /// (Dᵢⱼ + Dⱼᵢ)/√2 for an [orthonormal](crate::Coordinates::Orthonormal) coordinate. For a skew-symmetric variable
    /// G = (D − Dᵀ)/2.
    ///
    /// # Errors
    /// An unknown key; a positive definite variable, whose coordinates are no entries.
    pub fn structured<'k>(&self, key: impl Into<Key<'k>>) -> Result<DMatrix<f64>> {
        match self.part(key.into())? {
            (_, None, part) => Ok(part.clone()),
            (name, Some(packing), part) => packing.spread(part.as_slice()).ok_or_else(|| no_entries(name)),
        }
    }
}

impl Block {
    /// The block with every packed axis as the n×n matrix of its structure: contracted with matrices U and V of the
    /// structures, Σ Uᵢⱼ B\[(i, j, k, l)\] Vₖₗ, it is the second derivative along both. For a symmetric variable it is the
    /// mean over (i, j) and (j, i) of the derivatives by independent entries.
    ///
    /// ```
    /// # fn main() -> hessite::Result<()> {
    /// let g = hessite::Graph::new();
    /// let s = g.symmetric("S", 2);
    /// let at = g.function((s * s).trace())?.at(&[s.is(&[1.0, 2.0, 3.0]).packed()])?;
    /// let packed = at.block(s, s)?; // by s₀₀, s₁₀ and s₁₁: diag(2, 4, 2)
    /// assert_eq!(packed[(1, 0, 1, 0)], 4.0);
    /// let full = packed.structured()?; // 2I on symmetric matrices
    /// assert_eq!((full[(1, 0, 1, 0)], full[(1, 0, 0, 1)]), (1.0, 1.0));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A positive definite variable, whose coordinates are no entries.
    pub fn structured(&self) -> Result<Block> {
        let (row, left) = expanded(&self.row)?;
        let (col, right) = expanded(&self.col)?;
        let entries = spread(self.entries.clone(), left, right);
        Ok(Block { row, col, entries, kind: self.kind })
    }
}

impl Hessian {
    /// The Hessian with every packed variable as the n×n matrix of its structure, each block as
    /// [`Block::structured`] has it: uᵀHu is the second derivative along matrices of the structures, stacked in `vec` order.
    ///
    /// ```
    /// # fn main() -> hessite::Result<()> {
    /// let g = hessite::Graph::new();
    /// let s = g.symmetric("S", 2);
    /// let at = g.function((s * s).trace())?.at(&[s.is(&[1.0, 2.0, 3.0]).packed()])?;
    /// let full = at.hessian(&[s.var()])?.structured()?;
    /// let u = nalgebra::dvector![0.0, 1.0, 1.0, 0.0]; // the unit matrix of s₁₀ and s₀₁
    /// assert_eq!(u.dot(&(full.matrix() * &u)), 4.0);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A positive definite variable, whose coordinates are no entries.
    pub fn structured(&self) -> Result<Hessian> {
        let expanded = self.axes.iter().map(expanded).collect::<Result<Vec<_>>>()?;
        let n = expanded.iter().map(|(axis, _)| axis.len()).sum();
        let mut entries = DMatrix::zeros(n, n);
        let (mut row, mut top) = (0, 0);
        for (a, (tall, left)) in self.axes.iter().zip(&expanded) {
            let (mut col, mut start) = (0, 0);
            for (b, (wide, right)) in self.axes.iter().zip(&expanded) {
                let part = self.entries.view((row, col), (a.len(), b.len())).into_owned();
                let part = spread(part, *left, *right);
                entries.view_mut((top, start), (tall.len(), wide.len())).copy_from(&part);
                (col, start) = (col + b.len(), start + wide.len());
            }
            (row, top) = (row + a.len(), top + tall.len());
        }
        let axes = expanded.into_iter().map(|(axis, _)| axis).collect();
        Ok(Hessian { axes, keys: self.keys.clone(), entries })
    }
}

/// Rows and columns as entries of matrices, where they are packed.
fn spread(mut entries: DMatrix<f64>, left: Option<Packing>, right: Option<Packing>) -> DMatrix<f64> {
    if let Some(left) = left {
        entries = columns(&entries, left);
    }
    if let Some(right) = right {
        entries = columns(&entries.transpose(), right).transpose();
    }
    entries
}

/// An axis without packing, and the packing.
fn expanded(axis: &Axis) -> Result<(Axis, Option<Packing>)> {
    match axis.packing {
        None => Ok((axis.clone(), None)),
        Some(p) if p.spread(&[]).is_none() => Err(no_entries(&axis.name)),
        Some(p) => Ok((Axis { name: axis.name.clone(), rows: p.n, cols: p.n, packing: None }, Some(p))),
    }
}

/// Each column as the entries of a matrix.
fn columns(packed: &DMatrix<f64>, packing: Packing) -> DMatrix<f64> {
    let mut full = DMatrix::zeros(packing.n * packing.n, packed.ncols());
    for (from, mut to) in packed.column_iter().zip(full.column_iter_mut()) {
        if let Some(matrix) = packing.spread(from.as_slice()) {
            to.copy_from_slice(matrix.as_slice());
        }
    }
    full
}

impl Function {
    /// The matrix that coordinates of a [structured variable](crate::Structure) stand for, as an optimizer's result; of
    /// any other variable its entries under its shape. The way back is [`stack`](Function::stack).
    ///
    /// # Errors
    /// An unknown key, a wrong number of coordinates.
    pub fn unpack<'k>(&self, key: impl Into<Key<'k>>, coordinates: &[f64]) -> Result<DMatrix<f64>> {
        let vars = &self.inner.variables;
        let v = &vars.list[vars.find(key.into())?];
        super::products::length(&v.name, v.shape.len(), coordinates.len())?;
        Ok(match v.packing {
            Some((packing, _)) => packing.unpack(coordinates),
            None => DMatrix::from_column_slice(v.shape.rows, v.shape.cols, coordinates),
        })
    }
}
