//! Certificates of functions with known derivatives, with and without planted faults.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A failing helper fails the test that called it.

mod clean;
mod faults;
mod functions;
