//! Structured variables: a packed vector that is differentiated, and the matrix made of it that is worked with.

use super::graph::{Caller, Graph};
use super::matrix::Matrix;
use super::structure::{Coordinates, Packing, Structure};
use crate::program::ops::{FromDiagonal, Gather, Map, Matmul, Reshape, ScatterAdd};
use crate::program::scalar;
use crate::program::{Shape, Value};
use std::panic::Location;
use std::sync::Arc;

/// Variables of a structure.
///
/// The handle is the n×n matrix, and everything works on it as on any other. The variable itself is the vector of its
/// independent coordinates: derivatives are by them, and so a gradient, a block or a Hessian has as many rows as there
/// are coordinates. [`PerVariable::structured`](crate::PerVariable::structured),
/// [`Block::structured`](crate::Block::structured) and [`Hessian::structured`](crate::Hessian::structured) turn them into
/// matrices of the structure.
///
/// A point and a direction are given as the structured matrix, or as coordinates by
/// [`Binding::packed`](crate::Binding::packed).
///
/// ```
/// # fn main() -> hessite::Result<()> {
/// use nalgebra::dmatrix;
/// let g = hessite::Graph::new();
/// let s = g.symmetric("S", 2);
/// let f = g.function((s * s).trace())?; // s₀₀² + 2 s₁₀² + s₁₁²
/// let at = f.at(&[s.is(&dmatrix![1.0, 2.0; 2.0, 3.0])])?;
/// let gradient = at.gradient()?;
/// assert_eq!(gradient["S"].as_slice(), [2.0, 8.0, 6.0]); // by s₀₀, s₁₀ and s₁₁
/// assert_eq!(gradient.structured(s)?, dmatrix![2.0, 4.0; 4.0, 6.0]); // 2S
/// # Ok(())
/// # }
/// ```
impl Graph {
    /// Declares a symmetric n×n matrix by its lower triangle, [`Coordinates::Entries`]: the derivative by a
    /// coordinate off the diagonal is that of both entries together, twice that of one.
    #[track_caller]
    pub fn symmetric(&self, name: &str, n: usize) -> Matrix<'_> {
        self.structured(name, n, Structure::Symmetric, Coordinates::Entries)
    }

    /// Declares a lower triangular n×n matrix.
    #[track_caller]
    pub fn lower_triangular(&self, name: &str, n: usize) -> Matrix<'_> {
        self.structured(name, n, Structure::LowerTriangular, Coordinates::Entries)
    }

    /// Declares a diagonal n×n matrix.
    #[track_caller]
    pub fn diagonal(&self, name: &str, n: usize) -> Matrix<'_> {
        self.structured(name, n, Structure::Diagonal, Coordinates::Entries)
    }

    /// Declares a skew-symmetric n×n matrix by its entries below the diagonal; the derivative by one is that of its
    /// entry less that of the opposite one.
    #[track_caller]
    pub fn skew(&self, name: &str, n: usize) -> Matrix<'_> {
        self.structured(name, n, Structure::Skew, Coordinates::Entries)
    }

    /// Declares a symmetric positive definite n×n matrix A = LLᵀ by log-Cholesky coordinates: L below its diagonal,
    /// and ln Lᵢᵢ (Pinheiro & Bates 1996). They range over all numbers, so that an optimizer needs no constraint.
    ///
    /// Derivatives by these coordinates are no derivatives by entries of A. Directions are given by coordinates alone.
    #[track_caller]
    pub fn positive_definite(&self, name: &str, n: usize) -> Matrix<'_> {
        self.structured(name, n, Structure::PositiveDefinite, Coordinates::Entries)
    }

    /// Declares a variable of any structure, with the scale of its coordinates.
    #[track_caller]
    pub fn structured(
        &self,
        name: &str,
        n: usize,
        structure: Structure,
        coordinates: Coordinates,
    ) -> Matrix<'_> {
        let line = Location::caller();
        let packing = Packing { structure, coordinates, n };
        let packed = self.declare_packed(name, packing, line);
        // A declaration that can't be stands as one number.
        if self.shape(packed).len() != packing.len() || !Shape::new(n, n).fits() {
            return Matrix::new(self, packed);
        }
        let full = Unpacking { graph: self, packing, line }.matrix(packed);
        self.set_full(packed, full);
        Matrix::new(self, full)
    }
}

/// The matrix of packed coordinates, as operations.
struct Unpacking<'g> {
    graph: &'g Graph,
    packing: Packing,
    line: Caller,
}

impl Unpacking<'_> {
    fn matrix(&self, packed: Value) -> Value {
        let (g, n, line) = (self.graph, self.packing.n, self.line);
        match self.packing.structure {
            Structure::Diagonal => g.emit(FromDiagonal, &[packed], line),
            Structure::LowerTriangular => self.put(packed, false),
            Structure::Symmetric => {
                let entries = self.unscaled(packed);
                let mut list = vec![0; n * n];
                for (k, (i, j)) in self.packing.places().enumerate() {
                    (list[i + n * j], list[j + n * i]) = (k, k);
                }
                self.square(g.emit(Gather { list: list.into(), rows: true }, &[entries], line))
            }
            Structure::Skew => {
                let entries = self.unscaled(packed);
                let (lower, upper) = (self.put(entries, false), self.put(entries, true));
                g.emit(Map::new(&scalar::SUB, 0.0), &[lower, upper], line)
            }
            Structure::PositiveDefinite => {
                // The logarithms and the others apart by factors of 0 and 1, so that the derivative by a coordinate stays
                // one number at one place.
                let (on, off) = (self.ones(|i, j| i == j), self.ones(|i, j| i != j));
                let times = |a, b| g.emit(Map::new(&scalar::MUL, 0.0), &[a, b], line);
                let sizes = g.emit(Map::new(&scalar::EXP, 0.0), &[times(on, packed)], line);
                let entries = [times(on, sizes), times(off, packed)];
                let l = self.put(g.emit(Map::new(&scalar::ADD, 0.0), &entries, line), false);
                g.emit(Matmul { ta: false, tb: true }, &[l, l], line)
            }
        }
    }

    fn square(&self, entries: Value) -> Value {
        let n = self.packing.n;
        self.graph.emit(Reshape::new(Shape::new(n, n)), &[entries], self.line)
    }

    /// For each coordinate 1 if it is of such a place, else 0.
    fn ones(&self, which: impl Fn(usize, usize) -> bool) -> Value {
        let ones: Vec<f64> = self.packing.places().map(|(i, j)| f64::from(u8::from(which(i, j)))).collect();
        self.graph.constant_array(Shape::new(ones.len(), 1), &ones)
    }

    /// Numbers at the places of the coordinates, or opposite of them, among zeros.
    fn put(&self, numbers: Value, opposite: bool) -> Value {
        let n = self.packing.n;
        let place = |(i, j): (usize, usize)| if opposite { j + n * i } else { i + n * j };
        let list = self.packing.places().map(place).collect();
        self.square(self.graph.emit(ScatterAdd { list, rows: true, n: n * n }, &[numbers], self.line))
    }

    /// The entries that the coordinates are multiples of.
    fn unscaled(&self, packed: Value) -> Value {
        let scales: Arc<[f64]> = self.packing.places().map(|(i, j)| 1.0 / self.packing.scale(i, j)).collect();
        if scales.iter().all(|&s| s == 1.0) {
            return packed;
        }
        let scales = self.graph.constant_array(Shape::new(scales.len(), 1), &scales);
        self.graph.emit(Map::new(&scalar::MUL, 0.0), &[packed, scales], self.line)
    }
}
