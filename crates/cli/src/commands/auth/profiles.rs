//! The file of profiles, changed in one place at a time: other profiles, unknown keys and comments stay as they are.
//!
//! It holds secrets: it is written whole beside itself and renamed, only its owner can read it, and nothing of it is
//! repeated in an error.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use atlas_backup::Profile;
use toml_edit::{DocumentMut, Item, Table, value};

use crate::ui::{
    atomic_file,
    exit::{Exit, Failure, Outcome},
};

/// The keys that say who is calling: those of other credentials must not linger.
const CREDENTIALS: [&str; 7] =
    ["auth_type", "client_id", "client_secret", "public_api_key", "private_api_key", "access_token", "refresh_token"];

/// Those of them that nobody else may know.
const SECRETS: [&str; 4] = ["client_secret", "private_api_key", "access_token", "refresh_token"];

/// The file, as it was read.
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
    /// The file of this user; empty where there is none yet.
    ///
    /// # Errors
    /// The environment names no home, or what is there is no TOML.
    pub(super) fn open() -> Outcome<Self> {
        let none = || Failure::usage("there is no place for profiles", "set HOME or XDG_CONFIG_HOME");
        let file = Profile::file().ok_or_else(none)?;
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Failure::local(format!("{} can't be read", file.display()), error)),
        };
        let document = text.parse().map_err(|error: toml_edit::TomlError| {
            // The parser's own words quote the line, and that may hold a secret.
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            Failure::usage(format!("{} is no TOML: see line {line}", file.display()), "nothing was changed")
        })?;
        Ok(Profiles { file, document })
    }

    /// Where it is.
    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// Sets what a profile says; what it says beside credentials stays unless `entries` has it.
    ///
    /// # Errors
    /// What is there by that name is a setting and no profile.
    pub(super) fn set(&mut self, name: &str, entries: &[Entry<'_>]) -> Outcome {
        let profile = self.document.entry(name).or_insert_with(|| Item::Table(Table::new()));
        let profile = profile.as_table_like_mut().ok_or_else(|| {
            Failure::usage(format!("{name} is a setting in the file of profiles, not a profile"), "choose another name")
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
    /// There is no such profile.
    pub(super) fn has_secret(&self, name: &str) -> Outcome<bool> {
        let profiles = self.document.iter().filter(|(_, item)| item.is_table_like());
        let Some(profile) = self.document.get(name).and_then(Item::as_table_like) else {
            let names: Vec<_> = profiles.map(|(name, _)| name).collect();
            let has = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            return Err(Failure::status(Exit::NotFound, format!("there is no profile {name}; there is {has}")));
        };
        let is_set = |key: &&str| profile.get(key).and_then(Item::as_str).is_some_and(|text| !text.is_empty());
        Ok(SECRETS.iter().any(is_set))
    }

    /// Removes a profile.
    pub(super) fn remove(&mut self, name: &str) {
        self.document.remove(name);
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// It can't be written.
    pub(super) fn save(&self) -> Outcome {
        let bytes = self.document.to_string();
        let written = atomic_file::write_private(&self.file, bytes.as_bytes());
        written.map_err(|error| Failure::local(format!("{} can't be written", self.file.display()), error))
    }
}
