use std::collections::BTreeSet;

use atlas_backup::{ClusterKind, JobState};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use clap::Parser;

use super::{
    evaluate,
    table::{self, RULES},
    versions::day,
};
use crate::{
    app::tree::Cli,
    audit::{
        backups::{ClusterBackups, JobSummary, SnapshotSummary, VersionNotice},
        criteria::Criteria,
        policy::Policy,
        schedule::{ComplianceSummary, CopyRegion, CopySelection, Item, ScheduleSummary},
    },
    ui::hints::Invocation,
};

const PROJECT: &str = "32b6e34b3d91647abb20e7b8";
const ID: &str = "664858b561b103615fb1940e";
const REGION: &str = "US_WEST_2";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
}

fn ago(hours: i64) -> Option<DateTime<Utc>> {
    Some(now() - TimeDelta::hours(hours))
}

fn snapshot(state: JobState, hours: i64) -> SnapshotSummary {
    let expires = Some(now() + TimeDelta::days(8) - TimeDelta::hours(hours));
    SnapshotSummary {
        id: ID.into(),
        state,
        at: ago(hours),
        frequency: "hourly".into(),
        bytes: 1,
        expires,
        regions: vec![REGION.into()],
        fallback: false,
    }
}

fn item(frequency: &str, interval: i64, days: i64) -> Item {
    Item { frequency: frequency.into(), interval, days }
}

fn copied(which: CopySelection) -> CopyRegion {
    CopyRegion { region: REGION.into(), which }
}

/// A cluster without problems.
fn sound() -> ClusterBackups {
    ClusterBackups {
        project: PROJECT.into(),
        cluster: "Cluster0".into(),
        kind: ClusterKind::ReplicaSet,
        created: ago(10_000),
        paused: false,
        backup: Some(true),
        point_in_time: Some(true),
        snapshots: Some((0..40).map(|n| snapshot(JobState::Succeeded, 1 + n * 6)).collect()),
        schedule: Some(ScheduleSummary {
            items: vec![item("hourly", 6, 7), item("daily", 1, 30)],
            window_days: Some(7),
            copies: vec![copied(CopySelection::Of(vec![("hourly".into(), None)]))],
        }),
        restores: Vec::new(),
        exports: Vec::new(),
        unread: Vec::new(),
    }
}

fn policy() -> Policy {
    Policy {
        retention_days: [("daily".to_owned(), 30)].into(),
        copy_regions: vec!["US_WEST_2".into()],
        point_in_time_days: Some(7),
        ..Policy::default()
    }
}

fn compliance() -> ComplianceSummary {
    ComplianceSummary { items: vec![item("hourly", 6, 7), item("daily", 1, 30)], window_days: Some(7) }
}

fn criteria(now: DateTime<Utc>, policy: Policy) -> Criteria {
    Criteria { now, rpo: TimeDelta::hours(24), policy, invocation: Invocation::default() }
}

/// The findings after a change to the healthy cluster. Every fix must be a valid command.
fn broken(
    change: impl FnOnce(&mut ClusterBackups, &mut Policy, &mut Option<ComplianceSummary>),
) -> Vec<(String, String)> {
    let (mut backups, mut policy, mut compliance) = (sound(), policy(), Some(compliance()));
    change(&mut backups, &mut policy, &mut compliance);
    let criteria = criteria(now(), policy);
    let mut findings = evaluate::cluster(&backups, compliance.as_ref(), &criteria);
    findings.extend(evaluate::project(&backups.project, compliance.as_ref(), &criteria));
    for finding in &findings {
        let command = finding.fix.rsplit("| ").next().unwrap_or_default();
        if let Err(error) = Cli::try_parse_from(command.split_whitespace()) {
            panic!("{}: {command}: {error}", finding.rule);
        }
    }
    findings.into_iter().map(|finding| (finding.rule, finding.message)).collect()
}

