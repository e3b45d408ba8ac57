//! Audits of the backups of a fleet.
//!
//! `collect` summarizes the `backups` of each cluster and its `schedule`. `rules` compare them with the `criteria`
//! (time, recovery point objective and `policy` file), and each problem is a `finding`. Rules are pure: the same
//! backups, criteria and time give the same findings. A resource that cannot be read is a finding too.

pub(crate) mod backups;
pub(crate) mod collect;
pub(crate) mod criteria;
pub(crate) mod exit_status;
pub(crate) mod finding;
pub(crate) mod junit;
pub(crate) mod policy;
pub(crate) mod prometheus;
pub(crate) mod requirements;
pub(crate) mod rules;
pub(crate) mod run;
pub(crate) mod schedule;
pub(crate) mod summary;
