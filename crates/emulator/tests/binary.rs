//! The program: ready line, signals, refused arguments.

// A test may unwrap, in its helpers too.
#![allow(clippy::unwrap_used)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};

use serde_json::Value;

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_atlas-backup-emulator"));
    command.arg("serve").args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Starts the program and reads the ready line.
fn ready(arguments: &[&str]) -> (Child, Value) {
    let mut child = command(arguments).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    (child, serde_json::from_str(&line).unwrap())
}

/// Stops the program with `signal` and returns its output after the ready line.
#[cfg(unix)]
fn stop(mut child: Child, signal: &str) -> Output {
    let status = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(status.success());
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    child.stdout.take().unwrap().read_to_end(&mut stdout).unwrap();
    child.stderr.take().unwrap().read_to_end(&mut stderr).unwrap();
    Output { status: child.wait().unwrap(), stdout, stderr }
}

#[test]
#[cfg(unix)]
fn serve_prints_its_address_and_stops_on_signal() {
    for signal in ["-TERM", "-INT"] {
        let (child, ready) = ready(&["--seed", "demo"]);
        let address: std::net::SocketAddr = ready["address"].as_str().unwrap().parse().unwrap();
        assert!(address.ip().is_loopback() && address.port() != 0);
        assert_eq!(ready["baseUrl"], format!("http://{address}"));
        // An open client connection does not keep the program alive.
        let _open = TcpStream::connect(address).unwrap();
        let output = stop(child, signal);
        assert!(output.status.success(), "{output:?}");
        assert!(output.stdout.is_empty(), "nothing after the ready line");
        assert!(TcpStream::connect(address).is_err());
    }
}

#[test]
#[cfg(unix)]
fn serve_logs_no_secrets() {
    let mut loud = command(&["--api-key", "public:private-key-1", "--service-account", "id:secret-2"]);
    let mut child = loud.env("RUST_LOG", "trace").spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let output = stop(child, "-TERM");
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(!log.contains("private-key-1") && !log.contains("secret-2"), "{log}");
}

#[test]
#[cfg(target_os = "linux")]
fn serve_writes_no_core_dump() {
    let mut shell = Command::new("sh");
    // The limit may already be 0, so raise it as far as possible.
    shell.args([
        "-c",
        "ulimit -S -c $(ulimit -H -c) && exec \"$0\" serve",
        env!("CARGO_BIN_EXE_atlas-backup-emulator"),
    ]);
    let mut child = shell.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let limit = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(limit.split_whitespace().nth(4), Some("0"), "{limit}");
    stop(child, "-TERM");
}

#[test]
fn serve_listens_on_loopback_by_default() {
    let refused = command(&["--listen", "0.0.0.0:0"]).output().unwrap();
    assert!(!refused.status.success() && refused.stdout.is_empty());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--allow-remote"));
    let (mut child, ready) = ready(&["--listen", "0.0.0.0:0", "--allow-remote"]);
    assert!(ready["address"].as_str().unwrap().starts_with("0.0.0.0:"));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn serve_rejects_used_address_and_invalid_arguments() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused = command(&["--listen", &address]).output().unwrap();
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains(&address));
    for odd in [
        &["--api-key", "nocolon"][..],
        &["--api-key", "public:private:KING"],
        &["--api-key", "public:private:GROUP_READ_ONLY@"],
        &["--service-account", ":secret"],
        &["--bearer-token", ":GROUP_READ_ONLY"],
        &["--time-scale", "0"],
        &["--time-scale", "NaN"],
        &["--start", "tomorrow"],
        &["--start", "2100-01-01"],
        &["--seed", "other"],
    ] {
        assert!(!command(odd).output().unwrap().status.success(), "{odd:?}");
    }
}

/// One request over a separate connection. Returns status and body, or `None` if the connection broke.
fn ask(address: &str, method: &str, path: &str, body: &str) -> Option<(u16, Value)> {
    let mut stream = TcpStream::connect(address).ok()?;
    let accept = "application/vnd.atlas.2023-01-01+json";
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: h\r\naccept: {accept}\r\ncontent-type: {accept}\r\n\
         connection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    let body = answer.split_once("\r\n\r\n")?.1;
    Some((status, serde_json::from_str(body).ok()?))
}

const PROJECTS: &str = "/api/atlas/v2/groups";

