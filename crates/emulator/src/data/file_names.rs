//! File names for databases and collections.
//!
//! A collection name can contain almost anything, including `../../etc/passwd`. The result here is one plain file name:
//! no separator, no leading dot, no control character, nothing special to a file system or shell.

use md5::{Digest, Md5};

/// Longer names are truncated and get a digest of the whole name as suffix.
const MAX_LENGTH: usize = 208;

/// The file name for `name`. Letters, digits, `-`, `_` and inner dots are kept. Other characters are percent-encoded,
/// as in `mongodump`. Different names stay different.
pub(crate) fn file_name(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for (place, byte) in name.bytes().enumerate() {
        match byte {
            b'.' if place > 0 => escaped.push('.'),
            b'-' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => escaped.push(char::from(byte)),
            other => escaped.push_str(&format!("%{other:02X}")),
        }
    }
    if escaped.is_empty() {
        // An escaped name never contains a single `%`.
        return "%".to_owned();
    }
    if escaped.len() <= MAX_LENGTH {
        return escaped;
    }
    escaped.truncate(MAX_LENGTH);
    let digest: String = Md5::digest(name).iter().map(|byte| format!("{byte:02x}")).collect();
    // `%24` is a dollar sign, which no collection name contains. `mongorestore` recognizes a truncated name by it.
    format!("{escaped}%24{digest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_name_is_one_plain_path_segment_for_any_collection() {
        for (name, file) in [
            ("orders", "orders"),
            ("a.b-c_d", "a.b-c_d"),
            ("..", "%2E."),
            ("../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd"),
            ("/abs", "%2Fabs"),
            ("C:\\x", "C%3A%5Cx"),
            ("a\0b\n", "a%00b%0A"),
            ("größe", "gr%C3%B6%C3%9Fe"),
            ("50%", "50%25"),
            ("", "%"),
        ] {
            assert_eq!(file_name(name), file, "{name:?}");
        }
    }

    #[test]
    fn long_file_names_are_truncated_and_stay_unique() {
        let (one, two) = ("x".repeat(300), "x".repeat(301));
        assert!(file_name(&one).len() <= 244 && file_name(&one).contains("%24"));
        assert_ne!(file_name(&one), file_name(&two));
    }
}
