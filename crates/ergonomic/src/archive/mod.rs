//! Archives of snapshots: downloading them, checking them, unpacking them.

mod blocking;
mod checksum;
pub(crate) mod download;
mod inspection;
pub(crate) mod origin;
mod part;
#[cfg(feature = "verify")]
mod reader;
mod refusal;
pub(crate) mod stream;
mod transfer;
#[cfg(feature = "verify")]
pub(crate) mod unpack;
