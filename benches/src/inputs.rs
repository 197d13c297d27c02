//! The numbers that go in: streams that any language can repeat, and the order in which they are written down.

/// The first `n` numbers in [0, 1) of splitmix64 from state `seed`: the upper 53 bits of each output, times 2⁻⁵³.
pub fn uniform(seed: u64, n: usize) -> Vec<f64> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    };
    (0..n).map(|_| next()).collect()
}

/// `scale` (2u − 1) for each number u of [`uniform`].
pub fn symmetric(seed: u64, n: usize, scale: f64) -> Vec<f64> {
    uniform(seed, n).into_iter().map(|u| scale * (2.0 * u - 1.0)).collect()
}

/// The shapes of a problem's variables, in order.
///
/// Streams and results are written row by row, variable after variable; hessite stacks column by column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout(pub Vec<(usize, usize)>);

impl Layout {
    /// Entries of all variables.
    pub fn len(&self) -> usize {
        self.0.iter().map(|&(m, n)| m * n).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where the k-th number in row order stands in the stacked vector.
    pub fn stacked_index(&self) -> Vec<usize> {
        let mut index = Vec::with_capacity(self.len());
        for &(m, n) in &self.0 {
            let start = index.len();
            index.extend((0..m).flat_map(|i| (0..n).map(move |j| start + i + m * j)));
        }
        index
    }

    /// From row order to the stacked vector; several vectors, one after the other, at once.
    pub fn stack(&self, by_rows: &[f64]) -> Vec<f64> {
        self.reorder(by_rows, |stacked, rows| (stacked, rows))
    }

    /// The inverse of [`stack`](Layout::stack).
    pub fn by_rows(&self, stacked: &[f64]) -> Vec<f64> {
        self.reorder(stacked, |stacked, rows| (rows, stacked))
    }

    fn reorder(&self, from: &[f64], pair: impl Fn(usize, usize) -> (usize, usize)) -> Vec<f64> {
        let index = self.stacked_index();
        let mut to = vec![0.0; from.len()];
        for (from, to) in from.chunks(index.len()).zip(to.chunks_mut(index.len())) {
            for (k, &s) in index.iter().enumerate() {
                let (target, source) = pair(s, k);
                to[target] = from[source];
            }
        }
        to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_splitmix64() {
        // The first output from state 0 is 0xE220A8397B1DCDAF (Vigna's reference program).
        let expected = (0xE220_A839_7B1D_CDAFu64 >> 11) as f64 * 2f64.powi(-53);
        assert_eq!(uniform(0, 1), [expected]);
    }

    #[test]
    fn rows_are_stacked_as_columns_variable_by_variable() {
        let layout = Layout(vec![(2, 3), (1, 2)]);
        let by_rows = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
        let stacked = layout.stack(&by_rows);
        assert_eq!(stacked, [1.0, 4.0, 2.0, 5.0, 3.0, 6.0, 7.0, 8.0]);
        assert_eq!(layout.by_rows(&stacked), by_rows);
    }
}
