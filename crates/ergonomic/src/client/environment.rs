//! The environment of the process: variables, and the user's folders.
//!
//! Variables are read through a function, so that tests need not change the environment of the process. An empty
//! variable counts as unset.

use std::path::PathBuf;

use crate::{
    client::profile::Profile,
    model::{credentials::Credentials, error::Error, error_kind::ErrorKind},
};

/// The environment.
#[derive(Clone, Copy)]
pub(crate) struct Variables<'a>(&'a dyn Fn(&str) -> Option<String>);

impl<'a> Variables<'a> {
    pub(crate) fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Variables(lookup)
    }

    pub(crate) fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    /// The base URL.
    pub(crate) fn base_url(&self) -> Option<String> {
        self.get("MONGODB_ATLAS_OPS_MANAGER_URL").or_else(|| self.get("MONGODB_ATLAS_BASE_URL"))
    }

    /// The user's configuration folder.
    pub(crate) fn config_folder(&self) -> Option<PathBuf> {
        let home = |below: &str| Some(PathBuf::from(self.get("HOME")?).join(below));
        match () {
            () if cfg!(windows) => self.get("APPDATA").map(PathBuf::from),
            () if cfg!(target_os = "macos") => home("Library/Application Support"),
            () => self.get("XDG_CONFIG_HOME").map(PathBuf::from).or_else(|| home(".config")),
        }
    }

    /// The user's cache folder.
    pub(crate) fn cache_folder(&self) -> Option<PathBuf> {
        let home = |below: &str| Some(PathBuf::from(self.get("HOME")?).join(below));
        match () {
            () if cfg!(windows) => self.get("LOCALAPPDATA").map(PathBuf::from),
            () if cfg!(target_os = "macos") => home("Library/Caches"),
            () => self.get("XDG_CACHE_HOME").map(PathBuf::from).or_else(|| home(".cache")),
        }
    }
}

impl Credentials {
    /// Credentials from the environment. The first complete entry is used:
    ///
    /// 1. a service account: `MONGODB_ATLAS_CLIENT_ID` and `MONGODB_ATLAS_CLIENT_SECRET`;
    /// 2. an API key: `MONGODB_ATLAS_PUBLIC_API_KEY` and `MONGODB_ATLAS_PRIVATE_API_KEY`, or
    ///    `MONGODB_ATLAS_PUBLIC_KEY` and `MONGODB_ATLAS_PRIVATE_KEY`;
    /// 3. a token: `MONGODB_ATLAS_ACCESS_TOKEN`. It comes last because it is valid for an hour at most, and an old
    ///    token in a shell must not take precedence over permanent credentials;
    /// 4. the official command line's [`Profile`]: the one that `MONGODB_ATLAS_PROFILE` names, else its only one, else
    ///    `default`.
    ///
    /// An empty variable counts as unset.
    ///
    /// # Errors
    /// [`ErrorKind::NotConfigured`] if there are none; [`ErrorKind::InvalidInput`] if half of a pair is missing or the
    /// file of profiles cannot be read.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    /// Like [`from_env`](Self::from_env), with the variables taken from `lookup`, `HOME` among them.
    ///
    /// # Errors
    /// As [`from_env`](Self::from_env).
    pub fn from_variables(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        Self::discover(&Variables::new(&lookup)).map(|(credentials, _)| credentials)
    }

    /// The credentials, and their profile.
    pub(crate) fn discover(variables: &Variables<'_>) -> Result<(Self, Option<Profile>), Error> {
        let get = |name: &str| variables.get(name);
        let pair = |first: &str, second: &str| match (get(first), get(second)) {
            (Some(a), Some(b)) => Ok(Some((a, b))),
            (None, None) => Ok(None),
            (a, _) => {
                let (set, unset) = if a.is_some() { (first, second) } else { (second, first) };
                Err(Error::new(
                    ErrorKind::InvalidInput,
                    format!("incomplete credentials: {set} is set but {unset} is not"),
                ))
            }
        };
        if let Some((id, secret)) = pair("MONGODB_ATLAS_CLIENT_ID", "MONGODB_ATLAS_CLIENT_SECRET")? {
            return Ok((Self::service_account(id, secret), None));
        }
        for (public, private) in [
            ("MONGODB_ATLAS_PUBLIC_API_KEY", "MONGODB_ATLAS_PRIVATE_API_KEY"),
            ("MONGODB_ATLAS_PUBLIC_KEY", "MONGODB_ATLAS_PRIVATE_KEY"),
        ] {
            if let Some((public, private)) = pair(public, private)? {
                return Ok((Self::api_key(public, private), None));
            }
        }
        if let Some(token) = get("MONGODB_ATLAS_ACCESS_TOKEN") {
            return Ok((Self::bearer(token), None));
        }
        match Profile::find(None, variables)? {
            Some(profile) => Ok((profile.credentials()?, Some(profile))),
            None => Err(Error::new(
                ErrorKind::NotConfigured,
                "no credentials: set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET (service account), or \
                 MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY (API key), or make a profile with the \
                 official command line",
            )),
        }
    }
}

/// A folder of this user for [`Builder::token_store`](crate::Builder::token_store): `atlas-backup/tokens` in the
/// platform's cache folder. `None` if the environment names no home folder.
#[must_use]
pub fn token_folder() -> Option<PathBuf> {
    let lookup = |name: &str| std::env::var(name).ok();
    Some(Variables::new(&lookup).cache_folder()?.join("atlas-backup").join("tokens"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(pairs: &[(&str, &str)]) -> Result<Credentials, Error> {
        Credentials::from_variables(|name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }

    const ACCOUNT: [(&str, &str); 2] = [("MONGODB_ATLAS_CLIENT_ID", "i"), ("MONGODB_ATLAS_CLIENT_SECRET", "s")];
    const KEY: [(&str, &str); 2] = [("MONGODB_ATLAS_PUBLIC_API_KEY", "p"), ("MONGODB_ATLAS_PRIVATE_API_KEY", "q")];
    const SDK_KEY: [(&str, &str); 2] = [("MONGODB_ATLAS_PUBLIC_KEY", "p"), ("MONGODB_ATLAS_PRIVATE_KEY", "q")];
    const TOKEN: (&str, &str) = ("MONGODB_ATLAS_ACCESS_TOKEN", "t");

    #[test]
    fn environment_uses_first_complete_credentials() {
        let all = [ACCOUNT[0], ACCOUNT[1], KEY[0], KEY[1], TOKEN];
        for (variables, expected) in [
            (&all[..], "service account"),
            (&all[2..], "API key"),
            (&SDK_KEY[..], "API key"),
            (&all[4..], "bearer token"),
            (&[("MONGODB_ATLAS_CLIENT_ID", ""), TOKEN][..], "bearer token"),
        ] {
            assert_eq!(from(variables).expect("credentials").describe(), expected);
        }
    }

    #[test]
    fn empty_environment_is_not_configured() {
        assert_eq!(from(&[]).expect_err("nothing is set").kind(), ErrorKind::NotConfigured);
    }

    #[test]
    fn incomplete_credentials_in_environment_are_an_error() {
        let error = from(&[ACCOUNT[0], KEY[0], KEY[1]]).expect_err("half a pair");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("MONGODB_ATLAS_CLIENT_SECRET is not"), "{error}");
    }

    #[test]
    fn debug_output_hides_secrets() {
        for credentials in [
            Credentials::bearer("hunter2"),
            Credentials::api_key("hunter2", "hunter2"),
            Credentials::service_account("hunter2", "hunter2"),
        ] {
            assert!(!format!("{credentials:?}").contains("hunter2"));
        }
    }
}
