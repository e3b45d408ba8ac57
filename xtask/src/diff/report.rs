//! The result of a comparison: changes with their operations, merged, ordered, and as JSON.
//!
//! A change is reported once for all operations: findings with the same kind, pointer and message are one change.
//! Changes are ordered by the first operation, then pointer and kind.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::kinds::{self, Effect};
use crate::openapi::pointer::Pointer;

/// An operation in one of its versions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OperationVersion {
    /// The path template.
    pub(crate) path: String,
    /// The HTTP method, in capitals.
    pub(crate) method: String,
    /// The version: a date, a date with `.upcoming`, or `preview`. Null if the document has no versions.
    pub(crate) version: Option<String>,
    /// The operation's id. The new id if it was renamed.
    pub(crate) operation_id: String,
    /// The version with which this one was compared, if the newest version changed: the changes apply to callers that move
    /// from the former newest version to this one. Absent for changes within one version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) moved_from: Option<String>,
}

/// The document into which a pointer points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Document {
    /// The old one: the pointer names something that was removed.
    Old,
    /// The new one.
    New,
}

/// One change.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Change {
    /// The kind of this change. `diff-kinds.md` lists all kinds.
    pub(crate) kind: String,
    /// Whether programs written for the old bindings can stop working, at compile time or on the wire.
    pub(crate) breaking: bool,
    /// Whether they can stop compiling: the published crates need a major version.
    pub(crate) breaks_build: bool,
    /// Whether built programs can fail: the service may refuse or answer what it did not before.
    pub(crate) breaks_wire: bool,
    /// Id of the first affected operation.
    pub(crate) operation_id: String,
    /// Method of the first affected operation.
    pub(crate) method: String,
    /// Path of the first affected operation.
    pub(crate) path: String,
    /// Version of the first affected operation.
    pub(crate) version: Option<String>,
    /// The document into which `pointer` points.
    pub(crate) document: Document,
    /// JSON pointer (RFC 6901) to the change.
    pub(crate) pointer: String,
    /// The shared schema that changed. Null for a change of one operation.
    pub(crate) schema: Option<String>,
    /// The change, in a sentence.
    pub(crate) message: String,
    /// Every affected operation version, including the first.
    pub(crate) operations: Vec<OperationVersion>,
}

/// One of the compared documents.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Compared {
    /// The file name or URL.
    pub(crate) name: String,
    /// The date of the document, if known. Sunsets between the two dates count as reached.
    pub(crate) date: Option<String>,
}

/// Number of changes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    /// Number of changes.
    pub(crate) changes: usize,
    /// Number of breaking changes.
    pub(crate) breaking: usize,
    /// Number of changes that break at compile time.
    pub(crate) breaks_build: usize,
    /// Number of changes that break on the wire.
    pub(crate) breaks_wire: usize,
    /// Number of affected operations, in any version.
    pub(crate) operations: usize,
}

/// The changes from one specification to another, for a user of the bindings.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    /// The old document.
    pub(crate) old: Compared,
    /// The new document.
    pub(crate) new: Compared,
    /// Number of changes.
    pub(crate) summary: Summary,
    /// The changes, in a stable order.
    pub(crate) changes: Vec<Change>,
}

/// One finding before it is merged with equal ones.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) pointer: String,
    pub(crate) document: Document,
    pub(crate) kind: &'static str,
    pub(crate) message: String,
    pub(crate) effect: Effect,
}

impl Change {
    /// How it breaks programs, for people.
    pub(crate) fn break_words(&self) -> &'static str {
        match (self.breaks_build, self.breaks_wire) {
            (false, false) => "not breaking",
            (true, false) => "breaks at compile time",
            (false, true) => "breaks on the wire",
            (true, true) => "breaks at compile time and on the wire",
        }
    }

    /// Whether it applies only to callers that move to another version of an operation.
    pub(crate) fn is_move(&self) -> bool {
        self.operations.iter().all(|operation| operation.moved_from.is_some())
    }
}

impl Summary {
    /// The number of breaking changes in words.
    pub(crate) fn breaking_words(&self) -> String {
        match self.breaking {
            0 => "none breaking".to_owned(),
            count => {
                format!("{count} breaking ({} at compile time, {} on the wire)", self.breaks_build, self.breaks_wire)
            }
        }
    }
}

impl Finding {
    /// A finding with the severity of its kind.
    pub(crate) fn new(kind: &str, document: Document, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        let kind = kinds::find(kind);
        Self { pointer: pointer.into(), document, kind: &kind.id, message: message.into(), effect: kind.effect }
    }

    /// The same, but breaking only if this condition holds too.
    pub(crate) fn breaking_if(self, condition: bool) -> Self {
        if condition { self } else { self.with_effect(Effect::NONE) }
    }

    /// The same with another effect than that of its kind.
    pub(crate) fn with_effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }
}

/// Findings with their operations.
#[derive(Debug, Default)]
pub(crate) struct Findings(BTreeMap<Finding, BTreeSet<OperationVersion>>);

impl Findings {
    /// Adds a finding, or its operations to an equal one.
    pub(crate) fn add(&mut self, finding: Finding, touched: impl IntoIterator<Item = OperationVersion>) {
        self.0.entry(finding).or_default().extend(touched);
    }

    /// The report.
    pub(crate) fn into_report(self, old: Compared, new: Compared) -> Report {
        let mut changes: Vec<Change> =
            self.0.into_iter().filter_map(|(finding, touched)| change(finding, touched)).collect();
        changes.sort_by(|a, b| {
            let key = |change: &Change| {
                (change.operations[0].clone(), change.pointer.clone(), change.kind.clone(), change.message.clone())
            };
            key(a).cmp(&key(b))
        });
        let touched: BTreeSet<(&str, &str)> = changes
            .iter()
            .flat_map(|change| &change.operations)
            .map(|operation| (operation.path.as_str(), operation.method.as_str()))
            .collect();
        let summary = Summary {
            changes: changes.len(),
            breaking: changes.iter().filter(|change| change.breaking).count(),
            breaks_build: changes.iter().filter(|change| change.breaks_build).count(),
            breaks_wire: changes.iter().filter(|change| change.breaks_wire).count(),
            operations: touched.len(),
        };
        Report { old, new, summary, changes }
    }
}

/// A finding with operations, as a change.
fn change(finding: Finding, touched: BTreeSet<OperationVersion>) -> Option<Change> {
    let operations: Vec<OperationVersion> = touched.into_iter().collect();
    let first = operations.first()?.clone();
    Some(Change {
        kind: finding.kind.to_owned(),
        breaking: finding.effect.is_breaking(),
        breaks_build: finding.effect.build,
        breaks_wire: finding.effect.wire,
        operation_id: first.operation_id,
        method: first.method,
        path: first.path,
        version: first.version,
        document: finding.document,
        schema: Pointer::new(&finding.pointer).schema(),
        pointer: finding.pointer,
        message: finding.message,
        operations,
    })
}
