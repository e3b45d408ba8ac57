//! Restores of single databases and collections from a snapshot or a point in time.
//!
//! The request fixes the whole course: the collections found, their names in the target and their document counts.
//! While a job is `INITIALIZING`, it lists no collections. A cluster takes part in one job at a time.

use chrono::DateTime;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call, omit_nulls, stamp},
        lookup,
        paging::page,
        restores::{not_a_moment, restorable},
        snapshots,
    },
    data::set::{DataSet, IndexStrategy, Selection},
    domain::{
        clusters::Cluster,
        durations,
        error::ApiError,
        job_kind::JobKind,
        jobs::{CollectionRestore, RestoredCollection},
        refusals::{
            ATLAS_CLUSTER_RESTORE_IN_PROGRESS, ATLAS_GENERAL_ERROR,
            CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT, INVALID_COLLECTION_NAME, INVALID_DATABASE_NAME,
            INVALID_NAMESPACE, MISSING_ONE_OF_ATTRIBUTES, MISSING_ONE_OF_THREE_ATTRIBUTES,
        },
        timeline::Phase,
    },
    engine::{contents, job_failures, targets},
    state::tables::State,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RestoreRequest {
    #[serde(default)]
    databases: Vec<NamedSource>,
    #[serde(default)]
    collections: Vec<NamedSource>,
    database_suffix: Option<String>,
    collection_suffix: Option<String>,
    index_strategy: IndexStrategy,
    write_strategy: String,
    snapshot_id: Option<String>,
    oplog_ts: Option<i64>,
    oplog_inc: Option<i64>,
    point_in_time_utc_seconds: Option<i64>,
    target_cluster_name: String,
    target_group_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NamedSource {
    source_namespace: String,
    target_namespace: Option<String>,
}

impl RestoreRequest {
    /// 400 where MongoDB does not allow the name that a database or collection would get.
    fn refuse_bad_names(&self) -> Result<(), ApiError> {
        let (database_suffix, collection_suffix) = (
            self.database_suffix.as_deref().unwrap_or_default(),
            self.collection_suffix.as_deref().unwrap_or_default(),
        );
        for named in self.databases.iter().chain(&self.collections) {
            let target = named.target_namespace.as_ref().unwrap_or(&named.source_namespace);
            let (database, collection) = target.split_once('.').map_or((target.as_str(), None), |(d, c)| (d, Some(c)));
            let database = format!("{database}{database_suffix}");
            let collection = collection.map(|collection| format!("{collection}{collection_suffix}"));
            let allowed = !database.is_empty() && !database.contains(|c| "/\\. \"$*<>:|?".contains(c));
            if !allowed || database.len() > MAX_DATABASE_NAME {
                let detail = format!("MongoDB does not allow the database name {database:?}.");
                return Err(INVALID_DATABASE_NAME.error(detail).parameter(database));
            }
            let Some(collection) = collection else { continue };
            if collection.is_empty() || collection.contains(['$', '\0']) || collection.starts_with("system.") {
                let detail = format!("MongoDB does not allow the collection name {collection:?}.");
                return Err(INVALID_COLLECTION_NAME.error(detail).parameter(collection));
            }
            let namespace = format!("{database}.{collection}");
            if namespace.len() > MAX_NAMESPACE {
                let detail = format!("A namespace has at most {MAX_NAMESPACE} bytes.");
                return Err(INVALID_NAMESPACE.error(detail).parameter(namespace));
            }
        }
        Ok(())
    }
}

/// The most bytes of a database's name.
const MAX_DATABASE_NAME: usize = 63;
/// The most bytes of a database's and a collection's name with the dot between them.
const MAX_NAMESPACE: usize = 255;

/// Request fields that the job document repeats.
const ECHOED_FIELDS: [&str; 12] = [
    "collectionSuffix",
    "collections",
    "databaseSuffix",
    "databases",
    "indexStrategy",
    "oplogInc",
    "oplogTs",
    "pointInTimeUtcSeconds",
    "snapshotId",
    "targetClusterName",
    "targetGroupId",
    "writeStrategy",
];

pub(crate) fn list(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let cluster = lookup::backed_up(call, state)?;
        let jobs: Vec<_> = state.collection_restores.below(cluster.id).rev().collect();
        Ok(page(call, &jobs, |job| view(call, job)))
    })
}

pub(crate) fn get(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| Ok(ApiResponse::ok(view(call, find(call, state)?))))
}

