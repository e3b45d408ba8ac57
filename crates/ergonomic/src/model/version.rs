//! Resource versions of the Atlas Admin API: what they are called, how they are ordered, how they travel in media
//! types, and which one a date means.
//!
//! Every call names its version in `Accept`; a call without one is refused by the service. Nothing in this crate may
//! send a bare `application/json`, and nothing may guess a version that the operations table doesn't list.

use std::{fmt, str::FromStr};

use chrono::{Datelike, NaiveDate};

use crate::model::{error::Error, error_kind::ErrorKind, text_form::serde_as_text};

/// A version of the API: a date, an upcoming date, or the preview.
///
/// A stable date sorts before `.upcoming` of the same date, and `preview` sorts last.
///
/// ```
/// use atlas_backup::ApiVersion;
///
/// let stable: ApiVersion = "2024-08-05".parse()?;
/// let upcoming: ApiVersion = "2024-08-05.upcoming".parse()?;
/// assert!(stable < upcoming && upcoming < ApiVersion::PREVIEW);
/// assert_eq!(upcoming.to_string(), "2024-08-05.upcoming");
/// # Ok::<(), atlas_backup::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiVersion(Repr);

// The derived order is the service's: the variants and fields stand in the order that sorts them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Repr {
    Date { date: NaiveDate, upcoming: bool },
    Preview,
}

impl ApiVersion {
    /// What the service tries out in public; may change or vanish at any time.
    pub const PREVIEW: ApiVersion = ApiVersion(Repr::Preview);

    /// The stable version of a day.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when there is no such day.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, Error> {
        NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day))
            .filter(|date| date.year() >= 1000)
            .map(|date| ApiVersion(Repr::Date { date, upcoming: false }))
            .ok_or_else(|| Error::new(ErrorKind::InvalidInput, format!("{year}-{month}-{day} is no date")))
    }

    /// The `.upcoming` form of this version's date; the preview has none and stays itself.
    #[must_use]
    pub fn upcoming(self) -> Self {
        match self.0 {
            Repr::Date { date, .. } => ApiVersion(Repr::Date { date, upcoming: true }),
            Repr::Preview => self,
        }
    }

    /// Whether it is a plain date, which the service keeps until an announced sunset.
    #[must_use]
    pub fn is_stable(self) -> bool {
        matches!(self.0, Repr::Date { upcoming: false, .. })
    }

    /// The day in its name; the preview has none.
    #[must_use]
    pub fn date(self) -> Option<NaiveDate> {
        match self.0 {
            Repr::Date { date, .. } => Some(date),
            Repr::Preview => None,
        }
    }

    /// The version that the service picks out of `supported` when this one is asked for: the newest that is not newer.
    ///
    /// A stable date never lands on an upcoming version or the preview. `None` means that the service would refuse
    /// the request with 406, because the date lies before the first version.
    #[must_use]
    pub fn resolve(self, supported: impl IntoIterator<Item = ApiVersion>) -> Option<ApiVersion> {
        supported.into_iter().filter(|v| *v <= self && (v.is_stable() || !self.is_stable())).max()
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Repr::Date { date, upcoming } => {
                write!(f, "{}{}", date.format("%Y-%m-%d"), if upcoming { ".upcoming" } else { "" })
            }
            Repr::Preview => f.write_str("preview"),
        }
    }
}

impl fmt::Debug for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiVersion({self})")
    }
}

serde_as_text!(ApiVersion);

impl FromStr for ApiVersion {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text == "preview" {
            return Ok(ApiVersion::PREVIEW);
        }
        let (day, upcoming) = match text.strip_suffix(".upcoming") {
            Some(day) => (day, true),
            None => (text, false),
        };
        // chrono alone would let `2024-8-5` and signs pass.
        let shaped = day.len() == 10
            && day.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
        match NaiveDate::parse_from_str(day, "%Y-%m-%d") {
            Ok(date) if shaped => Ok(ApiVersion(Repr::Date { date, upcoming })),
            _ => Err(Error::new(
                ErrorKind::InvalidInput,
                format!("{text:?} is no API version: expected YYYY-MM-DD, YYYY-MM-DD.upcoming or preview"),
            )),
        }
    }
}

