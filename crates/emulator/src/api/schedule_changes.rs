//! Changes of a schedule and their effect on existing snapshots.
//!
//! Existing snapshots and copies keep their retention unless the request says otherwise. A compliance policy prevents a
//! schedule or snapshot from falling below its requirements.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    api::{call::Call, compliance_policies::REQUIREMENTS_NOT_MET, export_buckets, snapshots::PROTECTED_BY_POLICY},
    domain::{
        clusters::Cluster,
        error::ApiError,
        ids::ObjectId,
        refusals::{
            CANNOT_DECREASE_PIT_WINDOW_WITH_BACKUP_COMPLIANCE_POLICY,
            CANNOT_DELETE_COPY_SNAPSHOT_WITH_BACKUP_COMPLIANCE_POLICY_ENABLED, INVALID_ATTRIBUTE,
            INVALID_BACKUP_POLICY, INVALID_FREQUENCY_TYPE_CHANGE, INVALID_NUM_OF_POLICIES, INVALID_NUM_OF_POLICY_ITEMS,
            INVALID_POLICY_ID, INVALID_POLICY_ITEM_ID, INVALID_REFERENCE_HOUR_OF_DAY, INVALID_REFERENCE_MINUTE_OF_HOUR,
            INVALID_RESTORE_WINDOW, MISSING_ATTRIBUTE, Refusal,
        },
        schedule::{PolicyItem, Schedule, retention},
        snapshots::Frequency,
    },
    engine::{clusters, compliance, copy_settings, policy_items, snapshots::copy_retention},
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
    auto_copy_settings_enabled: Option<bool>,
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
    id: Option<String>,
    policy_items: Option<Vec<Item>>,
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
    /// Applies the changes to `schedule`.
    pub(crate) fn apply(
        &self,
        call: &Call<'_>,
        state: &mut State,
        cluster: &Cluster,
        schedule: &mut Schedule,
    ) -> Result<(), ApiError> {
        if let Some(policies) = &self.policies {
            let [policy] = policies.as_slice() else {
                return Err(INVALID_NUM_OF_POLICIES.error("A schedule has exactly one policy."));
            };
            change_items(call, state, schedule, policy)?;
        }
        schedule.reference_hour = bounded_or_current(
            &INVALID_REFERENCE_HOUR_OF_DAY,
            self.reference_hour_of_day,
            schedule.reference_hour,
            23,
        )?;
        schedule.reference_minute = bounded_or_current(
            &INVALID_REFERENCE_MINUTE_OF_HOUR,
            self.reference_minute_of_hour,
            schedule.reference_minute,
            59,
        )?;
        if self.restore_window_days.is_some_and(|days| days < 1) {
            return Err(INVALID_RESTORE_WINDOW.error("The restore window is at least one day."));
        }
        schedule.restore_window_days = self.restore_window_days.unwrap_or(schedule.restore_window_days);
        schedule.auto_export = self.auto_export_enabled.unwrap_or(schedule.auto_export);
        if !schedule.auto_export && self.export.is_some() {
            return Err(not_settable("export", "needs `autoExportEnabled`"));
        }
        schedule.export = self.export.clone().or(schedule.export.take()).filter(|_| schedule.auto_export);
        if schedule.auto_export && schedule.export.is_none() {
            let detail = "Automatic export needs a bucket and a frequency.";
            return Err(MISSING_ATTRIBUTE.error(detail).parameter("export"));
        }
        if let Some(export) = &schedule.export {
            check_export(state, cluster, export)?;
        }
        self.change_copies(cluster, schedule)?;
        if self.delete_copy_snapshots == Some(true) && !schedule.copy_policy_items {
            return Err(not_settable("deleteCopySnapshots", "needs `copyPolicyItemsEnabled`"));
        }
        if let Some(extra) = &self.extra_retention_settings {
            if !extra.is_empty() && compliance::policy(state, cluster.project, call.now).is_none() {
                return Err(not_settable("extraRetentionSettings", "needs a backup compliance policy"));
            }
            schedule.extra_retention.clone_from(extra);
        }
        schedule.names_in_export_prefix =
            self.use_org_and_group_names_in_export_prefix.unwrap_or(schedule.names_in_export_prefix);
        Ok(())
    }

    /// Replaces the settings for copies in other regions, as far as the request names them.
    fn change_copies(&self, cluster: &Cluster, schedule: &mut Schedule) -> Result<(), ApiError> {
        schedule.copy_policy_items = self.copy_policy_items_enabled.unwrap_or(schedule.copy_policy_items);
        schedule.auto_copy = self.auto_copy_settings_enabled.unwrap_or(schedule.auto_copy);
        if schedule.auto_copy && self.auto_copy_settings_enabled == Some(true) {
            schedule.copy_settings = copy_settings::automatic(cluster, schedule);
        }
        let Some(settings) = &self.copy_settings else { return Ok(()) };
        let settings: Vec<Value> = settings.iter().map(|s| with_zone(cluster, s.clone())).collect();
        for setting in &settings {
            check_copy_setting(cluster, schedule, setting)?;
        }
        let regions = |settings: &[Value]| -> BTreeSet<(String, String)> {
            settings.iter().map(|s| (s["zoneId"].to_string(), s["regionName"].to_string())).collect()
        };
        if schedule.auto_copy && regions(&settings) != regions(&schedule.copy_settings) {
            return Err(not_settable("copySettings", "has the cluster's own regions with `autoCopySettingsEnabled`"));
        }
        schedule.copy_settings = settings;
        Ok(())
    }

    /// Storage on NVMe takes one snapshot in twelve hours; continuous backup needs hourly snapshots, and goes no further
    /// back than they reach.
    pub(crate) fn refuse_impossible_items(&self, cluster: &Cluster, schedule: &Schedule) -> Result<(), ApiError> {
        let hourly = schedule.item(Frequency::Hourly);
        if self.policies.is_some() && cluster.is_nvme() && hourly.is_some_and(|item| item.interval != 12) {
            let detail = "A cluster on NVMe storage has an hourly item with interval 12 only.";
            return Err(INVALID_BACKUP_POLICY.error(detail).parameter("hourly"));
        }
        if !cluster.pit_enabled || (self.policies.is_none() && self.restore_window_days.is_none()) {
            return Ok(());
        }
        match schedule.item(Frequency::Hourly) {
            None => Err(clusters::hourly_item_missing()),
            Some(hourly) if hourly.nominal_days() < schedule.restore_window_days => {
                let detail = "The restore window reaches further back than the hourly snapshots.";
                Err(INVALID_RESTORE_WINDOW.error(detail))
            }
            Some(_) => Ok(()),
        }
    }

    /// Applies the changed schedule to existing snapshots, as far as the request asks for it.
    pub(crate) fn apply_to_snapshots(
        &self,
        call: &Call<'_>,
        state: &mut State,
        cluster: &Cluster,
        before: &Schedule,
        schedule: &Schedule,
    ) -> Result<(), ApiError> {
        let demands = compliance::requirements(state, cluster.project, call.now);
        let is_true = |flag: Option<bool>| flag == Some(true);
        let gone = |id: &ObjectId| !schedule.items.iter().any(|item| item.id == *id);
        let removed: Vec<_> = before.items.iter().map(|item| item.id).filter(gone).collect();
        let drops_copies = is_true(self.delete_copy_snapshots) || !self.delete_copied_backups.is_empty();
        if demands.is_some() && is_true(self.delete_snapshots) && !removed.is_empty() {
            compliance::refuse_under_policy(state, cluster.project, call.now, PROTECTED_BY_POLICY)?;
        }
        if demands.as_ref().is_some_and(|demands| demands.protects_copies) && drops_copies {
            let code = &CANNOT_DELETE_COPY_SNAPSHOT_WITH_BACKUP_COMPLIANCE_POLICY_ENABLED;
            compliance::refuse_under_policy(state, cluster.project, call.now, code)?;
        }
        for id in state.snapshots.below(cluster.id).map(|s| s.id).collect::<Vec<_>>() {
            let Some(snapshot) = state.snapshots.get(id) else { continue };
            let scheduled = snapshot.frequency != Frequency::OnDemand;
            let orphaned = || {
                let gone = snapshot.policy_items.iter().all(|item| removed.contains(item));
                gone && schedule.item(snapshot.frequency).is_none()
            };
            if scheduled && is_true(self.delete_snapshots) && orphaned() {
                state.snapshots.remove(id);
                continue;
            }
            let mut changed = snapshot.clone();
            // An item without an id is new and has no snapshots yet.
            let own = changed.policy_items.iter().find_map(|id| schedule.items.iter().find(|item| item.id == *id));
            let item = own.filter(|_| scheduled && is_true(self.update_snapshots));
            if let Some(item) = item {
                let kept = schedule.retention_of(item);
                changed.retention = if demands.is_some() { kept.max(changed.retention) } else { kept };
                changed.policy_items = vec![item.id];
            } else if self.extra_retention_settings.is_some() {
                let longer = schedule.extra_retention(changed.frequency) - before.extra_retention(changed.frequency);
                let longer = if demands.is_some() { longer.max(TimeDelta::zero()) } else { longer };
                changed.retention = changed.retention.checked_add(&longer).unwrap_or(changed.retention);
            }
            let ends = changed.timeline.ends;
            for copy in &mut changed.copies {
                let same = |s: &&Value| s["regionName"] == copy.region && s["zoneId"] == copy.zone.to_string();
                let setting = schedule.copy_settings.iter().find(same);
                if let Some(Some(kept)) =
                    setting.and_then(|setting| copy_retention(schedule, changed.frequency, setting))
                    && is_true(self.update_copy_snapshots)
                {
                    copy.expires = ends.checked_add_signed(kept);
                }
            }
            changed.copies.retain(|copy| {
                let named = |d: &Value| {
                    d["regionName"] == copy.region && d.get("zoneId").is_none_or(|zone| *zone == copy.zone.to_string())
                };
                let asked = self.delete_copied_backups.iter().map(|d| with_zone(cluster, d.clone())).any(|d| named(&d));
                let ruled = schedule.copy_settings.iter().any(|s| {
                    s["regionName"] == copy.region && copy_retention(schedule, changed.frequency, s).is_some()
                });
                !asked && (ruled || !is_true(self.delete_copy_snapshots))
            });
            if let Some(known) = state.snapshots.get_mut(id) {
                *known = changed;
            }
        }
        Ok(())
    }
}

