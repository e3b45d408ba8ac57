//! Versioned media types: `application/vnd.atlas.2024-08-05+json`.

use serde::Deserialize;

/// A media type that names a resource version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Versioned<'a> {
    /// `2024-08-05`, `2026-01-01.upcoming`, `preview`
    pub(crate) version: &'a str,
    /// The part that the media types of two versions have in common: `json`.
    pub(crate) form: &'a str,
}

impl<'a> Versioned<'a> {
    /// Parses a media type. `None` if it names no version.
    pub(crate) fn parse(media_type: &'a str) -> Option<Self> {
        let rest = media_type.strip_prefix("application/vnd.atlas.")?;
        let (version, form) = rest.split_once('+').unwrap_or((rest, ""));
        Some(Self { version, form })
    }
}

/// The version of a media type.
pub(crate) fn version_of(media_type: &str) -> Option<&str> {
    Versioned::parse(media_type).map(|media_type| media_type.version)
}

/// The version of an operation whose media types name none.
pub(crate) const UNVERSIONED: &str = "unversioned";

/// Whether a media type belongs to a version of its operation.
pub(crate) fn is_of_version(media_type: &str, version: &str) -> bool {
    version_of(media_type).unwrap_or(UNVERSIONED) == version
}

/// The media type of JSON in a version.
pub(crate) fn json(version: &str) -> String {
    if version == UNVERSIONED {
        return "application/json".to_owned();
    }
    format!("application/vnd.atlas.{version}+json")
}

/// Stability of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Stability {
    /// `2024-08-05`
    Stable,
    /// `2026-01-01.upcoming`
    Upcoming,
    /// `preview`
    Preview,
}

impl Stability {
    /// The stability of the version with this name.
    pub(crate) fn of(version: &str) -> Self {
        match version {
            _ if version.ends_with(".upcoming") => Self::Upcoming,
            _ if version.starts_with("preview") => Self::Preview,
            _ => Self::Stable,
        }
    }
}