/// What follows the version in a media type: how the body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BodyFormat {
    /// JSON, which nearly every operation speaks.
    Json,
    /// A gzip stream, for logs.
    Gzip,
    /// Comma-separated values, for invoices.
    Csv,
}

impl BodyFormat {
    /// As it stands in the media type, after the `+`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            BodyFormat::Json => "json",
            BodyFormat::Gzip => "gzip",
            BodyFormat::Csv => "csv",
        }
    }
}

/// A versioned media type: `application/vnd.atlas.2024-08-05+json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MediaType {
    /// The version that the body follows.
    pub version: ApiVersion,
    /// How the body is written.
    pub format: BodyFormat,
}

impl MediaType {
    /// JSON of `version`.
    #[must_use]
    pub const fn json(version: ApiVersion) -> Self {
        MediaType { version, format: BodyFormat::Json }
    }

    /// Reads a `Content-Type` value; parameters such as `charset` are ignored, and a media type that is not one of
    /// Atlas's is `None`.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let essence = value.split(';').next()?.trim().to_ascii_lowercase();
        let (version, format) = essence.strip_prefix("application/vnd.atlas.")?.rsplit_once('+')?;
        let format = match format {
            "json" => BodyFormat::Json,
            "gzip" => BodyFormat::Gzip,
            "csv" => BodyFormat::Csv,
            _ => return None,
        };
        Some(MediaType { version: version.parse().ok()?, format })
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "application/vnd.atlas.{}+{}", self.version, self.format.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> ApiVersion {
        text.parse().expect("a version")
    }

    #[test]
    fn versions_sort_by_date_then_preview() {
        let sorted = ["2023-01-01", "2024-08-05", "2024-08-05.upcoming", "2025-03-12", "preview"];
        let mut shuffled: Vec<_> = sorted.iter().rev().map(|v| version(v)).collect();
        shuffled.sort();
        assert_eq!(shuffled.iter().map(ToString::to_string).collect::<Vec<_>>(), sorted);
    }

    #[test]
    fn version_requires_real_full_date() {
        for wrong in ["", "2024-8-5", "2024-02-30", "2024-08-05.soon", "+024-08-05", "latest", "2024-08-05 ", "Preview"]
        {
            assert!(wrong.parse::<ApiVersion>().is_err(), "{wrong:?} was accepted");
        }
    }

    #[test]
    fn date_resolves_to_newest_earlier_version() {
        let supported = || ["2023-01-01", "2023-02-01", "2024-08-05"].map(version);
        for (asked, answered) in [
            ("2023-01-01", Some("2023-01-01")),
            ("2024-08-04", Some("2023-02-01")),
            ("2025-01-01", Some("2024-08-05")),
            ("2022-12-31", None),
            ("preview", Some("2024-08-05")),
        ] {
            assert_eq!(version(asked).resolve(supported()), answered.map(version), "{asked}");
        }
    }

    #[test]
    fn stable_date_never_resolves_to_an_upcoming_version() {
        let supported = || ["2023-01-01", "2024-01-01.upcoming"].map(version);
        assert_eq!(version("2025-03-12").resolve(supported()), Some(version("2023-01-01")));
        assert_eq!(version("2025-03-12.upcoming").resolve(supported()), Some(version("2024-01-01.upcoming")));
    }

    #[test]
    fn media_types_are_written_exactly_and_parsed_leniently() {
        let json = MediaType::json(version("2024-08-05"));
        assert_eq!(json.to_string(), "application/vnd.atlas.2024-08-05+json");
        assert_eq!(MediaType::parse("application/vnd.atlas.2024-08-05+json;charset=utf-8"), Some(json));
        assert_eq!(MediaType::parse("Application/vnd.atlas.2024-08-05+JSON ; charset=utf-8"), Some(json));
        let preview = MediaType::parse("application/vnd.atlas.preview+gzip").expect("a preview");
        assert_eq!((preview.version, preview.format), (ApiVersion::PREVIEW, BodyFormat::Gzip));
        for other in ["application/json", "text/html", "application/vnd.atlas.v2+json", "application/vnd.atlas.+json"] {
            assert_eq!(MediaType::parse(other), None, "{other}");
        }
    }
}