/// A schedule must not fall below the requirements of a compliance policy.
pub(crate) fn refuse_weakening(
    call: &Call<'_>,
    state: &State,
    cluster: &Cluster,
    before: &Schedule,
    after: &Schedule,
) -> Result<(), ApiError> {
    let Some(demands) = compliance::requirements(state, cluster.project, call.now) else { return Ok(()) };
    if after.restore_window_days < before.restore_window_days && after.restore_window_days < demands.restore_window_days
    {
        let code = &CANNOT_DECREASE_PIT_WINDOW_WITH_BACKUP_COMPLIANCE_POLICY;
        return Err(code.error("The compliance policy demands a longer restore window."));
    }
    if demands.are_met_by(after) {
        return Ok(());
    }
    let detail = "The schedule would do less than the project's backup compliance policy demands.";
    Err(REQUIREMENTS_NOT_MET.error(detail).parameter(cluster.name.as_str()))
}

/// Replaces the items of the schedule's policy if `policy` contains items.
fn change_items(call: &Call<'_>, state: &mut State, schedule: &mut Schedule, policy: &Policy) -> Result<(), ApiError> {
    if let Some(other) = policy.id.as_ref().filter(|id| id.parse() != Ok(schedule.policy)) {
        return Err(INVALID_POLICY_ID.error(format!("The schedule has no policy {other}.")).parameter(other.as_str()));
    }
    let Some(items) = &policy.policy_items else { return Ok(()) };
    if items.is_empty() {
        return Err(INVALID_NUM_OF_POLICY_ITEMS.error("A policy has at least one item."));
    }
    let items = items.iter().enumerate().map(|(place, item)| policy_item(call, state, schedule, place, item));
    let items = items.collect::<Result<Vec<_>, _>>()?;
    policy_items::check(&items, false)?;
    schedule.items = items;
    Ok(())
}

