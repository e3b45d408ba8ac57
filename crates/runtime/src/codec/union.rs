//! Unions: objects of several kinds, selected by a tag.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserializer, Serializer,
    de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, Visitor},
    ser::SerializeMap,
};
use serde_json::Value;

use super::{
    bounds::{Any, charge_entry},
    record::{Extra, put_extra},
};

/// An object of one of several kinds, selected by a tag.
pub trait Union: Sized {
    /// The type's name, for errors.
    const NAME: &'static str;
    /// The field with the tag.
    const TAG: &'static str;
    /// Reads the kind `tag`. An unknown kind is kept unchanged.
    ///
    /// # Errors
    /// Returns an error if a value does not fit the kind.
    fn read<'de, A: MapAccess<'de>>(tag: Option<&str>, map: A) -> Result<Self, A::Error>;
}

struct UnionVisitor<T>(PhantomData<T>);

impl<'de, T: Union> Visitor<'de> for UnionVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object ({})", T::NAME)
    }

    /// Buffers the entries before the tag, then reads them and the rest as the kind.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let (mut held, mut tag) = (Vec::new(), None);
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(Any)?;
            if key == T::TAG {
                tag = value.as_str().map(str::to_owned);
                held.push((key, value));
                break;
            }
            held.push((key, value));
        }
        T::read(tag.as_deref(), Replay { held: held.into_iter(), value: None, map })
    }
}

/// Reads a union.
///
/// # Errors
/// Returns an error if the input is not an object or a value does not fit the kind of the tag.
pub fn read_union<'de, T: Union, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_map(UnionVisitor(PhantomData))
}

/// Reads a kind that is itself a union.
///
/// # Errors
/// As [`Union::read`].
pub fn nested<'de, T: DeserializeOwned, A: MapAccess<'de>>(map: A) -> Result<T, A::Error> {
    T::deserialize(Value::Object(unknown(map)?)).map_err(A::Error::custom)
}

/// Reads an object of an unknown kind.
///
/// # Errors
/// Returns an error if the input is not JSON.
pub fn unknown<'de, A: MapAccess<'de>>(mut map: A) -> Result<Extra, A::Error> {
    let mut extra = Extra::new();
    while let Some(key) = map.next_key()? {
        charge_entry(&extra)?;
        extra.insert(key, map.next_value_seed(Any)?);
    }
    Ok(extra)
}

/// Writes an object of an unknown kind.
///
/// # Errors
/// Returns an error if the serializer fails.
pub fn write_unknown<S: Serializer>(extra: &Extra, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    put_extra(&mut map, extra)?;
    map.end()
}

/// Buffered entries, then the rest of the map.
struct Replay<A> {
    held: std::vec::IntoIter<(String, Value)>,
    value: Option<Value>,
    map: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Replay<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        match self.held.next() {
            Some((key, value)) => {
                self.value = Some(value);
                seed.deserialize(Value::String(key)).map(Some).map_err(A::Error::custom)
            }
            None => self.map.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        match self.value.take() {
            Some(value) => seed.deserialize(value).map_err(A::Error::custom),
            None => self.map.next_value_seed(seed),
        }
    }
}
