//! Shared domain types: ids, records, durations, schedules, errors, roles. They know neither state nor requests.

pub(crate) mod access_list;
pub(crate) mod clock_record;
pub(crate) mod cloud_roles;
pub(crate) mod clusters;
pub(crate) mod compliance_policy;
pub(crate) mod database_users;
pub(crate) mod durations;
pub(crate) mod error;
pub(crate) mod ids;
pub(crate) mod job_kind;
pub(crate) mod jobs;
pub(crate) mod link_key;
pub(crate) mod projects;
pub(crate) mod rate_limits;
pub(crate) mod record;
pub(crate) mod refusals;
pub(crate) mod roles;
pub(crate) mod schedule;
#[cfg(feature = "mongo")]
pub(crate) mod scram;
pub(crate) mod secret;
pub(crate) mod snapshots;
pub(crate) mod timeline;
