//! Objects: reads known fields by number, keeps unknown ones, writes both.

use std::{fmt, marker::PhantomData};

use chrono::{DateTime, Utc};
use serde::{
    Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, Visitor},
    ser::{Error as _, SerializeMap},
};
use serde_json::{Map, Value};

use super::{
    bounds::{Any, AnyJson, charge, charge_entry},
    items::Items,
    mode::is_lenient,
    nullable::Nullable,
    time::{Time, is_same_time},
};

/// Fields that the specification does not define, by name, as the service sent them.
pub type Extra = Map<String, Value>;

/// A JSON object with named fields.
pub trait Record: Sized {
    /// The type's name, for errors.
    const NAME: &'static str;
    /// The number of the field `key`.
    fn index(key: &str) -> Option<usize>;
    /// Reads the fields.
    ///
    /// # Errors
    /// Returns an error if the value of a field does not fit or a required one is missing.
    fn read<'de, A: MapAccess<'de>>(fields: Fields<A>) -> Result<Self, A::Error>;
    /// Writes the fields that have a value.
    ///
    /// # Errors
    /// Returns an error if the serializer fails.
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;
    /// The fields that the specification does not define.
    fn extra(&self) -> &Extra;
}

/// The fields of an object during reading: known ones by number, unknown ones collected in `extra`.
#[derive(Debug)]
pub struct Fields<A> {
    map: A,
    index: fn(&str) -> Option<usize>,
    /// The name of the current field, for unknown fields and in lenient mode.
    name: String,
    lenient: bool,
    /// The unknown fields read so far.
    pub extra: Extra,
}

impl<'de, A: MapAccess<'de>> Fields<A> {
    /// The number of the next field. An unknown one has a number outside of the table.
    ///
    /// # Errors
    /// Returns an error if the input is not JSON.
    #[allow(clippy::should_implement_trait, reason = "an iterator could not hand the value out separately")]
    pub fn next(&mut self) -> Result<Option<usize>, A::Error> {
        if self.lenient {
            return self.next_named();
        }
        self.map.next_key_seed(Key { index: self.index, name: &mut self.name })
    }

    /// Like [`next`](Self::next), but records the name of the field.
    #[cold]
    fn next_named(&mut self) -> Result<Option<usize>, A::Error> {
        let Some(name) = self.map.next_key()? else { return Ok(None) };
        self.name = name;
        Ok(Some((self.index)(&self.name).unwrap_or(UNKNOWN)))
    }

    /// Reads the value of the field whose number [`next`](Self::next) returned. Null is `None`.
    ///
    /// Not inlined: one copy serves every field of the type, and keeps field addresses out of registers in the loop
    /// over all fields.
    ///
    /// # Errors
    /// Returns an error if the value does not fit the type in strict mode.
    #[inline(never)]
    pub fn value<T: DeserializeOwned>(&mut self, field: &mut Option<T>) -> Result<(), A::Error> {
        *field =
            if self.lenient { self.fitting(|text| serde_json::from_slice(text))? } else { self.map.next_value()? };
        Ok(())
    }

    /// Reads the value of a nullable field.
    ///
    /// # Errors
    /// Returns an error if the value does not fit the type in strict mode.
    #[inline(never)]
    pub fn nullable<T: DeserializeOwned>(&mut self, field: &mut Option<Nullable<T>>) -> Result<(), A::Error> {
        *field = if self.lenient {
            self.fitting(|text| serde_json::from_slice::<Option<T>>(text).map(|value| Some(value.into())))?
        } else {
            Some(self.map.next_value::<Option<T>>()?.into())
        };
        Ok(())
    }

    /// Reads the items of a page. Null is `None`.
    ///
    /// # Errors
    /// When the value is not a list; when an item does not fit; when there are more items than the caller of
    /// [`decode_at_most`](super::decode_at_most) allows.
    pub fn items<T: DeserializeOwned>(&mut self, field: &mut Option<Vec<T>>) -> Result<(), A::Error> {
        *field = self.map.next_value::<Option<Items<T>>>()?.map(|items| items.0);
        Ok(())
    }

    /// Reads any JSON. Null is `None`.
    ///
    /// # Errors
    /// When the document takes too much memory.
    pub fn any(&mut self, field: &mut Option<Value>) -> Result<(), A::Error> {
        *field = self.map.next_value::<Option<AnyJson>>()?.map(|any| any.0);
        Ok(())
    }

    /// Reads a point in time. Text that would be written differently is kept in `extra` too, under `key`.
    ///
    /// # Errors
    /// When the value is not a time and reading is strict.
    #[inline(never)]
    pub fn time(&mut self, field: &mut Option<DateTime<Utc>>, key: &'static str) -> Result<(), A::Error> {
        let (time, text) = if self.lenient {
            self.fitting(|text| serde_json::from_slice::<Option<Time>>(text))?
                .map(|time| (time.time, time.text))
                .unzip()
        } else {
            self.map.next_value::<Option<Time>>()?.map(|time| (time.time, time.text)).unzip()
        };
        *field = time;
        if let Some(text) = text.flatten() {
            self.extra.insert(key.to_owned(), Value::String(text));
        }
        Ok(())
    }

