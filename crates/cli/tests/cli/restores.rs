//! Restores: into a cluster, after a confirmation, and for download.

use atlas_backup_emulator::DEMO_PROJECT;
use serde_json::{Value, json};

use crate::{
    stub::{Stub, V2023_01_01},
    support::{first_id, guarded, run},
};

#[test]
fn restore_needs_confirmation_before_sending() {
    let id = first_id(run("--emulator snapshots list Cluster0 --limit 1 -o json"));
    let start = format!("--emulator restores start automated Cluster0 --snapshot {id} --target-cluster Cluster0");
    let asked = run(&start).ends();
    assert_eq!((asked.code, asked.stdout.as_str()), (Some(2), ""));
    assert!(asked.stderr.contains("this overwrites its data") && asked.stderr.contains("`--yes`"), "{}", asked.stderr);
    let done = run(&format!("{start} --yes --wait -o json")).ends();
    let job = done.json();
    assert_eq!((done.code, &job["deliveryType"]), (Some(0), &json!("automated")), "{}", done.stderr);
    let notes: Vec<_> = done.stderr.lines().collect();
    let id = job["id"].as_str().expect("an id");
    assert_eq!(notes[0], format!("note: waiting for restore job {id} of Cluster0"));
    assert!(job["finishedAt"].is_string() && notes[1].starts_with("note: completed after"), "{notes:?}");
}

#[test]
fn restore_names_and_describes_its_target() {
    let id = first_id(run("--emulator snapshots list Cluster0 --limit 1 -o json"));
    for start in
        [format!("automated Cluster0 --snapshot {id}"), "point-in-time Cluster0 --at 2026-01-01T00:00:00Z".into()]
    {
        let start = format!("--emulator restores start {start}");
        let none = run(&format!("{start} --yes")).ends();
        assert_eq!((none.code, none.stdout.as_str()), (Some(2), ""), "{}", none.stderr);
        assert!(none.stderr.contains("--target-cluster <NAME>"), "{}", none.stderr);
        let unknown = run(&format!("{start} --target-cluster Nowhere --yes")).ends();
        assert_eq!(unknown.code, Some(3), "{}", unknown.stderr);
        let other = run(&format!("{start} --target-cluster Sharded0 --target-project demo")).ends();
        let described = format!("into cluster Sharded0 of project demo ({DEMO_PROJECT}); this overwrites its data: ");
        assert!(other.stderr.contains(&described), "{}", other.stderr);
        assert!(other.stderr.contains("sharded cluster, M10 in EU_WEST_1, MongoDB 8.0.29"), "{}", other.stderr);
        let itself = run(&format!("{start} --target-cluster Cluster0")).ends();
        assert!(itself.stderr.contains(", the source itself; this overwrites its data"), "{}", itself.stderr);
    }
}

#[test]
fn download_job_is_done_when_archive_is_ready() {
    for (cluster, list, url) in
        [("Cluster0", "snapshots list Cluster0", "/deliveryUrl/0"), ("Flex0", "snapshots list Flex0", "/snapshotUrl")]
    {
        let id = first_id(run(&format!("--emulator {} --limit 1 -o json", list)));
        let start =
            format!("--emulator restores start download --clusterName {cluster} --snapshotId {id} --wait -o json");
        let job = run(&start).json();
        assert!(job.pointer(url).is_some_and(Value::is_string), "{job}");
    }
}

