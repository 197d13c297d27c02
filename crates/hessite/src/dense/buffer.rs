//! Aligned storage.

#![allow(unsafe_code)]

use std::ops::{Deref, DerefMut};

/// One cache line of numbers.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
struct Line([f64; LINE]);

const LINE: usize = 8;

/// Growable storage whose first number stands at the start of a cache line. New entries are zero.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buffer {
    lines: Vec<Line>,
    len: usize,
}

impl Buffer {
    /// `len` zeros.
    pub fn with_len(len: usize) -> Self {
        Buffer { lines: vec![Line([0.0; LINE]); len.div_ceil(LINE)], len }
    }

    /// Keeps the first `len` entries or appends zeros up to `len`. The capacity never shrinks.
    pub fn resize(&mut self, len: usize) {
        let old = self.len.min(len);
        self.lines.resize(len.div_ceil(LINE), Line([0.0; LINE]));
        // What a longer life left in the line where the old end falls.
        if let Some(line) = self.lines.get_mut(old / LINE) {
            line.0[old % LINE..].fill(0.0);
        }
        self.len = len;
    }
}

impl Deref for Buffer {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        // SAFETY: a line is eight numbers without padding (its size equals its alignment), so `lines` is
        // `LINE * lines.len() >= len` initialised numbers side by side. An empty Vec's pointer is aligned.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.len) }
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f64] {
        // SAFETY: as in `deref`; the borrow of `self` is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.len) }
    }
}

#[cfg(test)]
mod tests {
    use super::Buffer;

    #[test]
    fn entries_that_come_back_are_zero() {
        let mut b = Buffer::with_len(13);
        b.fill(7.0);
        b.resize(3);
        b.resize(20);
        assert_eq!(&b[..3], &[7.0; 3]);
        assert_eq!(&b[3..], &[0.0; 17]);
        b.fill(1.0);
        b.resize(16);
        b.resize(24);
        assert_eq!(&b[16..], &[0.0; 8]);
    }

    #[test]
    fn storage_starts_at_a_cache_line_and_keeps_its_capacity() {
        let mut b = Buffer::default();
        assert!(b.is_empty());
        for n in [1, 9, 100, 4096] {
            b.resize(n);
            assert_eq!(b.len(), n);
            assert_eq!(b.as_ptr() as usize % 64, 0);
        }
        let at = b.as_ptr();
        b.resize(0);
        b.resize(4096);
        assert_eq!(b.as_ptr(), at);
    }
}
