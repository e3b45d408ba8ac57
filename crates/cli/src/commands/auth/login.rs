//! Stores and deletes profiles.
//!
//! The secret comes from a hidden prompt or standard input. It is verified before it is stored, so a mistyped secret
//! never replaces a working one.

use atlas_backup::{Client, Credentials, ErrorKind, ProjectId, SecretString};
use clap::{Args, ValueEnum};
use secrecy::ExposeSecret;

use super::profiles::{Entry, Profiles};

use crate::{
    context::{
        confirmation::Confirmation,
        global::Global,
        session::{Session, base_url},
    },
    ui::{
        exit::{Failure, Outcome},
        hints::{Command, Hint, Invocation},
        messages, prompts,
    },
};

/// Flags of `auth login`.
#[derive(Debug, Args)]
pub(crate) struct Login {
    /// Kind of credentials.
    #[arg(long, value_enum, default_value = "service-account")]
    kind: Kind,
    /// Client ID of the service account, or public key [default: prompt].
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Store the credentials without a test call.
    #[arg(long)]
    no_verify: bool,
}

/// Kind of stored credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    ServiceAccount,
    ApiKey,
}

/// Flags of `auth logout`.
#[derive(Debug, Args)]
pub(crate) struct Logout {
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Login {
    pub(super) async fn run(self, global: &Global) -> Outcome {
        let name = profile(global)?;
        if global.no_auth {
            return Err(Failure::usage("cannot store credentials with --no-auth", "omit `--no-auth`"));
        }
        let project = global.project.as_deref().map(ProjectId::new).transpose()?;
        // Report an unusable profiles file before the prompt for the secret.
        let mut profiles = Profiles::open().await?;
        let (id_word, secret_word) = match self.kind {
            Kind::ServiceAccount => ("client id", "client secret"),
            Kind::ApiKey => ("public key", "private key"),
        };
        let id = match self.id.clone() {
            Some(id) => id,
            None => read_line(prompts::stdin_is_terminal().then(|| format!("{id_word}: "))).await?,
        };
        let secret = read_secret(format!("{secret_word} (hidden): ")).await?;
        if id.is_empty() || secret.expose_secret().is_empty() {
            return Err(Failure::usage(
                format!("missing {id_word} or {secret_word}"),
                "pass the ID with `--id`, and the secret at the prompt or on standard input",
            ));
        }
        let credentials = match self.kind {
            Kind::ServiceAccount => Credentials::service_account(&id, secret.clone()),
            Kind::ApiKey => Credentials::api_key(&id, secret.clone()),
        };
        // The secret goes only to the configured service.
        let base_url = global.base_url.clone().or_else(base_url);
        let builder = base_url.iter().fold(Client::builder(), |builder, url| builder.base_url(url));
        // Rejects an invalid base URL before the test call.
        let client = builder.credentials(credentials).build()?;
        if !self.no_verify {
            let tried = client.projects().list().items_per_page(1).items().next().await.transpose();
            tried.map_err(|error| Failure::from(error).with_hint(|error| credentials_hint(error.kind())))?;
        }
        let file = profiles.file().display().to_string();
        if global.dry_run {
            messages::note(format_args!("dry run: would store profile {name} in {file}"));
            return Ok(());
        }
        let mut entries = match self.kind {
            Kind::ServiceAccount => {
                vec![("auth_type", "service_account"), ("client_id", &id), ("client_secret", secret.expose_secret())]
            }
            Kind::ApiKey => {
                vec![("auth_type", "api_keys"), ("public_api_key", &id), ("private_api_key", secret.expose_secret())]
            }
        };
        entries.extend(project.as_ref().map(|id| ("project_id", id.as_str())));
        entries.extend(base_url.as_deref().map(|url| ("ops_manager_url", url)));
        profiles.set(&name, &entries.into_iter().map(|(key, value)| Entry { key, value }).collect::<Vec<_>>())?;
        profiles.save()?;
        messages::note(format_args!(
            "stored profile {name} in {file}; `{}` shows it",
            Command::new("auth status").arg("-P").arg(&name).render(&Invocation::default())
        ));
        Ok(())
    }
}

impl Logout {
    pub(super) async fn run(self, global: &Global) -> Outcome {
        let name = profile(global)?;
        let mut profiles = Profiles::open().await?;
        let has_secret = profiles.has_secret(&name)?;
        self.confirmation.ask_unless(global.dry_run, &format!("Delete profile {name} and its secret"), &name).await?;
        if global.dry_run {
            messages::note(format_args!("dry run: would delete profile {name}"));
            return Ok(());
        }
        // A failed revocation or a damaged profile must not prevent the deletion. Tokens expire within an hour.
        if !has_secret {
            messages::note(format_args!(
                "profile {name} holds no secret in the file; a secret in the system keyring, under atlascli_{name}, is not deleted"
            ));
        } else if let Err(failure) = revoke(&name, global).await {
            messages::note(format_args!("cannot revoke the token of profile {name}: {failure}"));
        }
        profiles.remove(&name);
        profiles.save()?;
        messages::note(format_args!("deleted profile {name}"));
        Ok(())
    }
}

/// The hint for rejected credentials.
fn credentials_hint(kind: ErrorKind) -> Option<Hint> {
    let refused = matches!(kind, ErrorKind::Authentication | ErrorKind::Unauthorized);
    let way = "nothing was stored; check the ID, the secret and the access list, or skip this check with `--no-verify`";
    refused.then(|| way.into())
}

/// Revokes the token of the profile.
async fn revoke(profile: &str, global: &Global) -> Outcome {
    let session = Session::open(&Global { profile: Some(profile.to_owned()), ..global.clone() }).await?;
    session.client().revoke_token().await?;
    Ok(())
}

/// Reads a line from standard input, with a prompt on a terminal.
async fn read_line(prompt: Option<String>) -> Outcome<String> {
    prompts::line(prompt).await.map_err(|source| Failure::local("cannot read standard input", source))
}

/// Reads a secret: hidden on a terminal, else a line from standard input.
async fn read_secret(prompt: String) -> Outcome<SecretString> {
    let secret =
        if prompts::stdin_is_terminal() { prompts::secret(prompt).await } else { prompts::secret_line().await };
    secret.map_err(|source| Failure::local("cannot read the secret", source))
}

/// The profile to store or delete.
fn profile(global: &Global) -> Outcome<String> {
    if global.emulator {
        return Err(Failure::usage("cannot store credentials for the emulator: it needs none", "omit `--emulator`"));
    }
    match global.profile.as_deref() {
        Some("") => Err(Failure::usage("missing profile name", "pass `-P NAME`")),
        Some(name) => Ok(name.to_owned()),
        None => Ok("default".to_owned()),
    }
}
