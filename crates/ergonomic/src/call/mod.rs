//! Calls: the client's core, single calls by binding, name or path, lists, waits, and the forwarding of
//! calls to retired operations.

pub(crate) mod background;
pub(crate) mod binding;
pub(crate) mod client;
mod flex_fields;
pub(crate) mod flex_form;
pub(crate) mod options;
pub(crate) mod page;
#[rustfmt::skip]
#[path = "../generated/pages.rs"]
mod page_types;
pub(crate) mod pages;
pub(crate) mod paging;
pub(crate) mod path_call;
pub(crate) mod raw;
pub(crate) mod redirect;
pub(crate) mod wait;
