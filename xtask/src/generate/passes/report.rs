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
    /// Whether the construct is left out of the bindings. Otherwise its schema can become any JSON.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_left_out: bool,
}

impl Report {
    pub(super) fn residue(&mut self, pointer: impl Into<Pointer>, message: impl Into<String>) {
        let (pointer, message) = (pointer.into(), message.into());
        self.residues.push(Residue { pointer, message, is_left_out: false });
    }

    /// A construct that the bindings do not offer.
    pub(super) fn left_out(&mut self, pointer: impl Into<Pointer>, message: impl Into<String>) {
        let (pointer, message) = (pointer.into(), message.into());
        self.residues.push(Residue { pointer, message, is_left_out: true });
    }
}
