//! How the bindings' types read and write JSON: one mechanism for every object, text enum and union.
//!
//! Derived implementations would compile to twice the code, drop what they do not know and fail on a new enum value.
//! Here each type states only its own part ([`Record`], [`Text`], [`Union`]); reading, keeping unknown fields and
//! writing them back is shared. The rules: null is the same as absent unless the field is a [`Nullable`]; the last of
//! two equal keys wins; a field that the document does not define goes to `extra` and is written back; a list or a
//! text where an object belongs is an error that names the type.
//!
//! A field whose value is not what the document says must not cost the answer it is in. Reading is strict first; when
//! that fails, [`decode`](crate::decode) reads again, and such a value goes to `extra` under its own name.

use std::{cell::Cell, fmt, marker::PhantomData};

use serde::{
    Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, Visitor},
    ser::SerializeMap,
};
use serde_json::{Map, Value};

/// Fields that the specification does not define, by name, kept as they came.
pub type Extra = Map<String, Value>;

/// A JSON object with named fields.
pub trait Record: Sized {
    /// The type's name, for errors.
    const NAME: &'static str;
    /// The number of the field that `key` names.
    fn index(key: &str) -> Option<usize>;
    /// Reads the fields.
    ///
    /// # Errors
    /// When a field's value does not fit or a required one is missing.
    fn read<'de, A: MapAccess<'de>>(fields: Fields<A>) -> Result<Self, A::Error>;
    /// Writes the fields that have a value.
    ///
    /// # Errors
    /// When the serializer fails.
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;
    /// The fields that the specification does not define.
    fn extra(&self) -> &Extra;
}

/// The fields of an object as they are read: known ones by number, unknown ones collected in `extra`.
#[derive(Debug)]
pub struct Fields<A> {
    map: A,
    index: fn(&str) -> Option<usize>,
    /// The name of the field being read: of an unknown one, and of each when reading is lenient.
    name: String,
    lenient: bool,
    /// The unknown fields read so far.
    pub extra: Extra,
}

impl<'de, A: MapAccess<'de>> Fields<A> {
    /// The number of the next field; one that no field has for an unknown one.
    ///
    /// # Errors
    /// When the input is not JSON.
    #[allow(clippy::should_implement_trait, reason = "an iterator could not hand the value out separately")]
    pub fn next(&mut self) -> Result<Option<usize>, A::Error> {
        if self.lenient {
            return self.next_named();
        }
        self.map.next_key_seed(Key { index: self.index, name: &mut self.name })
    }

    /// As [`next`](Self::next), noting the field's name.
    #[cold]
    fn next_named(&mut self) -> Result<Option<usize>, A::Error> {
        let Some(name) = self.map.next_key()? else { return Ok(None) };
        self.name = name;
        Ok(Some((self.index)(&self.name).unwrap_or(UNKNOWN)))
    }

    /// Reads the value of the field whose number [`next`](Self::next) gave; null is `None`.
    ///
    /// Not inlined: one copy serves every field of the type, and fields whose address is taken stay where they are
    /// instead of wandering through registers in a loop over all of them.
    ///
    /// # Errors
    /// When the value does not fit the type and reading is strict.
    #[inline(never)]
    pub fn value<T: DeserializeOwned>(&mut self, field: &mut Option<T>) -> Result<(), A::Error> {
        *field =
            if self.lenient { self.fitting(|text| serde_json::from_slice(text))? } else { self.map.next_value()? };
        Ok(())
    }

    /// Reads the value of a field in which null means something.
    ///
    /// # Errors
    /// When the value does not fit the type and reading is strict.
    #[inline(never)]
    pub fn nullable<T: DeserializeOwned>(&mut self, field: &mut Option<Nullable<T>>) -> Result<(), A::Error> {
        *field = if self.lenient {
            self.fitting(|text| serde_json::from_slice::<Option<T>>(text).map(|value| Some(value.into())))?
        } else {
            Some(self.map.next_value::<Option<T>>()?.into())
        };
        Ok(())
    }

    /// Reads the items of a list that is the point of its document, such as a page's: it must fit. Null is `None`.
    ///
    /// # Errors
    /// When the value is no list or an item does not fit.
    pub fn list<T: DeserializeOwned>(&mut self, field: &mut Option<Vec<T>>) -> Result<(), A::Error> {
        *field = self.map.next_value()?;
        Ok(())
    }

