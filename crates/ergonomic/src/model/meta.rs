//! Metadata of a response: its version, the sunset of that version, the rate limit.
//!
//! Headers are parsed leniently because the service's format varies (the day of a date is not zero-padded, a version
//! may be in `X-Content-Type`). A header that cannot be parsed counts as absent and never fails a call.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, header, header::AsHeaderName};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::model::{
    operations,
    redaction::Secrets,
    version::{ApiVersion, MediaType},
};

/// Metadata of a response.
#[derive(Debug, Clone, PartialEq)]
pub struct Meta {
    status: StatusCode,
    headers: HeaderMap,
    delivery: Delivery,
}

/// The metadata of a document that came from no response.
impl Default for Meta {
    fn default() -> Self {
        let delivery = Delivery { attempts: 0, ..Delivery::default() };
        Meta { status: StatusCode::default(), headers: HeaderMap::default(), delivery }
    }
}

impl Meta {
    pub(crate) fn new(status: StatusCode, headers: HeaderMap, extensions: &Extensions) -> Self {
        Meta { status, headers, delivery: extensions.get().cloned().unwrap_or_default() }
    }

    /// How the response was delivered.
    pub(crate) fn delivery(&self) -> &Delivery {
        &self.delivery
    }

    /// Number of requests, including retries.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.delivery.attempts
    }

    /// The status, any 2xx. For an enveloped response the inner status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// All headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The version of the body.
    #[must_use]
    pub fn version(&self) -> Option<ApiVersion> {
        answered_version(&self.headers)
    }

    /// Date of the deprecation of the version, if the service states it.
    #[must_use]
    pub fn deprecation(&self) -> Option<DateTime<Utc>> {
        text(&self.headers, &DEPRECATION).and_then(parse_date)
    }

    /// Date from which the service refuses the version with 410, if it states one. The date changes, so do not
    /// hard-code it.
    #[must_use]
    pub fn sunset(&self) -> Option<DateTime<Utc>> {
        text(&self.headers, &SUNSET).and_then(parse_date)
    }

    /// The rate limit, if the service states it.
    #[must_use]
    pub fn rate_limit(&self) -> Option<RateLimit> {
        let number = |name| text(&self.headers, name)?.trim().parse().ok();
        Some(RateLimit { limit: number(&LIMIT)?, remaining: number(&REMAINING)? })
    }

    /// The operation that was called, if the call of a retired operation was forwarded.
    #[must_use]
    pub fn served_by(&self) -> Option<&'static str> {
        self.delivery.served_by
    }
}

/// The form in which a [`Meta`] is saved.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SavedMeta {
    status: u16,
    headers: Vec<(String, String)>,
    served_by: Option<String>,
    attempts: u32,
}

impl Serialize for Meta {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let saved = SavedMeta {
            status: self.status.as_u16(),
            headers: self.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
            served_by: self.delivery.served_by.map(str::to_owned),
            attempts: self.delivery.attempts,
        };
        saved.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Meta {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let saved = SavedMeta::deserialize(deserializer)?;
        let mut headers = HeaderMap::new();
        for (name, value) in saved.headers {
            let name = name.parse::<HeaderName>().map_err(de::Error::custom)?;
            headers.append(name, HeaderValue::try_from(value).map_err(de::Error::custom)?);
        }
        let served_by = saved.served_by.as_deref().and_then(operations::find).map(|operation| operation.id);
        let status = StatusCode::from_u16(saved.status).map_err(de::Error::custom)?;
        let delivery = Delivery { attempts: saved.attempts, served_by, ..Delivery::default() };
        Ok(Meta { status, headers, delivery })
    }
}

/// A deprecation that the service has announced for a called version: see
/// [`Client::deprecations`](crate::Client::deprecations).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deprecation {
    /// The operation's id.
    pub operation: &'static str,
    /// The version of the response.
    pub version: String,
    /// Date of the deprecation, if the service states it.
    pub since: Option<DateTime<Utc>>,
    /// Date of the sunset, if the service states it.
    pub sunset: Option<DateTime<Utc>>,
}

