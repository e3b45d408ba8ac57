//! Hostile arguments, responses and output: the run ends with a documented code and a message, and service text cannot
//! control a terminal.

use std::process::{Command, Stdio};

use atlas_backup_emulator::Recorder;
use serde_json::{Value, json};

use crate::{
    demo::Demo,
    stub::Stub,
    support::{guarded, run},
};

/// Text that changes the writing direction, clears the screen, and looks like a formula.
const NASTY: &str = "=1+1,\"x\"\n\u{1b}[2J\u{202e}\u{7}end";

#[tokio::test(flavor = "multi_thread")]
async fn invalid_names_and_ids_are_rejected_before_sending() {
    let recorder = Recorder::default();
    let emulator = guarded().recorder(&recorder).start().await.expect("an emulator");
    let id = "664858b561b103615fb1940e";
    for name in ["", " ", "..", "a b", "a/b", "%2e%2e", "Clüster", "-a ", "a\nb", "a?b", "a#b", &"a".repeat(10_000)] {
        for command in ["snapshots list", "restores list", "exports list", "schedule get", "clusters get"] {
            let ended = run(command).argument("--").argument(name).with_key(&emulator).ends();
            // A long name may be valid but unknown to the service.
            let reported = [Some(2), Some(3)].contains(&ended.code) && ended.stdout.is_empty();
            assert!(reported, "{command} {name:?}: {:?} {}", ended.code, ended.stderr);
        }
        if name.len() < 100 {
            let get = run("snapshots get Cluster0").argument("--").argument(name).with_key(&emulator).ends();
            assert_eq!(get.code, Some(2), "{name:?}: {}", get.stderr);
            let target = run(&format!("restores start automated Cluster0 --yes --snapshot {id} --target-cluster"));
            let ended = target.argument(name).with_key(&emulator).ends();
            assert_eq!(ended.code, Some(2), "{name:?}: {}", ended.stderr);
        }
    }
    assert!(recorder.requests().iter().all(|request| request.method == "GET"), "nothing was changed");
}

#[test]
fn invalid_flags_are_rejected_with_hint() {
    for (command, reported) in [
        ("snapshots list Cluster0 --limit 0", "0 is not in 1.."),
        ("snapshots list Cluster0 --limit -1", "invalid value '-1'"),
        ("snapshots list Cluster0 --limit 1 --query .[", "expected closing bracket at the end"),
        ("snapshots list Cluster0 --query . -o csv", "--query requires JSON output"),
        ("snapshots list Cluster0 -o junit", "only `audit` supports it"),
        ("snapshots take Cluster0 --wait --timeout 5", "missing unit: expected 5s, 5m or 5h"),
        ("restores start point-in-time Cluster0 --at yesterday --yes", "expected a time such as 2026-01-31T12:00:00Z"),
        ("exports create Cluster0 --snapshot a --bucket b --label =x", "expected KEY=VALUE"),
        ("exports create Cluster0 --snapshot a --bucket b --label x", "expected KEY=VALUE"),
        ("schedule set Cluster0 --at 24:00", "expected HH:MM"),
        ("schedule set Cluster0 --daily 1", "expected INTERVAL:RETENTION"),
        ("schedule set Cluster0 --export-frequency never", "invalid frequency"),
        ("schedule set Cluster0 --export-frequency hourly", "hourly snapshots cannot be exported"),
        ("schedule set Cluster0 --file /dev/null", "cannot read /dev/null: expected a JSON object"),
        ("schedule set Cluster0 --edit", "set EDITOR"),
        ("compliance set --on-demand 0d --yes", "expected a number above 0"),
        ("projects list --profile x", "--emulator cannot be used with --profile"),
        ("projects list --base-url http://127.0.0.1:1", "--emulator cannot be used with --base-url"),
        ("projects list --no-auth", "--emulator cannot be used with --no-auth"),
        ("projects list --raw", "pass `--query FILTER`"),
    ] {
        let ended = run(&format!("--emulator {command}")).ends();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{command}: {}", ended.stderr);
        assert!(ended.stderr.contains(reported), "{command}: {}", ended.stderr);
    }
}

