//! The fields of a cluster handle, dedicated or flex: a project and a name.

/// Defines a handle on one cluster.
macro_rules! cluster_handle {
    ($(#[$doc:meta])* $handle:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $handle {
            project: $crate::resources::projects::Project,
            name: $crate::model::ids::ClusterName,
        }

        $crate::call::options::call_options!($handle, project, "clusterName": name);

        impl $handle {
            pub(super) fn new(project: &$crate::resources::projects::Project, name: &$crate::model::ids::ClusterName) -> Self {
                $handle { project: project.clone(), name: name.clone() }
            }

            /// Its name.
            #[must_use]
            pub fn name(&self) -> &$crate::model::ids::ClusterName {
                &self.name
            }

            /// The id of its project.
            #[must_use]
            pub fn project_id(&self) -> &$crate::model::ids::ProjectId {
                self.project.id()
            }

            /// Its project.
            #[must_use]
            pub fn project(&self) -> &$crate::resources::projects::Project {
                &self.project
            }

            /// The client that this handle calls through.
            #[must_use]
            pub fn client(&self) -> &$crate::call::client::Client {
                self.project.client()
            }

            /// The leading arguments of its calls.
            pub(crate) fn parts(&self) -> (&atlas_backup_generated::Client, &str, &str) {
                let (api, project) = self.project.parts();
                (api, project, self.name.as_str())
            }
        }
    };
}

pub(super) use cluster_handle;
