//! One body, compiled for the vector units at hand and chosen at run time.

/// Defines `name`, whose body is compiled a second time with AVX2 and FMA where the machine has them.
macro_rules! vectorized {
    ($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $ty:ty),* $(,)?) $(-> $ret:ty)? $body:block) => {
        $(#[$meta])*
        $vis fn $name($($arg: $ty),*) $(-> $ret)? {
            #[inline(always)]
            fn body($($arg: $ty),*) $(-> $ret)? $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,fma")]
                fn wide($($arg: $ty),*) $(-> $ret)? {
                    body($($arg),*)
                }
                if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
                    // SAFETY: the two features that `wide` is compiled with were just detected.
                    #[allow(unsafe_code)]
                    return unsafe { wide($($arg),*) };
                }
            }
            body($($arg),*)
        }
    };
}
pub(crate) use vectorized;

/// out[i] = f(x[i]) over the shorter length.
#[inline]
pub(crate) fn each(x: &[f64], out: &mut [f64], f: impl Fn(f64) -> f64) {
    widest(|| out.iter_mut().zip(x).for_each(|(o, &x)| *o = f(x)));
}

/// out[i] = f(x[i], y[i]) over the shortest length.
#[inline]
pub(crate) fn each_pair(x: &[f64], y: &[f64], out: &mut [f64], f: impl Fn(f64, f64) -> f64) {
    widest(|| out.iter_mut().zip(x).zip(y).for_each(|((o, &x), &y)| *o = f(x, y)));
}

/// Runs a loop that inlines, compiled for the vector units at hand.
#[inline(always)]
fn widest(run: impl FnOnce()) {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2,fma")]
        fn wide(run: impl FnOnce()) {
            run();
        }
        if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
            // SAFETY: the two features that `wide` is compiled with were just detected.
            #[allow(unsafe_code)]
            return unsafe { wide(run) };
        }
    }
    run();
}
