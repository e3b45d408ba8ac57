//! The content of a page, for any document type: its items, their count, and whether there is a next page.
//!
//! A response without a list of items is not a page; it does not decode. An empty list would tell an audit that no backups
//! exist.

use atlas_backup_generated::types::Link;
use atlas_backup_runtime::{Extra, record};
use serde::de::DeserializeOwned;
use serde_json::{Value, value::RawValue};

/// A page's document.
pub(crate) trait PageDocument: DeserializeOwned + Send + 'static {
    type Item: DeserializeOwned + Send + 'static;

    fn into_parts(self) -> Parts<Self::Item>;
}

/// The content of a page.
pub(crate) struct Parts<T> {
    pub(crate) items: Vec<T>,
    pub(crate) total_count: Option<i64>,
    /// Whether its links lead to a next page.
    pub(crate) has_next: bool,
}

/// Whether links contain a next page. Malformed links are checked one by one.
pub(crate) fn has_next(links: Option<&[Link]>, odd: Option<&Value>) -> bool {
    match (links, odd) {
        (Some(links), _) => links.iter().any(|link| link.rel.as_deref() == Some("next")),
        (None, Some(odd)) => odd.as_array().into_iter().flatten().any(|link| link["rel"] == "next"),
        (None, None) => false,
    }
}

macro_rules! pages {
    ($($page:ident of $item:ident),* $(,)?) => {
        $(impl $crate::call::page::PageDocument for atlas_backup_generated::types::$page {
            type Item = atlas_backup_generated::types::$item;

            fn into_parts(self) -> $crate::call::page::Parts<Self::Item> {
                $crate::call::page::Parts {
                    items: self.results,
                    total_count: self.total_count,
                    has_next: $crate::call::page::has_next(self.links.as_deref(), self.extra.get("links")),
                }
            }
        })*
    };
}

pub(crate) use pages;

/// A page whose items are left as they came.
pub(crate) struct RawPage {
    results: Vec<Box<RawValue>>,
    links: Option<Vec<Link>>,
    total_count: Option<i64>,
    extra: Extra,
}

record!(RawPage { links: optional "links", results: page "results", total_count: optional "totalCount" });

impl PageDocument for RawPage {
    type Item = Box<RawValue>;

    fn into_parts(self) -> Parts<Self::Item> {
        let has_next = has_next(self.links.as_deref(), self.extra.get("links"));
        Parts { items: self.results, total_count: self.total_count, has_next }
    }
}