#[test]
fn global_flags_work_before_and_after_command() {
    let expected = run("--emulator projects list --query .[].name -r").prints();
    assert_eq!(expected, "demo\n");
    for typed in [
        "projects list --emulator --query .[].name -r",
        "-r --emulator projects list --query .[].name",
        "--query .[].name projects list -r --emulator",
        "projects --raw --query .[].name list --emulator",
    ] {
        assert_eq!(run(typed).prints(), expected, "{typed}");
    }
}

#[test]
fn service_text_cannot_control_terminal() {
    let error = json!({"error": 400, "errorCode": "BAD", "detail": NASTY, "reason": "Bad Request"}).to_string();
    let stub = Stub::start(move |_| (400, "application/json", error.clone()));
    let ended = run("clusters list --no-auth").at(&stub.base_url).ends();
    assert_eq!((ended.code, ended.stderr.lines().count()), (Some(1), 1), "{:?}", ended.stderr);
    assert!(ended.stderr.contains("[2J") && ended.stderr.contains("end"), "{:?}", ended.stderr);
    let steers = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!ended.stderr.contains(steers), "{:?}", ended.stderr);

    let stub = Stub::listing(json!([{"id": "665255e9257cc6a722feec8a", "description": NASTY, "status": NASTY}]));
    for format in ["table", "wide"] {
        let list = format!("snapshots list Cluster0 --no-auth -o {format}");
        let table = run(&list).at(&stub.base_url).prints();
        assert_eq!((table.lines().count(), table.contains(steers)), (2, false), "{table:?}");
    }
    let csv = run("snapshots list Cluster0 --no-auth -o csv").at(&stub.base_url).prints();
    assert!(!csv.contains(steers) && csv.contains("\"'=1+1,"), "{csv:?}");
    // Programs get the data exactly as the service sent it, CSV on request.
    let csv = run("snapshots list Cluster0 --no-auth -o csv --exact").at(&stub.base_url).prints();
    let mut records = csv::Reader::from_reader(csv.as_bytes());
    let column =
        records.headers().expect("headings").iter().position(|name| name == "description").expect("it is there");
    let rows: Vec<csv::StringRecord> = records.records().collect::<Result<_, _>>().expect("records");
    assert_eq!((rows.len(), rows[0].get(column)), (1, Some(NASTY)));
    let json = run("snapshots list Cluster0 --no-auth -o json").at(&stub.base_url).prints();
    assert_eq!(serde_json::from_str::<Value>(&json).expect("JSON")[0]["description"], NASTY);
}

