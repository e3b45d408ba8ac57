//! What ends by date: versions of operations, and exceptions of the policy file.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};

use super::problem::Problem;
use crate::{
    audit::{backups::VersionNotice, criteria::Criteria},
    ui::hints::Command,
};

/// A version that ends within this time is reported.
const SUNSET: TimeDelta = TimeDelta::days(365);

/// By the table for all that this program can call, and by what the service has answered for what it did call: a version
/// is told of once, and the answer is the fresher word on it.
pub(super) fn sunset(notices: &[VersionNotice], criteria: &Criteria) -> Vec<Problem> {
    let today = criteria.now.date_naive();
    let live = atlas_backup::operations::ALL.iter().filter(|operation| !operation.retired);
    let known = live.map(|operation| {
        let version = operation.newest();
        ((operation.id, version.date), (day(version.sunset), None))
    });
    let mut versions: BTreeMap<_, _> = known.collect();
    for told in notices {
        let version = versions.entry((told.operation, &told.version)).or_default();
        *version = (told.ends.or(version.0), told.deprecated);
    }
    let told = versions.into_iter().filter_map(|((operation, version), (ends, deprecated))| {
        let end = match (ends, deprecated) {
            (Some(day), _) if day < today => format!("has ended on {day}"),
            (Some(day), _) if day - today <= SUNSET => format!("ends on {day}"),
            (None, Some(since)) => format!("has been deprecated since {since}; no end is announced"),
            _ => return None,
        };
        Some(Problem {
            message: format!("{operation} in its version of {version} {end}"),
            fix: criteria.fix_anywhere(Command::new("api describe").arg(operation)),
        })
    });
    told.collect()
}

/// The day of a sunset as the table has it.
pub(super) fn day(sunset: Option<&str>) -> Option<NaiveDate> {
    sunset?.get(..10)?.parse().ok()
}

pub(super) fn exception_ended(_: &[VersionNotice], criteria: &Criteria) -> Vec<Problem> {
    let ended = criteria.policy.exceptions.iter().filter(|exception| exception.until < criteria.now.date_naive());
    let told = ended.map(|exception| Problem {
        message: format!("an exception ended on {}: {}", exception.until, exception.reason),
        fix: criteria.fix_anywhere(Command::new("audit --rules")),
    });
    told.collect()
}
