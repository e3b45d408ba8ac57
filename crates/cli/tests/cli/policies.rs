//! Commands that change backups: retention, deletion, schedules, compliance policies, export buckets.

use atlas_backup_emulator::{Emulator, Recorder};
use serde_json::{Value, json};

use crate::support::{guarded, run};

async fn emulator(recorder: &Recorder) -> Emulator {
    guarded().recorder(recorder).start().await.expect("an emulator")
}

/// The bodies of successful changing requests.
fn sent(recorder: &Recorder) -> Vec<Value> {
    let changes = recorder.take().into_iter().filter(|request| request.method != "GET" && request.status.is_success());
    changes.map(|request| serde_json::from_slice(&request.body).unwrap_or_default()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn retain_confirms_only_shorter_retention() {
    let emulator = emulator(&Recorder::default()).await;
    let list = run("snapshots list Cluster0 --limit 1 -o json").with_key(&emulator).json();
    let id = list[0]["id"].as_str().expect("an id");
    let longer = run(&format!("snapshots retain Cluster0 {id} --for 3y -o json")).with_key(&emulator).json();
    assert!(longer["expiresAt"].as_str() > list[0]["expiresAt"].as_str(), "{longer}");
    let shorter = format!("snapshots retain Cluster0 {id} --for 1d");
    assert_eq!(run(&shorter).with_key(&emulator).ends().code, Some(2));
    run(&format!("{shorter} --yes -o json")).with_key(&emulator).json();
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshot_delete_needs_confirmation() {
    let recorder = Recorder::default();
    let emulator = emulator(&recorder).await;
    for cluster in ["Cluster0", "Sharded0"] {
        let list = run(&format!("snapshots list {cluster} --limit 1 -o json")).with_key(&emulator).json();
        let delete = format!("snapshots delete {cluster} {}", list[0]["id"].as_str().expect("an id"));
        let asked = run(&delete).with_key(&emulator).ends();
        assert_eq!(asked.code, Some(2), "{}", asked.stderr);
        assert!(sent(&recorder).is_empty(), "nothing is deleted yet");
        let deleted = run(&format!("{delete} --force")).with_key(&emulator).ends();
        assert_eq!((deleted.code, deleted.stdout.as_str()), (Some(0), ""), "{}", deleted.stderr);
        assert_eq!(run(&delete).with_key(&emulator).ends().code, Some(3), "it is gone");
        assert_eq!(sent(&recorder).len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn schedule_set_sends_only_changed_fields() {
    let recorder = Recorder::default();
    let emulator = emulator(&recorder).await;
    let set = |flags: &str| run(&format!("schedule set Cluster0 {flags} --yes -o json")).with_key(&emulator);
    let changed = set("--restore-window 3 --at 04:30").json();
    assert_eq!((&changed["restoreWindowDays"], &changed["referenceMinuteOfHour"]), (&json!(3), &json!(30)));
    let bodies = sent(&recorder);
    let names: Vec<_> = bodies[0].as_object().expect("fields").keys().cloned().collect();
    assert_eq!(names, ["referenceHourOfDay", "referenceMinuteOfHour", "restoreWindowDays"]);

    let items = set("--yearly 12:3years --weekly none").json()["policies"][0]["policyItems"].clone();
    let of = |frequency: &str| items.as_array().into_iter().flatten().find(|item| item["frequencyType"] == frequency);
    assert_eq!(of("weekly"), None);
    let yearly = of("yearly").expect("an item");
    assert_eq!((&yearly["retentionValue"], &yearly["retentionUnit"]), (&json!(3), &json!("years")));
    assert_eq!(sent(&recorder)[0].as_object().map(serde_json::Map::len), Some(1), "policies alone");

    let same = set("--restore-window 3").ends();
    assert_eq!((same.code, same.stderr.as_str()), (Some(0), "note: no changes\n"));
    assert!(sent(&recorder).is_empty(), "nothing is different");
}

#[tokio::test(flavor = "multi_thread")]
async fn schedule_set_reads_file_and_rejects_unknown_field() {
    let recorder = Recorder::default();
    let emulator = emulator(&recorder).await;
    let set = |input: &str| run("schedule set Cluster0 --file - --yes -o json").with_key(&emulator).input(input);
    assert_eq!(set(r#"{"restoreWindowDays": 5}"#).json()["restoreWindowDays"], json!(5));
    assert_eq!(sent(&recorder), [json!({"restoreWindowDays": 5})]);
    for (input, reported) in [
        (r#"{"restoreWindowDay": 5}"#, "cannot set restoreWindowDay: unknown field"),
        (r#"{"restoreWindowDays": "5"}"#, "cannot set restoreWindowDays: invalid type"),
        ("[]", "cannot read standard input: expected a JSON object"),
    ] {
        let refused = set(input).ends();
        assert_eq!(refused.code, Some(2), "{}", refused.stderr);
        assert!(refused.stderr.contains(reported), "{}", refused.stderr);
    }
    assert!(sent(&recorder).is_empty());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn schedule_edit_keeps_text_on_error() {
    let recorder = Recorder::default();
    let emulator = emulator(&recorder).await;
    let edit = |script: &str| {
        let run = run("schedule set Cluster0 --edit --yes -o json").with_key(&emulator);
        run.env("EDITOR", script).env("PATH", &std::env::var("PATH").unwrap_or_default())
    };
    let folder = tempfile::tempdir().expect("a folder");
    let changed = edit("sed -i 's/\"restoreWindowDays\": [0-9]*/\"restoreWindowDays\": 2/'").json();
    assert_eq!(changed["restoreWindowDays"], json!(2));
    // The editor gets no credentials.
    let spied = edit("env >spied; true").directory(folder.path()).ends();
    assert_eq!(spied.code, Some(0), "{}", spied.stderr);
    let spied = std::fs::read_to_string(folder.path().join("spied")).expect("the environment");
    assert!(spied.contains("EDITOR=") && !spied.contains("MONGODB_ATLAS_"), "{spied}");
    assert_eq!(sent(&recorder), [json!({"restoreWindowDays": 2})]);
    assert_eq!(edit("true").ends().code, Some(0));
    let broken = edit("sed -i s/{/broken/").ends();
    assert_eq!(broken.code, Some(2));
    let kept = broken.stderr.split("--file ").nth(1).and_then(|rest| rest.split('`').next()).expect("a path");
    assert!(std::fs::read_to_string(kept).expect("it is kept").starts_with("broken"), "{kept}");
    std::fs::remove_file(kept).expect("removed");
    assert_eq!(edit("false").ends().code, Some(2));
    assert!(sent(&recorder).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn compliance_set_needs_confirmation_and_waits() {
    let recorder = Recorder::default();
    let emulator = guarded().recorder(&recorder).time_scale(100.0).start().await.expect("an emulator");
    let set = "compliance set --authorized-email a@example.com --first-name A --last-name B --daily 1:7d \
               --point-in-time false --copy-protection false --encryption-at-rest false -o json";
    let asked = run(set).with_key(&emulator).ends();
    assert_eq!(asked.code, Some(2));
    for change in ["none -> every day, kept for 7 days", "authorizedEmail: none -> a@example.com", "are overwritten"] {
        assert!(asked.stderr.contains(change), "{change}: {}", asked.stderr);
    }
    assert!(sent(&recorder).is_empty());
    let ended = run(&format!("{set} --yes --wait")).with_key(&emulator).ends();
    let policy = ended.json();
    assert_eq!((&policy["state"], &policy["authorizedEmail"]), (&json!("ACTIVE"), &json!("a@example.com")));
    assert!(run("compliance get").with_key(&emulator).prints().contains("every day, kept for 7 days"));
    let asked = run("compliance set --daily 1:8d").with_key(&emulator).ends();
    let change = "every day, kept for 7 days -> every day, kept for 8 days";
    assert!(asked.code == Some(2) && asked.stderr.contains(change), "{}", asked.stderr);
    assert!(!asked.stderr.contains("authorizedEmail"), "{}", asked.stderr);
}

#[test]
fn missing_compliance_policy_is_noted() {
    let ended = run("--emulator compliance get").ends();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), "note: the project has no compliance policy\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn export_bucket_is_created_shown_and_deleted() {
    let emulator = emulator(&Recorder::default()).await;
    let role = "32b6e34b3d91647abb20e7b8";
    let create = format!("buckets create our-backups --role {role} -o json");
    let bucket = run(&create).with_key(&emulator).json();
    let id = bucket["_id"].as_str().expect("an id");
    assert!(run("exports buckets list").with_key(&emulator).prints().contains("our-backups"));
    let delete = format!("buckets delete --bucketId {id}");
    assert_eq!(run(&delete).with_key(&emulator).ends().code, Some(2), "not confirmed");
    assert_eq!(run(&format!("{delete} -y")).with_key(&emulator).ends().code, Some(0));
    assert_eq!(run(&delete).with_key(&emulator).ends().code, Some(3));
    let azure = run(&format!("buckets create container --provider AZURE --role {role}")).with_key(&emulator).ends();
    assert_eq!(azure.code, Some(2), "no storage account: {}", azure.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn export_is_created_with_labels_and_awaited() {
    let recorder = Recorder::default();
    let emulator = guarded().recorder(&recorder).time_scale(100.0).start().await.expect("an emulator");
    let bucket = run("buckets list -o json").with_key(&emulator).json()[0]["_id"].as_str().expect("an id").to_owned();
    let list = run("snapshots list Cluster0 --limit 1 -o json").with_key(&emulator).json();
    let snapshot = list[0]["id"].as_str().expect("an id");
    let create = format!(
        "exports jobs create --clusterName Cluster0 --bucketId {bucket} --snapshotId {snapshot} \
         --label ticket=42 --wait -o json"
    );
    let ended = run(&create).with_key(&emulator).ends();
    let export = ended.json();
    assert_eq!((ended.code, &export["state"]), (Some(0), &json!("Successful")));
    assert_eq!(sent(&recorder)[0]["customData"], json!([{"key": "ticket", "value": "42"}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn schedule_change_counts_lost_snapshots_and_asks() {
    let recorder = Recorder::default();
    let emulator = emulator(&recorder).await;
    let set = |flags: &str| run(&format!("schedule set Cluster0 {flags}")).with_key(&emulator).ends();
    for (flags, lost) in [
        ("--daily 1:7d --update-snapshots", "kept for 90 days -> every day, kept for 7 days; "),
        ("--daily 1:7d --update-snapshots", " snapshots expire earlier, "),
        ("--daily 1:7d", "kept for 7 days; existing snapshots keep their expiry"),
        ("--weekly none", "weekly on Saturday, kept for 26 weeks -> none; existing snapshots keep their expiry"),
        ("--restore-window 1", "restore window of 7 days -> 1 days"),
    ] {
        let asked = set(flags);
        assert_eq!((asked.code, asked.stdout.as_str()), (Some(2), ""), "{flags}: {}", asked.stderr);
        assert!(asked.stderr.contains(lost) && asked.stderr.contains("`--yes`"), "{flags}: {}", asked.stderr);
        let dry = set(&format!("{flags} --dry-run"));
        assert!(dry.code == Some(0) && dry.stderr.contains(lost), "{flags}: {}", dry.stderr);
    }
    let none = set("--update-snapshots");
    assert_eq!(none.code, Some(2), "{}", none.stderr);
    assert!(none.stderr.contains("missing change"), "{}", none.stderr);
    assert!(sent(&recorder).is_empty(), "nothing was sent");
    // A longer retention loses nothing.
    assert_eq!(set("--yearly 12:2y --update-snapshots").code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn schedule_set_accepts_every_export_frequency() {
    let recorder = Recorder::default();
    let emulator = emulator(&recorder).await;
    let buckets = run("buckets list -o json").with_key(&emulator).json();
    let bucket = buckets[0]["_id"].as_str().expect("a bucket");
    // The service offers daily exports on request only, so the emulator refuses them.
    for frequency in ["weekly", "monthly", "yearly"] {
        let set =
            format!("schedule set Cluster0 --auto-export true --export-bucket {bucket} --export-frequency {frequency}");
        let schedule = run(&format!("{set} -o json")).with_key(&emulator).json();
        assert_eq!(schedule["export"]["frequencyType"], frequency);
    }
    let daily = format!("schedule set Cluster0 --auto-export true --export-bucket {bucket} --export-frequency daily");
    let sent = run(&format!("{daily} --dry-run -o json")).with_key(&emulator).ends();
    assert_eq!(
        (sent.code, &sent.json()["body"]["export"]["frequencyType"]),
        (Some(0), &json!("daily")),
        "{}",
        sent.stderr
    );
}
