//! Structured matrices and the packed coordinates that stand for them.

use crate::error::{Error, Result};
use nalgebra::DMatrix;
use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};
use std::fmt;

/// What a square matrix variable is restricted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Structure {
    /// A = Aᵀ: n(n + 1)/2 coordinates, the lower triangle column by column.
    Symmetric,
    /// Zero above the diagonal: n(n + 1)/2 coordinates, the lower triangle column by column.
    LowerTriangular,
    /// Zero off the diagonal: n coordinates.
    Diagonal,
    /// A = −Aᵀ: n(n − 1)/2 coordinates, the entries below the diagonal column by column.
    Skew,
    /// Symmetric with positive eigenvalues: n(n + 1)/2 coordinates, the lower triangle of L in A = LLᵀ column by
    /// column, with ln Lᵢᵢ on the diagonal. Every vector of coordinates is one such matrix.
    PositiveDefinite,
}

impl fmt::Display for Structure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Structure::Symmetric => "symmetric",
            Structure::LowerTriangular => "lower triangular",
            Structure::Diagonal => "diagonal",
            Structure::Skew => "skew-symmetric",
            Structure::PositiveDefinite => "positive definite",
        })
    }
}

/// The scale of the coordinates of a symmetric or skew-symmetric matrix, which occur in two entries each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Coordinates {
    /// The independent entries themselves: moving one off the diagonal moves both entries, so its derivative is
    /// the *sum* of the two entries' derivatives, twice that of one alone.
    #[default]
    Entries,
    /// √2 times the entries off the diagonal: orthonormal, so that lengths and angles of coordinate vectors are
    /// those of matrices, Σ xₖ² = ‖A‖².
    Orthonormal,
}

/// A structure of matrices of one size, with the scale of its coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Packing {
    pub structure: Structure,
    pub coordinates: Coordinates,
    pub n: usize,
}

/// Two entries are equal if they differ by no more than this part of the largest entry.
const TOLERANCE: f64 = 1e-12;

impl Packing {
    /// Number of coordinates, saturated.
    pub fn len(self) -> usize {
        // One of the two factors is even.
        let half = |a: usize, b: usize| {
            if a.is_multiple_of(2) { (a / 2).saturating_mul(b) } else { (b / 2).saturating_mul(a) }
        };
        match self.structure {
            Structure::Diagonal => self.n,
            Structure::Skew => half(self.n, self.n.saturating_sub(1)),
            _ => half(self.n, self.n.saturating_add(1)),
        }
    }

    /// The entry that each coordinate stands for, in order.
    pub fn places(self) -> impl Iterator<Item = (usize, usize)> {
        let rows = move |j: usize| match self.structure {
            Structure::Diagonal => j..j + 1,
            Structure::Skew => j + 1..self.n,
            _ => j..self.n,
        };
        (0..self.n).flat_map(move |j| rows(j).map(move |i| (i, j)))
    }

    /// What the entry opposite of (i, j) is times this one, where the coordinate has two.
    fn twin(self, i: usize, j: usize) -> Option<f64> {
        match self.structure {
            _ if i == j => None,
            Structure::Symmetric => Some(1.0),
            Structure::Skew => Some(-1.0),
            _ => None,
        }
    }

    /// A coordinate divided by its entry at (i, j).
    pub fn scale(self, i: usize, j: usize) -> f64 {
        match self.coordinates {
            Coordinates::Orthonormal if self.twin(i, j).is_some() => SQRT_2,
            _ => 1.0,
        }
    }

    /// The coordinates of a matrix, column-major; the lower triangle is read.
    ///
    /// # Errors
    /// The first entry that the structure forbids.
    pub fn pack(self, name: &str, a: &[f64]) -> Result<Vec<f64>> {
        self.conforms(name, a)?;
        let at = |i: usize, j: usize| a[i + self.n * j];
        if self.structure == Structure::PositiveDefinite {
            return self.log_cholesky(name, a);
        }
        Ok(self.places().map(|(i, j)| self.scale(i, j) * at(i, j)).collect())
    }

    fn fault(self, name: &str, index: (usize, usize), why: String) -> Error {
        Error::Structure { name: name.into(), structure: self.structure.to_string(), index, why }
    }

