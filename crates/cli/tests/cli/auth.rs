//! Sources of credentials, stored and deleted profiles, and the `emulator` command.

use std::{fs, io::BufRead as _, path::Path};

use atlas_backup_emulator::{DEMO_PROJECT, Emulator};
use serde_json::{Value, json};

use crate::support::{Run, golden, guarded, run};

fn at_home(arguments: &str, home: &Path) -> Run {
    run(arguments).env("HOME", home.to_str().expect("a path"))
}

fn profiles(home: &Path) -> String {
    fs::read_to_string(home.join(".config/atlascli/config.toml")).expect("a file of profiles")
}

/// Logs in as profile `name` with `secret`, which comes on standard input.
fn login(home: &Path, emulator: &Emulator, name: &str, flags: &str, secret: &str) -> crate::support::Ended {
    let base = emulator.base_url();
    let login = format!("auth login -P {name} --base-url {base} --project {DEMO_PROJECT} {flags}");
    at_home(&login, home).input(secret).ends()
}

#[tokio::test(flavor = "multi_thread")]
async fn login_stores_profile_and_keeps_rest_of_file() {
    let emulator = guarded().start().await.expect("an emulator");
    let home = tempfile::tempdir().expect("a folder");
    let stored = login(home.path(), &emulator, "key", "--kind api-key --id public", "private\n");
    assert_eq!(stored.code, Some(0), "{}", stored.stderr);
    let before = format!("# kept by hand\nskip_update_check = true\n\n{}", profiles(home.path()));
    fs::write(home.path().join(".config/atlascli/config.toml"), &before).expect("written");
    let stored = login(home.path(), &emulator, "account", "--id account", "secret\n");
    assert_eq!(stored.code, Some(0), "{}", stored.stderr);
    assert!(profiles(home.path()).starts_with(&before), "{}", profiles(home.path()));
    for profile in ["key", "account"] {
        at_home(&format!("clusters list -P {profile}"), home.path()).prints();
    }
    golden!("auth_status", at_home("auth status -P account", home.path()).prints());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let file = fs::metadata(home.path().join(".config/atlascli/config.toml")).expect("a file");
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
    }
    let forgotten = at_home("auth logout -P account --yes", home.path()).ends();
    assert_eq!(forgotten.code, Some(0), "{}", forgotten.stderr);
    assert!(profiles(home.path()).contains("# kept by hand") && !profiles(home.path()).contains("secret"));
    assert_eq!(at_home("auth status -P account", home.path()).ends().code, Some(4));
}