#[test]
fn each_rule_reports_only_its_own_problem() {
    type Change = fn(&mut ClusterBackups, &mut Policy, &mut Option<ComplianceSummary>);
    let cases: &[(&str, &str, Change)] = &[
        ("snapshot-age", "is 25.0 hours old, the RPO is 24.0 hours", |f, _, _| {
            f.snapshots = Some((0..40).map(|n| snapshot(JobState::Succeeded, 25 + n * 6)).collect());
        }),
        ("snapshot-age", "no completed snapshot exists", |f, _, _| f.snapshots = Some(Vec::new())),
        ("snapshot-fallback", "34 completed snapshots since then are fallback snapshots", |f, _, _| {
            let snapshots = f.snapshots.as_mut().expect("snapshots");
            snapshots.iter_mut().for_each(|snapshot| snapshot.fallback = true);
            snapshots.push(snapshot(JobState::Succeeded, 200));
        }),
        ("snapshot-fallback", "all 40 completed snapshots are fallback snapshots", |f, _, _| {
            f.snapshots.iter_mut().flatten().for_each(|snapshot| snapshot.fallback = true);
        }),
        ("backup-off", "off", |f, _, _| (f.backup, f.snapshots) = (Some(false), Some(Vec::new()))),
        ("schedule-absent", "no policy items", |f, _, _| f.schedule.as_mut().expect("a plan").items.clear()),
        ("snapshot-gap", "1 gap longer than the RPO of 24.0 hours", |f, _, _| {
            f.snapshots.as_mut().expect("snapshots").drain(4..9);
        }),
        ("snapshot-failed", "1 snapshot failed", |f, _, _| {
            f.snapshots.as_mut().expect("snapshots").push(snapshot(JobState::Failed, 30));
        }),
        ("snapshot-stuck", "30.0 hours ago", |f, _, _| {
            f.snapshots.as_mut().expect("snapshots").push(snapshot(JobState::InProgress, 30));
        }),
        ("restore-failed", ID, |f, _, _| {
            f.restores.push(JobSummary { id: ID.into(), state: JobState::Failed, at: ago(5) })
        }),
        ("restore-stuck", ID, |f, _, _| {
            f.restores.push(JobSummary { id: ID.into(), state: JobState::InProgress, at: ago(30) })
        }),
        ("export-failed", ID, |f, _, _| {
            f.exports.push(JobSummary { id: ID.into(), state: JobState::Failed, at: ago(5) })
        }),
        ("export-stuck", ID, |f, _, _| {
            f.exports.push(JobSummary { id: ID.into(), state: JobState::InProgress, at: ago(30) })
        }),
        ("retention-short", "daily snapshots are kept for 30 days, the policy file requires 31 days", |_, p, c| {
            p.retention_days.insert("daily".into(), 31);
            c.as_mut().expect("a policy").items = vec![item("hourly", 6, 7), item("daily", 1, 31)];
        }),
        ("copy-region-missing", "copied to US_WEST_2, the policy file also requires EU_WEST_1", |_, p, _| {
            p.copy_regions.push("EU_WEST_1".into());
        }),
        ("copy-region-missing", "2 of 24 snapshots of the last 7 days did not arrive in US_WEST_2", |f, _, _| {
            f.snapshots.as_mut().expect("snapshots")[5..7].iter_mut().for_each(|snapshot| snapshot.regions.clear());
        }),
        ("copy-region-missing", "24 of 24 snapshots of the last 7 days did not arrive", |f, _, _| {
            f.snapshots.iter_mut().flatten().for_each(|snapshot| snapshot.regions.clear());
        }),
        ("point-in-time-off", "off", |f, _, _| f.point_in_time = Some(false)),
        ("restore-window-short", "window is 2 days, the policy file requires 7", |f, _, _| {
            f.schedule.as_mut().expect("a plan").window_days = Some(2);
        }),
        ("flex-horizon", "kept for 8.0 days, the policy file requires 30 days", |f, _, _| {
            (f.kind, f.schedule, f.point_in_time) = (ClusterKind::Flex, None, None);
        }),
        ("cluster-paused", "the last completed snapshot is 2.5 days old", |f, _, _| {
            (f.paused, f.snapshots) = (true, Some(vec![snapshot(JobState::Succeeded, 60)]));
        }),
        ("compliance-below-schedule", "daily 0 of 30 days", |_, p, c| {
            p.retention_days.clear();
            c.as_mut().expect("a policy").items.truncate(1);
        }),
        ("compliance-absent", "no compliance policy", |_, _, c| *c = None),
        ("compliance-weak", "restore window is 1 days", |_, _, c| c.as_mut().expect("a policy").window_days = Some(1)),
        ("unread", "cannot read exports: 403", |f, _, _| f.unread.push(("exports", "403".into()))),
    ];
    assert_eq!(broken(|_, _, _| ()), [], "no findings");
    for (rule, expected, change) in cases {
        let found = broken(*change);
        assert!(found.len() == 1 && found[0].0 == *rule && found[0].1.contains(expected), "{rule}: {found:?}");
    }
    let shown: BTreeSet<_> = cases.iter().map(|(rule, ..)| *rule).collect();
    let elsewhere = ["version-sunset", "exception-ended"];
    assert!(RULES.iter().all(|rule| shown.contains(rule.id) || elsewhere.contains(&rule.id)), "a rule without a case");
}

