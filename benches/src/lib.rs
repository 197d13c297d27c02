//! hessite measured against its rivals: the workloads, their inputs, and what is asked of them.
//!
//! * [`functions`] are the workloads as a user writes them, on handles of a graph.
//! * [`problems`] give them inputs: streams of [`inputs`], the same numbers that a driver of another engine makes.
//! * [`requests`] put a question to a problem: a product, a block, a Hessian, at a new point or a kept one.
//! * [`measure`] times it and reduces the answer to a checksum; [`report`] makes a line of JSON of both.
//! * [`distance`] tells how far two threads are from each other, [`copies`] about what a second one can gain.
//! * [`primitives`] are functions of one matrix, one for each primitive.
//! * [`references`] are second derivatives to 50 digits.
//! * [`by_hand`], [`chains`] and [`differences`] are what anyone can write without an engine.
//! * [`scalar_engines`] are Rust's other engines, which know no matrices.
//! * [`page`] measures all of these in turns, draws and describes what it finds.
//!
//! The `peers` binary prints the lines, the `report` binary writes the page; the criterion benches take the same problems.
#![forbid(unsafe_code)]

pub mod by_hand;
pub mod chains;
pub mod copies;
pub mod differences;
pub mod distance;
pub mod functions;
pub mod inputs;
pub mod measure;
#[cfg(feature = "rivals")]
pub mod page;
pub mod primitives;
pub mod problems;
pub mod references;
pub mod report;
pub mod requests;
#[cfg(feature = "rivals")]
pub mod scalar_engines;
