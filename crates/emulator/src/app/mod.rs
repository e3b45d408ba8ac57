//! The emulator as a value and as a program.

pub(crate) mod emulator;
#[cfg(feature = "binary")]
pub(crate) mod log_writer;
#[cfg(feature = "binary")]
pub mod program;
