//! The state of the emulator.

pub(crate) mod collection;
pub(crate) mod tables;