impl Deprecation {
    pub(crate) fn of(operation: &'static str, version: String, headers: &HeaderMap) -> Self {
        let date = |name| text(headers, name).and_then(parse_date);
        Deprecation { operation, version, since: date(&DEPRECATION), sunset: date(&SUNSET) }
    }
}

// Checked in every response. As constants they are parsed once.
pub(crate) static DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
pub(crate) static SUNSET: HeaderName = HeaderName::from_static("sunset");
pub(crate) static LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
pub(crate) static REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
static X_CONTENT_TYPE: HeaderName = HeaderName::from_static("x-content-type");

/// Delivery of a response: an extension that the pipeline sets.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Delivery {
    /// Number of requests.
    pub(crate) attempts: u32,
    /// The operation that replaced a retired one.
    pub(crate) served_by: Option<&'static str>,
    /// What an error made of the response must not show.
    pub(crate) secrets: Secrets,
}

impl Default for Delivery {
    fn default() -> Self {
        Delivery { attempts: 1, served_by: None, secrets: Secrets::default() }
    }
}

/// The state of the token bucket of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RateLimit {
    /// Capacity of the bucket.
    pub limit: u64,
    /// Current level of the bucket.
    pub remaining: u64,
}

/// The version in a response's headers. Some real responses have it only in `X-Content-Type`.
pub(crate) fn answered_version(headers: &HeaderMap) -> Option<ApiVersion> {
    [&header::CONTENT_TYPE, &X_CONTENT_TYPE]
        .into_iter()
        .find_map(|name| MediaType::parse(text(headers, name)?))
        .map(|media| media.version)
}

/// The wait of `Retry-After`: whole seconds, or until an HTTP date, which is relative to the service's clock. `now` is
/// used if the service does not state its time.
pub(crate) fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let value = text(headers, header::RETRY_AFTER)?.trim();
    match value.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => {
            let now = text(headers, header::DATE).and_then(parse_date).unwrap_or(now);
            Some((parse_date(value)? - now).to_std().unwrap_or_default())
        }
    }
}

