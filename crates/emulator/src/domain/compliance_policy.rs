//! The requested backup compliance policy of a project.

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
    /// The request, with all settable fields.
    pub(crate) settings: Value,
    pub(crate) changed: DateTime<Utc>,
    /// Transition until the change is complete.
    pub(crate) pending: PolicyChange,
    /// Whether the service's support has allowed disabling it.
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
    /// Whether a change is in progress.
    pub(crate) fn is_pending(&self, now: DateTime<Utc>) -> bool {
        now < self.changed + durations::COMPLIANCE_POLICY_CHANGING
    }
}

/// Kinds of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum PolicyChange {
    Enabling,
    Updating,
    Disabling,
}

impl PolicyChange {
    /// State name of the service.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            PolicyChange::Enabling => "ENABLING",
            PolicyChange::Updating => "UPDATING",
            PolicyChange::Disabling => "DISABLING",
        }
    }
}