/// An item keeps its id and frequency.
fn policy_item(
    call: &Call<'_>,
    state: &mut State,
    schedule: &Schedule,
    place: usize,
    item: &Item,
) -> Result<PolicyItem, ApiError> {
    let at = |field: &str| format!("policies.0.policyItems.{place}.{field}");
    let frequency = Frequency::parse(&item.frequency_type)
        .ok_or_else(|| ApiError::invalid_field(at("frequencyType"), "is not a frequency of a policy item"))?;
    retention(&item.retention_unit, item.retention_value)
        .ok_or_else(|| ApiError::invalid_field(at("retentionValue"), "must be at least 1"))?;
    let known = item.id.as_ref().map(|id| {
        let known = schedule.items.iter().find(|known| id.parse() == Ok(known.id));
        known
            .ok_or_else(|| INVALID_POLICY_ITEM_ID.error(format!("The policy has no item {id}.")).parameter(id.as_str()))
    });
    let known = known.transpose()?;
    if known.is_some_and(|known| known.frequency != frequency) {
        let detail = "An item keeps its frequency.";
        return Err(INVALID_FREQUENCY_TYPE_CHANGE.error(detail).parameter(item.frequency_type.as_str()));
    }
    Ok(PolicyItem {
        id: known.map_or_else(|| state.new_id(call.now), |known| known.id),
        frequency,
        interval: item.frequency_interval,
        retention_unit: item.retention_unit.clone(),
        retention_value: item.retention_value,
    })
}

