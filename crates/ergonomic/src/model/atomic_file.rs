//! Replacing a file at once: whoever reads it at any moment finds the old content or the new one, never a part.

use std::{io, io::Write as _, path::Path};

/// Writes `content` into the file at `path`, in place of what it holds. The file is readable by its owner only. A link
/// at `path` is replaced, not followed.
pub(crate) fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".atlas-backup-").tempfile_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn write_replaces_the_file_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("token.json");
        for content in ["first", "second"] {
            write(&path, content.as_bytes()).expect("written");
            assert_eq!(fs::read_to_string(&path).expect("a file"), content);
        }
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn write_replaces_a_link_and_is_for_the_owner_only() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        let folder = tempfile::tempdir().expect("a folder");
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, "other").expect("written");
        symlink(&real, &link).expect("a link");
        write(&link, b"new").expect("written");
        assert_eq!((link.is_symlink(), fs::read_to_string(&real).expect("a file")), (false, "other".to_owned()));
        assert_eq!(fs::metadata(&link).expect("a file").permissions().mode() & 0o777, 0o600);
    }
}
