//! Rules of the service's documentation that a few requests show, as a table.
//!
//! Each rule runs on a separate emulator with the demo and a stopped clock. Rules that need more than requests and
//! comparisons are functions in `rules`.

mod clusters;
mod jobs;
mod schedules;

use std::collections::HashMap;

use atlas_backup_emulator::{DEMO_PROJECT, DEMO_SNAPSHOT, ORGANIZATION};
use http::Method;
use serde_json::Value;

use crate::support::{Bench, NEWEST, demo};

/// A rule, where it is known from, and its steps.
///
/// A step advances the clock (`+SECONDS`) or is a request: `METHOD PATH [BODY] -> STATUS [EXPECTED ...]`. What is
/// expected is an error code, `POINTER=JSON` for a value of the response, or `NAME@POINTER` to use a value as `$NAME` in
/// later steps. A path is below the demo's project, and [`names`] defines the other names.
type Rule = (&'static str, &'static str, &'static [&'static str]);

const CODES: &str = "error codes page";
const DOCUMENT: &str = "document of the API";
const POLICY: &str = "backup policy page";
const COMPLIANCE: &str = "compliance policy page";
const TERRAFORM: &str = "Terraform provider";
const COPIES: &str = "snapshot distribution page";
const RESTORES: &str = "restore page";
const EXPORTS: &str = "export page";
const FLEX: &str = "flex backup page";
const PAUSE: &str = "pause and terminate page";
const COLLECTIONS: &str = "collection restore page";
const LIMITS: &str = "limits page";
const RECORDED: &str = "recorded responses";

macro_rules! topics {
    ($($name:ident: $table:path)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                check($table).await;
            }
        )*
    };
}

topics! {
    backup_is_enabled_as_documented: schedules::BACKUP
    schedules_are_checked_as_documented: schedules::SCHEDULES
    snapshots_are_kept_as_documented: schedules::SNAPSHOTS
    copies_are_made_as_documented: schedules::COPY_SETTINGS
    restores_are_refused_as_documented: jobs::RESTORE_JOBS
    exports_are_refused_as_documented: jobs::EXPORT_JOBS
    compliance_policies_protect_as_documented: clusters::POLICIES
    clusters_are_changed_as_documented: clusters::CLUSTERS
    flex_backups_work_as_documented: clusters::FLEX_CLUSTERS
    collection_restores_work_as_documented: jobs::COLLECTION_RESTORES
}

