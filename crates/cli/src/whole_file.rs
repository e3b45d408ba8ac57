//! Files that are whole or not there: written beside their place and renamed into it, so that whoever reads one at any
//! moment finds the last version or the one before, never half of one.

use std::{fs, io::Write, path::Path};

use crate::exit::{Failure, Outcome};

/// Writes `bytes` into the file at `path`, in place of what it holds.
///
/// # Errors
/// The folder does not exist, something other than a file is in the way, or the file can't be written.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Outcome {
    // A link stays, and what it leads to is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let refuse = |problem: &str, advice: &str| Failure::usage(format!("{}: {problem}", path.display()), advice);
    if path.exists() && !path.is_file() {
        return Err(refuse("that is no file", "name one that may be written"));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(refuse("its folder does not exist", "make the folder first, or name another"));
    }
    let failed = |source| Failure::local(format!("{} could not be written", path.display()), source);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".atlas-backup-");
    // A new file may be read by whoever may read any other new file: a collector of metrics runs as somebody else.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    file.persist(&path).map_err(|error| failed(error.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("report.html");
        for text in ["first", "second"] {
            write(&path, text.as_bytes()).expect("written");
            assert_eq!(fs::read_to_string(&path).expect("a file"), text);
        }
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn a_folder_that_is_not_there_and_a_folder_in_the_way_are_refused_by_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let missing = write(&folder.path().join("none/report.html"), b"").expect_err("no folder");
        assert!(missing.to_string().contains("none/report.html: its folder does not exist"), "{missing}");
        let taken = write(folder.path(), b"").expect_err("a folder");
        assert!(taken.to_string().contains("that is no file"), "{taken}");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_and_others_may_read() {
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
