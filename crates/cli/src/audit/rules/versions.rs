//! Rules about dates: sunset of versions, and expiry of exceptions.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};

use super::problem::Problem;
use crate::{
    audit::{backups::VersionNotice, criteria::Criteria},
    ui::hints::Command,
};

/// A version that ends within this time is reported.
const SUNSET: TimeDelta = TimeDelta::days(365);

/// Reports versions near their sunset: from the operations table for all callable versions, and from response headers for
/// called ones. Headers take precedence. Each version is reported once.
pub(super) fn sunset(notices: &[VersionNotice], criteria: &Criteria) -> Vec<Problem> {
    let today = criteria.now.date_naive();
    let live = atlas_backup::operations::ALL.iter().filter(|operation| !operation.retired);
    let known = live.map(|operation| {
        let version = operation.newest();
        ((operation.id, version.date), (day(version.sunset), None))
    });
    let mut versions: BTreeMap<_, _> = known.collect();
    for notice in notices {
        let version = versions.entry((notice.operation, &notice.version)).or_default();
        *version = (notice.ends.or(version.0), notice.deprecated);
    }
    let problems = versions.into_iter().filter_map(|((operation, version), (ends, deprecated))| {
        let end = match (ends, deprecated) {
            (Some(day), _) if day < today => format!("was sunset on {day}"),
            (Some(day), _) if day - today <= SUNSET => format!("is sunset on {day}"),
            (None, Some(since)) => format!("is deprecated since {since}, without a sunset date"),
            _ => return None,
        };
        Some(Problem {
            message: format!("version {version} of {operation} {end}"),
            fix: criteria.fix_anywhere(Command::new("api describe").arg(operation)),
        })
    });
    problems.collect()
}

/// The date of a sunset in the operations table.
pub(super) fn day(sunset: Option<&str>) -> Option<NaiveDate> {
    sunset?.get(..10)?.parse().ok()
}

pub(super) fn exception_ended(_: &[VersionNotice], criteria: &Criteria) -> Vec<Problem> {
    let ended = criteria.policy.exceptions.iter().filter(|exception| exception.until < criteria.now.date_naive());
    let problems = ended.map(|exception| Problem {
        message: format!("an exception expired on {}: {}", exception.until, exception.reason),
        fix: criteria.fix_anywhere(Command::new("audit --rules")),
    });
    problems.collect()
}
