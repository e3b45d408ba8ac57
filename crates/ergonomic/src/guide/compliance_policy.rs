//! Protect a project with a backup compliance policy.
//!
//! A policy prevents everyone in a project, owners included, from deleting backups early or weakening schedules. **Only
//! MongoDB's support can weaken or disable it** once it protects snapshots. Try it on the emulator first.
//!
//! ```no_run
#![doc = include_str!("programs/compliance_policy.rs")]
//! ```
//!
//! - `update` raises schedules that are below the new policy.
//!   [`update_without_overwriting`](crate::CompliancePolicy::update_without_overwriting) fails instead and changes no schedule.
//! - The service takes one change at a time and refuses the next until the state is `ACTIVE`.
//! - Later calls that the policy forbids are errors whose [`code`](crate::Error::code) names the rule.
//!
//! Operations: `getGroupBackupCompliancePolicy`, `updateGroupBackupCompliancePolicy`.
