//! Data on standard output: one printer, and one description of each kind of document for all formats.
//!
//! A kind of document declares its columns once ([`document::Document`]); lists, single documents and every format are made
//! from that. Lists are printed while they are read. Only data goes through here.

pub(crate) mod cell;
mod csv;
pub(crate) mod document;
pub(crate) mod format;
mod json;
pub(crate) mod printer;
pub(crate) mod query;
mod table;
