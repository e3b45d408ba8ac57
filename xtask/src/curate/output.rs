//! Writing the result: sorted JSON, and all files or none.
//!
//! Every file is written beside its place first and then renamed over it, so that a reader, or a run that fails half
//! way, never sees half a file.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde_json::{Map, Value};

/// JSON with sorted keys, two spaces, and a newline at the end.
pub(crate) fn to_json(value: &Value) -> Result<String> {
    let mut text = serde_json::to_string_pretty(&sorted(value))?;
    text.push('\n');
    Ok(text)
}

/// A copy whose objects list their keys in order, whichever map `serde_json` was built with.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut entries: Vec<_> = members.iter().collect();
            entries.sort_by_key(|(key, _)| key.as_str());
            Value::Object(entries.into_iter().map(|(key, member)| (key.clone(), sorted(member))).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

/// Writes several files of one folder; no file is replaced before all have been written.
pub(crate) fn write_all(folder: &Path, files: &[(&str, String)]) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("can't create {}", folder.display()))?;
    let mut ready: Vec<(tempfile::NamedTempFile, PathBuf)> = Vec::new();
    for (name, text) in files {
        let path = folder.join(name);
        let file = temporary(folder, text).with_context(|| format!("can't write {}", path.display()))?;
        ready.push((file, path));
    }
    for (file, path) in ready {
        file.persist(&path).with_context(|| format!("can't replace {}", path.display()))?;
    }
    Ok(())
}

fn temporary(folder: &Path, text: &str) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut file = builder.prefix(".curate-").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    Ok(file)
}
