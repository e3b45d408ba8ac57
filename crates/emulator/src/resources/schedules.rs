//! The snapshot schedule of a dedicated cluster.
//!
//! At the older version a copy setting names a replication specification, at the newer one a zone; the record keeps the
//! zone. Deleting a schedule empties its policy and answers with what is left.

use serde::Deserialize;
use serde_json::{Value, json};

use super::lookup;
use crate::{
    call::{Answer, Call, present, stamp},
    errors::ApiError,
    records::{Cluster, Frequency},
    schedule::{PolicyItem, Schedule, retention},
    schema::Violation,
    state::{ObjectId, State},
};

/// From this version on a copy setting names a zone.
const BY_ZONE: &str = "2024-08-05";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Changes {
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

pub(super) fn get(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.store.read(|state| {
        let cluster = lookup::dedicated(call, state)?;
        Ok(Answer::ok(view(call, cluster, find(state, cluster)?)))
    })
}

pub(super) fn update(call: &Call<'_>) -> Result<Answer, ApiError> {
    let changes: Changes = call.body()?;
    call.store.write(|state| {
        let cluster = lookup::dedicated(call, state)?.clone();
        let mut schedule = find(state, &cluster)?.clone();
        let (update, delete) = (changes.update_snapshots == Some(true), changes.delete_snapshots == Some(true));
        apply(call, state, &cluster, &mut schedule, changes)?;
        follow(state, &cluster, &schedule, update, delete);
        let answer = Answer::ok(view(call, &cluster, &schedule));
        state.schedules.insert(cluster.id, cluster.id, schedule);
        Ok(answer)
    })
}

pub(super) fn delete(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.store.write(|state| {
        let cluster = lookup::dedicated(call, state)?.clone();
        let mut schedule = find(state, &cluster)?.clone();
        schedule.policy = state.new_id(call.now);
        schedule.items.clear();
        schedule.copy_settings.clear();
        (schedule.auto_export, schedule.export) = (false, None);
        let answer = Answer::ok(view(call, &cluster, &schedule));
        state.schedules.insert(cluster.id, cluster.id, schedule);
        Ok(answer)
    })
}

fn find<'s>(state: &'s State, cluster: &Cluster) -> Result<&'s Schedule, ApiError> {
    let schedule = state.schedules.get_below(cluster.id, cluster.id);
    schedule.ok_or_else(|| ApiError::resource_not_found("backup schedule of", &cluster.name))
}

fn apply(
    call: &Call<'_>,
    state: &mut State,
    cluster: &Cluster,
    schedule: &mut Schedule,
    changes: Changes,
) -> Result<(), ApiError> {
    if let Some(policies) = changes.policies {
        let items = policies.into_iter().flat_map(|policy| policy.policy_items).enumerate();
        schedule.items =
            items.map(|(place, item)| policy_item(call, state, schedule, place, item)).collect::<Result<_, _>>()?;
    }
    schedule.reference_hour = within("referenceHourOfDay", changes.reference_hour_of_day, schedule.reference_hour, 23)?;
    schedule.reference_minute =
        within("referenceMinuteOfHour", changes.reference_minute_of_hour, schedule.reference_minute, 59)?;
    schedule.restore_window_days = changes.restore_window_days.unwrap_or(schedule.restore_window_days);
    schedule.auto_export = changes.auto_export_enabled.unwrap_or(schedule.auto_export);
    schedule.export = changes.export.or(schedule.export.take());
    schedule.copy_policy_items = changes.copy_policy_items_enabled.unwrap_or(schedule.copy_policy_items);
    if let Some(settings) = changes.copy_settings {
        schedule.copy_settings = settings.into_iter().map(|s| with_zone(cluster, s)).collect();
    }
    schedule.extra_retention = changes.extra_retention_settings.unwrap_or_else(|| schedule.extra_retention.clone());
    schedule.names_in_export_prefix =
        changes.use_org_and_group_names_in_export_prefix.unwrap_or(schedule.names_in_export_prefix);
    Ok(())
}

