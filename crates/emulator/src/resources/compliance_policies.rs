//! The backup compliance policy of a project.
//!
//! A project without one answers an empty document, not 404. Each change takes a while, and until it is through the next
//! one is refused. What the policy forbids is not enforced on snapshots yet.

use serde_json::{Value, json};

use super::lookup;
use crate::{
    call::{Answer, Call, stamp},
    errors::ApiError,
    records::{CompliancePolicy, PolicyChange, pace},
    state::{ObjectId, State},
};

/// What a client may set, with what it is when left out.
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

pub(super) fn get(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.store.read(|state| {
        let project = lookup::project(call, state)?.id;
        Ok(Answer::ok(find(call, state, project).map_or_else(|| json!({}), |policy| view(call, project, policy))))
    })
}

/// Replaces the policy as a whole.
pub(super) fn update(call: &Call<'_>) -> Result<Answer, ApiError> {
    let body = call.body.as_ref().unwrap_or(&Value::Null);
    call.store.write(|state| {
        let project = lookup::project(call, state)?.id;
        let known = find(call, state, project);
        refuse_while_pending(call, known)?;
        let pending = if known.is_some() { PolicyChange::Updating } else { PolicyChange::Enabling };
        let mut settings = json!({});
        for (name, default) in SETTINGS {
            settings[name] = match (&body[name], default) {
                (Value::Null, Some(default)) => default.into(),
                (value, _) => value.clone(),
            };
        }
        number_items(call, state, &mut settings);
        let policy = CompliancePolicy { settings, changed: call.now, pending };
        let answer = Answer::ok(view(call, project, &policy));
        state.compliance_policies.insert(project, project, policy);
        Ok(answer)
    })
}

/// Ends the policy. On the service this needs its support's consent, which is taken as given here.
pub(super) fn disable(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.store.write(|state| {
        let project = lookup::project(call, state)?.id;
        let known = find(call, state, project);
        refuse_while_pending(call, known)?;
        if let Some(policy) = known.cloned() {
            let policy = CompliancePolicy { changed: call.now, pending: PolicyChange::Disabling, ..policy };
            state.compliance_policies.insert(project, project, policy);
        }
        Ok(Answer::empty())
    })
}

/// The project's policy, unless it has none or no longer has one.
fn find<'s>(call: &Call<'_>, state: &'s State, project: ObjectId) -> Option<&'s CompliancePolicy> {
    let policy = state.compliance_policies.get(project)?;
    (policy.pending != PolicyChange::Disabling || is_pending(call, policy)).then_some(policy)
}

fn is_pending(call: &Call<'_>, policy: &CompliancePolicy) -> bool {
    call.now < policy.changed + pace::COMPLIANCE_POLICY_CHANGING
}

fn refuse_while_pending(call: &Call<'_>, policy: Option<&CompliancePolicy>) -> Result<(), ApiError> {
    if !policy.is_some_and(|policy| is_pending(call, policy)) {
        return Ok(());
    }
    let detail = "The compliance policy is still being changed.";
    Err(ApiError::bad_request("CANNOT_UPDATE_BACKUP_COMPLIANCE_POLICY_SETTINGS_WITH_PENDING_ACTION", detail))
}

/// Every policy item has an id; one that comes without gets it here.
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
    document["deletable"] = false.into();
    document["projectId"] = project.to_string().into();
    document["state"] = if is_pending(call, policy) { policy.pending.as_str() } else { "ACTIVE" }.into();
    document["updatedDate"] = stamp(policy.changed).into();
    document["updatedUser"] = "emulator".into();
    // An absent on-demand item is null here, unlike anything else that is absent.
    if let Some(fields) = document.as_object_mut() {
        fields.retain(|name, value| !value.is_null() || name == "onDemandPolicyItem");
    }
    document
}
