//! The command as it is run: which documents come out, and what it says to input it can't use.
//!
//! Every refused input must give one error that names the place, exit code 2, and leave the folder as it was.

use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    path::Path,
    process::Output,
    thread,
};

use crate::project::{copy_curation, fixture, official, root, xtask};

const DOCUMENT: &str = "atlas-backup.openapi.json";
const LOCK: &str = "upstream.lock.json";

/// Runs curate with the fixture's curation.
fn curate(upstream: &str, out: &Path, flags: &[&str]) -> Output {
    curate_with(&fixture("spec"), upstream, out, flags)
}

fn curate_with(curation: &Path, upstream: &str, out: &Path, flags: &[&str]) -> Output {
    xtask(&["curate", "--upstream", upstream, "--curation"], Path::new("."))
        .arg(curation)
        .arg("--out")
        .arg(out)
        .args(flags)
        .output()
        .unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn append(path: &Path, text: &str) {
    fs::OpenOptions::new().append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

/// Serves one answer, byte for byte, on a port of the kernel's choice.
fn serve(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/v2.yaml", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
        stream.write_all(&answer).unwrap();
    });
    address
}

fn http(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

#[test]
fn curated_document_keeps_structure_and_no_upstream_prose() {
    let folder = tempfile::tempdir().unwrap();
    let output = curate(fixture("upstream.yaml").to_str().unwrap(), folder.path(), &[]);
    assert!(output.status.success(), "{}", stderr(&output));
    let document = fs::read_to_string(folder.path().join(DOCUMENT)).unwrap();
    assert!(!document.contains("Their"), "upstream's prose passed");
    insta::assert_snapshot!("curated", document);
    insta::assert_snapshot!("lock", fs::read_to_string(folder.path().join(LOCK)).unwrap());
}

#[test]
fn second_description_of_one_item_is_refused_with_both_places() {
    let folder = tempfile::tempdir().unwrap();
    let (curation, out) = (folder.path().join("spec"), folder.path().join("out"));
    copy_curation(&fixture("spec"), &curation);
    let again = "  - target: $.components.schemas['Thing']\n    update: {description: Another text.}\n";
    append(&curation.join("descriptions/kept.yaml"), again);
    let output = curate_with(&curation, fixture("upstream.yaml").to_str().unwrap(), &out, &[]);
    let error = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{error}");
    let (second, first) = ("descriptions/kept.yaml:16", "descriptions/kept.yaml:10");
    let expected = format!("{second}: /components/schemas/Thing is described by {first} already");
    assert!(error.contains(&expected), "{error}");
}

#[test]
fn json_and_yaml_input_give_same_document() {
    let folder = tempfile::tempdir().unwrap();
    let yaml = fs::read_to_string(fixture("upstream.yaml")).unwrap();
    let options = serde_saphyr::options! { strict_booleans: true, underscored_numbers_as_strings: true };
    let value: serde_json::Value = serde_saphyr::from_str_with_options(&yaml, options).unwrap();
    let json = folder.path().join("upstream.json");
    fs::write(&json, value.to_string()).unwrap();
    let outs = [folder.path().join("yaml"), folder.path().join("json")];
    for (upstream, out) in [&fixture("upstream.yaml"), &json].into_iter().zip(&outs) {
        let output = curate(upstream.to_str().unwrap(), out, &[]);
        assert!(output.status.success(), "{}", stderr(&output));
    }
    let documents = outs.map(|out| fs::read_to_string(out.join(DOCUMENT)).unwrap());
    assert!(documents[0] == documents[1], "YAML and JSON differ");
}

#[test]
fn invalid_specification_is_reported_and_folder_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let whole = fs::read(fixture("upstream.yaml")).unwrap();
    let until = |needle: &str| {
        let text = String::from_utf8(whole.clone()).unwrap();
        text.as_bytes()[..text.find(needle).unwrap()].to_vec()
    };
    let bomb: String =
        (1..12).map(|level| format!("a{level}: &a{level} [{}]\n", format!("*a{},", level - 1).repeat(12))).collect();
    let cases: [(&str, Vec<u8>, &str); 8] = [
        ("empty", b"\n".to_vec(), "is empty"),
        ("other", b"name: compose\nservices: {}\n".to_vec(), "is not an OpenAPI document"),
        ("list", b"- 1\n- 2\n".to_vec(), "is not an OpenAPI document"),
        ("cut between lines", until("components:"), "has no `components`: is it truncated?"),
        ("cut in a value", until("schemas/Thing'}"), "is not valid YAML or JSON"),
        ("html", b"<!DOCTYPE html>\n<title>Sign in</title>".to_vec(), "is an HTML or XML page"),
        ("latin1", b"openapi: 3.0.1 # caf\xe9\n".to_vec(), "is not UTF-8 text: the first invalid byte is at offset 20"),
        ("bomb", format!("a0: &a0 [x]\n{bomb}").into_bytes(), "is not valid YAML or JSON: "),
    ];
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    fs::write(out.join(DOCUMENT), "what was there").unwrap();
    for (name, bytes, message) in cases {
        let upstream = folder.path().join(name);
        fs::write(&upstream, bytes).unwrap();
        let output = curate(upstream.to_str().unwrap(), &out, &[]);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{name}: {text}");
        assert!(text.starts_with(&format!("error: {name} ")) && text.contains(message), "{name}: {text}");
        assert_eq!(text.trim_end().lines().count(), 1, "{name}: one error: {text}");
        let left: Vec<_> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, [DOCUMENT], "{name}");
        assert_eq!(fs::read_to_string(out.join(DOCUMENT)).unwrap(), "what was there", "{name}");
    }
}

