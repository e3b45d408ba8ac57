use std::{cell::Cell, rc::Rc};

use flate2::{Compression, write::GzEncoder};
use tar::{Builder, Header};

use super::*;

/// A header that the library would refuse to write.
fn header(name: &[u8], kind: EntryType, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name);
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(0o777);
    header.set_cksum();
    header
}

fn tar(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let mut tar = Builder::new(Vec::new());
    for (name, kind, content) in entries {
        let mut header = header(name.as_bytes(), *kind, content.len() as u64);
        if kind.is_symlink() || kind.is_hard_link() {
            header.set_link_name("/etc/passwd").expect("a name");
            header.set_cksum();
        }
        tar.append(&header, *content).expect("an entry");
    }
    tar.into_inner().expect("an archive")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    io::copy(&mut &*bytes, &mut gzip).expect("written");
    gzip.finish().expect("a gzip file")
}

fn unpacked(archive: &[u8], folder: &Path) -> io::Result<()> {
    unpack(archive, folder, || false).map(drop)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().expect("a folder").map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<_> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

const FILE: EntryType = EntryType::Regular;

#[test]
fn unpack_writes_every_entry_inside_the_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let entries: [(&str, EntryType, &[u8]); 5] = [
        ("./", EntryType::Directory, b""),
        ("dump/shop/", EntryType::Directory, b""),
        ("dump/shop/orders.bson", FILE, b"orders"),
        ("./dump/without/a/folder", FILE, b""),
        ("oplog", EntryType::Continuous, b"oplog"),
    ];
    unpacked(&gzip(&tar(&entries)), folder.path()).expect("unpacked");
    assert_eq!(names(folder.path()), ["dump", "oplog"]);
    assert_eq!(fs::read(folder.path().join("dump/shop/orders.bson")).expect("a file"), b"orders");
    assert!(folder.path().join("dump/without/a/folder").is_file());
    // A name too long for a header, as real archives have them.
    let (mut tar, long) = (Builder::new(Vec::new()), "n".repeat(150));
    let mut header = Header::new_gnu();
    header.set_size(1);
    tar.append_data(&mut header, &long, &b"x"[..]).expect("an entry");
    unpacked(&gzip(&tar.into_inner().expect("an archive")), folder.path()).expect("unpacked");
    assert!(folder.path().join(long).is_file());
}

#[test]
fn unpack_refuses_unsupported_entries_and_leaves_nothing() {
    for (name, kind, why) in [
        ("../outside", FILE, "../outside leads out of the folder"),
        ("dump/../../outside", FILE, "leads out of the folder"),
        ("/tmp/outside", FILE, "/tmp/outside leads out of the folder"),
        ("..", EntryType::Directory, "leads out of the folder"),
        ("link", EntryType::Symlink, "link is a link"),
        ("hard", EntryType::Link, "hard is a link"),
        ("null", EntryType::Char, "null is a device"),
        ("disk", EntryType::Block, "disk is a device"),
        ("pipe", EntryType::Fifo, "pipe is a pipe"),
        ("odd", EntryType::new(b'Z'), "odd is of an unknown kind"),
        (".", FILE, "has no name"),
        ("first", FILE, "first is duplicated in the archive"),
        ("first/below", FILE, "first/below is duplicated in the archive"),
    ] {
        let outer = tempfile::tempdir().expect("a folder");
        let folder = outer.path().join("into");
        let archive = gzip(&tar(&[("first", FILE, b"1"), (name, kind, b"")]));
        let error = unpacked(&archive, &folder).expect_err(name);
        assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{name}: {error}");
        assert!(error.to_string().contains(why), "{name}: {error}");
        assert_eq!((names(outer.path()), names(&folder).len()), (vec!["into".to_owned()], 0), "{name}");
    }
}

#[test]
fn unpack_never_changes_existing_files() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("dump")).expect("a folder");
    fs::write(folder.path().join("dump/mine"), "mine").expect("a file");
    for name in ["dump/mine", "dump/other", "dump"] {
        let archive = gzip(&tar(&[("new", FILE, b"1"), (name, FILE, b"2")]));
        let error = unpacked(&archive, folder.path()).expect_err(name);
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists, "{name}: {error}");
        assert!(error.to_string().contains("dump already exists"), "{error}");
        assert_eq!(
            (names(folder.path()), names(&folder.path().join("dump"))),
            (vec!["dump".into()], vec!["mine".into()])
        );
    }
}

