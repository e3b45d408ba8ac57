//! Publishes complete files atomically.

use std::{fs, io, path::Path};

/// Moves `complete`, a file or a folder on the same file system, to `place`, and creates the parent folder if needed.
/// When this returns, the new name is on disk.
///
/// # Errors
/// Returns an error if the move or the folder fails. Then `place` is unchanged.
pub(crate) fn publish(complete: &Path, place: &Path) -> io::Result<()> {
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    fs::rename(complete, place)?;
    #[cfg(unix)]
    fs::File::open(folder)?.sync_all()?;
    Ok(())
}
