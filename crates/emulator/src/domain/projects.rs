//! Organizations, projects and project-wide data.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::{
    ids::ObjectId,
    record::{Checks, Record},
};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Organization {
    pub(crate) id: ObjectId,
    pub(crate) name: String,
}

impl Record for Organization {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.require_equal("id", self.id, id);
    }
}

/// A key and a value that a user attached.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Project {
    pub(crate) id: ObjectId,
    pub(crate) organization: ObjectId,
    pub(crate) name: String,
    pub(crate) created: DateTime<Utc>,
    pub(crate) with_default_alerts_settings: bool,
    pub(crate) tags: Vec<Tag>,
    /// Changed settings, by their names in the API.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) settings: BTreeMap<String, bool>,
    /// Whether the threshold for slow operations is fixed instead of managed by the service.
    #[serde(default)]
    pub(crate) fixed_slow_ms: bool,
    /// Customer keys, by the name of the key management service in a cluster.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) customer_keys: BTreeMap<String, CustomerKey>,
    /// Whether customer keys also encrypt search nodes.
    #[serde(default)]
    pub(crate) search_nodes_encrypted: bool,
}

/// A project's key at one key management service.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CustomerKey {
    /// Settings by their names in the API, without secrets.
    pub(crate) settings: Map<String, Value>,
    /// Identifies the key in snapshots. Changes with the key.
    pub(crate) master_key: ObjectId,
}

impl CustomerKey {
    pub(crate) fn is_enabled(&self) -> bool {
        self.settings.get("enabled").is_some_and(|enabled| *enabled == true)
    }
}

impl Record for Project {
    fn check(&self, id: ObjectId, parent: ObjectId, checks: &mut Checks) {
        checks.require_equal("id", self.id, id);
        checks.require_equal("organization", self.organization, parent);
        checks.moment("created", self.created);
    }
}

/// Target of exports.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ExportBucket {
    pub(crate) id: ObjectId,
    pub(crate) provider: String,
    pub(crate) name: String,
    /// The role that Atlas uses to write to it.
    pub(crate) role: ObjectId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) region: Option<String>,
    pub(crate) require_private_networking: bool,
    /// Storage account and tenant on Azure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) service_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tenant: Option<String>,
}

impl Record for ExportBucket {
    fn check(&self, id: ObjectId, _parent: ObjectId, checks: &mut Checks) {
        checks.require_equal("id", self.id, id);
    }
}
