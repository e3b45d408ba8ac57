//! Compares the values that a schema allows: type, null, enum, bounds, default, discriminator.
//!
//! Only facts about the schema itself; its fields and parts are separate nodes. A finding lacks the first part of its
//! kind, which depends on the location of the schema.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{kinds::BOUNDS, report::Document, schemas::Direction, view::View};
use crate::openapi::pointer::Pointer;

/// A finding without the first part of its kind.
#[derive(Debug, Clone)]
pub(crate) struct UnplacedFinding {
    /// The rest of the kind's id.
    pub(crate) suffix: String,
    pub(crate) document: Document,
    pub(crate) pointer: String,
    pub(crate) message: String,
    /// False if it cannot be breaking at this location.
    pub(crate) may_break: bool,
}

/// The differences of two views.
pub(crate) fn compare(
    old: &View<'_>,
    new: &View<'_>,
    pointer: &Pointer,
    name: &str,
    direction: Direction,
) -> Vec<UnplacedFinding> {
    let mut facts = Vec::new();
    // The service cannot refuse a read-only field, but the client still reads its type.
    let ignored = direction == Direction::Request && old.read_only && new.read_only;
    let mut say = |suffix: &str, message: String, may_break: bool| {
        let message = if name.is_empty() { message } else { format!("{name}: {message}") };
        let (suffix, pointer) = (suffix.to_owned(), pointer.to_string());
        facts.push(UnplacedFinding { suffix, document: Document::New, pointer, message, may_break });
    };
    if (&old.kind, old.format) != (&new.kind, new.format) {
        let message = format!("type is now {}, was {}", new.type_name(), old.type_name());
        say("type-changed", message, old.rust_type() != new.rust_type());
    }
    if old.nullable != new.nullable {
        let suffix = if new.nullable { "became-nullable" } else { "became-not-nullable" };
        say(suffix, if new.nullable { "may be null" } else { "may no longer be null" }.to_owned(), !ignored);
    }
    if old.deprecated != new.deprecated {
        let suffix = if new.deprecated { "deprecated" } else { "reactivated" };
        say(suffix, if new.deprecated { "is deprecated" } else { "is no longer deprecated" }.to_owned(), true);
    }
    match (&old.values, &new.values) {
        (None, Some(values)) => say("became-enum", format!("is now one of {}", abbreviate_list(values)), true),
        (Some(_), None) => say("became-not-enum", "is no longer limited to a list of values".to_owned(), true),
        (Some(was), Some(is)) => {
            for value in is.difference(was) {
                say("enum-value-added", format!("new value {value}"), true);
            }
            for value in was.difference(is) {
                say("enum-value-removed", format!("value {value} removed"), true);
            }
        }
        (None, None) => {}
    }
    optional("default-value", "default", old.default, new.default, &mut say);
    let quoted = |pattern: Option<&str>| pattern.map(|pattern| Value::String(pattern.to_owned()));
    let patterns = (quoted(old.pattern), quoted(new.pattern));
    optional("pattern", "pattern", patterns.0.as_ref(), patterns.1.as_ref(), &mut |suffix, message, _| {
        say(suffix, message, !ignored);
    });
    for (keyword, bound, _) in BOUNDS {
        let (what, message) = match (old.bounds.get(keyword), new.bounds.get(keyword)) {
            (None, Some(is)) => ("set", format!("{keyword} {is}")),
            (Some(was), None) => ("unset", format!("{keyword} removed, was {was}")),
            (Some(was), Some(is)) if is > was => ("increased", format!("{keyword} is now {is}, was {was}")),
            (Some(was), Some(is)) if is < was => ("decreased", format!("{keyword} is now {is}, was {was}")),
            _ => continue,
        };
        say(&format!("{bound}-{what}"), message, !ignored);
    }
    for (keyword, bound, _) in BOUNDS {
        let (Some(_), Some(is)) = (old.bounds.get(keyword), new.bounds.get(keyword)) else { continue };
        match (old.exclusive.contains(keyword), new.exclusive.contains(keyword)) {
            (false, true) => say(
                &format!("{bound}-became-exclusive"),
                format!("{keyword} {is} is no longer allowed itself"),
                !ignored,
            ),
            (true, false) => {
                say(&format!("{bound}-became-inclusive"), format!("{keyword} {is} is now allowed itself"), !ignored)
            }
            _ => {}
        }
    }
    if old.closed != new.closed {
        let (suffix, message) = if new.closed {
            ("additional-properties-refused", "undocumented fields are refused")
        } else {
            ("additional-properties-allowed", "undocumented fields are allowed")
        };
        say(suffix, message.to_owned(), !ignored);
    }
    discriminator(old, new, &mut say);
    facts
}

/// The discriminator of a union.
fn discriminator(old: &View<'_>, new: &View<'_>, say: &mut impl FnMut(&str, String, bool)) {
    match (old.discriminator, new.discriminator) {
        (None, None) => {}
        (None, Some(is)) => say("discriminator-added", format!("alternatives are now distinguished by {is:?}"), true),
        (Some(was), None) => {
            say("discriminator-removed", format!("alternatives are no longer distinguished by {was:?}"), true);
        }
        (Some(was), Some(is)) => {
            if was != is {
                let message = format!("alternatives are now distinguished by {is:?}, not by {was:?}");
                say("discriminator-property-name-changed", message, true);
            }
            for (key, target) in &new.mapping {
                match old.mapping.get(key) {
                    None => say("discriminator-mapping-added", format!("{key:?} now means {}", last(target)), true),
                    Some(was) if was != target => {
                        let message = format!("{key:?} now means {}, not {}", last(target), last(was));
                        say("discriminator-mapping-changed", message, true);
                    }
                    Some(_) => {}
                }
            }
            for (key, target) in old.mapping.iter().filter(|(key, _)| !new.mapping.contains_key(*key)) {
                say("discriminator-mapping-deleted", format!("{key:?} no longer means {}", last(target)), true);
            }
        }
    }
}

/// A keyword that may be absent.
fn optional(
    suffix: &str,
    what: &str,
    old: Option<&Value>,
    new: Option<&Value>,
    say: &mut impl FnMut(&str, String, bool),
) {
    match (old, new) {
        (None, Some(is)) => say(&format!("{suffix}-added"), format!("{what} {}", abbreviate(is)), true),
        (Some(was), None) => {
            say(&format!("{suffix}-removed"), format!("{what} removed, was {}", abbreviate(was)), true)
        }
        (Some(was), Some(is)) if was != is => {
            say(
                &format!("{suffix}-changed"),
                format!("{what} is now {}, was {}", abbreviate(is), abbreviate(was)),
                true,
            );
        }
        _ => {}
    }
}

/// A value as JSON, truncated if it is long. The pointer leads to the rest.
fn abbreviate(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = value.to_string();
    if text.chars().count() <= LONGEST {
        text
    } else {
        format!("{}…", text.chars().take(LONGEST).collect::<String>())
    }
}

/// The name at the end of a reference.
fn last(target: &str) -> &str {
    target.rsplit('/').next().unwrap_or(target)
}

/// The first values of a list.
fn abbreviate_list(values: &BTreeSet<String>) -> String {
    let shown: Vec<&str> = values.iter().take(5).map(String::as_str).collect();
    let more = values.len().saturating_sub(5);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}
