//! The commands of the noun.

use clap::Subcommand;

use super::{
    login::{Login, Logout},
    status,
};

use crate::{
    context::{global::Global, session::Session},
    ui::{exit::Outcome, messages},
};

/// What about the credentials.
#[derive(Debug, Subcommand)]
pub(crate) enum AuthCommand {
    /// Shows where the credentials come from, and whether a call with them works.
    #[command(visible_alias = "whoami")]
    Status,
    /// Stores credentials as a profile; the secret is asked for, or read from standard input.
    Login(Login),
    /// Forgets a profile that is stored.
    Logout(Logout),
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
                true => messages::note(format_args!("the token is no longer good; the next run obtains another")),
                false => messages::note(format_args!("there was no token to take back")),
            }
            Ok(())
        }
    }
}
