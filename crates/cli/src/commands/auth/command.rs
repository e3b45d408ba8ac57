//! The subcommands of `auth`.

use clap::Subcommand;

use super::{
    login::{Login, Logout},
    status,
};

use crate::{
    context::{global::Global, session::Session},
    ui::{exit::Outcome, messages},
};

/// Subcommands of `auth`.
#[derive(Debug, Subcommand)]
pub(crate) enum AuthCommand {
    /// Show the source of the credentials, and test them with a call.
    #[command(visible_alias = "whoami")]
    Status,
    /// Store credentials as a profile; reads the secret from a prompt or standard input.
    Login(Login),
    /// Delete a profile and its secret.
    Logout(Logout),
    /// Revoke the access token that runs share; the next run requests a new one.
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
                true => {
                    messages::note(format_args!("revoked the shared access token; the next run requests a new one"))
                }
                false => messages::note(format_args!("no shared access token to revoke")),
            }
            Ok(())
        }
    }
}
