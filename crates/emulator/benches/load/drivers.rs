//! Commands of MongoDB's Rust driver to an emulated cluster, and to NX-27017 for comparison: a server of the same protocol
//! over SQLite, from PyPI.

use std::{
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::{Options, PROJECT, Row, program::Program};

const PACKAGE: &str = "nx-27017==0.8.1";

pub(crate) fn row(name: &'static str, operation: &str, connections: u32, options: &Options) -> Row {
    let Some(driver) = driver() else {
        return Row { name, what: "skipped: cannot build the program with the driver".to_owned(), target: None };
    };
    let run = |program: &Program, uri: &str| run(&driver, program, uri, operation, connections, options.seconds);
    let program = Program::start(&["--seed", "demo", "--mongo", "--mongo-user", "tester:rehearsal"]);
    let cluster = program.get(&format!("{PROJECT}/clusters/Cluster0"));
    let uri = cluster["connectionStrings"]["standard"].as_str().unwrap();
    let own = run(&program, &uri.replace("mongodb://", "mongodb://tester:rehearsal@"));
    let other = other_server()
        .map_or("NX-27017 skipped: pip or the registry is missing".to_owned(), |(program, uri)| {
            format!("NX-27017 {}", run(&program, &uri))
        });
    Row { name, what: format!("{own}; {other}"), target: None }
}

fn run(driver: &Path, program: &Program, uri: &str, operation: &str, connections: u32, seconds: u64) -> String {
    let mut command = Command::new(driver);
    command.args(["load", operation, &connections.to_string(), &seconds.to_string()]).env("MONGODB_URI", uri);
    let output = command.stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "the load failed");
    let text = String::from_utf8(output.stdout).unwrap();
    let [all, measured, half, most] = text.split_whitespace().collect::<Vec<_>>().try_into().unwrap();
    let rate = match operation {
        // For as long as it takes.
        "fill" => String::new(),
        _ => format!("{:.0}/s, ", measured.parse::<f64>().unwrap() / seconds as f64),
    };
    let cpu = program.cpu_micros() / all.parse::<f64>().unwrap();
    let resident = program.megabytes("VmHWM");
    format!("{rate}p50 {half} ms, p99 {most} ms, {cpu:.0} µs of its CPU each, {resident:.0} MB at most")
}

/// The program with the driver. It is a separate crate.
fn driver() -> Option<PathBuf> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/foreign/rust-driver/Cargo.toml");
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("rust-driver");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--release", "--quiet", "--locked", "--manifest-path", manifest, "--target-dir"]).arg(&target);
    cargo.status().ok().filter(|status| status.success())?;
    Some(target.join("release/rust-driver"))
}

/// The other server, with its data in memory, and its connection string.
fn other_server() -> Option<(Program, String)> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("nx-27017");
    let script = folder.join("bin/nx-27017");
    if !script.exists() {
        let succeeds = |command: &mut Command| command.status().is_ok_and(|status| status.success());
        let created = succeeds(Command::new("python3").args(["-m", "venv"]).arg(&folder));
        let pip = folder.join("bin/pip");
        let installed =
            created && succeeds(Command::new(pip).args(["install", "--quiet", "--disable-pip-version-check", PACKAGE]));
        if !installed {
            return None;
        }
    }
    // It cannot select a free port.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command = Command::new(script);
    command.args(["--db", "memory", "--port", &address.port().to_string()]).current_dir(&folder);
    let begun = Instant::now();
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while TcpStream::connect(address).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(60), "NX-27017 does not start");
        std::thread::sleep(Duration::from_millis(5));
    }
    let program = Program::other(child, address.to_string(), begun.elapsed());
    Some((program, format!("mongodb://{address}/?directConnection=true")))
}
