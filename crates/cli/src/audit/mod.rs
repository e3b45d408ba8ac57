//! Audits of a fleet's backups.
//!
//! `gather` summarizes the `backups` of each cluster and its schedule (`plan`), `rules` compares them with the `standard`
//! (moment, recovery point objective and `policy` file), and each problem is a `finding`. Rules are pure: the same backups,
//! standard and moment give the same findings. What could not be read is a finding too.

pub(crate) mod backups;
pub(crate) mod demands;
pub(crate) mod finding;
pub(crate) mod gather;
pub(crate) mod junit;
pub(crate) mod plan;
pub(crate) mod policy;
pub(crate) mod prometheus;
pub(crate) mod rules;
pub(crate) mod run;
pub(crate) mod standard;
pub(crate) mod verdict;
