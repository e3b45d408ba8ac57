//! Atlas roles and the permissions of a set of roles.
//!
//! The curated document names the roles of an operation in words. Keys have roles by their API names. Both are read
//! into one list, which is generated from all official operations. No key can hold a role that is not in the list.
//! Three rules go beyond the document: an organization owner may do everything, a project owner everything in the
//! project, and every project role includes reading the project.

use std::{fmt, str::FromStr};

use crate::domain::error::ApiError;

macro_rules! roles {
    ($($name:ident = $text:literal,)*) => {
        /// A role of API keys and service accounts.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Role {
            $(#[doc = concat!("`", $text, "`")] $name,)*
        }

        impl Role {
            const ALL: &[Role] = &[$(Role::$name,)*];

            /// Its name in the API, such as `GROUP_READ_ONLY`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Role::$name => $text,)*
                }
            }
        }
    };
}

include!("../embedded/roles.rs");

impl Role {
    fn is_of_projects(self) -> bool {
        self.as_str().starts_with("GROUP_")
    }

    /// Whether this role includes `wanted`.
    fn includes(self, wanted: Role) -> bool {
        match self {
            _ if self == wanted => true,
            Role::OrgOwner => true,
            Role::GroupOwner => wanted.is_of_projects(),
            Role::GroupBackupManager if wanted == Role::GroupBackupCreator => true,
            Role::GroupBackupManager if wanted == Role::GroupBackupRecoveryOperator => true,
            Role::OrgReadOnly | Role::OrgStreamProcessingAdmin => {
                matches!(wanted, Role::GroupReadOnly | Role::OrgMember | Role::OrgReadOnly)
            }
            _ if self.is_of_projects() => wanted == Role::GroupReadOnly,
            _ => wanted == Role::OrgMember,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    /// Parses both spellings, `GROUP_READ_ONLY` and `Project Read Only`.
    fn from_str(text: &str) -> Result<Self, String> {
        let name = text.trim().to_ascii_uppercase().replace([' ', '-'], "_");
        let name = name.replace("ORGANIZATION_", "ORG_").replace("PROJECT_", "GROUP_");
        let known = Role::ALL.iter().copied().find(|role| role.as_str() == name);
        known.ok_or_else(|| format!("unknown role {text:?}"))
    }
}

/// Access of a key, a service account or a token. Default: everything, as the owner of the organization.
///
/// ```
/// use atlas_backup_emulator::{Access, Role};
///
/// let reader = Access::with([Role::GroupReadOnly]);
/// assert_eq!(reader, "GROUP_READ_ONLY".parse().unwrap());
/// let owner_of_one = Access::default().in_project("32b6e34b3d91647abb20e7b8");
/// assert_eq!(owner_of_one, "@32b6e34b3d91647abb20e7b8".parse().unwrap());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Access {
    roles: Vec<Role>,
    project: Option<String>,
}

impl Default for Access {
    fn default() -> Self {
        Self::with([Role::OrgOwner])
    }
}

impl Access {
    /// Access of these roles. Project roles apply to every project unless limited to one.
    pub fn with(roles: impl IntoIterator<Item = Role>) -> Self {
        Self { roles: roles.into_iter().collect(), project: None }
    }

    /// Limits it to the project with this id. An organization owner then counts as project owner.
    pub fn in_project(mut self, id: impl Into<String>) -> Self {
        for role in &mut self.roles {
            if *role == Role::OrgOwner {
                *role = Role::GroupOwner;
            }
        }
        self.project = Some(id.into());
        self
    }

    /// Whether lists contain the project with this id.
    pub(crate) fn sees(&self, project: &str) -> bool {
        self.project.as_deref().is_none_or(|own| own == project)
            && self.roles.iter().any(|role| role.includes(Role::GroupReadOnly))
    }

    /// Permits a call of an operation that requires one of these roles, on the project with this id if its path names
    /// one. `open` means that no role is required.
    ///
    /// # Errors
    /// 401 if it is not permitted, as in the service.
    pub(crate) fn permit(&self, takes: &[Role], open: bool, project: Option<&str>) -> Result<(), ApiError> {
        if let Some(other) = project.filter(|id| self.project.as_deref().is_some_and(|own| own != *id)) {
            return Err(ApiError::not_in_group(other));
        }
        let allowed = takes.iter().any(|wanted| self.roles.iter().any(|role| role.includes(*wanted)));
        if allowed || open || (takes.is_empty() && self.roles.contains(&Role::OrgOwner)) {
            return Ok(());
        }
        let names = takes.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" or ");
        Err(ApiError::forbidden(if names.is_empty() { "ORG_OWNER" } else { &names }))
    }
}

