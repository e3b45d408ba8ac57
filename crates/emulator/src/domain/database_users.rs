//! Users that may log in to the clusters of a project.

use std::fmt;

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
    /// Authentication database of the user.
    pub(crate) database: String,
    pub(crate) name: String,
    /// Other fields of the request, as the service returns them. Never the password.
    pub(crate) settings: Value,
    /// Keys of the password. Absent if there is none, or if drivers are not served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) keys: Option<ScramKeys>,
    /// Time of the automatic deletion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<DateTime<Utc>>,
}

/// Keys of a password (SCRAM-SHA-256) in base64. They do not reveal the password.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ScramKeys {
    pub(crate) salt: String,
    pub(crate) iterations: u32,
    pub(crate) stored_key: String,
    pub(crate) server_key: String,
}

/// Shows no key.
impl fmt::Debug for ScramKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScramKeys").finish_non_exhaustive()
    }
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