    /// The value if it fits; one that does not is kept in `extra`.
    #[cold]
    fn fitting<T>(&mut self, read: fn(&[u8]) -> serde_json::Result<Option<T>>) -> Result<Option<T>, A::Error> {
        let value: Value = self.map.next_value()?;
        let text = serde_json::to_vec(&value).map_err(A::Error::custom)?;
        Ok(read(&text).unwrap_or_else(|_| {
            self.extra.insert(std::mem::take(&mut self.name), value);
            None
        }))
    }

    /// Keeps the value of an unknown field.
    ///
    /// # Errors
    /// When the input is not JSON.
    #[cold]
    pub fn keep(&mut self) -> Result<(), A::Error> {
        let value = self.map.next_value()?;
        self.extra.insert(std::mem::take(&mut self.name), value);
        Ok(())
    }
}

/// The value of a required field.
///
/// # Errors
/// When the field was absent or null.
pub fn required<T, E: serde::de::Error>(value: Option<T>, name: &'static str) -> Result<T, E> {
    value.ok_or_else(|| E::missing_field(name))
}

/// Writes a field that has a value.
///
/// # Errors
/// When the serializer fails.
pub fn put<M: SerializeMap, T: Serialize>(map: &mut M, key: &'static str, value: &Option<T>) -> Result<(), M::Error> {
    match value {
        Some(value) => map.serialize_entry(key, value),
        None => Ok(()),
    }
}

thread_local! {
    static LENIENT: Cell<bool> = const { Cell::new(false) };
}

/// Reads JSON leniently: a value that does not fit its field is kept in `extra` and the field is absent.
///
/// # Errors
/// When the text is not JSON, or what does not fit is the document itself, an item of a page or a required field.
pub(crate) fn lenient<T>(read: impl FnOnce() -> serde_json::Result<T>) -> serde_json::Result<T> {
    /// Ends leniency also when reading panics.
    struct Strict;
    impl Drop for Strict {
        fn drop(&mut self) {
            LENIENT.set(false);
        }
    }
    LENIENT.set(true);
    let _strict = Strict;
    read()
}

/// The number of an unknown field. No type has as many fields.
const UNKNOWN: usize = usize::MAX;

/// Reads a key as the number of its field. The name of an unknown one is left at the side: so the result of all others
/// is a number and no text.
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

/// Reads an object from the entries that are left in `map`.
///
/// # Errors
/// As [`Record::read`].
pub fn member<'de, T: Record, A: MapAccess<'de>>(map: A) -> Result<T, A::Error> {
    T::read(Fields { map, index: T::index, name: String::new(), lenient: LENIENT.get(), extra: Extra::new() })
}

/// Reads an object.
///
/// # Errors
/// When the input is no object, a value does not fit, or a required field is missing.
pub fn read<'de, T: Record, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_map(Object(PhantomData))
}

/// Writes an object: its own fields in the order of their names, then the undocumented ones.
///
/// # Errors
/// When the serializer fails.
pub fn write<T: Record, S: Serializer>(record: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    record.write(&mut map)?;
    put_extra(&mut map, record.extra())?;
    map.end()
}

fn put_extra<M: SerializeMap>(map: &mut M, extra: &Extra) -> Result<(), M::Error> {
    #[cfg(feature = "dispatch")]
    if crate::dispatch::documented_only() {
        return Ok(());
    }
    extra.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))
}

/// A value, or a null that means something: in a request it clears what is set, where absent leaves it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Nullable<T> {
    /// An explicit null.
    Null,
    /// A value.
    Value(T),
}

impl<T> Nullable<T> {
    /// The value, `None` for null.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        match self {
            Nullable::Null => None,
            Nullable::Value(value) => Some(value),
        }
    }
}

impl<T> From<Option<T>> for Nullable<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Nullable::Null, Nullable::Value)
    }
}

impl<T> From<T> for Nullable<T> {
    fn from(value: T) -> Self {
        Nullable::Value(value)
    }
}

impl<T: Serialize> Serialize for Nullable<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

/// A text with a list of known values; values that come later are kept as they are.
pub trait Text: From<String> {
    /// The type's name, for errors.
    const NAME: &'static str;
    /// The known value that `text` spells.
    fn known(text: &str) -> Option<Self>;
}