/// Automatic export names a frequency and a bucket of the project.
fn check_export(state: &State, cluster: &Cluster, export: &Value) -> Result<(), ApiError> {
    for name in ["exportBucketId", "frequencyType"] {
        if !export[name].is_string() {
            let detail = format!("Automatic export needs {name}.");
            return Err(MISSING_ATTRIBUTE.error(detail).parameter(format!("export.{name}")));
        }
    }
    let id = export["exportBucketId"].as_str().unwrap_or_default();
    let bucket = id.parse().ok().and_then(|id| state.export_buckets.get_below(cluster.project, id));
    bucket.map(drop).ok_or_else(|| export_buckets::missing(id))
}

/// A copy uses the provider of its zone and the rule type of the schedule.
fn check_copy_setting(cluster: &Cluster, schedule: &Schedule, setting: &Value) -> Result<(), ApiError> {
    let zone = cluster.shards.iter().find(|shard| setting["zoneId"] == shard.zone.to_string());
    let zone = zone.ok_or_else(|| not_settable("zoneId", "is not a zone of the cluster"))?;
    let provider = zone.regions.first().map(|region| region.provider.as_str());
    if setting["cloudProvider"].as_str().is_some_and(|asked| Some(asked) != provider) {
        return Err(not_settable("cloudProvider", "is not the provider of the zone"));
    }
    if setting["shouldCopyOplogs"] == true && !cluster.pit_enabled {
        return Err(not_settable("shouldCopyOplogs", "needs continuous backup"));
    }
    let filled = |name: &str| setting[name].as_array().is_some_and(|list| !list.is_empty());
    if filled("copyPolicyItems") && !schedule.copy_policy_items {
        return Err(not_settable("copyPolicyItems", "needs `copyPolicyItemsEnabled`"));
    }
    if filled("frequencies") && schedule.copy_policy_items {
        return Err(not_settable("frequencies", "does not go with `copyPolicyItemsEnabled`"));
    }
    Ok(())
}

fn not_settable(attribute: &str, why: &str) -> ApiError {
    INVALID_ATTRIBUTE.error(format!("{attribute} {why}.")).parameter(attribute)
}

/// The requested value, or the current one if it is absent. Must be between 0 and `most`.
fn bounded_or_current(refusal: &Refusal, asked: Option<i64>, known: u32, most: u32) -> Result<u32, ApiError> {
    let value = asked.map_or(Ok(known), u32::try_from).ok().filter(|value| *value <= most);
    value.ok_or_else(|| refusal.error(format!("It is between 0 and {most}.")).parameter(asked.unwrap_or_default()))
}

/// A replication specification of the older form stands for its zone.
fn with_zone(cluster: &Cluster, mut setting: Value) -> Value {
    if let Some(fields) = setting.as_object_mut()
        && let Some(spec) = fields.remove("replicationSpecId")
    {
        let shard = cluster.shards.iter().find(|s| spec == s.id.to_string());
        fields.insert("zoneId".to_owned(), shard.map_or(spec, |s| s.zone.to_string().into()));
    }
    setting
}
