//! A data set as the files that `mongodump` writes, in one compressed archive.
//!
//! The same data gives the same bytes on every machine and in every run: a download that is resumed must go on where it
//! ended, and nobody keeps the archive meanwhile. It is made again from the beginning whenever somebody reads it, a piece
//! at a time, so that an archive may be larger than memory.

mod archive;
mod files;
mod names;

pub(crate) use archive::{Archive, Prepared};
pub(crate) use files::{Dump, metadata};
pub(crate) use names::file_name;
