//! Names for shell completion, cached by earlier runs: projects, and the clusters of each.
//!
//! A missing or damaged cache counts as empty, and a failed write does not fail the run. Only the owner can read the
//! file. Runs against a temporary emulator do not write it.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    ffi::OsStr,
    fs,
    path::PathBuf,
};

use clap_complete::CompletionCandidate;
use serde::{Deserialize, Serialize};

use crate::ui::atomic_file;

/// Maximum number of entries per kind.
const MAX_NAMES: usize = 1000;

#[derive(Debug, Default, Serialize, Deserialize)]
struct CachedNames {
    /// Names by project ID.
    #[serde(default)]
    projects: BTreeMap<String, String>,
    /// Cluster names by project ID.
    #[serde(default)]
    clusters: BTreeMap<String, BTreeSet<String>>,
}

/// Adds projects to the cache.
pub(crate) fn remember_projects(projects: impl IntoIterator<Item = (String, String)>) {
    update(|names| names.projects.extend(projects));
}

/// Replaces the cached clusters of a project.
pub(crate) fn remember_clusters(project: &str, clusters: BTreeSet<String>) {
    update(|names| drop(names.clusters.insert(project.to_owned(), clusters)));
}

/// Completes a project ID.
pub(crate) fn projects(current: &OsStr) -> Vec<CompletionCandidate> {
    let names = read().unwrap_or_default().projects.into_iter();
    let fitting = names.filter(|(id, _)| current.to_str().is_some_and(|typed| id.starts_with(typed)));
    fitting.map(|(id, name)| CompletionCandidate::new(id).help(Some(name.into()))).collect()
}

/// Completes a cluster name, of the project in the environment or of any project.
pub(crate) fn clusters(current: &OsStr) -> Vec<CompletionCandidate> {
    let project = env::var("MONGODB_ATLAS_PROJECT_ID").ok();
    let clusters = read().unwrap_or_default().clusters.into_iter();
    let of_project = clusters.filter(|(id, _)| project.as_ref().is_none_or(|project| project == id));
    let names: BTreeSet<String> = of_project.flat_map(|(_, names)| names).collect();
    let fitting = names.into_iter().filter(|name| current.to_str().is_some_and(|typed| name.starts_with(typed)));
    fitting.map(CompletionCandidate::new).collect()
}

fn cache_file() -> Option<PathBuf> {
    let variable = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = variable("XDG_CACHE_HOME")
        .or_else(|| variable("LOCALAPPDATA"))
        .or_else(|| variable("HOME").map(|home| home.join(".cache")))?;
    Some(folder.join("atlas-backup").join("names.json"))
}

fn read() -> Option<CachedNames> {
    serde_json::from_slice(&fs::read(cache_file()?).ok()?).ok()
}

fn update(change: impl FnOnce(&mut CachedNames)) {
    let Some(file) = cache_file() else { return };
    let mut names = read().unwrap_or_default();
    change(&mut names);
    while names.projects.len() > MAX_NAMES {
        names.projects.pop_first();
    }
    while names.clusters.len() > MAX_NAMES {
        names.clusters.pop_first();
    }
    let bytes = serde_json::to_vec(&names).unwrap_or_default();
    if let Err(error) = atomic_file::write_private(&file, &bytes) {
        tracing::debug!(%error, "cannot write the completion cache");
    }
}
