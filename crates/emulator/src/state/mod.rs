//! Everything the emulator remembers.

pub(crate) mod checks;
pub(crate) mod collection;
pub(crate) mod record_checks;
pub(crate) mod tables;
