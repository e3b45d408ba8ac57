//! The checksum of a whole archive, where its host states one, compared while the archive is read.
//!
//! Only headers that name the algorithm and cover the whole content count. A checksum of a part, of a composite upload
//! or of an encrypted form must not be used. An `ETag` is not a checksum.

use std::io::{self, Read};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::HeaderMap;
use md5::Md5;
use sha2::{Digest as _, Sha256};

/// A checksum of a whole archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Checksum {
    Sha256(Vec<u8>),
    Md5(Vec<u8>),
}

/// A header, the prefix of its value, and the length of the checksum. `content-md5` covers the bytes that are sent.
const STATED: [(&str, &str, usize); 5] = [
    ("repr-digest", "sha-256=", 32),
    ("digest", "sha-256=", 32),
    ("x-amz-checksum-sha256", "", 32),
    ("x-goog-hash", "md5=", 16),
    ("content-md5", "", 16),
];

impl Checksum {
    /// The strongest checksum that the headers of a response state. `is_whole` says that the response holds the whole
    /// archive.
    pub(super) fn stated(headers: &HeaderMap, is_whole: bool) -> Option<Self> {
        STATED.iter().filter(|(header, ..)| is_whole || *header != "content-md5").find_map(
            |(header, before, length)| {
                let values = headers.get_all(*header).into_iter().filter_map(|value| value.to_str().ok());
                let bytes = values.flat_map(|value| value.split(',')).find_map(|value| {
                    let (start, rest) = value.trim().split_at_checked(before.len())?;
                    // The structured form of a header writes bytes between colons.
                    let text = start.eq_ignore_ascii_case(before).then_some(rest)?.trim_matches(':');
                    BASE64_STANDARD.decode(text).ok().filter(|bytes| bytes.len() == *length)
                })?;
                Some(if *length == 32 { Checksum::Sha256(bytes) } else { Checksum::Md5(bytes) })
            },
        )
    }
}

/// A reader that computes the checksum of what it has read.
pub(super) struct Summed<R> {
    of: R,
    hash: Option<(Hash, Checksum)>,
}

enum Hash {
    Sha256(Sha256),
    Md5(Md5),
}

impl<R> Summed<R> {
    pub(super) fn new(of: R, stated: Option<Checksum>) -> Self {
        let hash = stated.map(|stated| match &stated {
            Checksum::Sha256(_) => (Hash::Sha256(Sha256::new()), stated),
            Checksum::Md5(_) => (Hash::Md5(Md5::new()), stated),
        });
        Summed { of, hash }
    }

    /// An error of kind [`InvalidData`](io::ErrorKind::InvalidData) if what was read has another checksum than stated.
    pub(super) fn compare(self) -> io::Result<()> {
        let is_same = match self.hash {
            Some((Hash::Sha256(hash), Checksum::Sha256(stated))) => hash.finalize()[..] == stated,
            Some((Hash::Md5(hash), Checksum::Md5(stated))) => hash.finalize()[..] == stated,
            _ => true,
        };
        let message = "it does not have the checksum that its host states";
        if is_same { Ok(()) } else { Err(io::Error::new(io::ErrorKind::InvalidData, message)) }
    }
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.of.read(buffer)?;
        match &mut self.hash {
            Some((Hash::Sha256(hash), _)) => hash.update(&buffer[..read]),
            Some((Hash::Md5(hash), _)) => hash.update(&buffer[..read]),
            None => {}
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn stated(headers: &[(&'static str, &'static str)], is_whole: bool) -> Option<Checksum> {
        let headers =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        Checksum::stated(&headers.collect(), is_whole)
    }

    #[test]
    fn checksum_is_read_from_headers_of_the_whole_archive() {
        const MD5: &str = "1B2M2Y8AsgTpgAmY7PhCfg==";
        const SHA: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        let md5 = Some(Checksum::Md5(Md5::digest(b"").to_vec()));
        let sha = Some(Checksum::Sha256(Sha256::digest(b"").to_vec()));
        assert_eq!(stated(&[("content-md5", MD5)], true), md5);
        assert_eq!(stated(&[("content-md5", MD5)], false), None, "of a part");
        assert_eq!(stated(&[("x-goog-hash", "crc32c=AAAAAA==,md5=1B2M2Y8AsgTpgAmY7PhCfg==")], false), md5);
        assert_eq!(stated(&[("x-amz-checksum-sha256", SHA), ("content-md5", MD5)], true), sha);
        let structured = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";
        assert_eq!(stated(&[("repr-digest", structured)], false), sha);
        let composite = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=-3";
        for other in [("x-amz-checksum-sha256", composite), ("etag", MD5), ("digest", "md5=1B2M2Y8AsgTpgAmY7PhCfg==")] {
            assert_eq!(stated(&[other], true), None, "{other:?}");
        }
    }

    #[test]
    fn compare_rejects_content_with_another_checksum() {
        for (content, is_same) in [(&b"archive"[..], true), (b"another", false)] {
            for stated in
                [Checksum::Sha256(Sha256::digest(b"archive").to_vec()), Checksum::Md5(Md5::digest(b"archive").to_vec())]
            {
                let mut summed = Summed::new(content, Some(stated));
                io::copy(&mut summed, &mut io::sink()).expect("read");
                assert_eq!(summed.compare().is_ok(), is_same);
            }
        }
    }
}