/// Runs each rule on a separate emulator, and lists all steps that turned out differently.
async fn check(rules: &[Rule]) {
    let mut failures = Vec::new();
    for (rule, source, steps) in rules {
        let bench = Bench::demo().await;
        let mut names = names(&bench).await;
        for step in *steps {
            if let Err(found) = run(&bench, &mut names, step).await {
                failures.push(format!("{rule} ({source})\n  {step}\n  {found}"));
                break;
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The names that all steps can use.
async fn names(bench: &Bench) -> HashMap<String, String> {
    let first = async |path: &str, pointer: &str| {
        let json = bench.get_as(&demo(path), NEWEST).await.documented(200).json;
        json.pointer(pointer).unwrap().as_str().unwrap().to_owned()
    };
    let now = bench.emulator.clock().now().timestamp();
    let spec = |provider: &str, region: &str, size: &str| {
        format!(
            r#"[{{"regionConfigs":[{{"priority":7,"providerName":"{provider}","backingProviderName":"AWS","regionName":"{region}","electableSpecs":{{"instanceSize":"{size}","nodeCount":3}}}}]}}]"#
        )
    };
    let hourly = r#"{"frequencyType":"hourly","frequencyInterval":6,"retentionUnit":"days","retentionValue":7}"#;
    let names = [
        ("project", DEMO_PROJECT.to_owned()),
        ("organization", ORGANIZATION.to_owned()),
        ("snapshot", DEMO_SNAPSHOT.to_owned()),
        ("unknown", "66aaaaaaaaaaaaaaaaaaaaaa".to_owned()),
        ("zone", first("/clusters/Cluster0", "/replicationSpecs/0/zoneId").await),
        ("bucket", first("/backup/exportBuckets", "/results/0/_id").await),
        ("flex", first("/flexClusters/Flex0/backup/snapshots", "/results/0/id").await),
        ("m10", spec("AWS", "EU_WEST_1", "M10").replace(r#""backingProviderName":"AWS","#, "")),
        ("gcp", spec("GCP", "WESTERN_EUROPE", "M10").replace(r#""backingProviderName":"AWS","#, "")),
        ("m0", spec("TENANT", "EU_WEST_1", "M0")),
        ("hourly", hourly.to_owned()),
        ("past", (now - 3_600).to_string()),
        ("future", (now + 3_600).to_string()),
        ("long_ago", (now - 8 * 86_400).to_string()),
        ("three_days_ago", (now - 3 * 86_400).to_string()),
        ("schedule", "/clusters/Cluster0/backup/schedule".to_owned()),
        ("sharded_schedule", "/clusters/Sharded0/backup/schedule".to_owned()),
        ("snapshots", "/clusters/Cluster0/backup/snapshots".to_owned()),
        ("restores", "/clusters/Cluster0/backup/restoreJobs".to_owned()),
        ("exports", "/clusters/Cluster0/backup/exports".to_owned()),
        ("collections", "/clusters/Cluster0/collectionRestoreJobs".to_owned()),
        ("policy", "/backupCompliancePolicy".to_owned()),
    ];
    names.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

async fn run(bench: &Bench, names: &mut HashMap<String, String>, step: &str) -> Result<(), String> {
    if let Some(seconds) = step.strip_prefix('+') {
        bench.advance(seconds.parse().unwrap());
        return Ok(());
    }
    let step = expand(step, names);
    let (request, expected) = step.rsplit_once(" -> ").unwrap();
    let mut request = request.splitn(3, ' ');
    let (method, path) = (request.next().unwrap(), request.next().unwrap());
    let method: Method = method.parse().unwrap();
    let answer = match request.next() {
        Some(body) => bench.send_json(method, &demo(path), NEWEST, serde_json::from_str(body).unwrap()).await,
        None if method == Method::DELETE => bench.delete(&demo(path), NEWEST).await,
        None => bench.get_as(&demo(path), NEWEST).await,
    };
    let mut expected = expected.split_whitespace();
    if answer.status.to_string().split(' ').next() != expected.next() {
        return Err(format!("{} {}", answer.status, answer.text));
    }
    for part in expected {
        if let Some((pointer, value)) = part.split_once('=') {
            let found = answer.json.pointer(pointer).unwrap_or(&Value::Null);
            if *found != serde_json::from_str::<Value>(value).unwrap() {
                return Err(format!("{pointer} is {found}"));
            }
        } else if let Some((name, pointer)) = part.split_once('@') {
            let found = answer.json.pointer(pointer).ok_or(format!("no {pointer}"))?;
            names.insert(name.to_owned(), found.as_str().map_or_else(|| found.to_string(), str::to_owned));
        } else if answer.json["errorCode"] != part {
            return Err(answer.text);
        }
    }
    Ok(())
}

/// Replaces names. `$items(...)` is the body of a schedule with these items, and `$demand(...)` that of a policy.
fn expand(step: &str, names: &HashMap<String, String>) -> String {
    let mut parts = step.split('$');
    let mut expanded = parts.next().unwrap().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(part.len());
        let (name, rest) = part.split_at(end);
        match (name, rest.strip_prefix('(').and_then(|rest| rest.split_once(')'))) {
            ("items", Some((list, rest))) => {
                expanded += &format!(r#"{{"policies":[{{"policyItems":[{}]}}]}}{rest}"#, items(list));
            }
            ("demand", Some((list, rest))) => {
                let user =
                    r#""authorizedEmail":"a@example.com","authorizedUserFirstName":"A","authorizedUserLastName":"B""#;
                expanded += &format!(r#"{{{user},"scheduledPolicyItems":[{}]}}{rest}"#, items(list));
            }
            _ => expanded += &format!("{}{rest}", names[name]),
        }
    }
    expanded
}

fn items(list: &str) -> String {
    let item = |item: &str| {
        let [frequency, interval, unit, value] = item.split(',').collect::<Vec<_>>().try_into().unwrap();
        format!(
            r#"{{"frequencyType":"{frequency}","frequencyInterval":{interval},"retentionUnit":"{unit}","retentionValue":{value}}}"#
        )
    };
    list.split(';').map(item).collect::<Vec<_>>().join(",")
}
