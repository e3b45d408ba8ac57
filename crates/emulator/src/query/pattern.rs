//! Regular expressions of filters, which the server matches with PCRE.
//!
//! The syntax of both engines is the same for common patterns. Where a construct means something else to the `regex`
//! crate, it is rewritten or refused, so that no pattern matches other texts than on the server.

use regex::{Regex, RegexBuilder};

use crate::query::error::{CommandError, Result};

const INVALID: i32 = 51091;
/// Maximum length of a pattern, as in the server, and memory of the compiled one.
const MAX_LENGTH: usize = 16_384;
const MAX_MEMORY: usize = 1 << 20;

/// Compiles a pattern with the options of the server.
pub(crate) fn compile(pattern: &str, options: &str) -> Result<Regex> {
    let invalid = |why: &str| CommandError::new(INVALID, format!("Regular expression is invalid: {why}"));
    if pattern.len() > MAX_LENGTH {
        return Err(invalid("pattern is too long"));
    }
    let (mut lines, mut insensitive, mut dot_all) = (false, false, false);
    for option in options.chars() {
        match option {
            'i' => insensitive = true,
            'm' => lines = true,
            's' => dot_all = true,
            'u' => {}
            'x' => return Err(invalid("the emulator does not support the option x")),
            other => return Err(CommandError::new(51108, format!("invalid flag in regex options: {other}"))),
        }
    }
    let translated = translate(pattern, lines).map_err(invalid)?;
    let mut builder = RegexBuilder::new(&translated);
    builder.case_insensitive(insensitive).multi_line(lines).dot_matches_new_line(dot_all);
    builder.size_limit(MAX_MEMORY).build().map_err(|error| invalid(&error.to_string()))
}

/// The pattern in the syntax of the `regex` crate. In PCRE, `\d`, `\s`, `\w` and `\b` know ASCII only, `$` also matches
/// before a last line feed, and classes do not nest.
fn translate(pattern: &str, lines: bool) -> std::result::Result<String, &'static str> {
    let mut out = String::with_capacity(pattern.len());
    let mut characters = pattern.chars().peekable();
    let mut class: Option<usize> = None;
    while let Some(character) = characters.next() {
        let place = class.map(|place| place + 1);
        match (character, class) {
            ('\\', _) => match characters.next().ok_or("\\ at end of pattern")? {
                'd' => out += "[0-9]",
                'D' => out += "[^0-9]",
                's' => out += r"[\t-\r ]",
                'S' => out += r"[^\t-\r ]",
                'w' => out += "[0-9A-Za-z_]",
                'W' => out += "[^0-9A-Za-z_]",
                'b' if class.is_none() => out += r"(?-u:\b)",
                'B' if class.is_none() => return Err("the emulator does not support \\B"),
                'Z' if class.is_none() => out += r"(?:\n?\z)",
                'b' => out += r"\x08",
                other if other.is_ascii_alphabetic() && !"AfnrtxzpP".contains(other) => {
                    return Err("the emulator does not support this escape sequence");
                }
                other if other.is_ascii_digit() => return Err("the emulator does not support back references"),
                other if other.is_ascii() => out.extend(['\\', other]),
                other => out.push(other),
            },
            ('[', None) => {
                out.push('[');
                if characters.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
                // A bracket right at the beginning is a literal.
                if characters.next_if_eq(&']').is_some() {
                    out += r"\]";
                }
                class = Some(0);
                continue;
            }
            ('[', Some(_)) if characters.peek() == Some(&':') => out.push('['),
            (':', Some(_)) if out.ends_with('[') => {
                out.push(':');
                for next in characters.by_ref() {
                    out.push(next);
                    if next == ']' {
                        break;
                    }
                }
            }
            ('[', Some(_)) => out += r"\[",
            ('&' | '~', Some(_)) => out.extend(['\\', character]),
            ('-', Some(_)) if characters.peek() == Some(&'-') => {
                return Err("the emulator does not support this class");
            }
            (']', Some(_)) => {
                out.push(']');
                class = None;
                continue;
            }
            ('+', None) if out.ends_with(['+', '*', '?', '}']) => {
                return Err("the emulator does not support possessive quantifiers");
            }
            ('$', None) if !lines => out += r"(?:\n?\z)",
            ('(', None) if characters.peek() == Some(&'?') => {
                out.push('(');
                let rest: String = characters.clone().take(3).collect();
                // Other flags would change what `$` means.
                if !rest.starts_with("?:") && rest != "?i)" && rest != "?i:" {
                    return Err("the emulator does not support this group");
                }
            }
            (other, _) => out.push(other),
        }
        class = place;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pattern_matches_as_in_the_server() {
        for (pattern, options, text, expected) in [
            ("^sku-", "i", "SKU-0001", true),
            ("a$", "", "a\n", true),
            ("a$", "", "a\nb", false),
            ("a$", "m", "a\nb", true),
            (r"^\d+$", "", "٣", false),
            (r"\bmü", "", "mü", true),
            ("[[]x", "", "[x", true),
            ("[a&&b]", "", "&", true),
            ("[]a]", "", "]", true),
            ("[[:digit:]]", "", "7", true),
            ("a.b", "s", "a\nb", true),
            ("(?i)A+?b", "", "aab", true),
        ] {
            assert_eq!(compile(pattern, options).unwrap().is_match(text), expected, "{pattern}");
        }
        for pattern in [r"(a)\1", "(?=a)", "(", r"\K", "(?m)a$", "(?im)a$", "a++a", r"\v"] {
            assert_eq!(compile(pattern, "").unwrap_err().code, INVALID, "{pattern}");
        }
        assert_eq!(compile("a", "q").unwrap_err().code, 51108);
    }
}
