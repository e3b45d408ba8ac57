//! What an emulator knows when it starts.

pub(crate) mod demo;
pub(crate) mod fleet;
pub(crate) mod parts;
pub(crate) mod seeds;
