//! The pages of the guide. Their code blocks are compiled and run by the tests of this crate.
