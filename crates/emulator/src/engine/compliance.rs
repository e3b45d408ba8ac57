//! Requirements of a project's backup compliance policy.
//!
//! Handlers check permissions against the policy only here. A policy applies from its request until its removal is
//! complete. It never shortens anything: a schedule below the requirements is raised, and one above them is unchanged.

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use serde_json::Value;

use crate::{
    domain::{
        clusters::Cluster,
        compliance_policy::{CompliancePolicy, PolicyChange},
        error::ApiError,
        ids::ObjectId,
        refusals::Refusal,
        schedule::{PolicyItem, Schedule},
        snapshots::Frequency,
    },
    engine::scheduler,
    state::tables::State,
};

/// The requirements of one policy.
#[derive(Debug)]
pub(crate) struct Requirements {
    /// Minimum retention of on-demand snapshots.
    pub(crate) on_demand: Option<TimeDelta>,
    /// One per frequency.
    pub(crate) items: Vec<PolicyItem>,
    pub(crate) point_in_time: bool,
    pub(crate) restore_window_days: i64,
    pub(crate) protects_copies: bool,
    /// Whether clusters must be encrypted with customer keys.
    pub(crate) customer_keys: bool,
}

impl Requirements {
    /// The requirements of `policy`.
    pub(crate) fn of(policy: &CompliancePolicy) -> Self {
        let items = policy.settings["scheduledPolicyItems"].as_array().into_iter().flatten();
        Self {
            on_demand: item(&policy.settings["onDemandPolicyItem"]).and_then(|item| item.retention()),
            items: items.filter_map(item).collect(),
            point_in_time: policy.settings["pitEnabled"] == true,
            restore_window_days: policy.settings["restoreWindowDays"].as_i64().unwrap_or(0),
            protects_copies: policy.settings["copyProtectionEnabled"] == true,
            customer_keys: policy.settings["encryptionAtRestEnabled"] == true,
        }
    }

    /// Whether they are weaker than `others` in any respect.
    pub(crate) fn are_weaker_than(&self, others: &Requirements) -> bool {
        let kept = |other: &PolicyItem| self.items.iter().any(|item| meets(item, other));
        !others.items.iter().all(kept)
            || self.on_demand < others.on_demand
            || others.point_in_time && !self.point_in_time
            || self.have_shorter_window_than(others)
            || others.protects_copies && !self.protects_copies
            || others.customer_keys && !self.customer_keys
    }

    /// Whether their restore window is shorter than that of `others`.
    pub(crate) fn have_shorter_window_than(&self, others: &Requirements) -> bool {
        others.point_in_time && self.point_in_time && self.restore_window_days < others.restore_window_days
    }

    /// Whether a schedule meets all requirements.
    pub(crate) fn are_met_by(&self, schedule: &Schedule) -> bool {
        let met = |demanded: &PolicyItem| schedule.items.iter().any(|item| meets(item, demanded));
        self.items.iter().all(met) && (!self.point_in_time || schedule.restore_window_days >= self.restore_window_days)
    }

    /// Raises a schedule to the requirements where it falls short.
    pub(crate) fn raise_schedule(&self, schedule: &mut Schedule, mut new_id: impl FnMut() -> ObjectId) {
        for demanded in self.items.iter() {
            if schedule.items.iter().any(|item| meets(item, demanded)) {
                continue;
            }
            match schedule.items.iter_mut().find(|item| item.frequency == demanded.frequency) {
                Some(item) => {
                    if item.frequency == Frequency::Hourly {
                        item.interval = item.interval.min(demanded.interval);
                    }
                    if item.nominal_days() < demanded.nominal_days() {
                        item.retention_unit.clone_from(&demanded.retention_unit);
                        item.retention_value = demanded.retention_value;
                    }
                }
                None => schedule.items.push(PolicyItem { id: new_id(), ..demanded.clone() }),
            }
        }
        schedule.items.sort_by_key(|item| item.frequency);
        if self.point_in_time {
            schedule.restore_window_days = schedule.restore_window_days.max(self.restore_window_days);
        }
    }
}

fn item(value: &Value) -> Option<PolicyItem> {
    Some(PolicyItem {
        id: value["id"].as_str().and_then(|id| id.parse().ok()).unwrap_or_default(),
        frequency: Frequency::parse(value["frequencyType"].as_str()?)?,
        interval: value["frequencyInterval"].as_i64().unwrap_or(1),
        retention_unit: value["retentionUnit"].as_str()?.to_owned(),
        retention_value: value["retentionValue"].as_i64()?,
    })
}

/// The policy of `project`, if it has one.
pub(crate) fn policy(state: &State, project: ObjectId, now: DateTime<Utc>) -> Option<&CompliancePolicy> {
    let policy = state.compliance_policies.get(project)?;
    (policy.pending != PolicyChange::Disabling || policy.is_pending(now)).then_some(policy)
}

