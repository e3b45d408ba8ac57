//! `api`: calls any operation of the backup API by name, and prints the JSON of the service unchanged.
//!
//! The subcommands come from the operations table, so a new operation of the bindings needs no code here. `list` and
//! `describe` print the table without a call.

mod arguments;
mod call;
mod catalog;
mod command;
mod describe;

pub(crate) use self::command::{ApiCommand, explain, run};
