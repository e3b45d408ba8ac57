//! Bounds on what a body may become in memory while it is read.
//!
//! A few bytes of JSON can take several hundred in memory: `{}` is a whole record. Each record and each value of any JSON is
//! therefore charged with its size. A body may take [`BASE`] plus [`PER_BYTE`] times its length; a list is counted once,
//! though while it grows its old and its new place are held. Lists of text and numbers are not charged: they take at most
//! twelve times their own length.

use std::{cell::Cell, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

/// What each body may take, in bytes.
const BASE: usize = 32 << 20;
/// What a body may take for each of its bytes, in bytes.
const PER_BYTE: usize = 4;

/// The most items of a list whose operation takes no `itemsPerPage`.
pub const MAX_UNPAGED_ITEMS: usize = 10_000;

#[derive(Clone, Copy)]
struct Bounds {
    /// The most items of a page.
    items: usize,
    /// The bytes that are left.
    bytes: usize,
}

thread_local! {
    static BOUNDS: Cell<Bounds> = const { Cell::new(Bounds { items: MAX_UNPAGED_ITEMS, bytes: usize::MAX }) };
}

/// Reads a body of `length` bytes with a bound on the items of a page and on memory, on this thread.
pub(super) fn bounded<T>(items: usize, length: usize, read: impl FnOnce() -> T) -> T {
    /// Restores the former bounds also when reading panics.
    struct Former(Bounds);
    impl Drop for Former {
        fn drop(&mut self) {
            BOUNDS.set(self.0);
        }
    }
    let bytes = BASE.saturating_add(length.saturating_mul(PER_BYTE));
    let _former = Former(BOUNDS.replace(Bounds { items, bytes }));
    read()
}

/// The most items that a page may have.
pub(super) fn most_items() -> usize {
    BOUNDS.get().items
}

/// Charges the memory of a value.
#[inline]
pub(super) fn charge<E: Error>(bytes: usize) -> Result<(), E> {
    let bounds = BOUNDS.get();
    let left = bounds.bytes.checked_sub(bytes);
    // Nothing is left once a value did not fit, so that nothing is kept in its place.
    BOUNDS.set(Bounds { bytes: left.unwrap_or_default(), ..bounds });
    left.map(drop).ok_or_else(exhausted)
}

/// Whether a value did not fit.
pub(super) fn is_exhausted() -> bool {
    BOUNDS.get().bytes == 0
}

#[cold]
fn exhausted<E: Error>() -> E {
    E::custom(format_args!(
        "the document takes more memory than {} MiB and {PER_BYTE} bytes for each of its bytes",
        BASE >> 20
    ))
}

/// Any JSON, charged while it is read.
#[derive(Debug, Clone, PartialEq)]
pub struct AnyJson(
    /// The value.
    pub Value,
);

impl<'de> Deserialize<'de> for AnyJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Any.deserialize(deserializer).map(Self)
    }
}

/// Reads a value of any JSON and charges it.
pub(super) struct Any;

/// Charges one more entry of an object, without its value. A node of the map's tree has room for eleven.
pub(super) fn charge_entry<E: Error>(object: &Map<String, Value>) -> Result<(), E> {
    let entries = if object.is_empty() { 11 } else { 1 };
    charge(entries * (size_of::<String>() + size_of::<Value>()))
}

impl<'de> DeserializeSeed<'de> for Any {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        charge(size_of::<Value>())?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Any {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(Any)? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(key) = object.next_key::<String>()? {
            charge_entry(&fields)?;
            fields.insert(key, object.next_value_seed(Any)?);
        }
        Ok(fields.into())
    }
}