#[test]
fn unresolved_entry_is_an_error_or_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let spec = folder.path().join("spec");
    copy_curation(&fixture("spec"), &spec);
    append(&spec.join("subset.toml"), "tags.Gone = 'why'\noperations.listGone = 'why'\n");
    append(&spec.join("former-names.toml"), "[listLost]\nformer = ['lost']\n");
    append(&spec.join("overlay.yaml"), "  - {target: $.components.schemas.Gone, x-reason: why, remove: true}\n");
    append(
        &spec.join("descriptions/kept.yaml"),
        "  - {target: $.components.schemas.Lost, update: {description: why}}\n",
    );
    let upstream = fixture("upstream.yaml");
    let out = folder.path().join("out");

    let refused = curate_with(&spec, upstream.to_str().unwrap(), &out, &[]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(!out.exists(), "nothing is written");
    insta::assert_snapshot!(stderr(&refused), @r#"
    error: upstream.yaml: 5 entries are not usable:
      subset.toml:3: no operation has the tag "Gone"
      subset.toml:4: unknown operation "listGone"
      former-names.toml:6: unknown operation "listLost"
      overlay.yaml:13: $.components.schemas.Gone: matches nothing
      descriptions/kept.yaml:16: $.components.schemas.Lost: matches nothing
    "#);

    let warned = curate_with(&spec, upstream.to_str().unwrap(), &out, &["--allow-missing"]);
    assert!(warned.status.success(), "{}", stderr(&warned));
    assert_eq!(stderr(&warned).matches("warning: ").count(), 5, "{}", stderr(&warned));
    assert!(out.join(DOCUMENT).exists());
}

#[test]
fn undescribed_item_is_reported_by_pointer() {
    let folder = tempfile::tempdir().unwrap();
    let spec = folder.path().join("spec");
    copy_curation(&fixture("spec"), &spec);
    fs::write(spec.join("descriptions/kept.yaml"), "overlay: 1.0.0\ninfo: {title: Kept, version: '1'}\nactions: []\n")
        .unwrap();
    let refused = curate_with(&spec, fixture("upstream.yaml").to_str().unwrap(), &folder.path().join("out"), &[]);
    assert_eq!(refused.status.code(), Some(2));
    insta::assert_snapshot!(stderr(&refused), @r"
    error: upstream.yaml: 8 entries are not usable:
      /paths/~1oldThings/get: has no description
      /paths/~1oldThings/get: has no summary
      /paths/~1things/get: has no description
      /paths/~1things/get: has no summary
      /paths/~1things/get/parameters/1: has no description
      /components/schemas/OldThing: has no description
      /components/schemas/Thing: has no description
      /components/schemas/Thing/properties/state: has no description
    ");
}

#[test]
fn document_is_downloaded_and_dated_by_server() {
    let folder = tempfile::tempdir().unwrap();
    let body = fs::read(fixture("upstream.yaml")).unwrap();
    let address = serve(http("200 OK", "Last-Modified: Fri, 21 Aug 2026 08:30:00 GMT\r\n", &body));
    let output = curate(&address, folder.path(), &[]);
    assert!(output.status.success(), "{}", stderr(&output));
    let lock: serde_json::Value = serde_json::from_slice(&fs::read(folder.path().join(LOCK)).unwrap()).unwrap();
    assert_eq!((&lock["date"], &lock["source"]), (&"2026-08-21".into(), &address.into()));
}

#[test]
fn second_run_on_the_same_input_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let body = fs::read(fixture("upstream.yaml")).unwrap();
    let days = ["Fri, 21 Aug 2026 08:30:00 GMT", "Sat, 22 Aug 2026 08:30:00 GMT"].map(|day| {
        let address = serve(http("200 OK", &format!("Date: {day}\r\n"), &body));
        assert!(curate(&address, folder.path(), &[]).status.success());
        let lock: serde_json::Value = serde_json::from_slice(&fs::read(folder.path().join(LOCK)).unwrap()).unwrap();
        lock["date"].clone()
    });
    assert_eq!(days, ["2026-08-21", "2026-08-21"]);
}

#[test]
fn download_error_names_server() {
    let folder = tempfile::tempdir().unwrap();
    let whole = http("200 OK", "", &fs::read(fixture("upstream.yaml")).unwrap());
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let cases = [
        (serve(http("404 Not Found", "", b"no such page")), "the server responded with 404 Not Found"),
        (serve(http("200 OK", "", b"<html>Sign in</html>")), "is an HTML or XML page"),
        (serve(whole[..whole.len() - 9].to_vec()), "cannot read the whole response of"),
        (format!("http://{closed}/v2.yaml"), "cannot reach"),
        (format!("https://{closed}/v2.yaml"), "cannot reach"),
    ];
    for (address, message) in cases {
        let out = folder.path().join("out");
        let output = curate(&address, &out, &[]);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(message) && text.contains(&address), "{text}");
        assert!(!out.exists());
    }
}

