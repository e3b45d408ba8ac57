//! The program under test: started, measured through `/proc`, stopped on drop.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::client::Measured;

pub(crate) struct Program {
    child: Child,
    pub(crate) address: String,
    /// From its start to its ready line.
    pub(crate) started_in: Duration,
    /// Processor time in ticks up to then.
    ticks_before: f64,
}

impl Program {
    /// `serve` with these arguments, and without rate limits.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let own = || env!("CARGO_BIN_EXE_atlas-backup-emulator").to_owned();
        let mut command = Command::new(std::env::var("EMULATOR").unwrap_or_else(|_| own()));
        command.arg("serve").arg("--no-rate-limits").args(arguments).env("RUST_LOG", "warn");
        let begun = Instant::now();
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let started_in = begun.elapsed();
        let ready: Value = serde_json::from_str(&line).unwrap();
        Self::other(child, ready["address"].as_str().unwrap().to_owned(), started_in)
    }

    /// Another program that is known to listen.
    pub(crate) fn other(child: Child, address: String, started_in: Duration) -> Self {
        let ticks_before = ticks(&child);
        Self { child, address, started_in, ticks_before }
    }

    /// The id of the first item of a list.
    pub(crate) fn first(&self, path: &str) -> String {
        self.get(path)["results"][0]["id"].as_str().unwrap().to_owned()
    }

    /// A document of the API.
    pub(crate) fn get(&self, path: &str) -> Value {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let accept = "application/vnd.atlas.2099-01-01+json";
        write!(stream, "GET {path} HTTP/1.1\r\nhost: h\r\naccept: {accept}\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    /// A line of `/proc/PID/status` in kilobytes: `VmHWM` is the peak resident memory, `VmRSS` the current one.
    pub(crate) fn megabytes(&self, line: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let found = status.lines().find_map(|l| l.strip_prefix(line)?.strip_prefix(':'));
        found.and_then(|l| l.trim().trim_end_matches(" kB").parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
    }

    /// Processor time per request, which depends little on the load of the machine.
    pub(crate) fn cpu_of(&self, measured: &Measured) -> String {
        format!("{:.0} µs of its CPU each", self.cpu_micros() / measured.all_requests as f64)
    }

    /// Processor time since the program was ready.
    pub(crate) fn cpu_micros(&self) -> f64 {
        (ticks(&self.child) - self.ticks_before) * 10_000.0
    }
}

/// Processor time in hundredths of a second.
fn ticks(child: &Child) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap_or_default();
    // The name in parentheses may contain spaces. User and system time are fields 14 and 15.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split(' ').collect();
    [12, 13].iter().filter_map(|n| fields.get(*n)?.parse::<f64>().ok()).sum()
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have exited already.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}
