//! What a comparison found: the changes with the operations each one touches, merged, ordered, and as JSON.
//!
//! A change is told once however many operations reach it: what has the same kind, pointer and message is one change.
//! The order is that of the first operation touched, then of the pointer and the kind; it depends on nothing else.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::kinds;
use crate::openapi::pointer::Pointer;

/// An operation in one of its versions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OperationVersion {
    /// The path template.
    pub(crate) path: String,
    /// The HTTP method, in capitals.
    pub(crate) method: String,
    /// The version: a date, a date with `.upcoming`, or `preview`. Null where the document has no versions.
    pub(crate) version: Option<String>,
    /// The operation's id; the new one where it was renamed.
    pub(crate) operation_id: String,
    /// The version that this one was compared with, where the newest is another one now: what changed for someone who
    /// moves from the former newest version to this one. Absent within one version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) moved_from: Option<String>,
}

/// Which of the two documents a pointer leads into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Document {
    /// The old one: the pointer names something that is gone.
    Old,
    /// The new one.
    New,
}

/// One change.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Change {
    /// What kind of change this is; `diff-kinds.md` lists them.
    pub(crate) kind: String,
    /// Whether programs written against the old bindings can stop working.
    pub(crate) breaking: bool,
    /// Id of the first operation touched.
    pub(crate) operation_id: String,
    /// Method of the first operation touched.
    pub(crate) method: String,
    /// Path of the first operation touched.
    pub(crate) path: String,
    /// Version of the first operation touched.
    pub(crate) version: Option<String>,
    /// Which document `pointer` leads into.
    pub(crate) document: Document,
    /// JSON pointer (RFC 6901) to what changed.
    pub(crate) pointer: String,
    /// The shared schema that changed; null for what belongs to one operation.
    pub(crate) schema: Option<String>,
    /// What changed, in a sentence.
    pub(crate) message: String,
    /// Every operation version touched, the first one included.
    pub(crate) operations: Vec<OperationVersion>,
}

/// One of the documents compared.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Compared {
    /// The file's name, or the address.
    pub(crate) name: String,
    /// The day it stands for, where that is known: sunsets between the two days count as reached.
    pub(crate) date: Option<String>,
}

/// How much changed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    /// How many changes.
    pub(crate) changes: usize,
    /// How many of them are breaking.
    pub(crate) breaking: usize,
    /// How many operations are touched, whatever their version.
    pub(crate) operations: usize,
}

/// What changed from one specification to another, for a user of the bindings.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    /// The old document.
    pub(crate) old: Compared,
    /// The new document.
    pub(crate) new: Compared,
    /// How much changed.
    pub(crate) summary: Summary,
    /// The changes, in a stable order.
    pub(crate) changes: Vec<Change>,
}

/// One finding before it is merged with its like.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) pointer: String,
    pub(crate) document: Document,
    pub(crate) kind: &'static str,
    pub(crate) message: String,
    pub(crate) breaking: bool,
}

impl Change {
    /// Whether it concerns only those who move to another version of an operation.
    pub(crate) fn is_move(&self) -> bool {
        self.operations.iter().all(|operation| operation.moved_from.is_some())
    }
}

impl Finding {
    /// A finding that is as breaking as its kind says.
    pub(crate) fn new(kind: &str, document: Document, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        let kind = kinds::find(kind);
        Self { pointer: pointer.into(), document, kind: &kind.id, message: message.into(), breaking: kind.breaking }
    }

    /// The same, breaking only if this holds too.
    pub(crate) fn breaking_if(mut self, condition: bool) -> Self {
        self.breaking &= condition;
        self
    }
}

/// Findings with the operations they touch.
#[derive(Debug, Default)]
pub(crate) struct Findings(BTreeMap<Finding, BTreeSet<OperationVersion>>);

impl Findings {
    /// Adds a finding, or its operations to the like of it.
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
            operations: touched.len(),
        };
        Report { old, new, summary, changes }
    }
}

/// A finding that touches something, as a change.
fn change(finding: Finding, touched: BTreeSet<OperationVersion>) -> Option<Change> {
    let operations: Vec<OperationVersion> = touched.into_iter().collect();
    let first = operations.first()?.clone();
    Some(Change {
        kind: finding.kind.to_owned(),
        breaking: finding.breaking,
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
