//! Walking over elementwise arguments, some of them repeated, in slices of equal length.

use super::lanes::{View, ViewMut};

/// Length of the pieces in which repeated arguments are written out.
const PIECE: usize = 256;
/// Most arguments of one call.
const MOST: usize = 3;

/// Whether the entries of `x` lie one to one under those of an output with this shape and lanes.
fn lies_flat(x: &View<'_>, rows: usize, cols: usize, lanes: usize) -> bool {
    (x.rows, x.cols, x.lanes) == (rows, cols, lanes)
}

/// Calls `f` with equally long slices of all arguments and the output, until all of it is written.
///
/// A dimension of 1 is repeated, and a plain argument serves every lane.
pub(crate) fn for_each(args: &[View<'_>], out: ViewMut<'_>, f: impl Fn(&[&[f64]], &mut [f64])) {
    let ViewMut { data, rows, cols, lanes } = out;
    if args.iter().all(|x| lies_flat(x, rows, cols, lanes)) {
        let mut slices: [&[f64]; MOST] = [&[]; MOST];
        for (s, x) in slices.iter_mut().zip(args) {
            *s = x.data;
        }
        f(&slices[..args.len().min(MOST)], data);
        return;
    }
    let flat = args.iter().all(|x| lies_flat(x, rows, cols, lanes) || x.data.len() == 1);
    let out = ViewMut { data, rows, cols, lanes };
    // Room is made for a call's pieces each time: a small one, where columns are short.
    match if flat { out.data.len() } else { rows * lanes } {
        0..=16 => by_pieces::<16>(args, out, flat, f),
        _ => by_pieces::<PIECE>(args, out, flat, f),
    }
}

fn by_pieces<const N: usize>(
    args: &[View<'_>],
    out: ViewMut<'_>,
    flat: bool,
    f: impl Fn(&[&[f64]], &mut [f64]),
) {
    let ViewMut { data, rows, cols, lanes } = out;
    let (height, width) = if flat { (data.len(), 1) } else { (rows * lanes, cols) };
    let mut blocks = [[0.0; N]; MOST];
    for j in 0..width {
        let mut start = 0;
        while start < height {
            let len = N.min(height - start);
            let mut slices: [&[f64]; MOST] = [&[]; MOST];
            for ((s, x), block) in slices.iter_mut().zip(args).zip(&mut blocks) {
                *s = piece(x, flat, rows, lanes, j, start, &mut block[..len]);
            }
            f(&slices[..args.len().min(MOST)], &mut data[j * height + start..][..len]);
            start += len;
        }
    }
}

/// The entries of `x` under rows·lanes positions `start..` of column `j`, in place or written to `block`.
pub(crate) fn piece<'a>(
    x: &View<'a>,
    flat: bool,
    rows: usize,
    lanes: usize,
    j: usize,
    start: usize,
    block: &'a mut [f64],
) -> &'a [f64] {
    let len = block.len();
    if x.data.len() == 1 {
        block.fill(x.data[0]);
        return block;
    }
    if flat {
        return &x.data[start..start + len];
    }
    let column = if x.cols == 1 { 0 } else { j };
    let own = &x.data[column * x.rows * x.lanes..];
    match (x.rows == rows, x.lanes == lanes) {
        (true, true) => &own[start..start + len],
        (true, false) => {
            // One number of a plain array for all lanes of an entry.
            match lanes {
                8 if start.is_multiple_of(8) => each_for_all::<8>(&own[start / 8..], block),
                16 if start.is_multiple_of(16) => each_for_all::<16>(&own[start / 16..], block),
                _ => block.iter_mut().enumerate().for_each(|(k, b)| *b = own[(start + k) / lanes]),
            }
            block
        }
        (false, true) if lanes > 1 => {
            // The lanes of one entry for all rows.
            let own = &own[..lanes];
            let (left, whole) = block.split_at_mut(((lanes - start % lanes) % lanes).min(len));
            left.iter_mut().zip(&own[start % lanes..]).for_each(|(b, x)| *b = *x);
            match (own.first_chunk::<8>(), own.first_chunk::<16>()) {
                (_, Some(x)) if lanes == 16 => all_for_each(x, whole),
                (Some(x), _) if lanes == 8 => all_for_each(x, whole),
                _ => whole.chunks_mut(lanes).for_each(|b| b.copy_from_slice(&own[..b.len()])),
            }
            block
        }
        _ => {
            block.fill(own[0]);
            block
        }
    }
}

/// Each number `K` times; a piece may end inside an entry.
fn each_for_all<const K: usize>(x: &[f64], block: &mut [f64]) {
    let (entries, rest) = block.as_chunks_mut::<K>();
    rest.fill(x.get(entries.len()).copied().unwrap_or(0.0));
    entries.iter_mut().zip(x).for_each(|(b, &x)| *b = [x; K]);
}

/// The same `K` numbers again and again; a piece may end before the last.
fn all_for_each<const K: usize>(x: &[f64; K], block: &mut [f64]) {
    let (entries, rest) = block.as_chunks_mut::<K>();
    entries.fill(*x);
    rest.iter_mut().zip(x).for_each(|(b, x)| *b = *x);
}
