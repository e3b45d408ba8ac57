//! Projects, which the service calls groups: the thing that holds clusters, buckets and policies.

use atlas_backup_generated::types;

use crate::{
    client::Client,
    entity::{Entity, one},
    error::Result,
    ids::{IntoId, ProjectId},
    paging::{List, fetch},
    per_call::per_call,
};

/// A project as the service describes it.
pub type ProjectDocument = Entity<ProjectId, types::Group>;

/// The projects that the credentials may see.
#[derive(Debug, Clone)]
pub struct Projects {
    client: Client,
}

per_call!(Projects, client);

impl Client {
    /// The projects that the credentials may see.
    #[must_use]
    pub fn projects(&self) -> Projects {
        Projects { client: self.clone() }
    }

    /// One project by its id. Nothing is asked yet.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when the text is no project id.
    pub fn project(&self, id: impl IntoId<ProjectId>) -> Result<Project> {
        Ok(Project { client: self.clone(), id: id.into_id()? })
    }
}

impl Projects {
    /// Lists them (`listGroups`).
    pub fn list(&self) -> List<ProjectDocument> {
        let client = self.client.clone();
        List::new(move |q| {
            let client = client.clone();
            async move { fetch(client.bindings().list_groups(q.include_count, q.items_per_page, q.page_num)).await }
        })
    }

    /// Describes one (`getGroup`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is none of this id, or the credentials may not
    /// see it; otherwise as every call.
    pub async fn get(&self, id: impl IntoId<ProjectId>) -> Result<ProjectDocument> {
        self.client.project(id)?.get().await
    }
}

/// One project: the way to everything in it.
#[derive(Debug, Clone)]
pub struct Project {
    client: Client,
    id: ProjectId,
}

per_call!(Project, client);

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

    /// Describes it (`getGroup`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is none of this id, or the credentials may not
    /// see it; otherwise as every call.
    pub async fn get(&self) -> Result<ProjectDocument> {
        one(self.client.bindings().get_group(self.id.as_str())).await
    }
}
