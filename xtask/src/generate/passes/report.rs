//! What a pass has to say.

use crate::openapi::pointer::Pointer;

/// What a pass did.
#[derive(Debug, Default, Clone, PartialEq, serde::Serialize)]
pub(crate) struct Report {
    /// How many places it changed.
    pub(crate) changed: usize,
    /// What it could not map.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) residues: Vec<Residue>,
}

/// A construct that no rule maps.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub(crate) struct Residue {
    /// Where it stands, a JSON pointer into the document as it was at that pass.
    pub(crate) pointer: Pointer,
    /// What it is.
    pub(crate) message: String,
}

impl Report {
    pub(super) fn residue(&mut self, pointer: impl Into<Pointer>, message: impl Into<String>) {
        self.residues.push(Residue { pointer: pointer.into(), message: message.into() });
    }
}
