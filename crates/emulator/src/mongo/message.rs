//! Messages of the wire protocol: `OP_MSG`, and `OP_QUERY` for the first message of older drivers.
//!
//! Everything that a client sends is bounded before it is read: the size of a message, and the depth of its documents.

use std::io;

use bson::{Bson, Document, RawBsonRef, RawDocument, RawDocumentBuf, doc};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Maximum size of a message, as in the server.
pub(crate) const MAX_MESSAGE: usize = 48_000_000;
/// Maximum size before a login, which needs little.
pub(crate) const MAX_BEFORE_LOGIN: usize = 64 << 10;
/// Maximum size of a stored document, as in the server.
pub(crate) const MAX_DOCUMENT: usize = 16 << 20;
/// Maximum depth of a document, as the server documents it, and that of a command around it.
pub(crate) const MAX_DEPTH: usize = 100;
const MAX_COMMAND_DEPTH: usize = MAX_DEPTH + 10;

const HEADER: usize = 16;
const REPLY: i32 = 1;
const QUERY: i32 = 2004;
const MESSAGE: i32 = 2013;

const CHECKSUM: u32 = 1;
const MORE_TO_COME: u32 = 1 << 1;
/// Flags in the lower half have to be understood.
const REQUIRED: u32 = 0xffff;

/// A command.
#[derive(Debug)]
pub(crate) struct Request {
    id: i32,
    pub(crate) body: Document,
    /// Sent as `OP_QUERY`, and so answered with `OP_REPLY`.
    legacy: bool,
    /// The client waits for a reply.
    pub(crate) wants_reply: bool,
}

/// Why the bytes of a client are not a message. The connection is closed.
#[derive(Debug)]
pub(crate) struct Malformed(pub(crate) &'static str);

impl From<Malformed> for io::Error {
    fn from(Malformed(reason): Malformed) -> Self {
        io::Error::new(io::ErrorKind::InvalidData, reason)
    }
}

/// The size in the first four bytes of a message.
pub(crate) fn size(bytes: [u8; 4], most: usize) -> Result<usize, Malformed> {
    let size = usize::try_from(i32::from_le_bytes(bytes)).map_err(|_| Malformed("negative message size"))?;
    if size < HEADER {
        return Err(Malformed("message shorter than its header"));
    }
    if size > most {
        return Err(Malformed("message too large"));
    }
    Ok(size)
}

/// Reads the bytes of a message after its size, which was `size`.
pub(crate) async fn read(stream: &mut (impl AsyncRead + Unpin), size: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let rest = u64::try_from(size - 4).unwrap_or_default();
    // Grows with what arrives, not with what is announced.
    if stream.take(rest).read_to_end(&mut bytes).await? < size - 4 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes)
}

/// Parses the bytes of a message after its size.
pub(crate) fn parse(bytes: &[u8]) -> Result<Request, Malformed> {
    let mut reader = Reader(bytes);
    let (id, _response_to, code) = (reader.int()?, reader.int()?, reader.int()?);
    match code {
        MESSAGE => {
            let (body, flags) = message(reader)?;
            Ok(Request { id, body, legacy: false, wants_reply: flags & MORE_TO_COME == 0 })
        }
        QUERY => Ok(Request { id, body: query(reader)?, legacy: true, wants_reply: true }),
        _ => Err(Malformed("unsupported kind of message")),
    }
}

fn message(mut reader: Reader<'_>) -> Result<(Document, u32), Malformed> {
    let flags = u32::from_le_bytes(reader.array()?);
    if flags & REQUIRED & !(CHECKSUM | MORE_TO_COME) != 0 {
        return Err(Malformed("unknown required flag"));
    }
    if flags & CHECKSUM != 0 {
        // Drivers send none over TCP.
        let end = reader.0.len().checked_sub(4).ok_or(Malformed("message ends early"))?;
        reader.0 = &reader.0[..end];
    }
    let mut body = None;
    let mut sequences = Vec::new();
    while !reader.0.is_empty() {
        match reader.array::<1>()? {
            [0] if body.is_none() => body = Some(reader.document()?),
            [1] => {
                let size = usize::try_from(reader.int()?).map_err(|_| Malformed("negative section size"))?;
                let rest = size.checked_sub(4).ok_or(Malformed("section shorter than its header"))?;
                let mut section = Reader(reader.bytes(rest)?);
                let name = section.text()?;
                let mut documents = Vec::new();
                while !section.0.is_empty() {
                    documents.push(Bson::Document(section.document()?));
                }
                sequences.push((name, documents));
            }
            _ => return Err(Malformed("unknown kind of section")),
        }
    }
    let mut body = body.ok_or(Malformed("message without a body"))?;
    for (name, documents) in sequences {
        if body.insert(name, Bson::Array(documents)).is_some() {
            return Err(Malformed("duplicate section"));
        }
    }
    Ok((body, flags))
}

/// The command of an `OP_QUERY`, with the database that its collection name contains.
fn query(mut reader: Reader<'_>) -> Result<Document, Malformed> {
    let _flags = reader.int()?;
    let name = reader.text()?;
    let database = name.strip_suffix(".$cmd").ok_or(Malformed("query of a collection"))?;
    let (_skip, _count) = (reader.int()?, reader.int()?);
    let mut body = reader.document()?;
    if let Some(Bson::Document(inner)) = body.get("$query") {
        body = inner.clone();
    }
    body.insert("$db", database);
    Ok(body)
}

