//! The program: command tree, dispatch, help, shell completion and manual pages.

mod completion;
mod dry_run;
mod help;
mod man;
pub(crate) mod run;
pub(crate) mod tree;
