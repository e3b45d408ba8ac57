//! The conformance program, run as a program: on recordings of our own making, and on real ones where they are.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/conformance").join(name)
}

fn run(file: &Path) -> (i32, Value) {
    let output = Command::new(env!("CARGO_BIN_EXE_conformance")).arg(file).output().expect("the program starts");
    report_of(&output)
}

fn run_on(input: &[u8]) -> (i32, Value) {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(input).expect("it takes the input");
    run(file.path())
}

fn report_of(output: &Output) -> (i32, Value) {
    let report = serde_json::from_slice(&output.stdout).expect("one JSON object on stdout");
    (output.status.code().expect("it was not killed"), report)
}

fn reasons(report: &Value) -> Vec<(u64, Value, String)> {
    let failures = report["failures"].as_array().expect("a list").iter();
    let reason = |failure: &Value| failure["reason"].as_str().expect("a text").to_owned();
    failures
        .map(|failure| (failure["line"].as_u64().expect("a number"), failure["operationId"].clone(), reason(failure)))
        .collect()
}

#[test]
fn unusual_responses_decode_without_loss() {
    let (code, report) = run(&fixture("clean.jsonl"));
    let expected = json!({
        "total": 17, "skipped": 3, "decoded": 14, "lossless": 14, "failures": [], "lost": [],
        "undocumented": [
            { "operationId": "deleteGroupClusterBackupSnapshot", "version": "2023-01-01", "pointer": "/left", "count": 1 },
            { "operationId": "getGroup", "version": "2023-01-01", "pointer": "/name", "count": 1 },
            { "operationId": "listGroupClusterBackupSnapshots", "version": "2023-01-01", "pointer": "/results/*/tier", "count": 2 },
        ],
    });
    assert_eq!((code, report), (0, expected));
}

#[test]
fn each_broken_line_is_a_failure_that_names_it() {
    let (code, report) = run(&fixture("failing.jsonl"));
    assert_eq!(code, 1);
    assert_eq!((&report["total"], &report["decoded"], &report["skipped"]), (&json!(13), &json!(0), &json!(0)));
    let group = json!("getGroup");
    let expected = [
        (Value::Null, "no JSON object"),
        (Value::Null, "no JSON object"),
        (Value::Null, "no JSON object"),
        (Value::Null, "no operationId"),
        (Value::Null, "operationId is not a text"),
        (group.clone(), "no status"),
        (group.clone(), "status is not an HTTP status"),
        (group.clone(), "invalid HTTP status 20000"),
        (group.clone(), "contentType is not a text"),
        (group.clone(), "no contentType"),
        (group.clone(), "names no version"),
        (group.clone(), "does not decode"),
        (group, "does not decode"),
    ];
    let found = reasons(&report);
    assert_eq!(found.len(), expected.len());
    for (index, ((line, operation, reason), (expected_operation, part))) in found.iter().zip(expected).enumerate() {
        assert_eq!((*line, operation), (index as u64 + 1, &expected_operation), "{reason}");
        assert!(reason.contains(part), "line {line}: {reason}");
    }
}

#[test]
fn timestamp_with_offset_is_not_lost() {
    let (code, report) = run(&fixture("offset-times.jsonl"));
    assert_eq!((code, &report["decoded"], &report["lossless"]), (0, &json!(2), &json!(2)), "{report}");
    assert_eq!((&report["lost"], &report["undocumented"]), (&json!([]), &json!([])));
}

#[test]
fn malformed_lines_never_stop_the_run() {
    let deep = "[".repeat(100_000);
    let huge = format!("{:?}", "x".repeat(8 << 20));
    let mut input = Vec::new();
    for body in [deep.as_str(), huge.as_str(), "1e400", "-0.0", "\"\\ud800\"", "{\"a\":1,\"a\":2}"] {
        let head = r#"{"operationId":"getGroup","status":200,"contentType":"application/vnd.atlas.2023-01-01+json""#;
        input.extend(format!("{head},\"body\":{body}}}\r\n").into_bytes());
    }
    input.extend(b"\xff\xfe\x00\n\xef\xbb\xbf{}\n\n   \n");
    input.extend(
        br#"{"operationId":"getGroup","status":200,"contentType":"application/vnd.atlas.2023-01-01+json","body":{}}"#,
    );
    let (code, report) = run_on(&input);
    assert_eq!(code, 1);
    assert_eq!((&report["total"], &report["decoded"]), (&json!(9), &json!(2)), "{report}");
}

#[test]
fn empty_file_is_clean_and_standard_input_is_read() {
    let (code, report) = run_on(b"");
    assert_eq!((code, &report["total"]), (0, &json!(0)));
    let mut child = Command::new(env!("CARGO_BIN_EXE_conformance"))
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    child.stdin.take().expect("piped").write_all(b"{}").expect("it reads");
    let (code, report) = report_of(&child.wait_with_output().expect("it ends"));
    assert_eq!((code, &report["failures"][0]["line"]), (1, &json!(1)));
}

#[test]
fn unreadable_file_has_its_own_exit_code() {
    let output = Command::new(env!("CARGO_BIN_EXE_conformance")).arg("no/such/file").output().expect("it starts");
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(2), b"".as_slice()));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no/such/file"));
}

#[test]
fn real_recordings_decode_without_loss() {
    let Some(folder) = std::env::var_os("ATLAS_BACKUP_RECORDINGS") else {
        eprintln!("skipped: ATLAS_BACKUP_RECORDINGS names no folder with recordings");
        return;
    };
    let files = std::fs::read_dir(folder).expect("the folder can be read").map(|entry| entry.expect("an entry").path());
    let files: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|end| end == "jsonl")).collect();
    assert!(!files.is_empty(), "no .jsonl file in the folder");
    for file in files {
        let (code, report) = run(&file);
        assert_eq!((code, &report["skipped"]), (0, &json!(0)), "{}: {report}", file.display());
        assert!(report["total"].as_u64() > Some(0), "{}", file.display());
    }
}
