//! Decoding a body and writing it again, to compare what a type keeps with what the service sent.

use std::cell::Cell;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::decode::decode;

/// A body that was decoded and written again.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Recoded {
    /// The body as the binding writes it.
    pub json: Value,
    /// The same without undocumented fields.
    pub documented: Value,
    /// Whether the written body decodes to an equal value.
    pub stable: bool,
}

/// Decodes a body as `T` and writes it again.
///
/// # Errors
/// Returns an error if the body is not JSON or does not fit `T`.
pub fn recode<T: DeserializeOwned + Serialize + PartialEq>(body: &[u8]) -> Result<Recoded, serde_json::Error> {
    let value: T = decode(body)?;
    let json = serde_json::to_value(&value)?;
    let stable = decode::<T>(&serde_json::to_vec(&value)?)? == value;
    let documented = {
        let _guard = DocumentedOnly::new();
        serde_json::to_value(&value)?
    };
    Ok(Recoded { json, documented, stable })
}

thread_local! {
    static DOCUMENTED_ONLY: Cell<bool> = const { Cell::new(false) };
}

/// Whether undocumented fields are omitted when writing on this thread, for the comparison in [`recode`].
pub(super) fn documented_only() -> bool {
    DOCUMENTED_ONLY.get()
}

/// Omits undocumented fields until it is dropped, also if writing panics.
struct DocumentedOnly;

impl DocumentedOnly {
    fn new() -> Self {
        DOCUMENTED_ONLY.set(true);
        Self
    }
}

impl Drop for DocumentedOnly {
    fn drop(&mut self) {
        DOCUMENTED_ONLY.set(false);
    }
}
