//! Legacy Backup, the predecessor of Cloud Backups. No cluster of the emulator has it.
//!
//! The operations are still served. Lists are empty, and other requests return 404.

use serde_json::Value;

use crate::{
    api::{
        call::{ApiResponse, Call},
        lookup,
        paging::page,
    },
    domain::{
        error::ApiError,
        refusals::{BACKUP_CONFIG_NOT_FOUND, CHECKPOINT_NOT_FOUND, RESTORE_JOB_NOT_FOUND, Refusal, SNAPSHOT_NOT_FOUND},
    },
};

/// For each operation, the code of its 404 and the path parameter that the error repeats. `None` for a list.
const OPERATIONS: [(&str, Option<(&Refusal, &str)>); 11] = [
    ("listGroupClusterSnapshots", None),
    ("getGroupClusterSnapshot", Some((&SNAPSHOT_NOT_FOUND, "snapshotId"))),
    ("updateGroupClusterSnapshot", Some((&SNAPSHOT_NOT_FOUND, "snapshotId"))),
    ("deleteGroupClusterSnapshot", Some((&SNAPSHOT_NOT_FOUND, "snapshotId"))),
    ("getGroupClusterSnapshotSchedule", Some((&BACKUP_CONFIG_NOT_FOUND, "clusterName"))),
    ("updateGroupClusterSnapshotSchedule", Some((&BACKUP_CONFIG_NOT_FOUND, "clusterName"))),
    ("listGroupClusterBackupCheckpoints", None),
    ("getGroupClusterBackupCheckpoint", Some((&CHECKPOINT_NOT_FOUND, "checkpointId"))),
    ("listGroupClusterRestoreJobs", None),
    ("createGroupClusterRestoreJob", Some((&BACKUP_CONFIG_NOT_FOUND, "clusterName"))),
    ("getGroupClusterRestoreJob", Some((&RESTORE_JOB_NOT_FOUND, "jobId"))),
];

/// Whether `operation` belongs to Legacy Backup.
pub(crate) fn has(operation: &str) -> bool {
    OPERATIONS.iter().any(|(id, _)| *id == operation)
}

/// Handles all of them.
pub(crate) fn answer(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let cluster = call.store.read(|state| lookup::dedicated(call, state).map(|cluster| cluster.name.clone()))?;
    let known = OPERATIONS.iter().find(|(id, _)| *id == call.operation.id);
    let Some((code, parameter)) = known.and_then(|(_, missing)| *missing) else {
        // An empty list has nothing to filter.
        let _filters = (call.query.get("batchId"), call.query.get("completed"));
        return Ok(page::<Value>(call, &[], Value::clone));
    };
    let value = call.parameter(parameter);
    let error =
        code.error(format!("{cluster} never had Legacy Backup: there is no {parameter} {value}.")).parameter(value);
    Err(if value == cluster { error } else { error.parameter(cluster) })
}
