//! The page about the official command line: every command on it parses and sends the same requests.

use atlas_backup_emulator::Recorder;

use crate::{
    demo::Demo,
    support::{guarded, run},
};

const PAGE: &str = include_str!("../../../../docs/official-command-line.md");

/// The commands on the page: code spans that begin with `atlas-backup`.
fn commands() -> Vec<&'static str> {
    PAGE.split('`').skip(1).step_by(2).filter_map(|span| span.strip_prefix("atlas-backup ")).collect()
}

#[test]
fn every_command_of_official_page_parses() {
    let commands = commands();
    assert!(commands.len() > 60, "too few commands on the page: {commands:?}");
    for command in commands {
        // `--help` is reached only if all arguments before it are valid.
        let ended = run(command).argument("--help").ends();
        assert_eq!(ended.code, Some(0), "atlas-backup {command}: {}", ended.stderr);
        assert!(ended.stdout.contains("Usage: atlas-backup"), "atlas-backup {command}");
    }
}

/// Official commands with our equivalents. Braces hold placeholders for IDs of the demo.
const SAME: &[(&str, &str)] = &[
    ("snapshots list --clusterName Cluster0", "snapshots list Cluster0"),
    ("snapshots describe {snapshot} --clusterName Cluster0", "snapshots get Cluster0 {snapshot}"),
    (
        "snapshots create Cluster0 --desc before --retention 3",
        "snapshots take Cluster0 --description before --retention-days 3",
    ),
    ("snapshots delete {snapshot} --clusterName Cluster0 --force", "snapshots delete Cluster0 {snapshot} --yes"),
    ("snapshots watch {snapshot} --clusterName Cluster0", "snapshots wait Cluster0 {snapshot}"),
    // A dry run, because no archive gets ready while the clock stands still.
    (
        "snapshots download {flex} --clusterName Flex0 --out a.tar.gz --dry-run",
        "snapshots download Flex0 {flex} --to a.tar.gz --dry-run",
    ),
    (
        "restores start automated --clusterName Cluster0 --snapshotId {snapshot} --targetClusterName Sharded0 \
         --targetProjectId {project} --force",
        "restores start automated Cluster0 --snapshot {snapshot} --target-cluster Sharded0 --yes",
    ),
    (
        "restores start pointInTime --clusterName Cluster0 --targetClusterName Cluster0 \
         --pointInTimeUTCSeconds 1795262400 --force",
        "restores start point-in-time Cluster0 --target-cluster Cluster0 --at 2026-11-21T12:00:00Z --yes",
    ),
    (
        "restores start pointInTime --clusterName Cluster0 --targetClusterName Cluster0 --oplogTs 1795262400 \
         --oplogInc 1 --force",
        "restores start point-in-time Cluster0 --target-cluster Cluster0 --oplog-ts 1795262400 --oplog-inc 1 --yes",
    ),
    (
        "restores start download --clusterName Cluster0 --snapshotId {snapshot}",
        "restores start download Cluster0 --snapshot {snapshot}",
    ),
    ("restores list Cluster0", "restores list Cluster0"),
    ("restores list --clusterName Flex0", "restores list Flex0"),
    ("restores describe {restore} --clusterName Cluster0", "restores get Cluster0 {restore}"),
    ("restores watch {restore} --clusterName Cluster0", "restores wait Cluster0 {restore}"),
    ("exports buckets list", "buckets list"),
    ("exports buckets describe --bucketId {bucket}", "buckets get {bucket}"),
    (
        "exports buckets create ours --cloudProvider AWS --iamRoleId 32b6e34b3d91647abb20e7b8",
        "buckets create ours --role 32b6e34b3d91647abb20e7b8",
    ),
    ("exports buckets delete --bucketId {bucket} --force", "buckets delete {bucket} --yes"),
    (
        "exports jobs create --clusterName Cluster0 --snapshotId {snapshot} --bucketId {bucket} --customData a=b,c=d",
        "exports create Cluster0 --snapshot {snapshot} --bucket {bucket} --label a=b --label c=d",
    ),
    ("exports jobs list --clusterName Cluster0", "exports list Cluster0"),
    ("exports jobs describe --clusterName Cluster0 --exportId {export}", "exports get Cluster0 {export}"),
    ("exports jobs watch {export} --clusterName Cluster0", "exports wait Cluster0 {export}"),
    ("schedule describe --clusterName Cluster0", "schedule get Cluster0"),
    (
        "schedule update --clusterName Cluster0 --referenceHourOfDay 3 --referenceMinuteOfHour 30 \
         --restoreWindowDays 3 --updateSnapshots --force",
        "schedule set Cluster0 --at 03:30 --restore-window 3 --update-snapshots --yes",
    ),
    (
        "schedule update --clusterName Cluster0 --autoExport --exportBucketId {bucket} --exportFrequencyType monthly \
         --noUseOrgAndGroupNamesInExportPrefix",
        "schedule set Cluster0 --auto-export true --export-bucket {bucket} --export-frequency monthly \
         --names-in-prefix false",
    ),
    (
        "schedule update --clusterName Cluster0 --policy {policy},{monthly},monthly,40,years,1 \
         --policy {policy},{weekly},weekly,2,weeks,27",
        "schedule set Cluster0 --monthly 40:1y --weekly 2:27w",
    ),
    ("schedule delete --clusterName Cluster0 --force", "schedule delete Cluster0 --yes"),
    // The official command line takes the singular of a noun, and words without capitals.
    ("snapshot ls Cluster0", "snapshots list Cluster0"),
    ("restore describe {restore} --clusterName Cluster0", "restores get Cluster0 {restore}"),
    ("export job list --clusterName Cluster0", "exports list Cluster0"),
    ("export bucket describe --bucketId {bucket}", "buckets get {bucket}"),
    ("compliancepolicy copyprotection enable --force", "compliance set --copy-protection true --yes"),
    (
        "compliancepolicy pointintimerestores enable --restoreWindowDays 2 --force",
        "compliance set --point-in-time true --restore-window 2 --yes",
    ),
    (
        "compliancepolicy policies ondemand update --retentionUnit weeks --retentionValue 2 --force",
        "compliance set --on-demand 2w --yes",
    ),
    ("compliancePolicy describe", "compliance get"),
    (
        "compliancePolicy enable --authorizedEmail a@example.com --authorizedUserFirstName A \
         --authorizedUserLastName B --force",
        "compliance set --authorized-email a@example.com --first-name A --last-name B --yes",
    ),
    ("compliancePolicy setup -f - --force", "compliance set --file - --yes"),
    ("compliancePolicy copyProtection enable --force", "compliance set --copy-protection true --yes"),
    ("compliancePolicy copyProtection disable --force", "compliance set --copy-protection false --yes"),
    ("compliancePolicy encryptionAtRest enable --force", "compliance set --encryption-at-rest true --yes"),
    ("compliancePolicy encryptionAtRest disable --force", "compliance set --encryption-at-rest false --yes"),
    (
        "compliancePolicy pointInTimeRestores enable --restoreWindowDays 2 --force",
        "compliance set --point-in-time true --restore-window 2 --yes",
    ),
    ("compliancePolicy policies describe", "compliance get"),
    ("compliancePolicy policies scheduled describe", "compliance get"),
    (
        "compliancePolicy policies scheduled create --frequencyType weekly --frequencyInterval 1 \
         --retentionUnit months --retentionValue 2 --force",
        "compliance set --weekly 1:2m --yes",
    ),
    ("compliancePolicy policies ondemand describe", "compliance get"),
    (
        "compliancePolicy policies ondemand create --retentionUnit weeks --retentionValue 2 --force",
        "compliance set --on-demand 2w --yes",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn official_spelling_sends_same_requests() {
    let recorder = Recorder::default();
    let demo = Demo::start(&recorder).await;
    for (official, ours) in SAME {
        let state = match official.to_lowercase().starts_with("compliancepolicy") {
            true if official.contains(" disable ") => &demo.all_on,
            true => &demo.with_policy,
            false => &demo.bare,
        };
        let mut sent = Vec::new();
        for command in [official, ours] {
            demo.enter(state).await;
            drop(recorder.take());
            let ended = demo.call(&format!("{command} -o json"));
            // Clusters without customer keys stand in the way of a policy that requires them.
            let refused = official.starts_with("compliancePolicy encryptionAtRest enable");
            assert_eq!(ended.code, Some(i32::from(refused)), "{command}: {}", ended.stderr);
            let requests = recorder.take().into_iter().map(|request| {
                let body = String::from_utf8(request.body.to_vec()).expect("UTF-8");
                (request.method.to_string(), request.path, request.query, body)
            });
            let unsent = official.contains("--dry-run").then_some(ended.stdout);
            sent.push((requests.collect::<Vec<_>>(), unsent));
        }
        let reads = ["list", "ls", "describe", "watch", "--dry-run"]
            .iter()
            .any(|verb| official.split(' ').any(|word| word == *verb));
        assert_eq!(sent[0].0.iter().all(|(method, ..)| method == "GET"), reads, "{official}: {:?}", sent[0]);
        assert_eq!(sent[0], sent[1], "{official}");
    }
}

#[test]
fn official_page_compares_every_row() {
    let rows = PAGE.lines().filter(|line| line.starts_with("| `"));
    let named = rows.flat_map(|row| {
        let cell = row.split('|').nth(1).unwrap_or_default();
        cell.split('`').skip(1).step_by(2)
    });
    let named: Vec<_> = named.filter(|name| *name != "api").collect();
    assert!(named.len() > 35, "the page was not read: {named:?}");
    for name in named {
        let held = |(official, _): &(&str, &str)| {
            official.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        };
        assert!(SAME.iter().any(held), "{name} is in no row");
    }
}

#[test]
fn id_is_positional_or_flag_but_not_both() {
    let id = "ffffffffffffffffffffffff";
    for typed in [
        format!("Cluster0 {id}"),
        format!("{id} --clusterName Cluster0"),
        format!("Cluster0 --snapshotId {id}"),
        format!("--clusterName Cluster0 --snapshotId {id}"),
    ] {
        // The snapshot does not exist.
        let ended = run(&format!("--emulator snapshots describe {typed}")).ends();
        assert_eq!(ended.code, Some(3), "{typed}: {}", ended.stderr);
    }
    for (typed, words) in [
        ("Cluster0".to_owned(), "<ID>"),
        ("--clusterName Cluster0".to_owned(), "<CLUSTER>"),
        (format!("Cluster0 {id} --snapshotId {id}"), "unexpected argument"),
    ] {
        let ended = run(&format!("--emulator snapshots describe {typed}")).ends();
        assert!(ended.code == Some(2) && ended.stderr.contains(words), "{typed}: {}", ended.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn schedule_set_accepts_official_flags() {
    // The schedule of the demo keeps the hour of its seed, and a change to the same value sends nothing.
    let noon = "2026-11-22T12:10:00Z".parse().expect("a time");
    let emulator = guarded().stepped_clock_at(noon).start().await.expect("an emulator");
    let body = |flags: &str| -> serde_json::Value {
        let set = format!("--dry-run schedule update --clusterName Cluster0 -o json {flags}");
        let ended = run(&set).with_key(&emulator).ends();
        assert_eq!(ended.code, Some(0), "{flags}: {}", ended.stderr);
        serde_json::from_str::<serde_json::Value>(&ended.stdout).expect("JSON")["body"].clone()
    };
    let (hour, minute) = ("--referenceHourOfDay 7", "--referenceMinuteOfHour 45");
    assert_eq!(
        body(&format!("{hour} {minute}")),
        serde_json::json!({"referenceHourOfDay": 7, "referenceMinuteOfHour": 45})
    );
    assert_eq!(body(&format!("--referenceHourOfDay 11 {minute}")), serde_json::json!({"referenceMinuteOfHour": 45}));
}

#[test]
fn contradictory_official_flags_are_rejected() {
    let update = "--emulator schedule update --clusterName Cluster0";
    for (flags, reported) in [
        ("--autoExport --noAutoExport", "cannot be used with"),
        ("--auto-export false --autoExport", "cannot be used with"),
        ("--updateSnapshots --noUpdateSnapshots", "cannot be used with"),
        ("--exportFrequencyType sometimes", "invalid frequency \"sometimes\""),
        ("--policy one,two,daily,1,days", "expected POLICY,ITEM"),
        ("--policy one,two,daily,1,days,3", "unknown item two of policy one"),
    ] {
        let ended = run(&format!("{update} {flags}")).ends();
        assert!(ended.code == Some(2) && ended.stderr.contains(reported), "{flags}: {}", ended.stderr);
    }
}

#[test]
fn official_page_tells_how_scripts_read_lists() {
    let list = "--emulator snapshots list Cluster0";
    let query = |filter: &str| run(list).argument("--query").argument(filter);
    let plain = run(&format!("{list} -o json")).json();
    let ids = plain.as_array().expect("an array");
    for filter in ["{results: ., totalCount: length}", ".[200:300]"] {
        assert!(PAGE.contains(filter), "{filter}");
    }
    let envelope = query("{results: ., totalCount: length}").json();
    assert_eq!((&envelope["results"][0]["id"], &envelope["totalCount"]), (&ids[0]["id"], &ids.len().into()));
    assert_eq!(query("length").json(), ids.len());
    assert_eq!(query(".[100:102]").json().as_array().map(Vec::len), Some(2));
    // A flag that is not accepted fails before anything is sent.
    for flags in ["--page 2", "--omitCount", "--watchTimeout 5", "-o json-path=$.results", "-o go-template=x"] {
        let ended = run(&format!("{list} {flags}")).ends();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{flags}: {}", ended.stderr);
    }
}
