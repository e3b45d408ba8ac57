//! The record of a drill: the source, each step with its times, the checks, and the resources left behind.
//!
//! Auditors get this document, so its format is versioned and described in `docs/drill-evidence.schema.json`. It
//! contains IDs, names, times and numbers, and never credentials, connection strings or program output.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Version of the format. It changes when a field changes its meaning or is removed. New fields do not change it.
pub(super) const SCHEMA_VERSION: u32 = 1;

/// The record of a drill.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Evidence {
    /// Version of this format: 1.
    pub(super) schema_version: u32,
    /// The program that wrote the record.
    pub(super) tool: Tool,
    /// Unique ID of the drill. A cluster that the drill creates is tagged with it.
    pub(super) drill_id: String,
    /// The result.
    pub(super) outcome: DrillOutcome,
    /// The reason, if the drill did not pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    /// Start time.
    pub(super) started_at: DateTime<Utc>,
    /// End time, after the teardown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ended_at: Option<DateTime<Utc>>,
    /// The credentials of the drill.
    pub(super) made_by: MadeBy,
    /// The command, without passwords and without the arguments of the verify command.
    pub(super) command: String,
    /// The cluster whose backup is tested.
    pub(super) source: Source,
    /// The snapshot that was restored.
    pub(super) snapshot: ChosenSnapshot,
    /// The target cluster. Absent if the data was downloaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) target: Option<TargetCluster>,
    /// The recovery time: from the first step that recovery needs to the last, including the creation of the cluster,
    /// excluding verification and teardown.
    pub(super) recovery_time: Objective,
    /// The recovery point: the age of the data at the start of the drill. Later writes would be lost.
    pub(super) recovery_point: Objective,
    /// The steps, in order.
    pub(super) steps: Vec<Step>,
    /// The checks.
    pub(super) checks: Vec<Check>,
    /// What the checks show, and what they do not show.
    pub(super) verification: Verification,
    /// What the verify command says that it read and compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) compared: Option<Compared>,
    /// The downloaded archives.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) archives: Vec<Archive>,
    /// The collections in the archives.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) collections: Vec<CollectionCount>,
    /// Resources that the drill created or changed, and could not delete or was told to keep.
    pub(super) left: Vec<Leftover>,
    /// SHA-256 of the JSON file with this value replaced by an empty string. It reveals accidental changes only: an
    /// author of changes can also replace the digest.
    pub(super) digest: String,
}

/// The credentials of a drill, without secrets.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct MadeBy {
    /// `service account`, `API key`, `bearer token` or `none`.
    pub(super) credentials: &'static str,
    /// The client ID of a service account, or the public key of an API key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    /// Base URL of the service.
    pub(super) service: String,
}

/// The program that wrote a record.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Tool {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
}

/// The result of a drill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) enum DrillOutcome {
    /// The data was restored, passed all checks, and met the objectives.
    Passed,
    /// The data was restored and passed all checks, but an objective was missed.
    ObjectiveMissed,
    /// The data was restored, but a check failed.
    VerificationFailed,
    /// The data was not restored.
    RestoreFailed,
    /// The drill timed out.
    TimedOut,
    /// The drill was interrupted.
    Interrupted,
    /// Another error, such as a rejected call.
    Error,
}

impl DrillOutcome {
    /// The name of the result.
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

/// The cluster whose backup is tested.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Source {
    /// Organization of the project. Absent if the project could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) organization_id: Option<String>,
    pub(super) project_id: String,
    /// Name of the project. Absent if the project could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) project: Option<String>,
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
    /// Completion time.
    pub(super) completed_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expires_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) storage_size_bytes: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mongodb_version: Option<String>,
}

/// The target cluster.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct TargetCluster {
    pub(super) project_id: String,
    /// Name of the project. Absent if the project could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) project: Option<String>,
    pub(super) cluster: String,
    /// Whether the drill created it.
    pub(super) created: bool,
}

/// An objective and the achieved value, in seconds.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Objective {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) objective_seconds: Option<f64>,
    /// Absent if the data was not restored, or its age is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) achieved_seconds: Option<f64>,
    /// Absent without an objective or an achieved value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) met: Option<bool>,
}

impl Objective {
    pub(super) fn new(objective: Option<Duration>) -> Self {
        Objective { objective_seconds: objective.map(|objective| objective.as_secs_f64()), ..Self::default() }
    }

    /// Records the achieved value.
    pub(super) fn set_achieved(&mut self, achieved: f64) {
        let achieved = (achieved * 1000.0).round() / 1000.0;
        self.achieved_seconds = Some(achieved);
        self.met = self.objective_seconds.map(|objective| achieved <= objective);
    }
}

/// A step of a drill.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Step {
    /// Name: `create`, `restore`, `ready`, `prepare`, `fetch`, `unpack`, `login`, `verify`, `logout`,
    /// `teardown`.
    pub(super) name: &'static str,
    pub(super) started_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ended_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) duration_seconds: Option<f64>,
    pub(super) outcome: StepOutcome,
    /// Details of the result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) detail: Option<String>,
    /// IDs of the service, such as the restore job, and the resource version of the response.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) ids: BTreeMap<&'static str, String>,
    #[serde(skip)]
    pub(super) begun: Option<Instant>,
}

/// The result of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) enum StepOutcome {
    Done,
    Failed,
    /// The drill was stopped or timed out during this step.
    Unfinished,
}

impl StepOutcome {
    /// The name of the result.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            StepOutcome::Done => "done",
            StepOutcome::Failed => "failed",
            StepOutcome::Unfinished => "unfinished",
        }
    }

    /// The CSS class on the page.
    pub(super) fn tone(self) -> &'static str {
        match self {
            StepOutcome::Done => "good",
            StepOutcome::Failed => "bad",
            StepOutcome::Unfinished => "warn",
        }
    }
}

/// A check.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Check {
    pub(super) method: Method,
    /// The expectation.
    pub(super) expected: String,
    /// The observation.
    pub(super) found: String,
    pub(super) passed: bool,
}

/// The method of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) enum Method {
    /// The service restored the snapshot into a cluster, according to the states of the job and the cluster.
    Restore,
    /// The downloaded archives were extracted.
    Archive,
    /// Every document was read and parsed.
    Documents,
    /// Names of databases and collections were looked up.
    Names,
    /// A program of the user checked the data.
    OwnCheck,
}

/// What the checks of a drill show.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Verification {
    pub(super) level: Level,
    /// Statements that the checks showed.
    pub(super) verified: Vec<String>,
    /// Statements that the checks did not show.
    pub(super) not_verified: Vec<String>,
}

/// The strongest successful method of verification.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) enum Level {
    /// No check passed.
    #[default]
    Nothing,
    /// States and names reported by the service, or the form of the archives. No document was read.
    MetadataOnly,
    /// Every document was read and parsed.
    DocumentsRead,
    /// A program of the user checked the data.
    OwnCheck,
}

/// What a verify command read and compared, as it says in its result file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Compared {
    pub(super) documents: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) collections: Option<u64>,
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

/// A collection whose documents were all read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct CollectionCount {
    pub(super) database: String,
    pub(super) collection: String,
    pub(super) documents: u64,
    pub(super) bytes: u64,
}

/// A resource left behind.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Leftover {
    pub(super) what: String,
    /// The command that deletes it, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) command: Option<String>,
}

impl Evidence {
    /// The failed checks.
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
