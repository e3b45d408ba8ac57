//! What an emulator knows when it starts.

pub(crate) mod demo;
pub(crate) mod fixtures;
pub(crate) mod fleet;
pub(crate) mod seeds;
