use atlas_backup::{CompliancePolicyDocument, Project, Result};

/// Requires two days of continuous backup of every cluster of a project, and waits until this
/// is in force.
pub(crate) async fn protect(project: &Project, email: &str) -> Result<CompliancePolicyDocument> {
    let policy = project.compliance_policy();
    policy
        .update(|policy| {
            // This person may ask MongoDB's support to weaken the policy later.
            policy.authorized_email = Some(email.to_owned());
            policy.authorized_user_first_name = Some("Ada".to_owned());
            policy.authorized_user_last_name = Some("Byron".to_owned());
            policy.pit_enabled = Some(true);
            policy.restore_window_days = Some(2);
        })
        .await?;
    policy.wait().await
}
