//! The behaviour of the service, as functions of a state and a time.

pub(crate) mod clusters;
pub(crate) mod compliance;
pub(crate) mod contents;
pub(crate) mod copy_settings;
pub(crate) mod exports;
pub(crate) mod job_failures;
pub(crate) mod policy_items;
pub(crate) mod scheduler;
pub(crate) mod snapshots;
pub(crate) mod targets;
