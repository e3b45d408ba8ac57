//! Decoding by operation and version, for programs that check recorded traffic against the bindings.
//!
//! Behind the feature `dispatch`, so that nobody else compiles it. The table is generated ([`BINDINGS`]): there is no
//! hand-written list of operations to forget one in.

use std::cell::Cell;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::operation::{Operation, Version};

pub use crate::generated::dispatch::BINDINGS;

/// The codecs of one operation version.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// The operation.
    pub operation: &'static Operation,
    /// The number of its version in the operation's list.
    pub index: usize,
    /// Decodes a request body and writes it again; absent where the operation takes none.
    pub request: Option<Codec>,
    /// Decodes a success body and writes it again.
    pub response: Codec,
}

impl Binding {
    /// The version.
    #[must_use]
    pub fn version(&self) -> &'static Version {
        &self.operation.versions[self.index]
    }
}

/// Decodes a body and writes it again.
pub type Codec = fn(&[u8]) -> Result<Recoded, serde_json::Error>;

/// The binding of an operation (by any of its names) at the version that `date` names exactly.
#[must_use]
pub fn find(operation: &str, date: &str) -> Option<&'static Binding> {
    let operation = crate::operations::find(operation)?;
    BINDINGS.iter().find(|binding| binding.operation.id == operation.id && binding.version().date == date)
}

/// A body that went through a binding.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Recoded {
    /// The body as the binding writes it.
    pub json: Value,
    /// The same without what the specification does not define.
    pub documented: Value,
    /// Whether what was written decodes to an equal value.
    pub stable: bool,
}

pub(crate) fn recode<T: DeserializeOwned + Serialize + PartialEq>(body: &[u8]) -> Result<Recoded, serde_json::Error> {
    let value: T = crate::request::decode(body)?;
    let json = serde_json::to_value(&value)?;
    let stable = crate::request::decode::<T>(&serde_json::to_vec(&value)?)? == value;
    let documented = {
        let _guard = DocumentedOnly::new();
        serde_json::to_value(&value)?
    };
    Ok(Recoded { json, documented, stable })
}

thread_local! {
    static DOCUMENTED_ONLY: Cell<bool> = const { Cell::new(false) };
}

/// Whether writing leaves undocumented fields out on this thread, for the comparison in [`recode`].
pub(crate) fn documented_only() -> bool {
    DOCUMENTED_ONLY.get()
}

/// Leaves undocumented fields out while it lives, also if writing panics.
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
