//! Laws of the whole library, with private access: every primitive, random programs, reference numbers, the order of
//! the rooms.
//!
//! Oracles are identities and other arithmetic (dual numbers, 50 digits). A tolerance is the bound of a running error
//! analysis ([`bounded`]) wherever a program can be evaluated that way.

mod bounded;
mod conformance;
mod oracles;
mod passes;
mod policy;
mod programs;
mod reference;
mod rooms;
mod semantics;
mod support;

pub(crate) use support::Rng;
