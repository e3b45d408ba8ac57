//! The project and the cluster that a request is about, read from its path.

use atlas_backup_runtime::Operation;

/// A project and a cluster, as they stand in a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Place<'p> {
    pub(crate) project: Option<&'p str>,
    pub(crate) cluster: Option<&'p str>,
}

/// The same, owned.
#[derive(Debug, Clone, Default)]
pub(crate) struct PlaceBuf {
    pub(crate) project: Option<String>,
    pub(crate) cluster: Option<String>,
}

impl<'p> Place<'p> {
    /// The place in `path`, which fills the operation's template.
    pub(crate) fn of(operation: &Operation, path: &'p str) -> Self {
        let mut place = Place::default();
        let mut before = "";
        for (name, value) in operation.path.split('/').zip(path.split('/')) {
            if name.starts_with('{') {
                match before {
                    "groups" => place.project = Some(value),
                    "clusters" | "flexClusters" | "serverless" => place.cluster = Some(value),
                    _ => {}
                }
            }
            before = name;
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::operations;

    #[test]
    fn place_is_read_where_the_template_names_it() {
        for (operation, path, project, cluster) in [
            ("getGroupClusterBackupSnapshot", "/groups/p/clusters/c/backup/snapshots/s", Some("p"), Some("c")),
            ("getGroupFlexCluster", "/groups/p/flexClusters/f", Some("p"), Some("f")),
            ("listGroupClusters", "/groups/p/clusters", Some("p"), None),
            ("listGroups", "/groups", None, None),
        ] {
            let operation = operations::find(operation).expect("an operation");
            assert_eq!(Place::of(operation, &format!("/api/atlas/v2{path}")), Place { project, cluster }, "{path}");
        }
    }
}
