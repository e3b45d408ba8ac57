//! The fleet report, from the service and from saved output.

use std::fs;

use atlas_backup_emulator::Emulator;

use crate::support::{guarded, run};

#[test]
fn report_of_demo_is_self_contained() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("report.html");
    let ended = run("--emulator report --html").argument(path.to_str().expect("a path")).ends();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""), "{}", ended.stderr);
    let page = fs::read_to_string(&path).expect("a page");
    for words in ["Cluster0", "Sharded0", "Flex0", "point-in-time-off", "default-src &#39;none&#39;", "<caption>"] {
        assert!(page.contains(words), "{words}");
    }
    for load in ["http:", "https:", "src=", "url(", "@import", " style=", " onclick="] {
        assert!(!page.contains(load), "{load}");
    }
}

/// The output lines of commands.
fn saved(emulator: &Emulator, commands: &[&str]) -> String {
    let lines = commands.iter().map(|command| {
        let ended = run(&format!("{command} -o ndjson")).with_key(emulator).ends();
        assert_eq!(ended.code, Some(0), "{command}: {}", ended.stderr);
        ended.stdout
    });
    lines.collect()
}

/// The page made from lines, with more arguments.
fn page_of(lines: &str, more: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("page.html");
    let html = run(&format!("report --from - {more} --html"));
    let ended = html.argument(path.to_str().expect("a path")).input(lines).ends();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""), "{}", ended.stderr);
    fs::read_to_string(path).expect("a page")
}

const FLEET: [&str; 4] = ["fleet clusters", "fleet snapshots", "fleet schedules", "fleet exports"];

#[test]
fn report_reads_saved_lines_from_files_and_stdin() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("a path").to_owned();
    let [clusters, snapshots, schedules, exports] =
        FLEET.map(|command| run(&format!("--emulator {command} -o ndjson")).prints());
    let audit = run("--emulator audit -o ndjson").prints();
    fs::write(path("a.ndjson"), format!("{audit}{snapshots}{clusters}")).expect("written");
    let ended = run("report --from")
        .argument(&path("a.ndjson"))
        .argument("-")
        .argument("--html")
        .argument(&path("page.html"))
        .input(&format!("{exports}{schedules}"))
        .ends();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""), "{}", ended.stderr);
    let page = fs::read_to_string(path("page.html")).expect("a page");
    for words in ["Cluster0", "Sharded0", "Flex0", "point-in-time-off", "point-in-time restore, 7 days", "75 × 90 d"] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("Not evaluated"), "findings were given");
}

#[tokio::test(flavor = "multi_thread")]
async fn report_evaluates_saved_lines_at_reading_time() {
    // The clock of the emulator is months behind the clock of the run.
    let emulator = guarded().stepped_clock().start().await.expect("an emulator");
    let lines = saved(&emulator, &FLEET);
    let then = "2026-09-01T12:00:00Z";
    assert!(lines.contains("\"readAt\":\""), "{lines}");
    let lines = lines
        .lines()
        .map(|line| {
            let mut line: serde_json::Value = serde_json::from_str(line).expect("a document");
            line["readAt"] = then.into();
            line.to_string() + "\n"
        })
        .collect::<String>();
    let page = page_of(&lines, "");
    for words in ["read 1 September 2026, 12:00 UTC", "not to today", "3 of 3", "3 Aug to 1 Sep", "point-in-time-off"] {
        assert!(page.contains(words), "{words}");
    }
    assert!(page.contains("Not evaluated") && page.contains("restore-failed, restore-stuck"), "{page}");
    assert!(!page.contains("<td>snapshot-age</td>"), "they were young then");
    assert!(page_of(&lines, "--rpo 10m").contains("<td>snapshot-age</td>"));
}

#[test]
fn report_rejects_invalid_input() {
    for (arguments, words) in [("", "the input is empty"), ("--emulator", "cannot use --emulator with --from")] {
        let ended = run(&format!("{arguments} report --from - --html x.html")).input("").ends();
        assert!(ended.code == Some(2) && ended.stderr.contains(words), "{arguments}: {}", ended.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn report_does_not_evaluate_lines_without_reading_time() {
    let emulator = guarded().stepped_clock().start().await.expect("an emulator");
    let undated = saved(&emulator, &FLEET[1..]).replace("\"readAt\":", "\"formerly\":");
    let page = page_of(&undated, "");
    for words in ["without reading time", "1 September 2026", "point-in-time restore unknown"] {
        assert!(page.contains(words), "{words}");
    }
    assert!(page.contains("Not evaluated: ") && !page.contains("<td>snapshot-"), "{page}");
    let refused = run("report --from - --rpo 1h --html x.html").input(&undated).ends();
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
}

#[test]
fn report_rejects_unknown_line_and_writes_no_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("page.html");
    let ended = run("report --from - --html").argument(path.to_str().expect("a path")).input("{\"a\":1}\n").ends();
    assert_eq!((ended.code, path.exists()), (Some(2), false), "{}", ended.stderr);
    assert!(ended.stderr.contains("standard input: line 1: "), "{}", ended.stderr);
}
