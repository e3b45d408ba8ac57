//! `snapshots`: list, show, take, wait for, keep, download and delete snapshots, whatever the kind of cluster.

mod change;
mod command;
mod contents;
mod documents;
mod read;
mod take;

pub(crate) use self::command::{SnapshotsCommand, run};
