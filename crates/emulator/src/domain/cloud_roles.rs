//! Roles in cloud accounts of the customer that the service can assume.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{
    ids::ObjectId,
    record::{Checks, Record},
};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CloudRole {
    pub(crate) id: ObjectId,
    pub(crate) provider: String,
    pub(crate) created: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) authorized: Option<DateTime<Utc>>,
    /// Fields of the account: role, application, service principal and tenant.
    pub(crate) account: Value,
}

impl Record for CloudRole {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.require_equal("id", self.id, id);
        checks.moment("created", self.created);
        self.authorized.into_iter().for_each(|moment| checks.moment("authorized", moment));
        checks.require(self.account.is_object(), "account", "is not an object");
    }
}
