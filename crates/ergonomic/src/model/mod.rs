//! What the service's things are: the vocabulary that every other part of this crate uses.

pub(crate) mod documents;
pub(crate) mod kinds;
pub(crate) mod states;
