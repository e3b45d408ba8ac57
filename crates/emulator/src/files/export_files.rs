//! The files of one export, written so that a complete export is visible only as a whole.
//!
//! Files are written to a staging folder and moved as a whole. `.complete` is written last and marks a complete export.
//! A failed export leaves some files and no `.complete`, as in the service.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use chrono::SecondsFormat;
use flate2::{Compression, GzBuilder};
use serde_json::{Value, json};

use crate::{
    data::{
        dump::metadata,
        extended_json,
        file_names::file_name,
        set::{Collection, DataSet},
    },
    domain::ids::ObjectId,
    engine::{
        contents,
        exports::{self, ROOT},
    },
    files::export_layout,
    state::tables::State,
    store::atomic_file::publish,
};

/// Number of documents per file.
const CHUNK: usize = 20_000;
/// If this file exists, all other files exist.
const COMPLETE: &str = ".complete";
/// Folder of exports in progress.
const STAGING: &str = ".exporting";

/// Inputs of the files of an export.
#[derive(Debug)]
pub(crate) struct Export {
    job: ObjectId,
    bucket: String,
    prefix: String,
    fails: bool,
    data: DataSet,
    /// Names of the replica sets.
    sets: Vec<String>,
    /// Content of `.complete`, without the number of files.
    summary: Value,
}

impl Export {
    /// The export of a job, if all its inputs still exist.
    pub(crate) fn of(state: &State, id: ObjectId) -> Option<Self> {
        let job = state.export_jobs.get(id)?;
        let cluster = state.clusters.get(state.export_jobs.parent(id)?)?;
        let project = state.projects.get(cluster.project)?;
        let organization = state.organizations.get(project.organization)?;
        let begun = state.snapshots.get(job.snapshot).map_or(job.snapshot_taken, |s| s.timeline.begins);
        Some(Self {
            job: id,
            bucket: state.export_buckets.get(job.bucket)?.name.clone(),
            prefix: exports::prefix(state, cluster, job),
            fails: job.timeline.fails,
            data: contents::of_snapshot(state, cluster.id, begun),
            sets: cluster.replica_sets(),
            summary: json!({
                "orgId": organization.id.to_string(),
                "orgName": organization.name,
                "groupId": project.id.to_string(),
                "groupName": project.name,
                "clusterUniqueId": cluster.id.to_string(),
                "clusterName": cluster.name,
                "snapshotInitiationDate": job.snapshot_taken.to_rfc3339_opts(SecondsFormat::Millis, true),
                "labels": cluster.labels,
                "customData": job.custom_data,
            }),
        })
    }

    /// Writes the files below `folder`, unless they were written before.
    pub(crate) fn write(self, folder: &Path) -> io::Result<()> {
        let bucket = folder.join(export_layout::path([self.bucket.as_str()]));
        let place = bucket.join(export_layout::path(self.prefix.split('/')));
        if place.exists() {
            return Ok(());
        }
        let job = self.job.to_string();
        let staged = bucket.join(STAGING).join(export_layout::path([job.as_str()]));
        // Left by an interrupted run.
        if staged.exists() {
            fs::remove_dir_all(&staged)?;
        }
        fs::create_dir_all(&staged)?;
        let check = bucket.join(ROOT).join(".permissioncheck");
        fs::create_dir_all(bucket.join(ROOT))?;
        File::create(check)?;

        let kept = if self.fails { self.data.collections.len() / 2 } else { self.data.collections.len() };
        let mut files = 0;
        for collection in &self.data.collections[..kept] {
            files += self.collection(&staged, collection)?;
        }
        if !self.fails {
            let mut summary = self.summary;
            summary["totalFiles"] = files.into();
            fs::write(staged.join(COMPLETE), summary.to_string())?;
        }
        publish(&staged, &place)?;
        // Removed if no other export is in progress.
        let _others = fs::remove_dir(bucket.join(STAGING));
        Ok(())
    }

    /// Writes one collection and returns the number of its files.
    fn collection(&self, staged: &Path, collection: &Collection) -> io::Result<u64> {
        let name = &collection.name;
        let folder = staged.join(export_layout::path([name.database.as_str(), name.collection.as_str()]));
        fs::create_dir_all(&folder)?;
        let mut files = 1;
        for (place, set) in self.sets.iter().enumerate() {
            let shard = (self.sets.len() > 1).then_some((place, self.sets.len()));
            let mut documents = collection.documents(shard).peekable();
            let mut number = 0;
            while documents.peek().is_some() {
                let file = folder.join(format!("{}.{number}.json.gz", file_name(set)));
                write_documents(file, documents.by_ref().take(CHUNK))?;
                (number, files) = (number + 1, files + 1);
            }
        }
        fs::write(folder.join("metadata.json"), metadata(collection)?)?;
        Ok(files)
    }
}

/// One document per line, as canonical extended JSON.
fn write_documents(file: PathBuf, documents: impl Iterator<Item = bson::RawDocumentBuf>) -> io::Result<()> {
    let file = BufWriter::new(File::create_new(file)?);
    let mut encoder = GzBuilder::new().write(file, Compression::fast());
    for document in documents {
        writeln!(encoder, "{}", extended_json::text(&document)?)?;
    }
    encoder.finish()?.flush()
}
