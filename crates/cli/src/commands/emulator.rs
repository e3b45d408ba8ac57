//! `emulator`: the emulator's own command line, so that whoever has this program needs no other to rehearse.

use atlas_backup_emulator::program;

use crate::ui::exit::{Failure, Outcome};

/// Runs until it is told to stop.
pub(crate) async fn run(command: program::Command) -> Outcome {
    // It brings a runtime of its own, which needs a thread that has none.
    let served = tokio::task::spawn_blocking(|| program::run(command)).await;
    let served = served.map_err(|panicked| Failure::local("the emulator broke off", panicked))?;
    served.map_err(|error| Failure::local("the emulator can't do that", format!("{error:#}")))
}
