//! How runs end: exit codes and error messages.

use atlas_backup_emulator::{DEMO_PROJECT, RateLimit};

use crate::{
    stub::Stub,
    support::{Ended, golden, guarded, guarded_in_2026, run},
};

/// Asserts that the run exits with `code`, prints no data and reports `words`.
fn fails(ended: &Ended, code: i32, words: &[&str]) {
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(code), ""), "{}", ended.stderr);
    for words in words {
        assert!(ended.stderr.contains(words), "{words:?} in {}", ended.stderr);
    }
}

#[test]
fn missing_credentials_error_lists_all_sources() {
    let ended = run("snapshots list Cluster0").ends();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(4), ""));
    golden!("no_credentials", ended.stderr);
    // The recommended command works.
    run("--emulator snapshots list Cluster0").prints();
}

#[test]
fn usage_error_exits_2() {
    fails(&run("snapshots").ends(), 2, &["Usage"]);
    fails(&run("snapshots list").ends(), 2, &["<CLUSTER>"]);
    fails(&run("snapshots list Cluster0 --limit 0").ends(), 2, &["--limit"]);
    fails(&run("--emulator snapshots list ../etc").ends(), 2, &["invalid cluster name"]);
    fails(&run("--emulator snapshots get Cluster0 5").ends(), 2, &["invalid snapshot ID \"5\": expected 24"]);
    fails(&run("--emulator --project nowhere clusters list").ends(), 3, &["no project has the ID or name \"nowhere\""]);
    fails(&run("--emulator --base-url https://example.com clusters list").ends(), 2, &["cannot be used with"]);
    fails(&run("snapshots list Cluster0 --no-auth").ends(), 2, &["missing project", "--project", "projects list"]);
    fails(&run("--emulator snapshots take Cluster0 --wait --timeout 60").ends(), 2, &["missing unit: expected 60s"]);
    fails(&run("--emulator snapshots wait Flex0 665255e9257cc6a722feec8a").ends(), 2, &["flex snapshots list Flex0"]);
    let plain = run("clusters list --no-auth --base-url http://example.com --project").argument(DEMO_PROJECT);
    fails(&plain.ends(), 2, &["must be https"]);
    let half = run("projects list").env("MONGODB_ATLAS_CLIENT_ID", "account");
    fails(&half.ends(), 2, &["MONGODB_ATLAS_CLIENT_ID is set but MONGODB_ATLAS_CLIENT_SECRET is not"]);
}

