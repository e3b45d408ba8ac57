//! Programs that the user chose: editors and verify commands. They get no credentials of this program.

use std::{env, process::Command};

/// Prefix of variables that may hold credentials.
const CREDENTIAL_PREFIX: &str = "MONGODB_ATLAS_";

/// Removes every variable that may hold a credential from the environment of `command`.
pub(crate) fn without_credentials(command: &mut Command) -> &mut Command {
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with(CREDENTIAL_PREFIX)) {
        command.env_remove(name);
    }
    command
}
