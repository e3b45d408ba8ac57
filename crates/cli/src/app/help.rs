//! Help: the examples of every command, and required arguments shown as required.
//!
//! The flags of the official command line can replace some positional arguments, so the parser cannot require them. Help
//! and manual are rendered from a separate command tree in which they are required.

use clap::{Arg, Command, CommandFactory, error::ErrorKind};

use super::tree::Cli;

/// Positional arguments that a hidden flag of the official command line can replace.
const REQUIRED: [&str; 4] = ["cluster", "first", "second", "bucket"];

/// The examples of the program and of each command without subcommands.
#[rustfmt::skip]
const EXAMPLES: &[(&str, &[&str])] = &[
    ("", &["--emulator snapshots list Cluster0", "snapshots take Cluster0 --wait", "audit --rpo 24h --fail-on critical"]),
    ("snapshots list", &["snapshots list Cluster0 --limit 10", "snapshots list Cluster0 --status failed --since '2d ago'", "snapshots list Cluster0 -o json --query '.[0].id' --raw"]),
    ("snapshots get", &["snapshots get Cluster0 664858b561b103615fb1940e", "snapshots get Cluster0 664858b561b103615fb1940e -o json"]),
    ("snapshots take", &["snapshots take Cluster0 --wait", "snapshots take Cluster0 --description 'before the migration' --retention-days 30"]),
    ("snapshots retain", &["snapshots retain Cluster0 664858b561b103615fb1940e --for 90d", "snapshots retain Cluster0 664858b561b103615fb1940e --for 1w --yes"]),
    ("snapshots download", &["snapshots download Cluster0 664858b561b103615fb1940e", "snapshots download Cluster0 664858b561b103615fb1940e --to backups --extract"]),
    ("snapshots databases", &["snapshots databases Cluster0 664858b561b103615fb1940e", "snapshots databases Cluster0 664858b561b103615fb1940e -o ndjson"]),
    ("snapshots collections", &["snapshots collections Cluster0 664858b561b103615fb1940e --database shop", "snapshots collections Cluster0 664858b561b103615fb1940e --database shop --limit 10"]),
    ("snapshots delete", &["snapshots delete Cluster0 664858b561b103615fb1940e", "snapshots delete Cluster0 664858b561b103615fb1940e --yes"]),
    ("snapshots wait", &["snapshots wait Cluster0 664858b561b103615fb1940e", "snapshots wait Cluster0 664858b561b103615fb1940e --timeout 2h"]),
    ("restores start automated", &["restores start automated Cluster0 --snapshot 664858b561b103615fb1940e --target-cluster Staging --wait", "restores start automated Cluster0 --snapshot 664858b561b103615fb1940e --target-cluster Cluster0 --dry-run"]),
    ("restores start point-in-time", &["restores start point-in-time Cluster0 --at 2026-01-31T12:00:00Z --target-cluster Staging", "restores start point-in-time Cluster0 --oplog-ts 1769860800 --oplog-inc 1 --target-cluster Staging --wait"]),
    ("restores start download", &["restores start download Cluster0 --snapshot 664858b561b103615fb1940e --wait", "restores start download Flex0 --snapshot 664858b561b103615fb1940e"]),
    ("restores list", &["restores list Cluster0", "restores list Cluster0 --type download --status completed"]),
    ("restores get", &["restores get Cluster0 664858b561b103615fb1940e", "restores get Cluster0 664858b561b103615fb1940e -o json"]),
    ("restores cancel", &["restores cancel Cluster0 664858b561b103615fb1940e", "restores cancel Cluster0 664858b561b103615fb1940e --yes"]),
    ("restores wait", &["restores wait Cluster0 664858b561b103615fb1940e", "restores wait Cluster0 664858b561b103615fb1940e --timeout 4h"]),
    ("restores fetch", &["restores fetch Cluster0 664858b561b103615fb1940e --to dump.tar.gz", "restores fetch Cluster0 664858b561b103615fb1940e --extract=dump"]),
    ("exports create", &["exports create Cluster0 --snapshot 664858b561b103615fb1940e --bucket 32b6e34b3d91647abb20e7b8 --wait", "exports create Cluster0 --snapshot 664858b561b103615fb1940e --bucket 32b6e34b3d91647abb20e7b8 --label ticket=42"]),
    ("exports list", &["exports list Cluster0", "exports list Cluster0 --status failed --since '7d ago'"]),
    ("exports get", &["exports get Cluster0 664858b561b103615fb1940e", "exports get Cluster0 664858b561b103615fb1940e -o json"]),
    ("exports wait", &["exports wait Cluster0 664858b561b103615fb1940e", "exports wait Cluster0 664858b561b103615fb1940e --timeout 4h"]),
    ("exports setup", &["exports setup Cluster0 --bucket our-backups", "exports setup Cluster0 --bucket our-backups --role-arn arn:aws:iam::123456789012:role/atlas-export"]),
    ("buckets list", &["buckets list", "buckets list -o wide"]),
    ("buckets get", &["buckets get 32b6e34b3d91647abb20e7b8", "buckets get 32b6e34b3d91647abb20e7b8 -o json"]),
    ("buckets create", &["buckets create our-backups --role 32b6e34b3d91647abb20e7b8", "buckets create container --provider azure --role 32b6e34b3d91647abb20e7b8 --service-url https://account.blob.core.windows.net"]),
    ("buckets update", &["buckets update 32b6e34b3d91647abb20e7b8 --private-networking true", "buckets update 32b6e34b3d91647abb20e7b8 --private-networking false"]),
    ("buckets delete", &["buckets delete 32b6e34b3d91647abb20e7b8", "buckets delete 32b6e34b3d91647abb20e7b8 --yes"]),
    ("schedule get", &["schedule get Cluster0", "schedule get Cluster0 -o json"]),
    ("schedule set", &["schedule set Cluster0 --daily 1:30d --weekly 6:12w --at 03:30", "schedule set Cluster0 --monthly none", "schedule set Cluster0 --edit"]),
    ("schedule delete", &["schedule delete Cluster0", "schedule delete Cluster0 --yes"]),
    ("compliance get", &["compliance get", "compliance get -o json"]),
    ("compliance set", &["compliance set --daily 1:7d --point-in-time true --restore-window 7 --wait", "compliance set --authorized-email a@example.com --first-name Ada --last-name Example", "compliance set --file policy.json"]),
    ("compliance disable", &["compliance disable", "compliance disable --yes"]),
    ("compliance wait", &["compliance wait", "compliance wait --timeout 30m"]),
    ("flex snapshots list", &["flex snapshots list Flex0", "flex snapshots list Flex0 --limit 3 -o ndjson"]),
    ("flex snapshots get", &["flex snapshots get Flex0 664858b561b103615fb1940e", "flex snapshots get Flex0 664858b561b103615fb1940e -o json"]),
    ("flex restores start", &["flex restores start Flex0 --snapshot 664858b561b103615fb1940e --target-cluster Flex0 --wait", "flex restores start Flex0 --snapshot 664858b561b103615fb1940e --target-cluster Flex1"]),
    ("flex restores list", &["flex restores list Flex0", "flex restores list Flex0 --limit 5"]),
    ("flex restores get", &["flex restores get Flex0 664858b561b103615fb1940e", "flex restores get Flex0 664858b561b103615fb1940e -o json"]),
    ("flex restores wait", &["flex restores wait Flex0 664858b561b103615fb1940e", "flex restores wait Flex0 664858b561b103615fb1940e --timeout 30m"]),
    ("flex download", &["flex download Flex0 664858b561b103615fb1940e", "flex download Flex0 664858b561b103615fb1940e --to backups"]),
    ("collections restore", &["collections restore Cluster0 --snapshot 664858b561b103615fb1940e --collection shop.orders=shop.orders_old --wait", "collections restore Cluster0 --at 2026-01-31T12:00:00Z --database shop --target-cluster Cluster0 --overwrite"]),
    ("collections list", &["collections list Cluster0", "collections list Cluster0 --limit 5"]),
    ("collections get", &["collections get Cluster0 664858b561b103615fb1940e", "collections get Cluster0 664858b561b103615fb1940e -o json"]),
    ("collections status", &["collections status Cluster0 664858b561b103615fb1940e", "collections status Cluster0 664858b561b103615fb1940e -o csv"]),
    ("collections wait", &["collections wait Cluster0 664858b561b103615fb1940e", "collections wait Cluster0 664858b561b103615fb1940e --timeout 2h"]),
    ("endpoints list", &["endpoints list", "endpoints list --provider azure"]),
    ("endpoints get", &["endpoints get 664858b561b103615fb1940e", "endpoints get 664858b561b103615fb1940e --provider azure"]),
    ("endpoints create", &["endpoints create US_EAST_1 --wait", "endpoints create US_EAST_1 --starting-in EU_WEST_1"]),
    ("endpoints delete", &["endpoints delete 664858b561b103615fb1940e", "endpoints delete 664858b561b103615fb1940e --yes --wait"]),
    ("endpoints wait", &["endpoints wait 664858b561b103615fb1940e", "endpoints wait 664858b561b103615fb1940e --deleted"]),
    ("projects list", &["projects list", "projects list --query '.[].id' --raw"]),
    ("projects get", &["projects get", "projects get 32b6e34b3d91647abb20e7b8"]),
    ("clusters list", &["clusters list", "clusters list --project 32b6e34b3d91647abb20e7b8 -o wide"]),
    ("clusters get", &["clusters get Cluster0", "clusters get Cluster0 -o json"]),
    ("fleet clusters", &["fleet clusters", "fleet clusters -o csv"]),
    ("fleet snapshots", &["fleet snapshots -o ndjson", "fleet snapshots -o ndjson --shard 0/4"]),
    ("fleet schedules", &["fleet schedules", "fleet schedules --concurrency 4 -o json"]),
    ("fleet exports", &["fleet exports", "fleet exports --limit 20"]),
    ("drill", &[
        "drill Cluster0 --create --tier M10 --objective 1h --rpo 24h --expect-collection shop.orders",
        "drill Cluster0 --target Scratch --verify-command 'mongosh \"$ATLAS_BACKUP_DRILL_URI\" check.js'",
        "--emulator drill Cluster0 --download",
    ]),
    ("audit", &["audit --rpo 24h --fail-on critical", "audit --policy policy.toml -o junit --out audit.xml", "audit --rules"]),
    ("report", &["report --html fleet.html", "report --html fleet.html --from clusters.ndjson snapshots.ndjson"]),
    ("api list", &["api list", "api list cloudBackups"]),
    ("api describe", &["api describe listBackupSnapshots", "api describe cloudBackups takeSnapshots -o json"]),
    ("emulator serve", &["emulator serve --seed demo", "emulator serve --seed demo --data-dir state", "emulator serve --seed demo --mongo-user tester:rehearsal"]),
    ("emulator operations", &["emulator operations", "emulator operations --help"]),
    ("emulator refusals", &["emulator refusals", "emulator refusals --help"]),
    ("auth status", &["auth status", "auth status --profile work"]),
    ("auth login", &["auth login", "auth login --profile work --kind api-key --id abcdefgh"]),
    ("auth logout", &["auth logout --profile work", "auth logout --profile work --yes"]),
    ("auth revoke", &["auth revoke", "auth revoke --profile work"]),
    ("completions", &["completions bash", "completions zsh"]),
    ("man", &["man", "man --directory man1"]),
];

