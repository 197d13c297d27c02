//! The border of the library, through its public names alone: what every singular point gives, what every misuse
//! says, what stays the same whatever the threads do, and how the results read. docs/semantics.md is the page to it.
// Helpers of tests fail as tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod arrays;
mod bindings;
mod control;
mod entries;
mod halves;
mod implicit;
mod kinks;
mod limits;
mod linear_algebra;
mod nested;
mod operators;
mod origin;
mod picked;
mod powers;
mod reductions;
mod scale;
mod second;
mod select;
mod shapes;
mod sides;
mod singular;
mod spectrum;
mod structured;
mod support;
mod threads;