struct Reader<'m>(&'m [u8]);

impl<'m> Reader<'m> {
    fn bytes(&mut self, count: usize) -> Result<&'m [u8], Malformed> {
        let (bytes, rest) = self.0.split_at_checked(count).ok_or(Malformed("message ends early"))?;
        self.0 = rest;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.bytes(N)?.try_into().map_err(|_| Malformed("message ends early"))
    }

    fn int(&mut self) -> Result<i32, Malformed> {
        Ok(i32::from_le_bytes(self.array()?))
    }

    fn text(&mut self) -> Result<String, Malformed> {
        let end = self.0.iter().position(|byte| *byte == 0).ok_or(Malformed("text without an end"))?;
        let text = std::str::from_utf8(self.bytes(end)?).map_err(|_| Malformed("text that is not UTF-8"))?;
        self.bytes(1)?;
        Ok(text.to_owned())
    }

    fn document(&mut self) -> Result<Document, Malformed> {
        let start: [u8; 4] = self.0.get(..4).and_then(|b| b.try_into().ok()).ok_or(Malformed("message ends early"))?;
        let size = usize::try_from(i32::from_le_bytes(start)).map_err(|_| Malformed("negative document size"))?;
        let raw = RawDocument::from_bytes(self.bytes(size)?).map_err(|_| Malformed("invalid document"))?;
        check(raw, MAX_COMMAND_DEPTH)?;
        Document::try_from(raw).map_err(|_| Malformed("invalid document"))
    }
}

/// Checks every element, so that a conversion, which recurses, cannot exhaust the stack.
fn check(document: &RawDocument, depth: usize) -> Result<(), Malformed> {
    let depth = depth.checked_sub(1).ok_or(Malformed("document too deep"))?;
    for element in document {
        match element.map_err(|_| Malformed("invalid document"))?.1 {
            RawBsonRef::Document(inner) => check(inner, depth)?,
            RawBsonRef::Array(inner) => {
                let inner = RawDocument::from_bytes(inner.as_bytes()).map_err(|_| Malformed("invalid document"))?;
                check(inner, depth)?;
            }
            RawBsonRef::JavaScriptCodeWithScope(code) => check(code.scope, depth)?,
            _ => {}
        }
    }
    Ok(())
}

/// Whether no document within `value` is deeper than `depth`.
pub(crate) fn is_within_depth(value: &Bson, depth: usize) -> bool {
    let inner = |value: &Bson| depth > 0 && is_within_depth(value, depth - 1);
    match value {
        Bson::Document(fields) => fields.values().all(inner),
        Bson::Array(items) => items.iter().all(inner),
        Bson::JavaScriptCodeWithScope(code) => code.scope.values().all(inner),
        _ => true,
    }
}

/// Writes the reply to a request.
pub(crate) async fn reply(
    stream: &mut (impl AsyncWrite + Unpin),
    request: &Request,
    reply: &Document,
) -> io::Result<()> {
    let document = RawDocumentBuf::try_from(reply).or_else(|error| {
        let message = format!("cannot write reply: {error}");
        RawDocumentBuf::try_from(&doc! {"ok": 0.0, "errmsg": message, "code": 1, "codeName": "InternalError"})
    });
    let document = document.map_err(io::Error::other)?.into_bytes();
    // Flags and kind of section, or flags, cursor, start and number of documents.
    let (code, before): (_, &[u8]) = match request.legacy {
        false => (MESSAGE, &[0; 5]),
        true => (REPLY, &[8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]),
    };
    let size = i32::try_from(HEADER + before.len() + document.len()).map_err(io::Error::other)?;
    let mut bytes = Vec::with_capacity(HEADER + before.len() + document.len());
    for number in [size, 0, request.id, code] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend(before);
    bytes.extend(document);
    stream.write_all(&bytes).await?;
    stream.flush().await
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A message without its size, as a driver sends it.
    fn valid() -> Vec<u8> {
        let body = doc! {"insert": "c", "$db": "d", "x": {"y": [1, {"z": Bson::Null}]}}.to_vec().unwrap();
        let item = doc! {"_id": 1}.to_vec().unwrap();
        let size = i32::try_from(4 + 10 + item.len()).unwrap();
        let mut bytes: Vec<u8> = [1, 0, MESSAGE, 0].iter().flat_map(|number| number.to_le_bytes()).collect();
        for part in [[0].as_slice(), &body, &[1], &size.to_le_bytes(), b"documents\0", &item] {
            bytes.extend(part);
        }
        bytes
    }

    #[test]
    fn sequence_of_documents_becomes_an_argument() {
        let request = parse(&valid()).unwrap();
        assert_eq!(request.body.get_array("documents").unwrap(), &[Bson::Document(doc! {"_id": 1})]);
        assert!(request.wants_reply && !request.legacy);
    }

    proptest! {
        /// Neither random bytes nor a damaged message make the parser panic.
        #[test]
        fn parser_never_panics(random in proptest::collection::vec(any::<u8>(), 0..200), places in proptest::collection::vec((0..120_usize, any::<u8>()), 1..5), cut in 0..120_usize) {
            let _either = parse(&random);
            let mut damaged = valid();
            for (place, byte) in places {
                if let Some(known) = damaged.get_mut(place) {
                    *known = byte;
                }
            }
            let _either = parse(&damaged);
            damaged.truncate(cut);
            let _either = parse(&damaged);
        }
    }
}
