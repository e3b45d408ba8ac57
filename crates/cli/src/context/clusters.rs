//! The kind of a cluster. A command does not ask for it: it is found out, where the first call has not shown it already.

use atlas_backup::{Cluster, Error, ErrorCode, generated::types::ClusterType};

use crate::ui::exit::Outcome;

/// What a cluster is, as far as its backups are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    ReplicaSet,
    Sharded,
    Flex,
}

/// Finds out what `cluster` is.
///
/// # Errors
/// There is no such cluster, or it can't be asked for.
pub(crate) async fn kind(cluster: &Cluster) -> Outcome<Kind> {
    match cluster.get().await {
        Ok(document) => Ok(match document.cluster_type {
            Some(ClusterType::Sharded | ClusterType::Geosharded) => Kind::Sharded,
            _ => Kind::ReplicaSet,
        }),
        Err(error) if is_flex(&error) => Ok(Kind::Flex),
        Err(error) => Err(error.into()),
    }
}

/// Whether a call failed because the cluster is flex.
pub(crate) fn is_flex(error: &Error) -> bool {
    error.code() == Some(&ErrorCode::CannotUseFlexClusterInClusterApi)
}
