//! A matrix as a sum of outer products and multiples of matrices, written in one pass.

#![allow(unsafe_code)]

use super::product::quad::{Quad, for_this_machine};

/// For column j of the sum: `scale · (v[j] or 1)` times the numbers at `x[j * step..]`. With a step of 0 it is the
/// outer product of x and v, with a step of the height a multiple of a matrix.
#[derive(Clone, Copy)]
pub(crate) struct Stream<'a> {
    pub scale: f64,
    pub v: Option<&'a [f64]>,
    pub x: &'a [f64],
    pub step: usize,
}

impl Stream<'_> {
    /// The factor of x in column j.
    ///
    /// # Safety
    /// There is such a column.
    #[inline(always)]
    unsafe fn weight(&self, j: usize) -> f64 {
        match self.v {
            // SAFETY: the caller's promise.
            Some(v) => self.scale * unsafe { v.get_unchecked(j) },
            None => self.scale,
        }
    }
}

/// out = Σ streams, or added, for a matrix with `width` columns of `height` numbers. Whether all that was written is
/// finite.
///
/// # Panics
/// If `out` is of another size, or a stream has fewer numbers than that takes.
pub(crate) fn assemble(
    out: &mut [f64],
    (height, width): (usize, usize),
    streams: &[Stream<'_>],
    mut add: bool,
) -> bool {
    if height == 0 || width == 0 {
        return true;
    }
    if streams.is_empty() {
        if !add {
            out.fill(0.0);
        }
        return true;
    }
    let long =
        |s: &Stream<'_>| s.v.is_none_or(|v| v.len() >= width) && s.x.len() >= (width - 1) * s.step + height;
    assert!(width * height == out.len() && streams.iter().all(long), "a stream is too short");
    // Multiples of matrices alone: one long column.
    let (height, width) = match streams.iter().all(|s| s.v.is_none() && s.step == height) {
        true => (height * width, 1),
        false => (height, width),
    };
    if let [m] = streams
        && m.step != 0
    {
        // SAFETY: the stream has the numbers of all columns.
        return unsafe { array0(out, (height, width), [m], [], add) };
    }
    let mut finite = true;
    let mut arrays = streams.iter().filter(|s| s.step != 0);
    let mut outers = streams.iter().filter(|s| s.step == 0);
    let size = (height, width);
    loop {
        // At most one matrix and three outer products in one pass: that many numbers stay in registers.
        let array = arrays.next();
        let outer = [outers.next(), outers.next(), outers.next()];
        // SAFETY: every stream has the numbers of all columns.
        finite &= unsafe {
            match (array, outer) {
                (None, [None, ..]) => return finite,
                (None, [Some(a), None, _]) => outer1(out, size, [], [a], add),
                (None, [Some(a), Some(b), None]) => outer2(out, size, [], [a, b], add),
                (None, [Some(a), Some(b), Some(c)]) => outer3(out, size, [], [a, b, c], add),
                (Some(m), [None, ..]) => array0(out, size, [m], [], add),
                (Some(m), [Some(a), None, _]) => array1(out, size, [m], [a], add),
                (Some(m), [Some(a), Some(b), None]) => array2(out, size, [m], [a, b], add),
                (Some(m), [Some(a), Some(b), Some(c)]) => array3(out, size, [m], [a, b, c], add),
            }
        };
        add = true;
    }
}

/// The longest column for which choosing a pass would cost more than the pass.
const SHORT: usize = 32;

/// out += scale · x. Whether all that was written is finite.
///
/// # Panics
/// If the lengths differ.
pub(crate) fn add_multiple(out: &mut [f64], scale: f64, x: &[f64]) -> bool {
    assert!(x.len() == out.len(), "{} numbers to {}", x.len(), out.len());
    if out.len() <= SHORT {
        let (fours, rest) = out.as_chunks_mut::<4>();
        let (x, left) = x.as_chunks::<4>();
        let mut zero = [0.0; 4];
        for (o, x) in fours.iter_mut().zip(x) {
            for l in 0..4 {
                o[l] += scale * x[l];
                zero[l] += 0.0 * o[l];
            }
        }
        for (o, x) in rest.iter_mut().zip(left) {
            *o += scale * x;
            zero[0] += 0.0 * *o;
        }
        return zero == [0.0; 4];
    }
    let size = (out.len(), 1);
    // SAFETY: the stream has the numbers of the one column.
    unsafe { outer1(out, size, [], [&Stream { scale, v: None, x, step: 0 }], true) }
}

macro_rules! passes {
    ($($name:ident: $a:literal, $o:literal;)*) => {$(
        /// # Safety
        /// As [`pass`].
        unsafe fn $name(
            out: &mut [f64],
            size: (usize, usize),
            arrays: [&Stream<'_>; $a],
            outers: [&Stream<'_>; $o],
            add: bool,
        ) -> bool {
            #[inline(always)]
            unsafe fn body<Q: Quad>(
                out: &mut [f64],
                size: (usize, usize),
                arrays: &[&Stream<'_>; $a],
                outers: &[&Stream<'_>; $o],
                add: bool,
                finite: &mut bool,
            ) {
                // SAFETY: the caller's promise.
                *finite = unsafe { pass::<Q, $a, $o>(out, size, arrays, outers, add) }
            }
            for_this_machine! {
                /// # Safety
                /// As [`pass`].
                fn dispatched(
                    out: &mut [f64],
                    size: (usize, usize),
                    arrays: &[&Stream<'_>; $a],
                    outers: &[&Stream<'_>; $o],
                    add: bool,
                    finite: &mut bool,
                ) = body;
            }
            let mut finite = false;
            // SAFETY: the caller's promise.
            unsafe { dispatched(out, size, &arrays, &outers, add, &mut finite) };
            finite
        }
    )*};
}
passes! {
    outer1: 0, 1;
    outer2: 0, 2;
    outer3: 0, 3;
    array0: 1, 0;
    array1: 1, 1;
    array2: 1, 2;
    array3: 1, 3;
}

/// # Safety
/// `out` holds `width` columns of `height` numbers, every stream has the numbers for all of them, and the machine the
/// instructions of `Q`.
#[inline(always)]
unsafe fn pass<Q: Quad, const A: usize, const O: usize>(
    out: &mut [f64],
    (height, width): (usize, usize),
    arrays: &[&Stream<'_>; A],
    outers: &[&Stream<'_>; O],
    add: bool,
) -> bool {
    let (out, mut j) = (out.as_mut_ptr(), 0);
    // SAFETY: columns below the width.
    unsafe {
        // Zero as long as all numbers are finite: x·0 is NaN otherwise. Four of them, so that none waits for another.
        let (mut two, mut one) = ([[Q::splat(0.0); 2]; 2], [[Q::splat(0.0); 1]; 4]);
        while j + 1 < width {
            columns(out, height, arrays, outers, add, j, &mut two);
            j += 2;
        }
        if j < width {
            columns(out, height, arrays, outers, add, j, &mut one);
        }
        let mut sum = two[0][0].add(two[0][1]).add(two[1][0].add(two[1][1]));
        for [zero] in one {
            sum = sum.add(zero);
        }
        let mut all = [0.0; 4];
        sum.store(all.as_mut_ptr());
        all == [0.0; 4]
    }
}

/// Columns `j..j + C`, for which the numbers of outer products are read once, `U` quads of each at a time.
///
/// # Safety
/// As [`pass`], with the columns within.
#[inline(always)]
unsafe fn columns<Q: Quad, const A: usize, const O: usize, const C: usize, const U: usize>(
    out: *mut f64,
    height: usize,
    arrays: &[&Stream<'_>; A],
    outers: &[&Stream<'_>; O],
    add: bool,
    j: usize,
    zero: &mut [[Q; C]; U],
) {
    // Loops, not closures: those would not be compiled for the instructions of `Q`.
    // SAFETY: columns j..j + C, rows below the height, which the streams have.
    unsafe {
        let mut spot = Spot {
            out: [out; C],
            arrays: [[(Q::splat(0.0), out.cast_const()); C]; A],
            outers: [([Q::splat(0.0); C], out.cast_const()); O],
            add,
        };
        for c in 0..C {
            spot.out[c] = out.add((j + c) * height);
            for (r, s) in arrays.iter().enumerate() {
                spot.arrays[r][c] = (Q::splat(s.weight(j + c)), s.x.as_ptr().add((j + c) * s.step));
            }
            for (r, s) in outers.iter().enumerate() {
                spot.outers[r].0[c] = Q::splat(s.weight(j + c));
                spot.outers[r].1 = s.x.as_ptr();
            }
        }
        let mut i = 0;
        while i + 4 * U <= height {
            for (q, zero) in zero.iter_mut().enumerate() {
                spot.quad(i + 4 * q, zero);
            }
            i += 4 * U;
        }
        while i + 4 <= height {
            spot.quad(i, &mut zero[0]);
            i += 4;
        }
        if i < height {
            spot.rest(i, height - i, &mut zero[0]);
        }
    }
}

/// Where some columns are written and what is read for them, with its weights.
struct Spot<Q, const A: usize, const O: usize, const C: usize> {
    out: [*mut f64; C],
    arrays: [[(Q, *const f64); C]; A],
    outers: [([Q; C], *const f64); O],
    add: bool,
}

impl<Q: Quad, const A: usize, const O: usize, const C: usize> Spot<Q, A, O, C> {
    /// Four rows of the columns.
    ///
    /// # Safety
    /// There are rows `i..i + 4`.
    #[inline(always)]
    unsafe fn quad(&self, i: usize, zero: &mut [Q; C]) {
        // SAFETY: the caller's promise.
        unsafe {
            let mut sum = [Q::splat(0.0); C];
            if self.add {
                for (c, sum) in sum.iter_mut().enumerate() {
                    *sum = Q::load(self.out[c].add(i));
                }
            }
            for array in &self.arrays {
                for (c, sum) in sum.iter_mut().enumerate() {
                    *sum = array[c].0.mul_add(Q::load(array[c].1.add(i)), *sum);
                }
            }
            for (weights, x) in &self.outers {
                let x = Q::load(x.add(i));
                for (c, sum) in sum.iter_mut().enumerate() {
                    *sum = weights[c].mul_add(x, *sum);
                }
            }
            for (c, sum) in sum.iter().enumerate() {
                sum.store(self.out[c].add(i));
                zero[c] = sum.mul_add(Q::splat(0.0), zero[c]);
            }
        }
    }

    /// The last rows of the columns, fewer than four.
    ///
    /// # Safety
    /// There are rows `i..i + count`.
    #[inline(always)]
    unsafe fn rest(&self, i: usize, count: usize, zero: &mut [Q; C]) {
        // SAFETY: the caller's promise.
        unsafe {
            for (c, zero) in zero.iter_mut().enumerate() {
                let at = self.out[c].add(i);
                let mut sum = if self.add { Q::load_part(at, count) } else { Q::splat(0.0) };
                for array in &self.arrays {
                    sum = array[c].0.mul_add(Q::load_part(array[c].1.add(i), count), sum);
                }
                for (weights, x) in &self.outers {
                    sum = weights[c].mul_add(Q::load_part(x.add(i), count), sum);
                }
                sum.store_part(at, count);
                *zero = sum.mul_add(Q::splat(0.0), *zero);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Stream, assemble};

    #[test]
    fn streams_add_up_to_three_loops() {
        for (m, n) in [(1, 1), (3, 2), (4, 5), (7, 3), (24, 24), (0, 3), (3, 0)] {
            let number = |k: usize| ((k * 7919 + 13) % 101) as f64 / 50.0 - 1.0;
            let u: Vec<f64> = (0..m).map(number).collect();
            let v: Vec<f64> = (0..n).map(|k| number(k + 50)).collect();
            let c: Vec<f64> = (0..m * n).map(|k| number(k + 20)).collect();
            for count in 0..7 {
                let outer = |k: usize| Stream { scale: 1.0 + k as f64, v: Some(&v), x: &u, step: 0 };
                let spread = |k: usize| Stream { scale: 0.5 - k as f64, v: None, x: &c, step: m };
                let streams: Vec<Stream<'_>> =
                    (0..count).map(|k| if k % 2 == 0 { outer(k) } else { spread(k) }).collect();
                for add in [false, true] {
                    let mut out = vec![3.0; m * n];
                    assert!(assemble(&mut out, (m, n), &streams, add));
                    for j in 0..n {
                        for i in 0..m {
                            let mut expected = if add { 3.0 } else { 0.0 };
                            for s in &streams {
                                expected += s.scale * s.v.map_or(1.0, |v| v[j]) * s.x[i + j * s.step];
                            }
                            // Seven products of numbers below 8 and their sums.
                            assert!((out[i + m * j] - expected).abs() <= 14.0 * 60.0 * f64::EPSILON);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_not_finite_is_told_wherever_it_stands() {
        for (m, n) in [(1, 1), (3, 2), (4, 5), (7, 3)] {
            for (place, bad) in (0..m * n).flat_map(|e| [(e, f64::NAN), (e, f64::INFINITY)]) {
                let mut c = vec![1.0; m * n];
                c[place] = bad;
                let (u, v) = (vec![1.0; m], vec![1.0; n]);
                let spread = Stream { scale: 2.0, v: None, x: &c, step: m };
                let outer = Stream { scale: 3.0, v: Some(&v), x: &u, step: 0 };
                assert!(!assemble(&mut vec![0.0; m * n], (m, n), &[spread], false));
                assert!(!assemble(&mut vec![0.0; m * n], (m, n), &[outer, spread], false));
                assert!(!assemble(&mut c.clone(), (m, n), &[outer], true));
                assert!(assemble(&mut c, (m, n), &[outer], false));
            }
        }
    }

    #[test]
    #[should_panic(expected = "a stream is too short")]
    fn short_streams_are_refused() {
        let v = [1.0];
        assemble(&mut [0.0; 6], (3, 2), &[Stream { scale: 1.0, v: Some(&v), x: &[1.0; 3], step: 0 }], false);
    }
}