/// A policy item keeps the id it is sent with, if the schedule has it.
fn policy_item(
    call: &Call<'_>,
    state: &mut State,
    schedule: &Schedule,
    place: usize,
    item: Item,
) -> Result<PolicyItem, ApiError> {
    let at = |field: &str| format!("policies.0.policyItems.{place}.{field}");
    let frequency = Frequency::parse(&item.frequency_type)
        .ok_or_else(|| invalid(&at("frequencyType"), "is no frequency of a policy item"))?;
    retention(&item.retention_unit, item.retention_value)
        .ok_or_else(|| invalid(&at("retentionValue"), "must be at least 1"))?;
    let known =
        item.id.and_then(|id| id.parse::<ObjectId>().ok()).filter(|id| schedule.items.iter().any(|i| i.id == *id));
    Ok(PolicyItem {
        id: known.unwrap_or_else(|| state.new_id(call.now)),
        frequency,
        interval: item.frequency_interval,
        retention_unit: item.retention_unit,
        retention_value: item.retention_value,
    })
}

/// Lets the snapshots that are there follow the changed policy, as far as that was asked for.
fn follow(state: &mut State, cluster: &Cluster, schedule: &Schedule, update: bool, delete: bool) {
    let scheduled = state.snapshots.below(cluster.id).filter(|s| s.frequency != Frequency::OnDemand);
    let snapshots: Vec<_> = scheduled.map(|s| (s.id, s.frequency)).collect();
    for (id, frequency) in snapshots {
        match schedule.item(frequency) {
            None if delete => {
                state.snapshots.remove(id);
            }
            Some(item) if update => {
                if let (Some(snapshot), Some(retention)) = (state.snapshots.get_mut(id), item.retention()) {
                    snapshot.retention = retention;
                    snapshot.policy_item = Some(item.id);
                }
            }
            _ => {}
        }
    }
}

/// What was asked for, or what there is, if it is between 0 and `most`.
fn within(field: &str, asked: Option<i64>, known: u32, most: u32) -> Result<u32, ApiError> {
    let value = asked.map_or(Ok(known), u32::try_from).ok().filter(|value| *value <= most);
    value.ok_or_else(|| invalid(field, &format!("must be between 0 and {most}")))
}

fn invalid(field: &str, description: &str) -> ApiError {
    ApiError::validation(vec![Violation { field: field.to_owned(), description: description.to_owned() }])
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

fn with_replication_spec(cluster: &Cluster, mut setting: Value) -> Value {
    if let Some(fields) = setting.as_object_mut()
        && let Some(zone) = fields.remove("zoneId")
    {
        let shard = cluster.shards.iter().find(|s| zone == s.zone.to_string());
        fields.insert("replicationSpecId".to_owned(), shard.map_or(zone, |s| s.id.to_string().into()));
    }
    setting
}

fn view(call: &Call<'_>, cluster: &Cluster, schedule: &Schedule) -> Value {
    let by_zone = call.version.date.as_str() >= BY_ZONE;
    let copies = schedule.copy_settings.iter().cloned();
    let copies: Vec<Value> = copies.map(|s| if by_zone { s } else { with_replication_spec(cluster, s) }).collect();
    let items = schedule.items.iter().map(|item| {
        json!({
            "frequencyInterval": item.interval,
            "frequencyType": item.frequency.as_str(),
            "id": item.id.to_string(),
            "retentionUnit": item.retention_unit,
            "retentionValue": item.retention_value,
        })
    });
    let project = format!("/groups/{}", cluster.project);
    let path = format!("/api/atlas/v2{project}/clusters/{}/backup/schedule", cluster.name);
    present(json!({
        "autoExportEnabled": schedule.auto_export,
        "clusterId": cluster.id.to_string(),
        "clusterName": cluster.name,
        "copyPolicyItemsEnabled": schedule.copy_policy_items,
        "copySettings": copies,
        "export": schedule.export,
        "extraRetentionSettings": (!schedule.extra_retention.is_empty()).then_some(&schedule.extra_retention),
        // The second link leads to an older interface, here as on the service.
        "links": [
            call.link("self", &path),
            call.link("https://cloud.mongodb.com/group", &format!("/api/public/v1.0{project}")),
        ],
        "nextSnapshot": schedule.next_snapshot(call.now).map(stamp),
        "policies": [{"id": schedule.policy.to_string(), "policyItems": items.collect::<Vec<_>>()}],
        "referenceHourOfDay": schedule.reference_hour,
        "referenceMinuteOfHour": schedule.reference_minute,
        "restoreWindowDays": schedule.restore_window_days,
        "useOrgAndGroupNamesInExportPrefix": schedule.names_in_export_prefix,
    }))
}
