//! Initial states of an emulator.

pub(crate) mod demo;
pub(crate) mod fixtures;
pub(crate) mod fleet;
pub(crate) mod seeds;
