//! The backup compliance policy of a project.
//!
//! A project without a policy returns an empty document, not 404. Each change takes a while, and the next one is
//! refused until it is complete. A policy applies from the request on: it raises existing schedules, and the operations
//! refuse what it forbids.

use serde_json::{Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call, stamp},
        lookup,
    },
    domain::{
        clusters::{Cluster, ClusterKind},
        compliance_policy::{CompliancePolicy, PolicyChange},
        error::ApiError,
        ids::ObjectId,
        refusals::{
            BACKUP_COMPLIANCE_POLICY_SETTINGS_INVALID,
            BACKUP_POLICIES_NOT_MEETING_BACKUP_COMPLIANCE_POLICY_REQUIREMENTS,
            CANNOT_DECREASE_PIT_WINDOW_WITH_BACKUP_COMPLIANCE_POLICY, CANNOT_DISABLE_BACKUP_COMPLIANCE_POLICY,
            CANNOT_UPDATE_BACKUP_COMPLIANCE_POLICY_SETTINGS_WITH_PENDING_ACTION, Refusal,
        },
        snapshots::Frequency,
    },
    engine::{
        clusters,
        compliance::{self, Requirements},
        policy_items,
    },
    state::tables::State,
};

/// Settings of a request, each with its default.
const SETTINGS: [(&str, Option<bool>); 9] = [
    ("authorizedEmail", None),
    ("authorizedUserFirstName", None),
    ("authorizedUserLastName", None),
    ("copyProtectionEnabled", Some(false)),
    ("encryptionAtRestEnabled", Some(false)),
    ("pitEnabled", Some(false)),
    ("onDemandPolicyItem", None),
    ("scheduledPolicyItems", None),
    ("restoreWindowDays", None),
];
/// The code for schedules that do not meet a policy.
pub(crate) const REQUIREMENTS_NOT_MET: &Refusal = &BACKUP_POLICIES_NOT_MEETING_BACKUP_COMPLIANCE_POLICY_REQUIREMENTS;

/// First version in which a policy must name the authorized user.
const NAMED: &str = "2023-10-01";

pub(crate) fn get(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let project = lookup::project(call, state)?.id;
        let policy = compliance::policy(state, project, call.now);
        Ok(ApiResponse::ok(policy.map_or_else(|| json!({}), |policy| view(call, project, policy))))
    })
}

/// Replaces the whole policy.
pub(crate) fn update(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let body = call.document_body();
    let overwrite = call.query.get("overwriteBackupPolicies").is_none_or(|v| v.eq_ignore_ascii_case("true"));
    call.store.write(|state| {
        let project = lookup::project(call, state)?.id;
        let known = compliance::policy(state, project, call.now);
        refuse_while_pending(call, known)?;
        let pending = if known.is_some() { PolicyChange::Updating } else { PolicyChange::Enabling };
        let deletable = known.is_some_and(|policy| policy.deletable);
        let protected = known.filter(|policy| !policy.deletable).map(Requirements::of);
        let had_customer_keys = known.is_some_and(|policy| Requirements::of(policy).customer_keys);
        let mut settings = json!({});
        for (name, default) in SETTINGS {
            settings[name] = match (&body[name], default) {
                (Value::Null, Some(default)) => default.into(),
                (value, _) => value.clone(),
            };
        }
        number_items(call, state, &mut settings);
        let policy = CompliancePolicy { settings, changed: call.now, pending, deletable };
        let demands = Requirements::of(&policy);
        policy_items::check(&demands.items, true)?;
        refuse_impossible_window(&demands)?;
        if demands.customer_keys
            && !had_customer_keys
            && let Some(cluster) = backed_up(state, project).iter().find(|cluster| cluster.key_service().is_none())
        {
            let detail = format!("{} does not use encryption at rest with customer keys.", cluster.name);
            return Err(BACKUP_COMPLIANCE_POLICY_SETTINGS_INVALID.error(detail).parameter(cluster.name.as_str()));
        }
        if protected.as_ref().is_some_and(|protected| demands.have_shorter_window_than(protected)) {
            let detail = "The restore window can't be shortened unless the service's support allows it.";
            return Err(CANNOT_DECREASE_PIT_WINDOW_WITH_BACKUP_COMPLIANCE_POLICY.error(detail));
        }
        if protected.is_some_and(|protected| demands.are_weaker_than(&protected)) {
            let detail = "A policy can't be weakened unless the service's support allows it.";
            return Err(BACKUP_COMPLIANCE_POLICY_SETTINGS_INVALID.error(detail));
        }
        let clusters = backed_up(state, project);
        let short = |c: &&Cluster| state.schedules.get(c.id).is_none_or(|schedule| !demands.are_met_by(schedule));
        if let Some(cluster) = clusters.iter().find(short).filter(|_| !overwrite) {
            let detail = format!("The schedule of {} does less than the policy demands.", cluster.name);
            return Err(REQUIREMENTS_NOT_MET.error(detail).parameter(cluster.name.as_str()));
        }
        let answer = ApiResponse::ok(view(call, project, &policy));
        state.compliance_policies.insert(project, project, policy);
        for cluster in clusters {
            if let Some(cluster) = state.clusters.get_mut(cluster.id) {
                cluster.backup_enabled = true;
                cluster.pit_enabled |= demands.point_in_time;
                let cluster = cluster.clone();
                compliance::enforce_on_schedule(state, &cluster, call.now);
            }
        }
        Ok(answer)
    })
}

