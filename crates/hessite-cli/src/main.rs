//! The `hessite` program.
#![forbid(unsafe_code)]
mod error;
mod expression;
mod input;
fn main() {}
