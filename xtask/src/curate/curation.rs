//! The whole curation: reads `spec/` and applies it to a document.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{
    alternatives, components, described,
    lock::{self, Record},
    names::FormerNames,
    overlay::{Applied, Overlay},
    prose,
    report::Report,
    retired,
    spec::{DOCUMENT, LOCK, OFFICIAL},
    stubs,
    subset::Subset,
    trailer,
};
use crate::{
    files::json,
    openapi::{
        document,
        pointer::Pointer,
        source::{Source, parse_yaml},
        walk::{OperationRef, keep_published, operations},
    },
};

/// Descriptions shared by several tags.
const SHARED: &str = "descriptions/shared.yaml";

/// A curated document before it is written.
pub(crate) struct Curated {
    /// The document.
    pub(crate) document: Value,
    /// The text of the document.
    pub(crate) text: String,
    /// The text of the lock file.
    pub(crate) lock: String,
    /// The text of the table of all official operations.
    pub(crate) official: String,
    /// The date of the document.
    pub(crate) date: Option<String>,
    /// The entries of the curation that match nothing in the official document.
    pub(crate) unmatched: Vec<String>,
    /// The items without a description.
    pub(crate) undescribed: Vec<String>,
}

impl Curated {
    /// Curates with the curation in a folder, for any revision: see `unmatched` and `undescribed`.
    pub(crate) fn of(source: &Source, upstream: Value, folder: &Path) -> Result<Self> {
        let (mut curated, report) = Self::curate(source, upstream, folder, folder)?;
        (curated.unmatched, curated.undescribed) = report.into_missing().with_context(|| source.name.clone())?;
        Ok(curated)
    }

    pub(super) fn curate_into(
        source: &Source,
        upstream: Value,
        curation: &Path,
        out: &Path,
        allow_missing: bool,
    ) -> Result<Self> {
        let (curated, report) = Self::curate(source, upstream, curation, out)?;
        report.finish(allow_missing).with_context(|| source.name.clone())?;
        Ok(curated)
    }

    fn curate(source: &Source, upstream: Value, curation: &Path, out: &Path) -> Result<(Self, Report)> {
        let curation = Curation::read(curation)?;
        let day = date(source, &out.join(LOCK));
        let revision = upstream.pointer("/info/x-xgen-sha").cloned().unwrap_or(Value::Null);
        let mut named = upstream.clone();
        curation.former.use_current_names(&mut named);
        let official = official(&named);
        let mut report = Report::default();
        let reduced = curation.reduce(upstream, &mut report).with_context(|| source.name.clone())?;
        let Reduced { document, shared, actions } = reduced;
        described::check(&document, &shared).into_iter().for_each(|finding| report.undescribed(finding));
        let text = json::text(&document)?;
        let record =
            Record { source, date: &day, revision: &revision, document: &text, official: &official, actions: &actions };
        let lock = record.text()?;
        let (date, unmatched, undescribed) = (day.as_str().map(str::to_owned), Vec::new(), Vec::new());
        Ok((Self { document, text, lock, official, date, unmatched, undescribed }, report))
    }

    /// The texts to write, by file name.
    pub(crate) fn files(&self) -> [(&'static str, &str); 3] {
        [(DOCUMENT, &self.text), (LOCK, &self.lock), (OFFICIAL, &self.official)]
    }
}

/// Stubs of all missing descriptions, as an overlay called `title`. Empty if none is missing.
pub(crate) fn stubs(upstream: Value, folder: &Path, title: &str) -> Result<Option<String>> {
    let mut report = Report::default();
    let document = Curation::read(folder)?.reduce(upstream, &mut report)?.document;
    report.finish(true)?;
    let missing = described::missing(&document);
    Ok((!missing.is_empty()).then(|| stubs::skeleton(&document, &missing, title)))
}

/// One line per operation of the official document: method, path template, id and roles, separated by tabs.
fn official(document: &Value) -> String {
    let line = |location: OperationRef<'_>| {
        let roles = location.texts("x-rolesRequirements").into_iter().collect::<Vec<_>>().join(", ");
        format!("{}\t{}\t{}\t{roles}\n", location.method.to_ascii_uppercase(), location.path, location.id())
    };
    operations(document).map(line).collect()
}

/// The part of a curated document for bindings: without operations that only the emulator serves.
pub(crate) fn published(document: &Value) -> Value {
    let mut published = document.clone();
    keep_published(&mut published);
    components::prune(&mut published, &mut Report::default());
    published
}

/// Removes the components that no operation of a document needs.
///
/// # Errors
/// A reference leads nowhere.
pub(crate) fn without_unused(document: &mut Value) -> Result<()> {
    let mut report = Report::default();
    components::prune(document, &mut report);
    report.finish(false)
}

/// Removes the prose of a document fragment.
pub(crate) fn strip_prose(fragment: &mut Value) -> Result<()> {
    let mut report = Report::default();
    prose::strip(fragment, &mut report);
    report.finish(false)
}

/// The date in the lock file. It stays the same while the input is the same, so that a second run changes nothing.
fn date(source: &Source, lock: &Path) -> Value {
    let lock = fs::read(lock).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let unchanged = lock.filter(|lock| lock["sha256"] == source.digest());
    unchanged.map_or_else(|| json!(source.date), |lock| lock["date"].clone())
}

