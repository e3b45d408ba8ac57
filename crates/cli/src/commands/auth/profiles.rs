//! Edits the profiles file. Other profiles, unknown keys and comments stay unchanged.
//!
//! The file contains secrets: it is replaced atomically, only its owner can read it, and errors never quote it.

use std::{
    io,
    path::{Path, PathBuf},
};

use atlas_backup::Profile;
use toml_edit::{DocumentMut, Item, Table, value};

use crate::ui::{
    atomic_file,
    exit::{Exit, Failure, Outcome},
    prompts,
};

/// The keys of credentials. Old ones are removed when new credentials are stored.
const CREDENTIALS: [&str; 7] =
    ["auth_type", "client_id", "client_secret", "public_api_key", "private_api_key", "access_token", "refresh_token"];

/// The secret keys.
const SECRETS: [&str; 4] = ["client_secret", "private_api_key", "access_token", "refresh_token"];

/// The parsed profiles file.
pub(super) struct Profiles {
    file: PathBuf,
    document: DocumentMut,
}

/// A key of a profile and its value.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) key: &'a str,
    pub(super) value: &'a str,
}

impl Profiles {
    /// Opens the file of this user. A missing file counts as empty.
    ///
    /// # Errors
    /// The home folder is unknown, or the file is not valid TOML.
    pub(super) async fn open() -> Outcome<Self> {
        let none = || Failure::usage("cannot find the folder of the profiles", "set HOME or XDG_CONFIG_HOME");
        let file = Profile::file().ok_or_else(none)?;
        let text = match prompts::text_file(file.clone()).await {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Failure::local(format!("cannot read {}", file.display()), error)),
        };
        let document = text.parse().map_err(|error: toml_edit::TomlError| {
            // The message of the parser quotes the line, which may contain a secret.
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            Failure::usage(
                format!("cannot read {}: invalid TOML in line {line}", file.display()),
                "nothing was changed",
            )
        })?;
        Ok(Profiles { file, document })
    }

    /// Path of the file.
    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// Replaces the credentials of a profile. Other keys stay unless `entries` sets them.
    ///
    /// # Errors
    /// The name belongs to a setting of the file.
    pub(super) fn set(&mut self, name: &str, entries: &[Entry<'_>]) -> Outcome {
        let profile = self.document.entry(name).or_insert_with(|| Item::Table(Table::new()));
        let profile = profile.as_table_like_mut().ok_or_else(|| {
            Failure::usage(
                format!("cannot store profile {name}: the file has a setting of that name"),
                "choose another name with `-P`",
            )
        })?;
        for key in CREDENTIALS {
            profile.remove(key);
        }
        for entry in entries {
            profile.insert(entry.key, value(entry.value));
        }
        Ok(())
    }

    /// Whether a profile holds a secret.
    ///
    /// # Errors
    /// The profile does not exist.
    pub(super) fn has_secret(&self, name: &str) -> Outcome<bool> {
        let profiles = self.document.iter().filter(|(_, item)| item.is_table_like());
        let Some(profile) = self.document.get(name).and_then(Item::as_table_like) else {
            let names: Vec<_> = profiles.map(|(name, _)| name).collect();
            let has = if names.is_empty() {
                "no profiles exist".to_owned()
            } else {
                format!("the profiles are {}", names.join(", "))
            };
            return Err(Failure::status(Exit::NotFound, format!("unknown profile {name}; {has}")));
        };
        let is_set = |key: &&str| profile.get(key).and_then(Item::as_str).is_some_and(|text| !text.is_empty());
        Ok(SECRETS.iter().any(is_set))
    }

    /// Removes a profile.
    pub(super) fn remove(&mut self, name: &str) {
        self.document.remove(name);
    }

    /// Writes the file atomically.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn save(&self) -> Outcome {
        let bytes = self.document.to_string();
        let written = atomic_file::write_private(&self.file, bytes.as_bytes());
        written.map_err(|error| Failure::local(format!("cannot write {}", self.file.display()), error))
    }
}
