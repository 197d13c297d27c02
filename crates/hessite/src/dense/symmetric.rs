//! Square matrices and their transposes, tile by tile, so that columns are read and written as they lie.

use super::simd::vectorized;

const TILE: usize = 8;

/// Columns of rows; zeros beyond the matrix.
type Tile = [[f64; TILE]; TILE];

#[inline(always)]
fn tile(x: &[f64], n: usize, row: usize, col: usize) -> Tile {
    let mut tile = [[0.0; TILE]; TILE];
    for (own, j) in tile.iter_mut().zip(col..n) {
        let column = &x[row + n * j..n * (j + 1)];
        // A whole column is copied in a register or two.
        match column.first_chunk::<TILE>() {
            Some(whole) => *own = *whole,
            None => own.iter_mut().zip(column).for_each(|(o, x)| *o = *x),
        }
    }
    tile
}

/// Into columns of `stride` numbers, of which n count.
#[inline(always)]
fn put(tile: &Tile, out: &mut [f64], (n, stride): (usize, usize), row: usize, col: usize) {
    for (own, j) in tile.iter().zip(col..n) {
        let column = &mut out[row + stride * j..n + stride * j];
        match column.first_chunk_mut::<TILE>() {
            Some(whole) => *whole = *own,
            None => column.iter_mut().zip(own).for_each(|(o, x)| *o = *x),
        }
    }
}

/// The first rows and columns of the tiles on and above the diagonal.
fn corners(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n).step_by(TILE).flat_map(|col| (0..=col).step_by(TILE).map(move |row| (row, col)))
}

/// Tiles of (X + Xᵀ)/2, one on or above the diagonal and its transpose.
#[inline(always)]
fn means(x: &[f64], n: usize, row: usize, col: usize) -> [Tile; 2] {
    // Halves of the smallest numbers are rounded: equal entries are left as they are.
    let mean = |x: f64, y: f64| if x == y { x } else { 0.5 * x + 0.5 * y };
    let (upper, lower) = (tile(x, n, row, col), tile(x, n, col, row));
    let (mut own, mut turned) = ([[0.0; TILE]; TILE], [[0.0; TILE]; TILE]);
    for j in 0..TILE {
        for i in 0..TILE {
            own[j][i] = mean(upper[j][i], lower[i][j]);
            turned[i][j] = own[j][i];
        }
    }
    [own, turned]
}

vectorized! {
    /// out = (X + Xᵀ)/2 for an n×n matrix.
    pub(crate) fn symmetric_part(x: &[f64], out: &mut [f64], n: usize) {
        for (row, col) in corners(n) {
            let [own, turned] = means(x, n, row, col);
            put(&own, out, (n, n), row, col);
            put(&turned, out, (n, n), col, row);
        }
    }
}

vectorized! {
    /// The same on and below the diagonal, into columns of `stride` numbers. Some of what stands above is overwritten.
    pub(super) fn lower_symmetric_part(x: &[f64], out: &mut [f64], n: usize, stride: usize) {
        for (row, col) in corners(n) {
            put(&means(x, n, row, col)[1], out, (n, stride), col, row);
        }
    }
}

/// The largest |xᵢⱼ − xⱼᵢ|; NaN is none.
pub(crate) fn largest_difference(x: &[f64], n: usize) -> f64 {
    let mut most = [0.0; TILE];
    for (row, col) in corners(n) {
        let (upper, lower) = (tile(x, n, row, col), tile(x, n, col, row));
        for j in 0..TILE {
            for (i, most) in most.iter_mut().enumerate() {
                let difference = (upper[j][i] - lower[i][j]).abs();
                *most = if difference > *most { difference } else { *most };
            }
        }
    }
    most.into_iter().fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::{largest_difference, symmetric_part};

    #[test]
    fn tiles_agree_with_two_loops() {
        for n in [0, 1, 2, 7, 8, 9, 16, 21] {
            let x: Vec<f64> = (0..n * n).map(|k| ((k * 7919 + 13) % 101) as f64 / 50.0 - 1.0).collect();
            let mut out = vec![f64::NAN; n * n];
            symmetric_part(&x, &mut out, n);
            let mut most: f64 = 0.0;
            for (i, j) in (0..n).flat_map(|i| (0..n).map(move |j| (i, j))) {
                assert_eq!(out[i + n * j], 0.5 * x[i + n * j] + 0.5 * x[j + n * i]);
                most = most.max((x[i + n * j] - x[j + n * i]).abs());
            }
            assert_eq!(largest_difference(&x, n), most);
            assert_eq!(largest_difference(&out, n), 0.0);
        }
    }

    #[test]
    fn equal_entries_keep_their_bits() {
        let x = [5e-324, -0.0, -0.0, f64::INFINITY];
        let mut out = [1.0; 4];
        symmetric_part(&x, &mut out, 2);
        assert_eq!(out.map(f64::to_bits), x.map(f64::to_bits));
        assert_eq!(largest_difference(&[f64::NAN, 1.0, 3.0, 0.0], 2), 2.0);
    }
}