#[test]
fn point_in_time_accepts_time_or_oplog_timestamp() {
    let start = "--emulator restores start point-in-time Cluster0 --target-cluster Cluster0 --yes";
    let none = run(start).ends();
    assert_eq!(none.code, Some(2), "{}", none.stderr);
    let both = run(&format!("{start} --at 2026-01-01T00:00:00Z --oplog-ts 1 --oplog-inc 1")).ends();
    assert_eq!(both.code, Some(2), "{}", both.stderr);
    let half = run(&format!("{start} --oplog-ts 1")).ends();
    assert_eq!(half.code, Some(2), "{}", half.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn restore_job_is_listed_shown_and_cancelled() {
    let emulator = guarded().stepped_clock().start().await.expect("an emulator");
    let id = first_id(run("snapshots list Cluster0 --limit 1 -o json").with_key(&emulator));
    let start = format!("restores start automated Cluster0 --snapshot {id} --target-cluster Cluster0 --yes -o json");
    let started = run(&start).with_key(&emulator).ends();
    let job = started.json();
    let job = job["id"].as_str().expect("an id");
    let again = format!("note: `atlas-backup restores wait Cluster0 {job}` waits for it\n");
    assert_eq!(started.stderr, again);

    let late = run(&format!("restores wait Cluster0 {job} --timeout 1s")).with_key(&emulator).ends();
    assert_eq!(late.code, Some(6), "{}", late.stderr);
    assert!(late.stderr.contains(&format!("`atlas-backup restores wait Cluster0 {job}`")), "{}", late.stderr);

    let cancel = format!("restores cancel Cluster0 {job}");
    assert_eq!(run(&cancel).with_key(&emulator).ends().code, Some(2), "not confirmed");
    let refused = run(&format!("{cancel} --yes -o json")).with_key(&emulator).ends();
    assert!(refused.stderr.contains("CANNOT_CANCEL_AUTOMATED_RESTORE"), "{}", refused.stderr);

    let start = format!("restores start download Cluster0 --snapshot {id} -o json");
    let job = run(&start).with_key(&emulator).ends().json();
    let job = job["id"].as_str().expect("an id");
    let cancelled = run(&format!("restores cancel Cluster0 {job} --yes -o json")).with_key(&emulator).prints();
    assert_eq!(serde_json::from_str::<Value>(&cancelled).expect("JSON")["cancelled"], json!(true));
    let waited = run(&format!("restores watch {job} --clusterName Cluster0")).with_key(&emulator).ends();
    assert_eq!((waited.code, waited.stdout.as_str()), (Some(5), ""), "{}", waited.stderr);
}

#[test]
fn failed_restore_job_exits_5() {
    const ID: &str = "665255e9257cc6a722feec8a";
    let stub = Stub::start(|_| {
        let job = json!({"id": ID, "deliveryType": "automated", "finishedAt": "2026-01-01T00:00:00Z", "failed": true});
        (200, V2023_01_01, job.to_string())
    });
    let ended = run(&format!("restores wait Cluster0 {ID} --no-auth")).at(&stub.base_url).ends();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(5), ""), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn fetch_extracts_archive_of_every_cluster_kind() {
    let emulator = guarded().time_scale(200.0).start().await.expect("an emulator");
    for (cluster, archives) in [("Cluster0", 1), ("Sharded0", 2), ("Flex0", 1)] {
        let folder = tempfile::tempdir().expect("a folder");
        let id = |run: crate::support::Run, pointer: &str| {
            let document: Value = serde_json::from_str(&run.ends().stdout).expect("JSON");
            document.pointer(pointer).and_then(Value::as_str).expect("an id").to_owned()
        };
        let list = run(&format!("snapshots list {cluster} --limit 1 -o json")).with_key(&emulator);
        let start = format!("restores start download {cluster} --snapshot {} -o json", id(list, "/0/id"));
        let job = id(run(&start).with_key(&emulator), "/id");
        let fetch = run(&format!("restores fetch {cluster} {job} --extract=out -o json")).with_key(&emulator);
        let fetched = fetch.directory(folder.path()).ends();
        let files: Vec<Value> = serde_json::from_str(&fetched.stdout).unwrap_or_else(|_| panic!("{}", fetched.stderr));
        assert_eq!((fetched.code, files.len()), (Some(0), archives), "{}", fetched.stderr);
        for file in &files {
            let path = folder.path().join(file["path"].as_str().expect("a path"));
            assert_eq!(path.metadata().map(|data| data.len()).ok(), file["bytes"].as_u64(), "{cluster}");
        }
        assert!(folder.path().join("out").read_dir().expect("unpacked").next().is_some(), "{cluster}");
        // The archives of a sharded cluster contain the same paths and must not overwrite each other.
        let folders: std::collections::BTreeSet<_> = files.iter().map(|file| file["extracted"].to_string()).collect();
        assert_eq!(folders.len(), archives, "{cluster}: {folders:?}");
    }
}

#[test]
fn point_in_time_accepts_local_and_relative_time() {
    let start = "--emulator restores start point-in-time Cluster0 --target-cluster Cluster0 --dry-run -o json --at";
    let seconds = |text: &str| {
        let ended = run(start).argument(text).env("TZ", "America/New_York").ends();
        assert_eq!(ended.code, Some(0), "{text}: {}", ended.stderr);
        ended.json()["body"]["pointInTimeUTCSeconds"].as_i64().expect("seconds")
    };
    assert_eq!(seconds("2026-01-31T12:00:00Z"), 1_769_860_800);
    assert_eq!(seconds("2026-01-31 07:00"), 1_769_860_800);
    assert_eq!(seconds("2026-01-31T07:00:01"), 1_769_860_801);
    let (one, two) = (seconds("1h ago"), seconds("2h ago"));
    assert!((one - two - 3600).abs() < 60, "{one} {two}");
    // At the end of daylight saving time this hour occurs twice, and at its start it does not occur.
    for text in ["2026-11-01 01:30", "2026-03-08 02:30", "yesterday", "2026-13-01 00:00"] {
        let ended = run(start).argument(text).env("TZ", "America/New_York").ends();
        assert_eq!(ended.code, Some(2), "{text}: {}", ended.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn point_in_time_outside_window_names_the_window() {
    let emulator = guarded().start().await.expect("an emulator");
    let restore = "restores start point-in-time Cluster0 --target-cluster Cluster0 --yes --at 2020-01-01T00:00:00Z";
    let of_collection = "collections restore Cluster0 --at 2020-01-01T00:00:00Z --database shop=copy";
    for command in [restore, of_collection] {
        let ended = run(command).with_key(&emulator).ends();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{}", ended.stderr);
        let window = " to now can be restored (the restore window is 7 days)";
        assert!(ended.stderr.contains("points in time from 2") && ended.stderr.contains(window), "{}", ended.stderr);
    }
}

#[test]
fn latest_and_oldest_stand_for_snapshot_id() {
    let list = run("--emulator snapshots list Cluster0 -o json").json();
    let ids: Vec<_> = list.as_array().expect("a list").iter().map(|one| one["id"].clone()).collect();
    for (word, id) in [("latest", &ids[0]), ("oldest", &ids[ids.len() - 1])] {
        assert_eq!(&run(&format!("--emulator snapshots get Cluster0 {word} -o json")).json()["id"], id);
        let start = format!("--emulator restores start download Cluster0 --snapshot {word} -o json");
        assert_eq!(&run(&start).ends().json()["snapshotId"], id);
    }
    let flex = run("--emulator snapshots get Flex0 latest -o json").json();
    assert_eq!(flex["status"], json!("COMPLETED"));
}

#[test]
fn fallback_snapshot_is_used_only_by_id() {
    let snapshot = |id: &str, kind: &str, day: u32| {
        json!({"id": id, "status": "completed", "snapshotType": kind, "type": "replicaSet",
               "createdAt": format!("2026-01-{day:02}T00:00:00Z")})
    };
    let (old, new) = ("5f3e8e7d9b1c2a0012345678", "5f3e8e7d9b1c2a0012345679");
    let stub = Stub::listing(json!([snapshot(new, "fallback", 2), snapshot(old, "scheduled", 1)]));
    let latest = run("snapshots get Cluster0 latest --no-auth").at(&stub.base_url).ends();
    assert!(!latest.stderr.contains("fallback"), "{}", latest.stderr);
    let stub = Stub::listing(json!([snapshot(new, "fallback", 2)]));
    let none = run("snapshots get Cluster0 latest --no-auth").at(&stub.base_url).ends();
    assert_eq!(none.code, Some(3), "{}", none.stderr);
    assert!(none.stderr.contains("only fallback snapshots (1)"), "{}", none.stderr);
}

#[test]
fn unknown_outcome_of_start_names_list_command() {
    let stub = Stub::start(|line| match line {
        line if line.starts_with("POST") => {
            let body =
                json!({"error": 500, "errorCode": "UNEXPECTED_ERROR", "detail": "An unexpected error.", "reason": "x"});
            (500, "application/json", body.to_string())
        }
        line if line.contains("/clusters/C1") && !line.contains("/backup/") => {
            let cluster =
                json!({"name": "C1", "clusterType": "REPLICASET", "stateName": "IDLE", "backupEnabled": true});
            (200, "application/vnd.atlas.2024-08-05+json", cluster.to_string())
        }
        _ => {
            let body = json!({"error": 404, "errorCode": "RESOURCE_NOT_FOUND", "detail": "no route", "reason": "x"});
            (404, "application/json", body.to_string())
        }
    });
    let snapshot = "--snapshot 6b0dba1461746c6173000001";
    for (start, list) in [
        (format!("restores start automated C1 {snapshot} --target-cluster C1 --yes"), "restores list C1"),
        (
            "restores start point-in-time C1 --at 2026-01-31T12:00:00Z --target-cluster C1 --yes".into(),
            "restores list C1",
        ),
        (format!("restores start download C1 {snapshot}"), "restores list C1"),
        (format!("collections restore C1 {snapshot} --database shop=copy"), "collections list C1"),
        (format!("exports create C1 {snapshot} --bucket 6b0dba1461746c6173000002"), "exports list C1"),
        ("snapshots take C1".into(), "snapshots list C1"),
    ] {
        let ended = run(&format!("{start} --no-auth")).at(&stub.base_url).ends();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{start}: {}", ended.stderr);
        let hint = format!("{list}` shows whether it was started");
        assert!(ended.stderr.contains("may have been carried out") && ended.stderr.contains(&hint), "{}", ended.stderr);
        assert!(!ended.stderr.contains("try again later"), "{}", ended.stderr);
    }
}

#[test]
fn address_outside_access_list_is_not_a_missing_role() {
    for (code, detail, reported) in [
        ("IP_ADDRESS_NOT_ON_ACCESS_LIST", "IP address 203.0.113.9 is not allowed.", "add the address 203.0.113.9"),
        ("RESOURCE_REQUIRES_ACCESS_LIST", "This needs an access list.", "API access list"),
    ] {
        let parameters = if code.starts_with("IP") { json!(["203.0.113.9"]) } else { json!([]) };
        let body = json!({"error": 403, "errorCode": code, "detail": detail, "parameters": parameters, "reason": "x"});
        let stub = Stub::start(move |_| (403, "application/json", body.to_string()));
        let ended = run("snapshots list C1 --no-auth").at(&stub.base_url).ends();
        assert_eq!(ended.code, Some(4), "{}", ended.stderr);
        assert!(ended.stderr.contains(reported) && !ended.stderr.contains("role"), "{}", ended.stderr);
    }
}
