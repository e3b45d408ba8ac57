//! The query language of the server on BSON values: filters, projections, sorts, pipelines and updates.
//!
//! An operator or stage that is not here is refused with the server's own error. Nothing is ignored.

pub(crate) mod decimal;
#[cfg(feature = "mongo")]
pub(crate) mod error;
#[cfg(feature = "mongo")]
pub(crate) mod expression;
#[cfg(feature = "mongo")]
pub(crate) mod filter;
#[cfg(feature = "mongo")]
pub(crate) mod group;
pub(crate) mod key;
#[cfg(feature = "mongo")]
pub(crate) mod order;
#[cfg(feature = "mongo")]
pub(crate) mod paths;
#[cfg(feature = "mongo")]
pub(crate) mod pattern;
#[cfg(feature = "mongo")]
pub(crate) mod pipeline;
#[cfg(feature = "mongo")]
pub(crate) mod projection;
#[cfg(feature = "mongo")]
pub(crate) mod sort;
#[cfg(feature = "mongo")]
pub(crate) mod update;
