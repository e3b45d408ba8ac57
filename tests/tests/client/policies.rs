//! Backup policies: what a change sends, and what it must never send.

use atlas_backup::{ErrorKind, NewProject, types::RetentionUnit};
use serde_json::{Value, json};

use super::*;

/// What was sent with a body, method first.
fn changes(recorder: &Recorder) -> Vec<(String, Value)> {
    let requests = recorder.take().into_iter().filter(|r| !r.body.is_empty() && !r.path.ends_with("/token"));
    requests.map(|r| (r.method.to_string(), serde_json::from_slice(&r.body).expect("JSON"))).collect()
}

#[tokio::test]
async fn schedule_update_sends_changed_fields_complete() {
    let (emulator, recorder) = demo().await;
    let schedule = cluster(&client(&emulator, service_account()), "Cluster0").schedule();
    let before = schedule.get().await.expect("the schedule");
    assert!(before.next_snapshot.is_some() && before.links.is_some());

    let after = schedule.update(|s| s.restore_window_days = Some(3)).await.expect("it is changed");
    assert_eq!(changes(&recorder), [("PATCH".to_owned(), json!({"restoreWindowDays": 3}))]);
    assert_eq!((after.restore_window_days, &after.policies), (Some(3), &before.policies));

    let change = schedule.update(|s| {
        let items = s.policies.as_mut().expect("policies")[0].policy_items.as_mut().expect("items");
        items[0].retention_value = Some(9);
        s.update_snapshots = Some(true);
        s.next_snapshot = None;
        s.links = Some(Vec::new());
    });
    let after = change.await.expect("it is changed");
    let sent = changes(&recorder).pop().expect("a change").1;
    assert_eq!(
        sent.as_object().map(|o| o.keys().collect::<Vec<_>>()).expect("an object"),
        ["policies", "updateSnapshots"]
    );
    let items = before.policies.as_ref().expect("policies")[0].policy_items.as_ref().expect("items").len();
    assert_eq!(sent["policies"][0]["policyItems"].as_array().map(Vec::len), Some(items));
    let changed = &after.policies.as_ref().expect("policies")[0].policy_items.as_ref().expect("items")[0];
    assert_eq!(changed.retention_value, Some(9));
}

#[tokio::test]
async fn deleted_schedule_has_no_policies_and_accepts_yearly_ones() {
    let (emulator, _) = demo().await;
    let schedule = cluster(&client(&emulator, api_key()), "Cluster0").schedule();
    let items = schedule.get().await.expect("the schedule").policies.clone();
    let yearly = |unit: &RetentionUnit| unit.as_str() == "years";
    let mut units = items.iter().flatten().flat_map(|p| p.policy_items.iter().flatten());
    assert!(units.any(|i| i.retention_unit.as_ref().is_some_and(yearly)), "the usual schedule keeps some for years");
    let left = schedule.delete().await.expect("it is deleted");
    assert!(left.policies.iter().flatten().all(|p| p.policy_items.as_ref().is_none_or(Vec::is_empty)), "{left:?}");
    let mut new = items.clone();
    for policy in new.iter_mut().flatten() {
        policy.id = None;
        policy.policy_items.iter_mut().flatten().for_each(|item| item.id = None);
    }
    let restored = schedule.update(|s| s.policies = new).await.expect("it is set again");
    let count = |policies: &Option<Vec<_>>| {
        let all = policies.iter().flatten();
        all.flat_map(|p: &atlas_backup::types::DiskBackupSnapshotSchedulePolicy| p.policy_items.iter().flatten())
            .count()
    };
    assert_eq!(count(&restored.policies), count(&items));
}

fn first_policy(policy: &mut atlas_backup::types::DataProtectionSettings) {
    policy.authorized_email = Some("a@example.com".to_owned());
    policy.authorized_user_first_name = Some("Ada".to_owned());
    policy.authorized_user_last_name = Some("Byron".to_owned());
    policy.restore_window_days = Some(2);
}

