//! What the tests of the workspace share: the conformance program, and a transport with canned answers.

pub mod canned;
#[cfg(feature = "conformance")]
pub mod conformance;
