//! Shared by commands: flags, session, targets, confirmation, waiting and downloads.

pub(crate) mod background;
pub(crate) mod completion_cache;
pub(crate) mod confirmation;
pub(crate) mod credentials;
pub(crate) mod download;
pub(crate) mod edit;
pub(crate) mod filters;
pub(crate) mod fleet;
pub(crate) mod global;
pub(crate) mod interruption;
pub(crate) mod planned_step;
pub(crate) mod policy_items;
pub(crate) mod restores;
pub(crate) mod session;
pub(crate) mod snapshots;
pub(crate) mod targets;
pub(crate) mod wait;
