//! `schedule`: the snapshot schedule of a cluster, with retentions.

mod command;
mod losses;
mod set;

pub(crate) use self::command::{ScheduleCommand, run};
