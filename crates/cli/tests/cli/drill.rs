//! Restore drills: results, and that no resources stay behind.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use atlas_backup::types::CloudProvider;
use atlas_backup_emulator::{DEMO_PROJECT, Emulator, Fault, JobKind, Recorder};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Ended, golden, guarded, run};

/// A finished drill and its record.
pub(crate) struct Drilled {
    pub(crate) ended: Ended,
    pub(crate) evidence: Value,
    pub(crate) page: String,
}

pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn drill(emulator: &Emulator, arguments: &str) -> Drilled {
    drill_unconfirmed(emulator, &format!("{arguments} --yes"))
}

fn drill_unconfirmed(emulator: &Emulator, arguments: &str) -> Drilled {
    let folder = folder();
    let ended = run(&format!("drill {arguments} --evidence records"))
        .with_key(emulator)
        .env("TMPDIR", &folder.path().display().to_string())
        .directory(folder.path())
        .ends();
    let drilled = read(ended, &folder.path().join("records"));
    let left: Vec<_> = fs::read_dir(folder.path()).expect("a folder").filter_map(Result::ok).collect();
    assert!(left.iter().all(|entry| entry.file_name() == "records"), "{left:?}");
    drilled
}

pub(crate) fn read(ended: Ended, records: &Path) -> Drilled {
    let files = fs::read_dir(records).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: BTreeMap<String, String> = files
        .map(|path| {
            let extension = path.extension().and_then(|extension| extension.to_str()).expect("a form").to_owned();
            (extension, fs::read_to_string(&path).expect("text"))
        })
        .collect();
    let evidence = files.remove("json").map_or(Value::Null, |text| serde_json::from_str(&text).expect("JSON"));
    Drilled { ended, evidence, page: files.remove("html").unwrap_or_default() }
}

async fn emulator() -> Emulator {
    guarded().time_scale(1000.0).start().await.expect("an emulator")
}

pub(crate) fn clusters(emulator: &Emulator) -> Vec<String> {
    let list = run("clusters list -o json").with_key(emulator).json();
    let names =
        list.as_array().expect("a list").iter().map(|cluster| cluster["name"].as_str().expect("a name").to_owned());
    names.collect()
}

