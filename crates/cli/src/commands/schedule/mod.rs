//! `schedule`: when snapshots of a cluster are taken by themselves, and how long they are kept.

mod command;
mod set;

pub(crate) use self::command::{ScheduleCommand, run};
