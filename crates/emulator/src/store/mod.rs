//! The state and the running clock, in memory or also on disk.

pub(crate) mod atomic_file;
pub(crate) mod clock;
pub(crate) mod cluster_data;
pub(crate) mod disk;
pub(crate) mod document;
pub(crate) mod error;
pub(crate) mod guard;
pub(crate) mod journal;
pub(crate) mod shared_state;
#[cfg(test)]
mod tests;
