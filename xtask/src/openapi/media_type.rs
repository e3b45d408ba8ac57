//! Versioned media types: `application/vnd.atlas.2024-08-05+json`.

use serde::Deserialize;

/// A media type that names a resource version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Versioned<'a> {
    /// `2024-08-05`, `2026-01-01.upcoming`, `preview`
    pub(crate) version: &'a str,
    /// What one version's media type and another's have in common: `json`.
    pub(crate) form: &'a str,
}

impl<'a> Versioned<'a> {
    /// Takes a media type apart; `None` when it names no version.
    pub(crate) fn parse(media_type: &'a str) -> Option<Self> {
        let rest = media_type.strip_prefix("application/vnd.atlas.")?;
        let (version, form) = rest.split_once('+').unwrap_or((rest, ""));
        Some(Self { version, form })
    }
}

/// The version that a media type names.
pub(crate) fn version_of(media_type: &str) -> Option<&str> {
    Versioned::parse(media_type).map(|media_type| media_type.version)
}

/// The media type of JSON in a version.
pub(crate) fn json(version: &str) -> String {
    format!("application/vnd.atlas.{version}+json")
}

/// How settled a version is.
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
    /// How settled the version of this name is.
    pub(crate) fn of(version: &str) -> Self {
        match version {
            _ if version.ends_with(".upcoming") => Self::Upcoming,
            _ if version.starts_with("preview") => Self::Preview,
            _ => Self::Stable,
        }
    }
}
