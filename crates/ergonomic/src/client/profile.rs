//! The official command line's profiles: `atlascli/config.toml` in the user's configuration folder.
//!
//! A user who has logged in with the official command line needs no further setup. The file is read and never written,
//! and no error contains any part of it, because it holds secrets. Secrets in the system's keyring are not accessible;
//! the error then states what to do.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};
use toml::{Table, Value};

use crate::{
    client::{builder::ATLAS_GOVERNMENT, environment::Variables},
    model::{
        atomic_file,
        credentials::Credentials,
        error::{Error, Result},
        error_kind::ErrorKind,
    },
};

/// The default profile if there are several and none is named.
const DEFAULT: &str = "default";

/// One profile of the official command line.
///
/// ```
/// use atlas_backup::{Client, Profile};
///
/// let file = r#"
///     [default]
///     auth_type = "service_account"
///     client_id = "mdb_sa_id_…"
///     client_secret = "mdb_sa_sk_…"
///     project_id = "32b6e34b3d91647abb20e7b8"
/// "#;
/// let profile = Profile::parse(file, None)?;
/// let atlas = Client::builder().profile(&profile)?.build()?;
/// let project = atlas.project(profile.project_id().unwrap_or_default())?;
/// # let _ = project;
/// # Ok::<(), atlas_backup::Error>(())
/// ```
#[derive(Clone)]
pub struct Profile {
    name: String,
    values: Table,
    open_to_others: bool,
}

impl Profile {
    /// The profile called `name` of this user. Without a name: the one in `MONGODB_ATLAS_PROFILE`, else the only one,
    /// else `default`. `None` if no name is given and the file or the profile does not exist.
    ///
    /// # Errors
    /// [`ErrorKind::NotConfigured`] if the profile does not exist; [`ErrorKind::InvalidInput`] if the file cannot be
    /// read or is not TOML. The error names the line.
    pub fn load(name: Option<&str>) -> Result<Option<Self>> {
        Self::find(name, &Variables::new(&|name| std::env::var(name).ok()))
    }

    pub(crate) fn find(name: Option<&str>, variables: &Variables<'_>) -> Result<Option<Self>> {
        let name = name.map(str::to_owned).or_else(|| variables.get("MONGODB_ATLAS_PROFILE"));
        let file = Self::file_of(variables);
        match (file.filter(|file| file.exists()), name) {
            (Some(file), Some(name)) => Self::read(&file, Some(&name)).map(Some),
            (Some(file), None) => {
                let profiles = Profiles::read(&file)?;
                if profiles.names.is_empty() { Ok(None) } else { profiles.select(None).map(Some) }
            }
            (None, None) => Ok(None),
            (None, Some(name)) => {
                let message = format!("unknown profile {name:?}: the official command line has no config.toml here");
                Err(Error::new(ErrorKind::NotConfigured, message))
            }
        }
    }

    /// Path of this user's profiles, whether or not it exists. `None` if the environment names no home folder.
    #[must_use]
    pub fn file() -> Option<PathBuf> {
        Self::file_of(&Variables::new(&|name| std::env::var(name).ok()))
    }

    fn file_of(variables: &Variables<'_>) -> Option<PathBuf> {
        Some(variables.config_folder()?.join("atlascli").join("config.toml"))
    }

