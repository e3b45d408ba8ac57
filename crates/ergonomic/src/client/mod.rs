//! Making a client: from settings, from the environment, from a profile, or over canned answers.

pub(crate) mod builder;
pub(crate) mod environment;
mod network;
pub(crate) mod profile;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
