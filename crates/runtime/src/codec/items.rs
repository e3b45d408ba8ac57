//! The items of a page, counted while they are read.
//!
//! A page without `results` is an error, never an empty list. A page with more items than were asked for is refused before
//! memory is spent on them: an item of two bytes, `{}`, takes several hundred in memory. So the items of a page take at most
//! three times the bound times the size of an item, while the list grows. [`bounds`](super::bounds) has the bound on the
//! contents of the fields.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, SeqAccess, Visitor},
};

use super::bounds::most_items;

/// The items of a page: a list, and not more of them than [`decode_at_most`](super::decode_at_most) allows.
pub(super) struct Items<T>(pub(super) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Items<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ItemsVisitor { most: most_items(), items: PhantomData })
    }
}

struct ItemsVisitor<T> {
    most: usize,
    items: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for ItemsVisitor<T> {
    type Value = Items<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Items<T>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            if items.len() == self.most {
                return Err(A::Error::custom(format_args!("the page has more than {} items", self.most)));
            }
            items.push(item);
        }
        Ok(Items(items))
    }
}
