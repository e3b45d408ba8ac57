//! `generate --tags`: bindings of any tags of any document as a separate crate, on the same runtime.
//!
//! The text of the document is left out, because it is not ours to publish: each operation names its official page. A
//! construct without a rule becomes any JSON, and an operation that cannot be generated is left out; both are listed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Result, bail, ensure};
use serde_json::{Value, json};

use super::{
    emit,
    fallback::{self, keep_operations},
    manifest, surface,
};
use crate::{
    curate::{curation, names::official_page, trailer},
    files::generated,
    openapi::{
        document::Document,
        media_type,
        pointer::Pointer,
        source::Source,
        walk::{operations, operations_mut},
    },
};

/// The tests of bindings, which name no operation and no type. Paths below the crate, with their texts.
const TESTS: &[(&str, &str)] = &[
    ("calls.rs", include_str!("../../../crates/generated/tests/bindings/calls.rs")),
    ("main.rs", include_str!("../../../crates/generated/tests/bindings/main.rs")),
    ("sample.rs", include_str!("../../../crates/generated/tests/bindings/sample.rs")),
    ("table.rs", include_str!("../../../crates/generated/tests/bindings/table.rs")),
    ("trial.rs", include_str!("../../../crates/generated/tests/bindings/trial.rs")),
    ("types.rs", include_str!("../../../crates/generated/tests/bindings/types.rs")),
];
/// Before the lints that the tests allow.
const UNUSED: &str = "#![allow(dead_code, unused_imports, reason = \"a small document does not use every helper\")]\n";
/// The crate that these tests and the tables name.
const OURS: &str = "atlas_backup_generated";

/// Flags of the crate.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct SeparateArguments {
    /// Write a crate with the operations of these tags instead, separated by commas
    #[arg(long, value_name = "TAG,TAG", value_delimiter = ',', requires_all = ["upstream", "crate_name"])]
    pub(super) tags: Vec<String>,
    /// With --tags: the specification, YAML or JSON: a file or an http(s) address
    #[arg(long, value_name = "FILE|URL", requires = "tags")]
    pub(super) upstream: Option<String>,
    /// With --tags: the name of the crate
    #[arg(long = "crate", id = "crate_name", value_name = "NAME", requires = "tags")]
    pub(super) crate_name: Option<String>,
}

/// What became of a crate.
pub(crate) struct Written {
    /// The number of operation versions.
    pub(crate) versions: usize,
    /// The number of lines of the bindings.
    pub(crate) lines: usize,
    /// Operations that are left out, with the reason.
    pub(crate) failed: BTreeMap<String, String>,
    /// Constructs that became any JSON, with the reason.
    pub(crate) fallbacks: BTreeMap<Pointer, String>,
    /// Other constructs that are left out, with the reason.
    pub(crate) left_out: BTreeMap<Pointer, String>,
}

/// Runs `generate --tags`. Exit code 1 if an operation is left out.
///
/// # Errors
/// The document cannot be read, has no such tag, or the folder holds something else.
pub(super) fn run(arguments: &SeparateArguments, out: &Path) -> Result<ExitCode> {
    let (Some(upstream), Some(name)) = (&arguments.upstream, &arguments.crate_name) else {
        bail!("--tags needs --upstream and --crate");
    };
    ensure!(is_crate_name(name), "invalid crate name {name:?}: expected lower-case letters, digits, - and _");
    let tags: BTreeSet<&str> = arguments.tags.iter().map(|tag| tag.trim()).collect();
    let document = Source::read(upstream)?.parse_any()?;
    let written = write(&document, &tags, name, out)?;
    for (id, reason) in &written.failed {
        println!("left out: {id}: {reason}");
    }
    for (pointer, message) in &written.fallbacks {
        println!("any JSON at {pointer}: {message}");
    }
    for (pointer, message) in &written.left_out {
        println!("left out at {pointer}: {message}");
    }
    println!("{}: {} operation versions, {} lines", out.display(), written.versions, written.lines);
    Ok(if written.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Writes the crate `name` with the operations of `tags` into `out`. Every operation of the document has an id.
///
/// # Errors
/// The document has no such tag, or the folder holds something else.
pub(crate) fn write(document: &Document, tags: &BTreeSet<&str>, name: &str, out: &Path) -> Result<Written> {
    refuse_other_content(out)?;
    let document = selected(document, tags)?;
    let (run, failed) = fallback::without_failing_operations(&document)?;
    let title = tags.iter().copied().collect::<Vec<_>>().join(", ");
    let about = format!("Bindings of {title}, generated from an OpenAPI document");
    let source = emit::Source { curated: &run.kept, normal: &run.normal, bindings: &run.bindings };
    let (mut files, mut lines) = (BTreeMap::new(), 0);
    for (path, text) in run.files {
        lines += text.lines().count();
        // The first line of the crate's documentation names our own domain.
        let text = if path == "lib.rs" { text.replacen(emit::TITLE, &about, 1) } else { text };
        files.insert(out.join("src").join(path), text);
    }
    let library = name.replace('-', "_");
    let tests = out.join("tests/bindings");
    for (path, text) in TESTS {
        // Our own minimums are left out, and a small document does not use every helper.
        let text = text.replace("mod minimums;\n", "").replacen("#![allow(", &format!("{UNUSED}#![allow("), 1);
        files.insert(tests.join(path), text.replace(OURS, &library));
    }
    files.insert(tests.join("generated/trials.rs"), emit::trials(&source)?.replace(OURS, &library));
    files.insert(out.join("surface.txt"), surface::inventory(&source)?);
    files.insert(out.join("Cargo.toml"), manifest::text(name, &about)?);
    files.insert(out.join("README.md"), readme(name, &title, &run.kept));
    generated::write(&[&out.join("src"), &tests], &files)?;
    Ok(Written {
        versions: run.bindings.methods.len(),
        lines,
        failed,
        fallbacks: run.fallbacks,
        left_out: run.left_out,
    })
}

fn is_crate_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c))
}

