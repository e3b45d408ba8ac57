//! Decoding by operation and version, for programs that check recorded traffic against the bindings.
//!
//! The table of bindings is generated. This module defines its rows.

use crate::{
    codec::Recoded,
    operation::{Operation, Version},
};

/// The codecs of one operation version.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// The operation.
    pub operation: &'static Operation,
    /// The index of its version in the operation's list.
    pub index: usize,
    /// Decodes a request body and writes it again; absent if the operation takes none.
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
