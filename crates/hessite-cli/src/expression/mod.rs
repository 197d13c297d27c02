//! Expressions over named matrices: text ── token ──▶ lexemes ── parse ──▶ a flat tree ── lower ──▶ hessite handles.
//!
//! The grammar is MATLAB's, with what NumPy users write where it means the same (`@`, `.T`). Every node knows its
//! piece of the text, so that each later error can point at it.

pub mod functions;
pub mod lower;
pub mod parse;
pub mod token;

pub use lower::{Lowered, lower};
pub use parse::{Tree, parse};

/// A piece of the text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its first byte.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
}

impl Span {
    /// From `start` to before `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Span { start, end }
    }

    /// From the start of one piece to the end of another.
    pub fn to(self, last: Span) -> Span {
        Span { start: self.start, end: last.end }
    }
}

#[cfg(test)]
mod tests;
