//! `cargo xtask check`: checks that the committed files are complete, current and correct.
//!
//! Without flags it runs only fast checks that need nothing but this repository and its dependencies. `--all` adds slow
//! checks and foreign tools. Every check runs even if others fail. Exit code 1 if a check has findings.

mod command;
mod layers;
mod manifests;
mod round_trip;
mod validator;

pub(crate) use command::{Arguments, run};
