//! The cloud role of an export bucket on AWS: which one to use, and its trust policy.

use atlas_backup::{
    CloudRole, CloudRoleId,
    types::{self, AwsCloudRole},
};
use serde_json::{Value, json};

use crate::ui::exit::{Exit, Failure, Outcome};

/// A role that exists in the project.
#[derive(Debug, Clone)]
pub(super) struct Role {
    pub(super) id: CloudRoleId,
    document: AwsCloudRole,
}

impl Role {
    /// # Errors
    /// The role is on another provider.
    pub(super) fn new(role: CloudRole) -> Outcome<Self> {
        let id = role.id.clone();
        match role.into_document() {
            types::CloudRole::Aws(document) => Ok(Role { id, document: *document }),
            _ => Err(Failure::usage(
                format!("cannot use cloud role {id}: it is not a role on AWS"),
                "pass the ID of a role on AWS with `--role`, or omit the flag",
            )),
        }
    }

    /// The roles of a list that have an ID.
    pub(super) fn all(roles: &types::CloudRoleLists) -> Vec<Self> {
        let roles = roles.aws_iam_roles.iter().flatten();
        let usable = |role: &AwsCloudRole| {
            let id = CloudRoleId::new(role.role_id.clone()?).ok()?;
            Some(Role { id, document: role.clone() })
        };
        roles.filter_map(usable).collect()
    }

    /// Chooses the role with this ARN, or else the only one that waits for its authorization and is not in use.
    ///
    /// # Errors
    /// Several roles wait for their authorization.
    pub(super) fn choose(roles: &[Self], arn: Option<&str>) -> Outcome<Option<Self>> {
        if let Some(role) = roles.iter().find(|role| role.arn().is_some() && role.arn() == arn) {
            return Ok(Some(role.clone()));
        }
        let is_unused = |role: &&Self| role.document.feature_usages.iter().flatten().next().is_none();
        let waiting: Vec<_> = roles.iter().filter(|role| !role.is_authorized()).filter(is_unused).collect();
        match waiting.as_slice() {
            [] => Ok(None),
            [role] => Ok(Some((*role).clone())),
            several => {
                let ids: Vec<_> = several.iter().map(|role| role.id.as_str()).collect();
                Err(Failure::usage(
                    format!("{} cloud roles are not authorized yet: {}", ids.len(), ids.join(", ")),
                    "choose one with `--role`",
                ))
            }
        }
    }

    pub(super) fn is_authorized(&self) -> bool {
        self.document.authorized_date.is_some()
    }

    /// The ARN of the role in the AWS account, once it is authorized.
    pub(super) fn arn(&self) -> Option<&str> {
        self.document.iam_assumed_role_arn.as_deref()
    }

    /// The trust policy for the role in the AWS account: the account of Atlas may assume it with the external ID.
    ///
    /// # Errors
    /// The service did not state account and external ID.
    pub(super) fn trust_policy(&self) -> Outcome<Value> {
        let (account, id) = (&self.document.atlas_aws_account_arn, &self.document.atlas_assumed_role_external_id);
        let (Some(account), Some(external_id)) = (account, id) else {
            let message =
                format!("unexpected response: cloud role {} has no AWS account of Atlas or no external ID", self.id);
            return Err(Failure::status(Exit::Other, message));
        };
        Ok(json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": {"AWS": account},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
            }],
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: [&str; 3] = ["5e2211c17a3e5a48f5497de1", "5e2211c17a3e5a48f5497de2", "5e2211c17a3e5a48f5497de3"];

    fn roles(roles: Value) -> Vec<Role> {
        Role::all(&serde_json::from_value(json!({ "awsIamRoles": roles })).expect("roles"))
    }

    #[test]
    fn role_with_arn_or_the_only_unauthorized_role_is_chosen() {
        let authorized = json!({"providerName": "AWS", "roleId": IDS[0], "iamAssumedRoleArn": "arn:a",
            "authorizedDate": "2026-01-01T00:00:00Z"});
        let waiting = json!({"providerName": "AWS", "roleId": IDS[1]});
        let in_use =
            json!({"providerName": "AWS", "roleId": IDS[2], "featureUsages": [{"featureType": "ATLAS_DATA_LAKE"}]});
        let all = roles(json!([authorized, waiting, in_use, {"providerName": "AWS"}]));
        let chosen = |arn| Role::choose(&all, arn).expect("a choice").map(|role| role.id.to_string());
        assert_eq!(chosen(Some("arn:a")).as_deref(), Some(IDS[0]));
        assert_eq!(chosen(Some("arn:b")).as_deref(), Some(IDS[1]));
        assert_eq!(chosen(None).as_deref(), Some(IDS[1]));
        let new = Role::choose(&roles(json!([authorized, in_use])), None).expect("a choice");
        assert!(new.is_none(), "{new:?}");
        let two = roles(json!([waiting, {"providerName": "AWS", "roleId": IDS[2]}]));
        let refused = Role::choose(&two, None).expect_err("it is ambiguous").to_string();
        assert!(refused.contains(IDS[1]) && refused.contains(IDS[2]) && refused.contains("--role"), "{refused}");
    }
}
