//! Database users, who log in to the clusters of a project: list, get, create, update, delete.
//!
//! Responses contain no passwords, and neither do errors and logs.

use atlas_backup_generated::types::{
    self, AuthenticationDatabase, DatabaseUserRole, DatabaseUserRoleRoleName, UserScope, UserScopeType,
};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    call::{binding::fetch_document, options::call_options, paging::List},
    model::{
        document::Acknowledged,
        documents::DatabaseUser,
        error::Result,
        ids::{ClusterName, DatabaseUserName, IntoId},
    },
    resources::projects::Project,
};

/// The database users of a project.
#[derive(Debug, Clone)]
pub struct DatabaseUsers {
    project: Project,
}

call_options!(DatabaseUsers, project);

impl Project {
    /// The database users.
    #[must_use]
    pub fn database_users(&self) -> DatabaseUsers {
        DatabaseUsers { project: self.clone() }
    }
}

/// A database user to create. Its `Debug` output hides the password.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDatabaseUser(types::DatabaseUser);

impl From<types::DatabaseUser> for NewDatabaseUser {
    fn from(document: types::DatabaseUser) -> Self {
        NewDatabaseUser(document)
    }
}

impl NewDatabaseUser {
    /// A user with a password of at least 8 characters, and without roles.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the text is not a valid name.
    pub fn with_password(name: impl IntoId<DatabaseUserName>, password: &SecretString) -> Result<Self> {
        let user = types::DatabaseUser::new(AuthenticationDatabase::Admin, "", Vec::new(), name.into_id()?);
        Ok(NewDatabaseUser(user.with_password(password.expose_secret())))
    }

    /// With a role in a database, such as `readAnyDatabase` in `admin`.
    #[must_use]
    pub fn with_role(mut self, role: impl Into<DatabaseUserRoleRoleName>, database: impl Into<String>) -> Self {
        self.0.roles.get_or_insert_default().push(DatabaseUserRole::new(database, role));
        self
    }

    /// With access to this cluster; without this, a user can log in to all clusters of the project.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the text is not a valid cluster name.
    pub fn only_on(mut self, cluster: impl IntoId<ClusterName>) -> Result<Self> {
        let scope = UserScope::new(cluster.into_id()?, UserScopeType::Cluster);
        self.0.scopes.get_or_insert_default().push(scope);
        Ok(self)
    }

    /// With an end, within a week, at which the service deletes the user.
    #[must_use]
    pub fn until(mut self, end: DateTime<Utc>) -> Self {
        self.0.delete_after_date = Some(end);
        self
    }
}

impl DatabaseUsers {
    /// Lists them (`listGroupDatabaseUsers`).
    #[doc(alias("listGroupDatabaseUsers", "listDatabaseUsers"))]
    pub fn list(&self) -> List<DatabaseUser> {
        List::over(&self.project, |project, q| {
            let (api, project) = project.parts();
            api.list_group_database_users(project, &q.of())
        })
    }

    /// Gets one by authentication database, `admin` or `$external`, and name (`getGroupDatabaseUser`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no user has this name; otherwise as every call.
    #[doc(alias("getGroupDatabaseUser", "getDatabaseUser"))]
    pub async fn get(
        &self,
        database: impl Into<AuthenticationDatabase>,
        name: impl IntoId<DatabaseUserName>,
    ) -> Result<DatabaseUser> {
        let (name, (api, project)) = (name.into_id()?, self.project.parts());
        fetch_document(api.get_group_database_user(project, database.into().as_str(), name.as_str())).await
    }

    /// Creates one (`createGroupDatabaseUser`); then [`Cluster::wait_applied`](crate::Cluster::wait_applied).
    ///
    /// ```no_run
    /// # use atlas_backup::{NewDatabaseUser, Project};
    /// # async fn example(project: Project, password: atlas_backup::SecretString) -> atlas_backup::Result<()> {
    /// let user = NewDatabaseUser::with_password("reader", &password)?.with_role("readAnyDatabase", "admin");
    /// project.database_users().create(user).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) if a user of that name exists; otherwise as every call.
    #[doc(alias("createGroupDatabaseUser", "createDatabaseUser"))]
    pub async fn create(&self, user: NewDatabaseUser) -> Result<DatabaseUser> {
        let ((api, project), mut user) = (self.project.parts(), user.0);
        user.group_id = Some(project.to_owned());
        fetch_document(api.create_group_database_user(project, &user)).await
    }

    /// Updates one (`updateGroupDatabaseUser`): gets it, passes it to `change`, and sends it complete. A password is set
    /// with its field; without one, the password stays.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no user has this name; otherwise as every call.
    #[doc(alias("updateGroupDatabaseUser", "updateDatabaseUser"))]
    pub async fn update(
        &self,
        database: impl Into<AuthenticationDatabase>,
        name: impl IntoId<DatabaseUserName>,
        change: impl FnOnce(&mut types::DatabaseUser),
    ) -> Result<DatabaseUser> {
        let (database, name) = (database.into(), name.into_id()?);
        let mut user = self.get(database.clone(), &name).await?.into_document();
        user.links = None;
        change(&mut user);
        let (api, project) = self.project.parts();
        fetch_document(api.update_group_database_user(project, database.as_str(), name.as_str(), &user)).await
    }

    /// Deletes one (`deleteGroupDatabaseUser`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no user has this name; otherwise as every call.
    #[doc(alias("deleteGroupDatabaseUser", "deleteDatabaseUser"))]
    pub async fn delete(
        &self,
        database: impl Into<AuthenticationDatabase>,
        name: impl IntoId<DatabaseUserName>,
    ) -> Result<Acknowledged> {
        let (name, (api, project)) = (name.into_id()?, self.project.parts());
        fetch_document(api.delete_group_database_user(project, database.into().as_str(), name.as_str())).await
    }
}
