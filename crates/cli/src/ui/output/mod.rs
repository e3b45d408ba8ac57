//! Data on standard output: one printer, and one description of each kind of document for all formats.
//!
//! A kind of document declares its columns once ([`columns::Document`]); lists, single documents and every format are made
//! from that. Lists are printed while they are read. Only data goes through here.

pub(crate) mod columns;
mod csv;
pub(crate) mod format;
mod json;
mod list;
pub(crate) mod printer;
pub(crate) mod query;
mod table;
