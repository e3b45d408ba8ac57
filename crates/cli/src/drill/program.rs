//! Runs the verification program of the user, which decides by its exit code.
//!
//! It gets the location of the data in its environment, and none of our credentials. It runs in its own process group,
//! so the drill can end it with all its child processes.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tempfile::NamedTempFile;
use tokio::{
    process::{Child, Command},
    sync::oneshot,
    time::timeout,
};

use crate::{
    drill::{
        context::Drill,
        record::{Compared, Method},
    },
    ui::{
        child,
        exit::{Failure, Outcome},
        messages,
    },
};

/// Time between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_secs(10);

/// The program name of a command. The arguments may contain secrets and are never recorded.
pub(super) fn name(command: &str) -> &str {
    command.split_whitespace().next().unwrap_or_default()
}

/// The largest result file that is read.
const LONGEST_RESULT: u64 = 64 * 1024;

/// Runs the program and records its exit code as a check, and what it says in its result file.
///
/// # Errors
/// The program could not be started.
pub(super) async fn verify(drill: &Drill<'_>, command: &str, place: &[(&str, &str)]) -> Outcome {
    let mut shell = shell(command);
    child::without_credentials(shell.as_std_mut());
    let created = NamedTempFile::with_prefix("drill-result-");
    let mut result =
        created.map_err(|source| Failure::local("cannot create the result file of the verify command", source))?;
    let snapshot = ("SNAPSHOT", drill.plan.snapshot.id.as_str());
    for (name, value) in place.iter().chain([&snapshot]) {
        shell.env(format!("ATLAS_BACKUP_DRILL_{name}"), value);
    }
    shell.env("ATLAS_BACKUP_DRILL_RESULT", result.path());
    // Its output is not data of this program.
    shell.stdin(Stdio::null()).stdout(messages::stdio()).kill_on_drop(true);
    let ended = drill.started.work.as_task(|cancelled| run(shell, cancelled)).await;
    let program = name(command);
    let ended: ExitStatus = ended.map_err(|source| Failure::local(format!("cannot run {program}"), source))?;
    let found = match ended.code() {
        Some(code) => format!("it exited with {code}"),
        None => "a signal ended it".to_owned(),
    };
    drill.check(Method::OwnCheck, format!("{program} exits with 0"), found, ended.success());
    match read_result(result.as_file_mut()) {
        Ok(compared) => drill.log.update(|evidence| evidence.compared = compared),
        Err(problem) => {
            drill.check(Method::OwnCheck, format!("{program} writes a valid result"), problem.to_string(), false)
        }
    }
    Ok(())
}

/// What the program wrote into its result file: nothing, or one JSON object. The file is never opened again, because
/// something else may have its name by now.
fn read_result(file: &mut File) -> io::Result<Option<Compared>> {
    let mut text = String::new();
    file.rewind()?;
    file.take(LONGEST_RESULT).read_to_string(&mut text)?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    serde_json::from_str(&text).map(Some).map_err(io::Error::other)
}

async fn run(mut shell: Command, cancelled: oneshot::Receiver<()>) -> io::Result<ExitStatus> {
    let mut program = Running(shell.spawn()?);
    tokio::select! {
        ended = program.0.wait() => return ended,
        _ = cancelled => {}
    }
    program.terminate();
    match timeout(GRACE, program.0.wait()).await {
        Ok(ended) => ended,
        Err(_) => {
            program.kill();
            program.0.wait().await
        }
    }
}

/// The running program. Dropping it kills the process group.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(unix)]
impl Running {
    fn terminate(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    fn kill(&self) {
        self.signal(rustix::process::Signal::KILL);
    }

    fn signal(&self, signal: rustix::process::Signal) {
        // A process that has ended has no ID.
        let id = self.0.id().and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(group) = id {
            let _gone = rustix::process::kill_process_group(group, signal);
        }
    }
}

#[cfg(not(unix))]
impl Running {
    fn terminate(&self) {}

    fn kill(&mut self) {
        let _gone = self.0.start_kill();
    }
}

#[cfg(unix)]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", command]).process_group(0);
    shell
}

#[cfg(not(unix))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("cmd");
    shell.args(["/C", command]);
    shell
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn result_file_holds_nothing_or_one_json_object() {
        let read = |text: &str| {
            let mut file = NamedTempFile::new().expect("a file");
            file.write_all(text.as_bytes()).expect("written");
            read_result(file.as_file_mut()).map_err(drop)
        };
        assert_eq!(read(" \n"), Ok(None));
        let compared = Compared { documents: 1260, collections: Some(5) };
        assert_eq!(read(r#"{"documents": 1260, "collections": 5, "seconds": 2}"#), Ok(Some(compared)));
        assert_eq!(read(r#"{"documents": 0}"#), Ok(Some(Compared { documents: 0, collections: None })));
        let endless = " ".repeat(100_000) + r#"{"documents": 1}"#;
        for wrong in ["1260", "{}", r#"{"documents": -1}"#, r#"{"documents": 1} {"documents": 2}"#] {
            assert_eq!(read(wrong), Err(()), "{wrong}");
        }
        assert_eq!(read(&endless), Ok(None), "only the beginning is read");
    }
}