#[test]
fn new_cluster_and_old_failures_have_no_findings() {
    assert_eq!(broken(|f, _, _| (f.created, f.snapshots) = (ago(2), Some(Vec::new()))), []);
    assert_eq!(
        broken(|f, _, _| f.exports.push(JobSummary { id: ID.into(), state: JobState::Failed, at: ago(200) })),
        []
    );
}

#[test]
fn missing_copy_is_reported_only_when_due() {
    type Snaps = fn(&mut Vec<SnapshotSummary>);
    let without = |which: CopySelection, change: Snaps| {
        broken(move |f, _, _| {
            f.schedule.as_mut().expect("a plan").copies = vec![copied(which)];
            change(f.snapshots.as_mut().expect("snapshots"));
        })
    };
    let of = |frequency: &str, days| CopySelection::Of(vec![(frequency.to_owned(), days)]);
    let none: Snaps = |snaps| snaps.iter_mut().for_each(|snap| snap.regions.clear());
    // Taken 1, 7, 13 and 19 hours ago: copies may still be in progress.
    let young: Snaps = |snaps| snaps[..4].iter_mut().for_each(|snap| snap.regions.clear());
    // Before the first copy, the setting did not exist.
    let before: Snaps = |snaps| snaps[10..].iter_mut().for_each(|snap| snap.regions.clear());
    for (which, change) in [
        (of("hourly", None), young),
        (of("hourly", None), before),
        (of("daily", None), none),
        (of("hourly", Some(1)), none),
        (CopySelection::Newest(4), none),
    ] {
        assert_eq!(without(which.clone(), change), [], "{which:?}");
    }
    let found = |which, change| {
        let found = without(which, change);
        assert!(found.iter().all(|(rule, _)| rule == "copy-region-missing") && found.len() == 1, "{found:?}");
        found[0].1.split(" did not").next().unwrap_or_default().to_owned()
    };
    assert_eq!(found(of("hourly", Some(2)), none), "4 of 4 snapshots of the last 7 days");
    assert_eq!(found(CopySelection::Newest(5), none), "1 of 1 snapshot of the last 7 days");
    let sharded = broken(|f, _, _| {
        f.kind = ClusterKind::Sharded;
        f.snapshots.iter_mut().flatten().for_each(|snap| snap.regions.clear());
    });
    assert_eq!(sharded, [], "copies of sharded clusters are unknown");
}

#[test]
fn gaps_are_ignored_beyond_most_frequent_retention() {
    let sparse = |f: &mut ClusterBackups, _: &mut Policy, c: &mut Option<ComplianceSummary>| {
        f.schedule.as_mut().expect("a plan").items = vec![item("hourly", 6, 1), item("daily", 1, 30)];
        c.as_mut().expect("a policy").items = vec![item("hourly", 6, 1), item("daily", 1, 30)];
        f.snapshots = Some([1, 7, 13, 19, 60, 110].map(|hours| snapshot(JobState::Succeeded, hours)).into());
    };
    assert_eq!(broken(sparse), []);
}

fn of_fleet_on(today: &str, notices: &[VersionNotice]) -> Vec<String> {
    let found = evaluate::fleet(notices, &criteria(at_midnight(today), Policy::default()));
    for finding in &found {
        Cli::try_parse_from(finding.fix.split_whitespace()).expect("a valid command");
    }
    found.into_iter().map(|finding| finding.message).collect()
}

