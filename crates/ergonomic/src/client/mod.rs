//! Builds clients: from settings, from the environment, from a profile, or with canned responses.

pub(crate) mod builder;
pub(crate) mod environment;
mod network;
pub(crate) mod profile;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