/// Disables the policy if the service's support has allowed it or nothing is left to protect.
pub(crate) fn disable(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.write(|state| {
        let project = lookup::project(call, state)?.id;
        let Some(policy) = compliance::policy(state, project, call.now).cloned() else {
            return Ok(ApiResponse::empty());
        };
        refuse_while_pending(call, Some(&policy))?;
        let former = clusters::deleted_with_backups(state, project, call.now).next().is_some();
        let protects = former || !backed_up(state, project).is_empty();
        if protects && !policy.deletable {
            let detail = "The policy protects backups, and the service's support has not allowed to disable it.";
            return Err(CANNOT_DISABLE_BACKUP_COMPLIANCE_POLICY.error(detail));
        }
        let policy = CompliancePolicy { changed: call.now, pending: PolicyChange::Disabling, ..policy };
        state.compliance_policies.insert(project, project, policy);
        Ok(ApiResponse::empty())
    })
}

/// The clusters whose backups the policy covers.
fn backed_up(state: &State, project: ObjectId) -> Vec<Cluster> {
    let governed = |c: &&Cluster| c.kind != ClusterKind::Flex && !c.is_tenant() && c.deleted.is_none();
    state.clusters.below(project).filter(governed).cloned().collect()
}

/// Continuous backup requires a restore window within the retention of the hourly snapshots.
fn refuse_impossible_window(demands: &Requirements) -> Result<(), ApiError> {
    let hourly = demands.items.iter().find(|item| item.frequency == Frequency::Hourly);
    let reaches = hourly.is_none_or(|item| demands.restore_window_days <= item.nominal_days());
    if !demands.point_in_time || (demands.restore_window_days > 0 && reaches) {
        return Ok(());
    }
    let detail = "The restore window is at least a day, and no wider than the hourly snapshots reach back.";
    Err(BACKUP_COMPLIANCE_POLICY_SETTINGS_INVALID.error(detail))
}

fn refuse_while_pending(call: &Call<'_>, policy: Option<&CompliancePolicy>) -> Result<(), ApiError> {
    if !policy.is_some_and(|policy| policy.is_pending(call.now)) {
        return Ok(());
    }
    let detail = "The compliance policy is still being changed.";
    Err(CANNOT_UPDATE_BACKUP_COMPLIANCE_POLICY_SETTINGS_WITH_PENDING_ACTION.error(detail))
}

/// Every policy item has an id. An item without one gets it here.
fn number_items(call: &Call<'_>, state: &mut State, settings: &mut Value) {
    if !settings["scheduledPolicyItems"].is_array() {
        settings["scheduledPolicyItems"] = json!([]);
    }
    if settings["restoreWindowDays"].is_null() {
        settings["restoreWindowDays"] = 0.into();
    }
    let mut number = |item: &mut Value| {
        if item.is_object() && item["id"].as_str().is_none_or(|id| id.parse::<ObjectId>().is_err()) {
            item["id"] = state.new_id(call.now).to_string().into();
        }
    };
    number(&mut settings["onDemandPolicyItem"]);
    settings["scheduledPolicyItems"].as_array_mut().into_iter().flatten().for_each(number);
}

fn view(call: &Call<'_>, project: ObjectId, policy: &CompliancePolicy) -> Value {
    let mut document = policy.settings.clone();
    document["deletable"] = policy.deletable.into();
    document["projectId"] = project.to_string().into();
    document["state"] = if policy.is_pending(call.now) { policy.pending.as_str() } else { "ACTIVE" }.into();
    document["updatedDate"] = stamp(policy.changed).into();
    document["updatedUser"] = "emulator".into();
    if call.version.date.as_str() >= NAMED {
        // A policy of the older version need not name a user.
        for name in ["authorizedUserFirstName", "authorizedUserLastName"] {
            if document[name].is_null() {
                document[name] = "".into();
            }
        }
    }
    // An absent on-demand item is null here, unlike other absent fields.
    if let Some(fields) = document.as_object_mut() {
        fields.retain(|name, value| !value.is_null() || name == "onDemandPolicyItem");
    }
    document
}
