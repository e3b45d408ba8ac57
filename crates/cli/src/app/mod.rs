//! The program: the command tree, dispatch, shell completion and manual pages.

mod completion;
mod dry_run;
mod man;
pub(crate) mod run;
pub(crate) mod tree;
