use std::{cell::Cell, fs, rc::Rc};

use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};
use tar::{Builder, Header};

use super::*;

/// A reader that counts.
struct Counted<'a> {
    of: &'a [u8],
    bytes: Rc<Cell<usize>>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.of.read(buffer)?;
        self.bytes.set(self.bytes.get() + read);
        Ok(read)
    }
}

/// A gzipped tar file; the content does not compress.
fn archive(names: &[&str]) -> Vec<u8> {
    let content: Vec<u8> = (0..200_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let mut tar = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for name in names {
        let mut header = Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(content.len() as u64);
        header.set_mode(0o600);
        header.set_cksum();
        tar.append(&header, &content[..]).expect("an entry");
    }
    tar.into_inner().and_then(|gzip| gzip.finish()).expect("an archive")
}

fn everything(archive: &[u8], folder: &Path) -> Inspection {
    let checksum = Some(Checksum::Sha256(Sha256::digest(archive).to_vec()));
    Inspection { checksum, verify: true, unpack_into: Some(folder.to_owned()) }
}

/// What comes of an archive, and how many bytes of it were read.
fn inspect(inspection: &Inspection, archive: &[u8]) -> (io::Result<Inspected>, usize) {
    let bytes = Rc::new(Cell::new(0));
    let inspected = inspection.run(Counted { of: archive, bytes: bytes.clone() }, || false);
    (inspected, bytes.get())
}

#[test]
fn archive_is_summed_checked_and_unpacked_in_one_pass() {
    let (folder, archive) = (tempfile::tempdir().expect("a folder"), archive(&["first", "second"]));
    let inspection = everything(&archive, folder.path());
    let (inspected, read) = inspect(&inspection, &archive);
    assert_eq!(read, archive.len(), "each byte once");
    assert!(!folder.path().join("first").exists(), "nothing is in place before the archive has its name");
    let into = inspected.expect("complete").move_into_place(inspection.unpack_into.as_deref()).expect("placed");
    assert_eq!(into.as_deref(), Some(folder.path()));
    assert!(folder.path().join("first").is_file() && folder.path().join("second").is_file());
    assert_eq!(folder.path().read_dir().expect("a folder").count(), 2, "no scratch folder is left");
}

#[test]
fn refused_entry_does_not_end_the_check_of_the_archive() {
    let whole = archive(&["first", "../outside", "third"]);
    let mut damaged = whole.clone();
    let end = damaged.len() - 6;
    damaged[end] ^= 1;
    for (archive, is_whole) in [(&whole, true), (&damaged, false)] {
        let folder = tempfile::tempdir().expect("a folder");
        let inspection = Inspection { checksum: None, ..everything(archive, folder.path()) };
        let (inspected, read) = inspect(&inspection, archive);
        assert_eq!(inspected.is_ok(), is_whole);
        if let Ok(inspected) = inspected {
            assert_eq!(read, archive.len());
            let refused = inspected.move_into_place(inspection.unpack_into.as_deref()).expect_err("an entry leads out");
            assert!(refused.to_string().contains("../outside leads out of the folder"), "{refused}");
        }
        assert_eq!(folder.path().read_dir().expect("a folder").count(), 0, "nothing is unpacked");
    }
}

#[test]
fn content_with_another_checksum_is_damaged() {
    let (folder, archive) = (tempfile::tempdir().expect("a folder"), archive(&["first"]));
    let other = everything(b"another", folder.path());
    for inspection in [Inspection { verify: false, unpack_into: None, ..other.clone() }, other] {
        let (inspected, read) = inspect(&inspection, &archive);
        let error = inspected.err().expect("another archive");
        assert_eq!((error.kind(), read), (io::ErrorKind::InvalidData, archive.len()), "{error}");
    }
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[test]
fn inspection_ends_once_it_is_cancelled() {
    let (folder, archive) = (tempfile::tempdir().expect("a folder"), archive(&["first"]));
    let all = everything(&archive, folder.path());
    for inspection in [Inspection { verify: false, unpack_into: None, ..all.clone() }, all] {
        let cancelled = inspection.run(&archive[..], || true).err().expect("cancelled");
        assert_eq!(cancelled.to_string(), "cancelled");
    }
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
}
