//! A block as a table of rows (i,j) and columns (k,l), with the sums that a trace makes of it.

use crate::output::layout::Notation;
use hessite::Block;
use nalgebra::DMatrix;

/// `Σ_k H[i,j,k,k]`: what the gradient of tr(dL/dY) is.
pub fn over_k(h: &Block) -> DMatrix<f64> {
    let ((m, n), (p, q)) = h.shapes();
    DMatrix::from_fn(m, n, |i, j| (0..p.min(q)).map(|k| h[(i, j, k, k)]).sum())
}

/// `Σ_i H[i,i,k,l]`.
pub fn over_i(h: &Block) -> DMatrix<f64> {
    let ((m, n), (p, q)) = h.shapes();
    DMatrix::from_fn(p, q, |k, l| (0..m.min(n)).map(|i| h[(i, i, k, l)]).sum())
}

/// `Σ_kl H[i,j,k,l] v_kl`.
pub fn along(h: &Block, v: &DMatrix<f64>) -> DMatrix<f64> {
    let ((m, n), (p, q)) = h.shapes();
    let sum = |i, j| {
        (0..p).flat_map(|k| (0..q).map(move |l| (k, l))).map(|(k, l)| h[(i, j, k, l)] * v[(k, l)]).sum()
    };
    DMatrix::from_fn(m, n, sum)
}

/// The picture of a block of X by Y with Σ_k at its right, and Σ_i below it if asked.
pub struct Contraction<'b> {
    block: &'b Block,
    row: &'b str,
    col: &'b str,
    below: bool,
}

impl<'b> Contraction<'b> {
    /// The block of `row` by `col`.
    pub fn new(block: &'b Block, row: &'b str, col: &'b str) -> Self {
        Contraction { block, row, col, below: false }
    }

    /// Also with the sums over i.
    pub fn below(self) -> Self {
        Contraction { below: true, ..self }
    }

    /// The table.
    pub fn lines(&self, decimals: usize) -> Vec<String> {
        let h = self.block;
        let ((m, n), (p, q)) = h.shapes();
        let rows: Vec<(usize, usize)> = (0..m).flat_map(|i| (0..n).map(move |j| (i, j))).collect();
        let cols: Vec<(usize, usize)> = (0..p).flat_map(|k| (0..q).map(move |l| (k, l))).collect();
        let notation = Notation::of(h.matrix().iter().copied(), decimals);
        let mark = |(a, b): (usize, usize)| if a == b { "Σ" } else { "·" };
        let margin = 8;
        let cells = |each: &dyn Fn((usize, usize)) -> String| -> String {
            cols.iter().map(|&c| format!("{:>10}", each(c))).collect()
        };
        let rule = "─".repeat(10 * cols.len() + 1);

        let mut lines = vec![
            format!("{:margin$}{} │  trace trick", "", cells(&|(k, l)| format!("{}_{k}{l}", self.col))),
            format!("{:margin$}{} │  d/d{} tr(dL/d{})", "", cells(&|c| mark(c).into()), self.row, self.col),
            format!("{:margin$}{} │  = Σ_k H[i,j,k,k]", "", cells(&|_| String::new())),
        ];
        let sums = over_k(h);
        for &(i, j) in &rows {
            let left = if self.below { mark((i, j)) } else { " " };
            let entries = cells(&|(k, l)| notation.show(h[(i, j, k, l)]));
            lines.push(format!(
                "{}_{i}{j}  {left} {entries} │ {:>10}",
                self.row,
                notation.show(sums[(i, j)])
            ));
        }
        if self.below {
            let sums = over_i(h);
            lines.push(format!("{:margin$}{rule}┘", ""));
            lines.push(format!("{:margin$}{}    the other trick", "", cells(&|at| notation.show(sums[at]))));
            let label = format!("d/d{} tr(dL/d{}) = Σ_i H[i,i,k,l]", self.col, self.row);
            lines.push(format!("{:margin$}{}    {label}", "", cells(&|_| String::new())));
        }
        lines
    }
}
