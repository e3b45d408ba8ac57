//! A dump as a `.tar.gz`, in chunks.
//!
//! The reader requests the next chunk when it has room for it. Nothing is computed ahead or kept. To start in the
//! middle, everything before is computed and discarded.

use std::{
    io::{self, Write},
    sync::Arc,
};

use bytes::Bytes;
use flate2::{Compression, GzBuilder, write::GzEncoder};
use md5::{Digest, Md5};
use tar::{EntryType, Header};

use crate::data::dump::{Content, Dump};

/// Approximate size of a chunk in bytes.
const CHUNK_BYTES: usize = 64 * 1024;
/// Block size of a tar archive.
const BLOCK_BYTES: u64 = 512;

/// A dump whose archive size and digest are known.
#[derive(Debug)]
pub(crate) struct PreparedArchive {
    dump: Arc<Dump>,
    pub(crate) length: u64,
    /// Digest of the archive, in hexadecimal digits.
    pub(crate) digest: String,
}

impl PreparedArchive {
    /// Computes the whole archive once without keeping it. This takes time: do not call it on a thread that serves
    /// requests.
    ///
    /// # Errors
    /// Returns an error if an entry cannot be written as tar.
    pub(crate) fn new(dump: Dump) -> io::Result<Self> {
        let dump = Arc::new(dump);
        let (mut length, mut digest) = (0, Md5::new());
        for piece in Archive::of(Arc::clone(&dump)) {
            let piece = piece?;
            length += piece.len() as u64;
            digest.update(&piece);
        }
        let digest = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { dump, length, digest })
    }

    /// Time of the data.
    pub(crate) fn taken_at(&self) -> chrono::DateTime<chrono::Utc> {
        self.dump.taken
    }

    /// The archive from `start` on, `length` bytes of it. Computes everything before `start`; see [`new`](Self::new).
    ///
    /// # Errors
    /// Returns an error if an entry cannot be written as tar.
    pub(crate) fn read(&self, start: u64, length: u64) -> io::Result<Archive> {
        let mut archive = Archive::of(Arc::clone(&self.dump));
        (archive.skip, archive.left) = (start, length);
        archive.ahead = archive.next_chunk().transpose()?;
        Ok(archive)
    }
}

/// The chunks of an archive.
#[derive(Debug)]
pub(crate) struct Archive {
    dump: Arc<Dump>,
    /// Index of the next entry, and of the next document in the current entry.
    file: usize,
    document: Option<u64>,
    encoder: Option<GzEncoder<Vec<u8>>>,
    /// Bytes still to discard, and bytes to return after that.
    skip: u64,
    left: u64,
    ahead: Option<Bytes>,
}

impl Archive {
    fn of(dump: Arc<Dump>) -> Self {
        // The header has no time and no name, so the bytes depend on the data only.
        let encoder = GzBuilder::new().write(Vec::with_capacity(2 * CHUNK_BYTES), Compression::fast());
        Self { dump, file: 0, document: None, encoder: Some(encoder), skip: 0, left: u64::MAX, ahead: None }
    }

    fn next_chunk(&mut self) -> Option<io::Result<Bytes>> {
        while self.left > 0 {
            let piece = self.make()?;
            let Ok(mut piece) = piece else { return Some(piece) };
            let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(piece.len());
            self.skip -= skipped as u64;
            let mut piece = piece.split_off(skipped);
            piece.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
            if !piece.is_empty() {
                self.left -= piece.len() as u64;
                return Some(Ok(piece));
            }
        }
        None
    }

    /// The next bytes of the whole archive.
    fn make(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            let mut encoder = self.encoder.take()?;
            match self.write_more(&mut encoder) {
                Err(error) => return Some(Err(error)),
                Ok(false) => return Some(encoder.finish().map(Bytes::from)),
                Ok(true) => {}
            }
            let full = encoder.get_ref().len() >= CHUNK_BYTES;
            let piece = full.then(|| std::mem::replace(encoder.get_mut(), Vec::with_capacity(2 * CHUNK_BYTES)));
            self.encoder = Some(encoder);
            if let Some(piece) = piece {
                return Some(Ok(piece.into()));
            }
        }
    }

    /// Writes one step: an entry header, a document, or the end of the archive. Returns `false` after the end.
    fn write_more(&mut self, out: &mut impl Write) -> io::Result<bool> {
        let Some(file) = self.dump.files.get(self.file) else {
            out.write_all(&[0; 2 * BLOCK_BYTES as usize])?;
            return Ok(false);
        };
        let Some(place) = self.document else {
            out.write_all(&header(&file.path, file.size, self.dump.taken.timestamp())?)?;
            self.document = Some(0);
            return Ok(true);
        };
        let (next, over) = match &file.content {
            Content::Folder => (0, true),
            Content::Text(text) => out.write_all(text).map(|()| (0, true))?,
            Content::Documents(collection) => {
                match self.dump.collection(*collection).and_then(|c| c.document_from(place, self.dump.shard())) {
                    Some((next, document)) => out.write_all(document.as_bytes()).map(|()| (next, false))?,
                    None => (0, true),
                }
            }
        };
        if over {
            let padding = (BLOCK_BYTES - file.size % BLOCK_BYTES) % BLOCK_BYTES;
            out.write_all(&[0; BLOCK_BYTES as usize][..padding as usize])?;
            (self.file, self.document) = (self.file + 1, None);
        } else {
            self.document = Some(next);
        }
        Ok(true)
    }
}

impl Iterator for Archive {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        self.ahead.take().map(Ok).or_else(|| self.next_chunk())
    }
}

/// The header of an entry. It spans several blocks if the path is long.
fn header(path: &str, size: u64, taken: i64) -> io::Result<Vec<u8>> {
    let folder = path.ends_with('/');
    let mut header = Header::new_gnu();
    header.set_entry_type(if folder { EntryType::Directory } else { EntryType::Regular });
    header.set_mode(if folder { 0o755 } else { 0o644 });
    header.set_mtime(u64::try_from(taken).unwrap_or_default());
    header.set_size(size);
    let mut builder = tar::Builder::new(Vec::new());
    // The content is written separately. The builder writes only the header blocks.
    builder.append_data(&mut header, path, io::empty())?;
    let mut bytes = builder.into_inner()?;
    // The end of the archive is written elsewhere.
    bytes.truncate(bytes.len().saturating_sub(2 * BLOCK_BYTES as usize));
    Ok(bytes)
}
