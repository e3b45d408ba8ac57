//! Archives of snapshots: downloading them, checking them, unpacking them.

pub(crate) mod download;
pub(crate) mod origin;
mod part;
#[cfg(feature = "verify")]
mod reader;
pub(crate) mod stream;
mod transfer;
#[cfg(feature = "verify")]
pub(crate) mod unpack;
#[cfg(feature = "verify")]
mod verify;
