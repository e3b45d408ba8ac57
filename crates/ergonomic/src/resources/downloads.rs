//! Downloads of snapshots: restore jobs, dedicated and flex, that provide an archive instead of changing a cluster.
//!
//! A download has its own method, so that it cannot become a restore over a cluster. It is retried only if it was
//! certainly not executed.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use atlas_backup_generated::{
    operations::GET_GROUP_CLUSTER_BACKUP_RESTORE_JOB,
    types::{
        DeliveryType, DiskBackupRestoreMember, DiskBackupSnapshotRestoreJob, FlexBackupSnapshotDownloadCreate,
        PrivateDownloadUrl,
    },
};
use serde::Serialize;

use crate::{
    archive::{
        download::Download,
        origin::{Offer, Origin, Query},
    },
    call::{binding::fetch_document, client::Client, wait::Wait},
    model::{
        documents::{FlexRestoreJob, RestoreJob},
        error::{Error, Result},
        error_kind::ErrorKind,
        ids::{ClusterName, IntoId, ProjectId, RestoreJobId, SnapshotId},
        kinds::{AnyRestore, ClusterKind},
        states::{HasState, JobState},
        subject::Subject,
    },
    resources::{any_cluster::AnyClusterHandle, flex_restores::FlexRestores, restores::Restores},
};

impl Restores {
    /// Prepares a snapshot for download (`createGroupClusterBackupRestoreJob`) without changing a cluster. The result
    /// [saves](Download::save_to) or [reads](Download::open) the archive when it is ready.
    ///
    /// The request is retried only if it was certainly not executed. If the connection breaks midway there may be a job
    /// though the call failed: list to find out, and [resume the download](Self::resume_download).
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) if the snapshot is not complete;
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if it does not exist; otherwise as every call.
    pub async fn download(&self, snapshot: impl IntoId<SnapshotId>) -> Result<Download<RestoreJob>> {
        let job = DiskBackupSnapshotRestoreJob::new(DeliveryType::Download).with_snapshot_id(snapshot.into_id()?);
        let job = self.create(&job).await?;
        Ok(self.download_from(job))
    }

    /// Resumes a download whose job exists (`getGroupClusterBackupRestoreJob`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
    pub async fn resume_download(&self, job: impl IntoId<RestoreJobId>) -> Result<Download<RestoreJob>> {
        let job = self.get(job).await?;
        Ok(self.download_from(job))
    }

    /// Resumes a download whose job was read already. Sends no request for the job if it is ready.
    pub fn download_from(&self, job: RestoreJob) -> Download<RestoreJob> {
        let (restores, id, of) = (self.clone(), job.id.clone(), job.snapshot_id.clone());
        let subject = subject_of_job(self.cluster.project_id(), self.cluster.name(), &id);
        let wait = move || restores.wait(&id);
        let offers = |job: &RestoreJob, endpoint: Option<&str>| dedicated(job, endpoint);
        download(self.cluster.client(), job, (of, subject), wait, |job| job.job_state(), offers)
    }
}

impl FlexRestores {
    /// Prepares a snapshot for download (`downloadGroupFlexClusterBackup`) without changing a cluster. The result
    /// [saves](Download::save_to) or [reads](Download::open) the archive when it is ready. Retried only as
    /// [`create`](Self::create) is.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) if the snapshot is not complete;
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if it does not exist; otherwise as every call.
    #[doc(alias("downloadGroupFlexClusterBackup", "downloadFlexBackup"))]
    pub async fn download(&self, snapshot: impl IntoId<SnapshotId>) -> Result<Download<FlexRestoreJob>> {
        let (bindings, wanted) =
            (self.cluster.client().bindings(), FlexBackupSnapshotDownloadCreate::new(snapshot.into_id()?));
        let (project, cluster) = (self.cluster.project_id().as_str(), self.cluster.name().as_str());
        let job = fetch_document(bindings.download_group_flex_cluster_backup(project, cluster, &wanted)).await?;
        Ok(self.download_from(job))
    }

    /// Resumes a download whose job exists (`getGroupFlexClusterBackupRestoreJob`).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no object has this ID; otherwise as every call.
    pub async fn resume_download(&self, job: impl IntoId<RestoreJobId>) -> Result<Download<FlexRestoreJob>> {
        let job = self.get(job).await?;
        Ok(self.download_from(job))
    }

    /// Resumes a download whose job was read already. Sends no request for the job if it is ready.
    pub fn download_from(&self, job: FlexRestoreJob) -> Download<FlexRestoreJob> {
        let (restores, id, of) = (self.clone(), job.id.clone(), job.snapshot_id.clone());
        let subject = subject_of_job(self.cluster.project_id(), self.cluster.name(), &id);
        let wait = move || restores.wait(&id);
        download(self.cluster.client(), job, (of, subject), wait, |job| job.job_state(), flex)
    }
}

