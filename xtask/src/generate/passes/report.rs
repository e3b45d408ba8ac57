//! The report of a pass.

use crate::openapi::pointer::Pointer;

/// The report of a pass.
#[derive(Debug, Default, Clone, PartialEq, serde::Serialize)]
pub(crate) struct Report {
    /// Number of changed locations.
    pub(crate) changed: usize,
    /// Constructs that it could not map.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) residues: Vec<Residue>,
}

/// A construct that no rule maps.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub(crate) struct Residue {
    /// Its location, a JSON pointer into the document at the time of that pass.
    pub(crate) pointer: Pointer,
    /// The problem.
    pub(crate) message: String,
}

impl Report {
    pub(super) fn residue(&mut self, pointer: impl Into<Pointer>, message: impl Into<String>) {
        self.residues.push(Residue { pointer: pointer.into(), message: message.into() });
    }
}
