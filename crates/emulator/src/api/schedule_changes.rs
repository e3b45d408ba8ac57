//! What a request changes of a schedule, and what that does to the snapshots that are there.
//!
//! Snapshots and copies keep what they were taken with unless the request says otherwise, and a compliance policy lets
//! neither a schedule nor a snapshot come to less than it demands.

use serde::Deserialize;
use serde_json::Value;

use crate::{
    api::{call::Call, compliance_policies::NOT_MET, export_buckets, snapshots::UNDER_POLICY},
    domain::{
        clusters::Cluster,
        error::ApiError,
        ids::ObjectId,
        schedule::{LAST_DAY, PolicyItem, Schedule, retention},
        snapshots::Frequency,
    },
    engine::{compliance, snapshots::rule},
    state::tables::State,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Changes {
    policies: Option<Vec<Policy>>,
    reference_hour_of_day: Option<i64>,
    reference_minute_of_hour: Option<i64>,
    restore_window_days: Option<i64>,
    auto_export_enabled: Option<bool>,
    export: Option<Value>,
    copy_policy_items_enabled: Option<bool>,
    copy_settings: Option<Vec<Value>>,
    extra_retention_settings: Option<Vec<Value>>,
    use_org_and_group_names_in_export_prefix: Option<bool>,
    update_snapshots: Option<bool>,
    delete_snapshots: Option<bool>,
    update_copy_snapshots: Option<bool>,
    delete_copy_snapshots: Option<bool>,
    #[serde(default)]
    delete_copied_backups: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Policy {
    #[serde(default)]
    policy_items: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    id: Option<String>,
    frequency_type: String,
    frequency_interval: i64,
    retention_unit: String,
    retention_value: i64,
}

impl Changes {
    /// Makes the changes to `schedule`.
    pub(crate) fn apply(
        &self,
        call: &Call<'_>,
        state: &mut State,
        cluster: &Cluster,
        schedule: &mut Schedule,
    ) -> Result<(), ApiError> {
        if let Some(policies) = &self.policies {
            let items = policies.iter().flat_map(|policy| &policy.policy_items).enumerate();
            schedule.items =
                items.map(|(place, item)| policy_item(call, state, schedule, place, item)).collect::<Result<_, _>>()?;
            refuse_shorter_rare_items(schedule)?;
        }
        schedule.reference_hour =
            within("referenceHourOfDay", self.reference_hour_of_day, schedule.reference_hour, 23)?;
        schedule.reference_minute =
            within("referenceMinuteOfHour", self.reference_minute_of_hour, schedule.reference_minute, 59)?;
        if self.restore_window_days.is_some_and(|days| days < 1) {
            return Err(ApiError::bad_request("INVALID_RESTORE_WINDOW", "The restore window is at least one day."));
        }
        schedule.restore_window_days = self.restore_window_days.unwrap_or(schedule.restore_window_days);
        schedule.auto_export = self.auto_export_enabled.unwrap_or(schedule.auto_export);
        schedule.export = self.export.clone().or(schedule.export.take());
        if let Some(id) = schedule.export.as_ref().and_then(|export| export["exportBucketId"].as_str())
            && schedule.auto_export
        {
            let bucket = id.parse().ok().and_then(|id| state.export_buckets.get_below(cluster.project, id));
            bucket.ok_or_else(|| export_buckets::missing(id))?;
        }
        schedule.copy_policy_items = self.copy_policy_items_enabled.unwrap_or(schedule.copy_policy_items);
        if let Some(settings) = &self.copy_settings {
            schedule.copy_settings = settings.iter().map(|s| with_zone(cluster, s.clone())).collect();
        }
        if let Some(extra) = &self.extra_retention_settings {
            schedule.extra_retention.clone_from(extra);
        }
        schedule.names_in_export_prefix =
            self.use_org_and_group_names_in_export_prefix.unwrap_or(schedule.names_in_export_prefix);
        Ok(())
    }

    /// Lets the snapshots that are there follow the changed schedule, as far as that was asked for.
    pub(crate) fn follow(
        &self,
        call: &Call<'_>,
        state: &mut State,
        cluster: &Cluster,
        before: &Schedule,
        schedule: &Schedule,
    ) -> Result<(), ApiError> {
        let demands = compliance::demands(state, cluster.project, call.now);
        let said = |flag: Option<bool>| flag == Some(true);
        let gone = |id: &ObjectId| !schedule.items.iter().any(|item| item.id == *id);
        let removed: Vec<_> = before.items.iter().map(|item| item.id).filter(gone).collect();
        let drops_copies = said(self.delete_copy_snapshots) || !self.delete_copied_backups.is_empty();
        if demands.is_some() && said(self.delete_snapshots) && !removed.is_empty() {
            compliance::refuse_under_policy(state, cluster.project, call.now, UNDER_POLICY)?;
        }
        if demands.as_ref().is_some_and(|demands| demands.protects_copies) && drops_copies {
            let code = "CANNOT_DELETE_COPY_SNAPSHOT_WITH_BACKUP_COMPLIANCE_POLICY_ENABLED";
            compliance::refuse_under_policy(state, cluster.project, call.now, code)?;
        }
        for id in state.snapshots.below(cluster.id).map(|s| s.id).collect::<Vec<_>>() {
            let Some(snapshot) = state.snapshots.get(id) else { continue };
            let scheduled = snapshot.frequency != Frequency::OnDemand;
            let orphaned = || {
                let gone = snapshot.policy_items.iter().all(|item| removed.contains(item));
                gone && schedule.item(snapshot.frequency).is_none()
            };
            if scheduled && said(self.delete_snapshots) && orphaned() {
                state.snapshots.remove(id);
                continue;
            }
            let mut changed = snapshot.clone();
            let own = changed.policy_items.iter().find_map(|id| schedule.items.iter().find(|item| item.id == *id));
            let item = own.or(schedule.item(changed.frequency)).filter(|_| scheduled && said(self.update_snapshots));
            if let Some(item) = item {
                let kept = schedule.kept(item);
                changed.retention = if demands.is_some() { kept.max(changed.retention) } else { kept };
                changed.policy_items = vec![item.id];
            }
            let ends = changed.timeline.ends;
            for copy in &mut changed.copies {
                let same = |s: &&Value| s["regionName"] == copy.region && s["zoneId"] == copy.zone.to_string();
                let setting = schedule.copy_settings.iter().find(same);
                if let Some(Some(kept)) = setting.and_then(|setting| rule(schedule, changed.frequency, setting))
                    && said(self.update_copy_snapshots)
                {
                    copy.expires = ends.checked_add_signed(kept);
                }
            }
            changed.copies.retain(|copy| {
                let named = |d: &Value| {
                    d["regionName"] == copy.region && d.get("zoneId").is_none_or(|zone| *zone == copy.zone.to_string())
                };
                let asked = self.delete_copied_backups.iter().map(|d| with_zone(cluster, d.clone())).any(|d| named(&d));
                let ruled = schedule
                    .copy_settings
                    .iter()
                    .any(|s| s["regionName"] == copy.region && rule(schedule, changed.frequency, s).is_some());
                !asked && (ruled || !said(self.delete_copy_snapshots))
            });
            if let Some(known) = state.snapshots.get_mut(id) {
                *known = changed;
            }
        }
        Ok(())
    }
}

/// A schedule under a compliance policy may not come to less than that demands.
pub(crate) fn refuse_weakening(
    call: &Call<'_>,
    state: &State,
    cluster: &Cluster,
    before: &Schedule,
    after: &Schedule,
) -> Result<(), ApiError> {
    let Some(demands) = compliance::demands(state, cluster.project, call.now) else { return Ok(()) };
    if after.restore_window_days < before.restore_window_days && after.restore_window_days < demands.restore_window_days
    {
        let code = "CANNOT_DECREASE_PIT_WINDOW_WITH_BACKUP_COMPLIANCE_POLICY";
        return Err(ApiError::bad_request(code, "The compliance policy demands a longer restore window."));
    }
    if demands.are_met_by(after) {
        return Ok(());
    }
    let detail = "The schedule would do less than the project's backup compliance policy demands.";
    Err(ApiError::bad_request(NOT_MET, detail).parameter(cluster.name.as_str()))
}

/// A policy item keeps the id it is sent with, if the schedule has it.
fn policy_item(
    call: &Call<'_>,
    state: &mut State,
    schedule: &Schedule,
    place: usize,
    item: &Item,
) -> Result<PolicyItem, ApiError> {
    let at = |field: &str| format!("policies.0.policyItems.{place}.{field}");
    let frequency = Frequency::parse(&item.frequency_type)
        .ok_or_else(|| ApiError::invalid_field(at("frequencyType"), "is no frequency of a policy item"))?;
    retention(&item.retention_unit, item.retention_value)
        .ok_or_else(|| ApiError::invalid_field(at("retentionValue"), "must be at least 1"))?;
    let interval = item.frequency_interval;
    let possible = match frequency {
        Frequency::Hourly => [1, 2, 4, 6, 8, 12].contains(&interval),
        Frequency::Daily => interval == 1,
        Frequency::Weekly => (1..=7).contains(&interval),
        Frequency::Monthly => (1..=28).contains(&interval) || interval == LAST_DAY,
        Frequency::Yearly => (1..=12).contains(&interval),
        Frequency::OnDemand => true,
    };
    if !possible {
        let detail = format!("There is no {} snapshot with the interval {interval}.", item.frequency_type);
        return Err(ApiError::bad_request("INVALID_BACKUP_POLICY", detail).parameter(at("frequencyInterval")));
    }
    let known = item.id.as_ref().and_then(|id| id.parse::<ObjectId>().ok());
    let known = known.filter(|id| schedule.items.iter().any(|i| i.id == *id));
    Ok(PolicyItem {
        id: known.unwrap_or_else(|| state.new_id(call.now)),
        frequency,
        interval,
        retention_unit: item.retention_unit.clone(),
        retention_value: item.retention_value,
    })
}

/// Snapshots of a rarer kind are kept at least as long as those of any more frequent one.
fn refuse_shorter_rare_items(schedule: &Schedule) -> Result<(), ApiError> {
    let scheduled = || schedule.items.iter().filter(|item| item.frequency != Frequency::OnDemand);
    for rarer in scheduled() {
        let longer =
            |item: &&PolicyItem| item.frequency < rarer.frequency && item.nominal_days() > rarer.nominal_days();
        if let Some(item) = scheduled().find(longer) {
            let (rare, often) = (rarer.frequency.as_str(), item.frequency.as_str());
            let detail = format!("{rare} snapshots would be kept for a shorter time than {often} ones.");
            return Err(ApiError::bad_request("INVALID_BACKUP_POLICY", detail).parameter(rare));
        }
    }
    Ok(())
}

/// What was asked for, or what there is, if it is between 0 and `most`.
fn within(field: &str, asked: Option<i64>, known: u32, most: u32) -> Result<u32, ApiError> {
    let value = asked.map_or(Ok(known), u32::try_from).ok().filter(|value| *value <= most);
    value.ok_or_else(|| ApiError::invalid_field(field, format!("must be between 0 and {most}")))
}

/// The older form's replication specification stands for the zone it is in.
fn with_zone(cluster: &Cluster, mut setting: Value) -> Value {
    if let Some(fields) = setting.as_object_mut()
        && let Some(spec) = fields.remove("replicationSpecId")
    {
        let shard = cluster.shards.iter().find(|s| spec == s.id.to_string());
        fields.insert("zoneId".to_owned(), shard.map_or(spec, |s| s.zone.to_string().into()));
    }
    setting
}
