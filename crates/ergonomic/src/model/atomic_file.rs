//! Replacing a file at once, and only a regular one: every reader finds the old content or the new one, never a part.

use std::{
    fs::{File, FileType, Metadata, OpenOptions},
    io::{self, Read as _, Write as _},
    path::Path,
};

/// Writes `content` into the file at `path`, in place of what it holds. Only its owner can read the file.
///
/// # Errors
/// Something other than a regular file is at `path`, or the file cannot be written.
pub(crate) fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    regular(path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".atlas-backup-").tempfile_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    sync_folder(folder);
    Ok(())
}

/// Makes a new name in `folder` durable, so that a power failure does not bring the old file back. Not every system supports
/// it; the file itself is complete either way.
pub(crate) fn sync_folder(folder: &Path) {
    let _synced = File::open(folder).and_then(|folder| folder.sync_all());
}

/// The file at `path`, if there is one. A link is not followed.
///
/// # Errors
/// Something other than a regular file is there.
pub(crate) fn regular(path: &Path) -> io::Result<Option<Metadata>> {
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => Ok(Some(found)),
        Ok(found) => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{} is {}, not a regular file", path.display(), kind(found.file_type())),
        )),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Opens the regular file at `path`. Does not follow a link there, and does not wait for the other end of a FIFO. A file
/// that is created is for its owner only.
///
/// # Errors
/// Something other than a regular file is there, or it cannot be opened.
pub(crate) fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    regular(path)?;
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt as _;
        // It may have become a link or a FIFO in between.
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        options.mode(0o600).custom_flags(flags.bits().cast_signed());
    }
    let file = options.open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::other(format!("{} is not a regular file", path.display()))),
    }
}

/// The text of a file of settings: at most `limit` bytes. Follows a link, because people link their settings, but does not wait
/// for the other end of a FIFO.
///
/// # Errors
/// It is not a regular file, is larger, is not UTF-8, or cannot be read.
pub(crate) fn read_settings(path: &Path, limit: u64) -> io::Result<String> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed());
    }
    let file = options.open(path)?;
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("it is {}, not a regular file", kind(found.file_type())),
        ));
    }
    let mut text = String::new();
    file.take(limit + 1).read_to_string(&mut text)?;
    match text.len() as u64 > limit {
        true => Err(io::Error::new(io::ErrorKind::InvalidData, format!("it is larger than {} KiB", limit / 1024))),
        false => Ok(text),
    }
}

fn kind(kind: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
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
    fn only_regular_files_are_written_and_opened() {
        use std::os::unix::{
            fs::{PermissionsExt as _, symlink},
            net::UnixListener,
        };

        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::write(at("real"), "other").expect("written");
        symlink(at("real"), at("link")).expect("a link");
        symlink(at("nowhere"), at("dangling")).expect("a link");
        fs::create_dir(at("folder")).expect("a folder");
        let _socket = UnixListener::bind(at("socket")).expect("a socket");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            at("fifo"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::from_raw_mode(0o600),
            0,
        )
        .expect("a FIFO");
        for (name, what) in [
            ("link", "a link"),
            ("dangling", "a link"),
            ("folder", "a folder"),
            ("socket", "a socket"),
            ("fifo", "a FIFO"),
        ] {
            let written = write(&at(name), b"new").expect_err(name).to_string();
            assert!(written.ends_with(&format!("{name} is {what}, not a regular file")), "{written}");
            open(&at(name), OpenOptions::new().create(true).append(true)).expect_err(name);
            assert_eq!(kind(fs::symlink_metadata(at(name)).expect("still there").file_type()), what);
        }
        assert_eq!(write(Path::new("/dev/null"), b"").expect_err("a device").kind(), io::ErrorKind::InvalidInput);
        assert_eq!(fs::read(at("real")).expect("a file"), b"other");
        write(&at("new"), b"new").expect("written");
        open(&at("opened"), OpenOptions::new().create(true).append(true)).expect("opened");
        for name in ["new", "opened"] {
            assert_eq!(fs::metadata(at(name)).expect("a file").permissions().mode() & 0o777, 0o600, "{name}");
        }
    }
}
