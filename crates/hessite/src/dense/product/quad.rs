//! Four numbers in the vector registers of the machine.

/// Four numbers. A type stands for the instructions of one machine; its methods inline into a function that
/// is compiled for them.
///
/// # Safety
/// Every method needs a processor with the instructions of the type, and `at` to be valid for the entries read
/// or written: four, or `count` (one to four) in the `_part` methods.
pub(in crate::dense) trait Quad: Copy {
    unsafe fn splat(x: f64) -> Self;
    unsafe fn load(at: *const f64) -> Self;
    /// The first `count` entries, then zeros.
    unsafe fn load_part(at: *const f64, count: usize) -> Self;
    unsafe fn store(self, at: *mut f64);
    unsafe fn store_part(self, at: *mut f64, count: usize);
    unsafe fn add(self, other: Self) -> Self;
    unsafe fn mul(self, other: Self) -> Self;
    /// `self * x + y`, rounded once where the machine can.
    unsafe fn mul_add(self, x: Self, y: Self) -> Self;
    /// The transpose of the 4 × 4 matrix with these columns.
    unsafe fn transpose(columns: [Self; 4]) -> [Self; 4];
}

/// Plain Rust, for any machine.
#[derive(Clone, Copy)]
pub(in crate::dense) struct Portable([f64; 4]);

impl Quad for Portable {
    #[inline(always)]
    unsafe fn splat(x: f64) -> Self {
        Portable([x; 4])
    }

    #[inline(always)]
    unsafe fn load(at: *const f64) -> Self {
        // SAFETY: the caller vouches for four entries at `at`.
        Portable(unsafe { at.cast::<[f64; 4]>().read_unaligned() })
    }

    #[inline(always)]
    unsafe fn load_part(at: *const f64, count: usize) -> Self {
        let mut x = [0.0; 4];
        for (l, x) in x.iter_mut().enumerate().take(count) {
            // SAFETY: the caller vouches for `count` entries at `at`.
            *x = unsafe { *at.add(l) };
        }
        Portable(x)
    }

    #[inline(always)]
    unsafe fn store(self, at: *mut f64) {
        // SAFETY: the caller vouches for four entries at `at`.
        unsafe { at.cast::<[f64; 4]>().write_unaligned(self.0) }
    }

    #[inline(always)]
    unsafe fn store_part(self, at: *mut f64, count: usize) {
        for (l, x) in self.0.into_iter().enumerate().take(count) {
            // SAFETY: the caller vouches for `count` entries at `at`.
            unsafe { *at.add(l) = x };
        }
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        Portable(std::array::from_fn(|l| self.0[l] + other.0[l]))
    }

    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        Portable(std::array::from_fn(|l| self.0[l] * other.0[l]))
    }

    #[inline(always)]
    unsafe fn mul_add(self, x: Self, y: Self) -> Self {
        // On machines whose baseline lacks the instruction, `f64::mul_add` is a call of the C library.
        const FUSED: bool = cfg!(any(target_arch = "aarch64", target_feature = "fma"));
        Portable(std::array::from_fn(|l| {
            if FUSED { self.0[l].mul_add(x.0[l], y.0[l]) } else { self.0[l] * x.0[l] + y.0[l] }
        }))
    }

    #[inline(always)]
    unsafe fn transpose(c: [Self; 4]) -> [Self; 4] {
        std::array::from_fn(|i| Portable(std::array::from_fn(|j| c[j].0[i])))
    }
}

