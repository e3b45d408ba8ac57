//! Runs the binary with an empty environment and reads its output.

#[cfg(unix)]
use std::time::{Duration, Instant};
use std::{
    io::Write,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use atlas_backup_emulator::{Builder, DEMO_PROJECT, Emulator, Seed};
use serde_json::Value;

/// A prepared run.
pub(crate) struct Run {
    command: Command,
    input: Option<String>,
}

/// The binary with `arguments`, separated by spaces.
pub(crate) fn run(arguments: &str) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_atlas-backup"));
    command.env_clear().args(arguments.split_whitespace());
    Run { command, input: None }
}

impl Run {
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn directory(mut self, directory: &Path) -> Self {
        self.command.current_dir(directory);
        self
    }

    /// Adds an argument that may contain spaces.
    pub(crate) fn argument(mut self, argument: &str) -> Self {
        self.command.arg(argument);
        self
    }

    pub(crate) fn input(mut self, input: &str) -> Self {
        self.input = Some(input.to_owned());
        self
    }

    /// Calls the demo project of `emulator` with its API key.
    pub(crate) fn with_key(self, emulator: &Emulator) -> Self {
        self.env("MONGODB_ATLAS_PUBLIC_API_KEY", "public")
            .env("MONGODB_ATLAS_PRIVATE_API_KEY", "private")
            .at(emulator.base_url())
    }

    /// Calls the demo project of `emulator` with its service account.
    pub(crate) fn with_account(self, emulator: &Emulator) -> Self {
        self.env("MONGODB_ATLAS_CLIENT_ID", "account")
            .env("MONGODB_ATLAS_CLIENT_SECRET", "secret")
            .at(emulator.base_url())
    }

    /// Calls the demo project at `base`.
    pub(crate) fn at(self, base: &str) -> Self {
        self.env("MONGODB_ATLAS_BASE_URL", base).env("MONGODB_ATLAS_PROJECT_ID", DEMO_PROJECT)
    }

    /// Starts the binary through another program.
    #[cfg(target_os = "linux")]
    pub(crate) fn by(self, program: &str) -> Self {
        let mut command = Command::new(program);
        command.arg(self.command.get_program()).args(self.command.get_args()).env_clear();
        command.envs(self.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        if let Some(folder) = self.command.get_current_dir() {
            command.current_dir(folder);
        }
        Run { command, input: self.input }
    }

    pub(crate) fn start(mut self) -> Child {
        let stdin = if self.input.is_some() { Stdio::piped() } else { Stdio::null() };
        let child = self.command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.expect("the binary starts");
        if let (Some(input), Some(mut stdin)) = (self.input, child.stdin.take()) {
            // A command that does not read it may have ended.
            if let Err(error) = stdin.write_all(input.as_bytes()) {
                assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe, "{error}");
            }
        }
        child
    }

    /// Runs the binary to its end.
    pub(crate) fn ends(self) -> Ended {
        Ended::from(self.start().wait_with_output().expect("the binary ends"))
    }

    /// Runs the binary to its end, or kills it after `limit`.
    pub(crate) async fn ends_within(self, limit: std::time::Duration) -> Option<Ended> {
        let mut command = tokio::process::Command::from(self.command);
        let output = command.stdin(Stdio::null()).kill_on_drop(true).output();
        let output = tokio::time::timeout(limit, output).await.ok()?;
        Some(Ended::from(output.expect("the binary ends")))
    }

    /// Runs the binary, asserts success without messages, and returns its output.
    pub(crate) fn prints(self) -> String {
        let ended = self.ends();
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{}", ended.stdout);
        ended.stdout
    }
}

impl Run {
    /// Runs the binary, asserts success, and returns its JSON output.
    pub(crate) fn json(self) -> Value {
        let ended = self.ends();
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        ended.json()
    }

    /// Runs the binary and returns the document of each output line.
    pub(crate) fn documents(self) -> Vec<Value> {
        self.ends().stdout.lines().map(|line| serde_json::from_str(line).expect("a document a line")).collect()
    }
}

/// The ID of the first document of a list.
pub(crate) fn first_id(list: Run) -> String {
    list.json()[0]["id"].as_str().expect("an id").to_owned()
}

/// Waits until `is_so`; fails the test after a minute.
#[cfg(unix)]
pub(crate) fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// The result of a run.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// The JSON output.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr))
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// An emulator with the demo and authentication.
pub(crate) fn guarded() -> Builder {
    Emulator::builder().seed(Seed::Demo).api_key("public", "private").service_account("account", "secret")
}

/// The same on a fixed date on which all resource versions are served, for tests of old versions.
pub(crate) fn guarded_in_2026() -> Builder {
    guarded().stepped_clock()
}

/// Compares output with a snapshot, with changing values replaced (times, ports, IDs, sizes).
macro_rules! golden {
    ($name:expr, $text:expr) => {
        insta::with_settings!({
            omit_expression => true,
            filters => vec![
                (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "[time]"),
                (r"in \d+ [a-z]+|\d+ [a-z]+ ago", "[distance]"),
                (r"127\.0\.0\.1:\d+", "[address]"),
                (r"key=[0-9a-f]{32}", "key=[key]"),
                (r"\b\d\d:\d\d\b", "[clock]"),
                (r"\b[0-9a-f]{24}\b", "[id]"),
                (r"\d+\.\d\d [KMG]iB( \(\d+ bytes\))?", "[size]"),
                (r"after \d+s", "after [seconds]"),
                (r"\bvpce-[0-9a-f]{17}\b", "[connection]"),
            ],
        }, { insta::assert_snapshot!($name, $text) });
    };
}
pub(crate) use golden;

/// Replaces column gaps with a fixed gap, because relative times change the widths.
pub(crate) fn narrow(table: &str) -> String {
    let lines = table.lines().map(|line| line.split("   ").filter(|cell| !cell.is_empty()).map(str::trim));
    lines.map(|cells| cells.collect::<Vec<_>>().join("   ") + "\n").collect()
}
