//! Atomic file replacement: neither a reader nor an interrupted run sees a partial file.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use tempfile::NamedTempFile;

/// Prefix of unfinished files.
const UNFINISHED: &str = ".xtask-";

/// A complete new file before its rename.
pub(crate) struct PreparedFile {
    file: NamedTempFile,
    location: PathBuf,
}

/// Writes a temporary file beside its target. It is removed unless it is renamed to the target.
pub(crate) fn prepare(location: &Path, bytes: &[u8]) -> Result<PreparedFile> {
    let folder = folder(location);
    let write = || -> std::io::Result<NamedTempFile> {
        fs::create_dir_all(folder)?;
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
        let mut file = builder.prefix(UNFINISHED).tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        Ok(file)
    };
    let file = write().with_context(|| format!("cannot write {}", location.display()))?;
    Ok(PreparedFile { file, location: location.to_owned() })
}

impl PreparedFile {
    /// Renames the file to its target.
    pub(crate) fn put(self) -> Result<()> {
        self.file.persist(&self.location).with_context(|| format!("cannot replace {}", self.location.display()))?;
        Ok(())
    }
}

/// Replaces one file.
pub(crate) fn replace(location: &Path, bytes: &[u8]) -> Result<()> {
    prepare(location, bytes)?.put()
}

/// Replaces several files. None is replaced before all are written.
pub(crate) fn replace_all(files: &[(PathBuf, &str)]) -> Result<()> {
    let ready: Vec<PreparedFile> =
        files.iter().map(|(location, text)| prepare(location, text.as_bytes())).collect::<Result<_>>()?;
    ready.into_iter().try_for_each(PreparedFile::put)
}

fn folder(location: &Path) -> &Path {
    location.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."))
}

/// Removes the temporary files of a killed run beside `place`.
pub(crate) fn clear_unfinished(location: &Path) -> Result<()> {
    for entry in fs::read_dir(folder(location)).into_iter().flatten() {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(UNFINISHED)) {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}
