//! The requested part of an archive: `Range`, `If-Range` and the other conditions of RFC 9110.
//!
//! A single range is served. Several ranges and invalid ranges are ignored, as the RFC allows: the response is then the
//! whole archive.

use http::{HeaderMap, HeaderName, Method, StatusCode, header};

/// The response to a range request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RangeOutcome {
    Whole,
    /// First byte and number of bytes.
    Range(u64, u64),
    /// No body, with this status.
    Nothing(StatusCode),
}

/// The archive metadata in the headers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ArchiveHeaders<'a> {
    pub(crate) length: u64,
    pub(crate) etag: &'a str,
    pub(crate) last_modified: &'a str,
}

/// Checks the conditions in their order of precedence.
pub(crate) fn part(headers: &HeaderMap, known: ArchiveHeaders<'_>, method: &Method) -> RangeOutcome {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default().trim());
    let lists =
        |list: &str| list == "*" || list.split(',').any(|tag| tag.trim().trim_start_matches("W/") == known.etag);
    if text(header::IF_MATCH).is_some_and(|list| !lists(list)) {
        return RangeOutcome::Nothing(StatusCode::PRECONDITION_FAILED);
    }
    if text(header::IF_NONE_MATCH).is_some_and(lists) {
        return RangeOutcome::Nothing(StatusCode::NOT_MODIFIED);
    }
    let current = text(header::IF_RANGE).is_none_or(|tag| tag == known.etag || tag == known.last_modified);
    // HEAD ignores a range.
    match text(header::RANGE).filter(|_| current && method == Method::GET) {
        Some(range) => parse_range(range, known.length),
        None => RangeOutcome::Whole,
    }
}

fn parse_range(range: &str, length: u64) -> RangeOutcome {
    let Some((unit, bounds)) = range.split_once('=') else { return RangeOutcome::Whole };
    let Some((first, last)) = bounds.split_once('-').filter(|_| unit.trim().eq_ignore_ascii_case("bytes")) else {
        return RangeOutcome::Whole;
    };
    let number = |text: &str| {
        let text = text.trim();
        // `parse` accepts `+1`, which is not valid here. A number that overflows counts as the largest one.
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let (start, end) = match (number(first), number(last)) {
        (Some(start), Some(end)) if start <= end => (start, end),
        (Some(start), None) if last.trim().is_empty() => (start, u64::MAX),
        (None, Some(suffix)) if first.trim().is_empty() && suffix > 0 => (length.saturating_sub(suffix), u64::MAX),
        (None, Some(0)) if first.trim().is_empty() => return RangeOutcome::Nothing(StatusCode::RANGE_NOT_SATISFIABLE),
        _ => return RangeOutcome::Whole,
    };
    if start >= length {
        return RangeOutcome::Nothing(StatusCode::RANGE_NOT_SATISFIABLE);
    }
    RangeOutcome::Range(start, end.min(length - 1) - start + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: ArchiveHeaders<'_> =
        ArchiveHeaders { length: 100, etag: "\"e\"", last_modified: "Tue, 01 Sep 2026 12:00:00 GMT" };

    fn of(headers: &[(HeaderName, &str)]) -> RangeOutcome {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap()));
        part(&headers.collect(), KNOWN, &Method::GET)
    }

    #[test]
    fn single_range_is_served_and_invalid_range_ignored() {
        let unsatisfiable = || RangeOutcome::Nothing(StatusCode::RANGE_NOT_SATISFIABLE);
        for (range, expected) in [
            ("bytes=0-0", RangeOutcome::Range(0, 1)),
            ("bytes=10-19", RangeOutcome::Range(10, 10)),
            ("Bytes = 90-", RangeOutcome::Range(90, 10)),
            ("bytes=-5", RangeOutcome::Range(95, 5)),
            ("bytes=-500", RangeOutcome::Range(0, 100)),
            ("bytes=50-99999999999999999999999", RangeOutcome::Range(50, 50)),
            ("bytes=100-", unsatisfiable()),
            ("bytes=99999999999999999999999-", unsatisfiable()),
            ("bytes=-0", unsatisfiable()),
            ("bytes=5-4", RangeOutcome::Whole),
            ("bytes=0-1,4-5", RangeOutcome::Whole),
            ("bytes=+1-2", RangeOutcome::Whole),
            ("bytes=", RangeOutcome::Whole),
            ("bytes=-", RangeOutcome::Whole),
            ("lines=1-2", RangeOutcome::Whole),
        ] {
            assert_eq!(of(&[(header::RANGE, range)]), expected, "{range}");
        }
        assert_eq!(of(&[]), RangeOutcome::Whole);
    }

    #[test]
    fn stale_if_range_returns_whole_archive() {
        let range = (header::RANGE, "bytes=10-19");
        for (current, expected) in [
            ("\"e\"", RangeOutcome::Range(10, 10)),
            (KNOWN.last_modified, RangeOutcome::Range(10, 10)),
            ("\"other\"", RangeOutcome::Whole),
            ("W/\"e\"", RangeOutcome::Whole),
            ("Tue, 01 Sep 2026 12:00:01 GMT", RangeOutcome::Whole),
        ] {
            assert_eq!(of(&[range.clone(), (header::IF_RANGE, current)]), expected, "{current}");
        }
    }

    #[test]
    fn preconditions_are_checked_before_range() {
        let range = (header::RANGE, "bytes=10-19");
        let nothing = |status| RangeOutcome::Nothing(status);
        let of = |name, tag| of(&[range.clone(), (name, tag)]);
        assert_eq!(of(header::IF_MATCH, "\"x\""), nothing(StatusCode::PRECONDITION_FAILED));
        assert_eq!(of(header::IF_MATCH, "\"x\", \"e\""), RangeOutcome::Range(10, 10));
        assert_eq!(of(header::IF_NONE_MATCH, "W/\"e\""), nothing(StatusCode::NOT_MODIFIED));
        assert_eq!(of(header::IF_NONE_MATCH, "\"x\""), RangeOutcome::Range(10, 10));
    }
}
