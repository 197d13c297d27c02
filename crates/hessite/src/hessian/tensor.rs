//! All second derivatives of a matrix-valued function.

use super::results::Axis;
use nalgebra::DMatrix;
use std::fmt;
use std::ops::Index;

/// Second derivatives of a matrix-valued function Z, `t[(i, j, k, l, p, q)]` = ∂²Zᵢⱼ/∂Aₖₗ∂Bₚ_q.
///
/// It prints as a matrix over (p, q) for each (i, j) and (k, l), with these indices.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Of Z, A and B.
    axes: [Axis; 3],
    /// The first index running fastest.
    entries: Vec<f64>,
}

impl Tensor {
    pub(crate) fn zeros(axes: [Axis; 3]) -> Self {
        let len = axes.iter().map(Axis::len).product();
        Tensor { axes, entries: vec![0.0; len] }
    }

    /// The block of entry number `e` of the value, column-major.
    pub(crate) fn set(&mut self, e: usize, block: &[f64]) {
        let count = self.axes[0].len();
        self.entries.iter_mut().skip(e).step_by(count.max(1)).zip(block).for_each(|(t, x)| *t = *x);
    }

    /// Shapes of Z, A and B.
    pub fn shapes(&self) -> [(usize, usize); 3] {
        [0, 1, 2].map(|k| (self.axes[k].rows, self.axes[k].cols))
    }

    /// All entries, with the first index running fastest: i, then j, k, l, p and q.
    pub fn as_slice(&self) -> &[f64] {
        &self.entries
    }

    /// Entry (i, j, k, l, p, q), if there is one.
    pub fn get(&self, at: (usize, usize, usize, usize, usize, usize)) -> Option<&f64> {
        let pairs = [(at.0, at.1), (at.2, at.3), (at.4, at.5)];
        let (mut e, mut step) = (0, 1);
        for (axis, (i, j)) in self.axes.iter().zip(pairs) {
            if i >= axis.rows || j >= axis.cols {
                return None;
            }
            e += step * (i + axis.rows * j);
            step *= axis.len();
        }
        self.entries.get(e)
    }

    /// The second derivatives of entry (i, j) of Z, if there is one: rows (k, l) and columns (p, q) in `vec` order.
    pub fn for_value_entry(&self, i: usize, j: usize) -> Option<DMatrix<f64>> {
        let [z, a, b] = &self.axes;
        (i < z.rows && j < z.cols).then(|| {
            let of_entry = self.entries.iter().skip(i + z.rows * j).step_by(z.len()).copied();
            DMatrix::from_iterator(a.len(), b.len(), of_entry)
        })
    }
}

/// ∂²Zᵢⱼ/∂Aₖₗ∂Bₚ_q by its six indices; panics outside, as indexing does ([`Tensor::get`] does not).
impl Index<(usize, usize, usize, usize, usize, usize)> for Tensor {
    type Output = f64;

    #[allow(clippy::panic)] // Indexing with [] panics as in std; `get` does not.
    fn index(&self, at: (usize, usize, usize, usize, usize, usize)) -> &f64 {
        match self.get(at) {
            Some(x) => x,
            None => panic!("index {at:?} lies outside of {:?}", self.shapes()),
        }
    }
}

impl fmt::Display for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [z, a, b] = &self.axes;
        writeln!(f, "d2Z_ij/dA_kl dB_pq [(i,j) of {z}, (k,l) of {a}, (p,q) of {b}]")?;
        let digits = f.precision().unwrap_or(4);
        for (e, of_a) in (0..z.len()).flat_map(|e| (0..a.len()).map(move |k| (e, k))) {
            let ((i, j), (k, l)) = ((e % z.rows, e / z.rows), (of_a % a.rows, of_a / a.rows));
            writeln!(f, "({i},{j}) by ({k},{l}):")?;
            for p in 0..b.rows {
                let number = |q: usize| format!("{:>14.digits$}", self[(i, j, k, l, p, q)]);
                writeln!(f, "  {}", (0..b.cols).map(number).collect::<Vec<_>>().join(" "))?;
            }
        }
        Ok(())
    }
}
