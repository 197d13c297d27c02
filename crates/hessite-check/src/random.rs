//! Directions that depend on a seed and nothing else.

/// Steele, Lea and Flood's generator (OOPSLA 2014): a counter, mixed.
#[derive(Clone, Debug)]
pub(crate) struct SplitMix64(u64);

impl SplitMix64 {
    pub fn new(seed: u64) -> Self {
        SplitMix64(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in [0, 1).
    #[cfg(test)]
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// dᵢ = ± sᵢ·k/8 with k in 4..=8: no entry is small, so each has its say, and all have few bits, so that x + t·d
    /// is mostly exact for t a power of two.
    pub fn direction(&mut self, scales: &[f64]) -> Vec<f64> {
        let entry = |s: &f64| {
            let bits = self.next() >> 32;
            let size = (4 + bits % 5) as f64 / 8.0;
            if bits & (1 << 20) == 0 { s * size } else { -s * size }
        };
        scales.iter().map(entry).collect()
    }

    /// `count` of the numbers below `n`, in increasing order; all of them where there are no more.
    pub fn choose(&mut self, n: usize, count: usize) -> Vec<usize> {
        if n <= count {
            return (0..n).collect();
        }
        // Floyd's algorithm: each subset is as likely as any other.
        let mut chosen = std::collections::BTreeSet::new();
        for j in n - count..n {
            let k = (self.next() % (j as u64 + 1)) as usize;
            if !chosen.insert(k) {
                chosen.insert(j);
            }
        }
        chosen.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_gives_the_published_numbers() {
        // The first outputs for the seed 1234567, as in the reference implementation's tests.
        let mut r = SplitMix64::new(1_234_567);
        assert_eq!(r.next(), 6_457_827_717_110_365_317);
        assert_eq!(r.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn chosen_coordinates_are_distinct_and_in_range() {
        let mut r = SplitMix64::new(3);
        for n in [1, 5, 32, 33, 1000] {
            let c = r.choose(n, 32);
            assert_eq!(c.len(), n.min(32));
            assert!(c.windows(2).all(|w| w[0] < w[1]) && c.iter().all(|&k| k < n));
        }
    }
}
