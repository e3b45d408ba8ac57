//! What a handle on a cluster is, dedicated or flex: a project, a name, and nothing else.

/// Defines a handle on one cluster.
macro_rules! cluster_handle {
    ($(#[$doc:meta])* $handle:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $handle {
            project: $crate::resources::Project,
            name: $crate::ids::ClusterName,
        }

        $crate::per_call::per_call!($handle, project);

        impl $handle {
            pub(super) fn new(project: &$crate::resources::Project, name: &$crate::ids::ClusterName) -> Self {
                $handle { project: project.clone(), name: name.clone() }
            }

            /// Its name.
            #[must_use]
            pub fn name(&self) -> &$crate::ids::ClusterName {
                &self.name
            }

            /// The id of its project.
            #[must_use]
            pub fn project_id(&self) -> &$crate::ids::ProjectId {
                self.project.id()
            }

            /// Its project.
            #[must_use]
            pub fn project(&self) -> &$crate::resources::Project {
                &self.project
            }

            /// The client that this handle calls through.
            #[must_use]
            pub fn client(&self) -> &$crate::client::Client {
                self.project.client()
            }

            /// What each of its calls begins with.
            pub(crate) fn parts(&self) -> (&atlas_backup_generated::Client, &str, &str) {
                let (api, project) = self.project.parts();
                (api, project, self.name.as_str())
            }
        }
    };
}

pub(super) use cluster_handle;
