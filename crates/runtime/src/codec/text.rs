//! String enums with known values and `Unknown`.

use std::{fmt, marker::PhantomData};

use serde::{Deserializer, de::Visitor};

/// A string with a list of known values. Other values are kept.
pub trait Text: From<String> {
    /// The type's name, for errors.
    const NAME: &'static str;
    /// The known value of `text`.
    fn known(text: &str) -> Option<Self>;
}

struct TextVisitor<T>(PhantomData<T>);

impl<T: Text> Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a string ({})", T::NAME)
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::known(text).unwrap_or_else(|| T::from(text.to_owned())))
    }
}

/// Reads a string.
///
/// # Errors
/// Returns an error if the input is not a string. An unknown value is not an error.
pub fn read_text<'de, T: Text, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_str(TextVisitor(PhantomData))
}
