//! `compliance`: a project's backup compliance policy, which no one person can take back.

mod command;
mod official;
mod set;

pub(crate) use self::command::{ComplianceCommand, run};