fn at_midnight(day: &str) -> DateTime<Utc> {
    day.parse::<NaiveDate>().expect("a day").and_hms_opt(0, 0, 0).expect("midnight").and_utc()
}

#[test]
fn version_is_reported_when_sunset_is_near() {
    let ending = atlas_backup::operations::ALL.iter().filter(|operation| !operation.retired);
    let ending = ending.filter(|operation| operation.newest().sunset.is_some());
    assert_eq!(of_fleet_on("2020-01-01", &[]), Vec::<String>::new());
    assert_eq!(of_fleet_on("2099-01-01", &[]).len(), ending.count());
    // The newest versions have no sunset; older versions have one in the same format.
    let versions = atlas_backup::operations::ALL.iter().flat_map(|operation| operation.versions);
    let ends: BTreeSet<_> = versions.filter_map(|version| day(version.sunset)).collect();
    assert!(ends.contains(&"2027-07-01".parse().expect("a day")), "{ends:?}");
}

#[test]
fn sunset_in_response_overrides_operations_table() {
    let operation = atlas_backup::operations::ALL.iter().find(|operation| !operation.retired).expect("an operation");
    let (id, newest) = (operation.id, operation.newest().date);
    let day = |day: &str| Some(day.parse::<NaiveDate>().expect("a day"));
    let notices = |version: &str, deprecated, ends| {
        of_fleet_on("2026-12-01", &[VersionNotice { operation: id, version: version.to_owned(), deprecated, ends }])
            .into_iter()
            .filter_map(|message| Some(message.strip_prefix(&format!("version {version} of {id} "))?.to_owned()))
            .collect::<Vec<_>>()
    };
    for version in [newest, "2001-01-01"] {
        assert_eq!(notices(version, None, day("2027-07-01")), ["is sunset on 2027-07-01"]);
        assert_eq!(notices(version, day("2024-08-05"), day("2026-11-30")), ["was sunset on 2026-11-30"]);
        assert_eq!(notices(version, day("2024-08-05"), day("2029-07-01")), Vec::<String>::new());
        assert_eq!(
            notices(version, day("2024-08-05"), None),
            ["is deprecated since 2024-08-05, without a sunset date"]
        );
    }
}

#[test]
fn ended_exception_is_reported_from_next_day() {
    let text = "[[exceptions]]\nrules = [\"snapshot-age\"]\nreason = \"rebuilt every night\"\nuntil = 2027-01-31\n";
    let messages = |day: &str| {
        let policy = Policy::parse(text).expect("a policy");
        let found = evaluate::fleet(&[], &criteria(at_midnight(day), policy))
            .into_iter()
            .filter(|finding| finding.rule == "exception-ended");
        found.map(|finding| finding.message).collect::<Vec<_>>()
    };
    assert_eq!(messages("2027-01-31"), Vec::<String>::new());
    assert_eq!(messages("2027-02-01"), ["an exception expired on 2027-01-31: rebuilt every night"]);
}

#[tokio::test]
async fn policy_refuses_unknown_rule_with_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("policy.toml");
    let text =
        "[[exceptions]]\nrules = [\n  \"snapshot-age\",\n  \"snapshot-size\"]\nreason = \"x\"\nuntil = 2027-01-31\n";
    std::fs::write(&file, text).expect("a file");
    let refused = Policy::load(&file, table::is_rule).await.expect_err("an unknown rule").to_string();
    assert!(refused.contains("line 4: unknown rule \"snapshot-size\""), "{refused}");
}

#[test]
fn documentation_has_one_section_per_rule() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/audit.md");
    // The crate's own package has no documentation folder beside it.
    let Ok(text) = std::fs::read_to_string(path) else { return };
    let sections: BTreeSet<_> = text.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    assert_eq!(sections, RULES.iter().map(|rule| rule.id).collect(), "a rule has no section, or a section no rule");
    for rule in RULES {
        let about = text.split(&format!("### {}\n", rule.id)).nth(1).unwrap_or_default();
        let about = about.split("### ").next().unwrap_or_default();
        assert!(
            about.contains(&format!("**{}** {} Needs: {}.", rule.severity.as_str(), rule.description, rule.needs())),
            "{}",
            rule.id
        );
    }
}
