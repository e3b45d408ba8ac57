//! Runs the commands of `docs/first-day.md` as they are printed.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

const ADDRESS: &str = "127.0.0.1:8080";

/// The emulator of the page. Dropping it ends it.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.kill().expect("it is killed");
        self.0.wait().expect("it has ended");
    }
}

fn bash(script: &str, folder: &Path) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_atlas-backup")).parent().expect("a folder");
    let mut bash = Command::new("bash");
    bash.args(["-euo", "pipefail", "-c", script]).current_dir(folder).stdin(Stdio::null()).env_clear();
    bash.env("PATH", format!("{}:/usr/bin:/bin", program.display()));
    bash
}

#[test]
fn first_day_ends_with_a_passed_drill() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/first-day.md");
    let page = fs::read_to_string(page).expect("the page");
    let blocks = page.split("\n```sh\n").skip(1).filter_map(|rest| rest.split("\n```").next());
    let mut blocks = blocks.map(str::to_owned);
    let serve = blocks.next().expect("the emulator");
    assert!(serve.starts_with("atlas-backup emulator serve ") && serve.contains(ADDRESS), "{serve}");
    let folder = tempfile::tempdir().expect("a folder");
    let serve = format!("exec {}", serve.replace(ADDRESS, "127.0.0.1:0"));
    let mut serving = bash(&serve, folder.path()).stdout(Stdio::piped()).spawn().expect("bash starts");
    let mut ready = String::new();
    let output = serving.stdout.take().expect("standard output");
    let serving = Serving(serving);
    BufReader::new(output).read_line(&mut ready).expect("a line");
    let ready: Value = serde_json::from_str(&ready).expect("JSON");

    let commands: Vec<_> = blocks.collect();
    let commands = commands.join("\n");
    assert!(commands.contains(ADDRESS), "{commands}");
    let commands = commands.replace(ADDRESS, ready["address"].as_str().expect("an address"));
    let output = bash(&commands, folder.path()).output().expect("bash ends");
    let printed = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{printed}");
    drop(serving);

    let records =
        fs::read_dir(folder.path().join("records")).expect("records").filter_map(|file| Some(file.ok()?.path()));
    let record = { records }.find(|path| path.extension().is_some_and(|extension| extension == "json"));
    let record = fs::read(record.expect("a record")).expect("bytes");
    let record: Value = serde_json::from_slice(&record).expect("JSON");
    assert_eq!((&record["outcome"], &record["left"]), (&json!("passed"), &json!([])), "{record}");
    assert_eq!((&record["recoveryTime"]["met"], &record["recoveryPoint"]["met"]), (&json!(true), &json!(true)));
    assert!(printed.contains("copy regions    US_EAST_1") && printed.contains("Successful"), "{printed}");
    let metrics = fs::read_to_string(folder.path().join("atlas-backup.prom")).expect("metrics");
    assert!(metrics.contains("cluster=\"Shop\""), "{metrics}");
}
