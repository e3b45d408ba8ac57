//! The IP access list of a project: the addresses from which its clusters accept connections.

use atlas_backup_generated::{queries::CreateGroupAccessListEntryQuery, types};
use atlas_backup_runtime::Pending;

use crate::{
    call::{binding::fetch_document, options::call_options, paging::List, wait::Wait},
    model::{
        document::{Acknowledged, Document},
        documents::{AccessListEntry, AccessListEntryStatus},
        error::Result,
        ids::{AccessListValue, IntoId},
    },
    resources::projects::Project,
};

/// The IP access list of a project.
#[derive(Debug, Clone)]
pub struct AccessList {
    project: Project,
}

call_options!(AccessList, project);

impl Project {
    /// The IP access list.
    #[must_use]
    pub fn access_list(&self) -> AccessList {
        AccessList { project: self.clone() }
    }
}

impl AccessList {
    /// Lists the entries (`listGroupAccessListEntries`).
    #[doc(alias("listGroupAccessListEntries", "listAccessListEntries", "listProjectIpAccessLists"))]
    pub fn list(&self) -> List<AccessListEntry> {
        List::over(&self.project, |project, q| {
            let (api, project) = project.parts();
            api.list_group_access_list_entries(project, &q.of())
        })
    }

    /// Gets an entry by its address, range or security group (`getGroupAccessListEntry`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no entry has this value; otherwise as every call.
    #[doc(alias("getGroupAccessListEntry", "getAccessListEntry", "getProjectIpList"))]
    pub async fn get(&self, entry: impl IntoId<AccessListValue>) -> Result<AccessListEntry> {
        let (entry, (api, project)) = (entry.into_id()?, self.project.parts());
        fetch_document(api.get_group_access_list_entry(project, entry.as_str())).await
    }

    /// Adds entries (`createGroupAccessListEntry`); then [`wait`](Self::wait). An entry with the same value is replaced.
    /// Returns the first page of the list after the change.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) if a value is malformed; otherwise as every call.
    #[doc(alias("createGroupAccessListEntry", "createAccessListEntry", "createProjectIpAccessList"))]
    pub async fn add(&self, entries: &[types::AccessListEntry]) -> Result<Document<types::AccessListEntryPage>> {
        let (api, project) = self.project.parts();
        let query = CreateGroupAccessListEntryQuery::default();
        fetch_document(api.create_group_access_list_entry(project, entries, &query)).await
    }

    /// Waits until an entry is in force (`getGroupAccessListStatus`).
    #[doc(alias("getGroupAccessListStatus", "getAccessListStatus", "getProjectIpAccessListStatus"))]
    pub fn wait(&self, entry: impl IntoId<AccessListValue>) -> Wait<AccessListEntryStatus> {
        Wait::over(self, entry.into_id(), ask)
    }

    /// Deletes an entry (`deleteGroupAccessListEntry`). Open connections stay open.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no entry has this value; otherwise as every call.
    #[doc(alias("deleteGroupAccessListEntry", "deleteAccessListEntry", "deleteProjectIpAccessList"))]
    pub async fn delete(&self, entry: impl IntoId<AccessListValue>) -> Result<Acknowledged> {
        let (entry, (api, project)) = (entry.into_id()?, self.project.parts());
        fetch_document(api.delete_group_access_list_entry(project, entry.as_str())).await
    }
}

fn ask<'a>(list: &'a AccessList, entry: &AccessListValue) -> Pending<'a, types::AccessListEntryStatus> {
    let (api, project) = list.project.parts();
    api.get_group_access_list_status(project, entry.as_str())
}
