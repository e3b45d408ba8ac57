use crate::client::profile::*;

const FILE: &str = r#"
    version = 2
    telemetry_enabled = false

    [default]
    auth_type = "api_keys"
    public_api_key = "public"
    private_api_key = "hunter2"
    project_id = "32b6e34b3d91647abb20e7b8"
    org_id = "32b6e34b3d91647abb20e7b9"
    output = "json"

    [gov]
    auth_type = "service_account"
    client_id = "account"
    client_secret = "hunter2"
    service = "cloudgov"

    [keyring]
    auth_type = "service_account"
    client_id = "account"

    [person]
    auth_type = "user_account"
    access_token = "hunter2"
    refresh_token = "hunter2"
    service = "cloud"
    ops_manager_url = "http://127.0.0.1:8080"

    [old]
    public_api_key = "public"
    private_api_key = "hunter2"

    [nobody]
    auth_type = "no_auth"
    base_url = "http://127.0.0.1:9090"

    [odd]
    auth_type = "telepathy"
"#;

fn profile(name: &str) -> Profile {
    Profile::parse(FILE, Some(name)).expect(name)
}

#[test]
fn every_kind_of_profile_is_read() {
    for (name, credentials, base) in [
        ("default", "API key", None),
        ("gov", "service account", Some(ATLAS_GOVERNMENT)),
        ("person", "bearer token", Some("http://127.0.0.1:8080")),
        ("old", "API key", None),
        ("nobody", "none", Some("http://127.0.0.1:9090")),
    ] {
        let profile = profile(name);
        assert_eq!(profile.credentials().expect(name).describe(), credentials);
        assert_eq!((profile.name(), profile.base_url()), (name, base));
    }
    let default = profile("default");
    assert_eq!(default.project_id(), Some("32b6e34b3d91647abb20e7b8"));
    assert_eq!((default.organization_id(), default.output()), (Some("32b6e34b3d91647abb20e7b9"), Some("json")));
}

#[test]
fn keyring_secret_is_an_error_with_next_step() {
    let error = profile("keyring").credentials().expect_err("no secret");
    assert_eq!(error.kind(), ErrorKind::NotConfigured);
    assert!(error.to_string().contains("keyring") && error.to_string().contains("MONGODB_ATLAS_CLIENT_SECRET"));
    assert_eq!(profile("odd").credentials().expect_err("unknown").kind(), ErrorKind::InvalidInput);
}

#[test]
fn profile_selection_prefers_named_then_only_then_default() {
    let name = |text: &str, name| Profile::parse(text, name).map(|profile| profile.name);
    assert_eq!(name(FILE, None).expect("a profile"), "default");
    assert_eq!(name("[only]\n", None).expect("a profile"), "only");
    assert_eq!(name("[one]\n[two]\n", Some("two")).expect("a profile"), "two");
    for (text, named) in [("[one]\n[two]\n", None), ("", None), (FILE, Some("version")), (FILE, Some("none"))] {
        let error = name(text, named).expect_err("no profile");
        assert_eq!(error.kind(), ErrorKind::NotConfigured, "{error}");
    }
    assert!(name("[one]\n[two]\n", None).expect_err("no default").to_string().ends_with("expected one, two"));
}

#[test]
fn environment_credentials_take_precedence_over_profile() {
    let home =
        std::env::temp_dir().join(format!("atlas-backup-profile-{}-{:x}", std::process::id(), fastrand::u64(..)));
    let (file, folder) = match () {
        () if cfg!(target_os = "macos") => (home.join("Library/Application Support/atlascli"), "HOME"),
        () if cfg!(windows) => (home.join("atlascli"), "APPDATA"),
        () => (home.join("atlascli"), "XDG_CONFIG_HOME"),
    };
    fs::create_dir_all(&file).expect("a folder");
    fs::write(file.join("config.toml"), FILE).expect("a file");
    let folder = (folder, home.to_str().expect("text"));
    let client = |pairs: &[(&str, &str)]| {
        let lookup =
            |name: &str| pairs.iter().chain([&folder]).find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        let described = Credentials::from_variables(lookup)?.describe();
        let client = crate::call::client::Client::builder().from_variables(lookup)?.build()?;
        Ok::<_, Error>((described, client.base_url()))
    };
    let atlas = crate::client::builder::ATLAS.to_owned();
    assert_eq!(client(&[]).expect("the default profile"), ("API key", atlas.clone()));
    let gov = [("MONGODB_ATLAS_PROFILE", "gov")];
    assert_eq!(client(&gov).expect("a profile"), ("service account", ATLAS_GOVERNMENT.to_owned()));
    let token = ("MONGODB_ATLAS_ACCESS_TOKEN", "t");
    assert_eq!(client(&[gov[0], token]).expect("a token"), ("bearer token", atlas));
    let base = ("MONGODB_ATLAS_BASE_URL", "http://127.0.0.1:1");
    assert_eq!(client(&[gov[0], base]).expect("a profile"), ("service account", base.1.to_owned()));
    let missing = client(&[("MONGODB_ATLAS_PROFILE", "none")]).expect_err("no such profile");
    assert_eq!(missing.kind(), ErrorKind::NotConfigured);
    fs::remove_dir_all(home).expect("it is removed");
}

#[test]
#[cfg(unix)]
fn profile_file_readable_by_others_is_reported() {
    use std::os::unix::fs::PermissionsExt as _;
    let file = std::env::temp_dir().join(format!("atlas-backup-{}-{:x}.toml", std::process::id(), fastrand::u64(..)));
    fs::write(&file, FILE).expect("a file");
    for (mode, open) in [(0o600, false), (0o640, true), (0o604, true)] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("a mode");
        assert_eq!(Profile::read(&file, None).expect("a profile").is_open_to_others(), open, "{mode:o}");
    }
    fs::remove_file(file).expect("it is removed");
}

#[test]
fn profile_errors_and_debug_output_hide_file_contents() {
    for broken in ["[default]\nclient_secret = hunter2\n", "[default]\nprivate_api_key = \"hunter2\n", "hunter2"] {
        let error = Profile::parse(broken, None).expect_err("no TOML");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
    let line = Profile::parse("[default]\nclient_secret = hunter2\n", None).expect_err("no TOML").to_string();
    assert!(line.ends_with("invalid TOML in line 2"), "{line}");
    for name in ["default", "gov", "person"] {
        assert!(!format!("{:?}", profile(name)).contains("hunter2"));
    }
}

#[cfg(unix)]
#[test]
fn unusual_profile_file_is_refused_without_waiting() {
    let folder = tempfile::tempdir().expect("a folder");
    let (fifo, large, good) = (folder.path().join("fifo"), folder.path().join("large"), folder.path().join("good"));
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, mode, 0).expect("a FIFO");
    std::fs::write(&large, "#".repeat(MAX_PROFILES as usize + 1)).expect("a file");
    std::fs::write(&good, "[default]\n").expect("a file");
    for (path, expected) in [
        (&fifo, "it is a FIFO, not a regular file"),
        (&large, "it is larger than 1024 KiB"),
        (&folder.path().to_owned(), "it is a folder, not a regular file"),
    ] {
        let error = Profiles::read(path).err().expect("refused").to_string();
        assert!(error.contains(expected) && error.contains(&path.display().to_string()), "{error}");
    }
    // Many people link their settings.
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&good, &link).expect("a link");
    assert_eq!(Profiles::read(&link).expect("profiles").names, ["default"]);
}
