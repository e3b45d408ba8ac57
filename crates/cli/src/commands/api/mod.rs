//! `api`: any operation of the backup API by its name, with the service's JSON unchanged.
//!
//! What there is comes from the operations table, so an operation that the bindings gain is a command here without a
//! line of code. `list` and `describe` show the table itself and call nobody.

mod arguments;
mod call;
mod catalog;
mod command;
mod describe;

pub(crate) use self::command::{ApiCommand, explain, run};
