//! Output formats for programs, and `--query`.

use serde_json::{Value, json};

use crate::{stub::Stub, support::run};

const LIST: &str = "--emulator exports list Cluster0";

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("a document a line")).collect()
}

#[test]
fn ndjson_prints_one_document_per_line() {
    let sent = json!([
        {"id": "665255e9257cc6a722feec8a", "big": 9_007_199_254_740_993_i64},
        {"id": "665255e9257cc6a722feec8b", "novel": {"deep": [1, null]}},
        {"nameless": true},
    ]);
    let stub = Stub::listing(sent.clone());
    let list = "snapshots list Cluster0 --no-auth -o";
    assert_eq!(json!(run(&format!("{list} ndjson")).at(&stub.base_url).documents()), sent);
    let whole = run(&format!("{list} json")).at(&stub.base_url).json();
    assert_eq!(whole, sent);
}

#[test]
fn csv_has_heading_even_for_empty_list() {
    let text = run(&format!("{LIST} -o csv")).prints();
    let heading = "id,state,snapshot,created,finished,bucket,prefix,collections";
    assert_eq!((text.lines().next(), text.lines().count()), (Some(heading), 5));
    let created: Vec<_> = text.lines().skip(1).filter_map(|line| line.split(',').nth(3)).collect();
    assert!(created.iter().all(|time| time.len() == 20 && time.ends_with('Z')), "{created:?}");
    let stub = Stub::listing(json!([]));
    let nothing = run("exports list Cluster0 --no-auth -o csv").at(&stub.base_url).prints();
    assert_eq!(nothing, format!("{heading}\n"));
}

#[test]
fn wide_table_shows_details() {
    let heading = |format: &str| run(&format!("{LIST} -o {format}")).prints().lines().next().unwrap_or("").to_owned();
    assert!(!heading("table").contains("PREFIX"));
    assert!(heading("wide").ends_with("COLLECTIONS"), "{}", heading("wide"));
}

#[test]
fn query_gets_whole_array_or_each_ndjson_document() {
    let ids: Vec<Value> = run(&format!("{LIST} -o ndjson")).documents().iter().map(|x| x["id"].clone()).collect();
    let query = |query: &str, more: &str| run(&format!("{LIST} {more}")).argument("--query").argument(query).prints();
    assert_eq!(query("map(.id)", "-o json").parse::<Value>().expect("JSON"), json!(ids));
    assert_eq!(query("length", ""), "4\n");
    assert_eq!(lines(&query(".id", "-o ndjson")), ids);
    let raw = query(".[].id", "--raw");
    assert_eq!(raw.lines().collect::<Vec<_>>(), ids.iter().filter_map(Value::as_str).collect::<Vec<_>>());
}

#[test]
fn query_works_for_api_calls() {
    let call = "--emulator api cloudBackups listBackupExports --clusterName Cluster0";
    assert_eq!(run(call).argument("--query").argument(".totalCount").prints(), "4\n");
}

#[test]
fn invalid_query_sends_nothing_and_failing_query_exits_1() {
    let unreachable =
        run("exports list Cluster0 --no-auth").argument("--query").argument(".[").at("http://127.0.0.1:1").ends();
    assert_eq!((unreachable.code, unreachable.stdout.as_str()), (Some(2), ""), "{}", unreachable.stderr);
    assert!(unreachable.stderr.contains("invalid value '.['"), "{}", unreachable.stderr);

    let table = run(&format!("{LIST} -o csv")).argument("--query").argument(".").ends();
    assert_eq!(table.code, Some(2));
    assert!(table.stderr.contains("--query requires JSON output"), "{}", table.stderr);

    let failed = run(LIST).argument("--query").argument(".[0].id + 1").ends();
    assert_eq!((failed.code, failed.stdout.as_str()), (Some(1), ""));
    assert!(failed.stderr.starts_with("error: query failed: "), "{}", failed.stderr);
}

#[test]
fn incomplete_list_is_not_passed_to_query() {
    let page = json!({"results": [{"id": "665255e9257cc6a722feec8a"}], "links": [{"rel": "next", "href": "/"}]});
    let stub = Stub::start(move |line| match line.contains("pageNum=1") {
        true => (200, crate::stub::V2023_01_01, page.to_string()),
        false => (403, "application/json", r#"{"error":403,"errorCode":"NOT_ALLOWED","detail":"No."}"#.to_owned()),
    });
    let ended = run("exports list Cluster0 --no-auth").argument("--query").argument("length").at(&stub.base_url).ends();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(4), ""));
}
