//! The reference model: lists, and times in seconds since the start.
//!
//! It does not model schedules: scheduled snapshots are excluded from the comparison.

use atlas_backup_emulator::ORGANIZATION;
use http::Method;
use serde_json::{Value, json};

use super::Operation;

const DAY: i64 = 86_400;
/// Durations, in seconds.
const CREATING: i64 = 180;
const DELETING: i64 = 60;
const UPDATING: i64 = 60;
const RUNS_AFTER_RESUMING: i64 = 3_600;
const SNAPSHOT_QUEUED: i64 = 10;
const SNAPSHOT: i64 = 60;
const EXPORT_QUEUED: i64 = 15;
const EXPORT: i64 = 90;
const RESTORE: i64 = 120;
/// A delivered download can be fetched for so long.
const DOWNLOAD_LIFE: i64 = 3_600;
/// The most downloads of a project that run or can be fetched.
const MAX_DOWNLOADS: usize = 20;
const POLICY: i64 = 30;
const PENDING: &str = "CANNOT_UPDATE_BACKUP_COMPLIANCE_POLICY_SETTINGS_WITH_PENDING_ACTION";

#[derive(Debug, Default)]
pub(crate) struct Reference {
    pub(crate) now: i64,
    projects: Vec<Project>,
    clusters: Vec<Cluster>,
    snapshots: Vec<Snapshot>,
    restores: Vec<Job>,
    exports: Vec<Job>,
    buckets: Vec<Bucket>,
}

#[derive(Debug)]
struct Project {
    id: String,
    name: String,
    policy: Option<i64>,
}

#[derive(Debug)]
struct Cluster {
    id: String,
    project: String,
    name: String,
    created: i64,
    deleted: Option<i64>,
    paused: bool,
    resumed: Option<i64>,
    updated: Option<i64>,
}

#[derive(Debug, Clone)]
struct Snapshot {
    id: String,
    cluster: String,
    asked: i64,
    days: i64,
}

#[derive(Debug)]
struct Job {
    id: String,
    cluster: String,
    snapshot: String,
    asked: i64,
    download: bool,
    cancelled: bool,
}

#[derive(Debug)]
struct Bucket {
    id: String,
    project: String,
    name: String,
}

/// Expected outcome of an operation.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Outcome {
    Done,
    /// Status and code.
    Refused(u16, &'static str),
    /// Not modelled: the response decides.
    Either,
}

pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Value,
    pub(crate) expected: Outcome,
}

/// Maps a number to a row.
fn pick<T>(rows: impl Iterator<Item = T>, number: u8) -> Option<T> {
    let rows: Vec<T> = rows.collect();
    let count = rows.len();
    rows.into_iter().nth(usize::from(number).checked_rem(count)?)
}

impl Snapshot {
    fn is_done(&self, now: i64) -> bool {
        now >= self.asked + SNAPSHOT
    }

    fn is_kept(&self, now: i64) -> bool {
        let from = if self.is_done(now) { self.asked + SNAPSHOT } else { self.asked };
        now < from + self.days * DAY
    }
}

impl Reference {
    /// The clusters without a deletion request.
    fn standing(&self) -> impl Iterator<Item = &Cluster> {
        self.clusters.iter().filter(|c| c.deleted.is_none())
    }

    fn is_there(&self, cluster: &Cluster) -> bool {
        cluster.deleted.is_none_or(|deleted| self.now < deleted + DELETING)
    }

    fn cluster(&self, id: &str) -> Option<&Cluster> {
        self.standing().find(|c| c.id == id)
    }

    fn path(cluster: &Cluster) -> String {
        format!("/api/atlas/v2/groups/{}/clusters/{}", cluster.project, cluster.name)
    }

    fn under_policy(&self, project: &str) -> bool {
        self.projects.iter().any(|p| p.id == project && p.policy.is_some())
    }

    /// The snapshots of existing clusters, while they are kept.
    fn retained_snapshots(&self) -> impl Iterator<Item = (&Cluster, &Snapshot)> {
        self.snapshots.iter().filter(|s| s.is_kept(self.now)).filter_map(|s| Some((self.cluster(&s.cluster)?, s)))
    }

    fn is_being_restored(&self, cluster: &Cluster) -> bool {
        let writes = |r: &Job| r.cluster == cluster.id && !r.download && self.now < r.asked + RESTORE;
        self.restores.iter().any(writes)
    }