#[test]
fn not_found_exits_3_with_list_command() {
    let ended = run("--emulator snapshots list Nowhere").ends();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""));
    golden!("cluster_not_found", ended.stderr);
    let missing = run("--emulator snapshots get Cluster0 ffffffffffffffffffffffff").ends();
    fails(&missing, 3, &["RESOURCE_NOT_FOUND", "`atlas-backup --emulator snapshots list Cluster0`"]);
    let project = run("--emulator --project ffffffffffffffffffffffff clusters list").ends();
    fails(&project, 3, &["GROUP_NOT_FOUND", "`atlas-backup --emulator projects list`"]);
    let flex = run("--emulator flex snapshots list Cluster0").ends();
    fails(&flex, 1, &["CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API", "`atlas-backup --emulator snapshots list`"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_exit_4_and_are_not_shown() {
    let emulator = guarded().start().await.expect("an emulator");
    let key = run("projects list -v").with_key(&emulator).env("MONGODB_ATLAS_PRIVATE_API_KEY", "hunter2").ends();
    fails(&key, 4, &["401", "access list"]);
    let account = run("projects list -v").with_account(&emulator).env("MONGODB_ATLAS_CLIENT_SECRET", "hunter2").ends();
    fails(&account, 4, &["`atlas-backup auth status` shows their source"]);
    let nobody = run("projects list -v --no-auth").at(emulator.base_url()).ends();
    fails(&nobody, 4, &["401"]);
    assert!(![key, account, nobody].iter().any(|ended| ended.stderr.contains("hunter2")));
}

#[test]
fn missing_role_exits_4_and_is_named() {
    let stub = Stub::start(|_| {
        let body = r#"{"error":401,"errorCode":"USER_UNAUTHORIZED","detail":"Not yours.","parameters":["x"]}"#;
        (401, "application/json", body.to_owned())
    });
    let ended = run("snapshots list Cluster0 --no-auth").at(&stub.base_url).ends();
    fails(&ended, 4, &["401", "USER_UNAUTHORIZED", "Not yours.", "Project Read Only"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn exhausted_rate_limit_exits_7() {
    let limit = RateLimit { capacity: 1, refill: 1, refill_seconds: 86_400 };
    let emulator = guarded().rate_limit("Cloud Backups", limit).start().await.expect("an emulator");
    let list = || run("exports list Cluster0").with_key(&emulator).ends();
    assert_eq!(list().code, Some(0));
    fails(&list(), 7, &["429", "RATE_LIMITED", "try again in"]);
}

#[test]
fn other_error_exits_1_and_verbose_shows_causes() {
    let arguments = format!("clusters list --no-auth --base-url http://127.0.0.1:1 --project {DEMO_PROJECT}");
    let quiet = run(&arguments).ends();
    fails(&quiet, 1, &["cannot connect", "check the network"]);
    assert_eq!(quiet.stderr.lines().count(), 1, "{}", quiet.stderr);
    fails(&run(&arguments).argument("--verbose").ends(), 1, &["caused by: ", "Connection refused", "will try again"]);
}

#[test]
fn verbose_logs_each_call_with_status() {
    let ended = run("--emulator -v snapshots list Cluster0").ends();
    let calls = ended.stderr.lines().filter(|line| line.contains("status_code=200") && line.ends_with(" ms"));
    assert_eq!((ended.code, calls.count()), (Some(0), 2), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn deprecated_version_is_warned_about() {
    let emulator = guarded_in_2026().start().await.expect("an emulator");
    let ended = run("api cloudBackups listExportBuckets --version 2023-01-01").with_key(&emulator).ends();
    assert_eq!(ended.code, Some(0));
    for words in ["warning: ", "deprecated", "listGroupBackupExportBuckets", "1 Jul 2027"] {
        assert!(ended.stderr.contains(words), "{words} in {}", ended.stderr);
    }
    assert_eq!(run("api cloudBackups listExportBuckets").with_key(&emulator).ends().stderr, "");
}

#[test]
fn proxy_error_page_is_reported_with_status() {
    let stub = Stub::start(|_| (418, "text/html", "<html>no</html>".to_owned()));
    fails(&run("projects list --no-auth").at(&stub.base_url).ends(), 1, &["418", "text/html"]);
}

#[test]
fn help_lists_exit_codes() {
    let help = run("--help").prints();
    for line in [
        "2 invalid usage",
        "3 not found",
        "4 not authorized",
        "5 job failed",
        "6 timed out",
        "7 rate limited",
        "9 findings",
        "130 interrupted",
        "143 terminated",
    ] {
        assert!(help.contains(line), "{line}");
    }
    assert_eq!(run("--version").prints(), concat!("atlas-backup ", env!("CARGO_PKG_VERSION"), "\n"));
}

/// Each reads the file at `FIFO` or standard input, which never ends here.
#[cfg(unix)]
#[test]
fn signal_ends_run_that_waits_for_input() {
    use std::{fs::OpenOptions, os::unix::fs::OpenOptionsExt as _, process::Command};

    use crate::support::until;

    for command in [
        "--emulator schedule set Cluster0 --file FIFO",
        "--emulator audit --policy FIFO",
        "--emulator api cloudBackups takeSnapshots --clusterName Cluster0 --file FIFO",
        "report --html fleet.html --from FIFO",
        "auth logout -P work --yes",
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let fifo = folder.path().join("atlascli/config.toml");
        std::fs::create_dir(folder.path().join("atlascli")).expect("a folder");
        assert!(Command::new("mkfifo").arg(&fifo).status().expect("mkfifo runs").success());
        let command = command.replace("FIFO", fifo.to_str().expect("a path"));
        let run =
            run(&command).directory(folder.path()).env("XDG_CONFIG_HOME", folder.path().to_str().expect("a path"));
        let child = run.start();
        // The other end can be opened without waiting once the program has opened its end, and keeps it waiting.
        let mut writer = OpenOptions::new();
        writer.write(true).custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
        let held = std::cell::RefCell::new(None);
        until(&format!("{command} reads"), || {
            *held.borrow_mut() = writer.open(&fifo).ok();
            held.borrow().is_some()
        });
        assert!(Command::new("kill").arg(child.id().to_string()).status().expect("kill runs").success());
        let ended = Ended::from(child.wait_with_output().expect("it ends"));
        assert_eq!(ended.code, Some(143), "{command}: {}", ended.stderr);
        assert!(ended.stderr.contains("error: interrupted"), "{command}: {}", ended.stderr);
    }
}
