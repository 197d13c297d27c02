//! Matrices whose entries hold lanes.

#![allow(unsafe_code)]

use super::product::quad::{Quad, for_this_machine};

/// A column-major matrix with `lanes` numbers for each entry, side by side: lane `l` of entry `(i, j)` is
/// `data[(i + rows * j) * lanes + l]`. One lane is the plain matrix.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    pub data: &'a [f64],
    pub rows: usize,
    pub cols: usize,
    pub lanes: usize,
}

impl View<'_> {
    /// The columns from number `first` on.
    pub fn columns_from(self, first: usize) -> Self {
        View { data: &self.data[first * self.rows * self.lanes..], cols: self.cols - first, ..self }
    }
}

/// [`View`] to write to.
#[derive(Debug)]
pub(crate) struct ViewMut<'a> {
    pub data: &'a mut [f64],
    pub rows: usize,
    pub cols: usize,
    pub lanes: usize,
}

impl ViewMut<'_> {
    pub fn reborrow(&mut self) -> ViewMut<'_> {
        ViewMut { data: self.data, rows: self.rows, cols: self.cols, lanes: self.lanes }
    }
}

/// Puts `count` plain columns side by side: `out[e * lanes + l] = columns[l * stride + e]` for each of the
/// `out.len() / lanes` entries. Lanes without a column become zero.
///
/// # Panics
/// If there are more columns than lanes, or a slice is too short.
pub(crate) fn pack(columns: &[f64], stride: usize, count: usize, out: &mut [f64], lanes: usize) {
    if lanes == 0 {
        return;
    }
    let n = out.len() / lanes;
    check(columns.len(), stride, count, n, lanes);
    if lanes == 1 && count == 1 {
        return out.copy_from_slice(&columns[..n]);
    }
    // SAFETY: `columns` holds `count` columns of `n` numbers and `out` at least `n * lanes`.
    unsafe { interleave(columns.as_ptr(), stride, count, n, lanes, out.as_mut_ptr()) }
}

/// The inverse of [`pack`]: `columns[l * stride + e] = data[e * lanes + l]` for the first `count` lanes of `n`
/// entries.
///
/// # Panics
/// As [`pack`].
pub(crate) fn unpack(data: &[f64], lanes: usize, n: usize, columns: &mut [f64], stride: usize, count: usize) {
    check(columns.len(), stride, count, n, lanes);
    assert!(n.checked_mul(lanes).is_some_and(|need| need <= data.len()), "{n} entries of {lanes} lanes");
    if lanes == 1 && count == 1 {
        return columns[..n].copy_from_slice(&data[..n]);
    }
    // SAFETY: `columns` holds `count` columns of `n` numbers and `data` at least `n * lanes`.
    unsafe { separate(data.as_ptr(), stride, count, n, lanes, columns.as_mut_ptr()) }
}

/// Panics unless `numbers` numbers hold `count` columns of length `n`, a `stride` apart, and `count <= lanes`.
fn check(numbers: usize, stride: usize, count: usize, n: usize, lanes: usize) {
    if n == 0 {
        return;
    }
    assert!(count <= lanes, "{count} columns for {lanes} lanes");
    let need = count.checked_sub(1).map_or(Some(0), |last| last.checked_mul(stride)?.checked_add(n));
    assert!(need.is_some_and(|need| need <= numbers), "{count} columns of {n} in {numbers} numbers");
}

for_this_machine! {
    /// # Safety
    /// `columns` holds `count` columns of `n` numbers, a `stride` apart, and `out` room for `n * lanes`;
    /// `count <= lanes`.
    fn interleave(columns: *const f64, stride: usize, count: usize, n: usize, lanes: usize, out: *mut f64) = interleave_body;
}