/// The command tree for help and manual.
pub(super) fn command() -> Command {
    document(Cli::command(), "")
}

/// Replaces the help in `error` with one from the tree for help. Returns any other error unchanged.
pub(super) fn with_examples(error: clap::Error) -> clap::Error {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            command().try_get_matches_from(std::env::args_os()).err().unwrap_or(error)
        }
        _ => error,
    }
}

fn document(command: Command, path: &str) -> Command {
    let examples = examples(path);
    let mut command =
        command.mut_args(|argument| match argument.is_positional() && REQUIRED.contains(&argument.get_id().as_str()) {
            true => required(&argument),
            false => argument,
        });
    if !examples.is_empty() {
        let before = command.get_after_help().map(|text| format!("{text}\n\n")).unwrap_or_default();
        let lines: String = examples.iter().map(|example| format!("\n  atlas-backup {example}")).collect();
        command = command.after_help(format!("{before}Examples:{lines}"));
    }
    let names: Vec<String> = command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    for name in names {
        let path = if path.is_empty() { name.clone() } else { format!("{path} {name}") };
        command = command.mut_subcommand(name, |below| document(below, &path));
    }
    command
}

/// The argument without its conditions, which clap cannot combine with `required`.
fn required(argument: &Arg) -> Arg {
    let names = argument.get_value_names().unwrap_or_default().to_vec();
    let help = argument.get_help().cloned().unwrap_or_default();
    Arg::new(argument.get_id().clone()).required(true).value_names(names).help(help)
}

