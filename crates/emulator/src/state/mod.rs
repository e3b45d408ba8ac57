//! Everything the emulator remembers.

pub(crate) mod collection;
pub(crate) mod tables;
