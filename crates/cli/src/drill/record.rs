//! The record of a drill: what was rehearsed, each step with its times, what was found, and what is left behind.
//!
//! It is the document that an auditor gets, so its form is versioned and described (`docs/drill-evidence.schema.json`). It
//! holds ids, names, times and numbers; no credential, no connection string and no output of anybody's program may ever
//! get into it.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use serde::Serialize;

/// The form of the record. It changes when a field changes its meaning or goes; more fields may come without.
pub(super) const SCHEMA_VERSION: u32 = 1;

/// What happened in a drill.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Evidence {
    /// The form of this document: 1.
    pub(super) schema_version: u32,
    /// What made it.
    pub(super) tool: Tool,
    /// A name for this drill that no other has; a cluster that it creates is tagged with it.
    pub(super) drill_id: String,
    /// How it ended.
    pub(super) outcome: DrillOutcome,
    /// Why it ended like this, where it did not pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    /// When it began.
    pub(super) started_at: DateTime<Utc>,
    /// When it was over, what it created taken away again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ended_at: Option<DateTime<Utc>>,
    /// The cluster whose backup is rehearsed.
    pub(super) source: Source,
    /// The snapshot that was restored.
    pub(super) snapshot: ChosenSnapshot,
    /// The cluster that it was restored into; none where the data was downloaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) target: Option<TargetCluster>,
    /// How long until the data was there again: from the first step that recovery needs to the last, with the creation of
    /// the cluster, without verification and teardown.
    pub(super) recovery_time: Objective,
    /// How old the data was when the drill began: what was written since then would be lost.
    pub(super) recovery_point: Objective,
    /// What was done, in this order.
    pub(super) steps: Vec<Step>,
    /// What was verified.
    pub(super) checks: Vec<Check>,
    /// The archives that were downloaded.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) archives: Vec<Archive>,
    /// The collections that were read from the archives.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) collections: Vec<CollectionCount>,
    /// What the drill has made or changed and could not take away, or was told to keep.
    pub(super) left: Vec<Leftover>,
}

/// What made a record.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Tool {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
}

/// How a drill ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) enum DrillOutcome {
    /// The data came back, is what it should be, and in time.
    Passed,
    /// The data came back and is what it should be, but it took longer or was older than the objective allows.
    ObjectiveMissed,
    /// The data came back and is not what it should be.
    VerificationFailed,
    /// The data did not come back.
    RestoreFailed,
    /// The time for the drill was up.
    TimedOut,
    /// Somebody stopped it.
    Interrupted,
    /// Something else went wrong, such as a call that was refused.
    Error,
}

impl DrillOutcome {
    /// In words.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            DrillOutcome::Passed => "passed",
            DrillOutcome::ObjectiveMissed => "objective missed",
            DrillOutcome::VerificationFailed => "verification failed",
            DrillOutcome::RestoreFailed => "restore failed",
            DrillOutcome::TimedOut => "timed out",
            DrillOutcome::Interrupted => "interrupted",
            DrillOutcome::Error => "error",
        }
    }
}

/// The cluster whose backup is rehearsed.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Source {
    pub(super) project_id: String,
    pub(super) cluster: String,
    /// `replicaSet`, `sharded` or `flex`.
    pub(super) kind: &'static str,
}

/// The snapshot that was restored.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct ChosenSnapshot {
    pub(super) id: String,
    /// When it was complete.
    pub(super) completed_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expires_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) storage_size_bytes: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mongodb_version: Option<String>,
}

/// The cluster that was restored into.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct TargetCluster {
    pub(super) project_id: String,
    pub(super) cluster: String,
    /// Whether the drill has created it.
    pub(super) created: bool,
}

/// What was asked for and what was reached, in seconds.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Objective {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) objective_seconds: Option<f64>,
    /// Absent where the data did not come back, or nothing says how old it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) achieved_seconds: Option<f64>,
    /// Absent where there is no objective, or nothing was reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) met: Option<bool>,
}

impl Objective {
    pub(super) fn new(objective: Option<Duration>) -> Self {
        Objective { objective_seconds: objective.map(|objective| objective.as_secs_f64()), ..Self::default() }
    }

    /// Notes what was reached.
    pub(super) fn set_achieved(&mut self, achieved: f64) {
        let achieved = (achieved * 1000.0).round() / 1000.0;
        self.achieved_seconds = Some(achieved);
        self.met = self.objective_seconds.map(|objective| achieved <= objective);
    }
}

/// One step.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Step {
    /// Which: `create`, `restore`, `ready`, `prepare`, `fetch`, `unpack`, `verify`, `teardown`.
    pub(super) name: &'static str,
    pub(super) started_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ended_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) duration_seconds: Option<f64>,
    pub(super) outcome: StepOutcome,
    /// What there is to say about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) detail: Option<String>,
    /// Ids at the service, such as that of a restore job, and the version of the API that answered.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) ids: BTreeMap<&'static str, String>,
    #[serde(skip)]
    pub(super) begun: Option<Instant>,
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) enum StepOutcome {
    Done,
    Failed,
    /// It was under way when the drill was stopped or its time was up.
    Unfinished,
}

impl StepOutcome {
    /// In words.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            StepOutcome::Done => "done",
            StepOutcome::Failed => "failed",
            StepOutcome::Unfinished => "unfinished",
        }
    }

    /// How it is coloured on a page.
    pub(super) fn tone(self) -> &'static str {
        match self {
            StepOutcome::Done => "good",
            StepOutcome::Failed => "bad",
            StepOutcome::Unfinished => "warn",
        }
    }
}

/// Something that was verified.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Check {
    /// What should be so.
    pub(super) expected: String,
    /// What is so.
    pub(super) found: String,
    pub(super) passed: bool,
}

/// A downloaded archive.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Archive {
    pub(super) file: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

/// A collection that was read, document by document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct CollectionCount {
    pub(super) database: String,
    pub(super) collection: String,
    pub(super) documents: u64,
    pub(super) bytes: u64,
}

/// Something that is left behind.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Leftover {
    pub(super) what: String,
    /// The command that takes it away, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) command: Option<String>,
}

impl Evidence {
    /// What did not come out as it should.
    pub(super) fn failed_checks(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| !check.passed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_schema_matches_types() {
        let schema = schemars::generate::SchemaSettings::draft2020_12().for_serialize().into_generator();
        let schema = schema.into_root_schema_for::<Evidence>();
        let text = serde_json::to_string_pretty(&schema).expect("JSON") + "\n";
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/drill-evidence.schema.json");
        if std::env::var_os("INSTA_UPDATE").is_some_and(|value| value == "always") {
            std::fs::write(&path, &text).expect("written");
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == text, "{} is stale: INSTA_UPDATE=always writes it", path.display());
    }

    #[test]
    fn objective_is_met_up_to_its_limit() {
        let mut objective = Objective::new(Some(Duration::from_secs(60)));
        assert_eq!(objective.met, None);
        for (achieved, met) in [(59.9, true), (60.0, true), (60.1, false)] {
            objective.set_achieved(achieved);
            assert_eq!(objective.met, Some(met), "{achieved}");
        }
        let mut none = Objective::new(None);
        none.set_achieved(1.0);
        assert_eq!(none.met, None);
    }
}