    /// What a restore of `snapshot` over its own cluster comes to.
    fn restore_over_source(&self, cluster: &Cluster, snapshot: &Snapshot) -> Outcome {
        match () {
            () if !snapshot.is_done(self.now) => {
                Outcome::Refused(409, "CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT")
            }
            () if self.now < cluster.created + CREATING => Outcome::Refused(409, "RESTORE_INITIATION_FAILED"),
            () if cluster.paused => Outcome::Refused(400, "CLUSTER_PAUSED_CANNOT_RESTORE"),
            () if self.is_being_restored(cluster) => Outcome::Refused(409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS"),
            () => Outcome::Done,
        }
    }

    /// What a download of `snapshot` comes to.
    fn download(&self, cluster: &Cluster, snapshot: &Snapshot) -> Outcome {
        let downloads = || self.restores.iter().filter(|r| r.download && !r.cancelled);
        let running = |r: &Job| self.now < r.asked + RESTORE;
        let project = |r: &Job| self.clusters.iter().any(|c| c.id == r.cluster && c.project == cluster.project);
        let live = downloads().filter(|r| project(r) && self.now < r.asked + RESTORE + DOWNLOAD_LIFE).count();
        match () {
            () if !snapshot.is_done(self.now) => Outcome::Refused(409, "CANNOT_DOWNLOAD_INCOMPLETE_SNAPSHOT"),
            () if downloads().any(|r| r.snapshot == snapshot.id && running(r)) => {
                Outcome::Refused(400, "CANNOT_DOWNLOAD_SNAPSHOT_CONCURRENTLY")
            }
            // Those of clusters that are gone are not known here.
            () if live >= MAX_DOWNLOADS => Outcome::Either,
            () => Outcome::Done,
        }
    }

    /// The request, or `None` if no item exists for it.
    pub(crate) fn request(&self, operation: &Operation) -> Option<Request> {
        use Outcome::{Done, Either, Refused};
        let request = |method, path: String, body, expected| Some(Request { method, path, body, expected });
        let now = self.now;
        match *operation {
            Operation::CreateProject { name } => {
                let name = format!("p{name}");
                let expected = if self.projects.iter().any(|p| p.name == name) {
                    Refused(409, "GROUP_ALREADY_EXISTS")
                } else {
                    Done
                };
                let body = json!({"name": name, "orgId": ORGANIZATION});
                request(Method::POST, "/api/atlas/v2/groups".to_owned(), body, expected)
            }
            Operation::DeleteProject { project } => {
                let project = pick(self.projects.iter(), project)?;
                let full = self.clusters.iter().any(|c| c.project == project.id && self.is_there(c));
                let expected = if full { Refused(409, "CANNOT_CLOSE_GROUP_ACTIVE_ATLAS_CLUSTERS") } else { Done };
                request(Method::DELETE, format!("/api/atlas/v2/groups/{}", project.id), Value::Null, expected)
            }
            Operation::CreateCluster { project, name } => {
                let (project, name) = (&pick(self.projects.iter(), project)?.id, format!("c{name}"));
                let taken = self.clusters.iter().any(|c| c.project == *project && c.name == name && self.is_there(c));
                let body = json!({
                    "name": name, "clusterType": "REPLICASET", "backupEnabled": true,
                    "replicationSpecs": [{"regionConfigs": [{
                        "providerName": "AWS", "regionName": "EU_WEST_1", "priority": 7,
                        "electableSpecs": {"instanceSize": "M10", "nodeCount": 3},
                    }]}],
                });
                let expected = if taken { Refused(400, "DUPLICATE_CLUSTER_NAME") } else { Done };
                request(Method::POST, format!("/api/atlas/v2/groups/{project}/clusters"), body, expected)
            }
            Operation::Pause { cluster, paused } => {
                let cluster = pick(self.standing(), cluster)?;
                let restored = self.is_being_restored(cluster);
                let recently = cluster.resumed.is_some_and(|at| now < at + RUNS_AFTER_RESUMING);
                let expected = match () {
                    () if restored => Refused(400, "CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE"),
                    () if paused && cluster.paused => Refused(409, "CLUSTER_ALREADY_PAUSED"),
                    () if paused && recently => Refused(400, "CANNOT_PAUSE_RECENTLY_RESUMED_CLUSTER"),
                    () => Done,
                };
                request(Method::PATCH, Self::path(cluster), json!({"paused": paused}), expected)
            }
            Operation::DeleteCluster { cluster } => {
                let cluster = pick(self.standing(), cluster)?;
                // Under a policy the outcome depends on scheduled snapshots, which the model does not have.
                let expected = if self.under_policy(&cluster.project) { Either } else { Done };
                request(Method::DELETE, Self::path(cluster), Value::Null, expected)
            }
            Operation::TakeSnapshot { cluster, days } => {
                let cluster = pick(self.standing(), cluster)?;
                let running = self.retained_snapshots().any(|(c, s)| c.id == cluster.id && !s.is_done(now));
                let expected = match () {
                    () if running => Refused(400, "UNFINISHED_ON_DEMAND_SNAPSHOT"),
                    () if self.under_policy(&cluster.project) => Either,
                    () => Done,
                };
                let body = json!({"description": "of the model", "retentionInDays": days});
                request(Method::POST, format!("{}/backup/snapshots", Self::path(cluster)), body, expected)
            }
            Operation::KeepSnapshot { snapshot, days } => {
                let (cluster, snapshot) = pick(self.retained_snapshots(), snapshot)?;
                let expected = match () {
                    () if !snapshot.is_done(now) => Refused(400, "CANNOT_MODIFY_IN_PROGRESS_SNAPSHOT_RETENTION"),
                    () if self.under_policy(&cluster.project) && i64::from(days) < snapshot.days => {
                        Refused(400, "CANNOT_DECREASE_SNAPSHOT_RETENTION_WITH_BACKUP_COMPLIANCE_POLICY")
                    }
                    () => Done,
                };
                let body = json!({"retentionUnit": "DAYS", "retentionValue": days});
                let path = format!("{}/backup/snapshots/{}", Self::path(cluster), snapshot.id);
                request(Method::PATCH, path, body, expected)
            }
            Operation::DeleteSnapshot { snapshot } => {
                let (cluster, snapshot) = pick(self.retained_snapshots(), snapshot)?;
                let expected = match () {
                    () if !snapshot.is_done(now) => Refused(400, "CANNOT_DELETE_IN_PROGRESS_SNAPSHOT"),
                    () if self.under_policy(&cluster.project) => {
                        Refused(400, "CANNOT_DELETE_SNAPSHOT_WITH_BACKUP_COMPLIANCE_POLICY")
                    }
                    () => Done,
                };
                let path = format!("{}/backup/snapshots/{}", Self::path(cluster), snapshot.id);
                request(Method::DELETE, path, Value::Null, expected)
            }
            Operation::Restore { snapshot, download } => {
                let (cluster, snapshot) = pick(self.retained_snapshots(), snapshot)?;
                let expected = if download {
                    self.download(cluster, snapshot)
                } else {
                    self.restore_over_source(cluster, snapshot)
                };
                let mut body = json!({"deliveryType": "download", "snapshotId": snapshot.id});
                if !download {
                    body["deliveryType"] = "automated".into();
                    body["targetClusterName"] = cluster.name.as_str().into();
                    body["targetGroupId"] = cluster.project.as_str().into();
                }
                request(Method::POST, format!("{}/backup/restoreJobs", Self::path(cluster)), body, expected)
            }
            Operation::CancelRestore { restore } => {
                let restores = self.restores.iter().filter(|job| !job.cancelled);
                let (cluster, job) =
                    pick(restores.filter_map(|job| Some((self.cluster(&job.cluster)?, job))), restore)?;
                let expected = match () {
                    () if !job.download => Refused(400, "CANNOT_CANCEL_AUTOMATED_RESTORE"),
                    () if now >= job.asked + RESTORE + DOWNLOAD_LIFE => Refused(400, "ALREADY_EXPIRED"),
                    () => Done,
                };
                let path = format!("{}/backup/restoreJobs/{}", Self::path(cluster), job.id);
                request(Method::DELETE, path, Value::Null, expected)
            }
            Operation::CreateBucket { project, name } => {
                let (project, name) = (&pick(self.projects.iter(), project)?.id, format!("bucket-{name}"));
                let body = json!({
                    "bucketName": name, "cloudProvider": "AWS", "iamRoleId": "66aaaaaaaaaaaaaaaaaaaaaa",
                });
                request(Method::POST, format!("/api/atlas/v2/groups/{project}/backup/exportBuckets"), body, Done)
            }
            Operation::DeleteBucket { bucket } => {
                let bucket = pick(self.buckets.iter(), bucket)?;
                let path = format!("/api/atlas/v2/groups/{}/backup/exportBuckets/{}", bucket.project, bucket.id);
                request(Method::DELETE, path, Value::Null, Done)
            }
            Operation::Export { snapshot, bucket } => {
                let (cluster, snapshot) = pick(self.retained_snapshots(), snapshot)?;
                let bucket = pick(self.buckets.iter().filter(|b| b.project == cluster.project), bucket)?;
                // Only one export of a snapshot runs at a time.
                let active = self.exports.iter().any(|e| e.snapshot == snapshot.id && now < e.asked + EXPORT);
                let refused = !snapshot.is_done(now) || active;
                let expected = if refused { Refused(400, "ATLAS_GENERAL_ERROR") } else { Done };
                let body = json!({"snapshotId": snapshot.id, "exportBucketId": bucket.id});
                request(Method::POST, format!("{}/backup/exports", Self::path(cluster)), body, expected)
            }
            Operation::Schedule { cluster, hour } => {
                let cluster = pick(self.standing(), cluster)?;
                let expected = if hour < 24 { Done } else { Refused(400, "INVALID_REFERENCE_HOUR_OF_DAY") };
                let body = json!({"referenceHourOfDay": hour});
                request(Method::PATCH, format!("{}/backup/schedule", Self::path(cluster)), body, expected)
            }
            Operation::Policy { project, on_demand_days } => {
                let project = pick(self.projects.iter(), project)?;
                let pending = project.policy.is_some_and(|changed| now < changed + POLICY);
                let item = json!({
                    "frequencyType": "ondemand", "frequencyInterval": 0,
                    "retentionUnit": "days", "retentionValue": on_demand_days,
                });
                let body = json!({
                    "authorizedEmail": "a@example.com", "authorizedUserFirstName": "A", "authorizedUserLastName": "B",
                    "onDemandPolicyItem": item, "pitEnabled": false,
                });
                let path = format!("/api/atlas/v2/groups/{}/backupCompliancePolicy", project.id);
                request(Method::PUT, path, body, if pending { Refused(400, PENDING) } else { Either })
            }
            Operation::Step { .. } | Operation::Crash | Operation::Restart | Operation::Reimport => None,
        }
    }

    /// Applies an executed operation with its response `answer`.
    pub(crate) fn happened(&mut self, operation: &Operation, answer: &Value) {
        let text = |field: &str| answer[field].as_str().unwrap_or_default().to_owned();
        let now = self.now;
        match *operation {
            Operation::CreateProject { .. } => {
                self.projects.push(Project { id: text("id"), name: text("name"), policy: None });
            }
            Operation::DeleteProject { project } => {
                let id = pick(self.projects.iter(), project).unwrap().id.clone();
                self.projects.retain(|p| p.id != id);
                self.clusters.retain(|c| c.project != id);
                self.buckets.retain(|b| b.project != id);
            }
            Operation::CreateCluster { .. } => {
                let (id, project, name) = (text("id"), text("groupId"), text("name"));
                self.clusters.push(Cluster {
                    id,
                    project,
                    name,
                    created: now,
                    deleted: None,
                    paused: false,
                    resumed: None,
                    updated: None,
                });
            }
            Operation::Pause { cluster, paused } => {
                let id = pick(self.standing(), cluster).unwrap().id.clone();
                for cluster in self.clusters.iter_mut().filter(|c| c.id == id) {
                    if cluster.paused && !paused {
                        cluster.resumed = Some(now);
                    }
                    (cluster.paused, cluster.updated) = (paused, Some(now));
                }
            }
            Operation::DeleteCluster { cluster } => {
                let id = pick(self.standing(), cluster).unwrap().id.clone();
                self.clusters.iter_mut().filter(|c| c.id == id).for_each(|c| c.deleted = Some(now));
            }
            Operation::TakeSnapshot { cluster, days } => {
                let cluster = pick(self.standing(), cluster).unwrap().id.clone();
                self.snapshots.push(Snapshot { id: text("id"), cluster, asked: now, days: i64::from(days) });
            }
            Operation::KeepSnapshot { days, .. } => {
                let id = text("id");
                self.snapshots.iter_mut().filter(|s| s.id == id).for_each(|s| s.days = i64::from(days));
            }
            Operation::DeleteSnapshot { snapshot } => {
                let id = pick(self.retained_snapshots(), snapshot).unwrap().1.id.clone();
                self.snapshots.retain(|s| s.id != id);
            }
            Operation::Restore { snapshot, download } => {
                let (cluster, snapshot) = pick(self.retained_snapshots(), snapshot).unwrap();
                let (cluster, snapshot) = (cluster.id.clone(), snapshot.id.clone());
                let id = text("id");
                self.restores.push(Job { id, cluster, snapshot, asked: now, download, cancelled: false });
            }
            Operation::CancelRestore { restore } => {
                let restores = self.restores.iter().filter(|job| !job.cancelled);
                let id = pick(restores.filter(|job| self.cluster(&job.cluster).is_some()), restore).unwrap().id.clone();
                self.restores.iter_mut().filter(|job| job.id == id).for_each(|job| job.cancelled = true);
            }
            Operation::CreateBucket { project, .. } => {
                let project = pick(self.projects.iter(), project).unwrap().id.clone();
                self.buckets.push(Bucket { id: text("_id"), project, name: text("bucketName") });
            }
            Operation::DeleteBucket { bucket } => {
                let id = pick(self.buckets.iter(), bucket).unwrap().id.clone();
                self.buckets.retain(|b| b.id != id);
            }
            Operation::Export { snapshot, .. } => {
                let (cluster, snapshot) = pick(self.retained_snapshots(), snapshot).unwrap();
                let (cluster, snapshot) = (cluster.id.clone(), snapshot.id.clone());
                let id = text("id");
                self.exports.push(Job { id, cluster, snapshot, asked: now, download: false, cancelled: false });
            }
            Operation::Policy { project, .. } => {
                let id = pick(self.projects.iter(), project).unwrap().id.clone();
                self.projects.iter_mut().filter(|p| p.id == id).for_each(|p| p.policy = Some(now));
            }
            Operation::Schedule { .. }
            | Operation::Step { .. }
            | Operation::Crash
            | Operation::Restart
            | Operation::Reimport => {}
        }
    }

    /// Whether the model tracks rows of this kind.
    pub(crate) fn knows(&self, row: &Value) -> bool {
        row["snapshotType"] != "scheduled"
    }

    /// Every list with its expected content: id or name, and one more field.
    pub(crate) fn shown(&self) -> Vec<(String, &'static str, Value)> {
        let now = self.now;
        let projects = self.projects.iter().map(|p| json!([p.id, p.name])).collect::<Vec<_>>();
        let mut shown = vec![("/api/atlas/v2/groups".to_owned(), "name", json!(projects))];
        for project in &self.projects {
            let base = format!("/api/atlas/v2/groups/{}", project.id);
            let clusters = self.clusters.iter().filter(|c| c.project == project.id && self.is_there(c));
            let state = |c: &Cluster| match c.deleted {
                Some(_) => "DELETING",
                None if now < c.created + CREATING => "CREATING",
                None if c.updated.is_some_and(|at| now < at + UPDATING) => "UPDATING",
                None => "IDLE",
            };
            let clusters = clusters.map(|c| json!([c.id, state(c)])).collect::<Vec<_>>();
            shown.push((format!("{base}/clusters"), "stateName", json!(clusters)));
            let buckets = self.buckets.iter().filter(|b| b.project == project.id);
            let buckets = buckets.map(|b| json!([b.id, b.name])).collect::<Vec<_>>();
            shown.push((format!("{base}/backup/exportBuckets"), "bucketName", json!(buckets)));
        }
        for cluster in self.standing() {
            let base = format!("{}/backup", Self::path(cluster));
            let snapshots = self.snapshots.iter().rev().filter(|s| s.cluster == cluster.id && s.is_kept(now));
            let status = |s: &Snapshot| match now - s.asked {
                age if age < SNAPSHOT_QUEUED => "queued",
                age if age < SNAPSHOT => "inProgress",
                _ => "completed",
            };
            let snapshots = snapshots.map(|s| json!([s.id, status(s)])).collect::<Vec<_>>();
            shown.push((format!("{base}/snapshots?itemsPerPage=500"), "status", json!(snapshots)));
            let exports = self.exports.iter().rev().filter(|e| e.cluster == cluster.id);
            let state = |e: &Job| match now - e.asked {
                age if age < EXPORT_QUEUED => "Queued",
                age if age < EXPORT => "InProgress",
                _ => "Successful",
            };
            let exports = exports.map(|e| json!([e.id, state(e)])).collect::<Vec<_>>();
            shown.push((format!("{base}/exports"), "state", json!(exports)));
            let restores = self.restores.iter().rev().filter(|r| r.cluster == cluster.id);
            let finished = |r: &Job| !r.download && !r.cancelled && now >= r.asked + RESTORE;
            let restores = restores.map(|r| json!([r.id, finished(r)])).collect::<Vec<_>>();
            shown.push((format!("{base}/restoreJobs"), "finishedAt", json!(restores)));
        }
        shown
    }
}

/// The id of a row and one of its fields; of an end time only whether it is set.
pub(crate) fn brief(row: &Value, field: &str) -> Value {
    let id = if row["id"].is_null() { &row["_id"] } else { &row["id"] };
    let value = if field == "finishedAt" { row[field].is_string().into() } else { row[field].clone() };
    json!([id, value])
}