pub(crate) fn create(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    let wanted: RestoreRequest = call.body()?;
    if wanted.databases.is_empty() && wanted.collections.is_empty() {
        let detail = "The request names neither a database nor a collection.";
        return Err(MISSING_ONE_OF_ATTRIBUTES.error(detail).parameter("databases").parameter("collections"));
    }
    wanted.refuse_bad_names()?;
    call.store.write(|state| {
        let source = lookup::backed_up(call, state)?.clone();
        let data = data(call, state, &source, &wanted)?;
        let target = targets::dedicated(state, call.now, &source, &wanted.target_group_id, &wanted.target_cluster_name);
        let target = target?.clone();
        lookup::refuse_foreign_target(call, &source, &target)?;
        let own = state.collection_restores.below(source.id).any(|job| call.now < job.timeline.ends);
        if own {
            let detail = format!("A collection restore of {} is still running.", source.name);
            let error = ATLAS_CLUSTER_RESTORE_IN_PROGRESS.error(detail);
            return Err(error.parameter(source.name.as_str()));
        }
        let id = state.new_id(call.now);
        let mut timeline = job_failures::timeline(state, JobKind::CollectionRestore, call.now);
        let selection = selection(&wanted);
        let (asked, missing) = data.select(&selection);
        // A job that does not find one of its collections restores none of them.
        timeline.fails |= !missing.is_empty() || asked.is_empty();
        let effective = if timeline.fails {
            asked.iter().map(|(_, collection)| collection.name.to_string()).collect::<Vec<_>>()
        } else {
            let overwrite = wanted.write_strategy == "OVERWRITE_EXISTING";
            let moments = (call.now, timeline.ends);
            let (found, _) =
                contents::plan_collection_restore(state, target.id, moments, id, (&data, &selection, overwrite));
            found.into_iter().map(|(_, collection)| collection.name.to_string()).collect()
        };
        let restored = asked.into_iter().zip(effective).map(|((source, collection), name)| RestoredCollection {
            source: source.to_string(),
            documents: collection.count(),
            target: Some((collection.name.to_string(), name)),
        });
        let not_found = missing.into_iter().map(|source| RestoredCollection { source, target: None, documents: 0 });
        let job = CollectionRestore {
            id,
            timeline,
            request: echoed_request(call.body.as_ref()),
            target: target.id,
            with_indexes: wanted.index_strategy != IndexStrategy::None,
            collections: restored.chain(not_found).collect(),
        };
        let answer = ApiResponse::with_status(StatusCode::CREATED, view(call, &job));
        state.collection_restores.insert(source.id, id, job);
        Ok(answer)
    })
}

/// The data from which the request takes its collections.
fn data(call: &Call<'_>, state: &State, source: &Cluster, wanted: &RestoreRequest) -> Result<DataSet, ApiError> {
    let moment = (wanted.point_in_time_utc_seconds, wanted.oplog_ts, wanted.oplog_inc);
    match (&wanted.snapshot_id, moment) {
        (Some(id), (None, None, None)) => {
            let snapshot = id.parse().ok().and_then(|id| snapshots::find_unexpired(call, state, source, id));
            let snapshot = snapshot.ok_or_else(|| ApiError::resource_not_found("snapshot", id))?;
            if snapshot.timeline.phase(call.now) != Phase::Done {
                let code = &CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT;
                let error = code.error("Only a complete snapshot can be restored.");
                return Err(error.parameter(id.as_str()));
            }
            if snapshot.fallback {
                let detail = "Collections of a fallback snapshot cannot be restored.";
                return Err(ATLAS_GENERAL_ERROR.error(detail).parameter(id.as_str()));
            }
            Ok(contents::of_snapshot(state, source.id, snapshot.timeline.begins))
        }
        (None, (Some(seconds), None, None) | (None, Some(seconds), Some(_))) => {
            restorable(call, state, source, seconds)?;
            Ok(contents::at(state, source.id, DateTime::from_timestamp(seconds, 0).unwrap_or(call.now)))
        }
        (None, (None, None, None)) => {
            let detail = "The request names neither a snapshot nor a point in time.";
            let error = MISSING_ONE_OF_THREE_ATTRIBUTES.error(detail);
            Err(error.parameter("snapshotId").parameter("pointInTimeUtcSeconds").parameter("oplogTs"))
        }
        _ => Err(not_a_moment("Give a snapshot, a second, or both halves of an oplog timestamp.")),
    }
}

fn selection(wanted: &RestoreRequest) -> Selection {
    let named = wanted.databases.iter().chain(&wanted.collections);
    Selection {
        namespaces: named.map(|n| (n.source_namespace.clone(), n.target_namespace.clone())).collect(),
        database_suffix: wanted.database_suffix.clone().unwrap_or_default(),
        collection_suffix: wanted.collection_suffix.clone().unwrap_or_default(),
        indexes: wanted.index_strategy,
    }
}

/// The request in the job document: lists and suffixes are present even if empty.
fn echoed_request(body: Option<&Value>) -> Value {
    let mut shown: Map<String, Value> = ECHOED_FIELDS
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), body?.get(*name).filter(|value| !value.is_null())?.clone())))
        .collect();
    for (name, usual) in [
        ("collectionSuffix", json!("")),
        ("collections", json!([])),
        ("databaseSuffix", json!("")),
        ("databases", json!([])),
    ] {
        shown.entry(name).or_insert(usual);
    }
    Value::Object(shown)
}

