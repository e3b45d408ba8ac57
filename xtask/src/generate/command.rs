//! The command: reads the curated document and its tables, writes or compares the generated files.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::{
    emit::roles,
    pipeline::{Accepted, Curation, Unmatched, generate},
    separate::{self, SeparateArguments},
};
use crate::{
    curate::spec::OFFICIAL,
    files::{generated, lines},
    openapi::document::{self, Document},
};

/// Folder of the bindings.
const BINDINGS: &str = "crates/generated/src";
/// The emulator's copy of the curated document, inside its crate so that it can be packaged.
const EMBEDDED: &str = "crates/emulator/src/embedded/atlas-backup.openapi.json";
/// The emulator's copy of the table of official operations.
const EMBEDDED_OFFICIAL: &str = "crates/emulator/src/embedded/official-operations.tsv";
/// The list of roles known to the emulator.
const EMBEDDED_ROLES: &str = "crates/emulator/src/embedded/roles.rs";

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The curated document.
    #[arg(long, default_value = "spec/atlas-backup.openapi.json")]
    pub(super) spec: PathBuf,
    /// The folder to write the bindings, or the crate, into [default: crates/generated/src, or target/NAME for a crate]
    #[arg(long)]
    pub(super) out: Option<PathBuf>,
    /// Write nothing; list every stale file and exit with 1 if there is one
    #[arg(long, conflicts_with = "tags")]
    pub(super) check: bool,
    #[command(flatten)]
    pub(super) separate: SeparateArguments,
}

/// The part of `subset.toml` for generation.
#[derive(Debug, Default, Deserialize)]
struct Subset {
    #[serde(default)]
    accept: Vec<Accepted>,
}

/// Runs the command.
///
/// # Errors
/// Returns an error if the document cannot be read, has a residue that is not accepted, or the output cannot be
/// written.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    if !arguments.separate.tags.is_empty() {
        let out = arguments.out.clone().or_else(|| separate::default_folder(&arguments.separate));
        return separate::run(&arguments.separate, &out.context("--tags needs --crate")?);
    }
    let out = arguments.out.as_deref().unwrap_or(Path::new(BINDINGS));
    let spec = &arguments.spec;
    let (text, curated) = document::read(spec)?;
    if !curated["openapi"].as_str().is_some_and(|version| version.starts_with("3.0")) {
        bail!("{} is not an OpenAPI 3.0 document; `cargo xtask curate` writes one", spec.display());
    }
    let folder = spec.parent().unwrap_or(Path::new(""));
    let output = generate(&curated, &curation(folder)?)?;
    let unmatched = places(&output.unmatched, folder);
    if !unmatched.is_empty() && !arguments.check {
        bail!("entries of the curation that match nothing in the bindings:\n  {}", unmatched.join("\n  "));
    }
    unmatched.iter().for_each(|entry| eprintln!("{entry}"));
    let mut files: BTreeMap<PathBuf, String> =
        output.files.into_iter().map(|(path, text)| (out.join(path), text)).collect();
    if out == Path::new(BINDINGS) {
        files.insert(PathBuf::from(EMBEDDED), text);
        let official = folder.join(OFFICIAL);
        let official = fs::read_to_string(&official).with_context(|| format!("cannot read {}", official.display()))?;
        files.extend(embedded(official));
        files.extend(output.elsewhere);
    }
    let out = [out];
    if !arguments.check {
        return generated::write(&out, &files);
    }
    let code = generated::check(&out, &files, "generate")?;
    Ok(if unmatched.is_empty() { code } else { ExitCode::from(1) })
}

/// The entries without a match, each with its place in the files of the curation.
fn places(unmatched: &[Unmatched], folder: &Path) -> Vec<String> {
    let entry = |entry: &Unmatched| {
        let text = fs::read_to_string(folder.join(entry.file)).unwrap_or_default();
        format!("{}: {}", lines::location(entry.file, &text, &entry.key), entry.message)
    };
    unmatched.iter().map(entry).collect()
}

/// The part of the table of official operations that the emulator embeds.
fn embedded(official: String) -> [(PathBuf, String); 2] {
    let roles = roles::list(&official);
    [(PathBuf::from(EMBEDDED_ROLES), roles), (PathBuf::from(EMBEDDED_OFFICIAL), official)]
}

/// Reads the curation of a folder. A missing file counts as empty.
fn curation(folder: &Path) -> Result<Curation> {
    fn read<T: Default + serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
        match fs::read_to_string(path) {
            Ok(text) => toml::from_str(&text).with_context(|| path.display().to_string()),
            Err(_) => Ok(T::default()),
        }
    }
    let subset: Subset = read(&folder.join("subset.toml"))?;
    let (methods, names) = (read(&folder.join("methods.toml"))?, read(&folder.join("names.toml"))?);
    let ids = read(&folder.join("ids.toml"))?;
    Ok(Curation { accepted: subset.accept, methods, ids, names })
}

/// Every committed file generated from a curated document, with its bytes.
pub(crate) struct Committed {
    /// The files. `None` if one is no longer generated.
    pub(crate) files: BTreeMap<PathBuf, Option<Vec<u8>>>,
    /// The entries of the curation without a match, each with its place.
    pub(crate) unmatched: Vec<String>,
}

/// Generates every committed file from a curated document.
///
/// # Errors
/// Returns an error if the document has a residue that `subset.toml` in `spec` does not accept.
pub(crate) fn committed(text: &str, official: &str, spec: &Path) -> Result<Committed> {
    let curated: Document = serde_json::from_str(text).context("the curated document is not JSON")?;
    let output = generate(&curated, &curation(spec)?)?;
    let unmatched = places(&output.unmatched, spec);
    let out = Path::new(BINDINGS);
    let written = output.files.into_iter().map(|(path, text)| (out.join(path), text));
    let others = embedded(official.to_owned())
        .into_iter()
        .chain(output.elsewhere)
        .chain([(PathBuf::from(EMBEDDED), text.to_owned())]);
    let mut files: BTreeMap<PathBuf, Option<Vec<u8>>> =
        generated::present(out)?.into_iter().map(|path| (path, None)).collect();
    files.extend(written.chain(others).map(|(path, text)| (path, Some(text.into_bytes()))));
    Ok(Committed { files, unmatched })
}

/// Whether the committed bindings are current with the curated document `spec`. Lists stale files.
///
/// # Errors
/// As [`run`].
pub(crate) fn check(spec: &Path) -> Result<bool> {
    let arguments = Arguments { spec: spec.to_owned(), out: None, check: true, separate: SeparateArguments::default() };
    Ok(run(&arguments)? == ExitCode::SUCCESS)
}
