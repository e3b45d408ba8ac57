//! Resource versions of the Atlas Admin API: names, order, media types, and the version that a date selects.
//!
//! Every call names its version in `Accept`; the service refuses a call without one. Nothing in this crate may send a
//! plain `application/json`, or guess a version that is not in the operations table.

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

// The derived order is the service's: variants and fields are declared in sorting order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Repr {
    Date { date: NaiveDate, upcoming: bool },
    Preview,
}

impl ApiVersion {
    /// A public preview, which may change or disappear at any time.
    pub const PREVIEW: ApiVersion = ApiVersion(Repr::Preview);

    /// The stable version of a date.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if the date does not exist.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, Error> {
        NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day))
            .filter(|date| date.year() >= 1000)
            .map(|date| ApiVersion(Repr::Date { date, upcoming: false }))
            .ok_or_else(|| Error::new(ErrorKind::InvalidInput, format!("invalid date {year}-{month}-{day}")))
    }

    /// The `.upcoming` form of this version. The preview has none and is unchanged.
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

    /// Its date. `None` for the preview.
    #[must_use]
    pub fn date(self) -> Option<NaiveDate> {
        match self.0 {
            Repr::Date { date, .. } => Some(date),
            Repr::Preview => None,
        }
    }

    /// The version that the service selects from `supported` for this one: the newest that is not newer.
    ///
    /// A stable date never selects an upcoming version or the preview. `None` means that the service would refuse the
    /// request with 406, because the date is before the first version.
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
        // chrono would accept `2024-8-5` and signs.
        let shaped = day.len() == 10
            && day.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
        match NaiveDate::parse_from_str(day, "%Y-%m-%d") {
            Ok(date) if shaped => Ok(ApiVersion(Repr::Date { date, upcoming })),
            _ => Err(Error::new(
                ErrorKind::InvalidInput,
                format!("invalid API version {text:?}: expected YYYY-MM-DD, YYYY-MM-DD.upcoming or preview"),
            )),
        }
    }
}

/// The format suffix of a media type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BodyFormat {
    /// JSON, for nearly every operation.
    Json,
    /// A gzip stream, for logs.
    Gzip,
    /// Comma-separated values, for invoices.
    Csv,
}

impl BodyFormat {
    /// The suffix after the `+` of a media type.
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
    /// The version of the body.
    pub version: ApiVersion,
    /// The format of the body.
    pub format: BodyFormat,
}

impl MediaType {
    /// JSON of `version`.
    #[must_use]
    pub const fn json(version: ApiVersion) -> Self {
        MediaType { version, format: BodyFormat::Json }
    }

    /// Parses a `Content-Type` value. Parameters such as `charset` are ignored. `None` for media types of others.
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
