//! Signing requests. A secret leaves these modules only inside a header that is marked sensitive.

mod challenge;
mod digest;
mod digest_session;
pub(crate) mod provided;
mod shared;
pub(crate) mod signer;
mod store;
mod token;
