//! What a page says, whichever document it comes in: its items, their count, whether there is a next one.
//!
//! A document that says none of it but something else is no page, and must never pass for an empty list: who audits
//! backups would be told that there are none.

use atlas_backup_generated::types::Link;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A page's document.
pub(crate) trait PageDocument: DeserializeOwned + Send + 'static {
    type Item: DeserializeOwned + Send + 'static;

    fn into_parts(self) -> Parts<Self::Item>;
}

/// What a page says.
pub(crate) struct Parts<T> {
    /// The items; none where there are no `results`, which some pages may leave out when they are empty.
    pub(crate) items: Vec<T>,
    pub(crate) total_count: Option<i64>,
    /// `None` where there are no links.
    pub(crate) has_next: Option<bool>,
    /// Whether it says anything else.
    pub(crate) has_other_fields: bool,
}

impl<T> Parts<T> {
    /// Whether this is some other document: it has nothing that a page has.
    pub(super) fn is_other_document(&self) -> bool {
        self.has_other_fields && self.items.is_empty() && self.total_count.is_none() && self.has_next.is_none()
    }
}

/// Whether links lead to a next page; read one by one where they are not all what was promised.
pub(crate) fn has_next(links: Option<&[Link]>, odd: Option<&Value>) -> Option<bool> {
    match (links, odd) {
        (Some(links), _) => Some(links.iter().any(|link| link.rel.as_deref() == Some("next"))),
        (None, Some(odd)) => Some(odd.as_array().into_iter().flatten().any(|link| link["rel"] == "next")),
        (None, None) => None,
    }
}

macro_rules! pages {
    ($($page:ident of $item:ident),* $(,)?) => {
        $(impl $crate::call::page::PageDocument for atlas_backup_generated::types::$page {
            type Item = atlas_backup_generated::types::$item;

            fn into_parts(self) -> $crate::call::page::Parts<Self::Item> {
                // `results` is required on most pages and optional on some.
                let results: Option<_> = self.results.into();
                $crate::call::page::Parts {
                    items: results.unwrap_or_default(),
                    total_count: self.total_count,
                    has_next: $crate::call::page::has_next(self.links.as_deref(), self.extra.get("links")),
                    has_other_fields: !self.extra.is_empty(),
                }
            }
        })*
    };
}

pub(crate) use pages;
