//! `auth`: where the credentials come from and whether they work; storing some as a profile; giving a token back.
//!
//! Profiles lie where the official command line keeps its own, so both programs see the same. No secret is ever printed,
//! nor taken from a flag.

mod login;
mod profiles;
mod status;

use clap::Subcommand;

use crate::{
    args::Global,
    exit::{Failure, Outcome},
    session::Session,
};

/// What about the credentials.
#[derive(Debug, Subcommand)]
pub(crate) enum AuthCommand {
    /// Shows where the credentials come from, and whether a call with them works.
    #[command(visible_alias = "whoami")]
    Status,
    /// Stores credentials as a profile; the secret is asked for, or read from standard input.
    Login(login::Login),
    /// Forgets a profile that is stored.
    Logout(login::Logout),
    /// Takes back the access token of a service account that runs share; the next run obtains another.
    Revoke,
}

pub(crate) async fn run(command: AuthCommand, global: &Global) -> Outcome {
    match command {
        AuthCommand::Status => status::show(global).await,
        AuthCommand::Login(login) => login.run(global).await,
        AuthCommand::Logout(logout) => logout.run(global).await,
        AuthCommand::Revoke => {
            let session = Session::open(global).await?;
            match session.client().revoke_token().await? {
                true => crate::notice(format_args!("the token is no longer good; the next run obtains another")),
                false => crate::notice(format_args!("there was no token to take back")),
            }
            Ok(())
        }
    }
}

/// The profile that a command of its own is about.
fn profile(global: &Global) -> Outcome<String> {
    if global.emulator {
        return Err(Failure::usage("the emulator asks for no credentials", "leave `--emulator` out"));
    }
    match global.profile.as_deref() {
        Some("") => Err(Failure::usage("a profile needs a name", "name it after `-P`")),
        Some(name) => Ok(name.to_owned()),
        None => Ok("default".to_owned()),
    }
}