#[cfg(target_arch = "x86_64")]
pub(in crate::dense) use avx2::Avx2;

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::Quad;
    use std::arch::x86_64::*;

    /// AVX2 and FMA.
    #[derive(Clone, Copy)]
    pub(in crate::dense) struct Avx2(__m256d);

    /// Four ones and four zeros: read from `4 - count`, they select the first `count` entries.
    static SELECT: [i64; 8] = [-1, -1, -1, -1, 0, 0, 0, 0];

    // SAFETY, for every block: the caller of the trait's methods has the instructions and owns the entries.
    impl Quad for Avx2 {
        #[inline(always)]
        unsafe fn splat(x: f64) -> Self {
            // SAFETY: above.
            unsafe { Avx2(_mm256_set1_pd(x)) }
        }

        #[inline(always)]
        unsafe fn load(at: *const f64) -> Self {
            // SAFETY: above.
            unsafe { Avx2(_mm256_loadu_pd(at)) }
        }

        #[inline(always)]
        unsafe fn load_part(at: *const f64, count: usize) -> Self {
            debug_assert!((1..=4).contains(&count));
            // SAFETY: above; entries that are not selected are not touched; `count <= 4` keeps the read of
            // the selection inside its eight entries.
            unsafe {
                let select = _mm256_loadu_si256(SELECT.as_ptr().add(4 - count).cast());
                Avx2(_mm256_maskload_pd(at, select))
            }
        }

        #[inline(always)]
        unsafe fn store(self, at: *mut f64) {
            // SAFETY: above.
            unsafe { _mm256_storeu_pd(at, self.0) }
        }

        /// Not a masked store: some processors take dozens of cycles for one.
        #[inline(always)]
        unsafe fn store_part(self, at: *mut f64, count: usize) {
            // SAFETY: above; each branch writes `count` entries.
            unsafe {
                let low = _mm256_castpd256_pd128(self.0);
                match count {
                    1 => _mm_store_sd(at, low),
                    2 => _mm_storeu_pd(at, low),
                    3 => {
                        _mm_storeu_pd(at, low);
                        _mm_store_sd(at.add(2), _mm256_extractf128_pd::<1>(self.0));
                    }
                    _ => _mm256_storeu_pd(at, self.0),
                }
            }
        }

        #[inline(always)]
        unsafe fn add(self, other: Self) -> Self {
            // SAFETY: above.
            unsafe { Avx2(_mm256_add_pd(self.0, other.0)) }
        }

        #[inline(always)]
        unsafe fn mul(self, other: Self) -> Self {
            // SAFETY: above.
            unsafe { Avx2(_mm256_mul_pd(self.0, other.0)) }
        }

        #[inline(always)]
        unsafe fn mul_add(self, x: Self, y: Self) -> Self {
            // SAFETY: above.
            unsafe { Avx2(_mm256_fmadd_pd(self.0, x.0, y.0)) }
        }

        #[inline(always)]
        unsafe fn transpose(c: [Self; 4]) -> [Self; 4] {
            // SAFETY: above.
            unsafe {
                let (a, b) = (_mm256_unpacklo_pd(c[0].0, c[1].0), _mm256_unpackhi_pd(c[0].0, c[1].0));
                let (d, e) = (_mm256_unpacklo_pd(c[2].0, c[3].0), _mm256_unpackhi_pd(c[2].0, c[3].0));
                [
                    Avx2(_mm256_permute2f128_pd::<0x20>(a, d)),
                    Avx2(_mm256_permute2f128_pd::<0x20>(b, e)),
                    Avx2(_mm256_permute2f128_pd::<0x31>(a, d)),
                    Avx2(_mm256_permute2f128_pd::<0x31>(b, e)),
                ]
            }
        }
    }
}

/// Defines a function that runs an `unsafe fn body<Q: Quad>` (or `body<Q, N>`) of the same arguments with the widest
/// instructions that this machine has.
macro_rules! for_this_machine {
    ($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $ty:ty),* $(,)?) = $body:ident $(<$n:literal>)?;) => {
        $(#[$meta])*
        #[inline]
        $vis unsafe fn $name($($arg: $ty),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,fma")]
                unsafe fn wide($($arg: $ty),*) {
                    // SAFETY: compiled for the instructions; the rest is the caller's promise.
                    unsafe { $body::<$crate::dense::product::quad::Avx2 $(, $n)?>($($arg),*) }
                }
                if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
                    // SAFETY: the two features were just detected; the rest is the caller's promise.
                    return unsafe { wide($($arg),*) };
                }
            }
            // SAFETY: any machine has these; the rest is the caller's promise.
            unsafe { $body::<$crate::dense::product::quad::Portable $(, $n)?>($($arg),*) }
        }
    };
}
pub(in crate::dense) use for_this_machine;
