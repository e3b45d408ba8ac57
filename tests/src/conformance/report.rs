//! What the run found, in the shape in which it is printed.
//!
//! Findings are counted by operation and pointer and sorted, so that two runs over the same file print the same.

use std::collections::BTreeMap;

use serde::Serialize;

use super::response::Findings;

/// The outcome of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// Lines read.
    pub total: usize,
    /// Lines whose operation or version is not in the bindings.
    pub skipped: usize,
    /// Lines that decoded.
    pub decoded: usize,
    /// Lines that decoded and lost nothing.
    pub lossless: usize,
    /// Lines that did not decode, in their order.
    pub failures: Vec<Failure>,
    /// What was in a body and not in its re-encoding.
    pub lost: Vec<Lost>,
    /// Undocumented fields of the operation and version that the bindings kept.
    pub undocumented: Vec<Undocumented>,
}

impl Report {
    /// Whether everything that was not skipped decoded without loss.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.failures.is_empty() && self.lost.is_empty()
    }
}

/// A line that did not decode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Failure {
    /// The line's number, from 1.
    pub line: usize,
    /// The operation as the line names it; null if it names none.
    pub operation_id: Option<String>,
    /// Why.
    pub reason: String,
}

/// Something that the bindings lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Lost {
    /// The operation's id.
    pub operation_id: &'static str,
    /// Where it was.
    pub pointer: String,
    /// How often.
    pub count: usize,
}

/// Something that the specification does not define.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Undocumented {
    /// The operation's id.
    pub operation_id: &'static str,
    /// The resource version.
    pub version: &'static str,
    /// Where it was.
    pub pointer: String,
    /// How often.
    pub count: usize,
}

/// Collects a report line by line.
#[derive(Debug, Default)]
pub(super) struct Builder {
    skipped: usize,
    decoded: usize,
    lossless: usize,
    failures: Vec<Failure>,
    lost: BTreeMap<(&'static str, String), usize>,
    undocumented: BTreeMap<(&'static str, &'static str, String), usize>,
}

impl Builder {
    pub(super) fn skipped(&mut self) {
        self.skipped += 1;
    }

    pub(super) fn failed(&mut self, line: usize, operation_id: Option<String>, reason: String) {
        self.failures.push(Failure { line, operation_id, reason });
    }

    pub(super) fn decoded(&mut self, findings: Findings) {
        self.decoded += 1;
        self.lossless += usize::from(findings.lost.is_empty());
        for pointer in findings.lost {
            *self.lost.entry((findings.operation, pointer)).or_default() += 1;
        }
        for pointer in findings.undocumented {
            *self.undocumented.entry((findings.operation, findings.version, pointer)).or_default() += 1;
        }
    }

    pub(super) fn finish(self) -> Report {
        let lost = self.lost.into_iter();
        let undocumented = self.undocumented.into_iter();
        Report {
            total: self.skipped + self.decoded + self.failures.len(),
            skipped: self.skipped,
            decoded: self.decoded,
            lossless: self.lossless,
            failures: self.failures,
            lost: lost.map(|((operation_id, pointer), count)| Lost { operation_id, pointer, count }).collect(),
            undocumented: undocumented
                .map(|((operation_id, version, pointer), count)| Undocumented { operation_id, version, pointer, count })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loss_is_counted_by_pointer_and_fails_the_run() {
        let mut builder = Builder::default();
        let lost = |lost: &[&str]| {
            let lost = lost.iter().map(|pointer| (*pointer).to_owned()).collect();
            Findings { operation: "listGroups", version: "2023-01-01", lost, undocumented: Vec::new() }
        };
        builder.decoded(lost(&[]));
        assert!(Builder::default().finish().is_clean());
        builder.decoded(lost(&["/results/*/created", "/results/*/created", "/links"]));
        let report = builder.finish();
        assert!(!report.is_clean());
        assert_eq!((report.decoded, report.lossless), (2, 1));
        let counts: Vec<_> = report.lost.iter().map(|lost| (&*lost.pointer, lost.count)).collect();
        assert_eq!(counts, [("/links", 1), ("/results/*/created", 2)]);
    }
}
