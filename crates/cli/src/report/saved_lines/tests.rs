use super::*;
use atlas_backup::JobState;

fn saved(lines: &str) -> Outcome<SavedLines> {
    let mut saved = SavedLines::default();
    saved.read("fleet.ndjson", lines.as_bytes())?;
    Ok(saved)
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

const SNAPSHOT: &str = r#"{"project":"p","cluster":"c","readAt":"2026-06-10T12:00:00Z","id":"1","status":"completed","createdAt":"2026-06-10T06:00:00Z","expiresAt":"2026-06-17T06:00:00Z","frequencyType":"hourly","storageSizeBytes":5,"copyRegions":["EU_WEST_1"]}"#;

#[test]
fn saved_lines_of_every_kind_combine_in_any_order() {
    let saved = saved(&format!(
        r#"{{"severity":"warning","rule":"snapshot-gap","project":"p","cluster":"c","message":"m","fix":"x"}}
{SNAPSHOT}
{{"project":"p","cluster":"c","policies":[{{"policyItems":[{{"frequencyType":"daily","frequencyInterval":1,"retentionUnit":"weeks","retentionValue":2}}]}}],"restoreWindowDays":7}}

{{"project":"p","cluster":"c","readAt":"2026-06-10T12:00:00Z","id":"2","status":"failed","createdAt":"2026-06-09T06:00:00Z"}}
{{"project":"p","cluster":"f","readAt":"2026-06-10T12:00:00Z","id":"3","status":"COMPLETED","finishTime":"2026-06-09T06:00:00Z","expiration":"2026-06-17T06:00:00Z"}}
{{"project":"p","cluster":"c","id":"4","exportBucketId":"b","state":"Successful","finishedAt":"2026-06-10T07:00:00Z"}}
{{"project":"p","cluster":"c","clusterType":"SHARDED","name":"c","pitEnabled":true,"paused":true}}"#
    ))
    .expect("lines");
    assert_eq!((saved.newest(), saved.read_at()), (Some(at("2026-06-10T07:00:00Z")), None), "not all say it");
    assert_eq!(saved.known(), [Need::Cluster, Need::Snapshots, Need::Schedule, Need::Exports].into());
    assert!(saved.has_findings());
    let (clusters, findings) = saved.into_backups();
    let [cluster, flex] = &clusters[..] else { panic!("{clusters:?}") };
    assert_eq!((cluster.kind, cluster.paused, cluster.point_in_time), (ClusterKind::Sharded, true, Some(true)));
    let states: Vec<_> = cluster.snapshots.iter().flatten().map(|snapshot| snapshot.state).collect();
    assert_eq!((states, cluster.exports.len()), (vec![JobState::Succeeded, JobState::Failed], 1));
    assert_eq!(
        cluster.schedule.as_ref().map(|schedule| (schedule.items[0].days, schedule.window_days)),
        Some((14, Some(7)))
    );
    assert_eq!((flex.kind, flex.point_in_time, findings.len()), (ClusterKind::Flex, None, 1));
}

#[test]
fn latest_reading_of_project_wins_in_any_order() {
    let later = SNAPSHOT.replace("\"c\"", "\"d\"").replace("2026-06-10T12", "2026-06-11T12");
    let elsewhere = SNAPSHOT.replace("\"p\"", "\"q\"");
    for lines in [
        [SNAPSHOT, &later, &later.replace("\"1\"", "\"2\""), &elsewhere],
        [&elsewhere, &later, &later.replace("\"1\"", "\"2\""), SNAPSHOT],
    ] {
        let saved = saved(&lines.join("\n")).expect("lines");
        assert_eq!(saved.read_at(), Some((at("2026-06-10T12:00:00Z"), at("2026-06-11T12:00:00Z"))));
        let (clusters, _) = saved.into_backups();
        let there: Vec<_> = clusters
            .iter()
            .map(|backups| {
                (backups.project.as_str(), backups.cluster.as_str(), backups.snapshots.as_ref().map_or(0, Vec::len))
            })
            .collect();
        assert_eq!(there, [("p", "d", 2), ("q", "c", 1)]);
    }
}

#[test]
fn invalid_saved_line_reports_file_and_line() {
    let good = r#"{"project":"p","cluster":"c","id":"4","exportBucketId":"b"}"#;
    let unread = r#"{"project":"p","cluster":"c","id":"4","exportBucketId":"b","readAt":"today"}"#;
    for bad in ["{", "[]", "{\"id\":\"1\"}", "{\"project\":\"p\",\"cluster\":\"c\"}", unread] {
        let refused = saved(&format!("{good}\n{bad}\n")).expect_err(bad).to_string();
        assert!(refused.starts_with("fleet.ndjson: line 2: "), "{refused}");
    }
}
