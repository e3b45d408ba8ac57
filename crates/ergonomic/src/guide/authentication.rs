//! Where credentials come from.
//!
//! [`Client::from_env`](crate::Client::from_env) uses the first of these that is complete: a service account, an API
//! key, an access token, each from the [environment](crate::Credentials::from_env), then a
//! [profile](crate::Profile) of the official command line. A [builder](crate::Builder) takes credentials explicitly and
//! looks nowhere else. A client never falls back to calls without credentials.
//!
//! ```
//! use atlas_backup::{ATLAS_GOVERNMENT, Client, Credentials};
//!
//! let atlas = Client::builder()
//!     .base_url(ATLAS_GOVERNMENT) // tokens are requested there, too
//!     .credentials(Credentials::service_account("mdb_sa_id_…", "mdb_sa_sk_…"))
//!     .build()?;
//! # let _ = atlas;
//! # Ok::<(), atlas_backup::Error>(())
//! ```
//!
//! **Service accounts.** All tasks and clones of a client share one token. It is fetched once for any number of concurrent
//! calls, renewed before it expires while other calls use the old one, and replaced once when the service no longer accepts
//! it. The service issues about ten tokens a minute, so short programs should share one:
//!
//! ```no_run
//! use atlas_backup::{Client, token_folder};
//!
//! # fn example() -> atlas_backup::Result<()> {
//! let mut builder = Client::builder().from_env()?;
//! if let Some(folder) = token_folder() {
//!     builder = builder.token_store(folder);
//! }
//! let atlas = builder.build()?;
//! # let _ = atlas;
//! # Ok(())
//! # }
//! ```
//!
//! Only their owner can open the files. A damaged file costs a token request and never fails a call.
//! [`revoke_token`](crate::Client::revoke_token) revokes a token.
//!
//! **API keys** sign with HTTP digest. The first call costs one extra request for the service's nonce, which is then
//! used with a rising count: one request a call, for any number of tasks.
//!
//! **Credentials that change.** A [`CredentialsProvider`](crate::CredentialsProvider) supplies credentials for as long as a client
//! lives, such as tokens from a vault or an identity federation. The client asks it again when a token expires or is refused.
//!
//! **Secrets** appear in no `Debug`, error, log line or span. Requests leave this machine over https only, except to hosts
//! that were [allowed by name](crate::Builder::allow_http_to), and no redirect is followed.
