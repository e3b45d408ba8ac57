//! IDs and names in paths, each with its own type, so that a snapshot's ID cannot be used as a project's.
//!
//! A caller's value is checked against the service's pattern before sending. A value of the service is only checked for
//! safety in a path, because real responses do not always match the patterns. A value that could change the path
//! (empty, a dot segment) never becomes an ID.

use std::convert::Infallible;

use crate::model::{
    error::Error,
    sealed::{self, Sealed},
};

/// Values that convert to an ID: text, which is checked, or the ID itself, owned or borrowed.
///
/// Methods take `impl IntoId<SnapshotId>`, so `get("5f3e…")`, `get(&snapshot.id)` and `get(id)` all work.
pub trait IntoId<T>: Sealed<sealed::IntoId<T>> {
    /// The checked ID.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the text is not a valid ID of this type.
    fn into_id(self) -> Result<T, Error>;
}

impl<T, S> Sealed<sealed::IntoId<T>> for S
where
    S: TryInto<T>,
    Error: From<S::Error>,
{
}

impl<T, S> IntoId<T> for S
where
    S: TryInto<T>,
    Error: From<S::Error>,
{
    fn into_id(self) -> Result<T, Error> {
        Ok(self.try_into()?)
    }
}

impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// An ID from the service: not checked against the pattern, only for safety in a path.
pub trait FromServer: Sealed<sealed::FromServer> + Sized {
    /// Its name in messages.
    const NAME: &'static str;

    /// The ID from the service. `None` if it is not safe in a path.
    #[must_use]
    fn from_server(text: String) -> Option<Self>;
}

pub(crate) fn is_hex(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

pub(crate) fn is_cluster_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphanumeric()) && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Whether `segment` stays one segment of a path after percent-encoding. Dots are refused because URL parsers resolve
/// `.` and `..` even when they are encoded.
pub(crate) fn is_path_safe(segment: &str) -> bool {
    !segment.is_empty() && segment.bytes().any(|b| b != b'.') && !segment.chars().any(char::is_control)
}

