//! What the tests of the workspace share: the conformance program, and a transport with canned answers.

pub mod canned;
#[cfg(feature = "conformance")]
pub mod conformance;

/// The README's programs: each is compiled, and the first is run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
