//! The command: runs everything in a staging copy, then swaps.

use std::{collections::BTreeSet, fs, path::Path, process::ExitCode};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{
    changelog::{self, CHANGELOG},
    edits, follow,
    review::Review,
    staging::{self, TestOutcome},
};
use crate::{
    curate::{
        curation::{Curated, published, use_current_names},
        spec::{DOCUMENT, SPEC, lock_date},
    },
    diff::{
        markdown::page,
        operations::compare,
        report::{Change, Compared},
    },
    files::swap::{self, Files},
    generate,
    openapi::{
        document,
        source::{PUBLISHED, Source},
        walk::{SCOPE, operations},
    },
};

/// The working folder.
const WORK: &str = "target/regenerate";

/// Flags of `cargo xtask regenerate`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The official specification, YAML or JSON: a file or an http(s) address.
    #[arg(long, value_name = "FILE|URL", default_value = PUBLISHED)]
    upstream: String,
    /// Accept the document even if it breaks users of the bindings or this project's code on top of them; the bindings'
    /// own tests must pass
    #[arg(long)]
    allow_breaking: bool,
    /// Accept a document in which entries of the curation match nothing; `cargo xtask check` reports them afterwards
    #[arg(long)]
    allow_missing: bool,
    /// Move removed operations to retired.yaml, so that the shims still know them
    #[arg(long)]
    retire: bool,
    /// Skip building and testing in the staging copy; the snapshots stay unchanged
    #[arg(long)]
    no_test: bool,
    /// Only print the changes for users, what a person has to review, and the files; build and write nothing. Exit code 1
    /// if the document would be refused
    #[arg(long)]
    dry_run: bool,
}

/// Finishes a decided swap of a killed run. Called before every command.
pub(crate) fn recover() -> Result<()> {
    if swap::recover(Path::new(""), Path::new(WORK)).context("an earlier `cargo xtask regenerate` was interrupted")? {
        eprintln!("finished the swap of an interrupted `cargo xtask regenerate`");
    }
    Ok(())
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let (root, work) = (Path::new(""), Path::new(WORK));
    let source = Source::read(&arguments.upstream)?;
    let mut upstream = source.parse()?;
    use_current_names(&mut upstream, Path::new(SPEC))?;
    let spec = work.join(SPEC);
    copy_spec(Path::new(SPEC), &spec)?;
    let committed = Path::new(SPEC).join(DOCUMENT);
    let committed = committed.exists().then(|| document::read(&committed)).transpose()?.map(|(_, document)| document);
    let changed =
        committed.as_ref().map(|committed| follow::changed_operations(committed, &upstream)).unwrap_or_default();
    follow_in(&spec, &changed, committed.as_ref(), &upstream, arguments.retire)?;

    let curated = Curated::of(&source, upstream, &spec)?;
    let new = Compared { name: source.name.clone(), date: curated.date.clone() };
    let old = Compared { name: "the committed document".to_owned(), date: lock_date(&Path::new(SPEC).join(DOCUMENT)) };
    let before = committed.clone().unwrap_or_else(|| serde_json::json!({}));
    let served = served_changes(&before, &curated.document);
    let report = compare((&published(&before), old), (&published(&curated.document), new));
    let breaking: Vec<&Change> = report.changes.iter().filter(|change| change.breaking).collect();
    if !breaking.is_empty() && !arguments.allow_breaking {
        for change in &breaking {
            let (id, words) = (&change.operation_id, change.break_words());
            eprintln!("{} {id}: {} ({words})", change.kind, change.message);
        }
        eprintln!(
            "{} changes would break users of the bindings; nothing was changed; accept them with --allow-breaking{}",
            breaking.len(),
            if changed.removed.is_empty() || arguments.retire {
                "."
            } else {
                ", or keep removed operations with --retire"
            }
        );
    }
    let output = generate::command::committed(&curated.text, &curated.official, &spec)?;
    let unmatched = [curated.unmatched.as_slice(), &output.unmatched].concat();
    let is_incomplete = !unmatched.is_empty() && !arguments.allow_missing;
    if is_incomplete {
        unmatched.iter().for_each(|entry| eprintln!("{entry}"));
        eprintln!(
            "entries of the curation that match nothing in this document: {}; nothing was changed; correct or delete \
             them, or keep them with --allow-missing.",
            unmatched.len()
        );
    }
    let is_refused = is_incomplete || !breaking.is_empty() && !arguments.allow_breaking;
    if is_refused && !arguments.dry_run {
        return Ok(ExitCode::from(1));
    }

    let mut files = Files::new();
    for (name, text) in curated.files() {
        files.insert(Path::new(SPEC).join(name), Some(text.to_owned().into_bytes()));
    }
    // The files of the curation, some of which follow the document.
    for path in staging::tree(&spec)? {
        let path = Path::new(SPEC).join(path);
        files.entry(path.clone()).or_insert(Some(fs::read(work.join(&path))?));
    }
    files.extend(output.files);
    if !report.changes.is_empty()
        && let Ok(text) = fs::read_to_string(CHANGELOG)
    {
        files.insert(CHANGELOG.into(), Some(changelog::with_entry(&text, &report).into_bytes()));
    }
    files.retain(|path, bytes| fs::read(path).ok() != *bytes);
    let (undescribed, retire) = (curated.undescribed.as_slice(), arguments.retire);
    let review = Review { changed: &changed, retire, unmatched: &unmatched, undescribed, served: &served };
    if arguments.dry_run {
        print!("{}\n## To review\n\n{}", page(&report), review.text());
        println!("\n## Files\n\n{} files would change:", files.len());
        files.keys().for_each(|path| println!("- {}", path.display()));
        return Ok(if is_refused { ExitCode::from(1) } else { ExitCode::SUCCESS });
    }
    if files.is_empty() {
        println!("no changes: everything is current with {}", source.name);
        print!("{}", review.text());
        return Ok(ExitCode::SUCCESS);
    }
    let mut behind = None;
    if !arguments.no_test {
        let copy = work.join("tree");
        staging::copy(Path::new("."), &copy, &files)?;
        match staging::test(Path::new("."), &copy, &work.join("build"))? {
            TestOutcome::Pass(snapshots) => files.extend(snapshots),
            TestOutcome::OnlyBindings(log) => {
                let failed = staging::failed(&log)?;
                ensure!(
                    arguments.allow_breaking,
                    "the bindings pass their tests, but what is built on them does not; nothing was changed. {} says \
                     why, the copy is in {}; --allow-breaking takes the document all the same:\n{failed}",
                    log.display(),
                    copy.display()
                );
                behind = Some((log, failed));
            }
        }
    }
    swap::swap(root, work, &files)?;
    print!("{}\n## To review\n\n{}", page(&report), review.text());
    if let Some((log, failed)) = behind {
        println!("- hand-written code must follow the bindings ({}):\n{failed}", log.display());
    }
    println!("- {} files changed: read their diff, then run `cargo xtask check`", files.len());
    Ok(ExitCode::SUCCESS)
}