#[tokio::test(flavor = "multi_thread")]
async fn login_rejects_bad_credentials_without_showing_secret() {
    let emulator = guarded().start().await.expect("an emulator");
    let home = tempfile::tempdir().expect("a folder");
    let wrong = login(home.path(), &emulator, "key", "--kind api-key --id public", "hunter2\n");
    assert_eq!((wrong.code, wrong.stderr.contains("hunter2")), (Some(4), false), "{}", wrong.stderr);
    assert!(wrong.stderr.contains("; nothing was stored; check the ID"), "{}", wrong.stderr);
    let empty = login(home.path(), &emulator, "key", "--kind api-key --id public", "\n");
    assert_eq!(empty.code, Some(2), "{}", empty.stderr);
    let dry = login(home.path(), &emulator, "key", "--kind api-key --id public --dry-run", "private\n");
    assert_eq!(dry.code, Some(0), "{}", dry.stderr);
    for url in ["nonsense", "http://example.com", "https://user:hunter2@example.com"] {
        let untried = format!("auth login --kind api-key --id public --no-verify --base-url {url}");
        let nowhere = at_home(&untried, home.path()).input("private\n").ends();
        assert_eq!((nowhere.code, nowhere.stderr.contains("hunter2")), (Some(2), false), "{url}: {}", nowhere.stderr);
    }
    assert!(!home.path().join(".config/atlascli/config.toml").exists());
    fs::create_dir_all(home.path().join(".config/atlascli")).expect("a folder");
    fs::write(home.path().join(".config/atlascli/config.toml"), "[a]\nclient_secret = hunter2\n").expect("written");
    let damaged = login(home.path(), &emulator, "key", "--kind api-key --id public", "private\n");
    assert_eq!(damaged.code, Some(2), "{}", damaged.stderr);
    assert!(damaged.stderr.contains("line 2") && !damaged.stderr.contains("hunter2"), "{}", damaged.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn status_shows_source_and_fails_for_bad_credentials() {
    let emulator = guarded().start().await.expect("an emulator");
    let status = run("auth status -o json").with_account(&emulator).json();
    assert_eq!(
        (&status["source"], &status["kind"], &status["id"], &status["works"]),
        (
            &json!("the environment (MONGODB_ATLAS_CLIENT_ID)"),
            &json!("service account"),
            &json!("account"),
            &json!(true)
        )
    );
    let wrong = run("auth status -o json").with_key(&emulator).env("MONGODB_ATLAS_PRIVATE_API_KEY", "hunter2").ends();
    let status = wrong.json();
    assert_eq!((wrong.code, &status["works"]), (Some(4), &json!(false)), "{}", wrong.stderr);
    assert!(!format!("{}{}", wrong.stdout, wrong.stderr).contains("hunter2"));
}

#[test]
fn damaged_profile_is_shown_and_can_be_removed() {
    let home = tempfile::tempdir().expect("a folder");
    let file = home.path().join(".config/atlascli/config.toml");
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    let kept = "skip_update_check = true\n\n[good]\nauth_type = \"no_auth\"\n";
    for (profile, damage, secret_is_elsewhere) in [
        ("client_id = \"mdb_sa_id_1\"\nproject_id = \"32b6e34b3d91647abb20e7b8\"", "holds no client_secret", true),
        ("public_api_key = \"public\"", "holds no private_api_key", true),
        ("private_api_key = \"hunter2\"\nauth_type = \"api_keys\"", "has no public_api_key", false),
        ("auth_type = \"carrier pigeon\"\nclient_secret = \"hunter2\"", "unknown auth_type", false),
        ("ops_manager_url = \"nonsense\"\nclient_id = \"a\"\nclient_secret = \"hunter2\"", "URL", false),
        ("", "holds no access_token", true),
    ] {
        fs::write(&file, format!("{kept}\n[damaged]\n{profile}\n")).expect("written");
        let status = at_home("auth status -P damaged -o json", home.path()).ends();
        assert!(status.stderr.contains(damage), "{profile}: {}", status.stderr);
        assert!([Some(2), Some(4)].contains(&status.code), "{profile}: {:?}", status.code);
        if damage != "URL" {
            let shown = status.json();
            assert_eq!((&shown["source"], &shown["works"]), (&json!("profile damaged"), &json!(false)), "{profile}");
            assert!(shown["reason"].as_str().is_some_and(|reason| reason.contains(damage)), "{shown}");
        }
        assert_eq!(
            at_home("auth logout -P damaged", home.path()).ends().code,
            Some(2),
            "confirmation needs a terminal"
        );
        let logout = at_home("auth logout -P damaged --yes", home.path()).ends();
        assert_eq!(logout.code, Some(0), "{profile}: {}", logout.stderr);
        assert_eq!(logout.stderr.contains("keyring, under atlascli_damaged"), secret_is_elsewhere, "{}", logout.stderr);
        assert!(!format!("{}{}{}", status.stdout, status.stderr, logout.stderr).contains("hunter2"), "{profile}");
        assert_eq!(profiles(home.path()).trim(), kept.trim(), "{profile}");
    }
    let none = at_home("auth logout -P damaged --yes", home.path()).ends();
    assert_eq!(none.code, Some(3), "{}", none.stderr);
    assert!(none.stderr.contains("unknown profile damaged; the profiles are good"), "{}", none.stderr);
    let half = at_home("auth status -o json", home.path()).at("http://127.0.0.1:1");
    let half = half.env("MONGODB_ATLAS_CLIENT_ID", "account").ends();
    let shown = half.json();
    assert_eq!(shown["source"], "the environment (MONGODB_ATLAS_CLIENT_ID)", "{}", half.stderr);
    assert_eq!(shown["baseUrl"], "http://127.0.0.1:1");
    assert!(half.stderr.contains("MONGODB_ATLAS_CLIENT_SECRET"), "{}", half.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn profile_name_is_quoted_in_hints_and_not_empty() {
    let emulator = guarded().start().await.expect("an emulator");
    let home = tempfile::tempdir().expect("a folder");
    for (name, typed) in [("a b.\"c\"", "'a b.\"c\"'"), ("ünï/../é", "ünï/../é"), ("plain", "plain")] {
        let login = format!("auth login --kind api-key --id public --base-url {} --profile", emulator.base_url());
        let stored = at_home(&login, home.path()).argument(name).input("private\n").ends();
        assert_eq!(stored.code, Some(0), "{}", stored.stderr);
        assert!(stored.stderr.contains(&format!("`atlas-backup auth status -P {typed}`")), "{}", stored.stderr);
        at_home("auth status --profile", home.path()).argument(name).prints();
        assert_eq!(at_home("auth logout --yes --profile", home.path()).argument(name).ends().code, Some(0), "{name}");
    }
    let nameless = at_home("auth login --id a --profile", home.path()).argument("").input("private\n").ends();
    assert_eq!(nameless.code, Some(2), "{}", nameless.stderr);
    assert!(nameless.stderr.contains("missing profile name"), "{}", nameless.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_profiles_file_is_reported_by_line_or_ignored_when_unused() {
    let emulator = guarded().start().await.expect("an emulator");
    let home = tempfile::tempdir().expect("a folder");
    let file = home.path().join(".config/atlascli/config.toml");
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    let reported = format!("cannot read {}: invalid TOML in line 3", file.display());
    fs::write(&file, "[work]\nclient_id = \"a\"\nclient_secret = hunter2\n").expect("written");
    for command in ["clusters list", "auth status", "auth login --id a", "auth logout --yes"] {
        let ended = at_home(command, home.path()).input("secret\n").ends();
        assert_eq!(ended.code, Some(2), "{command}: {}", ended.stderr);
        assert!(ended.stderr.contains(&reported) && !ended.stderr.contains("hunter2"), "{command}: {}", ended.stderr);
    }
    let with_key = || at_home("clusters list", home.path()).with_key(&emulator).ends().code;
    assert_eq!(with_key(), Some(0));
    let asked_for = at_home("clusters list -P work", home.path()).with_key(&emulator).ends();
    assert_eq!(asked_for.code, Some(2), "{}", asked_for.stderr);
    // Profiles other than the default are ignored too; a file without profiles counts as missing.
    fs::write(&file, "[work]\n[home]\n").expect("written");
    assert_eq!(with_key(), Some(0));
    fs::write(&file, "skip_update_check = true\n").expect("written");
    for command in ["clusters list", "auth status"] {
        let ended = at_home(command, home.path()).ends();
        assert_eq!(ended.code, Some(4), "{command}: {}", ended.stderr);
        assert!(ended.stderr.starts_with("error: missing credentials"), "{command}: {}", ended.stderr);
    }
    fs::remove_file(&file).expect("removed");
    fs::create_dir(&file).expect("a folder");
    let unreadable = at_home("auth status", home.path()).ends();
    assert!(unreadable.code == Some(2) && unreadable.stderr.contains("cannot read"), "{}", unreadable.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn revoke_invalidates_shared_token() {
    let emulator = guarded().start().await.expect("an emulator");
    let home = tempfile::tempdir().expect("a folder");
    let with = |arguments: &str| at_home(arguments, home.path()).with_account(&emulator);
    with("clusters list").prints();
    let taken = with("auth revoke").ends();
    assert_eq!((taken.code, taken.stderr.contains("revoked")), (Some(0), true), "{}", taken.stderr);
    let again = with("auth revoke").ends();
    assert_eq!((again.code, again.stderr.contains("no shared access token")), (Some(0), true), "{}", again.stderr);
}

/// Stops the emulator however the test ends.
struct Serving(std::process::Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

#[test]
fn emulator_command_serves_emulator() {
    let mut serving = Serving(run("emulator serve --seed demo").start());
    let stdout = serving.0.stdout.take().expect("standard output");
    let mut ready = String::new();
    std::io::BufReader::new(stdout).read_line(&mut ready).expect("the ready line");
    let ready: Value = serde_json::from_str(&ready).expect("JSON");
    let clusters = run("clusters list --no-auth").at(ready["baseUrl"].as_str().expect("a URL")).prints();
    assert!(clusters.contains("Cluster0"), "{clusters}");
    let refused = run("emulator serve --listen 0.0.0.0:0").ends();
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("--allow-remote"), "{}", refused.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn login_calls_base_url_of_environment() {
    let emulator = guarded().start().await.expect("an emulator");
    let home = tempfile::tempdir().expect("a folder");
    for variable in ["MONGODB_ATLAS_BASE_URL", "MONGODB_ATLAS_OPS_MANAGER_URL"] {
        let login = at_home("auth login -P key --kind api-key --id public", home.path()).input("private\n");
        let stored = login.env(variable, emulator.base_url()).ends();
        assert_eq!(stored.code, Some(0), "{variable}: {}", stored.stderr);
        // The profile leads to the same service without the variable.
        assert!(profiles(home.path()).contains(emulator.base_url()), "{}", profiles(home.path()));
        at_home("projects list -P key", home.path()).prints();
    }
}