pub(crate) fn text(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// Parses an HTTP date leniently: the weekday and the time may be missing, the day may have one digit. Also parses the
/// `@seconds` form of RFC 9745 and an ISO date.
fn parse_date(value: &str) -> Option<DateTime<Utc>> {
    let value = value.trim().trim_matches('"');
    if let Some(seconds) = value.strip_prefix('@') {
        return DateTime::from_timestamp(seconds.parse().ok()?, 0);
    }
    if let Ok(day) = NaiveDate::parse_from_str(value, "%Y-%m-%d") {
        return Some(day.and_time(NaiveTime::MIN).and_utc());
    }
    let date = value.split_once(',').map_or(value, |(_weekday, rest)| rest);
    let mut words = date.split([' ', '-']).filter(|word| !word.is_empty());
    let day: u32 = words.next()?.parse().ok()?;
    let month = words.next()?.to_ascii_lowercase();
    let month = MONTHS.iter().position(|name| month.starts_with(name))? + 1;
    let year: i32 = words.next()?.parse().ok()?;
    let day = NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, day)?;
    let time = match words.next() {
        Some(clock) => NaiveTime::parse_from_str(clock, "%H:%M:%S").ok()?,
        None => NaiveTime::MIN,
    };
    Some(day.and_time(time).and_utc())
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(k, v)| (http::HeaderName::from_static(k), v.parse().expect("a value"))).collect()
    }

    fn meta(pairs: &[(&'static str, &str)]) -> Meta {
        Meta::new(StatusCode::OK, headers(pairs), &Extensions::new())
    }

    #[test]
    fn deprecation_and_sunset_accept_unpadded_day() {
        let meta = meta(&[
            ("deprecation", "Mon, 5 Aug 2024 00:00:00 GMT"),
            ("sunset", "Thu, 1 Jul 2027 00:00:00 GMT"),
            ("content-type", "application/vnd.atlas.2023-01-01+json;charset=utf-8"),
        ]);
        assert_eq!(meta.deprecation().map(|d| d.to_rfc3339()), Some("2024-08-05T00:00:00+00:00".to_owned()));
        assert_eq!(meta.sunset().map(|d| d.to_rfc3339()), Some("2027-07-01T00:00:00+00:00".to_owned()));
        assert_eq!(meta.version(), "2023-01-01".parse().ok());
    }

    #[test]
    fn header_dates_are_parsed_in_every_known_form() {
        for form in [
            "Thu, 01 Jul 2027 00:00:00 GMT",
            "Thu, 1 Jul 2027 00:00:00 GMT",
            "1 Jul 2027",
            "Thursday, 1-July-2027 00:00:00 GMT",
            "2027-07-01",
            "@1814400000",
        ] {
            assert_eq!(parse_date(form).map(|d| d.timestamp()), Some(1_814_400_000), "{form}");
        }
        for nonsense in ["", "true", "soon", "32 Jul 2027", "@x", "Thu, 1 Jul"] {
            assert_eq!(parse_date(nonsense), None, "{nonsense}");
        }
    }

    proptest::proptest! {
        #[test]
        fn date_parser_never_panics(value in "[A-Za-z]{0,3},? ?[0-9@+-]{0,12} ?([A-Z][a-z]{2})? ?-?[0-9]{0,20} ?[0-9:]{0,9}") {
            let now = DateTime::UNIX_EPOCH;
            if let Ok(header) = http::HeaderValue::try_from(&value) {
                let _wait = retry_after(&[(http::header::RETRY_AFTER, header)].into_iter().collect(), now);
            }
            let _date = parse_date(&value);
        }
    }

    #[test]
    fn version_is_read_from_x_content_type() {
        let meta = meta(&[("x-content-type", "application/vnd.atlas.2024-11-13+json")]);
        assert_eq!(meta.version(), "2024-11-13".parse().ok());
    }

    #[test]
    fn retry_after_accepts_seconds_and_date() {
        let now = parse_date("Thu, 1 Jul 2027 00:00:00 GMT").expect("a date");
        let wait = |value| retry_after(&headers(&[("retry-after", value)]), now);
        assert_eq!(wait("7"), Some(Duration::from_secs(7)));
        assert_eq!(wait("Thu, 1 Jul 2027 00:01:00 GMT"), Some(Duration::from_secs(60)));
        assert_eq!(wait("Thu, 1 Jul 2026 00:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("later"), None);
    }

    #[test]
    fn retry_after_date_is_relative_to_service_clock() {
        // The local clock is wrong by a year.
        let now = parse_date("Wed, 1 Jul 2026 00:00:00 GMT").expect("a date");
        let both = [("date", "Thu, 01 Jul 2027 00:00:00 GMT"), ("retry-after", "Thu, 01 Jul 2027 00:01:00 GMT")];
        assert_eq!(retry_after(&headers(&both), now), Some(Duration::from_secs(60)));
        let odd = [("date", "now"), ("retry-after", "Wed, 1 Jul 2026 00:01:00 GMT")];
        assert_eq!(retry_after(&headers(&odd), now), Some(Duration::from_secs(60)));
    }

    #[test]
    fn rate_limit_may_be_absent() {
        let rate_limit = |pairs: &[(&'static str, &str)]| meta(pairs).rate_limit();
        assert_eq!(rate_limit(&[]), None);
        let limit = rate_limit(&[("ratelimit-limit", "1200"), ("ratelimit-remaining", "1199")]).expect("a limit");
        assert_eq!((limit.limit, limit.remaining), (1200, 1199));
    }
}
