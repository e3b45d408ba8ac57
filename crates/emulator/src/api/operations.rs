//! What of the curated document is modelled, for people and for programs.

use chrono::NaiveDate;
use serde::Serialize;

use crate::{
    api::handlers,
    openapi::document::{Document, Operation},
};

/// One operation of the curated document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OperationSummary {
    /// Its id, such as `listGroupClusterBackupSnapshots`.
    pub id: &'static str,
    /// The tag that groups it, such as `Cloud Backups`.
    pub tag: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path with its parameters in braces.
    pub path: &'static str,
    /// Its resource versions, oldest first.
    pub versions: Vec<VersionSummary>,
    /// Whether the emulator does what it is for; otherwise it answers 501.
    pub modelled: bool,
}

/// One resource version of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct VersionSummary {
    /// The date that names it.
    pub version: &'static str,
    /// The day from which on it is gone, if one is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sunset: Option<NaiveDate>,
}

/// All operations of the curated document, by tag and then in the document's order.
#[must_use]
pub fn operations() -> Vec<OperationSummary> {
    let mut operations: Vec<_> = Document::embedded().operations.iter().map(summary).collect();
    operations.sort_by_key(|operation| operation.tag);
    operations
}

fn summary(operation: &'static Operation) -> OperationSummary {
    let versions = operation.versions.iter();
    OperationSummary {
        id: &operation.id,
        tag: &operation.tag,
        method: operation.method.as_str(),
        path: &operation.path,
        versions: versions.map(|v| VersionSummary { version: &v.date, sunset: v.sunset }).collect(),
        modelled: handlers::handler(&operation.id).is_some(),
    }
}
