//! Archives of snapshots: downloading them, checking them, unpacking them.

pub(crate) mod download;
pub(crate) mod origin;
mod part;
pub(crate) mod stream;
mod transfer;
#[cfg(feature = "verify")]
mod verify;