impl AnyClusterHandle {
    /// Has a snapshot's data prepared for download, as [`Restores::download`] and [`FlexRestores::download`] do.
    ///
    /// # Errors
    /// As [`Restores::download`].
    pub async fn download_snapshot(&self, snapshot: impl IntoId<SnapshotId>) -> Result<Download<AnyRestore>> {
        let job: AnyRestore = match self.kind().await? {
            ClusterKind::Flex => self.flex().restores().download(snapshot).await?.into_job().into(),
            _ => self.dedicated().restores().download(snapshot).await?.into_job().into(),
        };
        Ok(self.download_from(job))
    }

    /// Resumes a download whose job was read already. Sends no request for the job if it is ready.
    pub fn download_from(&self, job: AnyRestore) -> Download<AnyRestore> {
        let (cluster, id, of) = (self.clone(), job.id().clone(), job.snapshot_id().map(str::to_owned));
        let subject = subject_of_job(self.project().id(), self.name(), &id);
        let wait = move || cluster.wait_restore(&id);
        let offers = |job: &AnyRestore, endpoint: Option<&str>| match job {
            AnyRestore::Dedicated(job) => dedicated(job, endpoint),
            AnyRestore::Flex(job) => flex(job, endpoint),
        };
        download(self.project().client(), job, (of, subject), wait, AnyRestore::state, offers)
    }
}

fn subject_of_job(project: &ProjectId, cluster: &ClusterName, job: &RestoreJobId) -> Subject {
    let path = format!("/api/atlas/v2/groups/{project}/clusters/{cluster}/backup/restoreJobs/{job}");
    Subject::of(Some(&GET_GROUP_CLUSTER_BACKUP_RESTORE_JOB), &path)
}

/// The download of a job. `wait` waits for the job, `offers` lists the archives that it names once it is done.
fn download<J>(
    client: &Client,
    job: J,
    (of, subject): (Option<String>, Subject),
    wait: impl Fn() -> Wait<J> + Send + Sync + 'static,
    state: fn(&J) -> JobState,
    offers: fn(&J, Option<&str>) -> Result<Vec<Offer>>,
) -> Download<J>
where
    J: Clone + Serialize + Send + Sync + 'static,
{
    // A finished job lists its archives already. Its URLs expire, so a second request reads the current job.
    let ready = Mutex::new(Some(job.clone()).filter(|job| state(job) == JobState::Succeeded));
    let find = move |query: Query| {
        let known = ready.lock().unwrap_or_else(PoisonError::into_inner).take();
        let wait = wait().timeout(query.patience);
        let wait = match query.interval {
            Some(interval) => wait.interval(interval),
            None => wait,
        };
        let found = async move {
            let job = match known {
                Some(job) => job,
                None => wait.await?,
            };
            offers(&job, query.endpoint.as_deref())
        };
        Box::pin(found) as _
    };
    // Another job of the same snapshot has the same data. The validator decides whether it is the same archive.
    let of = of.unwrap_or_else(|| "of an unknown snapshot".to_owned());
    let query = Query { patience: Duration::ZERO, interval: None, endpoint: None };
    Download::new(job, Origin { client: client.clone(), subject, of, find: Arc::new(find), query })
}

/// The archives of a job of a dedicated cluster: its own list, and whatever only its parts name.
fn dedicated(job: &DiskBackupSnapshotRestoreJob, endpoint: Option<&str>) -> Result<Vec<Offer>> {
    let parts = job.components.as_deref().unwrap_or_default();
    let mut urls = match endpoint {
        None => job.delivery_url.clone().unwrap_or_default(),
        Some(endpoint) => private(job.private_download_delivery_urls.as_deref(), endpoint),
    };
    let of_parts: Vec<Vec<String>> = parts
        .iter()
        .map(|part| match endpoint {
            None => part.download_url.clone().into_iter().collect(),
            Some(endpoint) => private(part.private_download_delivery_urls.as_deref(), endpoint),
        })
        .collect();
    for url in of_parts.iter().flatten() {
        if !urls.iter().any(|other| is_same(other, url)) {
            urls.push(url.clone());
        }
    }
    if let (Some(endpoint), true) = (endpoint, urls.is_empty()) {
        let lists = parts.iter().map(|part| part.private_download_delivery_urls.as_deref());
        let all = lists.chain([job.private_download_delivery_urls.as_deref()]).flatten().flatten();
        return Err(no_endpoint(endpoint, all.filter_map(|url| url.endpoint_id.as_deref()).collect()));
    }
    // Parts without URLs are in the order of the job's list.
    let is_in_order = of_parts.iter().all(Vec::is_empty) && parts.len() == urls.len();
    let shard_of = |(number, url): (usize, &String)| {
        let named = of_parts.iter().position(|urls| urls.iter().any(|other| is_same(other, url)));
        let part: &DiskBackupRestoreMember = parts.get(named.or(is_in_order.then_some(number))?)?;
        part.replica_set_name.clone()
    };
    let shards: Vec<_> = urls.iter().enumerate().map(shard_of).collect();
    Ok(urls.into_iter().zip(shards).map(|(url, shard)| Offer { url, shard }).collect())
}

