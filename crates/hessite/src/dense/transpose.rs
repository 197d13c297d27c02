//! Transposition in place, with scratch for one row or column.
//!
//! Catanzaro, Keller and Garland, *A decomposition for in-place matrix transposition* (PPoPP 2014), algorithm 1: every
//! entry reaches its place by a rotation within its column, a shuffle within its row and one within its column.

use std::cell::RefCell;

thread_local! {
    /// A row or column on its way, kept so that a warm call allocates nothing.
    static SCRATCH: RefCell<Vec<f64>> = const { RefCell::new(Vec::new()) };
}

/// Makes the column-major `rows`×`cols` matrix in `a` its transpose, column-major `cols`×`rows`.
pub(crate) fn transpose_in_place(a: &mut [f64], rows: usize, cols: usize) {
    if rows <= 1 || cols <= 1 {
        return;
    }
    // Read row by row, `a` holds m×n.
    let (m, n) = (cols, rows);
    let common = gcd(m, n);
    SCRATCH.with_borrow_mut(|line| {
        line.clear();
        line.resize(m.max(n), 0.0);
        if common > 1 {
            let period = n / common;
            (0..n).for_each(|j| gather(a, n, j, &mut line[..m], |i| (i + j / period) % m));
        }
        for (i, row) in a.chunks_exact_mut(n).enumerate() {
            for (j, x) in row.iter().enumerate() {
                line[((i + j / (n / common)) % m + j * m) % n] = *x;
            }
            row.copy_from_slice(&line[..n]);
        }
        let period = m / common;
        (0..n).for_each(|j| gather(a, n, j, &mut line[..m], |i| (j + i * n - i / period) % m));
    });
}

/// Column `j` of the row-major matrix with `n` columns receives at `i` what stands in it at `from(i)`.
fn gather(a: &mut [f64], n: usize, j: usize, line: &mut [f64], from: impl Fn(usize) -> usize) {
    line.iter_mut().enumerate().for_each(|(i, x)| *x = a[from(i) * n + j]);
    line.iter().enumerate().for_each(|(i, x)| a[i * n + j] = *x);
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::transpose_in_place;

    #[test]
    fn every_entry_finds_its_place() {
        for rows in 0..14 {
            for cols in 0..14 {
                let mut a: Vec<f64> = (0..rows * cols).map(|e| e as f64).collect();
                transpose_in_place(&mut a, rows, cols);
                for (i, j) in (0..rows).flat_map(|i| (0..cols).map(move |j| (i, j))) {
                    assert_eq!(a[j + cols * i], (i + rows * j) as f64, "{rows}x{cols} at ({i}, {j})");
                }
            }
        }
    }
}
