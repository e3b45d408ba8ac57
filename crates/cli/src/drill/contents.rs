//! The contents of an extracted archive: its collections, with the number of documents, counted by reading them.
//!
//! The layout is that of mongodump: `<anything>/<database>/<collection>.bson`, with a metadata file beside each
//! collection. Every document is parsed field by field, so a truncated or overwritten file does not count as valid.
//! Data files of a server (WiredTiger) cannot be read this way; the drill says so and does not fail.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufReader, Read},
    path::Path,
};

use bson::RawDocument;
use serde::Deserialize;

use crate::{context::background::CancellationFlag, drill::record::CollectionCount};

/// Maximum size of a document: 16 MiB, plus the internal allowance of the server.
const MAX_DOCUMENT_BYTES: usize = (16 << 20) + (16 << 10);
/// Minimum size of a document: the empty document.
const MIN_DOCUMENT_BYTES: usize = 5;

/// The collections of an archive.
#[derive(Debug, Default)]
pub(super) struct Contents {
    by_name: BTreeMap<(String, String), (u64, u64)>,
    /// Whether the archive holds data files of a server instead.
    pub(super) data_files: bool,
}

impl Contents {
    /// Reads everything in `folder`.
    ///
    /// # Errors
    /// A `.bson` file is invalid, or a file cannot be read.
    pub(super) fn read(folder: &Path, cancelled: &CancellationFlag) -> io::Result<Self> {
        let mut contents = Contents::default();
        contents.walk(folder, folder, cancelled)?;
        Ok(contents)
    }

    /// The collections by name.
    pub(super) fn collections(&self) -> Vec<CollectionCount> {
        let counted = self.by_name.iter().map(|((database, collection), (documents, bytes))| CollectionCount {
            database: database.clone(),
            collection: collection.clone(),
            documents: *documents,
            bytes: *bytes,
        });
        counted.collect()
    }

    fn walk(&mut self, root: &Path, folder: &Path, cancelled: &CancellationFlag) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let (entry, kind) = entry.and_then(|entry| entry.file_type().map(|kind| (entry, kind)))?;
            let path = entry.path();
            if kind.is_dir() {
                self.walk(root, &path, cancelled)?;
            } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "bson") {
                let (documents, bytes) = count(File::open(&path)?, cancelled).map_err(|error| {
                    let name = path.strip_prefix(root).unwrap_or(&path).display();
                    io::Error::new(error.kind(), format!("{name}: {error}"))
                })?;
                // Add up the shards of a collection.
                let known = self.by_name.entry(namespace(&path)).or_default();
                *known = (known.0 + documents, known.1 + bytes);
            } else if entry.file_name() == "WiredTiger" {
                self.data_files = true;
            }
        }
        Ok(())
    }
}

/// The names of database and collection. File names cannot hold every character, so the metadata takes precedence.
fn namespace(path: &Path) -> (String, String) {
    #[derive(Deserialize)]
    struct Metadata {
        #[serde(rename = "collectionName")]
        collection: String,
    }
    let text =
        |name: Option<&std::ffi::OsStr>| name.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let database = text(path.parent().and_then(Path::file_name));
    let metadata = fs::read(path.with_extension("metadata.json")).ok();
    let metadata = metadata.and_then(|bytes| serde_json::from_slice::<Metadata>(&bytes).ok());
    (database, metadata.map_or_else(|| text(path.file_stem()), |metadata| metadata.collection))
}

/// The number of documents and bytes.
fn count(file: impl Read, cancelled: &CancellationFlag) -> io::Result<(u64, u64)> {
    let mut file = BufReader::with_capacity(256 * 1024, file);
    let (mut documents, mut bytes, mut document) = (0, 0, Vec::new());
    let broken = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
    loop {
        cancelled.check()?;
        document.clear();
        file.by_ref().take(4).read_to_end(&mut document)?;
        let length = match *document {
            [] => return Ok((documents, bytes)),
            [a, b, c, d] => usize::try_from(i32::from_le_bytes([a, b, c, d])).unwrap_or(0),
            _ => return Err(broken(format!("the file ends within document {documents}"))),
        };
        if !(MIN_DOCUMENT_BYTES..=MAX_DOCUMENT_BYTES).contains(&length) {
            return Err(broken(format!("document {documents} has an invalid length of {length} bytes")));
        }
        let rest = length as u64 - 4;
        if file.by_ref().take(rest).read_to_end(&mut document)? as u64 != rest {
            return Err(broken(format!("the file ends within document {documents}")));
        }
        let valid =
            RawDocument::from_bytes(&document).and_then(|fields| fields.iter().try_for_each(|field| field.map(drop)));
        valid.map_err(|error| broken(format!("document {documents} is not valid BSON: {error}")))?;
        (documents, bytes) = (documents + 1, bytes + length as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(bytes: &[u8]) -> Result<(u64, u64), String> {
        count(bytes, &CancellationFlag::never_cancelled()).map_err(|error| error.to_string())
    }

    #[test]
    fn count_reads_every_document_and_rejects_damage() {
        let one = bson::serialize_to_vec(&bson::doc! {"a": 1, "b": {"c": "x"}}).expect("BSON");
        let three = one.repeat(3);
        assert_eq!(counts(&[]), Ok((0, 0)));
        assert_eq!(counts(&three), Ok((3, three.len() as u64)));
        for cut in [1, 3, 4, one.len() - 1] {
            assert!(counts(&three[..2 * one.len() + cut]).is_err_and(|error| error.contains("ends within document 2")));
        }
        let mut overwritten = three.clone();
        overwritten[one.len() + 4] = 0xee;
        assert!(counts(&overwritten).is_err_and(|error| error.contains("document 1 is not valid BSON")));
        for length in [i32::MAX, -1, 0, 4] {
            let mut long = three.clone();
            long[..4].copy_from_slice(&length.to_le_bytes());
            assert!(counts(&long).is_err_and(|error| error.contains("document 0 has an invalid length")), "{length}");
        }
    }
}