/// Findings about an existing curated document: entries of the curation without a match, missing or empty descriptions,
/// prose in files that hold structure, and edits of the files that `curate` writes.
pub(crate) fn check(folder: &Path) -> Result<Vec<String>> {
    let path = folder.join(DOCUMENT);
    let (text, mut document) = document::read(&path)?;
    let curation = Curation::read(folder)?;
    let mut report = Report::default();
    // Applying the curation again changes nothing, and shows which entries match.
    retired::merge(&mut document, &curation.retired)?;
    curation.subset.select(&mut document, &curation.former, &mut report);
    curation.former.apply(&mut document, &mut report);
    components::prune(&mut document, &mut Report::default());
    let shared = curation.describe(&mut document, &mut report);
    let mut findings = described::check(&document, &shared);
    findings.extend(report.into_findings());
    if json::text(&document)? != text {
        findings.push(format!(
            "{}: not current with the other files of its folder; run `cargo xtask curate`",
            path.display()
        ));
    }
    findings.extend(lock::check(folder, &curation.overlay)?);
    let mut retired = curation.retired.clone();
    prose::strip(&mut retired, &mut Report::default());
    if retired != curation.retired {
        findings.push("retired.yaml: contains more than structure".to_owned());
    }
    Ok(findings)
}

/// Renames the operations of an older document to their current names.
pub(crate) fn use_current_names(document: &mut Value, folder: &Path) -> Result<()> {
    Curation::read(folder)?.former.use_current_names(document);
    Ok(())
}

/// Reduces an official or curated document to the operations and versions that the curation keeps.
pub(crate) fn keep_subset(document: &mut Value, folder: &Path) -> Result<()> {
    let curation = Curation::read(folder)?;
    curation.former.use_current_names(document);
    retired::merge(document, &curation.retired)?;
    curation.subset.select(document, &curation.former, &mut Report::default());
    Ok(())
}

/// The selected operations with corrections and descriptions.
struct Reduced {
    document: Value,
    /// The items that the shared descriptions reached.
    shared: Vec<Applied>,
    /// The digests of the overlay actions.
    actions: Vec<String>,
}

/// The curation files under `spec/`.
struct Curation {
    subset: Subset,
    retired: Value,
    former: FormerNames,
    overlay: Overlay,
    descriptions: Vec<Overlay>,
}

impl Curation {
    /// Reads the folder.
    fn read(folder: &Path) -> Result<Self> {
        let text = |name: &str| {
            let path = folder.join(name);
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
        };
        let mut files: Vec<PathBuf> = match fs::read_dir(folder.join("descriptions")) {
            Ok(entries) => entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?,
            Err(_) => Vec::new(),
        };
        files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
        // Shared descriptions first, so that the file of a tag can be more specific.
        files.sort_by_key(|path| (path.file_stem().is_none_or(|stem| stem != "shared"), path.clone()));
        let descriptions = files.iter().map(|path| {
            let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            Overlay::parse(&format!("descriptions/{name}"), &text, false)
        });
        Ok(Self {
            subset: Subset::parse(&text("subset.toml")?)?,
            retired: parse_yaml(&text("retired.yaml")?).context("retired.yaml")?,
            former: FormerNames::parse(&text("former-names.toml")?)?,
            overlay: Overlay::parse("overlay.yaml", &text("overlay.yaml")?, true)?,
            descriptions: descriptions.collect::<Result<_>>()?,
        })
    }

    /// The whole way from the official document to the curated one.
    fn reduce(&self, mut document: Value, report: &mut Report) -> Result<Reduced> {
        self.former.use_current_names(&mut document);
        retired::merge(&mut document, &self.retired)?;
        self.subset.select(&mut document, &self.former, report);
        FormerNames::refuse_twins(&document, report);
        components::prune(&mut document, report);
        prose::strip(&mut document, report);
        alternatives::admit_overlaps(&mut document["components"]);
        self.former.apply(&mut document, report);
        let mut curated = base_document(&document);
        let actions = self.overlay.apply(&mut curated, report);
        let actions = actions.into_iter().filter_map(|applied| applied.digest).collect();
        components::prune(&mut curated, report);
        let shared = self.describe(&mut curated, report);
        Ok(Reduced { document: curated, shared, actions })
    }

    /// Applies the descriptions and the facts derived from them. Returns the items that the shared descriptions
    /// reached.
    fn describe(&self, document: &mut Value, report: &mut Report) -> Vec<Applied> {
        let (mut shared, mut described) = (Vec::new(), BTreeMap::<Pointer, String>::new());
        for descriptions in &self.descriptions {
            descriptions.refuse_structure(report);
            let applied = descriptions.apply(document, report);
            // A text for many items can be refined.
            for Applied { pointers, single, .. } in applied.iter().filter(|applied| applied.describes) {
                let (Some(place), [pointer]) = (single, pointers.as_slice()) else { continue };
                if let Some(first) = described.insert(pointer.clone(), place.clone()) {
                    report.error(format!("{place}: {pointer} is described by {first} already"));
                }
            }
            if descriptions.file() == SHARED {
                shared = applied;
            }
        }
        trailer::append(document);
        shared
    }
}

/// The curated document around the official paths and components: with its own title, and nothing else of the official
/// document.
fn base_document(document: &Value) -> Value {
    let servers = document["servers"].as_array().into_iter().flatten();
    let tags: BTreeSet<&str> = operations(document)
        .flat_map(|location| location.operation["tags"].as_array().into_iter().flatten().filter_map(Value::as_str))
        .collect();
    let mut components = document["components"].clone();
    for kind in ["headers", "parameters", "responses", "schemas"] {
        components.as_object_mut().map(|kinds| kinds.entry(kind).or_insert_with(|| json!({})));
    }
    json!({
        "openapi": "3.0.3",
        "info": { "title": "MongoDB Atlas Admin API, backup domain", "version": document.pointer("/info/version") },
        "servers": servers.map(|server| json!({ "url": server["url"] })).collect::<Vec<_>>(),
        "security": document["security"],
        "tags": tags.into_iter().map(|name| json!({ "name": name })).collect::<Vec<_>>(),
        "paths": document["paths"],
        "components": components,
    })
}
