//! Taking a snapshot and waiting for it: success, failure, timeout, interruption.

use serde_json::json;

use crate::{
    stub::{Stub, V2023_01_01},
    support::{golden, guarded, run},
};

const ID: &str = "665255e9257cc6a722feec8a";

/// A service that takes snapshot [`ID`], which passes through `states` and stays in the last one.
fn snapshot_in(states: &'static [&'static str]) -> Stub {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    Stub::start(move |line| {
        let state = match line.starts_with("GET") && line.contains("/snapshots/") {
            true => states[asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed).min(states.len() - 1)],
            false => "queued",
        };
        (200, V2023_01_01, json!({"id": ID, "status": state, "type": "replicaSet"}).to_string())
    })
}

#[test]
fn snapshot_is_taken_and_awaited() {
    let ended = run("--emulator snapshots take Cluster0 --wait --retention-days 3 --description")
        .argument("before the migration")
        .ends();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    golden!("snapshots_take_wait", ended.stdout);
    golden!("snapshots_take_wait_stderr", ended.stderr);
}

#[test]
fn snapshot_of_sharded_cluster_is_awaited() {
    let ended = run("--emulator snapshots take Sharded0 --wait -o json").ends();
    let document = ended.json();
    assert_eq!((ended.code, &document["status"]), (Some(0), &json!("completed")), "{}", ended.stderr);
    assert_eq!(document["members"].as_array().map(Vec::len), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn take_without_wait_notes_wait_command() {
    let emulator = guarded().start().await.expect("an emulator");
    let ended = run("snapshots create Cluster0 --desc nightly --retention 2 -o json").with_key(&emulator).ends();
    let document = ended.json();
    assert_eq!((ended.code, &document["status"]), (Some(0), &json!("queued")));
    assert_eq!(document["description"], "nightly");
    let id = document["id"].as_str().expect("an id");
    assert_eq!(ended.stderr, format!("note: `atlas-backup snapshots wait Cluster0 {id}` waits for it\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshot_before_the_last_one_is_done_names_the_last_one() {
    let now = "2026-11-22T12:10:00Z".parse().expect("a time");
    let emulator = guarded().stepped_clock_at(now).start().await.expect("an emulator");
    let first = run("snapshots take Cluster0 -o json").with_key(&emulator).json();
    let id = first["id"].as_str().expect("an id");
    let refused = run("snapshots take Cluster0").with_key(&emulator).ends();
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""), "{}", refused.stderr);
    let hint = format!("`atlas-backup snapshots wait Cluster0 {id}` waits for it");
    assert!(refused.stderr.contains("UNFINISHED_ON_DEMAND_SNAPSHOT"), "{}", refused.stderr);
    assert!(refused.stderr.contains(&hint), "{}", refused.stderr);
}

#[test]
fn failed_snapshot_exits_5_and_is_named() {
    let stub = snapshot_in(&["failed"]);
    let ended = run("snapshots take Cluster0 --wait --no-auth").at(&stub.base_url).ends();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(5), ""));
    assert!(ended.stderr.contains(&format!("snapshot {ID} of Cluster0 failed")), "{}", ended.stderr);
}

#[test]
fn timed_out_wait_exits_6_with_resume_command() {
    let stub = snapshot_in(&["queued"]);
    for arguments in [
        "snapshots take Cluster0 --wait --timeout 1s --no-auth",
        "snapshots wait Cluster0 665255e9257cc6a722feec8a --timeout 1s --no-auth",
    ] {
        let ended = run(arguments).at(&stub.base_url).ends();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(6), ""), "{}", ended.stderr);
        let again = format!("`atlas-backup --no-auth snapshots wait Cluster0 {ID}` resumes the wait");
        assert!(ended.stderr.contains(&again), "{}", ended.stderr);
    }
}

#[test]
fn refused_first_poll_fails_wait() {
    for (status, code) in [(403, 4), (404, 3)] {
        let stub = Stub::start(move |line| match line.starts_with("POST") {
            true => (200, V2023_01_01, json!({"id": ID, "status": "queued"}).to_string()),
            false => (status, "application/json", json!({"error": status, "errorCode": null}).to_string()),
        });
        let ended = run("snapshots take Cluster0 --wait --no-auth").at(&stub.base_url).ends();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(code), ""), "{}", ended.stderr);
    }
}

#[test]
fn exit_code_tells_service_trouble_from_timeout_and_failure() {
    for (status, state, code) in [(200, "failed", 5), (200, "queued", 6), (503, "", 1), (502, "", 1), (429, "", 7)] {
        let stub = Stub::start(move |line| match line.starts_with("POST") {
            true => (200, V2023_01_01, json!({"id": ID, "status": "queued"}).to_string()),
            false if status == 200 => (200, V2023_01_01, json!({"id": ID, "status": state}).to_string()),
            false => (status, "text/html", "<html>".to_owned()),
        });
        let ended = run("snapshots take Cluster0 --wait --timeout 1s --no-auth").at(&stub.base_url).ends();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(code), ""), "{status} {state}: {}", ended.stderr);
        if status != 200 {
            let note = format!("note: still waiting for snapshot {ID}: ");
            assert_eq!(ended.stderr.matches(&note).count(), 1, "{}", ended.stderr);
            let again = format!("`atlas-backup --no-auth snapshots wait Cluster0 {ID}` resumes the wait");
            assert!(ended.stderr.contains(&status.to_string()) && ended.stderr.contains(&again), "{}", ended.stderr);
        }
    }
}

#[cfg(unix)]
#[test]
fn interrupted_wait_names_resume_command() {
    use std::process::Command;

    let (waiting, waits) = std::sync::mpsc::channel();
    let stub = Stub::start(move |line| {
        if line.starts_with("GET") {
            waiting.send(()).expect("the test listens");
        }
        (200, V2023_01_01, json!({"id": ID, "status": "queued", "type": "replicaSet"}).to_string())
    });
    let child = run("snapshots take Cluster0 --wait --no-auth").at(&stub.base_url).start();
    waits.recv().expect("it waits");
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130));
    let printed = String::from_utf8(output.stderr).expect("text");
    assert_eq!(
        printed,
        format!(
            "note: waiting for snapshot {ID} of Cluster0\nerror: interrupted; the snapshot continues in Atlas; `atlas-backup --no-auth snapshots wait Cluster0 {ID}` resumes the wait\n"
        )
    );
}
