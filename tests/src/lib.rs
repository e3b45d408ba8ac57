//! The conformance program, and the README's examples as tests.

#[cfg(feature = "conformance")]
pub mod conformance;

/// The README's programs: each is compiled, and the first is run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