    fn conforms(self, name: &str, a: &[f64]) -> Result<()> {
        let at = |i: usize, j: usize| a[i + self.n * j];
        let largest = a.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
        let near =
            |x: f64, y: f64| x == y || (x - y).abs() <= TOLERANCE * largest || (x.is_nan() && y.is_nan());
        let sign = if self.structure == Structure::Skew { "−" } else { "" };
        for (i, j) in (0..self.n).flat_map(|j| (0..=j).map(move |i| (i, j))) {
            let (x, y) = (at(i, j), at(j, i));
            let why = match self.structure {
                Structure::LowerTriangular if i < j && x != 0.0 => format!("is {x}, not 0"),
                Structure::Diagonal if i < j && x != 0.0 => format!("is {x}, not 0"),
                Structure::Diagonal if i < j && y != 0.0 => {
                    return Err(self.fault(name, (j, i), format!("is {y}, not 0")));
                }
                Structure::Skew if i == j && x != 0.0 => format!("is {x}, not 0"),
                Structure::Skew if !near(x, -y) => format!("is {x}, not {sign}({j}, {i}) = {}", -y),
                Structure::Symmetric | Structure::PositiveDefinite if !near(x, y) => {
                    format!("is {x}, not ({j}, {i}) = {y}")
                }
                _ => continue,
            };
            return Err(self.fault(name, (i, j), why));
        }
        Ok(())
    }

    /// The lower triangle of L, with logarithms on the diagonal.
    fn log_cholesky(self, name: &str, a: &[f64]) -> Result<Vec<f64>> {
        let n = self.n;
        let mut l = a.to_vec();
        for j in 0..n {
            for i in j..n {
                let sum: f64 = (0..j).map(|k| l[i + n * k] * l[j + n * k]).sum();
                let rest = a[i + n * j] - sum;
                if i == j && !(rest > 0.0 && rest.is_finite()) {
                    let why = format!("closes a leading block that is not positive definite (pivot {rest})");
                    return Err(self.fault(name, (j, j), why));
                }
                l[i + n * j] = if i == j { rest.sqrt() } else { rest / l[j + n * j] };
            }
        }
        Ok(self.places().map(|(i, j)| if i == j { l[i + n * j].ln() } else { l[i + n * j] }).collect())
    }

    /// The matrix that coordinates stand for.
    pub fn unpack(self, x: &[f64]) -> DMatrix<f64> {
        let mut a = DMatrix::zeros(self.n, self.n);
        for ((i, j), &x) in self.places().zip(x) {
            a[(i, j)] = x / self.scale(i, j);
            if let Some(sign) = self.twin(i, j) {
                a[(j, i)] = sign * a[(i, j)];
            }
        }
        if self.structure == Structure::PositiveDefinite {
            (0..self.n).for_each(|i| a[(i, i)] = a[(i, i)].exp());
            return &a * a.transpose();
        }
        a
    }

    /// The matrix G of the structure for which ⟨G, V⟩ is the derivative along every V of the structure, from the
    /// derivatives by the coordinates; `None` where coordinates are no entries.
    pub fn spread(self, g: &[f64]) -> Option<DMatrix<f64>> {
        let mut a = DMatrix::zeros(self.n, self.n);
        for ((i, j), weight) in self.weights()?.zip(g).map(|((at, w), g)| (at, w * g)) {
            a[(i, j)] = weight;
            if let Some(sign) = self.twin(i, j) {
                a[(j, i)] = sign * weight;
            }
        }
        Some(a)
    }

    /// Per coordinate its entry, and the derivative of G's entry by that of the coordinate.
    fn weights(self) -> Option<impl Iterator<Item = ((usize, usize), f64)>> {
        let weight = move |i, j| match (self.twin(i, j), self.coordinates) {
            (None, _) => 1.0,
            (_, Coordinates::Entries) => 0.5,
            (_, Coordinates::Orthonormal) => FRAC_1_SQRT_2,
        };
        (self.structure != Structure::PositiveDefinite)
            .then(|| self.places().map(move |(i, j)| ((i, j), weight(i, j))))
    }
}
