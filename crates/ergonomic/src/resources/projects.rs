//! Projects, which the API calls groups. They contain clusters, buckets and policies.

use atlas_backup_generated::queries::CreateGroupQuery;
use atlas_backup_generated::{Client as Bindings, types};

use crate::{
    call::{
        binding::{fetch_changed, fetch_document},
        client::Client,
        options::call_options,
        paging::List,
    },
    model::{
        document::Acknowledged,
        documents::{ProjectClusters, ProjectDocument},
        error::Result,
        ids::{IntoId, OrganizationId, ProjectId, UserId},
    },
};

/// The projects that the credentials can read.
#[derive(Debug, Clone)]
pub struct Projects {
    client: Client,
}

call_options!(Projects, client);

impl Client {
    /// The projects that the credentials can read.
    #[must_use]
    pub fn projects(&self) -> Projects {
        Projects { client: self.clone() }
    }

    /// One project by its id. Sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the text is not a valid project id.
    pub fn project(&self, id: impl IntoId<ProjectId>) -> Result<Project> {
        Ok(Project { client: self.clone(), id: id.into_id()? })
    }
}

/// A project to be created.
#[derive(Debug, Clone, PartialEq)]
pub struct NewProject {
    document: types::Group,
    owner: Option<UserId>,
}

impl NewProject {
    /// A project of this name in an organization.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the text is not a valid organization id.
    pub fn new(name: impl Into<String>, organization: impl IntoId<OrganizationId>) -> Result<Self> {
        Ok(types::Group::new(name, organization.into_id()?).into())
    }

    /// Sets its owner. Default: the longest-standing owner of the organization.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the text is not a valid user id.
    pub fn with_owner(mut self, user: impl IntoId<UserId>) -> Result<Self> {
        self.owner = Some(user.into_id()?);
        Ok(self)
    }

    /// Adds a tag.
    #[must_use]
    pub fn with_tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.document.tags.get_or_insert_default().push(types::ResourceTag::new(key, value));
        self
    }
}

/// For other settings.
impl From<types::Group> for NewProject {
    fn from(document: types::Group) -> Self {
        NewProject { document, owner: None }
    }
}

impl Projects {
    /// Lists them (`listGroups`).
    #[doc(alias("listGroups", "returnAllProjects", "listProjects"))]
    pub fn list(&self) -> List<ProjectDocument> {
        List::over(&self.client, |client, q| client.bindings().list_groups(&q.of()))
    }

    /// Lists them with a summary of their clusters, dedicated and flex: the whole inventory in one list
    /// (`listClusterDetails`).
    #[doc(alias("listClusterDetails", "returnAllAuthorizedClustersInAllProjects", "listClustersForAllProjects"))]
    pub fn list_with_clusters(&self) -> List<ProjectClusters> {
        List::over(&self.client, |client, q| client.bindings().list_cluster_details(&q.of()))
    }

    /// Describes one (`getGroup`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID, or the credentials may not
    /// see it; otherwise as every call.
    pub async fn get(&self, id: impl IntoId<ProjectId>) -> Result<ProjectDocument> {
        self.client.project(id)?.get().await
    }

    /// Creates one (`createGroup`). The request is retried only if it was certainly not executed.
    ///
    /// ```no_run
    /// # async fn example(atlas: atlas_backup::Client) -> atlas_backup::Result<()> {
    /// use atlas_backup::NewProject;
    ///
    /// let wanted = NewProject::new("restores", "32b6e34b3d91647abb20e7b8")?.with_tag("team", "storage");
    /// let created = atlas.projects().create(wanted).await?;
    /// let project = atlas.project(&created.id)?;
    /// # let _ = project;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) when the organization has one of this name; otherwise as
    /// every call.
    #[doc(alias("createGroup", "createOneProject", "createProject"))]
    pub async fn create(&self, project: NewProject) -> Result<ProjectDocument> {
        let mut query = CreateGroupQuery::default();
        query.project_owner_id = project.owner.as_ref().map(ToString::to_string);
        fetch_document(self.client.bindings().create_group(&project.document, &query)).await
    }
}

/// One project, and the access to its contents.
#[derive(Debug, Clone)]
pub struct Project {
    client: Client,
    id: ProjectId,
}

call_options!(Project, client, "groupId": id);

impl Project {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &ProjectId {
        &self.id
    }

    /// The client that this handle calls through.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The leading arguments of its calls.
    pub(crate) fn parts(&self) -> (&Bindings, &str) {
        (self.client.bindings(), self.id.as_str())
    }

    /// Describes it (`getGroup`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID, or the credentials may not
    /// see it; otherwise as every call.
    #[doc(alias("getGroup", "returnOneProject", "getProject"))]
    pub async fn get(&self) -> Result<ProjectDocument> {
        let (api, id) = self.parts();
        fetch_document(api.get_group(id)).await
    }

    /// Changes its name or its tags (`updateGroup`). Fields missing from `change` are kept. Tags are replaced as a
    /// whole.
    ///
    /// ```no_run
    /// # async fn example(project: atlas_backup::Project) -> atlas_backup::Result<()> {
    /// use atlas_backup::types::GroupUpdate;
    ///
    /// project.update(&GroupUpdate::new().with_name("restores of 2026")).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
    #[doc(alias("updateGroup", "updateProject"))]
    pub async fn update(&self, change: &types::GroupUpdate) -> Result<ProjectDocument> {
        let (api, id) = self.parts();
        fetch_changed(api.update_group(id, change), self.get()).await
    }

    /// Deletes it permanently (`deleteGroup`). It must have no clusters.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) while it has clusters;
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
    #[doc(alias("deleteGroup", "removeOneProject", "deleteProject"))]
    pub async fn delete(&self) -> Result<Acknowledged> {
        let (api, id) = self.parts();
        fetch_document(api.delete_group(id)).await
    }
}
