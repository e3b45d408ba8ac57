//! The user's own program, which says by its exit code whether the data is right.
//!
//! It gets the place of the data in its environment, and none of our credentials. It is a process group of its own, so that
//! nothing of it goes on when the drill has ended, whatever it has started.

use std::{
    env, io,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tokio::{
    process::{Child, Command},
    sync::oneshot,
    time::timeout,
};

use crate::{
    drill::context::Drill,
    ui::{
        exit::{Failure, Outcome},
        messages,
    },
};

/// What begins like this may be a secret of ours.
const CREDENTIAL_PREFIX: &str = "MONGODB_ATLAS_";
/// How long it may take to end once it was asked to.
const GRACE: Duration = Duration::from_secs(10);

/// The name of the program in a command. The rest of it may hold what is nobody's business.
pub(super) fn name(command: &str) -> &str {
    command.split_whitespace().next().unwrap_or_default()
}

/// Runs it, and notes what it says.
///
/// # Errors
/// It could not be run.
pub(super) async fn verify(drill: &Drill<'_>, command: &str, place: &[(&str, &str)]) -> Outcome {
    let mut shell = shell(command);
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with(CREDENTIAL_PREFIX)) {
        shell.env_remove(name);
    }
    let snapshot = ("SNAPSHOT", drill.plan.snapshot.id.as_str());
    for (name, value) in place.iter().chain([&snapshot]) {
        shell.env(format!("ATLAS_BACKUP_DRILL_{name}"), value);
    }
    // What it prints is no data of ours.
    shell.stdin(Stdio::null()).stdout(messages::stdio()).kill_on_drop(true);
    let ended = drill.started.work.as_task(|cancelled| run(shell, cancelled)).await;
    let program = name(command);
    let ended: ExitStatus = ended.map_err(|source| Failure::local(format!("{program} could not be run"), source))?;
    let found = match ended.code() {
        Some(code) => format!("it ended with {code}"),
        None => "it was ended by a signal".to_owned(),
    };
    drill.check(format!("{program} ends with 0"), found, ended.success());
    Ok(())
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

/// The program, which goes with this, and all that it has started.
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
        // A program that has ended has no id any more.
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
