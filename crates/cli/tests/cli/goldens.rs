//! Output of every command: one snapshot per noun, and a row per command.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use atlas_backup_emulator::Recorder;

use crate::{
    demo::Demo,
    help,
    support::{golden, run},
};

/// Where the output of a command is tested.
enum Shown {
    /// Runs against the demo.
    Runs(&'static [&'static str]),
    /// A snapshot of another test.
    Snapshot(&'static str),
    /// No snapshot, with the reason.
    Nowhere(&'static str),
}

use Shown::{Nowhere, Runs, Snapshot};

const COMMANDS: &[(&str, Shown)] = &[
    (
        "snapshots list",
        Runs(&[
            "Cluster0 --limit 3",
            "Cluster0 --limit 2 -o wide",
            "Cluster0 --limit 2 -o csv",
            "Cluster0 --limit 1 -o ndjson",
            "Flex0 --limit 2",
            "Sharded0 --limit 2",
        ]),
    ),
    ("snapshots get", Runs(&["Cluster0 {snapshot}", "Cluster0 {snapshot} -o csv", "Flex0 {flex}"])),
    ("snapshots take", Runs(&["Cluster0 --description before", "Flex0"])),
    ("snapshots retain", Runs(&["Cluster0 {snapshot} --for 3y", "Cluster0 {snapshot} --for 1d"])),
    ("snapshots download", Snapshot("flex__downloaded")),
    ("snapshots databases", Runs(&["Cluster0 {snapshot}"])),
    ("snapshots collections", Runs(&["Cluster0 {snapshot} --database shop"])),
    ("snapshots delete", Runs(&["Cluster0 {snapshot} --yes", "Cluster0 {snapshot}"])),
    ("snapshots wait", Runs(&["Cluster0 {snapshot}"])),
    (
        "restores start automated",
        Runs(&[
            "Cluster0 --snapshot {snapshot} --target-cluster Cluster0 --yes",
            "Flex0 --snapshot {flex} --target-cluster Flex0 --yes",
        ]),
    ),
    (
        "restores start point-in-time",
        Runs(&[
            "Cluster0 --at 2026-11-21T12:00:00Z --target-cluster Cluster0 --yes",
            "Cluster0 --target-cluster Cluster0 --yes",
        ]),
    ),
    ("restores start download", Runs(&["Cluster0 --snapshot {snapshot}", "Flex0 --snapshot {flex}"])),
    ("restores list", Runs(&["Cluster0", "Cluster0 -o wide", "Cluster0 -o csv", "Flex0", "Sharded0"])),
    ("restores get", Runs(&["Cluster0 {restore}", "Flex0 {flex-restore}"])),
    ("restores cancel", Runs(&["Cluster0 {restore} --yes"])),
    ("restores wait", Runs(&["Cluster0 {restore}"])),
    ("restores fetch", Snapshot("flex__downloaded")),
    ("exports create", Runs(&["Cluster0 --snapshot {snapshot} --bucket {bucket} --label ticket=42"])),
    ("exports list", Runs(&["Cluster0", "Cluster0 --limit 1 -o wide", "Cluster0 -o csv", "Sharded0"])),
    ("exports get", Runs(&["Cluster0 {export}"])),
    ("exports wait", Runs(&["Cluster0 {export}"])),
    (
        "exports setup",
        Runs(&[
            "Cluster0 --bucket our-backups",
            "Cluster0 --bucket our-backups --role-arn arn:aws:iam::123456789012:role/ours --dry-run",
        ]),
    ),
    ("buckets list", Runs(&["", "-o wide", "-o csv"])),
    ("buckets get", Runs(&["{bucket}"])),
    ("buckets create", Runs(&["ours --role 32b6e34b3d91647abb20e7b8"])),
    ("buckets update", Runs(&["{bucket} --private-networking true"])),
    ("buckets delete", Runs(&["{bucket} --yes"])),
    ("schedule get", Runs(&["Cluster0", "Cluster0 -o csv", "Flex0"])),
    ("schedule set", Runs(&["Cluster0 --at 03:30 --restore-window 3", "Cluster0"])),
    ("schedule delete", Runs(&["Cluster0 --yes"])),
    ("compliance get", Runs(&["", "-o csv"])),
    ("compliance set", Runs(&["--weekly 1:2m --yes"])),
    ("compliance wait", Runs(&[""])),
    ("compliance disable", Runs(&["--yes"])),
    ("flex snapshots list", Runs(&["Flex0 --limit 2", "Flex0 --limit 2 -o wide", "Cluster0"])),
    ("flex snapshots get", Runs(&["Flex0 {flex}"])),
    ("flex restores start", Runs(&["Flex0 --snapshot {flex} --target-cluster Flex0 --yes"])),
    ("flex restores list", Runs(&["Flex0", "Flex0 -o wide"])),
    ("flex restores get", Runs(&["Flex0 {flex-restore}"])),
    ("flex restores wait", Runs(&["Flex0 {flex-restore}"])),
    ("flex download", Snapshot("flex__downloaded")),
    ("collections restore", Runs(&["Cluster0 --snapshot {snapshot} --collection shop.orders=shop.then"])),
    ("collections list", Runs(&["Cluster0"])),
    ("collections get", Snapshot("collections__collections_get")),
    ("collections status", Snapshot("collections__collections_status")),
    ("collections wait", Snapshot("collections__collections_wait")),
    ("endpoints list", Runs(&[""])),
    ("endpoints get", Snapshot("endpoints__endpoints_get")),
    ("endpoints create", Runs(&["US_EAST_1"])),
    ("endpoints delete", Snapshot("endpoints__endpoints_delete")),
    ("endpoints wait", Snapshot("endpoints__endpoints_wait")),
    ("projects list", Runs(&["", "-o csv"])),
    ("projects get", Runs(&[""])),
    ("clusters list", Runs(&["", "-o wide", "-o csv"])),
    ("clusters get", Runs(&["Cluster0", "Flex0", "None0"])),
    (
        "fleet snapshots",
        Runs(&["--limit 3 --concurrency 1", "--limit 2 --concurrency 1 -o wide", "--limit 2 --concurrency 1 -o csv"]),
    ),
    ("fleet schedules", Runs(&["--concurrency 1"])),
    ("fleet clusters", Runs(&["--concurrency 1", "--concurrency 1 -o csv"])),
    ("fleet exports", Runs(&["", "-o csv"])),
    ("drill", Snapshot("drill__drill_stdout")),
    ("audit", Snapshot("audit__audit")),
    ("report", Nowhere("prints nothing; browser tests cover the page")),
    ("api", Snapshot("api__api_help")),
    ("emulator serve", Nowhere("prints its address and keeps running; tested in the emulator crate")),
    ("emulator operations", Nowhere("the table is generated and reviewed in the emulator crate")),
    ("emulator refusals", Nowhere("a test compares the table with the README of the emulator")),
    ("auth status", Runs(&[""])),
    ("auth login", Nowhere("prints nothing; tested in `auth.rs`")),
    ("auth logout", Nowhere("prints nothing; tested in `auth.rs`")),
    ("auth revoke", Runs(&[""])),
    ("completions", Nowhere("script of clap; completion is tested in `profiles.rs`")),
    ("man", Snapshot("help__man_snapshots_take")),
];

/// Hidden commands with their own output.
const OFFICIAL: &[&str] = &[
    "compliancePolicy policies scheduled describe",
    "compliancePolicy policies scheduled describe -o json",
    "compliancePolicy policies ondemand describe",
    "compliancePolicy policies ondemand describe -o ndjson",
];

/// The commands without subcommands. Subcommands of `api` come from the operations table.
fn leaves(command: &str, found: &mut BTreeSet<String>) {
    let help = run(command).argument("--help").prints();
    let below = if command == "api" { Vec::new() } else { help::below(&help) };
    if below.is_empty() {
        found.insert(command.to_owned());
    }
    for name in below {
        leaves(format!("{command} {name}").trim(), found);
    }
}

#[test]
fn every_command_has_output_row() {
    let mut found = BTreeSet::new();
    leaves("", &mut found);
    let rows: BTreeSet<String> = COMMANDS.iter().map(|(command, _)| (*command).to_owned()).collect();
    assert_eq!(found, rows, "every command needs a row");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/snapshots");
    for (command, shown) in COMMANDS {
        match shown {
            Runs(runs) => assert!(!runs.is_empty(), "{command}"),
            Snapshot(name) => assert!(folder.join(format!("cli__{name}.snap")).is_file(), "{command}: {name}"),
            Nowhere(reason) => assert!(!reason.is_empty(), "{command}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn output_of_every_command_matches_snapshot() {
    let demo = Demo::start(&Recorder::default()).await;
    let mut pages = BTreeMap::<String, String>::new();
    let of_row = |(command, shown): &'static (&'static str, Shown)| match shown {
        Runs(runs) => runs.iter().map(|arguments| format!("{command} {arguments}")).collect(),
        Snapshot(_) | Nowhere(_) => Vec::new(),
    };
    let official = OFFICIAL.iter().map(|typed| (*typed).to_owned());
    for typed in COMMANDS.iter().flat_map(of_row).chain(official) {
        demo.enter(if typed.starts_with("compliance") { &demo.with_policy } else { &demo.bare }).await;
        let ended = demo.call(&typed);
        let noun = typed.split(' ').next().unwrap_or_default();
        let page = pages.entry(noun.trim_end_matches("Policy").to_owned()).or_default();
        page.push_str(&format!("$ atlas-backup {}\n", typed.trim()));
        page.push_str(&evened(&ended.stdout));
        ended.stderr.lines().for_each(|line| page.push_str(&format!("! {line}\n")));
        if ended.code != Some(0) {
            page.push_str(&format!("! exit code {}\n", ended.code.unwrap_or(-1)));
        }
        page.push('\n');
    }
    for (noun, page) in pages {
        golden!(format!("output_{noun}"), page);
    }
}

/// Replaces column gaps with a fixed gap, because relative times change the widths.
fn evened(text: &str) -> String {
    let even = |line: &str| {
        let indent = line.len() - line.trim_start().len();
        let cells = line.split("   ").map(str::trim).filter(|cell| !cell.is_empty()).collect::<Vec<_>>();
        format!("{}{}\n", &line[..indent], cells.join("   "))
    };
    text.lines().map(even).collect()
}