pub(crate) fn list_collections(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let job = find(call, state)?;
        let wanted = |name: &'static str| call.query.get(name);
        let fits = |document: &Value| {
            ["state", "sourceNamespace", "targetNamespace"]
                .iter()
                .all(|name| wanted(name).is_none_or(|wanted| document[*name] == wanted))
        };
        let shown =
            known_collections(call, job).map(|c| collection_view(call, job, c)).filter(fits).collect::<Vec<_>>();
        Ok(page(call, &shown, Value::clone))
    })
}

pub(crate) fn get_collection(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let job = find(call, state)?;
        let name = call.parameter("sourceNamespace");
        let collection = known_collections(call, job).find(|c| c.source == name);
        let collection = collection.ok_or_else(|| ApiError::resource_not_found("collection", name))?;
        Ok(ApiResponse::ok(collection_view(call, job, collection)))
    })
}

/// The collections that the job lists at its current stage.
fn known_collections<'j>(call: &Call<'_>, job: &'j CollectionRestore) -> impl Iterator<Item = &'j RestoredCollection> {
    let initialized = job.timeline.phase(call.now) != Phase::Queued;
    job.collections.iter().filter(move |_| initialized)
}

fn find<'s>(call: &Call<'_>, state: &'s State) -> Result<&'s CollectionRestore, ApiError> {
    let cluster = lookup::backed_up(call, state)?;
    let id = lookup::id(call, "jobId", "collection restore job")?;
    let job = state.collection_restores.get_below(cluster.id, id);
    job.ok_or_else(|| ApiError::resource_not_found("collection restore job", &id.to_string()))
}

/// Stage of a job, of its indexes and of its collections.
struct Stage {
    job: &'static str,
    indexes: &'static str,
    collections: &'static str,
    /// Percentage of copied documents.
    copied: u64,
}

fn stage(call: &Call<'_>, job: &CollectionRestore) -> Stage {
    let finalizing = job.timeline.ends - durations::COLLECTION_RESTORE_FINALIZING;
    let phase = job.timeline.phase(call.now);
    let finishing = phase == Phase::Running && call.now >= finalizing;
    let state = if finishing { "FINALIZING" } else { JobKind::CollectionRestore.state(phase) };
    let (indexes, collections, copied) = match phase {
        Phase::Queued => ("NOT_STARTED", "NOT_STARTED", 0),
        Phase::Running if finishing => ("IN_PROGRESS", state, 100),
        Phase::Running => {
            let whole = (finalizing - job.timeline.begins).num_milliseconds().max(1);
            let copied = (call.now - job.timeline.begins).num_milliseconds() * 100 / whole;
            ("NOT_STARTED", state, copied.clamp(0, 100) as u64)
        }
        Phase::Done => (state, state, 100),
        Phase::Failed => ("NOT_RESTORED", "NOT_RESTORED", 0),
    };
    Stage { job: state, indexes: if job.with_indexes { indexes } else { "NOT_RESTORED" }, collections, copied }
}

fn view(call: &Call<'_>, job: &CollectionRestore) -> Value {
    let stage = stage(call, job);
    let known = job.timeline.phase(call.now) != Phase::Queued;
    let total: u64 = job.collections.iter().map(|c| c.documents).filter(|_| known).sum();
    let restored: u64 = job.collections.iter().map(|c| c.documents * stage.copied / 100).filter(|_| known).sum();
    let failed = stage.job == "FAILED";
    let message = match job.collections.iter().all(|c| c.target.is_none()) {
        true => "Nothing of what was asked for is in the backup.",
        false => "The collections could not be restored.",
    };
    let mut document = job.request.clone();
    document["createdAt"] = stamp(job.timeline.asked).into();
    document["errorMessage"] = failed.then_some(message).into();
    document["finishedAt"] = job.timeline.ended(call.now).map(stamp).into();
    document["id"] = job.id.to_string().into();
    document["indexStatus"] = json!({"failedCollectionCount": 0, "state": stage.indexes});
    document["restoredDocuments"] = restored.into();
    document["state"] = stage.job.into();
    document["totalDocuments"] = total.into();
    omit_nulls(document)
}

fn collection_view(call: &Call<'_>, job: &CollectionRestore, collection: &RestoredCollection) -> Value {
    let stage = stage(call, job);
    let found = collection.target.is_some();
    let (asked, effective) = collection.target.clone().unzip();
    omit_nulls(json!({
        "effectiveTargetNamespace": effective,
        "indexStatus": {"failedIndexes": [], "state": if found { stage.indexes } else { "NOT_RESTORED" }},
        "restoredDocuments": collection.documents * stage.copied / 100,
        "sourceNamespace": collection.source,
        "state": if found { stage.collections } else { "NOT_FOUND" },
        "targetNamespace": asked,
        "totalDocuments": collection.documents,
    }))
}