    /// Reads the items of a list that is the point of its document: it must fit. Null is `None`.
    ///
    /// # Errors
    /// Returns an error if the value is not a list or an item does not fit.
    pub fn list<T: DeserializeOwned>(&mut self, field: &mut Option<Vec<T>>) -> Result<(), A::Error> {
        *field = self.map.next_value()?;
        Ok(())
    }

    /// The value if it fits. Otherwise it is kept in `extra`.
    #[cold]
    fn fitting<T>(&mut self, read: fn(&[u8]) -> serde_json::Result<Option<T>>) -> Result<Option<T>, A::Error> {
        charge_entry(&self.extra)?;
        let value = self.map.next_value_seed(Any)?;
        let text = serde_json::to_vec(&value).map_err(A::Error::custom)?;
        read(&text).or_else(|_| {
            charge(1)?;
            self.extra.insert(std::mem::take(&mut self.name), value);
            Ok(None)
        })
    }

    /// Keeps the value of an unknown field.
    ///
    /// # Errors
    /// Returns an error if the input is not JSON.
    #[cold]
    pub fn keep(&mut self) -> Result<(), A::Error> {
        charge_entry(&self.extra)?;
        let value = self.map.next_value_seed(Any)?;
        self.extra.insert(std::mem::take(&mut self.name), value);
        Ok(())
    }
}

/// The value of a required field.
///
/// # Errors
/// Returns an error if the field was absent or null.
pub fn required<T, E: serde::de::Error>(value: Option<T>, name: &'static str) -> Result<T, E> {
    value.ok_or_else(|| E::missing_field(name))
}

/// Writes a field that has a value.
///
/// # Errors
/// Returns an error if the serializer fails.
pub fn put<M: SerializeMap, T: Serialize>(map: &mut M, key: &'static str, value: &Option<T>) -> Result<(), M::Error> {
    match value {
        Some(value) => map.serialize_entry(key, value),
        None => Ok(()),
    }
}

/// The number of an unknown field. No type has as many fields.
const UNKNOWN: usize = usize::MAX;

/// Reads a key as the number of its field. The name of an unknown field is stored separately, so that known fields need
/// no string.
struct Key<'a> {
    index: fn(&str) -> Option<usize>,
    name: &'a mut String,
}

impl Key<'_> {
    #[cold]
    fn unknown(self, key: &str) -> usize {
        key.clone_into(self.name);
        UNKNOWN
    }
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field name")
    }

    fn visit_str<E>(self, key: &str) -> Result<usize, E> {
        Ok(match (self.index)(key) {
            Some(index) => index,
            None => self.unknown(key),
        })
    }
}

struct Object<T>(PhantomData<T>);

impl<'de, T: Record> Visitor<'de> for Object<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object ({})", T::NAME)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        member(map)
    }
}

/// Reads an object from the remaining entries of `map`.
///
/// # Errors
/// As [`Record::read`], and when the document takes too much memory.
pub fn member<'de, T: Record, A: MapAccess<'de>>(map: A) -> Result<T, A::Error> {
    charge(size_of::<T>())?;
    T::read(Fields { map, index: T::index, name: String::new(), lenient: is_lenient(), extra: Extra::new() })
}

/// Reads an object.
///
/// # Errors
/// Returns an error if the input is not an object, a value does not fit, or a required field is missing.
pub fn read<'de, T: Record, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_map(Object(PhantomData))
}

/// Writes an object: its fields in the order of their names, then the undocumented ones.
///
/// # Errors
/// Returns an error if the serializer fails.
pub fn write<T: Record, S: Serializer>(record: &T, serializer: S) -> Result<S::Ok, S::Error> {
    if record.extra().keys().any(|key| T::index(key).is_some()) {
        return write_merged(record, serializer);
    }
    let mut map = serializer.serialize_map(None)?;
    record.write(&mut map)?;
    put_extra(&mut map, record.extra())?;
    map.end()
}

/// Writes an object whose `extra` has a value under the name of a field. The field wins, unless both are the same point in
/// time: then it is written as it came.
#[cold]
fn write_merged<T: Record, S: Serializer>(record: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let mut own = serde_json::value::Serializer.serialize_map(None).map_err(S::Error::custom)?;
    record.write(&mut own).map_err(S::Error::custom)?;
    let Value::Object(mut fields) = own.end().map_err(S::Error::custom)? else { unreachable!("a map is an object") };
    #[cfg(feature = "dispatch")]
    if super::recode::documented_only() {
        return fields.serialize(serializer);
    }
    for (key, value) in record.extra() {
        if fields.get(key).is_none_or(|field| is_same_time(field, value)) {
            fields.insert(key.clone(), value.clone());
        }
    }
    fields.serialize(serializer)
}

pub(super) fn put_extra<M: SerializeMap>(map: &mut M, extra: &Extra) -> Result<(), M::Error> {
    #[cfg(feature = "dispatch")]
    if super::recode::documented_only() {
        return Ok(());
    }
    extra.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))
}
