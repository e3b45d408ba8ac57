//! Gives what is complete its place, so that half of it is never seen there.

use std::{fs, io, path::Path};

/// Moves `complete`, a file or a folder on the same file system, to `place`, whose folder is made if it is not there.
/// When this returns, the new name is on disk.
///
/// # Errors
/// The move or the folder fails; then nothing is at `place` that was not there before.
pub(crate) fn publish(complete: &Path, place: &Path) -> io::Result<()> {
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    fs::rename(complete, place)?;
    #[cfg(unix)]
    fs::File::open(folder)?.sync_all()?;
    Ok(())
}
