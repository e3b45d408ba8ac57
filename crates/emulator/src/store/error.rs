//! Why a state could not be opened, saved or imported.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use crate::domain::{error::ApiError, refusals::EMULATOR_NOT_SAVED};

/// A change could not be saved, and was undone.
#[derive(Debug, Clone)]
pub(crate) struct SaveError(pub(crate) std::sync::Arc<str>);

impl fmt::Display for SaveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot save change: {}", self.0)
    }
}

impl std::error::Error for SaveError {}

impl From<SaveError> for ApiError {
    fn from(error: SaveError) -> Self {
        EMULATOR_NOT_SAVED.error(error.to_string())
    }
}

/// Why a folder cannot be used.
#[derive(Debug)]
pub(crate) struct OpenError {
    path: PathBuf,
    reason: String,
}

impl OpenError {
    pub(crate) fn new(path: &Path, reason: impl fmt::Display) -> Self {
        Self { path: path.to_owned(), reason: reason.to_string() }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.reason)
    }
}

impl std::error::Error for OpenError {}

/// Why a document was not imported. The state is unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportError {
    path: String,
    reason: String,
}

impl ImportError {
    pub(crate) fn new(path: impl Into<String>, reason: impl fmt::Display) -> Self {
        Self { path: path.into(), reason: reason.to_string() }
    }

    pub(crate) fn save_failed(error: SaveError) -> Self {
        Self::new("", error)
    }

    /// Path of the invalid value in the document, such as `collections.snapshots[3].record.timeline.ends`. Empty for
    /// the document as a whole.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, reason) = (if self.path.is_empty() { "the document" } else { &self.path }, &self.reason);
        write!(f, "{path}: {reason}")
    }
}

impl std::error::Error for ImportError {}
