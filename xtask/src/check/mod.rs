//! `cargo xtask check`: is what is committed complete, current and true?
//!
//! Without flags only what is fast and needs nothing but this repository and its dependencies; `--all` adds the slow
//! checks and the foreign ones. Every check runs, whatever the others found; exit code 1 when one of them found
//! something.

mod command;
mod layers;
mod manifests;
mod round_trip;
mod validator;

pub(crate) use command::{Arguments, run};