fn flex(job: &FlexRestoreJob, endpoint: Option<&str>) -> Result<Vec<Offer>> {
    match endpoint {
        Some(endpoint) => Err(no_endpoint(endpoint, Vec::new())),
        None => Ok(job.snapshot_url.clone().into_iter().map(|url| Offer { url, shard: None }).collect()),
    }
}

/// The URLs that work through a private endpoint.
fn private(urls: Option<&[PrivateDownloadUrl]>, endpoint: &str) -> Vec<String> {
    let urls = urls.into_iter().flatten().filter(|url| url.endpoint_id.as_deref() == Some(endpoint));
    urls.filter_map(|url| url.delivery_url.clone()).collect()
}

/// Whether two URLs are of one archive. Signatures differ from one reading to the next.
fn is_same(one: &str, other: &str) -> bool {
    one.split('?').next() == other.split('?').next()
}

fn no_endpoint(endpoint: &str, mut offered: Vec<&str>) -> Error {
    offered.sort_unstable();
    offered.dedup();
    let offered = match offered.as_slice() {
        [] => "it has none for private endpoints".to_owned(),
        some => format!("it has them for {}", some.join(", ")),
    };
    let message = format!("the job has no delivery URL for private endpoint {endpoint}: {offered}");
    Error::new(ErrorKind::InvalidInput, message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn offers(job: serde_json::Value, endpoint: Option<&str>) -> Result<Vec<(String, Option<String>)>> {
        let job = serde_json::from_value(job).expect("a job");
        Ok(dedicated(&job, endpoint)?.into_iter().map(|offer| (offer.url, offer.shard)).collect())
    }

    fn pairs(pairs: &[(&str, Option<&str>)]) -> Vec<(String, Option<String>)> {
        pairs.iter().map(|(url, shard)| ((*url).to_owned(), shard.map(str::to_owned))).collect()
    }

    #[test]
    fn shards_are_named_by_their_parts() {
        let job = json!({
            "deliveryUrl": ["https://h/a?s=1", "https://h/b?s=1", "https://h/config?s=1"],
            "components": [
                { "downloadUrl": "https://h/b?s=2", "replicaSetName": "sh1" },
                { "downloadUrl": "https://h/a?s=2", "replicaSetName": "sh0" },
                { "downloadUrl": "https://h/c?s=2", "replicaSetName": "sh2" },
            ],
        });
        let expected = [
            ("https://h/a?s=1", Some("sh0")),
            ("https://h/b?s=1", Some("sh1")),
            ("https://h/config?s=1", None),
            ("https://h/c?s=2", Some("sh2")),
        ];
        assert_eq!(offers(job, None).expect("offers"), pairs(&expected));
        let in_order = json!({
            "deliveryUrl": ["https://h/a", "https://h/b"],
            "components": [{ "replicaSetName": "sh0" }, { "replicaSetName": "sh1" }],
        });
        let expected = [("https://h/a", Some("sh0")), ("https://h/b", Some("sh1"))];
        assert_eq!(offers(in_order, None).expect("offers"), pairs(&expected));
    }

    #[test]
    fn private_endpoint_has_its_own_urls_or_is_an_error() {
        let private = |shard| {
            json!([
                { "endpointId": "vpce-1", "deliveryUrl": format!("https://p1/{shard}") },
                { "endpointId": "vpce-2", "deliveryUrl": format!("https://p2/{shard}") },
            ])
        };
        let replica_set = json!({ "deliveryUrl": ["https://h/a"], "privateDownloadDeliveryUrls": private("a") });
        assert_eq!(offers(replica_set.clone(), Some("vpce-2")).expect("offers"), pairs(&[("https://p2/a", None)]));
        let sharded = json!({
            "deliveryUrl": ["https://h/a", "https://h/b"],
            "components": [
                { "replicaSetName": "sh0", "downloadUrl": "https://h/a", "privateDownloadDeliveryUrls": private("a") },
                { "replicaSetName": "sh1", "downloadUrl": "https://h/b", "privateDownloadDeliveryUrls": private("b") },
            ],
        });
        let expected = [("https://p1/a", Some("sh0")), ("https://p1/b", Some("sh1"))];
        assert_eq!(offers(sharded.clone(), Some("vpce-1")).expect("offers"), pairs(&expected));
        for (job, offered) in [
            (replica_set, "it has them for vpce-1, vpce-2"),
            (sharded, "it has them for vpce-1, vpce-2"),
            (json!({ "deliveryUrl": ["https://h/a"] }), "it has none for private endpoints"),
        ] {
            let error = offers(job, Some("vpce-3")).expect_err("there is none");
            assert!(error.to_string().contains("private endpoint vpce-3") && error.to_string().ends_with(offered));
        }
    }
}
