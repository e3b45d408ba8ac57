//! Text enums: known values and all others.

use std::{fmt, marker::PhantomData};

use serde::{Deserializer, de::Visitor};

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
