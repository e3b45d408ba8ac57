//! Users who may log in to the clusters of a project.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{
    ids::ObjectId,
    record::{Checks, Record},
};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct DatabaseUser {
    pub(crate) id: ObjectId,
    /// The database against which the user is authenticated.
    pub(crate) database: String,
    pub(crate) name: String,
    /// What else was asked for, as the service shows it: never the password.
    pub(crate) settings: Value,
    /// When the user is deleted by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<DateTime<Utc>>,
}

impl DatabaseUser {
    pub(crate) fn is_there(&self, now: DateTime<Utc>) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }
}

impl Record for DatabaseUser {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.require_equal("id", self.id, id);
        checks.require(self.settings.is_object(), "settings", "is not an object");
        self.expires.into_iter().for_each(|moment| checks.moment("expires", moment));
    }
}