#[test]
fn committed_document_equals_curated_official_one() {
    let Some(official) = official() else { return };
    let committed = root().join("spec");
    let folder = tempfile::tempdir().unwrap();
    let upstream = official.join("openapi-v2-2026-08-21.yaml");
    let output = curate_with(&committed, upstream.to_str().unwrap(), folder.path(), &[]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
    for name in [DOCUMENT, LOCK] {
        let (generated, kept) = (fs::read(folder.path().join(name)).unwrap(), fs::read(committed.join(name)).unwrap());
        assert!(generated == kept, "spec/{name} is stale: run `cargo xtask curate --upstream {}`", upstream.display());
    }
}

#[test]
fn older_official_document_is_curated_with_warnings() {
    let Some(official) = official() else { return };
    let committed = root().join("spec");
    let folder = tempfile::tempdir().unwrap();
    let upstream = official.join("openapi-v2-2026-01-08.yaml");
    let output = curate_with(&committed, upstream.to_str().unwrap(), folder.path(), &["--allow-missing"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("unknown operation \"listRateLimits\""));
    let text = fs::read_to_string(folder.path().join(DOCUMENT)).unwrap();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let tenant = "/api/atlas/v2/groups/{groupId}/clusters/{clusterName}/backup/tenant/snapshots";
    assert_eq!(document["paths"][tenant]["get"]["x-atlas-retired"], true);
}
