//! Storing a profile and forgetting it.
//!
//! The secret comes from a prompt that shows nothing, or from standard input; it is tried before anything is written, so
//! that a mistyped one never replaces one that works.

use atlas_backup::{Client, Credentials, ErrorKind, ProjectId, SecretString};
use clap::{Args, ValueEnum};

use super::profiles::{Entry, Profiles};

use crate::{
    context::{confirmation::Confirmation, global::Global, session::Session},
    ui::{
        exit::{Failure, Outcome},
        hints::{Command, Hint, Invocation},
        messages, prompts,
    },
};

/// What to store.
#[derive(Debug, Args)]
pub(crate) struct Login {
    /// What kind of credentials.
    #[arg(long, value_enum, default_value = "service-account")]
    kind: Kind,
    /// The client id of the service account, or the public key; asked for where it is missing.
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Stores them without a call that tries them.
    #[arg(long)]
    no_verify: bool,
}

/// A kind of credentials that can be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    ServiceAccount,
    ApiKey,
}

/// What to forget.
#[derive(Debug, Args)]
pub(crate) struct Logout {
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Login {
    pub(super) async fn run(self, global: &Global) -> Outcome {
        let name = profile(global)?;
        if global.no_auth {
            return Err(Failure::usage("there is nothing to store then", "leave `--no-auth` out"));
        }
        let project = global.project.as_deref().map(ProjectId::new).transpose()?;
        // A file that can't be changed is told before anybody types a secret.
        let mut profiles = Profiles::open()?;
        let (id_word, secret_word) = match self.kind {
            Kind::ServiceAccount => ("client id", "client secret"),
            Kind::ApiKey => ("public key", "private key"),
        };
        let id = match self.id.clone() {
            Some(id) => id,
            None => read_line(prompts::stdin_is_terminal().then(|| format!("The {id_word}: "))).await?,
        };
        let secret = read_secret(format!("The {secret_word} (not shown): ")).await?;
        if id.is_empty() || secret.is_empty() {
            return Err(Failure::usage(
                format!("the {id_word} or the {secret_word} is empty"),
                "give the id with --id, and the secret when asked or on standard input",
            ));
        }
        let credentials = match self.kind {
            Kind::ServiceAccount => Credentials::service_account(&id, SecretString::from(secret.as_str())),
            Kind::ApiKey => Credentials::api_key(&id, SecretString::from(secret.as_str())),
        };
        let builder = global.base_url.iter().fold(Client::builder(), |builder, url| builder.base_url(url));
        // A place that can't be called is refused untried.
        let client = builder.credentials(credentials).build()?;
        if !self.no_verify {
            let tried = client.projects().list().items_per_page(1).items().next().await.transpose();
            tried.map_err(|error| Failure::from(error).with_hint(|error| credentials_hint(error.kind())))?;
        }
        let file = profiles.file().display().to_string();
        if global.dry_run {
            messages::note(format_args!("a dry run: profile {name} would be stored in {file}"));
            return Ok(());
        }
        let mut entries = match self.kind {
            Kind::ServiceAccount => {
                vec![("auth_type", "service_account"), ("client_id", &id), ("client_secret", &secret)]
            }
            Kind::ApiKey => vec![("auth_type", "api_keys"), ("public_api_key", &id), ("private_api_key", &secret)],
        };
        entries.extend(project.as_ref().map(|id| ("project_id", id.as_str())));
        entries.extend(global.base_url.as_deref().map(|url| ("ops_manager_url", url)));
        profiles.set(&name, &entries.into_iter().map(|(key, value)| Entry { key, value }).collect::<Vec<_>>())?;
        profiles.save()?;
        messages::note(format_args!(
            "profile {name} is stored in {file}; `{}` shows it",
            Command::new("auth status").arg("-P").arg(&name).render(&Invocation::default())
        ));
        Ok(())
    }
}

impl Logout {
    pub(super) async fn run(self, global: &Global) -> Outcome {
        let name = profile(global)?;
        let mut profiles = Profiles::open()?;
        let has_secret = profiles.has_secret(&name)?;
        self.confirmation.ask_unless(global.dry_run, &format!("Forgets profile {name} and its secret"), &name).await?;
        if global.dry_run {
            messages::note(format_args!("a dry run: profile {name} would be forgotten"));
            return Ok(());
        }
        // Neither a token that nobody can take back any more, which lives for an hour, nor damage may keep it alive.
        if !has_secret {
            messages::note(format_args!(
                "the profile holds no secret; one in the system's keyring, under atlascli_{name}, stays there"
            ));
        } else if let Err(failure) = revoke(&name, global).await {
            messages::note(format_args!("its token was not taken back: {failure}"));
        }
        profiles.remove(&name);
        profiles.save()?;
        messages::note(format_args!("profile {name} is forgotten"));
        Ok(())
    }
}

/// What to do when the credentials that were typed don't work.
fn credentials_hint(kind: ErrorKind) -> Option<Hint> {
    let refused = matches!(kind, ErrorKind::Authentication | ErrorKind::Unauthorized);
    let way =
        "nothing was stored: check the id, the secret and the access list, or store them untried by `--no-verify`";
    refused.then(|| way.into())
}

/// Takes back the token that runs with the profile share.
async fn revoke(profile: &str, global: &Global) -> Outcome {
    let session = Session::open(&Global { profile: Some(profile.to_owned()), ..global.clone() }).await?;
    session.client().revoke_token().await?;
    Ok(())
}

/// A line from standard input, asked for on a terminal.
async fn read_line(prompt: Option<String>) -> Outcome<String> {
    prompts::line(prompt).await.map_err(|source| Failure::local("standard input could not be read", source))
}

/// A secret: not shown on a terminal, else a line from standard input.
async fn read_secret(prompt: String) -> Outcome<String> {
    if !prompts::stdin_is_terminal() {
        return read_line(None).await;
    }
    prompts::secret(prompt).await.map_err(|source| Failure::local("the secret could not be read", source))
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
