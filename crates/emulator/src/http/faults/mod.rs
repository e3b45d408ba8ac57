//! Injected faults: which requests they match, and their effects.

pub(crate) mod apply;
pub(crate) mod effect;
pub(crate) mod fault;
