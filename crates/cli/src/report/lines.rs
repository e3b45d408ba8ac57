//! Saved output as the source of a report: the lines of `fleet snapshots`, `fleet schedules`, `fleet exports` and
//! `audit` with `-o ndjson`, in any order and from any number of parts. A line that is none of these is refused with its
//! place; nothing is skipped in silence.

use std::io::BufRead;

use atlas_backup::types::{DiskBackupReplicaSet, DiskBackupSnapshotSchedule20240805, FlexBackupSnapshot20241113};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::model::Model;
use crate::{
    audit::{facts::Snap, plan::Plan},
    exit::{Failure, Outcome},
};

/// Adds all lines of a file to the model.
///
/// # Errors
/// The file can't be read, or a line is none of ours: file and line are named.
pub(crate) fn read(name: &str, file: impl BufRead, model: &mut Model) -> Outcome {
    for (number, line) in file.lines().enumerate() {
        let line = line.map_err(|source| Failure::local(format!("{name} could not be read"), source))?;
        if line.trim().is_empty() {
            continue;
        }
        add(&line, model).map_err(|problem| {
            Failure::usage(
                format!("{name}: line {}: {problem}", number + 1),
                "give lines of `fleet snapshots|schedules|exports` or `audit` with `-o ndjson`",
            )
        })?;
    }
    Ok(())
}

fn add(line: &str, model: &mut Model) -> Result<(), String> {
    let value: Value = serde_json::from_str(line).map_err(|error| format!("no JSON: {error}"))?;
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let has = |key: &str| value.get(key).is_some();
    if has("rule") && has("mend") {
        model.audited = true;
        model.findings.push(typed(value)?);
        return Ok(());
    }
    let (Some(project), Some(cluster)) = (text("project"), text("cluster")) else {
        return Err("it names no project and cluster".to_owned());
    };
    let now = model.now;
    let entry = model.cluster(project, cluster);
    if has("policies") || has("referenceHourOfDay") {
        entry.follow(&Plan::of(&typed::<DiskBackupSnapshotSchedule20240805>(value)?));
    } else if has("exportBucketId") {
        entry.exports += 1;
    } else if has("status") && (has("finishTime") || has("scheduledTime") || has("expiration")) {
        let snapshot = typed::<FlexBackupSnapshot20241113>(value)?;
        entry.add(&Snap::of_flex("", &snapshot), now);
    } else if has("status") && has("id") {
        entry.add(&Snap::of_document(&typed::<DiskBackupReplicaSet>(value)?), now);
    } else {
        return Err("it is no snapshot, schedule, export or finding".to_owned());
    }
    Ok(())
}

fn typed<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;

    fn model(lines: &str) -> Outcome<Model> {
        let now: DateTime<Utc> = "2026-06-10T12:00:00Z".parse().expect("a time");
        let mut model = Model::new(now);
        read("fleet.ndjson", lines.as_bytes(), &mut model)?;
        Ok(model)
    }

    #[test]
    fn lines_of_every_sort_add_up_in_any_order() {
        let model = model(
            r#"{"severity":"warning","rule":"snapshot-gap","project":"p","cluster":"c","message":"m","mend":"x"}
{"project":"p","cluster":"c","id":"1","status":"completed","createdAt":"2026-06-10T06:00:00Z","expiresAt":"2026-06-17T06:00:00Z","frequencyType":"hourly","storageSizeBytes":5,"copyRegions":["EU_WEST_1"]}
{"project":"p","cluster":"c","policies":[{"policyItems":[{"frequencyType":"daily","frequencyInterval":1,"retentionUnit":"weeks","retentionValue":2}]}],"restoreWindowDays":7}

{"project":"p","cluster":"c","id":"2","status":"failed","createdAt":"2026-06-09T06:00:00Z"}
{"project":"p","cluster":"f","id":"3","status":"COMPLETED","finishTime":"2026-06-09T06:00:00Z","expiration":"2026-06-17T06:00:00Z"}
{"project":"p","cluster":"c","id":"4","exportBucketId":"b","state":"Successful"}"#,
        )
        .expect("a model");
        let cluster = &model.clusters[&("p".to_owned(), "c".to_owned())];
        assert_eq!((cluster.days[29], cluster.days[28]), ((1, 0), (0, 1)));
        assert_eq!((cluster.bytes, cluster.exports, cluster.window_days), (5, 1, Some(7)));
        assert_eq!(cluster.ladder["hourly"], (1, Some(7)));
        assert_eq!(cluster.planned["daily"], 14);
        assert!(cluster.regions.contains("EU_WEST_1") && model.audited && model.findings.len() == 1);
        assert_eq!(model.clusters.len(), 2);
    }

    #[test]
    fn a_line_that_is_none_is_refused_with_its_place() {
        let good = r#"{"project":"p","cluster":"c","id":"4","exportBucketId":"b"}"#;
        for bad in ["{", "[]", "{\"id\":\"1\"}", "{\"project\":\"p\",\"cluster\":\"c\"}"] {
            let refused = model(&format!("{good}\n{bad}\n")).expect_err(bad).to_string();
            assert!(refused.starts_with("fleet.ndjson: line 2: "), "{refused}");
        }
    }
}