#[test]
#[cfg(unix)]
fn serve_starts_on_a_given_day() {
    // The first version of an operation with newer ones ends with June 2027.
    let buckets = format!("/api/atlas/v2/groups/{}/backup/exportBuckets", atlas_backup_emulator::DEMO_PROJECT);
    for (start, status) in [("2027-06-30T12:00:00Z", 200), ("2027-07-02", 410)] {
        let (child, ready) = ready(&["--seed", "demo", "--start", start]);
        let answer = ask(ready["address"].as_str().unwrap(), "GET", &buckets, "").unwrap();
        assert_eq!(answer.0, status, "{start}: {}", answer.1);
        stop(child, "-TERM");
    }
}

/// The number of kills: a few, unless `ATLAS_BACKUP_CRASH_ROUNDS` states another, as `cargo xtask check --all` does.
#[cfg(unix)]
fn rounds() -> usize {
    std::env::var("ATLAS_BACKUP_CRASH_ROUNDS").map_or(3, |rounds| rounds.parse().unwrap())
}

#[test]
#[cfg(unix)]
fn acknowledged_write_survives_kill() {
    // The same folder for a few kills, so that a start does not read ever more.
    let folders = rounds().div_ceil(3);
    for number in 0..folders {
        let kills = (rounds() - 3 * number).min(3);
        write_and_kill(kills);
    }
}

/// Kills a writing emulator some times and compares what is left with what it acknowledged.
#[cfg(unix)]
fn write_and_kill(kills: usize) {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--seed", "demo", "--data-dir", folder.path().to_str().unwrap()];
    let mut acknowledged: Vec<Value> = Vec::new();
    let next = AtomicUsize::new(0);
    for round in 0..kills {
        let (mut child, ready) = ready(&arguments);
        let address = ready["address"].as_str().unwrap();
        // Several clients write continuously; the kill happens meanwhile.
        let count = AtomicUsize::new(0);
        let taken = std::thread::scope(|scope| {
            let client = |_| {
                scope.spawn(|| {
                    let mut taken = Vec::new();
                    let body = || {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        format!(r#"{{"name":"kept {number}","orgId":"5e2211c17a3e5a48f5497de3"}}"#)
                    };
                    while let Some((201, document)) = ask(address, "POST", PROJECTS, &body()) {
                        taken.push(document);
                        count.fetch_add(1, Ordering::Relaxed);
                    }
                    taken
                })
            };
            let clients: Vec<_> = (0..4).map(client).collect();
            while count.load(Ordering::Relaxed) < 25 * (round + 1) {
                std::thread::yield_now();
            }
            child.kill().unwrap();
            child.wait().unwrap();
            clients.into_iter().flat_map(|client| client.join().unwrap()).collect::<Vec<_>>()
        });
        acknowledged.extend(taken);
    }
    let (child, ready) = ready(&arguments);
    let address = ready["address"].as_str().unwrap();
    for document in &acknowledged {
        let path = format!("{PROJECTS}/{}", document["id"].as_str().unwrap());
        let (status, found) = ask(address, "GET", &path, "").unwrap();
        let lost = ["id", "name", "orgId", "created"].into_iter().find(|field| found[*field] != document[*field]);
        assert_eq!((status, lost), (200, None), "{document}");
    }
    let unique: std::collections::HashSet<_> = acknowledged.iter().map(|document| document["id"].as_str()).collect();
    assert!(unique.len() == acknowledged.len() && unique.len() >= 25 * kills, "an id was used twice");
    stop(child, "-TERM");
}

#[test]
#[cfg(unix)]
fn second_instance_on_same_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--data-dir", folder.path().to_str().unwrap()];
    let (child, _) = ready(&arguments);
    let second = command(&arguments).output().unwrap();
    assert!(!second.status.success() && second.stdout.is_empty());
    let message = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(message.contains("in use by another emulator"), "{message}");
    assert!(message.contains(&child.id().to_string()), "{message}");
    stop(child, "-TERM");
    let (child, _) = ready(&arguments);
    stop(child, "-TERM");
}

