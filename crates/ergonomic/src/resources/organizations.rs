//! Organizations, which own projects. Read-only: they contain no backup data.

use crate::{
    call::{client::Client, options::call_options, paging::List},
    model::documents::Organization,
};
use atlas_backup_generated::queries::ListOrgsQuery;

/// The organizations that the credentials can read.
#[derive(Debug, Clone)]
pub struct Organizations {
    client: Client,
    name: Option<String>,
}

call_options!(Organizations, client);

impl Client {
    /// The organizations that the credentials can read.
    #[must_use]
    pub fn organizations(&self) -> Organizations {
        Organizations { client: self.clone(), name: None }
    }
}

impl Organizations {
    /// Only those with this name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Lists them (`listOrgs`).
    #[doc(alias("listOrgs", "listOrganizations"))]
    pub fn list(&self) -> List<Organization> {
        List::over(self, |organizations, q| {
            let mut query: ListOrgsQuery = q.of();
            query.name.clone_from(&organizations.name);
            organizations.client.bindings().list_orgs(&query)
        })
    }
}