/// The requirements of the policy of `project`, if it has one at `now`.
pub(crate) fn requirements(state: &State, project: ObjectId, now: DateTime<Utc>) -> Option<Requirements> {
    policy(state, project, now).map(Requirements::of)
}

/// 400 with `code` if the project has a policy.
pub(crate) fn refuse_under_policy(
    state: &State,
    project: ObjectId,
    now: DateTime<Utc>,
    code: &Refusal,
) -> Result<(), ApiError> {
    match policy(state, project, now) {
        Some(_) => Err(code.error("The project's backup compliance policy forbids it.")),
        None => Ok(()),
    }
}

/// Allows disabling the policy of `project`, as the service's support does on request. Returns whether there is a
/// policy.
pub(crate) fn allow_disabling(state: &mut State, project: ObjectId) -> bool {
    state.compliance_policies.get_mut(project).map(|policy| policy.deletable = true).is_some()
}

/// Gives a cluster with backup a schedule that meets the policy, and removes the schedule of one without backup.
pub(crate) fn enforce_on_schedule(state: &mut State, cluster: &Cluster, now: DateTime<Utc>) {
    if !cluster.backup_enabled {
        state.schedules.remove(cluster.id);
        return scheduler::invalidate_plan(state);
    }
    let known = state.schedules.get(cluster.id).cloned();
    let mut schedule = known.unwrap_or_else(|| {
        let mut usual = Schedule::default_for_cluster(|| state.new_id(now));
        let hourly = usual.items.iter_mut().find(|item| item.frequency == Frequency::Hourly && cluster.is_nvme());
        hourly.into_iter().for_each(|item| item.interval = 12);
        let begins = now.max(cluster.ready);
        (usual.reference_hour, usual.reference_minute) = (begins.hour(), begins.minute());
        usual
    });
    if let Some(demands) = requirements(state, cluster.project, now) {
        demands.raise_schedule(&mut schedule, || state.new_id(now));
    }
    state.schedules.insert(cluster.id, cluster.id, schedule);
    // Everything due by now was executed. From here on the new schedule applies.
    scheduler::start_following(state, cluster.id, now.max(cluster.ready));
}

/// The interval counts only for an hourly rule. The schedule chooses the day of the week or month.
fn meets(item: &PolicyItem, demanded: &PolicyItem) -> bool {
    item.frequency == demanded.frequency
        && item.nominal_days() >= demanded.nominal_days()
        && (item.frequency != Frequency::Hourly || item.interval <= demanded.interval)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requirements_of(frequency: Frequency, interval: i64, unit: &str, value: i64) -> Requirements {
        let items = vec![PolicyItem {
            id: ObjectId::default(),
            frequency,
            interval,
            retention_unit: unit.to_owned(),
            retention_value: value,
        }];
        Requirements {
            on_demand: None,
            items,
            point_in_time: true,
            restore_window_days: 3,
            protects_copies: false,
            customer_keys: false,
        }
    }

    #[test]
    fn policy_raises_schedule_only_where_it_falls_short() {
        for (frequency, interval, unit, value, was_met) in [
            (Frequency::Hourly, 6, "days", 7, true),
            (Frequency::Hourly, 4, "days", 2, false),
            (Frequency::Daily, 1, "weeks", 1, true),
            (Frequency::Daily, 1, "weeks", 2, false),
            (Frequency::Weekly, 1, "weeks", 4, true),
            (Frequency::Yearly, 1, "months", 13, false),
        ] {
            let demands = requirements_of(frequency, interval, unit, value);
            let mut schedule = Schedule::default_for_cluster(ObjectId::default);
            let before = format!("{schedule:?}");
            assert_eq!(demands.are_met_by(&schedule), was_met, "{frequency:?} {interval} {value} {unit}");
            demands.raise_schedule(&mut schedule, ObjectId::default);
            assert!(demands.are_met_by(&schedule));
            assert_eq!(format!("{schedule:?}") == before, was_met);
        }
    }

    #[test]
    fn missing_policy_item_is_added_in_order() {
        let mut schedule = Schedule::default_for_cluster(ObjectId::default);
        schedule.items.retain(|item| item.frequency == Frequency::Monthly);
        schedule.restore_window_days = 1;
        requirements_of(Frequency::Daily, 1, "days", 5).raise_schedule(&mut schedule, ObjectId::default);
        let frequencies: Vec<_> = schedule.items.iter().map(|item| item.frequency).collect();
        assert_eq!((frequencies, schedule.restore_window_days), (vec![Frequency::Daily, Frequency::Monthly], 3));
    }
}
