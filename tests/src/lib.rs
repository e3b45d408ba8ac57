//! What the tests of the workspace share, the conformance program first of all.

#[cfg(feature = "conformance")]
pub mod conformance;