/// The ids of changed operations that are not in the bindings.
fn served_changes(before: &Value, after: &Value) -> Vec<String> {
    let served = |document: &Value| {
        let served = operations(document).filter(|location| location.operation.get(SCOPE).is_some());
        served.map(|location| location.id().to_owned()).collect::<BTreeSet<_>>()
    };
    let served: BTreeSet<String> = served(before).union(&served(after)).cloned().collect();
    let report = compare((before, Compared::default()), (after, Compared::default()));
    let changed = report.changes.into_iter().flat_map(|change| change.operations);
    let changed: BTreeSet<String> = changed.map(|operation| operation.operation_id).collect();
    served.intersection(&changed).cloned().collect()
}

/// A copy of the curation for editing.
fn copy_spec(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to).with_context(|| format!("cannot clear {}", to.display()))?;
    }
    for path in staging::tree(from)? {
        staging::put(&to.join(&path), &fs::read(from.join(&path))?)?;
    }
    Ok(())
}

/// Writes renames and, if requested, removals into the copy of the curation.
fn follow_in(
    spec: &Path,
    changed: &follow::ChangedOperations,
    committed: Option<&Value>,
    upstream: &Value,
    retire: bool,
) -> Result<()> {
    let edit = |name: &str, edit: &dyn Fn(&str) -> Result<String>| -> Result<()> {
        let path = spec.join(name);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        fs::write(&path, edit(&text)?).with_context(|| format!("cannot write {}", path.display()))
    };
    for (old, new) in &changed.renamed {
        edit("former-names.toml", &|text| follow::rename(text, old, new))?;
    }
    edits::follow(spec, changed, upstream)?;
    if let (true, false, Some(committed)) = (retire, changed.removed.is_empty(), committed) {
        edit("retired.yaml", &|text| follow::retire(text, committed, upstream, changed))?;
    }
    Ok(())
}
