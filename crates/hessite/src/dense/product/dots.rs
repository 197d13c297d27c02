//! Products of two factors that both lie along the inner index: every number of C is a dot product of two runs of
//! neighbours, so nothing is packed. Four runs of T by three of S go together in registers, four entries of the inner
//! index at a time.

#[cfg(target_arch = "x86_64")]
use super::quad::Avx2;
use super::quad::{Portable, Quad, for_this_machine};
use super::sweep::Form;

/// Runs of T, and of S, in a tile.
const ACROSS: usize = 4;
const DOWN: usize = 3;

for_this_machine! {
    /// # Safety
    /// As [`sweep`](super::sweep::sweep); `form.tp`, `form.sp` and `form.cv` are 1, and it has one block.
    pub(super) fn dots(form: &Form) = dots_body;
}

#[inline(always)]
unsafe fn dots_body<Q: Tiles>(f: &Form) {
    let mut v = 0;
    while v < f.width {
        let across = ACROSS.min(f.width - v);
        let mut a = 0;
        while a < f.rows {
            let down = DOWN.min(f.rows - a);
            // SAFETY: runs v to v + across of T and a to a + down of S are the form's.
            unsafe { Q::TABLE[across - 1][down - 1](f, v, a) };
            a += down;
        }
        v += across;
    }
}

/// # Safety
/// The numbers of runs are those for which the function was chosen, and are the form's from `v` and `a` on.
type Kernel = unsafe fn(f: &Form, v: usize, a: usize);

/// A machine's tiles by runs of T less one and runs of S less one, each a function of its own.
trait Tiles: Quad {
    const TABLE: &'static [[Kernel; DOWN]; ACROSS];
}

macro_rules! table {
    ($f:ident) => {
        &[
            [$f::<1, 1>, $f::<1, 2>, $f::<1, 3>],
            [$f::<2, 1>, $f::<2, 2>, $f::<2, 3>],
            [$f::<3, 1>, $f::<3, 2>, $f::<3, 3>],
            [$f::<4, 1>, $f::<4, 2>, $f::<4, 3>],
        ]
    };
}

impl Tiles for Portable {
    const TABLE: &'static [[Kernel; DOWN]; ACROSS] = table!(portable);
}

unsafe fn portable<const V: usize, const A: usize>(f: &Form, v: usize, a: usize) {
    // SAFETY: the caller's promise.
    unsafe { tile::<Portable, V, A>(f, v, a) }
}

#[cfg(target_arch = "x86_64")]
impl Tiles for Avx2 {
    const TABLE: &'static [[Kernel; DOWN]; ACROSS] = table!(avx2);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2<const V: usize, const A: usize>(f: &Form, v: usize, a: usize) {
    // SAFETY: the caller's promise.
    unsafe { tile::<Avx2, V, A>(f, v, a) }
}

/// C[a.., v..] of `A` runs of S and `V` of T.
#[inline(always)]
unsafe fn tile<Q: Quad, const V: usize, const A: usize>(f: &Form, v: usize, a: usize) {
    // SAFETY: p < inner; runs v to v + V of T and a to a + A of S.
    unsafe {
        let (t, s) = (f.t.add(v * f.tv), f.s.add(a * f.sa));
        let mut sum = [[Q::splat(0.0); ACROSS]; A];
        let fours = f.inner - f.inner % 4;
        let mut p = 0;
        while p < fours {
            // Three of S stay, one of T at a time: with twelve sums that fills sixteen registers.
            let mut row = [Q::splat(0.0); A];
            row.iter_mut().enumerate().for_each(|(i, x)| *x = Q::load(s.add(i * f.sa + p)));
            for k in 0..V {
                let t = Q::load(t.add(k * f.tv + p));
                sum.iter_mut().zip(row).for_each(|(sum, s)| sum[k] = s.mul_add(t, sum[k]));
            }
            p += 4;
        }
        let rest = f.inner - fours;
        if rest > 0 {
            for (i, sum) in sum.iter_mut().enumerate() {
                let s = Q::load_part(s.add(i * f.sa + fours), rest);
                for (k, sum) in sum.iter_mut().enumerate().take(V) {
                    *sum = s.mul_add(Q::load_part(t.add(k * f.tv + fours), rest), *sum);
                }
            }
        }
        let scale = Q::splat(f.scale);
        for (i, sum) in sum.into_iter().enumerate() {
            let [x, y, z, w] = Q::transpose(sum);
            let sum = x.add(y).add(z.add(w));
            let at = f.c.add((a + i) * f.ca + v);
            let new = match f.add {
                true if V == ACROSS => sum.mul_add(scale, Q::load(at)),
                true => sum.mul_add(scale, Q::load_part(at, V)),
                false => sum.mul(scale),
            };
            if V == ACROSS {
                new.store(at);
            } else {
                new.store_part(at, V);
            }
        }
    }
}