impl FromStr for Access {
    type Err = String;

    /// Parses `ROLE,ROLE@PROJECT`. Both parts may be omitted.
    fn from_str(text: &str) -> Result<Self, String> {
        let (roles, project) = text.split_once('@').map_or((text, None), |(roles, project)| (roles, Some(project)));
        let roles = roles.split(',').filter(|name| !name.trim().is_empty()).map(str::parse);
        let roles = roles.collect::<Result<Vec<Role>, _>>()?;
        let access = if roles.is_empty() { Access::default() } else { Access::with(roles) };
        Ok(match project {
            Some("") => return Err("invalid access: expected a project ID after the @".to_owned()),
            Some(id) => access.in_project(id),
            None => access,
        })
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;
    use crate::openapi::document::{Document, Operation};

    fn permit(access: &Access, operation: &Operation, project: Option<&str>) -> Result<(), ApiError> {
        access.permit(&operation.roles, operation.is_open(), project)
    }

    #[test]
    fn role_of_document_is_known_and_included_in_project_owner() {
        let document = Document::embedded();
        let owner = Access::with([Role::GroupOwner]);
        for operation in document.operations.iter().filter(|o| o.path.contains("{groupId}")) {
            assert!(!operation.roles.is_empty(), "{}", operation.id);
            assert!(permit(&owner, operation, Some("p")).is_ok(), "{}", operation.id);
        }
    }

    #[test]
    fn read_only_role_permits_no_write() {
        for access in ["GROUP_READ_ONLY", "ORG_READ_ONLY", "ORG_MEMBER", "GROUP_DATA_ACCESS_READ_WRITE"] {
            let access: Access = access.parse().unwrap();
            for operation in Document::embedded().operations.iter().filter(|o| o.method != Method::GET) {
                let refused = permit(&access, operation, None).unwrap_err();
                assert_eq!(refused.status, 401, "{}", operation.id);
            }
        }
    }

    #[test]
    fn role_includes_read_only_and_its_named_roles() {
        let may = |access: &str, operation: &str| {
            let operations = &Document::embedded().operations;
            let operation = operations.iter().find(|o| o.id == operation).unwrap();
            permit(&access.parse().unwrap(), operation, Some("p")).is_ok()
        };
        assert!(may("Project Backup Manager", "getGroupCluster"));
        assert!(may("GROUP_BACKUP_MANAGER", "updateGroupClusterBackupSchedule"));
        assert!(!may("GROUP_BACKUP_MANAGER", "createGroupClusterBackupExport"));
        assert!(may("GROUP_BACKUP_MANAGER,GROUP_BACKUP_EXPORT_OPERATOR", "createGroupClusterBackupExport"));
        assert!(!may("GROUP_BACKUP_MANAGER", "deleteGroupCluster"));
        assert!(may("ORG_READ_ONLY", "getGroupCluster") && !may("ORG_MEMBER", "getGroupCluster"));
        assert!(may("@p", "deleteGroupCluster") && !may("@other", "getGroupCluster"));
        assert!(may("", "deleteGroupCluster"));
    }

    #[test]
    fn project_creation_requires_organization_role() {
        let operation = Document::embedded().operations.iter().find(|o| o.id == "createGroup").unwrap();
        let may = |access: &str| permit(&access.parse().unwrap(), operation, None).is_ok();
        assert!(may("") && may("ORG_GROUP_CREATOR") && may("ORG_OWNER"));
        assert!(!may("GROUP_OWNER") && !may("@p") && !may("ORG_READ_ONLY"));
    }

    #[test]
    fn access_rejects_malformed_text() {
        for odd in ["KING", "GROUP_READ_ONLY,KING", "GROUP_READ_ONLY@"] {
            assert!(odd.parse::<Access>().is_err(), "{odd}");
        }
    }
}