#[test]
fn failing_query_does_not_print_document() {
    let ended = run("--emulator snapshots list Cluster0 --query .a.b").ends();
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("cannot index") && !ended.stderr.contains("replicaSetName"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn fetch_rejects_restore_job_that_is_not_a_download() {
    let demo = Demo::start(&Recorder::default()).await;
    for command in ["restores fetch Cluster0 {restore}", "restores fetch Flex0 {flex-restore}"] {
        let ended = demo.call(command);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{}", ended.stderr);
        assert!(
            ended.stderr.contains("is not a download; `atlas-backup --no-auth snapshots download"),
            "{}",
            ended.stderr
        );
    }
    // An expired download reports that, and nothing about a target cluster.
    let list: Value = serde_json::from_str(&demo.call("restores list Cluster0 -o json").stdout).expect("JSON");
    let mut jobs = list.as_array().into_iter().flatten();
    let expired = jobs.find(|job| job["expired"] == true).and_then(|job| job["id"].as_str()).expect("one of them");
    let ended = demo.call(&format!("restores fetch Cluster0 {expired}"));
    assert!(ended.code == Some(5) && ended.stderr.trim_end().ends_with("; start another restore"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("incomplete data"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_id_exits_3_with_list_command() {
    let demo = Demo::start(&Recorder::default()).await;
    let none = "ffffffffffffffffffffffff";
    for (command, list) in [
        (format!("snapshots get Cluster0 {none}"), "snapshots list Cluster0"),
        (format!("snapshots get Flex0 {none}"), "snapshots list Flex0"),
        (format!("snapshots delete Sharded0 {none} --yes"), "snapshots list Sharded0"),
        (format!("restores get Cluster0 {none}"), "restores list Cluster0"),
        (format!("restores wait Flex0 {none}"), "restores list Flex0"),
        (format!("exports get Cluster0 {none}"), "exports list Cluster0"),
        (format!("exports wait Cluster0 {none}"), "exports list Cluster0"),
        (format!("buckets get {none}"), "buckets list"),
        (format!("buckets update {none} --private-networking true"), "buckets list"),
        (format!("buckets delete {none} --yes"), "buckets list"),
        (format!("collections get Cluster0 {none}"), "collections list Cluster0"),
        (format!("collections wait Cluster0 {none}"), "collections list Cluster0"),
        (format!("endpoints get {none}"), "endpoints list"),
        (format!("flex snapshots get Flex0 {none}"), "flex snapshots list Flex0"),
        (format!("flex restores get Flex0 {none}"), "flex restores list Flex0"),
        ("snapshots get None0 ffffffffffffffffffffffff".to_owned(), "clusters list"),
        ("exports list None0".to_owned(), "clusters list"),
        (format!("projects get {none}"), "projects list"),
    ] {
        let ended = demo.call(&command);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""), "{command}: {}", ended.stderr);
        assert!(
            ended.stderr.contains(&format!("; `atlas-backup --no-auth {list}` lists")),
            "{command}: {}",
            ended.stderr
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn download_checks_target_path_before_preparing_archive() {
    let recorder = Recorder::default();
    let demo = Demo::start(&recorder).await;
    drop(recorder.take());
    let ended = demo.call("snapshots download Cluster0 {snapshot} --to nowhere/there/a.tar.gz");
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("folder nowhere/there does not exist"), "{}", ended.stderr);
    assert!(recorder.requests().iter().all(|request| request.method == "GET"), "nothing was begun");

    let folder = tempfile::tempdir().expect("a folder");
    let list = run("--emulator snapshots list Flex0 --limit 1 -o json").prints();
    let id = serde_json::from_str::<Value>(&list).expect("JSON")[0]["id"].as_str().expect("an id").to_owned();
    let download = format!("--emulator snapshots download Flex0 {id} -o json --to");
    let ended = run(&download).argument(&folder.path().display().to_string()).ends();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(folder.path().join(format!("Flex0-{id}.tar.gz")).is_file(), "{}", ended.stdout);
}

#[test]
fn temporary_emulator_suggests_no_later_wait() {
    let ended = run("--emulator snapshots take Cluster0 --wait --timeout 1ms").ends();
    assert_eq!(ended.code, Some(6), "{}", ended.stderr);
    assert!(ended.stderr.contains("pass a longer `--timeout`"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("again"), "{}", ended.stderr);
}

#[cfg(target_os = "linux")]
#[test]
fn full_output_and_non_utf8_arguments_are_errors() {
    use std::os::unix::ffi::OsStrExt as _;
    for arguments in
        ["--emulator clusters list", "--emulator clusters list -o json", "api list", "man", "completions bash"]
    {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("a device");
        let mut command = Command::new(env!("CARGO_BIN_EXE_atlas-backup"));
        command.env_clear().args(arguments.split(' ')).stdin(Stdio::null()).stdout(full);
        let ended = command.output().expect("it ends");
        assert_eq!(ended.status.code(), Some(1), "{arguments}");
        assert!(String::from_utf8_lossy(&ended.stderr).contains("cannot write"), "{arguments}");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_atlas-backup"));
    let broken = std::ffi::OsStr::from_bytes(b"Cl\xff");
    let ended = command.env_clear().args(["--emulator", "snapshots", "list"]).arg(broken).output().expect("it ends");
    assert_eq!(ended.status.code(), Some(2));
}
