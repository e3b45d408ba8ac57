//! Replaces files atomically: writes a temporary file in the same folder and renames it, so a reader finds the old or the
//! new version. Replaces only regular files.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use super::exit::{Failure, Outcome};

/// Replaces the regular file at `path`, or creates it. Its permissions are those of any new file.
///
/// # Errors
/// The path fails [`check`], or the file cannot be written.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Outcome {
    check(path)?;
    let mut builder = tempfile::Builder::new();
    // A collector of metrics runs as another user.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let failed = |source| Failure::local(format!("cannot write {}", path.display()), source);
    replace(path, bytes, &mut builder).map_err(failed)
}

/// Checks that an output may be written to `path`. A command calls this before it does anything else.
///
/// # Errors
/// The folder does not exist, or something other than a regular file is at `path`: replacing a FIFO, a device, a socket or
/// a link would destroy it, and writing to it could block.
pub(crate) fn check(path: &Path) -> Outcome {
    let refuse =
        |problem: &str, hint: &'static str| Failure::usage(format!("cannot write {}: {problem}", path.display()), hint);
    match fs::symlink_metadata(path) {
        Ok(found) if !found.is_file() => {
            let problem = format!("it is {}, not a regular file", kind(found.file_type()));
            Err(refuse(&problem, "pass the path of a regular or new file"))
        }
        Ok(_) => Ok(()),
        Err(_) if !folder(path).is_dir() => {
            Err(refuse("its folder does not exist", "create the folder, or pass another path"))
        }
        Err(_) => Ok(()),
    }
}

fn kind(kind: fs::FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;

        if kind.is_fifo() {
            return "a FIFO";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if kind.is_block_device() || kind.is_char_device() {
            return "a device";
        }
    }
    if kind.is_symlink() { "a link" } else { "a folder" }
}

/// Replaces the file of this program at `path`, which only its owner can read. Creates its folder, which only its owner can
/// enter. The file behind a link is replaced and the link stays: dotfiles are often kept elsewhere.
///
/// # Errors
/// The folder cannot be created, something other than a regular file is there, or the file cannot be written.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if let Some(found) = fs::symlink_metadata(&path).ok().filter(|found| !found.is_file()) {
        return Err(io::Error::other(format!("it is {}, not a regular file", kind(found.file_type()))));
    }
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
    // The new name is durable once the folder is synced, which not every system supports. The file is complete either way.
    let _synced = fs::File::open(folder(path)).and_then(|folder| folder.sync_all());
    Ok(())
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
        assert!(taken.to_string().contains("it is a folder, not a regular file"), "{taken}");
    }

    #[cfg(unix)]
    #[test]
    fn write_lets_others_read_and_private_write_follows_link() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let folder = tempfile::tempdir().expect("a folder");
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        write(&real, b"old").expect("written");
        let mode = || fs::metadata(&real).expect("a file").permissions().mode() & 0o777;
        // Whatever the umask, the owner has access and the file is not executable.
        assert_eq!((mode() & 0o600, mode() & 0o111), (0o600, 0), "{:o}", mode());
        symlink(&real, &link).expect("a link");
        write_private(&link, b"new").expect("written");
        assert!(link.is_symlink() && fs::read(&real).expect("a file") == b"new");
        assert_eq!(mode(), 0o600);
    }
}
