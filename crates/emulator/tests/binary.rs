//! The program: its ready line, its signals, what it refuses.

// A test may unwrap, in its helpers too.
#![allow(clippy::unwrap_used)]

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Output, Stdio},
};

use serde_json::Value;

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_atlas-backup-emulator"));
    command.arg("serve").args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Starts it and reads the ready line.
fn ready(arguments: &[&str]) -> (Child, Value) {
    let mut child = command(arguments).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    (child, serde_json::from_str(&line).unwrap())
}

/// Stops it with `signal` and gives what it wrote since it was ready.
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
fn one_line_says_where_it_listens_and_a_signal_ends_it_cleanly() {
    for signal in ["-TERM", "-INT"] {
        let (child, ready) = ready(&["--seed", "demo"]);
        let address: std::net::SocketAddr = ready["address"].as_str().unwrap().parse().unwrap();
        assert!(address.ip().is_loopback() && address.port() != 0);
        assert_eq!(ready["baseUrl"], format!("http://{address}"));
        // A client that keeps its connection open does not keep the program alive.
        let _open = std::net::TcpStream::connect(address).unwrap();
        let output = stop(child, signal);
        assert!(output.status.success(), "{output:?}");
        assert!(output.stdout.is_empty(), "nothing after the ready line");
        assert!(std::net::TcpStream::connect(address).is_err());
    }
}

#[test]
#[cfg(unix)]
fn secrets_are_not_logged() {
    let mut loud = command(&["--api-key", "public:private-key-1", "--service-account", "id:secret-2"]);
    let mut child = loud.env("RUST_LOG", "trace").spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let output = stop(child, "-TERM");
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(!log.contains("private-key-1") && !log.contains("secret-2"), "{log}");
}

#[test]
fn it_listens_beyond_this_machine_only_when_told_to() {
    let refused = command(&["--listen", "0.0.0.0:0"]).output().unwrap();
    assert!(!refused.status.success() && refused.stdout.is_empty());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--allow-remote"));
    let (mut child, ready) = ready(&["--listen", "0.0.0.0:0", "--allow-remote"]);
    assert!(ready["address"].as_str().unwrap().starts_with("0.0.0.0:"));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn an_address_in_use_and_odd_arguments_are_errors() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused = command(&["--listen", &address]).output().unwrap();
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains(&address));
    for odd in [&["--api-key", "nocolon"][..], &["--time-scale", "0"], &["--time-scale", "NaN"], &["--seed", "other"]] {
        assert!(!command(odd).output().unwrap().status.success(), "{odd:?}");
    }
}
