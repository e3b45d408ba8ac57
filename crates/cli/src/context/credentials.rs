//! The source of the credentials of a run, found in the order of a session.

use std::env;

use atlas_backup::{Credentials, Error, Profile};

use super::global::Global;
use crate::ui::exit::{Failure, Outcome};

/// The variables that credentials come from, by precedence.
const VARIABLES: [&str; 4] = [
    "MONGODB_ATLAS_CLIENT_ID",
    "MONGODB_ATLAS_PUBLIC_API_KEY",
    "MONGODB_ATLAS_PUBLIC_KEY",
    "MONGODB_ATLAS_ACCESS_TOKEN",
];

/// The source of the credentials, and the credentials or the error of reading them.
#[derive(Debug)]
pub(crate) struct CredentialSource {
    pub(crate) source: String,
    pub(crate) credentials: Result<Credentials, Error>,
    pub(crate) profile: Option<Profile>,
}

impl CredentialSource {
    /// Finds the credentials in the order of a session.
    ///
    /// # Errors
    /// No credentials are configured, or the profiles file cannot be read.
    pub(crate) fn find(global: &Global) -> Outcome<Self> {
        let none = |source: &str| CredentialSource {
            source: source.to_owned(),
            credentials: Ok(Credentials::none()),
            profile: None,
        };
        let of_profile = |profile: Profile| CredentialSource {
            source: format!("profile {}", profile.name()),
            credentials: profile.credentials(),
            profile: Some(profile),
        };
        if global.emulator {
            return Ok(none("none (the emulator needs none)"));
        }
        if global.no_auth {
            return Ok(none("--no-auth"));
        }
        if let Some(name) = &global.profile
            && let Some(profile) = Profile::load(Some(name)).map_err(Failure::without_hint)?
        {
            return Ok(of_profile(profile));
        }
        let variable = VARIABLES.into_iter().find(|name| env::var_os(name).is_some_and(|value| !value.is_empty()));
        if let Some(name) = variable {
            let source = format!("the environment ({name})");
            return Ok(CredentialSource { source, credentials: Credentials::from_env(), profile: None });
        }
        match Profile::load(None).map_err(Failure::without_hint)? {
            Some(profile) => Ok(of_profile(profile)),
            None => Err(Failure::NoCredentials),
        }
    }
}
