//! Organizations, to which projects belong. Read only: nothing about backups is kept there.

use atlas_backup_generated::types;

use crate::{
    client::Client,
    entity::Entity,
    ids::OrganizationId,
    paging::{List, fetch},
    per_call::per_call,
};

/// An organization as the service describes it.
pub type Organization = Entity<OrganizationId, types::AtlasOrganization>;

/// The organizations that the credentials may see.
#[derive(Debug, Clone)]
pub struct Organizations {
    client: Client,
}

per_call!(Organizations, client);

impl Client {
    /// The organizations that the credentials may see.
    #[must_use]
    pub fn organizations(&self) -> Organizations {
        Organizations { client: self.clone() }
    }
}

impl Organizations {
    /// Lists them (`listOrgs`).
    pub fn list(&self) -> List<Organization> {
        let client = self.client.clone();
        List::new(move |q| {
            let client = client.clone();
            async move { fetch(client.bindings().list_orgs(q.include_count, q.items_per_page, None, q.page_num)).await }
        })
    }
}
