//! The page about a fleet: `model` is what is known of each cluster in few words, `lines` reads it from saved output,
//! `view` is how it looks. However many snapshots there are, a cluster's share of the model stays small. Saved
//! lines come in any order, so their facts are kept until the last has been read.

pub(crate) mod model;
pub(crate) mod saved_lines;
pub(crate) mod view;
