//! Decoding the body of a response.

use serde::de::DeserializeOwned;

use super::{
    bounds::{MAX_UNPAGED_ITEMS, bounded, is_exhausted},
    mode::lenient,
};

/// Decodes a body. An empty one (a 204, and some 200s) is an empty document. If the body is JSON that does not match
/// the type, it is decoded leniently: a value that does not fit its field is kept in `extra`, and the field is absent.
///
/// # Errors
/// When the body is not JSON, or what does not fit is the document itself, an item of a page or a required field; when a
/// page has more than [`MAX_UNPAGED_ITEMS`] items; when the document takes more than 32 MiB and four bytes for each byte of
/// the body.
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, serde_json::Error> {
    decode_at_most(body, MAX_UNPAGED_ITEMS)
}

/// Reads a body as [`decode`] does. A page with more than `items` items is refused at the first item too many, before
/// memory is spent on the rest.
///
/// # Errors
/// As [`decode`].
pub fn decode_at_most<T: DeserializeOwned>(body: &[u8], items: usize) -> Result<T, serde_json::Error> {
    if body.trim_ascii().is_empty() {
        return serde_json::from_str("{}").or_else(|error| serde_json::from_str("null").map_err(|_| error));
    }
    let read = || bounded(items, body.len(), || serde_json::from_slice(body).map_err(|error| (error, is_exhausted())));
    read().or_else(|(error, exhausted)| {
        if exhausted || !error.is_data() {
            return Err(error);
        }
        lenient(read).map_err(|(second, exhausted)| if exhausted { second } else { error })
    })
}
