//! Rules for the items of schedules and compliance policies.

use crate::domain::{
    error::ApiError,
    refusals::INVALID_BACKUP_POLICY,
    schedule::{LAST_DAY, PolicyItem},
    snapshots::Frequency,
};

/// 400 if an item is invalid or two items conflict. A compliance policy need not name intervals: 0 means any, and a
/// daily item may have any interval.
pub(crate) fn check(items: &[PolicyItem], any_interval: bool) -> Result<(), ApiError> {
    for (place, item) in items.iter().enumerate() {
        let name = item.frequency.as_str();
        let refuse =
            |detail: String| Err(INVALID_BACKUP_POLICY.error(detail).parameter(format!("policyItems.{place}")));
        let interval = item.interval;
        if !(can_have(item.frequency, interval)
            || any_interval && (interval == 0 || item.frequency == Frequency::Daily))
        {
            return refuse(format!("There is no {name} snapshot with the interval {interval}."));
        }
        if item.retention().is_none_or(|kept| kept.num_days() < least_days(item.frequency)) {
            let least = least_days(item.frequency);
            return refuse(format!("A {name} snapshot is kept for at least {least} days."));
        }
    }
    for single in [Frequency::Hourly, Frequency::Daily] {
        if items.iter().filter(|item| item.frequency == single).count() > 1 {
            let detail = format!("There is more than one {} item.", single.as_str());
            return Err(INVALID_BACKUP_POLICY.error(detail).parameter(single.as_str()));
        }
    }
    let scheduled = || items.iter().filter(|item| item.frequency != Frequency::OnDemand);
    for rarer in scheduled() {
        let longer =
            |item: &&PolicyItem| item.frequency < rarer.frequency && item.nominal_days() > rarer.nominal_days();
        if let Some(item) = scheduled().find(longer) {
            let (rare, often) = (rarer.frequency.as_str(), item.frequency.as_str());
            let detail = format!("{rare} snapshots would be kept for a shorter time than {often} ones.");
            return Err(INVALID_BACKUP_POLICY.error(detail).parameter(rare));
        }
    }
    Ok(())
}

fn can_have(frequency: Frequency, interval: i64) -> bool {
    match frequency {
        Frequency::Hourly => [1, 2, 4, 6, 8, 12].contains(&interval),
        Frequency::Daily => interval == 1,
        Frequency::Weekly => (1..=7).contains(&interval),
        Frequency::Monthly => (1..=28).contains(&interval) || interval == LAST_DAY,
        Frequency::Yearly => (1..=12).contains(&interval),
        Frequency::OnDemand => true,
    }
}

/// A snapshot is kept at least until the next one of its kind.
fn least_days(frequency: Frequency) -> i64 {
    match frequency {
        Frequency::Hourly | Frequency::Daily | Frequency::OnDemand => 1,
        Frequency::Weekly => 7,
        Frequency::Monthly => 31,
        Frequency::Yearly => 365,
    }
}
