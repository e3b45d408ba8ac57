//! A response that is not a page: no command may take it for "there is nothing".

use crate::{stub::Stub, support::run};

const COMMANDS: [&str; 19] = [
    "snapshots list Cluster0",
    "snapshots list Cluster0 --limit 5",
    "restores list Cluster0",
    "exports list Cluster0",
    "buckets list",
    "flex snapshots list Flex0",
    "flex restores list Flex0",
    "collections list Cluster0",
    "endpoints list",
    "projects list",
    "clusters list",
    "fleet clusters",
    "fleet snapshots",
    "fleet schedules",
    "fleet exports",
    "audit",
    "audit -o json",
    "audit -o junit",
    "api cloudBackups listBackupSnapshots --clusterName Cluster0 --paginate",
];

#[test]
fn no_command_takes_another_document_for_an_empty_list() {
    for body in ["", "{}", r#"{"results":null}"#, r#"{"results":[],"totalCount":3}"#, "<html>busy</html>", "[]"] {
        let stub = Stub::start(move |_| (200, "application/json", body));
        for command in COMMANDS {
            let command = format!("--no-auth --project 32b6e34b3d91647abb20e7b8 {command}");
            let ended = run(&command).at(&stub.base_url).ends();
            assert_ne!(ended.code, Some(0), "{command}: {body:?}: {}", ended.stdout);
            assert_ne!(ended.code, Some(2), "{command}: {}", ended.stderr);
            assert!(!ended.stderr.is_empty() && !ended.stdout.contains("no findings"), "{command}: {}", ended.stdout);
        }
    }
}
