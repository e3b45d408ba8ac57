//! Names that stay distinct in Rust.
//!
//! Rust names drop case and punctuation, so two names of a document can become equal. The rule:
//!
//! 1. A `+` before a digit is always spelled out (`Etc/GMT+1` is `EtcGmtPlus1`), and so is all punctuation of a name
//!    without letters and digits (`<=` is `LessEquals`).
//! 2. Of names that are equal then, the first keeps the plain name: of values the first in the list, of types, fields
//!    and parameters the conventional spelling ([`precedence`]).
//! 3. Each of the others has its punctuation spelled out (`_foo` is `UnderscoreFoo`), or, if only letters differ, its
//!    case (`FOO` is `FooUpper`), or else a digest of its text.
//!
//! A name depends on its own text and on the names before it only. A further value at the end of a list renames none.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToSnakeCase;

/// A distinct Rust name for each of `names`. `rust` gives the plain name.
pub(crate) fn distinct<'a>(
    names: impl IntoIterator<Item = &'a str>,
    rust: fn(&str) -> String,
) -> BTreeMap<String, String> {
    let (mut taken, mut found, mut later) = (BTreeSet::new(), BTreeMap::new(), Vec::new());
    for name in names {
        let plain = rust(&with_plus(name));
        let named = if plain.is_empty() { rust(&spelled(name)) } else { plain };
        if taken.insert(named.clone()) {
            found.insert(name.to_owned(), named);
        } else if !found.contains_key(name) {
            later.push(name);
        }
    }
    for name in later {
        let words = spelled(name);
        let own = if rust(&words) == rust(name) { format!("{words} {}", case(name)) } else { words };
        let named = rust(&own);
        let named = if taken.contains(&named) { rust(&format!("{own} x{:08x}", digest(name))) } else { named };
        taken.insert(named.clone());
        found.insert(name.to_owned(), named);
    }
    found
}

/// Sorts names of which `conventional` says whether they are spelled as the convention has it: those first, then by
/// their bytes.
pub(crate) fn precedence<'a>(
    names: impl IntoIterator<Item = &'a str>,
    conventional: impl Fn(&str) -> bool,
) -> Vec<&'a str> {
    let mut names: Vec<&str> = names.into_iter().collect();
    names.sort_by_key(|name| (!conventional(name), *name));
    names
}

/// The module of a tag. Tags that differ in case and punctuation only share one.
pub(crate) fn module(tag: &str) -> String {
    let name = tag.to_snake_case();
    if name.is_empty() {
        "other".to_owned()
    } else if syn::parse_str::<syn::Ident>(&name).is_err() {
        format!("tag_{name}")
    } else {
        name
    }
}

/// The name with each `+` before a digit as a word.
fn with_plus(name: &str) -> String {
    let mut parts = name.split('+');
    let mut words = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        words.push_str(if part.starts_with(|c: char| c.is_ascii_digit()) { " plus " } else { "+" });
        words.push_str(part);
    }
    words
}

/// The name with its punctuation as words.
fn spelled(name: &str) -> String {
    if name.is_empty() {
        return "empty".to_owned();
    }
    let mut words = String::new();
    for (at, c) in name.char_indices() {
        let next = name[at + c.len_utf8()..].chars().next();
        let word = match c {
            _ if c.is_alphanumeric() => {
                words.push(c);
                continue;
            }
            '-' if next.is_some_and(|next| next.is_ascii_digit()) => "minus",
            '+' => "plus",
            '-' => "dash",
            '_' => "underscore",
            ' ' => "space",
            '.' => "dot",
            ',' => "comma",
            ':' => "colon",
            ';' => "semicolon",
            '/' => "slash",
            '\\' => "backslash",
            '=' => "equals",
            '<' => "less",
            '>' => "greater",
            '!' => "not",
            '~' => "tilde",
            '*' => "star",
            '%' => "percent",
            '&' => "and",
            '|' => "or",
            '^' => "caret",
            '?' => "question",
            '#' => "hash",
            '$' => "dollar",
            '@' => "at",
            '\'' => "quote",
            '"' => "double_quote",
            '`' => "backtick",
            '(' | ')' => "parenthesis",
            '[' | ']' => "bracket",
            '{' | '}' => "brace",
            other => {
                words.push_str(&format!(" u{:04x} ", u32::from(other)));
                continue;
            }
        };
        words.push_str(&format!(" {word} "));
    }
    words
}

/// The case of a name as a word.
fn case(name: &str) -> &'static str {
    let has = |is: fn(char) -> bool| name.chars().any(is);
    match (has(char::is_uppercase), has(char::is_lowercase)) {
        (true, false) => "upper",
        (false, true) => "lower",
        _ => "mixed",
    }
}

/// A digest of a text (FNV-1a).
fn digest(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |digest, byte| (digest ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use heck::ToPascalCase;

    use super::*;

    fn values(names: &[&str]) -> Vec<(String, String)> {
        let found = distinct(names.iter().copied(), str::to_pascal_case);
        names.iter().map(|value| ((*value).to_owned(), found[*value].clone())).collect()
    }

    #[test]
    fn colliding_values_get_names_from_their_own_text() {
        for (names, expected) in [
            (
                &["=", "<", ">", "<=", ">=", "!=", "≥"][..],
                "Equals Less Greater LessEquals GreaterEquals NotEquals U2265",
            ),
            (&["foo", "_foo", "FOO", "Foo", "foo_"], "Foo UnderscoreFoo FooUpper FooMixed FooUnderscore"),
            (&["Etc/GMT+1", "Etc/GMT-1", "+1", "1", "-1"], "EtcGmtPlus1 EtcGmt1 Plus1 1 Minus1"),
            (&["", "_", "-"], "Empty Underscore Dash"),
            (&["a-b", "a_b", "aB"], "AB AUnderscoreB ABMixed"),
            (&["foo", "FOO", "FOO_UPPER"], "Foo FooUpperXeccd95f7 FooUpper"),
        ] {
            let found: Vec<String> = values(names).into_iter().map(|(_, name)| name).collect();
            assert_eq!(found.join(" "), expected, "{names:?}");
        }
    }

    #[test]
    fn further_value_at_the_end_renames_none() {
        let names =
            ["=", "foo", "Etc/GMT-1", "<", "_foo", "FOO", "", "Etc/GMT+1", "a.b", "foo_", "Foo", "a-b", "-", "fOO"];
        for count in 1..names.len() {
            let (before, after) = (values(&names[..count]), values(&names[..=count]));
            assert_eq!(before, after[..count], "{:?} was added", names[count]);
        }
    }

    #[test]
    fn conventional_spelling_keeps_plain_name_in_any_order() {
        for names in [["id", "Id", "ID"], ["ID", "id", "Id"]] {
            let sorted = precedence(names, |name| name.starts_with(char::is_lowercase));
            let found = distinct(sorted, str::to_snake_case);
            assert_eq!(found["id"], "id");
            assert_eq!((found["ID"].as_str(), found["Id"].as_str()), ("id_upper", "id_mixed"));
        }
    }
}
