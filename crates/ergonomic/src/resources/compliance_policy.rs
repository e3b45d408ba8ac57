//! The backup compliance policy of a project: minimum requirements for its backups, which the project's users cannot
//! weaken.
//!
//! The service replaces a policy as a whole, so an update changes the current policy and sends all of it, including
//! undocumented fields. Only read-only fields are omitted.

use atlas_backup_generated::queries::UpdateGroupBackupCompliancePolicyQuery;
use atlas_backup_generated::types::DataProtectionSettings;
use atlas_backup_runtime::Pending;

use crate::{
    call::{
        binding::{fetch_changed, fetch_document},
        options::call_options,
        wait::{Itself, Outcome, Wait},
    },
    model::{
        document::Acknowledged,
        documents::CompliancePolicyDocument,
        entity::{convert_document, value_of},
        error::Result,
        states::HasState as _,
    },
    resources::projects::Project,
};

/// Fields that only the service sets.
pub(super) const READ_ONLY: [&str; 4] = ["deletable", "state", "updatedDate", "updatedUser"];

/// The backup compliance policy of a project.
#[derive(Debug, Clone)]
pub struct CompliancePolicy {
    project: Project,
}

call_options!(CompliancePolicy, project);

impl Project {
    /// The backup compliance policy.
    #[must_use]
    pub fn compliance_policy(&self) -> CompliancePolicy {
        CompliancePolicy { project: self.clone() }
    }
}

impl CompliancePolicy {
    /// Gets it (`getGroupBackupCompliancePolicy`). Without a policy the document is empty, including its `state`.
    ///
    /// # Errors
    /// As every call.
    #[doc(alias("getGroupBackupCompliancePolicy", "getCompliancePolicy", "getDataProtectionSettings"))]
    pub async fn get(&self) -> Result<CompliancePolicyDocument> {
        fetch_document(ask(&self.project)).await
    }

    /// Updates it, or creates the first one (`updateGroupBackupCompliancePolicy`): gets the current policy, passes it
    /// to `change`, and sends all of it. Without changes nothing is sent and the current policy is returned.
    /// **Schedules that do not comply are overwritten.** Then [`wait`](Self::wait): until then the service refuses the
    /// next change.
    ///
    /// ```no_run
    /// # async fn example(project: atlas_backup::Project) -> atlas_backup::Result<()> {
    /// project.compliance_policy().update(|policy| policy.pit_enabled = Some(true)).await?;
    /// project.compliance_policy().wait().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) while another change is under way, or when the service
    /// refuses a value; otherwise as every call.
    #[doc(alias("updateGroupBackupCompliancePolicy", "updateCompliancePolicy", "updateDataProtectionSettings"))]
    pub async fn update(&self, change: impl FnOnce(&mut DataProtectionSettings)) -> Result<CompliancePolicyDocument> {
        self.replace(None, change).await
    }

    /// Updates it as [`update`](Self::update) does, but overwrites no schedule: if one does not comply, the change is
    /// refused.
    ///
    /// # Errors
    /// As [`update`](Self::update), and if a schedule does not comply.
    pub async fn update_without_overwriting(
        &self,
        change: impl FnOnce(&mut DataProtectionSettings),
    ) -> Result<CompliancePolicyDocument> {
        self.replace(Some(false), change).await
    }

    /// Disables it (`disableGroupBackupCompliancePolicy`). MongoDB Support must allow this first.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) while a change is under way; otherwise as every call.
    #[doc(alias("disableGroupBackupCompliancePolicy", "disableCompliancePolicy", "disableDataProtectionSettings"))]
    pub async fn disable(&self) -> Result<Acknowledged> {
        let (api, project) = self.project.parts();
        fetch_document(api.disable_group_backup_compliance_policy(project)).await
    }

    /// Waits until the last change is complete and the policy is active. A project without a policy is
    /// [`ErrorKind::Failed`](crate::ErrorKind::Failed).
    pub fn wait(&self) -> Wait<CompliancePolicyDocument> {
        Wait::with_classifier(&self.project, Ok(Itself), |project, _| ask(project), classify)
    }

    /// Waits until it is disabled, after [`disable`](Self::disable).
    pub fn wait_disabled(&self) -> Wait<CompliancePolicyDocument> {
        let classify = |policy: &DataProtectionSettings| match policy.state {
            None => Outcome::Done,
            Some(_) => Outcome::Pending,
        };
        Wait::with_classifier(&self.project, Ok(Itself), |project, _| ask(project), classify)
    }

    async fn replace(
        &self,
        overwrite: Option<bool>,
        change: impl FnOnce(&mut DataProtectionSettings),
    ) -> Result<CompliancePolicyDocument> {
        let current = self.get().await?;
        let mut wanted = current.document().clone();
        change(&mut wanted);
        let body = settings(&wanted)?;
        if body == settings(current.document())? {
            return Ok(current);
        }
        let (api, project) = self.project.parts();
        let mut query = UpdateGroupBackupCompliancePolicyQuery::default();
        query.overwrite_backup_policies = overwrite;
        fetch_changed(api.update_group_backup_compliance_policy(project, &body, &query), self.get()).await
    }
}

fn ask(project: &Project) -> Pending<'_, DataProtectionSettings> {
    let (api, project) = project.parts();
    api.get_group_backup_compliance_policy(project)
}

/// The policy without read-only fields, also if their values did not fit the type.
fn settings(policy: &DataProtectionSettings) -> Result<DataProtectionSettings> {
    let mut fields = value_of(policy);
    if let Some(fields) = fields.as_object_mut() {
        fields.retain(|name, _| !READ_ONLY.contains(&name.as_str()));
    }
    convert_document(&fields)
}

/// The state of a policy for a wait. Every real policy has a state.
fn classify(policy: &DataProtectionSettings) -> Outcome {
    match policy.state {
        Some(_) => policy.job_state().into(),
        None => Outcome::Failed("the project has no compliance policy"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn policy_update_keeps_unknown_and_omits_read_only_fields() {
        let document = json!({
            "authorizedEmail": "a@example.com", "deletable": false, "invented": {"deep": [1, null]}, "projectId": "p",
            "scheduledPolicyItems": [{"id": "i", "retentionValue": 7, "invented": true}],
            "state": "ACTIVE", "updatedDate": "2026-08-10T03:40:10Z", "updatedUser": "someone"
        });
        let sent = value_of(&settings(&serde_json::from_value(document).expect("a policy")).expect("a policy"));
        let expected = json!({
            "authorizedEmail": "a@example.com", "invented": {"deep": [1, null]}, "projectId": "p",
            "scheduledPolicyItems": [{"id": "i", "retentionValue": 7, "invented": true}]
        });
        assert_eq!(sent, expected);
    }
}
