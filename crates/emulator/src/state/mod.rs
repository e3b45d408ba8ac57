//! The state of the emulator.

pub(crate) mod collection;
pub(crate) mod current_data;
pub(crate) mod tables;
