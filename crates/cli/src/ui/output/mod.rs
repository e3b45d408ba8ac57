//! Data on standard output: one printer, and one description of each document kind for all formats.
//!
//! A document kind declares its columns once ([`columns::Document`]). Lists are printed while they are read. Only data
//! goes through this module.

pub(crate) mod columns;
mod csv;
pub(crate) mod format;
mod json;
mod list;
pub(crate) mod printer;
pub(crate) mod query;
mod table;
