//! Replacing files atomically: a file is written beside its place and renamed into it, so that every reader finds the new
//! version or the one before.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::exit::{Failure, Outcome};

/// Replaces the file at `path`. Its permissions are those of any new file.
///
/// # Errors
/// The folder does not exist, `path` is not a file, or the file cannot be written.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Outcome {
    let path = resolved(path);
    let refuse =
        |problem: &'static str, hint: &'static str| Failure::usage(format!("{}: {problem}", path.display()), hint);
    if path.exists() && !path.is_file() {
        return Err(refuse("that is no file", "name one that may be written"));
    }
    if !folder(&path).is_dir() {
        return Err(refuse("its folder does not exist", "make the folder first, or name another"));
    }
    let mut builder = tempfile::Builder::new();
    // A collector of metrics runs as another user.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let failed = |source| Failure::local(format!("{} could not be written", path.display()), source);
    replace(&path, bytes, &mut builder).map_err(failed)
}

/// Replaces the file at `path`, which only its owner can read. Creates its folder, which only its owner can enter.
///
/// # Errors
/// The folder cannot be created, or the file cannot be written.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = resolved(path);
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder(&path))?;
    // Only its owner can read a temporary file.
    replace(&path, bytes, &mut tempfile::Builder::new())
}

fn replace(path: &Path, bytes: &[u8], builder: &mut tempfile::Builder<'_, '_>) -> io::Result<()> {
    let mut file = builder.prefix(".atlas-backup-").tempfile_in(folder(path))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// The file behind a link, which stays: dotfiles are often kept elsewhere.
fn resolved(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn write_replaces_file_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("report.html");
        for text in ["first", "second"] {
            write(&path, text.as_bytes()).expect("written");
            assert_eq!(fs::read_to_string(&path).expect("a file"), text);
        }
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn write_refuses_missing_folder_and_folder_in_place_of_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let missing = write(&folder.path().join("none/report.html"), b"").expect_err("no folder");
        assert!(missing.to_string().contains("none/report.html: its folder does not exist"), "{missing}");
        let taken = write(folder.path(), b"").expect_err("a folder");
        assert!(taken.to_string().contains("that is no file"), "{taken}");
    }

    #[cfg(unix)]
    #[test]
    fn write_follows_link_and_lets_others_read() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let folder = tempfile::tempdir().expect("a folder");
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        write(&real, b"old").expect("written");
        symlink(&real, &link).expect("a link");
        write(&link, b"new").expect("written");
        assert!(link.is_symlink() && fs::read(&real).expect("a file") == b"new");
        // Whatever the umask here leaves of it, the owner's part is there and nothing is executable.
        let mode = fs::metadata(&real).expect("a file").permissions().mode() & 0o777;
        assert_eq!((mode & 0o600, mode & 0o111), (0o600, 0), "{mode:o}");
    }
}
