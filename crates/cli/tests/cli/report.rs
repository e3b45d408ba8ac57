//! The page about a fleet, from the service and from saved output.

use std::fs;

use crate::support::run;

#[test]
fn a_report_of_the_demo_has_its_clusters_findings_and_loads_nothing() {
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

#[test]
fn saved_lines_of_several_files_and_of_standard_input_make_the_same_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("a path").to_owned();
    let mut saved = Vec::new();
    for command in ["fleet snapshots", "fleet schedules", "fleet exports", "audit"] {
        saved.push(run(&format!("--emulator {command} -o ndjson")).prints());
    }
    fs::write(path("a.ndjson"), format!("{}{}", saved[3], saved[0])).expect("written");
    let ended = run("report --from")
        .argument(&path("a.ndjson"))
        .argument("-")
        .argument("--html")
        .argument(&path("page.html"))
        .input(&format!("{}{}", saved[2], saved[1]))
        .ends();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""), "{}", ended.stderr);
    let page = fs::read_to_string(path("page.html")).expect("a page");
    for words in ["Cluster0", "Sharded0", "Flex0", "point-in-time-off", "any point of 7 days", "75 × 90 d"] {
        assert!(page.contains(words), "{words}");
    }
}

#[test]
fn a_line_that_is_none_of_ours_is_refused_and_no_page_is_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("page.html");
    let ended = run("report --from - --html").argument(path.to_str().expect("a path")).input("{\"a\":1}\n").ends();
    assert_eq!((ended.code, path.exists()), (Some(2), false), "{}", ended.stderr);
    assert!(ended.stderr.contains("standard input: line 1: "), "{}", ended.stderr);
}