    /// A profile of the file at `path`: the one called `name`, else the only one, else `default`. Logs a warning if
    /// other users can read the file.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn read(path: impl AsRef<Path>, name: Option<&str>) -> Result<Self> {
        Profiles::read(path.as_ref())?.select(name)
    }

    /// A profile of a file with the content `text`, selected as in [`read`](Self::read).
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn parse(text: &str, name: Option<&str>) -> Result<Self> {
        Profiles::parse(text, "the file of profiles")?.select(name)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its credentials.
    ///
    /// # Errors
    /// [`ErrorKind::NotConfigured`] if a secret is missing, usually because it is in the system's keyring;
    /// [`ErrorKind::InvalidInput`] if the kind of credentials is unknown.
    pub fn credentials(&self) -> Result<Credentials> {
        let has = |key: &str| self.text(key).is_some();
        let auth_type = match self.text("auth_type") {
            Some(auth_type) => auth_type,
            None if has("client_id") => "service_account",
            None if has("public_api_key") => "api_keys",
            None => "user_account",
        };
        match auth_type {
            "service_account" => {
                let secret = self.secret("client_secret", "MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET");
                Ok(Credentials::service_account(self.required("client_id")?, secret?))
            }
            "api_keys" => {
                let variables = "MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY";
                Ok(Credentials::api_key(self.required("public_api_key")?, self.secret("private_api_key", variables)?))
            }
            "user_account" => Ok(Credentials::bearer(self.secret("access_token", "MONGODB_ATLAS_ACCESS_TOKEN")?)),
            "no_auth" => Ok(Credentials::none()),
            _ => Err(self.error(ErrorKind::InvalidInput, "has an unknown auth_type")),
        }
    }

    /// Its base URL: `ops_manager_url`, else `base_url`, else [`ATLAS_GOVERNMENT`] for the service `cloudgov`. `None`
    /// means [`ATLAS`](crate::ATLAS).
    #[must_use]
    pub fn base_url(&self) -> Option<&str> {
        let government = || self.text("service").filter(|service| *service == "cloudgov").map(|_| ATLAS_GOVERNMENT);
        self.text("ops_manager_url").or_else(|| self.text("base_url")).or_else(government)
    }

    /// Its default project.
    #[must_use]
    pub fn project_id(&self) -> Option<&str> {
        self.text("project_id")
    }

    /// Its default organization.
    #[must_use]
    pub fn organization_id(&self) -> Option<&str> {
        self.text("org_id")
    }

    /// Its output format, in the terms of the official command line.
    #[must_use]
    pub fn output(&self) -> Option<&str> {
        self.text("output")
    }

    /// Whether other users can read its file.
    #[must_use]
    pub fn is_open_to_others(&self) -> bool {
        self.open_to_others
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.values.get(key)?.as_str().filter(|text| !text.is_empty())
    }

    fn required(&self, key: &str) -> Result<&str> {
        self.text(key).ok_or_else(|| self.error(ErrorKind::NotConfigured, &format!("has no {key}")))
    }

    fn secret(&self, key: &str, variables: &str) -> Result<SecretString> {
        let missing = || {
            let message = format!(
                "holds no {key}: the official command line may keep it in the system's keyring, which cannot be read \
                 here; set {variables} instead"
            );
            self.error(ErrorKind::NotConfigured, &message)
        };
        self.text(key).map(SecretString::from).ok_or_else(missing)
    }

    fn error(&self, kind: ErrorKind, what: &str) -> Error {
        Error::new(kind, format!("profile {:?} {what}", self.name))
    }
}

/// The largest file of profiles, in bytes.
const MAX_PROFILES: u64 = 1 << 20;

/// All profiles of a file.
struct Profiles {
    tables: Table,
    names: Vec<String>,
    /// The file, if users other than its owner may read it.
    open_to_others: Option<PathBuf>,
}

impl Profiles {
    fn read(path: &Path) -> Result<Self> {
        let text = SecretString::from(atomic_file::read_settings(path, MAX_PROFILES).map_err(|source| {
            let message = format!("cannot read {}: {source}", path.display());
            Error::new(ErrorKind::InvalidInput, message).with_path(path)
        })?);
        let mut profiles =
            Self::parse(text.expose_secret(), &path.display().to_string()).map_err(|error| error.with_path(path))?;
        profiles.open_to_others = open_to_others(path).then(|| path.to_owned());
        Ok(profiles)
    }

    /// `file` is the name in errors.
    fn parse(text: &str, file: &str) -> Result<Self> {
        let tables: Table = text.parse().map_err(|error: toml::de::Error| {
            // The parser's message quotes the line, which may contain a secret.
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            Error::new(ErrorKind::InvalidInput, format!("cannot read {file}: invalid TOML in line {line}"))
        })?;
        // An entry that is not a table is a setting of the command line itself.
        let names = tables.iter().filter(|(_, value)| value.is_table()).map(|(name, _)| name.clone()).collect();
        Ok(Profiles { tables, names, open_to_others: None })
    }

    /// The one called `name`, else the only one, else `default`.
    fn select(mut self, name: Option<&str>) -> Result<Profile> {
        let name = match (name, self.names.as_slice()) {
            (Some(name), _) => name.to_owned(),
            (None, [only]) => only.clone(),
            (None, _) => DEFAULT.to_owned(),
        };
        match self.tables.remove(&name) {
            Some(Value::Table(values)) => {
                if let Some(file) = &self.open_to_others {
                    tracing::warn!(file = %file.display(), "other users can read the profiles and the secrets in them");
                }
                Ok(Profile { name, values, open_to_others: self.open_to_others.is_some() })
            }
            _ => {
                let has = if self.names.is_empty() { "none".to_owned() } else { self.names.join(", ") };
                Err(Error::new(ErrorKind::NotConfigured, format!("unknown profile {name:?}: expected {has}")))
            }
        }
    }
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Whether other users can read a file, on systems with file owners.
fn open_to_others(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

#[cfg(test)]
mod tests;
