//! Each example of the library, run as the program that it is, with either kind of credentials from the environment.

use std::process::Output;

use atlas_backup_emulator::DEMO_PROJECT;

use super::*;

const API_KEY: [(&str, &str); 2] =
    [("MONGODB_ATLAS_PUBLIC_API_KEY", "public"), ("MONGODB_ATLAS_PRIVATE_API_KEY", "private")];
const ACCOUNT: [(&str, &str); 2] = [("MONGODB_ATLAS_CLIENT_ID", "account"), ("MONGODB_ATLAS_CLIENT_SECRET", "secret")];

async fn run(program: &str, emulator: &Emulator, credentials: &[(&str, &str)], arguments: &[&str]) -> Output {
    tokio::process::Command::new(program)
        .args(arguments)
        .env_clear()
        .env("MONGODB_ATLAS_BASE_URL", emulator.base_url())
        .envs(credentials.iter().copied())
        .output()
        .await
        .expect("the example starts")
}

/// Runs an example with each kind of credentials, plain and wrapped, and returns what each run printed, which must be
/// the same.
async fn printed(program: &str, arguments: &[&str]) -> String {
    let (emulator, recorder) = demo().await;
    let mut outputs = Vec::new();
    for credentials in [API_KEY, ACCOUNT] {
        for flags in [&[][..], &["--envelope", "--pretty"]] {
            let output = run(program, &emulator, &credentials, &[arguments, flags].concat()).await;
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            outputs.push(String::from_utf8(output.stdout).expect("text"));
            let (sent, wrapped) = (recorder.take(), !flags.is_empty());
            let calls = sent.iter().filter(|r| !r.path.ends_with("/oauth/token"));
            for call in calls {
                let query = call.query.as_deref().unwrap_or_default();
                assert_eq!(query.contains("envelope=true") && query.contains("pretty=true"), wrapped, "{query}");
            }
            let digest = sent
                .iter()
                .any(|r| r.headers.get("authorization").is_some_and(|v| v.as_bytes().starts_with(b"Digest ")));
            assert_eq!(digest, credentials == API_KEY);
        }
    }
    assert!(!outputs[0].is_empty());
    assert!(outputs.iter().all(|output| *output == outputs[0]), "{outputs:#?}");
    outputs.swap_remove(0)
}

#[tokio::test]
async fn list_shared_cluster_backups_lists_by_name_and_by_the_older_path() {
    let program = env!("CARGO_BIN_EXE_example-list-shared-cluster-backups");
    let by_name = printed(program, &[DEMO_PROJECT, "Flex0"]).await;
    assert!(by_name.contains(" COMPLETED MongoDB "), "{by_name}");
    assert_eq!(printed(program, &[DEMO_PROJECT, "Flex0", "--v1"]).await, by_name);
}

#[tokio::test]
async fn get_cluster_backup_snapshot_shows_one_snapshot() {
    let program = env!("CARGO_BIN_EXE_example-get-cluster-backup-snapshot");
    let newest = printed(program, &[DEMO_PROJECT, "Cluster0"]).await;
    let id = newest.split(' ').next().expect("an id");
    assert_eq!(printed(program, &[DEMO_PROJECT, "Cluster0", id]).await, newest);
}

#[tokio::test]
async fn list_backup_exports_takes_page_size_page_number_and_count() {
    let program = env!("CARGO_BIN_EXE_example-list-backup-exports");
    let all = printed(program, &[DEMO_PROJECT, "Cluster0"]).await;
    assert!(all.starts_with("page 1 of "), "{all}");
    let exports: Vec<_> = all.lines().filter(|line| !line.starts_with("page")).collect();
    assert!(exports.len() > 2, "{all}");

    let second = printed(program, &[DEMO_PROJECT, "Cluster0", "2", "2"]).await;
    assert!(second.starts_with("page 2 of ") && second.lines().nth(1) == Some(exports[2]), "{second}");
    let uncounted = printed(program, &[DEMO_PROJECT, "Cluster0", "2", "--no-count"]).await;
    assert!(uncounted.starts_with("page 1\n"), "{uncounted}");
    assert_eq!(uncounted.lines().filter(|line| !line.starts_with("page")).collect::<Vec<_>>(), exports);
}

#[tokio::test]
async fn list_serverless_backup_snapshots_lists_through_flex() {
    let program = env!("CARGO_BIN_EXE_example-list-serverless-backup-snapshots");
    let listed = printed(program, &[DEMO_PROJECT, "Flex0"]).await;
    assert!(listed.contains(" completed MongoDB "), "{listed}");
}

#[tokio::test]
async fn list_flex_backups_lists_the_flex_snapshots() {
    let program = env!("CARGO_BIN_EXE_example-list-flex-backups");
    let listed = printed(program, &[DEMO_PROJECT, "Flex0"]).await;
    assert!(listed.contains(" COMPLETED MongoDB "), "{listed}");
}

#[tokio::test]
async fn list_snapshots_synchronously_lists_and_waits_without_an_async_main() {
    let program = env!("CARGO_BIN_EXE_example-list-snapshots-synchronously");
    let listed = printed(program, &[DEMO_PROJECT, "Cluster0"]).await;
    assert!(listed.lines().count() > 1 && listed.lines().all(|line| line.ends_with(" completed")), "{listed}");
}

#[tokio::test]
async fn example_without_credentials_names_variables_to_set() {
    let (emulator, _) = demo().await;
    let program = env!("CARGO_BIN_EXE_example-list-flex-backups");
    let output = run(program, &emulator, &[], &[DEMO_PROJECT, "Flex0"]).await;
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("MONGODB_ATLAS_CLIENT_ID"), "{output:?}");
}
