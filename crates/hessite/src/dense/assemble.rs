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

/// out = Σ streams, or added, for a matrix with columns of `height` numbers.
///
/// # Panics
/// If a stream has fewer numbers than that takes.
pub(crate) fn assemble(out: &mut [f64], height: usize, streams: &[Stream<'_>], mut add: bool) {
    if height == 0 || out.is_empty() {
        return;
    }
    if streams.is_empty() && !add {
        out.fill(0.0);
    }
    let width = out.len() / height;
    let long =
        |s: &Stream<'_>| s.v.is_none_or(|v| v.len() >= width) && s.x.len() >= (width - 1) * s.step + height;
    assert!(width * height == out.len() && streams.iter().all(long), "a stream is too short");
    for group in streams.chunks(4) {
        // SAFETY: every stream has the numbers of all columns.
        unsafe {
            match *group {
                [a] => one(out, height, &[a], add),
                [a, b] => two(out, height, &[a, b], add),
                [a, b, c] => three(out, height, &[a, b, c], add),
                [a, b, c, d] => four(out, height, &[a, b, c, d], add),
                _ => {}
            }
        }
        add = true;
    }
}

macro_rules! passes {
    ($($name:ident: $n:literal),*) => {$(
        for_this_machine! {
            /// # Safety
            /// As [`pass`].
            fn $name(out: &mut [f64], height: usize, streams: &[Stream<'_>; $n], add: bool) = pass<$n>;
        }
    )*};
}
passes!(one: 1, two: 2, three: 3, four: 4);

/// # Safety
/// `out` holds whole columns of `height` numbers, every stream has the numbers for all of them, and the machine the
/// instructions of `Q`.
#[inline(always)]
unsafe fn pass<Q: Quad, const N: usize>(
    out: &mut [f64],
    height: usize,
    streams: &[Stream<'_>; N],
    add: bool,
) {
    let width = out.len() / height;
    let (fours, rest) = (height - height % 4, height % 4);
    for j in 0..width {
        // SAFETY: columns j < width, rows below the height, which the streams have.
        unsafe {
            let o = out.as_mut_ptr().add(j * height);
            let mut weights = [Q::splat(0.0); N];
            let mut x = [std::ptr::null::<f64>(); N];
            for (r, s) in streams.iter().enumerate() {
                weights[r] = Q::splat(s.v.map_or(s.scale, |v| s.scale * v.get_unchecked(j)));
                x[r] = s.x.as_ptr().add(j * s.step);
            }
            let mut i = 0;
            while i < fours {
                let mut sum = if add { Q::load(o.add(i)) } else { Q::splat(0.0) };
                for r in 0..N {
                    sum = weights[r].mul_add(Q::load(x[r].add(i)), sum);
                }
                sum.store(o.add(i));
                i += 4;
            }
            if rest > 0 {
                let mut sum = if add { Q::load_part(o.add(i), rest) } else { Q::splat(0.0) };
                for r in 0..N {
                    sum = weights[r].mul_add(Q::load_part(x[r].add(i), rest), sum);
                }
                sum.store_part(o.add(i), rest);
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
                    assemble(&mut out, m, &streams, add);
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
    #[should_panic(expected = "a stream is too short")]
    fn short_streams_are_refused() {
        let v = [1.0];
        assemble(&mut [0.0; 6], 3, &[Stream { scale: 1.0, v: Some(&v), x: &[1.0; 3], step: 0 }], false);
    }
}