#[inline(always)]
unsafe fn interleave_body<Q: Quad>(
    columns: *const f64,
    stride: usize,
    count: usize,
    n: usize,
    lanes: usize,
    out: *mut f64,
) {
    // Blocks of four entries by four lanes turn in registers; `count` of the lanes have a column.
    let (entries, fours) = (n - n % 4, lanes - lanes % 4);
    // SAFETY: entries below `n`, lanes below `lanes`, columns below `count`.
    unsafe {
        for e in (0..entries).step_by(4) {
            for first in (0..fours).step_by(4) {
                let mut block = [Q::splat(0.0); 4];
                for (l, column) in block.iter_mut().enumerate() {
                    if first + l < count {
                        *column = Q::load(columns.add((first + l) * stride + e));
                    }
                }
                for (i, row) in Q::transpose(block).into_iter().enumerate() {
                    row.store(out.add((e + i) * lanes + first));
                }
            }
        }
        let rest = if fours == lanes { entries } else { 0 };
        for e in rest..n {
            for l in (if e < entries { fours } else { 0 })..lanes {
                *out.add(e * lanes + l) = if l < count { *columns.add(l * stride + e) } else { 0.0 };
            }
        }
    }
}

for_this_machine! {
    /// # Safety
    /// `data` holds `n * lanes` numbers and `columns` room for `count` columns of `n`, a `stride` apart;
    /// `count <= lanes`.
    fn separate(data: *const f64, stride: usize, count: usize, n: usize, lanes: usize, columns: *mut f64) = separate_body;
}

#[inline(always)]
unsafe fn separate_body<Q: Quad>(
    data: *const f64,
    stride: usize,
    count: usize,
    n: usize,
    lanes: usize,
    columns: *mut f64,
) {
    let (entries, fours) = (n - n % 4, lanes - lanes % 4);
    // SAFETY: entries below `n`, lanes below `lanes`, columns below `count`.
    unsafe {
        for e in (0..entries).step_by(4) {
            for first in (0..fours.min(count)).step_by(4) {
                let mut block = [Q::splat(0.0); 4];
                for (i, row) in block.iter_mut().enumerate() {
                    *row = Q::load(data.add((e + i) * lanes + first));
                }
                let to = columns.add(first * stride + e);
                for (l, column) in Q::transpose(block).into_iter().enumerate().take(count - first) {
                    column.store(to.add(l * stride));
                }
            }
        }
        let rest = if fours >= count { entries } else { 0 };
        for e in rest..n {
            for l in (if e < entries { fours } else { 0 })..count {
                *columns.add(l * stride + e) = *data.add(e * lanes + l);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{pack, unpack};

    #[test]
    fn unpack_is_the_inverse_of_pack_and_missing_lanes_are_zero() {
        for lanes in [1, 2, 3, 4, 5, 8, 12] {
            for count in 0..=lanes {
                for n in [0, 1, 3, 4, 7, 8, 21] {
                    let stride = n + lanes % 2;
                    let columns: Vec<f64> = (0..count * stride).map(|x| x as f64 + 1.0).collect();
                    let mut packed = vec![f64::NAN; n * lanes];
                    pack(&columns, stride, count, &mut packed, lanes);
                    for e in 0..n {
                        for l in 0..lanes {
                            let expected = if l < count { columns[l * stride + e] } else { 0.0 };
                            assert_eq!(packed[e * lanes + l], expected);
                        }
                    }
                    let mut back = vec![0.0; count * stride];
                    unpack(&packed, lanes, n, &mut back, stride, count);
                    for (at, (new, old)) in back.iter().zip(&columns).enumerate() {
                        assert_eq!(*new, if at % stride < n { *old } else { 0.0 });
                    }
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "3 columns for 2 lanes")]
    fn more_columns_than_lanes_are_refused() {
        pack(&[1.0; 6], 2, 3, &mut [0.0; 4], 2);
    }

    #[test]
    #[should_panic(expected = "2 columns of 2 in 3 numbers")]
    fn short_columns_are_refused() {
        unpack(&[1.0; 4], 2, 2, &mut [0.0; 3], 2, 2);
    }
}
