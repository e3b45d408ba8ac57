//! The fleet report: `model` summarizes each cluster, `saved_lines` reads saved output, and `view` renders the page.
//! The model of a cluster stays small however many snapshots it has. Saved lines come in any order, so they are kept
//! until the last one is read.

pub(crate) mod model;
pub(crate) mod saved_lines;
pub(crate) mod view;
