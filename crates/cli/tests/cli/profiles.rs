//! Profiles of the official command line, shared tokens, and shell completion.

use std::{fs, path::Path};

use atlas_backup_emulator::{DEMO_PROJECT, Emulator, Recorder};

use crate::support::{Run, guarded, run};

/// A home folder with a working profile `default` and a profile `wrong`.
fn home(emulator: &Emulator) -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join(".config/atlascli");
    fs::create_dir_all(&folder).expect("a folder");
    let base = emulator.base_url();
    let profiles = format!(
        "[default]\nclient_id = \"account\"\nclient_secret = \"secret\"\nproject_id = \"{DEMO_PROJECT}\"\n\
         base_url = \"{base}\"\n[wrong]\npublic_api_key = \"public\"\nprivate_api_key = \"guess\"\nbase_url = \"{base}\"\n"
    );
    fs::write(folder.join("config.toml"), profiles).expect("written");
    home
}

fn at_home(arguments: &str, home: &Path) -> Run {
    run(arguments).env("HOME", home.to_str().expect("a path"))
}

#[tokio::test(flavor = "multi_thread")]
async fn profile_sets_credentials_base_url_and_project() {
    let emulator = guarded().start().await.expect("an emulator");
    let home = home(&emulator);
    let table = at_home("clusters list", home.path()).env("MONGODB_ATLAS_PROFILE", "default").ends();
    assert!(table.stdout.contains("Cluster0"), "{}", table.stderr);
    let wrong = at_home(&format!("clusters list -P wrong --project {DEMO_PROJECT}"), home.path()).ends();
    assert_eq!(wrong.code, Some(4), "{}", wrong.stderr);
    let none = at_home("clusters list --profile nobody", home.path()).ends();
    assert_eq!(none.code, Some(4), "{}", none.stderr);
    assert!(none.stderr.contains("nobody") && !none.stderr.contains("secret"), "{}", none.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_share_cached_token() {
    let recorder = Recorder::default();
    let emulator = guarded().recorder(&recorder).start().await.expect("an emulator");
    let home = tempfile::tempdir().expect("a folder");
    for _ in 0..3 {
        at_home("clusters list", home.path()).with_account(&emulator).prints();
    }
    let tokens = recorder.take().iter().filter(|request| request.path == "/api/oauth/token").count();
    assert_eq!(tokens, 1);
}

/// The completions of the last of `words`.
fn completed(home: &Path, words: &[&str]) -> String {
    let last = (words.len() - 1).to_string();
    let mut run = at_home("--", home).env("ATLAS_BACKUP_COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", &last);
    run = run.env("_CLAP_COMPLETE_COMP_TYPE", "9").env("_CLAP_COMPLETE_SPACE", "true").env("_CLAP_IFS", "\n");
    words.iter().fold(run, |run, word| run.argument(word)).prints()
}

#[tokio::test(flavor = "multi_thread")]
async fn completion_offers_commands_operations_and_seen_names() {
    let emulator = guarded().start().await.expect("an emulator");
    let home = tempfile::tempdir().expect("a folder");
    let complete = |words: &[&str]| completed(home.path(), words);
    assert!(complete(&["atlas-backup", "restores", "sta"]).contains("start"));
    assert!(complete(&["atlas-backup", "api", "cloudBackups", "listBackupExp"]).contains("listBackupExports"));
    let version = complete(&["atlas-backup", "api", "clusters", "getCluster", "--version", ""]);
    assert!(version.contains("2023-01-01") && version.contains("2024-08-05"), "{version}");
    let cluster = ["atlas-backup", "snapshots", "list", "Clu"];
    assert!(!complete(&cluster).contains("Cluster0"));
    at_home("clusters list", home.path()).with_key(&emulator).prints();
    assert!(complete(&cluster).contains("Cluster0"), "{}", complete(&cluster));
    let flag = ["atlas-backup", "api", "cloudBackups", "listBackupSnapshots", "--clusterName", "Clu"];
    assert!(complete(&flag).contains("Cluster0"), "{}", complete(&flag));
    at_home("projects list", home.path()).with_key(&emulator).prints();
    assert!(complete(&["atlas-backup", "--project", "32b6"]).contains(DEMO_PROJECT));
}

#[test]
fn completions_prints_script_for_each_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = run(&format!("completions {shell}")).prints();
        assert!(script.contains("ATLAS_BACKUP_COMPLETE") && script.contains("atlas-backup"), "{shell}: {script}");
    }
}

#[test]
fn man_prints_page_of_program() {
    let page = run("man").prints();
    assert!(page.contains(".TH atlas-backup 1") && page.contains("snapshots"), "{page}");
    let folder = tempfile::tempdir().expect("a folder");
    let ended = run("man --directory").argument(folder.path().to_str().expect("a path")).ends();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""), "{}", ended.stderr);
    for page in ["atlas-backup.1", "atlas-backup-snapshots-take.1", "atlas-backup-restores-start-automated.1"] {
        assert!(folder.path().join(page).exists(), "{page}");
    }
}
