//! Implementations for all objects, string enums and unions, each from a table with one line per field, value or kind.

/// Implements reading, writing and `Debug` for an object: `record!(Name { field: kind "wireName", … })`.
///
/// The keyword states the meaning of an absent field:
///
/// - `optional`: `Option<T>`; absent and null are both `None`.
/// - `any`: `Option<serde_json::Value>`; as `optional`.
/// - `nullable`: `Option<Nullable<T>>`; absent is `None`, null is kept.
/// - `list`: `Vec<T>`; absent and null are the empty list. An item that does not fit fails the object.
/// - `page`: `Vec<T>`; the items of a page. Absent and null are errors, and so are more items than
///   [`decode_at_most`](crate::codec::decode_at_most) allows.
/// - `time`: `Option<DateTime<Utc>>`; as `optional`. Text that would be written differently is kept in `extra` too.
/// - `required`: `T`; absent and null are errors.
/// - `required_nullable`: `Nullable<T>`; absent is an error.
///
/// The type has an `extra` field beside those of the table. The calling crate depends on `serde`.
#[macro_export]
macro_rules! record {
    ($name:ident { $($field:ident: $kind:ident $key:literal),* $(,)? }) => {
        const _: () = {
            /// The fields, in the order of their numbers.
            #[allow(dead_code, non_camel_case_types, reason = "named as the fields are; an object may have none")]
            enum Field { $($field),* }

            /// The numbers of the fields.
            #[allow(dead_code, reason = "an object may have no fields")]
            struct Number;

            #[allow(non_upper_case_globals, reason = "named as the fields are")]
            impl Number {
                $(const $field: usize = Field::$field as usize;)*
            }

            impl $crate::codec::Record for $name {
                const NAME: &'static str = stringify!($name);

                fn index(key: &str) -> Option<usize> {
                    match key {
                        $($key => Some(Number::$field),)*
                        _ => None,
                    }
                }

                fn read<'de, A: serde::de::MapAccess<'de>>(
                    mut fields: $crate::codec::Fields<A>,
                ) -> Result<Self, A::Error> {
                    $(let mut $field = None;)*
                    while let Some(number) = fields.next()? {
                        match number {
                            $(Number::$field => $crate::record!(@read $kind fields $field $key),)*
                            _ => fields.keep()?,
                        }
                    }
                    Ok(Self { $($field: $crate::record!(@value $kind $field $key),)* extra: fields.extra })
                }

                fn write<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
                    let _ = &map;
                    $($crate::record!(@write $kind map $key &self.$field);)*
                    Ok(())
                }

                fn extra(&self) -> &$crate::codec::Extra {
                    &self.extra
                }
            }

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
        };
    };
    (@read optional $fields:ident $slot:ident $key:literal) => { $fields.value(&mut $slot)? };
    (@read any $fields:ident $slot:ident $key:literal) => { $fields.any(&mut $slot)? };
    (@read required $fields:ident $slot:ident $key:literal) => { $fields.value(&mut $slot)? };
    (@read list $fields:ident $slot:ident $key:literal) => { $fields.list(&mut $slot)? };
    (@read page $fields:ident $slot:ident $key:literal) => { $fields.items(&mut $slot)? };
    (@read nullable $fields:ident $slot:ident $key:literal) => { $fields.nullable(&mut $slot)? };
    (@read time $fields:ident $slot:ident $key:literal) => { $fields.time(&mut $slot, $key)? };
    (@read required_nullable $fields:ident $slot:ident $key:literal) => { $fields.nullable(&mut $slot)? };
    (@value optional $slot:ident $key:literal) => { $slot };
    (@value any $slot:ident $key:literal) => { $slot };
    (@value nullable $slot:ident $key:literal) => { $slot };
    (@value time $slot:ident $key:literal) => { $slot };
    (@value page $slot:ident $key:literal) => { $crate::codec::required($slot, $key)? };
    (@value list $slot:ident $key:literal) => { $slot.unwrap_or_default() };
    (@value required $slot:ident $key:literal) => { $crate::codec::required($slot, $key)? };
    (@value required_nullable $slot:ident $key:literal) => { $crate::codec::required($slot, $key)? };
    (@write optional $map:ident $key:literal $value:expr) => { $crate::codec::put($map, $key, $value)? };
    (@write any $map:ident $key:literal $value:expr) => { $crate::codec::put($map, $key, $value)? };
    (@write time $map:ident $key:literal $value:expr) => { $crate::codec::put($map, $key, $value)? };
    (@write nullable $map:ident $key:literal $value:expr) => { $crate::codec::put($map, $key, $value)? };
    (@write $other:ident $map:ident $key:literal $value:expr) => { $map.serialize_entry($key, $value)? };
}

/// Implements reading, writing and conversions of an open string enum: `text!(Name { Variant = "WIRE", … })`.
///
/// The enum has a variant `Unknown(String)` beside those of the table. The calling crate depends on `serde`.
#[macro_export]
macro_rules! text {
    ($name:ident { $($variant:ident = $value:literal),* $(,)? }) => {
        impl $name {
            /// The string on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $value,)*
                    Self::Unknown(text) => text,
                }
            }
        }

        impl $crate::codec::Text for $name {
            const NAME: &'static str = stringify!($name);

            fn known(text: &str) -> Option<Self> {
                match text {
                    $($value => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

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
    };
}

/// Implements reading, writing and the conversions of a union:
/// `union!(Name by "tag" { Variant(Type): member "VALUE" | "OTHER", … })`.
///
/// A kind is a `member` if it is an object, and `nested` if it is a union itself. The enum has a variant
/// `Unknown(Extra)` beside those of the table. The calling crate depends on `serde`.
#[macro_export]
macro_rules! union {
    ($name:ident by $tag:literal { $($variant:ident($type:ident): $reader:ident $($value:literal)|+),* $(,)? }) => {
        $(impl From<$type> for $name {
            fn from(value: $type) -> Self {
                Self::$variant(Box::new(value))
            }
        })*

        impl $crate::codec::Union for $name {
            const NAME: &'static str = stringify!($name);
            const TAG: &'static str = $tag;

            fn read<'de, A: serde::de::MapAccess<'de>>(tag: Option<&str>, map: A) -> Result<Self, A::Error> {
                Ok(match tag {
                    $($(Some($value))|+ => Self::$variant(Box::new($crate::codec::$reader(map)?)),)*
                    _ => Self::Unknown($crate::codec::unknown(map)?),
                })
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::codec::read_union(deserializer)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$variant(value) => value.serialize(serializer),)*
                    Self::Unknown(extra) => $crate::codec::write_unknown(extra, serializer),
                }
            }
        }
    };
}