#[test]
fn operations_are_listed_as_table_and_json() {
    let list = |arguments: &[&str]| {
        let output =
            Command::new(env!("CARGO_BIN_EXE_atlas-backup-emulator")).arg("operations").args(arguments).output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    let operations: Value = serde_json::from_str(&list(&["--json"])).unwrap();
    let operations = operations.as_array().unwrap();
    let taken = operations.iter().find(|o| o["id"] == "takeGroupClusterBackupSnapshots").unwrap();
    assert_eq!((&taken["method"], &taken["modelled"]), (&"POST".into(), &true.into()));
    assert_eq!(taken["versions"][0]["version"], "2023-01-01");
    let table = list(&[]);
    for operation in operations {
        assert!(table.contains(operation["id"].as_str().unwrap()), "{operation}");
    }
    let modelled = operations.iter().filter(|o| o["modelled"] == true).count();
    assert!(table.ends_with(&format!("{modelled} of {} operations are modelled\n", operations.len())));
}

#[test]
#[cfg(unix)]
fn serve_starts_with_exported_state_or_fleet() {
    let (child, ready) = ready(&["--seed", "fleet", "--projects", "2", "--clusters", "1", "--snapshots", "3"]);
    let (_, groups) = ask(ready["address"].as_str().unwrap(), "GET", "/api/atlas/v2/groups", "").unwrap();
    assert_eq!(groups["totalCount"], 2);
    stop(child, "-TERM");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    std::fs::write(&file, r#"{"format":"atlas-backup-state","schema":1,"collections":{"snapshots":7}}"#).unwrap();
    let file = file.to_str().unwrap();
    for (odd, named) in [
        (&["--seed-file", file][..], "collections.snapshots"),
        (&["--seed-file", "/nonexistent"], "/nonexistent"),
        (&["--seed-file", file, "--seed", "demo"], "--seed"),
        (&["--seed", "demo", "--projects", "2"], "--seed fleet"),
    ] {
        let refused = command(odd).output().unwrap();
        assert!(!refused.status.success());
        assert!(String::from_utf8_lossy(&refused.stderr).contains(named), "{odd:?}: {refused:?}");
    }
}

#[test]
#[cfg(unix)]
fn curl_runs_a_day_of_backup_operations() {
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/curl.sh");
    let output = Command::new("sh").arg(script).arg(env!("CARGO_BIN_EXE_atlas-backup-emulator")).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    if output.status.code() == Some(77) {
        eprintln!("{}", printed.trim());
        return;
    }
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
}

/// A file size limit simulates a full disk: it can be raised while the program runs.
#[test]
#[cfg(target_os = "linux")]
fn change_on_full_disk_is_undone_and_succeeds_once_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["serve", "--seed", "demo", "--data-dir", folder.path().to_str().unwrap()];
    let start = || {
        let mut command = Command::new("sh");
        // A write beyond the limit must be an error, not a fatal signal.
        command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_atlas-backup-emulator")]);
        let mut child = command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        (child, ready["address"].as_str().unwrap().to_owned())
    };
    let (child, address) = start();
    let organization = atlas_backup_emulator::ORGANIZATION;
    let create = |name: &str| {
        let (status, answer) =
            ask(&address, "POST", "/api/atlas/v2/groups", &format!(r#"{{"name":"{name}","orgId":"{organization}"}}"#))
                .unwrap();
        (status, answer.to_string())
    };
    let projects = |address: &str| ask(address, "GET", "/api/atlas/v2/groups", "").unwrap().1["results"].to_string();
    let limit = |size: &str| {
        let status = Command::new("prlimit").args(["--pid", &child.id().to_string(), size]).status().unwrap();
        assert!(status.success());
    };
    assert_eq!(create("before").0, 201);
    limit("--fsize=1:unlimited");
    for _ in 0..2 {
        let (status, text) = create("late");
        assert!(status == 500 && text.contains("EMULATOR_NOT_SAVED"), "{status}: {text}");
        let list = projects(&address);
        assert!(list.contains("before") && !list.contains("late"), "{list}");
    }
    limit("--fsize=unlimited:unlimited");
    let (status, text) = create("late");
    assert_eq!(status, 201, "{text}");
    let output = stop(child, "-TERM");
    assert!(output.status.success(), "{output:?}");
    let (child, address) = start();
    let list = projects(&address);
    assert!(list.contains("before") && list.contains("late"), "{list}");
    stop(child, "-TERM");
}

#[test]
fn control_characters_of_arguments_are_not_written_raw() {
    for arguments in
        [&["--seed-file", "/none/a\x1b[31mb\rc\x07"][..], &["--data-dir", "/proc/a\x1b[31mb\rc"], &["--se\rc\x07ed"]]
    {
        let output = command(arguments).output().unwrap();
        assert!(!output.status.success());
        let control = |byte: &u8| byte.is_ascii_control() && *byte != b'\n';
        assert!(!output.stderr.iter().any(control), "{}", output.stderr.escape_ascii());
    }
}
