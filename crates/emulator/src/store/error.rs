//! Why a state could not be opened, saved or taken.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use crate::domain::{error::ApiError, refusals::EMULATOR_NOT_SAVED};

/// A change could not be saved; what is in memory is ahead of what is on disk, and nothing is saved any more.
#[derive(Debug, Clone)]
pub(crate) struct NotSaved(pub(crate) std::sync::Arc<str>);

impl fmt::Display for NotSaved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the change could not be saved: {}", self.0)
    }
}

impl std::error::Error for NotSaved {}

impl From<NotSaved> for ApiError {
    fn from(error: NotSaved) -> Self {
        EMULATOR_NOT_SAVED.error(error.to_string())
    }
}

/// Why a folder can't be used.
#[derive(Debug)]
pub(crate) struct OpenError {
    path: PathBuf,
    what: String,
}

impl OpenError {
    pub(crate) fn new(path: &Path, what: impl fmt::Display) -> Self {
        Self { path: path.to_owned(), what: what.to_string() }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.what)
    }
}

impl std::error::Error for OpenError {}

/// Why a document was not taken. Nothing of it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportError {
    place: String,
    what: String,
}

impl ImportError {
    pub(crate) fn new(place: impl Into<String>, what: impl fmt::Display) -> Self {
        Self { place: place.into(), what: what.to_string() }
    }

    pub(crate) fn not_saved(error: NotSaved) -> Self {
        Self::new("", error)
    }

    /// Where in the document it is wrong, such as `collections.snapshots[3].record.timeline.ends`; empty where it is the
    /// document as a whole.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (place, what) = (if self.place.is_empty() { "the document" } else { &self.place }, &self.what);
        write!(f, "{place}: {what}")
    }
}

impl std::error::Error for ImportError {}
