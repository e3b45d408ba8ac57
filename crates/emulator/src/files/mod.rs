//! Output files of the emulator: exports in a folder, archives over HTTP.

pub(crate) mod archive_body;
pub(crate) mod archive_cache;
pub(crate) mod downloads;
pub(crate) mod export_files;
pub(crate) mod export_layout;
pub(crate) mod exporter;
pub(crate) mod range;
pub(crate) mod requested_archive;