#[cfg(unix)]
#[test]
fn unpack_removes_leftovers_of_killed_process_only() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["other", ".atlas-backup-unpack-dead", ".atlas-backup-unpack-live", ".atlas-backup-unpack-new"] {
        let one = folder.path().join(name);
        fs::create_dir(&one).expect("a folder");
        fs::write(one.join("dump"), "data").expect("a file");
        if !name.ends_with("new") {
            let hour_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
            fs::File::open(&one).expect("a folder").set_modified(hour_ago).expect("a time");
        }
    }
    let live = fs::File::open(folder.path().join(".atlas-backup-unpack-live")).expect("a folder");
    live.try_lock().expect("a lock");
    unpacked(&gzip(&tar(&[("new", FILE, b"1")])), folder.path()).expect("unpacked");
    assert_eq!(names(folder.path()), [".atlas-backup-unpack-live", ".atlas-backup-unpack-new", "new", "other"]);
}

#[test]
fn unpack_of_damaged_archive_leaves_nothing() {
    let content: Vec<u8> = (0..200_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let plain = tar(&[("first", FILE, b"1"), ("big", FILE, &content)]);
    let whole = gzip(&plain);
    let mut turned = whole.clone();
    turned[whole.len() / 2] ^= 0x40;
    let mut checksum = whole.clone();
    checksum[whole.len() - 6] ^= 1;
    let mut no_header = plain.clone();
    no_header[512 * 2 + 20] ^= 1;
    for (what, archive) in [
        ("cut", whole[..whole.len() / 2].to_vec()),
        ("cut in its checksum", whole[..whole.len() - 3].to_vec()),
        ("a byte turned", turned),
        ("the checksum turned", checksum),
        ("cut before it was compressed", gzip(&plain[..plain.len() / 2])),
        ("a header turned", gzip(&no_header)),
        ("a page", b"<html>Not now</html>".to_vec()),
        ("nothing", Vec::new()),
        ("cut between two entries", gzip(&plain[..1024])),
        ("cut before the end marker", gzip(&plain[..plain.len() - 1024])),
        ("cut in the end marker", gzip(&plain[..plain.len() - 512])),
        ("other data instead of the end marker", gzip(&[&plain[..plain.len() - 512], &[7; 512]].concat())),
        ("gzip of nothing", gzip(b"")),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let error = unpacked(&archive, folder.path()).expect_err(what);
        assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{what}: {error}");
        assert!(names(folder.path()).is_empty(), "{what}");
    }
}

#[test]
fn unpack_does_not_trust_entry_lengths() {
    // More than any disk has.
    let mut huge = header(b"huge", FILE, 1 << 60).as_bytes().to_vec();
    huge.extend_from_slice(&[0; 1024]);
    // A name of a GiB. The part that the archive contains would still exceed the memory of some machines.
    let mut name = header(b"././@LongLink", EntryType::GNULongName, 1 << 30).as_bytes().to_vec();
    name.resize(64 << 20, b'n');
    for (archive, kind, why) in [
        (
            huge,
            if cfg!(unix) { io::ErrorKind::StorageFull } else { io::ErrorKind::InvalidData },
            "huge has 1152921504606846976 bytes, but only",
        ),
        (name, io::ErrorKind::InvalidData, "a header in it is too long"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let error = unpacked(&gzip(&archive), folder.path()).expect_err(why);
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(why) && names(folder.path()).is_empty(), "{error}");
    }
}

#[test]
fn cancelled_unpacking_ends_and_leaves_nothing() {
    let (folder, is_cancelled) = (tempfile::tempdir().expect("a folder"), Rc::new(Cell::new(false)));
    // Endless zeros, as in a decompression bomb: only the cancellation ends this.
    let endless = Endless { member: io::Cursor::new(Vec::new()), number: 0, is_cancelled: is_cancelled.clone() };
    let cancelled = unpack(endless, folder.path(), || is_cancelled.get()).map(drop).expect_err("it has no end");
    assert!(cancelled.to_string().ends_with("cancelled"), "{cancelled}");
    assert!(names(folder.path()).is_empty());
}

/// An archive that has another file after each.
struct Endless {
    member: io::Cursor<Vec<u8>>,
    number: u32,
    is_cancelled: Rc<Cell<bool>>,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.member.read(buffer)?;
        if read > 0 {
            return Ok(read);
        }
        self.number += 1;
        self.is_cancelled.set(self.number == 3);
        let mut member = header(format!("file{}", self.number).as_bytes(), FILE, 1 << 20).as_bytes().to_vec();
        member.resize(512 + (1 << 20), 0);
        self.member = io::Cursor::new(gzip(&member));
        self.member.read(buffer)
    }
}
