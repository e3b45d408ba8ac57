//! The page for people who come from the official command line: what it says can be typed.

use crate::support::{guarded, run};

const PAGE: &str = include_str!("../../../../docs/official-command-line.md");

/// The commands that the page names: what stands in code spans and begins with our name.
fn commands() -> Vec<&'static str> {
    PAGE.split('`').skip(1).step_by(2).filter_map(|span| span.strip_prefix("atlas-backup ")).collect()
}

#[test]
fn every_command_of_the_page_can_be_typed() {
    let commands = commands();
    assert!(commands.len() > 60, "the page was not read: {commands:?}");
    for command in commands {
        // The help of a command is shown only where all that stands before it is known.
        let ended = run(command).argument("--help").ends();
        assert_eq!(ended.code, Some(0), "atlas-backup {command}: {}", ended.stderr);
        assert!(ended.stdout.contains("Usage: atlas-backup"), "atlas-backup {command}");
    }
}

#[test]
fn official_spellings_do_what_ours_do() {
    for (official, ours) in [
        ("snapshots list --clusterName Cluster0", "snapshots list Cluster0"),
        ("exports jobs list --clusterName Cluster0", "exports list Cluster0"),
        ("exports buckets list", "buckets list"),
        ("schedule describe --clusterName Cluster0", "schedule get Cluster0"),
    ] {
        let requests = |command: &str| {
            let ended = run(&format!("--emulator -v {command} -o json")).ends();
            assert_eq!(ended.code, Some(0), "{command}: {}", ended.stderr);
            ended.stderr.matches("atlas_call").count()
        };
        assert_eq!(requests(official), requests(ours), "{official}");
    }
}

#[test]
fn an_id_can_be_named_in_its_place_or_by_a_flag_but_only_once() {
    let id = "ffffffffffffffffffffffff";
    for typed in [
        format!("Cluster0 {id}"),
        format!("{id} --clusterName Cluster0"),
        format!("Cluster0 --snapshotId {id}"),
        format!("--clusterName Cluster0 --snapshotId {id}"),
    ] {
        // It is looked for, and not there.
        let ended = run(&format!("--emulator snapshots describe {typed}")).ends();
        assert_eq!(ended.code, Some(3), "{typed}: {}", ended.stderr);
    }
    for (typed, words) in [
        ("Cluster0".to_owned(), "<ID>"),
        ("--clusterName Cluster0".to_owned(), "<CLUSTER>"),
        (format!("Cluster0 {id} --snapshotId {id}"), "one name too many"),
    ] {
        let ended = run(&format!("--emulator snapshots describe {typed}")).ends();
        assert!(ended.code == Some(2) && ended.stderr.contains(words), "{typed}: {}", ended.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_is_changed_with_the_official_flags() {
    // The demo's schedule keeps the hour at which it was seeded, and a change to what is there already sends nothing.
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
