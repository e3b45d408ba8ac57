//! Injected faults: which requests go wrong, and how.

pub(crate) mod apply;
pub(crate) mod effect;
pub(crate) mod fault;