/// The examples of a command; for a command with subcommands, the first example of up to three of them.
fn examples(path: &str) -> Vec<&'static str> {
    if let Some((_, examples)) = EXAMPLES.iter().find(|(command, _)| *command == path) {
        return examples.to_vec();
    }
    let within =
        |command: &str| path.is_empty() || command.strip_prefix(path).is_some_and(|rest| rest.starts_with(' '));
    EXAMPLES.iter().filter(|(command, _)| within(command)).filter_map(|(_, all)| all.first().copied()).take(3).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn leaves(command: &Command, path: &str, found: &mut BTreeSet<String>) {
        for below in command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help") {
            let path = format!("{path} {}", below.get_name());
            match below.has_subcommands() {
                true if path == " api" => found.extend(["api list".to_owned(), "api describe".to_owned()]),
                true => leaves(below, &path, found),
                false => drop(found.insert(path.trim().to_owned())),
            }
        }
    }

    /// Splits a command line at spaces outside single quotes.
    fn arguments(line: &str) -> Vec<String> {
        let parts = line.split('\'').enumerate().flat_map(|(index, part)| match index % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        });
        parts.collect()
    }

    #[test]
    fn every_command_has_examples_that_parse() {
        let mut found = BTreeSet::from([String::new()]);
        leaves(&Cli::command(), "", &mut found);
        let rows: BTreeSet<String> = EXAMPLES.iter().map(|(command, _)| (*command).to_owned()).collect();
        assert_eq!(found, rows);
        for (command, examples) in EXAMPLES {
            assert!((2..=3).contains(&examples.len()), "{command}");
            for example in *examples {
                let typed = std::iter::once("atlas-backup".to_owned()).chain(arguments(example));
                assert!(example.contains(command), "{command}: {example}");
                if let Err(error) = Cli::command().try_get_matches_from(typed) {
                    assert_eq!(error.kind(), ErrorKind::DisplayHelp, "{example}: {error}");
                }
            }
        }
    }
}
