//! A project's backup compliance policy, as it was asked for.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{
    durations,
    ids::ObjectId,
    record::{Checks, Record},
};

/// A project's backup compliance policy.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CompliancePolicy {
    /// What was asked for, field by field, with every field that may be set.
    pub(crate) settings: Value,
    pub(crate) changed: DateTime<Utc>,
    /// What it goes through until the change is complete.
    pub(crate) pending: PolicyChange,
    /// Whether the service's support has allowed to disable it.
    #[serde(default)]
    pub(crate) deletable: bool,
}

impl Record for CompliancePolicy {
    fn check(&self, id: ObjectId, parent: ObjectId, checks: &mut Checks) {
        checks.require(id == parent, "", &format!("stands under {id}, not under its parent's id"));
        checks.require(self.settings.is_object(), "settings", "is not an object");
        checks.moment("changed", self.changed);
    }
}

impl CompliancePolicy {
    /// Whether a change of it is still under way.
    pub(crate) fn is_pending(&self, now: DateTime<Utc>) -> bool {
        now < self.changed + durations::COMPLIANCE_POLICY_CHANGING
    }
}

/// What happens to a compliance policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum PolicyChange {
    Enabling,
    Updating,
    Disabling,
}

impl PolicyChange {
    /// As the service calls the state.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            PolicyChange::Enabling => "ENABLING",
            PolicyChange::Updating => "UPDATING",
            PolicyChange::Disabling => "DISABLING",
        }
    }
}