struct TextVisitor<T>(PhantomData<T>);

impl<T: Text> Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a text ({})", T::NAME)
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::known(text).unwrap_or_else(|| T::from(text.to_owned())))
    }
}

/// Reads a text.
///
/// # Errors
/// When the input is no text; an unknown value is none.
pub fn read_text<'de, T: Text, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_str(TextVisitor(PhantomData))
}

/// An object of several kinds, told apart by a tag.
pub trait Union: Sized {
    /// The type's name, for errors.
    const NAME: &'static str;
    /// The field that tells the kinds apart.
    const TAG: &'static str;
    /// Reads the kind that `tag` names; a kind that is not known is kept as it came.
    ///
    /// # Errors
    /// When a value does not fit the kind.
    fn read<'de, A: MapAccess<'de>>(tag: Option<&str>, map: A) -> Result<Self, A::Error>;
}

struct UnionVisitor<T>(PhantomData<T>);

impl<'de, T: Union> Visitor<'de> for UnionVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object ({})", T::NAME)
    }

    /// Holds back the entries before the tag, then lets the kind read them and the rest.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let (mut held, mut tag) = (Vec::new(), None);
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value::<Value>()?;
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
/// When the input is no object or a value does not fit the kind that the tag names.
pub fn read_union<'de, T: Union, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_map(UnionVisitor(PhantomData))
}

/// Reads a kind that is a union itself.
///
/// # Errors
/// As [`Union::read`].
pub fn nested<'de, T: DeserializeOwned, A: MapAccess<'de>>(map: A) -> Result<T, A::Error> {
    T::deserialize(Value::Object(unknown(map)?)).map_err(A::Error::custom)
}

/// Reads an object of an unknown kind.
///
/// # Errors
/// When the input is not JSON.
pub fn unknown<'de, A: MapAccess<'de>>(mut map: A) -> Result<Extra, A::Error> {
    let mut extra = Extra::new();
    while let Some((key, value)) = map.next_entry()? {
        extra.insert(key, value);
    }
    Ok(extra)
}

/// Writes an object of an unknown kind.
///
/// # Errors
/// When the serializer fails.
pub fn write_unknown<S: Serializer>(extra: &Extra, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    put_extra(&mut map, extra)?;
    map.end()
}

/// Entries that were read ahead, then the rest of the map.
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

/// Implements serde and `Debug` for records by their [`Record`] part.
macro_rules! records {
    ($($name:ident),* $(,)?) => {$(
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::record::read(deserializer)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::record::write(self, serializer)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::shown::debug(self, f)
            }
        }
    )*};
}

/// Implements serde and the conversions of texts by their [`Text`] part and `as_str`.
macro_rules! texts {
    ($($name:ident),* $(,)?) => {$(
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::record::read_text(deserializer)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                <Self as $crate::record::Text>::known(&text).unwrap_or(Self::Unknown(text))
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                <Self as $crate::record::Text>::known(text).unwrap_or_else(|| Self::Unknown(text.to_owned()))
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(text))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl $crate::request::QueryValue for $name {
            fn push(&self, name: &'static str, query: &mut Vec<(&'static str, String)>) {
                query.push((name, self.as_str().to_owned()));
            }
        }
    )*};
}

/// Implements reading for unions by their [`Union`] part.
macro_rules! unions {
    ($($name:ident),* $(,)?) => {$(
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::record::read_union(deserializer)
            }
        }
    )*};
}

pub(crate) use {records, texts, unions};

/// The answer of an operation that promises no content. Some send a document all the same; its fields are kept.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct NoContent {
    /// What came.
    pub extra: Extra,
}

impl Record for NoContent {
    const NAME: &'static str = "NoContent";

    fn index(_key: &str) -> Option<usize> {
        None
    }

    fn read<'de, A: MapAccess<'de>>(mut fields: Fields<A>) -> Result<Self, A::Error> {
        while fields.next()?.is_some() {
            fields.keep()?;
        }
        Ok(Self { extra: fields.extra })
    }

    fn write<M: SerializeMap>(&self, _map: &mut M) -> Result<(), M::Error> {
        Ok(())
    }

    fn extra(&self) -> &Extra {
        &self.extra
    }
}

records! { NoContent }