#[tokio::test]
async fn compliance_policy_is_set_awaited_and_replaced() {
    let (emulator, recorder) = started(demo_builder().stepped_clock()).await;
    let policy = project(&client(&emulator, service_account())).compliance_policy();
    assert_eq!(policy.get().await.expect("an empty document").state, None);
    let none = policy.wait().await.expect_err("there is none");
    assert_eq!(none.kind(), ErrorKind::Failed);

    policy.update(first_policy).await.expect("it is set");
    let early = policy.update(|p| p.pit_enabled = Some(true)).await.expect_err("one change at a time");
    assert_eq!(early.kind(), ErrorKind::BadRequest);
    let wait = policy.wait().interval(Duration::from_millis(5)).timeout(Duration::from_millis(500));
    let pending = wait.await.expect_err("time stands still");
    assert_eq!(
        (pending.kind(), pending.document().map(|d| &d["state"])),
        (ErrorKind::Timeout, Some(&"ENABLING".into()))
    );
    emulator.clock().advance(Duration::from_secs(60));
    assert_eq!(policy.wait().await.expect("it is active").authorized_user_last_name.as_deref(), Some("Byron"));
    drop(changes(&recorder));

    let same = policy.update(|p| p.updated_user = None).await.expect("the policy");
    assert_eq!((same.restore_window_days, changes(&recorder)), (Some(2), vec![]));
    policy.update(|p| p.pit_enabled = Some(true)).await.expect("it is changed");
    let (method, sent) = changes(&recorder).pop().expect("a change");
    assert_eq!(method, "PUT");
    let kept =
        [("authorizedEmail", json!("a@example.com")), ("restoreWindowDays", json!(2)), ("pitEnabled", json!(true))];
    for (name, value) in kept {
        assert_eq!(sent[name], value, "{name}");
    }
    for name in ["deletable", "state", "updatedDate", "updatedUser"] {
        assert!(sent.get(name).is_none(), "{name} is the service's own");
    }
}

#[tokio::test]
async fn compliance_policy_overwrites_schedules_by_default() {
    let (emulator, recorder) = started(demo_builder().stepped_clock()).await;
    let policy = project(&client(&emulator, api_key())).compliance_policy();
    let queries = || -> Vec<_> {
        recorder.take().into_iter().filter(|r| r.method == "PUT" && r.status == 200).map(|r| r.query).collect()
    };
    policy.update(first_policy).await.expect("it is set");
    assert_eq!(queries(), [None]);
    emulator.clock().advance(Duration::from_secs(60));
    policy.update_without_overwriting(|p| p.pit_enabled = Some(true)).await.expect("it is changed");
    assert_eq!(queries(), [Some("overwriteBackupPolicies=false".to_owned())]);
}

#[tokio::test]
async fn unused_compliance_policy_is_disabled_and_awaited() {
    let (emulator, _) = hurried().await;
    let atlas = client(&emulator, api_key());
    let organization = atlas.organizations().list().all().await.expect("organizations").remove(0).id;
    let empty = atlas.projects().create(NewProject::new("empty", &organization).expect("an id")).await;
    let empty = atlas.project(&empty.expect("a project").id).expect("an id").compliance_policy();
    for (policy, protects) in [(project(&atlas).compliance_policy(), true), (empty, false)] {
        policy.update(first_policy).await.expect("it is set");
        brief(policy.wait()).await.expect("it is active");
        match policy.disable().await {
            Err(refused) => assert!(protects && refused.kind() == ErrorKind::BadRequest, "{refused}"),
            Ok(_) => {
                assert!(!protects);
                assert_eq!(brief(policy.wait_disabled()).await.expect("it has ended").state, None);
                assert_eq!(brief(policy.wait()).await.expect_err("there is none").kind(), ErrorKind::Failed);
            }
        }
    }
}
