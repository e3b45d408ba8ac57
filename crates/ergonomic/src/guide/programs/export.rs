use std::time::Duration;

use atlas_backup::{Client, Export, NewExportBucket, Result, SnapshotId, types::ExportBucket};

/// Exports a snapshot into an AWS bucket that the service may write to as `role`.
pub(crate) async fn export(
    atlas: &Client,
    project: &str,
    cluster: &str,
    snapshot: &SnapshotId,
    role: &str,
) -> Result<Export> {
    let project = atlas.project(project)?;

    // Registered once. The service accepts the same bucket twice, so look for it first.
    let mut buckets = project.export_buckets().list().items();
    let bucket = loop {
        match buckets.try_next().await? {
            Some(bucket) if is_ours(bucket.document()) => break bucket,
            Some(_) => {}
            None => {
                let new = NewExportBucket::aws("our-backups", role)?;
                break project.export_buckets().create(new).await?;
            }
        }
    };

    let exports = project.cluster(cluster)?.exports();
    let job = exports.create_labelled(snapshot, &bucket.id, [("reason", "audit")]).await?;
    exports.wait(&job.id).timeout(Duration::from_secs(12 * 3600)).await
}

fn is_ours(bucket: &ExportBucket) -> bool {
    matches!(bucket, ExportBucket::Aws(bucket) if bucket.bucket_name.as_deref() == Some("our-backups"))
}
