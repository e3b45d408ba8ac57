//! The implementations that all objects, text enums and unions share.

/// Implements serde and `Debug` for records by their [`Record`] part.
#[macro_export]
macro_rules! records {
    ($($name:ident),* $(,)?) => {$(
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::codec::read(deserializer)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::codec::write(self, serializer)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::codec::debug(self, f)
            }
        }
    )*};
}

/// Implements serde and the conversions of texts by their [`Text`] part and `as_str`.
#[macro_export]
macro_rules! texts {
    ($($name:ident),* $(,)?) => {$(
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::codec::read_text(deserializer)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                <Self as $crate::codec::Text>::known(&text).unwrap_or(Self::Unknown(text))
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                <Self as $crate::codec::Text>::known(text).unwrap_or_else(|| Self::Unknown(text.to_owned()))
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

        impl $crate::codec::QueryValue for $name {
            fn push(&self, name: &'static str, query: &mut Vec<(&'static str, String)>) {
                query.push((name, self.as_str().to_owned()));
            }
        }
    )*};
}

/// Implements reading for unions by their [`Union`] part.
#[macro_export]
macro_rules! unions {
    ($($name:ident),* $(,)?) => {$(
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::codec::read_union(deserializer)
            }
        }
    )*};
}