/// Refuses a folder that holds something other than an earlier crate of ours.
fn refuse_other_content(out: &Path) -> Result<()> {
    let source = out.join("src");
    let present = if source.is_dir() { generated::present(&source)? } else { Vec::new() };
    let other = present.iter().find(|path| {
        let ours = |text: String| text.starts_with(emit::HEADER) || path.extension().is_some_and(|end| end == "json");
        !fs::read_to_string(path).is_ok_and(ours)
    });
    if let Some(other) = other {
        bail!("{} is not a generated file; choose another folder with --out", other.display());
    }
    Ok(())
}

/// The operations with one of the tags, without the texts of the document, each with the address of its official page.
fn selected(document: &Document, tags: &BTreeSet<&str>) -> Result<Document> {
    let of = |operation: &Value| -> BTreeSet<String> {
        operation["tags"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let known: BTreeSet<String> = operations(document).flat_map(|location| of(location.operation)).collect();
    for tag in tags {
        if !known.contains(*tag) {
            let known: Vec<_> = known.iter().map(String::as_str).collect();
            bail!("no operation has the tag {tag:?}; the document has: {}", known.join(", "));
        }
    }
    let chosen: BTreeSet<String> = operations(document)
        .filter(|location| of(location.operation).iter().any(|tag| tags.contains(tag.as_str())))
        .map(|location| location.id().to_owned())
        .collect();
    let mut document = keep_operations(document, |id| chosen.contains(id));
    curation::without_unused(&mut document)?;
    curation::strip_prose(&mut document)?;
    operations_mut(&mut document, |_, operation| {
        let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
        operation["summary"] = json!(format!("Calls the operation `{id}`"));
        // Only the Atlas Admin API has versioned media types, and its documentation a page for each operation.
        let is_versioned = |media: &str| media_type::version_of(media).is_some();
        if operation["responses"].to_string().split('"').any(is_versioned) {
            operation["description"] = json!(format!("Documentation: <{}>", official_page(&id)));
        }
    });
    trailer::append(&mut document);
    Ok(document)
}

fn readme(name: &str, title: &str, document: &Document) -> String {
    let rows: String = operations(document)
        .map(|location| {
            format!("| `{}` | `{} {}` |\n", location.id(), location.method.to_ascii_uppercase(), location.path)
        })
        .collect();
    let library = name.replace('-', "_");
    format!(
        "# {name}\n\nBindings of {title}, on `atlas-backup-runtime`. Written by `cargo xtask generate --tags`; do not edit.\n\n\
         With `atlas-backup`, the calls share its authentication, retries and rate limits:\n\n\
         ```rust,ignore\nlet client = {library}::Client::new(atlas.transport());\n```\n\n\
         | operation | request |\n|---|---|\n{rows}"
    )
}

/// Where the crate goes unless `--out` says otherwise.
pub(super) fn default_folder(arguments: &SeparateArguments) -> Option<PathBuf> {
    arguments.crate_name.as_ref().map(|name| Path::new("target").join(name))
}
