//! `emulator`: the commands of `atlas-backup-emulator`, included in this program.

use atlas_backup_emulator::program;

use crate::ui::exit::{Failure, Outcome};

/// Runs a command of the emulator.
pub(crate) async fn run(command: program::Command) -> Outcome {
    // The emulator starts its own runtime, which needs a thread without one.
    let served = tokio::task::spawn_blocking(|| program::run(command)).await;
    let served = served.map_err(|panicked| Failure::local("the emulator stopped unexpectedly", panicked))?;
    served.map_err(|error| Failure::local("cannot run the emulator", format!("{error:#}")))
}
