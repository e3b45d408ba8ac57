//! `compliance`: the backup compliance policy of a project. Only MongoDB Support can weaken it.

mod command;
mod official;
mod set;

pub(crate) use self::command::{ComplianceCommand, run};
