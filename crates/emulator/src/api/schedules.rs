//! The snapshot schedule of a dedicated cluster.
//!
//! In the older version a copy setting names a replication specification, in the newer one a zone. The record stores
//! the zone. Deleting a schedule removes its policy items and returns the remaining schedule.

use serde_json::{Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call, omit_nulls, stamp},
        lookup,
        schedule_changes::{Changes, refuse_weakening},
    },
    domain::{clusters::Cluster, error::ApiError, refusals::BACKUP_CONFIG_NOT_FOUND, schedule::Schedule},
    engine::{clusters, scheduler},
    state::tables::State,
};

/// First version in which a copy setting names a zone.
const BY_ZONE: &str = "2024-08-05";

pub(crate) fn get(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let cluster = lookup::dedicated(call, state)?;
        Ok(ApiResponse::ok(view(call, cluster, find(state, cluster)?)))
    })
}

pub(crate) fn update(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let changes: Changes = call.body()?;
    call.store.write(|state| {
        let cluster = lookup::dedicated(call, state)?.clone();
        clusters::refuse_deleted(&cluster)?;
        let before = find(state, &cluster)?.clone();
        let mut schedule = before.clone();
        changes.apply(call, state, &cluster, &mut schedule)?;
        refuse_weakening(call, state, &cluster, &before, &schedule)?;
        changes.refuse_impossible_items(&cluster, &schedule)?;
        changes.apply_to_snapshots(call, state, &cluster, &before, &schedule)?;
        let answer = ApiResponse::ok(view(call, &cluster, &schedule));
        state.schedules.insert(cluster.id, cluster.id, schedule);
        scheduler::start_following(state, cluster.id, call.now.max(cluster.ready));
        Ok(answer)
    })
}

pub(crate) fn delete(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.write(|state| {
        let cluster = lookup::dedicated(call, state)?.clone();
        clusters::refuse_deleted(&cluster)?;
        let before = find(state, &cluster)?.clone();
        let mut schedule = before.clone();
        schedule.policy = state.new_id(call.now);
        schedule.items.clear();
        schedule.copy_settings.clear();
        (schedule.auto_copy, schedule.auto_export, schedule.export) = (false, false, None);
        refuse_weakening(call, state, &cluster, &before, &schedule)?;
        let answer = ApiResponse::ok(view(call, &cluster, &schedule));
        state.schedules.insert(cluster.id, cluster.id, schedule);
        scheduler::invalidate_plan(state);
        Ok(answer)
    })
}

fn find<'s>(state: &'s State, cluster: &Cluster) -> Result<&'s Schedule, ApiError> {
    state.schedules.get_below(cluster.id, cluster.id).ok_or_else(|| {
        let (name, project) = (cluster.name.as_str(), cluster.project.to_string());
        let detail = format!("{name} has no backup schedule.");
        BACKUP_CONFIG_NOT_FOUND.error(detail).parameter(name).parameter(project)
    })
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
    omit_nulls(json!({
        "autoCopySettingsEnabled": (by_zone && schedule.auto_copy).then_some(true),
        "autoExportEnabled": schedule.auto_export,
        "clusterId": cluster.id.to_string(),
        "clusterName": cluster.name,
        "copyPolicyItemsEnabled": schedule.copy_policy_items,
        "copySettings": copies,
        "export": schedule.export,
        "extraRetentionSettings": (!schedule.extra_retention.is_empty()).then_some(&schedule.extra_retention),
        // The second link points to an older interface, as in the service.
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
