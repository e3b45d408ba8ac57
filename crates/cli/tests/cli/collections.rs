//! The contents of a snapshot, and restores of single collections.

use serde_json::json;

use crate::support::{first_id, golden, guarded, narrow, run};

#[test]
fn collections_of_missing_database_are_not_found() {
    let id = first_id(run("--emulator snapshots list Cluster0 --limit 1 -o json"));
    let none = run(&format!("--emulator snapshots collections Cluster0 {id} --database no.name")).ends();
    assert_eq!(none.code, Some(3), "{}", none.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn collection_restore_renames_and_reports_status() {
    let emulator = guarded().time_scale(600.0).start().await.expect("an emulator");
    let with = |arguments: &str| run(arguments).with_key(&emulator);
    let id = first_id(with("snapshots list Cluster0 --limit 1 -o json"));
    let wanted = "--collection shop.orders=shop.orders_then --indexes none --wait -o json";
    let restored = with(&format!("collections restore Cluster0 --snapshot {id} {wanted}")).ends();
    let job = restored.json();
    assert_eq!((restored.code, &job["state"]), (Some(0), &json!("SUCCESSFUL")), "{}", restored.stderr);
    assert_eq!((&job["writeStrategy"], &job["indexStrategy"]), (&json!("CREATE_NEW"), &json!("NONE")));
    let job = job["id"].as_str().expect("an id");
    golden!("collections_get", with(&format!("collections get Cluster0 {job}")).prints());
    golden!("collections_status", narrow(&with(&format!("collections status Cluster0 {job}")).prints()));
    let waited = with(&format!("collections wait Cluster0 {job}")).ends();
    golden!("collections_wait", format!("{}{}", waited.stdout, waited.stderr));
}

#[test]
fn collection_restore_fails_for_missing_collection() {
    let id = first_id(run("--emulator snapshots list Cluster0 --limit 1 -o json"));
    let restore = format!("--emulator collections restore Cluster0 --snapshot {id} --collection shop.nothing --wait");
    let ended = run(&restore).ends();
    assert_eq!(ended.code, Some(5), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("Nothing of what was asked for") && ended.stderr.contains("collections status"),
        "{}",
        ended.stderr
    );
}

#[test]
fn collection_restore_needs_source_and_confirms_overwrite() {
    let id = first_id(run("--emulator snapshots list Cluster0 --limit 1 -o json"));
    let restore = "--emulator collections restore Cluster0 --database shop";
    for (arguments, reported) in [
        (String::new(), "missing restore source"),
        (format!("--snapshot {id} --at 2026-01-01T00:00:00Z"), "cannot be used with"),
        (format!("--snapshot {id} --overwrite"), "--target-cluster <NAME>"),
        (format!("--snapshot {id} --target-cluster Cluster0 --overwrite"), "confirmation required"),
    ] {
        let ended = run(&format!("{restore} {arguments}")).ends();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{arguments}");
        assert!(ended.stderr.contains(reported), "{}", ended.stderr);
    }
    assert_eq!(
        run(&format!("{restore} --snapshot {id} --target-cluster Cluster0 --overwrite --yes --wait")).ends().code,
        Some(0)
    );
}
