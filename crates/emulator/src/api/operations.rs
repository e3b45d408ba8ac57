//! The operations of the curated document and whether each is modelled, as table or JSON.

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
    /// Whether the emulator models the operation. Otherwise it answers 501.
    pub modelled: bool,
}

/// One resource version of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct VersionSummary {
    /// The date of the version.
    pub version: &'static str,
    /// The sunset date, if one is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sunset: Option<NaiveDate>,
}

/// All operations of the curated document, by tag and then in document order.
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
