//! Media types: the versioned ones of the API, and the part before the parameters.

use chrono::NaiveDate;

const PREFIX: &str = "application/vnd.atlas.";
const SUFFIX: &str = "+json";

/// A media type without its parameters.
pub(crate) fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

/// Whether it is a versioned media type of the API.
pub(crate) fn is_versioned(essence: &str) -> bool {
    essence.starts_with(PREFIX)
}

/// The date of a versioned media type. `None` for other media types and for impossible dates.
pub(crate) fn date(media_type: &str) -> Option<&str> {
    let date = essence(media_type).strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    (date.len() == 10 && date.parse::<NaiveDate>().is_ok()).then_some(date)
}

/// The media type of the version `date`.
pub(crate) fn of(date: &str) -> String {
    format!("{PREFIX}{date}{SUFFIX};charset=utf-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_type_date_must_exist_in_calendar() {
        assert_eq!(date(" application/vnd.atlas.2025-01-01+json;charset=utf-8"), Some("2025-01-01"));
        for odd in ["application/json", "application/vnd.atlas.2025-13-01+json", "application/vnd.atlas.+json", "*/*"] {
            assert_eq!(date(odd), None, "{odd}");
        }
    }
}
