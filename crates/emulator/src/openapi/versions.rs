//! Resource versions: which one a request selects, and the version headers of a response.
//!
//! A date selects the newest version that is not later, so a date need not be a version. The headers of deprecated
//! versions have the day of the month without a leading zero, as in the service.

use chrono::NaiveDate;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::{
    domain::{
        error::ApiError,
        refusals::{INVALID_VERSION_DATE, UNSUPPORTED_MEDIA_TYPE, VERSION_GONE},
    },
    openapi::{
        document::{Operation, Version},
        media_type,
    },
};

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");

/// The version that the request's `Accept` selects.
///
/// # Errors
/// 406 if `Accept` names no version, no version of this operation, or another format.
pub(crate) fn negotiate<'a>(operation: &'a Operation, headers: &HeaderMap) -> Result<&'a Version, ApiError> {
    let accept = headers.get_all(header::ACCEPT).iter().filter_map(|v| v.to_str().ok());
    let asked = accept.flat_map(|v| v.split(',')).find_map(media_type::date);
    asked.and_then(|date| newest_until(operation, date)).ok_or_else(not_acceptable)
}

/// The version of the request body: that of its `Content-Type`, or `accepted` for plain JSON.
///
/// # Errors
/// 406 for an unknown version, 415 for a body that is not JSON.
pub(crate) fn of_body<'a>(
    operation: &'a Operation,
    accepted: &'a Version,
    headers: &HeaderMap,
) -> Result<&'a Version, ApiError> {
    let Some(content_type) = headers.get(header::CONTENT_TYPE) else { return Ok(accepted) };
    let essence = media_type::essence(content_type.to_str().unwrap_or_default()).to_ascii_lowercase();
    if essence == "application/json" {
        return Ok(accepted);
    }
    if !media_type::is_versioned(&essence) {
        let detail = "A request body is JSON, as application/json or as a versioned media type.";
        return Err(UNSUPPORTED_MEDIA_TYPE.error(detail));
    }
    media_type::date(&essence).and_then(|date| newest_until(operation, date)).ok_or_else(not_acceptable)
}

/// 410 if `version` is past its sunset on `today`.
///
/// # Errors
/// `VERSION_GONE`, with the version and the path as parameters.
pub(crate) fn still_served(version: &Version, path: &str, today: NaiveDate) -> Result<(), ApiError> {
    if version.sunset.is_none_or(|sunset| today < sunset) {
        return Ok(());
    }
    let path = path.trim_start_matches('/');
    let detail = format!("{path} is no longer served in version {}.", version.date);
    Err(VERSION_GONE.error(detail).parameter(version.date.as_str()).parameter(path))
}

/// Adds the deprecation and sunset headers of an old version.
pub(crate) fn announce(version: &Version, headers: &mut HeaderMap) {
    for (name, date) in [(DEPRECATION, version.deprecated), (SUNSET, version.sunset)] {
        if let Some(value) = date.and_then(|d| HeaderValue::from_str(&http_date(d)).ok()) {
            headers.insert(name, value);
        }
    }
}

/// The media type of a response in `version`.
pub(crate) fn content_type(version: &Version) -> HeaderValue {
    HeaderValue::from_str(&media_type::of(&version.date)).unwrap_or(HeaderValue::from_static("application/json"))
}

fn newest_until<'a>(operation: &'a Operation, date: &str) -> Option<&'a Version> {
    operation.versions.iter().rev().find(|v| v.date.as_str() <= date)
}

fn not_acceptable() -> ApiError {
    let detail = "The Accept header names no version of this resource.";
    INVALID_VERSION_DATE.error(detail)
}

fn http_date(day: NaiveDate) -> String {
    day.format("%a, %-d %b %Y 00:00:00 GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_date_has_unpadded_day() {
        assert_eq!(http_date(NaiveDate::from_ymd_opt(2027, 7, 1).unwrap()), "Thu, 1 Jul 2027 00:00:00 GMT");
        assert_eq!(http_date(NaiveDate::from_ymd_opt(2024, 10, 23).unwrap()), "Wed, 23 Oct 2024 00:00:00 GMT");
    }

    #[test]
    fn deprecated_version_may_lack_sunset() {
        let deprecated = NaiveDate::from_ymd_opt(2024, 8, 5);
        let version =
            Version { date: "2023-01-01".to_owned(), sunset: None, deprecated, request: None, responses: Vec::new() };
        let mut headers = HeaderMap::new();
        announce(&version, &mut headers);
        assert_eq!(
            (&headers[DEPRECATION], headers.get(SUNSET)),
            (&"Mon, 5 Aug 2024 00:00:00 GMT".parse().unwrap(), None)
        );
    }
}
