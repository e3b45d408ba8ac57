//! Authentication: API keys by HTTP digest, service accounts by OAuth, bearer tokens.

pub(crate) mod credentials;
pub(crate) mod digest;
pub(crate) mod jwt;
pub(crate) mod oauth;