pub(crate) fn step<'e>(evidence: &'e Value, name: &str) -> &'e Value {
    let steps = evidence["steps"].as_array().expect("steps");
    steps.iter().find(|step| step["name"] == name).unwrap_or_else(|| panic!("no {name} in {evidence}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn drill_creates_and_deletes_cluster_of_any_kind() {
    let recorder = Recorder::default();
    let emulator = guarded().time_scale(1000.0).recorder(&recorder).start().await.expect("an emulator");
    let before = clusters(&emulator);
    let _before = recorder.take();
    for (source, kind, expected) in [
        ("Cluster0", "replicaSet", "--tier M20 --expect-database shop --expect-collection telemetry.events"),
        ("Sharded0", "sharded", "--expect-collection shop.orders"),
        ("Flex0", "flex", ""),
    ] {
        let drilled = drill(&emulator, &format!("{source} --create --objective 1h --rpo 2d {expected}"));
        let evidence = &drilled.evidence;
        assert_eq!(drilled.ended.code, Some(0), "{}", drilled.ended.stderr);
        assert_eq!((&evidence["outcome"], &evidence["source"]["kind"]), (&json!("passed"), &json!(kind)));
        assert_eq!(evidence["recoveryTime"]["met"], json!(true), "{evidence}");
        assert_eq!(evidence["recoveryPoint"]["met"], json!(true), "{evidence}");
        assert_eq!((&evidence["target"]["created"], &evidence["left"]), (&json!(true), &json!([])));
        let steps: Vec<_> = evidence["steps"].as_array().expect("steps").iter().map(|step| &step["name"]).collect();
        assert_eq!(steps, ["create", "restore", "ready", "verify", "teardown"]);
        let name = evidence["target"]["cluster"].as_str().expect("a name");
        let requests = recorder.take();
        let deleted: Vec<_> = requests.iter().filter(|request| request.method == "DELETE").collect();
        assert!(!deleted.is_empty() && deleted.iter().all(|request| request.path.ends_with(&format!("/{name}"))));
    }
    assert_eq!(clusters(&emulator), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn drill_download_reads_every_document_of_any_kind() {
    let emulator = emulator().await;
    for (source, archives) in [("Cluster0", 1), ("Sharded0", 2), ("Flex0", 1)] {
        let drilled = drill(&emulator, &format!("{source} --download --expect-collection shop.orders"));
        let evidence = &drilled.evidence;
        assert_eq!(drilled.ended.code, Some(0), "{}", drilled.ended.stderr);
        assert_eq!(evidence["archives"].as_array().map(Vec::len), Some(archives));
        let counted: BTreeMap<(String, String), u64> = evidence["collections"]
            .as_array()
            .expect("collections")
            .iter()
            .map(|one| {
                let text = |key: &str| one[key].as_str().expect("a name").to_owned();
                ((text("database"), text("collection")), one["documents"].as_u64().expect("a number"))
            })
            .collect();
        let data = emulator.data(DEMO_PROJECT, source).expect("the cluster's data");
        let mut held = BTreeMap::new();
        for database in data.databases() {
            for collection in data.collections(&database) {
                let documents = data.documents(&database, &collection).len() as u64;
                held.insert((database.clone(), collection), documents);
            }
        }
        assert_eq!(counted, held, "{source}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn drill_changes_target_only_after_confirmation() {
    let emulator = emulator().await;
    let atlas = atlas_backup::Client::builder()
        .base_url(emulator.base_url())
        .credentials(atlas_backup::Credentials::api_key("public", "private"))
        .build()
        .expect("a client");
    let project = atlas.project(DEMO_PROJECT).expect("a project");
    let wanted =
        |name: &str| atlas_backup::NewCluster::replica_set(name, CloudProvider::Aws, "US_EAST_1", "M10").expect("one");
    project.clusters().create(wanted("Scratch")).await.expect("created");
    project.clusters().create(wanted("Precious").with_termination_protection()).await.expect("created");
    for name in ["Scratch", "Precious"] {
        project.cluster(name).expect("a name").wait().await.expect("idle");
    }
    for (arguments, consequence) in [
        ("Cluster0 --target Scratch", "this overwrites its data"),
        ("Cluster0 --create --tier M20", "create billable cluster drill-"),
        ("Cluster0 --create --tier M20", "(AWS EU_WEST_1, M20 with 3 nodes), restore snapshot"),
        ("Sharded0 --create", " shards, each AWS "),
        ("Flex0 --create", ", flex), restore snapshot"),
    ] {
        let asked = drill_unconfirmed(&emulator, arguments);
        assert_eq!((asked.ended.code, asked.evidence), (Some(2), Value::Null), "{}", asked.ended.stderr);
        assert!(asked.ended.stderr.contains(consequence), "{consequence}: {}", asked.ended.stderr);
    }

    let done = drill(&emulator, "Cluster0 --target Scratch");
    assert_eq!(done.ended.code, Some(0), "{}", done.ended.stderr);
    assert!(clusters(&emulator).contains(&"Scratch".to_owned()));
    let [restored, source] = ["Scratch", "Cluster0"]
        .map(|name| emulator.data(DEMO_PROJECT, name).expect("data").documents("shop", "customers"));
    assert_eq!(restored, source);
    assert!(
        done.evidence["left"][0]["what"].as_str().is_some_and(|what| what.contains("Scratch")),
        "{}",
        done.evidence
    );

    for (arguments, why) in [
        ("Cluster0 --target Cluster0", "it is the source cluster"),
        ("Cluster0 --target Cluster0 --target-project demo", "it is the source cluster"),
        ("Cluster0 --target Precious", "termination protection is on"),
        ("Cluster0 --target Sharded0", "its kind differs from the source"),
        ("Cluster0 --target Flex0", "it is not a dedicated cluster"),
        ("Cluster0 --target Scratch --create", "already exists"),
        ("Cluster0", "missing restore target"),
        ("Flex0 --create --expect-database shop", "cannot check the contents of a flex snapshot"),
        ("Cluster0 --download --target Scratch", "cannot be used with"),
    ] {
        let refused = drill(&emulator, arguments);
        assert_eq!((refused.ended.code, &refused.evidence), (Some(2), &Value::Null), "{arguments}");
        assert!(refused.ended.stderr.contains(why), "{why} in {}", refused.ended.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_restore_exits_5_and_leaves_nothing() {
    let emulator = emulator().await;
    let before = clusters(&emulator);
    for (source, kind, how, at) in [
        ("Cluster0", JobKind::Restore, "--create", "restore"),
        ("Flex0", JobKind::FlexRestore, "--create", "restore"),
        ("Cluster0", JobKind::Restore, "--download", "prepare"),
    ] {
        emulator.fail_next(kind);
        let drilled = drill(&emulator, &format!("{source} {how}"));
        assert_eq!(drilled.ended.code, Some(5), "{}", drilled.ended.stderr);
        assert_eq!(drilled.evidence["outcome"], json!("restoreFailed"));
        assert_eq!(step(&drilled.evidence, at)["outcome"], json!("failed"));
        assert_eq!(step(&drilled.evidence, "teardown")["outcome"], json!("done"));
        assert_eq!(drilled.evidence["recoveryTime"].get("achievedSeconds"), None);
    }
    assert_eq!(clusters(&emulator), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_check_exits_5_and_missed_objective_9() {
    let emulator = emulator().await;
    for (arguments, code, outcome, printed) in [
        (
            "--expect-collection shop.nothing",
            5,
            "verificationFailed",
            "expected: the snapshot has collection shop.nothing, found: it does not",
        ),
        ("--expect-database nowhere --objective 1ms", 5, "verificationFailed", "database nowhere"),
        ("--objective 1ms", 9, "objectiveMissed", "objective 1ms"),
        ("--rpo 1ms", 9, "objectiveMissed", "the snapshot was older than allowed"),
    ] {
        let drilled = drill(&emulator, &format!("Cluster0 --download {arguments}"));
        assert_eq!((drilled.ended.code, &drilled.evidence["outcome"]), (Some(code), &json!(outcome)), "{arguments}");
        assert!(drilled.ended.stderr.contains(printed), "{printed} in {}", drilled.ended.stderr);
    }
    let by_name = drill(&emulator, "Cluster0 --create --expect-collection shop.nothing");
    assert_eq!((by_name.ended.code, &by_name.evidence["left"]), (Some(5), &json!([])), "{}", by_name.ended.stderr);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn verify_command_decides_and_gets_no_credentials() {
    let emulator = emulator().await;
    let records = folder();
    let check = |command: &str, how: &str| {
        let run = run(&format!("drill Cluster0 {how} --yes --evidence records --verify-command")).argument(command);
        let ended = run.with_key(&emulator).directory(records.path()).env("PATH", "/usr/bin:/bin").ends();
        let drilled = read(ended, &records.path().join("records"));
        fs::remove_dir_all(records.path().join("records")).expect("records");
        drilled
    };
    let data = "env; test -f \"$(find $ATLAS_BACKUP_DRILL_FOLDER -name orders.bson)\"";
    let passed = check(data, "--download");
    assert_eq!(passed.ended.code, Some(0), "{}", passed.ended.stderr);
    assert!(!passed.ended.stderr.contains("MONGODB_ATLAS_"), "{}", passed.ended.stderr);
    assert!(!passed.evidence.to_string().contains("FOLDER"), "only the program's name is kept");
    let failed = check(
        "echo $ATLAS_BACKUP_DRILL_URI $ATLAS_BACKUP_DRILL_CLUSTER $ATLAS_BACKUP_DRILL_STANDARD_URI; exit 3",
        "--create --target Copy",
    );
    assert_eq!((failed.ended.code, &failed.evidence["outcome"]), (Some(5), &json!("verificationFailed")));
    assert!(
        failed.ended.stderr.contains("mongodb+srv://copy.example.net Copy mongodb://copy.example.net:27017/"),
        "{}",
        failed.ended.stderr
    );
    assert!(
        failed.ended.stderr.contains("expected: echo exits with 0, found: it exited with 3"),
        "{}",
        failed.ended.stderr
    );
    assert!(!failed.evidence.to_string().contains("example.net"), "{}", failed.evidence);
}

/// The database users and the access list of the demo project.
fn access(emulator: &Emulator) -> (Value, Value) {
    let list = |operation: &str| run(&format!("api {operation}")).with_key(emulator).json()["results"].clone();
    (list("databaseUsers listDatabaseUsers"), list("projectIpAccessList listAccessListEntries"))
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn login_of_drill_lasts_as_long_as_its_check() {
    let emulator = guarded().time_scale(100.0).mongo(true).start().await.expect("an emulator");
    let (records, seen) = (folder(), folder());
    let program = env!("CARGO_BIN_EXE_atlas-backup");
    let call = format!(
        "MONGODB_ATLAS_PUBLIC_API_KEY=public MONGODB_ATLAS_PRIVATE_API_KEY=private {program} --base-url {} --project \
         {DEMO_PROJECT} api",
        emulator.base_url()
    );
    let check = format!(
        "cd {} && env >env && {call} databaseUsers listDatabaseUsers >users && {call} projectIpAccessList \
         listAccessListEntries >entries && echo '{{\"documents\": 1260, \"collections\": 5}}' >$ATLAS_BACKUP_DRILL_RESULT",
        seen.path().display()
    );
    let before = access(&emulator);
    let run = run("drill Cluster0 --create --target Copy --login --timeout 100h --yes --evidence records --verbose");
    let run = run.argument("--verify-command").argument(&check).with_key(&emulator).env("PATH", "/usr/bin:/bin");
    let drilled = read(run.directory(records.path()).ends(), &records.path().join("records"));
    let evidence = &drilled.evidence;
    assert_eq!(drilled.ended.code, Some(0), "{}", drilled.ended.stderr);
    assert_eq!(access(&emulator), before, "both are removed");

    let text = |name: &str| fs::read_to_string(seen.path().join(name)).expect("a file");
    let value = |name: &str| serde_json::from_str::<Value>(&text(name)).expect("JSON")["results"].clone();
    let (users, entries, env) = (value("users"), value("entries"), text("env"));
    let variable = |name: &str| {
        let line = env.lines().find_map(|line| line.strip_prefix(&format!("ATLAS_BACKUP_DRILL_{name}=")));
        line.unwrap_or_else(|| panic!("{name} in {env}")).to_owned()
    };
    let (user, password) = (variable("USER"), variable("PASSWORD"));
    assert_eq!(variable("URI"), format!("mongodb+srv://{user}:{password}@copy.example.net"));
    assert!(variable("STANDARD_URI").starts_with(&format!("mongodb://{user}:{password}@127.0.0.1:")), "{env}");
    assert!(!env.contains("MONGODB_ATLAS_"), "{env}");
    let own = users.as_array().into_iter().flatten().find(|known| known["username"] == *user).expect("the user");
    assert_eq!(own["scopes"], json!([{"name": "Copy", "type": "CLUSTER"}]));
    assert_eq!(own["roles"], json!([{"databaseName": "admin", "roleName": "readAnyDatabase"}]));
    let entry = entries.as_array().into_iter().flatten().find(|known| known["ipAddress"] == "127.0.0.1");
    let ends = [&own["deleteAfterDate"], &entry.expect("the entry")["deleteAfterDate"]];
    assert!(ends.iter().all(|end| end.is_string()), "{own} {entry:?}");

    let names: Vec<_> = evidence["steps"].as_array().expect("steps").iter().map(|step| &step["name"]).collect();
    assert_eq!(names, ["create", "restore", "ready", "login", "verify", "logout", "teardown"]);
    assert_eq!((&evidence["left"], &evidence["compared"]), (&json!([]), &json!({"documents": 1260, "collections": 5})));
    let verified = evidence["verification"]["verified"].to_string();
    assert!(verified.contains("your verify command compared 1260 documents of 5 collections"), "{verified}");
    for shown in [&drilled.ended.stdout, &drilled.ended.stderr, &evidence.to_string(), &drilled.page] {
        assert!(!shown.contains(&password), "{shown}");
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn login_that_cannot_be_removed_is_reported_and_own_entry_is_kept() {
    let emulator = guarded().time_scale(100.0).start().await.expect("an emulator");
    let own = run("api projectIpAccessList createAccessListEntry --file -").with_key(&emulator);
    own.input(r#"[{"ipAddress": "127.0.0.1", "comment": "office"}]"#).json();
    let before = (access(&emulator), clusters(&emulator));
    let fault = Fault::status(403).code("USER_UNAUTHORIZED").on("deleteGroupDatabaseUser");
    emulator.inject(fault).expect("a fault");
    let drilled = drill(&emulator, "Cluster0 --create --login --verify-command false --timeout 100h");
    assert_eq!(drilled.ended.code, Some(5), "{}", drilled.ended.stderr);
    let left = &drilled.evidence["left"];
    assert_eq!(left.as_array().map(Vec::len), Some(1), "{left}");
    let command = left[0]["command"].as_str().expect("a command");
    assert!(drilled.ended.stderr.contains(&format!("`{command}` deletes it")), "{}", drilled.ended.stderr);
    emulator.clear_faults();
    run(command.strip_prefix("atlas-backup ").expect("our own")).with_key(&emulator).prints();
    assert_eq!((access(&emulator), clusters(&emulator)), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn timed_out_drill_exits_6_after_teardown() {
    let emulator = guarded().time_scale(30.0).start().await.expect("an emulator");
    let before = clusters(&emulator);
    let drilled = drill(&emulator, "Cluster0 --create --timeout 1s");
    assert_eq!(
        (drilled.ended.code, &drilled.evidence["outcome"]),
        (Some(6), &json!("timedOut")),
        "{}",
        drilled.ended.stderr
    );
    assert_eq!(step(&drilled.evidence, "create")["outcome"], json!("unfinished"));
    assert_eq!(step(&drilled.evidence, "teardown")["outcome"], json!("done"));
    assert_eq!(clusters(&emulator), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_teardown_reports_leftovers_with_commands() {
    let emulator = emulator().await;
    emulator.inject(Fault::status(403).on("deleteGroupCluster").code("USER_UNAUTHORIZED")).expect("a fault");
    let drilled = drill(&emulator, "Cluster0 --create --target Copy");
    assert_eq!(
        (drilled.ended.code, &drilled.evidence["outcome"]),
        (Some(1), &json!("passed")),
        "{}",
        drilled.ended.stderr
    );
    let command = format!("atlas-backup api clusters deleteCluster --clusterName Copy --groupId {DEMO_PROJECT}");
    assert_eq!(drilled.evidence["left"][0]["command"], json!(command));
    assert!(drilled.ended.stderr.contains(&format!("`{command}` deletes it")), "{}", drilled.ended.stderr);
    assert_eq!(step(&drilled.evidence, "teardown")["outcome"], json!("failed"));
    emulator.clear_faults();
    run(command.strip_prefix("atlas-backup ").expect("our own")).with_key(&emulator).prints();

    let kept = drill(&emulator, "Cluster0 --create --target Kept --keep");
    assert_eq!(kept.ended.code, Some(0), "{}", kept.ended.stderr);
    assert!(clusters(&emulator).contains(&"Kept".to_owned()));
}

#[cfg(unix)]
pub(crate) fn interrupt(child: &std::process::Child, signal: &str) {
    let sent = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn interrupted_drill_exits_with_code_of_signal_after_teardown() {
    let emulator = guarded().time_scale(100.0).start().await.expect("an emulator");
    let before = clusters(&emulator);
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let folder = folder();
        let run = run("drill Cluster0 --create --yes --evidence records").with_key(&emulator).directory(folder.path());
        let mut child = run.start();
        let mut printed = BufReader::new(child.stderr.take().expect("standard error"));
        let mut line = String::new();
        printed.read_line(&mut line).expect("a line");
        assert!(line.starts_with("note: create: done"), "{line}");
        interrupt(&child, signal);
        let mut rest = String::new();
        printed.read_to_string(&mut rest).expect("text");
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(code), "{rest}");
        assert!(rest.contains("note: teardown: done") && rest.contains("error: interrupted"), "{rest}");
        let drilled =
            read(Ended { code: Some(code), stdout: String::new(), stderr: rest }, &folder.path().join("records"));
        assert_eq!((&drilled.evidence["outcome"], &drilled.evidence["left"]), (&json!("interrupted"), &json!([])));
        assert_eq!(clusters(&emulator), before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn drill_dry_run_prints_steps_and_changes_nothing() {
    let recorder = Recorder::default();
    let emulator = guarded().recorder(&recorder).start().await.expect("an emulator");
    let plan =
        run("drill Cluster0 --create --target Copy --expect-database shop --dry-run").with_key(&emulator).prints();
    golden!("drill_dry_run", plan);
    assert!(recorder.take().iter().all(|request| request.method == "GET"));
}

#[tokio::test(flavor = "multi_thread")]
async fn drill_writes_record_as_json_and_html() {
    let emulator = emulator().await;
    let drilled = drill(&emulator, "Cluster0 --download --objective 1h --expect-collection shop.orders");
    assert_eq!(drilled.ended.code, Some(0), "{}", drilled.ended.stderr);
    golden!("drill_stderr", seconds(&drilled.ended.stderr));
    golden!("drill_stdout", seconds(&drilled.ended.stdout));
    let mut evidence = drilled.evidence;
    let service = evidence["madeBy"]["service"].as_str().expect("a URL").to_owned();
    evidence["command"] = json!(evidence["command"].as_str().expect("a command").replace(&service, "[url]"));
    evidence["madeBy"]["service"] = json!("[url]");
    redact(&mut evidence);
    golden!("drill_evidence", serde_json::to_string_pretty(&evidence).expect("JSON"));
    assert!(is_well_formed(&drilled.page), "{}", drilled.page);
    for reported in ["Cluster0", "passed", "shop.orders", "teardown"] {
        assert!(drilled.page.contains(reported), "{reported}");
    }
}

/// Replaces times and names that change between runs.
fn seconds(text: &str) -> String {
    let of_line = |line: &str| match line.split_once("recovery point") {
        Some(_) => "recovery point   [age]\n".to_owned(),
        None => line.split_inclusive(' ').map(of_word).collect::<String>() + "\n",
    };
    text.lines().map(of_line).collect()
}

fn of_word(word: &str) -> String {
    let end = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(0);
    let unit = word[end..].trim_start_matches('m');
    match (end > 0 && unit.starts_with('s'), word.rsplit_once("-20")) {
        (true, _) => format!("[n]{unit}"),
        (_, Some((stem, rest))) => format!("{stem}-[drill]{}", rest.rfind('.').map_or("", |dot| &rest[dot..])),
        _ => word.to_owned(),
    }
}

/// Whether all HTML elements are closed in order.
fn is_well_formed(page: &str) -> bool {
    let mut open = Vec::new();
    for tag in page.split('<').skip(1).filter(|tag| !tag.starts_with('!')) {
        let (tag, _) = tag.split_once('>').expect("a tag ends");
        let name = tag.trim_start_matches('/').split_whitespace().next().expect("a name");
        match (tag.starts_with('/'), name) {
            (_, "meta" | "br" | "link") => {}
            (false, name) => open.push(name),
            (true, name) => {
                if open.pop() != Some(name) {
                    return false;
                }
            }
        }
    }
    open.is_empty()
}

fn redact(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match key.as_str() {
                    "durationSeconds" | "achievedSeconds" | "bytes" | "storageSizeBytes" => *value = json!("[number]"),
                    "startedAt" | "endedAt" | "completedAt" | "expiresAt" => *value = json!("[time]"),
                    "sha256" | "drillId" | "digest" => *value = json!("[hash]"),
                    "detail" if value.as_str().is_some_and(|text| text.ends_with(" bytes")) => {
                        *value = json!("[number] bytes")
                    }
                    _ => redact(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn drill_record_names_caller_command_and_projects() {
    let emulator = emulator().await;
    let name = run("projects get -o json").with_key(&emulator).json()["name"].as_str().expect("a name").to_owned();
    let folder = folder();
    let ended = run("drill Cluster0 --create --yes --evidence records")
        .with_key(&emulator)
        .argument("--target-project")
        .argument(&name)
        .argument("--verify-command")
        .argument("test hunter2 = hunter2")
        .directory(folder.path())
        .ends();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let drilled = read(ended, &folder.path().join("records"));
    let evidence = &drilled.evidence;
    for project in [&evidence["source"]["project"], &evidence["target"]["project"]] {
        assert_eq!(project, &json!(name));
    }
    assert!(evidence["source"]["organizationId"].is_string(), "{evidence}");
    assert_eq!(evidence["madeBy"]["credentials"], json!("API key"));
    assert!(evidence["madeBy"]["id"].is_string(), "{evidence}");
    let command = evidence["command"].as_str().expect("a command");
    assert!(command.starts_with("atlas-backup drill Cluster0 --create"), "{command}");
    assert!(command.ends_with("--verify-command 'test …'"), "{command}");
    assert!(!evidence.to_string().contains("hunter2") && !drilled.page.contains("hunter2"));
    assert_eq!(evidence["verification"]["level"], json!("ownCheck"));
    let not_verified = &evidence["verification"]["notVerified"];
    assert_eq!(not_verified, &json!(["the documents (none was read)", "names of databases and collections"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn drill_record_has_digest_that_its_file_confirms() {
    let emulator = emulator().await;
    let folder = folder();
    let ended = run("drill Cluster0 --create --yes --evidence .").with_key(&emulator).directory(folder.path()).ends();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let check = std::process::Command::new("sh")
        .args(["-c", r#"sed 's/"digest": "[0-9a-f]*"/"digest": ""/' drill-*.json | sha256sum"#])
        .current_dir(folder.path())
        .output()
        .expect("a shell");
    let sum = String::from_utf8(check.stdout).expect("text");
    let drilled = read(ended, folder.path());
    assert_eq!(Some(drilled.evidence["digest"].as_str().expect("a digest")), sum.split_whitespace().next());
    assert!(drilled.page.contains(drilled.evidence["digest"].as_str().expect("a digest")));
    assert_eq!(drilled.evidence["verification"]["level"], json!("metadataOnly"));
}
