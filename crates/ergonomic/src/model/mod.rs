//! The vocabulary of the service and of this crate: errors, IDs, versions, documents, kinds of clusters, job states,
//! credentials. Nothing here sends a request.

pub(crate) mod api_error;
pub(crate) mod atomic_file;
pub(crate) mod credentials;
pub(crate) mod credentials_provider;
pub(crate) mod document;
pub(crate) mod documents;
pub(crate) mod dry_run;
pub(crate) mod entity;
pub(crate) mod error;
pub(crate) mod error_code;
pub(crate) mod error_kind;
mod error_kind_names;
mod error_text;
#[rustfmt::skip]
#[path = "../generated/ids.rs"]
mod id_types;
pub(crate) mod ids;
#[rustfmt::skip]
#[path = "../generated/keys.rs"]
mod keys;
pub(crate) mod kinds;
pub(crate) mod meta;
pub(crate) mod operations;
pub(crate) mod redaction;
pub(crate) mod retired;
pub(crate) mod sealed;
pub(crate) mod states;
pub(crate) mod subject;
pub(crate) mod text_form;
pub(crate) mod version;
pub(crate) mod wait_policy;
