//! `audit` of an emulator whose state a test prepares.

use std::{collections::BTreeSet, fs, time::Duration};

use atlas_backup_emulator::{Emulator, Fault, JobKind, Seed};
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

use crate::{
    stub::Stub,
    support::{golden, guarded, narrow, run},
};

fn rules(findings: &[Value], cluster: &str) -> Vec<String> {
    let of = findings.iter().filter(|finding| finding["cluster"] == cluster);
    let mut rules: Vec<_> = of.map(|finding| finding["rule"].as_str().expect("a rule").to_owned()).collect();
    rules.sort();
    rules
}

#[test]
fn audit_of_demo_matches_snapshot() {
    let text = run("--emulator audit").prints();
    golden!("audit", narrow(&text));
    golden!("audit_rules", narrow(&run("audit --rules").prints()));
}

#[test]
fn audit_exits_9_only_with_fail_on() {
    for (fail_on, code) in [("critical", 0), ("warning", 9), ("info", 9)] {
        let ended = run(&format!("--emulator audit -o json --fail-on {fail_on}")).ends();
        assert_eq!(ended.code, Some(code), "{fail_on}: {}", ended.stderr);
        assert_eq!(ended.stderr.is_empty(), code == 0, "{}", ended.stderr);
    }
    assert!(run("--help").prints().contains("9 findings"));
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_finds_problem_in_its_cluster() {
    let emulator = guarded().start().await.expect("an emulator");
    run("schedule delete Sharded0 --yes").with_key(&emulator).prints();
    emulator.fail_next(JobKind::Snapshot);
    let failed = run("snapshots take Cluster0").with_key(&emulator).ends();
    assert_eq!(failed.code, Some(0), "{}", failed.stderr);
    emulator.clock().advance(Duration::from_secs(3_600));
    let policy = tempfile::NamedTempFile::new().expect("a file");
    fs::write(
        policy.path(),
        "copy_regions = [\"EU_WEST_1\"]\n[[exceptions]]\nrules = [\"copy-region-missing\"]\ncluster = \"Shard*\"\n\
         reason = \"a rehearsal\"\nuntil = 9999-12-31\n",
    )
    .expect("written");
    let audit = || run("audit -o ndjson --policy").argument(policy.path().to_str().expect("a path"));
    let found = audit().with_key(&emulator).documents();
    let of = |cluster| rules(&found, cluster);
    assert!(of("Sharded0").contains(&"schedule-absent".to_owned()), "{found:?}");
    assert!(!of("Sharded0").contains(&"copy-region-missing".to_owned()), "{found:?}");
    assert!(of("Cluster0").contains(&"snapshot-failed".to_owned()), "{found:?}");
    assert!(of("Cluster0").contains(&"copy-region-missing".to_owned()), "{found:?}");
    assert!(of("Flex0").is_empty(), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_exits_8_when_items_are_unreadable() {
    let emulator = guarded().start().await.expect("an emulator");
    let fault = Fault::status(403).code("USER_UNAUTHORIZED").on("listGroupClusterBackupExports");
    emulator.inject(fault).expect("a fault");
    let audit = |more: &str| run(&format!("audit -o ndjson {more}")).with_key(&emulator).ends();
    let ended = audit("");
    assert_eq!(ended.code, Some(8), "{}", ended.stderr);
    assert!(
        ended.stdout.contains("cannot read exports: ") && ended.stdout.contains("point-in-time-off"),
        "{}",
        ended.stdout
    );
    assert_eq!(audit("--fail-on warning").code, Some(9));
}

#[test]
fn audit_documents_are_valid_and_written_atomically() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.xml");
    let out = |path: &std::path::Path, format: &str| {
        run(&format!("--emulator audit -o {format} --out")).argument(path.to_str().expect("a path"))
    };
    assert_eq!(out(&path, "junit").prints(), "");
    let text = fs::read_to_string(&path).expect("a file");
    let (mut reader, mut cases, mut failures) = (quick_xml::Reader::from_str(&text), 0, 0);
    loop {
        use quick_xml::events::Event;
        match reader.read_event().expect("well formed") {
            Event::Eof => break,
            Event::Start(tag) | Event::Empty(tag) if tag.name().as_ref() == "testcase" => cases += 1,
            Event::Start(tag) if tag.name().as_ref() == "failure" => failures += 1,
            _ => {}
        }
    }
    assert!(cases > 50 && failures >= 2, "{cases} {failures}");
    assert!(text.contains(&format!("tests=\"{cases}\" failures=\"{failures}\"")), "{text}");
    assert_eq!(out(&path, "prometheus").prints(), "");
    let text = fs::read_to_string(&path).expect("a file");
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    assert!(samples.clone().all(|line| line.rsplit_once(' ').is_some_and(|(_, value)| value.parse::<u64>().is_ok())));
    assert!(samples.count() > 20 && text.matches("# TYPE").count() == 3, "{text}");
    let nowhere = out(&folder.path().join("none/audit.xml"), "junit").ends();
    assert_eq!((nowhere.code, nowhere.stderr.contains("folder does not exist")), (Some(2), true), "{}", nowhere.stderr);
}

#[test]
fn audit_rejects_invalid_flags_before_reading() {
    let policy = tempfile::NamedTempFile::new().expect("a file");
    fs::write(policy.path(), "rpo = \"24h\"\nretention = 1\n").expect("written");
    let bad = run("--emulator audit --policy").argument(policy.path().to_str().expect("a path")).ends();
    assert_eq!(bad.code, Some(2));
    assert!(bad.stderr.contains("line 2: ") && bad.stderr.contains("`retention`"), "{}", bad.stderr);
    for wrong in ["audit --rpo 24", "audit --out x", "audit --rules -o junit", "snapshots take Cluster0 -o junit"] {
        let ended = run(&format!("--emulator {wrong}")).ends();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{wrong}: {}", ended.stderr);
    }
}

#[test]
fn audit_reports_sunset_announced_by_response() {
    let soon = Utc::now() + TimeDelta::days(30);
    let stub = Stub::with_headers(move |line| {
        let headers = match line {
            line if line.contains("/flexClusters") => {
                format!("sunset: {}\r\n", soon.format("%a, %-d %b %Y 00:00:00 GMT"))
            }
            line if line.contains("/backupCompliancePolicy") => {
                "deprecation: Mon, 5 Aug 2024 00:00:00 GMT\r\n".to_owned()
            }
            _ => String::new(),
        };
        (200, headers, r#"{"results":[],"totalCount":0}"#.to_owned())
    });
    let found = run("audit --no-auth --project 32b6e34b3d91647abb20e7b8 -o ndjson").at(&stub.base_url).documents();
    let found = found.iter().filter(|finding| finding["rule"] == "version-sunset");
    let reported: Vec<_> = found.map(|finding| finding["message"].as_str().expect("a message")).collect();
    let [policy, flex] = reported[..] else { panic!("{reported:?}") };
    assert!(policy.starts_with("version ") && policy.contains(" of getGroupBackupCompliancePolicy "), "{policy}");
    assert!(policy.ends_with(" is deprecated since 2024-08-05, without a sunset date"), "{policy}");
    assert!(flex.starts_with("version ") && flex.contains(" of listGroupFlexClusters "), "{flex}");
    assert!(flex.ends_with(&format!(" is sunset on {}", soon.format("%F"))), "{flex}");
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_reports_stuck_jobs() {
    // The clock of the emulator stands still, 3 days behind the clock of the audit.
    let emulator = guarded().stepped_clock_at(Utc::now() - TimeDelta::days(3)).start().await.expect("an emulator");
    let first = |list: &str| {
        let id = run(list).argument("--limit").argument("1").argument("--query").argument(".id // ._id").argument("-o");
        let id = id.argument("ndjson").with_key(&emulator).prints();
        id.trim().trim_matches('"').to_owned()
    };
    let (snapshot, bucket) = (first("snapshots list Cluster0"), first("buckets list"));
    let flex = first("snapshots list Flex0");
    let begun = [
        format!("restores start automated Cluster0 --snapshot {snapshot} --target-cluster Sharded0 --yes"),
        format!("exports create Cluster0 --snapshot {snapshot} --bucket {bucket}"),
        "snapshots take Cluster0".to_owned(),
        "snapshots take Sharded0".to_owned(),
        format!("restores start automated Flex0 --snapshot {flex} --target-cluster Flex0 --yes"),
    ];
    let ids = begun.map(|command| {
        let ended = run(&format!("{command} -o json")).with_key(&emulator).ends();
        assert_eq!(ended.code, Some(0), "{command}: {}", ended.stderr);
        let document = ended.json();
        document["id"].as_str().expect("an id").to_owned()
    });
    let audited = run("audit --rpo 60d -o ndjson").with_key(&emulator).documents();
    let stuck: BTreeSet<_> = audited
        .iter()
        .filter(|finding| finding["rule"].as_str().is_some_and(|rule| rule.ends_with("-stuck")))
        .map(|finding| ["rule", "cluster", "message"].map(|key| finding[key].as_str().expect("text").to_owned()))
        .collect();
    let jobs = [
        ("restore", "Cluster0"),
        ("export", "Cluster0"),
        ("snapshot", "Cluster0"),
        ("snapshot", "Sharded0"),
        ("restore", "Flex0"),
    ];
    let wanted = jobs.iter().zip(ids).map(|((job, cluster), id)| {
        let message = format!("1 {job} not done after 24 hours; the latest is {id} (3.0 days ago)");
        [format!("{job}-stuck"), (*cluster).to_owned(), message]
    });
    assert_eq!(stuck, wanted.collect());
}

/// Turns on snapshot copies to another region.
fn copy_snapshots(emulator: &Emulator) {
    let cluster = run("api clusters getGroupCluster --clusterName Cluster0").with_key(emulator).prints();
    let cluster: Value = serde_json::from_str(&cluster).expect("a cluster");
    let zone = &cluster["replicationSpecs"][0]["zoneId"];
    let copies = json!({"copySettings": [{"cloudProvider": "AWS", "regionName": "EU_WEST_1", "zoneId": zone,
        "frequencies": ["HOURLY", "DAILY"]}]});
    run("schedule set Cluster0 --file -").with_key(emulator).input(&copies.to_string()).prints();
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_reports_missing_copies() {
    let days = TimeDelta::days(3);
    for (begun, found) in [(Utc::now(), true), (Utc::now() - days, false)] {
        let emulator = guarded().stepped_clock_at(begun).start().await.expect("an emulator");
        copy_snapshots(&emulator);
        if !found {
            emulator.clock().advance(days.to_std().expect("three days"));
        }
        let audited = run("audit -o ndjson").with_key(&emulator).documents();
        let reported: Vec<_> = audited.iter().filter(|finding| finding["rule"] == "copy-region-missing").collect();
        assert_eq!(reported.len(), usize::from(found), "{audited:?}");
        for finding in reported {
            let message = finding["message"].as_str().expect("a message");
            assert!(message.contains("did not arrive in EU_WEST_1 within 24.0 hours"), "{message}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_of_empty_organization_fails_unless_allowed() {
    let emulator = Emulator::builder().seed(Seed::Empty).start().await.expect("an emulator");
    let audit = |flags: &str| run(&format!("audit --no-auth {flags} --base-url")).argument(emulator.base_url()).ends();
    for flags in ["", "--fail-on critical", "-o json"] {
        let ended = audit(flags);
        assert_eq!(ended.code, Some(9), "{flags}: {}", ended.stderr);
        assert!(
            ended.stderr.contains("no cluster was audited") && ended.stderr.contains("--allow-empty"),
            "{}",
            ended.stderr
        );
    }
    let allowed = audit("--allow-empty");
    assert_eq!((allowed.code, allowed.stdout.as_str()), (Some(0), ""), "{}", allowed.stderr);
    assert!(allowed.stderr.contains("no findings"), "{}", allowed.stderr);
}
