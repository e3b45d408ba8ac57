//! Decoding the body of a response.

use serde::de::DeserializeOwned;

use super::mode::lenient;

/// Reads a body. An empty one (a 204, and some 200s) reads as an empty document; one that is JSON but not what the
/// document says is read leniently: a value that does not fit its field is kept in `extra`, and the field is absent.
///
/// # Errors
/// When the body is not JSON, or what does not fit is the document itself, an item of a page or a required field.
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, serde_json::Error> {
    if body.trim_ascii().is_empty() {
        return serde_json::from_str("{}").or_else(|error| serde_json::from_str("null").map_err(|_| error));
    }
    let read = || serde_json::from_slice(body);
    read().or_else(|error| if error.is_data() { lenient(read).map_err(|_| error) } else { Err(error) })
}