/// A database name has no dot, a collection name may have.
pub(crate) fn is_namespace(text: &str) -> bool {
    is_path_safe(text) && text.split_once('.').is_some_and(|(database, rest)| !database.is_empty() && !rest.is_empty())
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $check:ident, $form:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// Checks `text` against the documented form.
            ///
            /// # Errors
            /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if it has another form.
            pub fn new(text: impl AsRef<str>) -> std::result::Result<Self, $crate::model::error::Error> {
                let text = text.as_ref();
                if $crate::model::ids::$check(text) {
                    Ok(Self(text.into()))
                } else {
                    Err($crate::model::error::Error::new($crate::model::error_kind::ErrorKind::InvalidInput, format!(concat!("invalid ", $what, " {:?}: expected ", $form), text)))
                }
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl $crate::model::sealed::Sealed<$crate::model::sealed::FromServer> for $name {}

        impl $crate::model::ids::FromServer for $name {
            const NAME: &'static str = $what;

            fn from_server(text: String) -> Option<Self> {
                $crate::model::ids::is_path_safe(&text).then(|| Self(text.into()))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl From<&$name> for $name {
            fn from(id: &$name) -> Self {
                id.clone()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.into()
            }
        }

        impl From<&$name> for String {
            fn from(id: &$name) -> Self {
                id.as_str().to_owned()
            }
        }

        impl TryFrom<&str> for $name {
            type Error = $crate::model::error::Error;

            fn try_from(text: &str) -> std::result::Result<Self, $crate::model::error::Error> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::model::error::Error;

            fn try_from(text: String) -> std::result::Result<Self, $crate::model::error::Error> {
                Self::new(text)
            }
        }

        impl TryFrom<&String> for $name {
            type Error = $crate::model::error::Error;

            fn try_from(text: &String) -> std::result::Result<Self, $crate::model::error::Error> {
                Self::new(text)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        /// Accepts what the service may send, since a saved ID may come from there.
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                let refused = || serde::de::Error::custom(concat!("invalid ", $what));
                $crate::model::ids::FromServer::from_server(text).ok_or_else(refused)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::model::error::Error;

            fn from_str(text: &str) -> std::result::Result<Self, $crate::model::error::Error> {
                Self::new(text)
            }
        }
    };
}

pub use super::id_types::*;
pub(crate) use id;

/// Whether a text is a valid ID of a type, for the tests.
#[cfg(test)]
pub(crate) type Check = fn(&str) -> Result<String, Error>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::error_kind::ErrorKind;

    #[test]
    fn malformed_ids_are_refused_before_sending() {
        assert!(SnapshotId::new("32b6e34b3d91647abb20e7b8").is_ok());
        for wrong in
            ["", "32B6E34B3D91647ABB20E7B8", "32b6e34b3d91647abb20e7b", "32b6e34b3d91647abb20e7b8/", "../../etc"]
        {
            let error = SnapshotId::new(wrong).expect_err(wrong);
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains("invalid snapshot ID"), "{error}");
        }
        assert!(ClusterName::new("Cluster0-a").is_ok());
        for wrong in ["", "-a", "a b", "a/b", "..", "ä", "a.b"] {
            assert!(ClusterName::new(wrong).is_err(), "{wrong:?} was accepted");
        }
    }

    #[test]
    fn server_ids_need_only_be_path_safe() {
        assert_eq!(SnapshotId::from_server("NOT-hex".into()).map(String::from), Some("NOT-hex".into()));
        for unsafe_text in ["", ".", "..", "a\nb"] {
            assert!(SnapshotId::from_server(unsafe_text.into()).is_none(), "{unsafe_text:?}");
        }
    }

    #[test]
    fn id_converts_from_owned_and_borrowed_text() {
        fn take(id: impl IntoId<ProjectId>) -> bool {
            id.into_id().is_ok()
        }
        let id = ProjectId::new("32b6e34b3d91647abb20e7b8").expect("an id");
        assert!(take("32b6e34b3d91647abb20e7b8") && take(id.to_string()) && take(&id) && take(id));
        assert!(!take("32b6"));
    }

    /// The row of a path parameter. A row for specific paths takes precedence over a general one.
    fn row(parameter: &str, path: &str) -> (&'static str, &'static str, Check) {
        let fitting = PATH_PARAMETERS.iter().filter(|(name, within, _)| *name == parameter && path.contains(within));
        let row = fitting.max_by_key(|(_, within, _)| within.len());
        *row.unwrap_or_else(|| panic!("{parameter} in {path} has no type in spec/ids.toml"))
    }

    /// Texts similar to those that the patterns accept.
    fn texts() -> impl proptest::strategy::Strategy<Value = String> {
        use proptest::prelude::*;

        prop_oneof![
            "[a-f0-9]{23,25}",
            "[a-fA-F0-9g]{24}",
            "[a-zA-Z0-9-]{1,8}",
            "[-_ a-z0-9./%\\n]{0,6}",
            Just("é".repeat(12)),
            Just("5f3e8e7d9b1c2a0012345678\n".to_owned()),
        ]
    }

    /// Each path parameter once: its name, its type here, the official pattern.
    static PARAMETERS: std::sync::LazyLock<Vec<(&str, Check, Option<regex::Regex>)>> = std::sync::LazyLock::new(|| {
        use atlas_backup_generated::operations;
        use atlas_backup_runtime::Location;

        let mut found = std::collections::BTreeMap::new();
        for operation in operations::ALL {
            let path = operation.parameters.iter().filter(|p| p.location == Location::Path && p.values.is_empty());
            found.extend(path.map(|p| {
                let (name, within, check) = row(p.name, operation.path);
                ((name, p.pattern, within), check)
            }));
        }
        let compiled = |pattern| regex::Regex::new(pattern).expect("a pattern");
        found.into_iter().map(|((name, pattern, _), check)| (name, check, pattern.map(compiled))).collect()
    });

    proptest::proptest! {
        #[test]
        fn ids_are_refused_exactly_as_official_patterns_do(text in texts()) {
            for (name, check, pattern) in &*PARAMETERS {
                let accepted = check(&text).is_ok();
                match pattern {
                    Some(pattern) => proptest::prop_assert_eq!(accepted, pattern.is_match(&text), "{} {:?}", name, text),
                    None => proptest::prop_assert!(!accepted || is_path_safe(&text), "{} {:?}", name, text),
                }
            }
        }
    }

    #[test]
    fn namespace_splits_at_first_dot() {
        for right in ["shop.orders", "shop.a.b/c?", "ä.ö", "shop.."] {
            assert!(Namespace::new(right).is_ok(), "{right:?}");
        }
        for wrong in ["", "shop", ".orders", "shop.", "..", "a.b\n"] {
            assert!(Namespace::new(wrong).is_err(), "{wrong:?}");
        }
    }
}
