//! Readable output: a changelog, breaking changes first.
//!
//! Changes of a shared schema are listed under its name with the operations that use it. A change common to many
//! operations or schemas is one line, and so is the same change in request and response. The other changes are listed
//! under their operation. Changes between a newest version and its predecessor have their own sections. Long lists are
//! cut; the JSON has all of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use super::report::{Change, Report};

/// Number of operations from which on one line covers all.
const MANY: usize = 4;
/// Number of operations named before the rest is counted.
const NAMED: usize = 3;
/// Number of values shown before the rest is counted.
const VALUES: usize = 6;

/// Sections of the breaking changes: title, whether at compile time, whether on the wire.
const BREAKING: [(&str, bool, bool); 3] = [
    ("Breaking at compile time and on the wire", true, true),
    ("Breaking at compile time", true, false),
    ("Breaking on the wire", false, true),
];

/// Sections after the breaking changes, by kind.
const SECTIONS: [(&str, &[&str]); 3] = [
    ("Added", &["endpoint-added", "resource-version-added"]),
    ("Deprecations and ends", &["endpoint-deprecated", "endpoint-reactivated", "sunset"]),
    ("Changed", &[""]),
];

/// The whole page.
pub(crate) fn page(report: &Report) -> String {
    let side = |compared: &super::report::Compared| match &compared.date {
        Some(date) if !compared.name.contains(date.as_str()) => format!("{} ({date})", compared.name),
        _ => compared.name.clone(),
    };
    let mut page = format!("# Changes from {} to {}\n\n", side(&report.old), side(&report.new));
    let summary = &report.summary;
    if summary.changes == 0 {
        page.push_str("No changes for a user of the bindings.\n");
        return page;
    }
    let _ = writeln!(
        page,
        "{} in {}, {}.",
        count(summary.changes, "change"),
        count(summary.operations, "operation"),
        summary.breaking_words()
    );
    let (moves, rest): (Vec<&Change>, Vec<&Change>) = report.changes.iter().partition(|change| change.is_move());
    let (breaking, rest): (Vec<&Change>, Vec<&Change>) = rest.into_iter().partition(|change| change.breaking);
    for (title, build, wire) in BREAKING {
        let changes: Vec<&Change> = breaking
            .iter()
            .copied()
            .filter(|change| (change.breaks_build, change.breaks_wire) == (build, wire))
            .collect();
        section(&mut page, title, &changes);
    }
    let (breaking, harmless): (Vec<&Change>, Vec<&Change>) = moves.into_iter().partition(|change| change.breaking);
    section(&mut page, "Breaking when moving to another version", &breaking);
    section(&mut page, "New when moving to another version", &harmless);
    let mut sections: Vec<Vec<&Change>> = vec![Vec::new(); SECTIONS.len()];
    for change in rest {
        let fits = |kinds: &[&str]| kinds.iter().any(|kind| change.kind.contains(kind));
        let at = SECTIONS.iter().position(|(_, kinds)| fits(kinds)).unwrap_or(SECTIONS.len() - 1);
        sections[at].push(change);
    }
    for ((title, _), changes) in SECTIONS.iter().zip(&sections) {
        section(&mut page, title, changes);
    }
    page
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// One line: its text and the directions to which it applies.
#[derive(Default)]
struct Line {
    ways: BTreeSet<&'static str>,
    operations: BTreeSet<String>,
}

fn section(page: &mut String, title: &str, changes: &[&Change]) {
    if changes.is_empty() {
        return;
    }
    let _ = write!(page, "\n## {title}\n\n");
    let mut shared: BTreeMap<&str, BTreeMap<(&str, &str), Line>> = BTreeMap::new();
    let mut own: BTreeMap<String, Line> = BTreeMap::new();
    for change in changes {
        let line = match &change.schema {
            Some(schema) => shared.entry(schema).or_default().entry((&change.pointer, &change.message)).or_default(),
            None => own.entry(without_status(&change.message)).or_default(),
        };
        line.ways.extend(direction(&change.kind));
        line.operations.extend(operations(change));
    }
    let (common, own): (BTreeMap<String, Line>, BTreeMap<String, Line>) =
        own.into_iter().partition(|(_, line)| line.operations.len() >= MANY);
    let mut by_operation: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (message, line) in own {
        for operation in line.operations {
            by_operation.entry(operation).or_default().insert(message.clone());
        }
    }
    for (operation, messages) in by_operation {
        entry(page, &operation, &messages.into_iter().collect::<Vec<_>>());
    }
    let mut together: BTreeMap<BTreeSet<String>, Vec<String>> = BTreeMap::new();
    for (message, line) in common {
        together.entry(line.operations).or_default().push(message);
    }
    for (operations, messages) in together {
        let _ = writeln!(page, "- {}: {}", messages.join("; "), name_list(&operations, "operations"));
    }
    schemas(page, shared);
}

/// Changes of shared schemas. Schemas with the same lines are grouped if there are many.
fn schemas(page: &mut String, shared: BTreeMap<&str, BTreeMap<(&str, &str), Line>>) {
    /// The name of a schema and its users.
    type SchemaUse = (String, BTreeSet<String>);
    let mut entries: Vec<(Vec<String>, Vec<SchemaUse>)> = Vec::new();
    for (schema, lines) in shared {
        let users: BTreeSet<String> = lines.values().flat_map(|line| line.operations.iter().cloned()).collect();
        let lines = lines.into_iter().map(|((_, message), line)| shown(schema, message, &line)).collect();
        let lines = merge_values(lines);
        match entries.iter_mut().find(|(other, _)| *other == lines) {
            Some((_, schemas)) => schemas.push((format!("`{schema}`"), users)),
            None => entries.push((lines, vec![(format!("`{schema}`"), users)])),
        }
    }
    for (lines, schemas) in entries {
        if schemas.len() < MANY {
            for (schema, users) in schemas {
                entry(page, &format!("{schema}, used by {}", name_list(&users, "operations")), &lines);
            }
        } else {
            let (names, users): (BTreeSet<String>, Vec<BTreeSet<String>>) = schemas.into_iter().unzip();
            let users: BTreeSet<String> = users.into_iter().flatten().collect();
            entry(
                page,
                &format!("{}, used by {}", name_list(&names, "schemas"), name_list(&users, "operations")),
                &lines,
            );
        }
    }
}

/// Merges the same message about responses with several statuses.
fn without_status(message: &str) -> String {
    let rest = message.strip_prefix("response ").and_then(|rest| rest.split_once(": "));
    match rest {
        Some((status, what)) if status.chars().all(|c| c.is_ascii_digit()) => format!("responses: {what}"),
        _ => message.to_owned(),
    }
}

/// A title with one line beside it or several below.
fn entry(page: &mut String, title: &str, lines: &[String]) {
    if let [only] = lines {
        let _ = writeln!(page, "- {title}: {only}");
        return;
    }
    let _ = writeln!(page, "- {title}");
    for line in lines {
        let _ = writeln!(page, "  - {line}");
    }
}

/// Merges lines about single values of the same list into one line.
fn merge_values(lines: Vec<String>) -> Vec<String> {
    /// The field, whether values were added or removed, and their directions.
    type Key = (String, &'static str, String);
    let parts = |line: &str| -> Option<(String, &'static str, String, String)> {
        let (before, ways) = line.rsplit_once(" (").unwrap_or((line, ""));
        let (field, what) = before.split_once("`: ").unwrap_or(("", before));
        let (words, value) = match what.strip_prefix("new value ") {
            Some(value) => ("new", value),
            None => ("removed", what.strip_prefix("value ")?.strip_suffix(" removed")?),
        };
        Some((field.to_owned(), words, ways.to_owned(), value.to_owned()))
    };
    let mut together: Vec<(Option<Key>, Vec<String>)> = Vec::new();
    for line in lines {
        let Some((field, words, ways, value)) = parts(&line) else {
            together.push((None, vec![line]));
            continue;
        };
        let key = Some((field, words, ways));
        match together.iter_mut().find(|(other, _)| *other == key) {
            Some((_, values)) => values.push(value),
            None => together.push((key, vec![value])),
        }
    }
    let line = |(key, values): (Option<Key>, Vec<String>)| match key {
        None => values.concat(),
        Some((field, words, ways)) => {
            let field = if field.is_empty() { field } else { format!("{field}`: ") };
            let ways = if ways.is_empty() { ways } else { format!(" ({ways}") };
            let noun = if values.len() == 1 { "value" } else { "values" };
            let more = values.len().saturating_sub(VALUES);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let shown: Vec<String> = values.into_iter().take(VALUES).collect();
            format!("{field}{words} {noun} {}{more}{ways}", shown.join(", "))
        }
    };
    together.into_iter().map(line).collect()
}

/// A line under its schema's name, so without that name.
fn shown(schema: &str, message: &str, line: &Line) -> String {
    let rest = message.strip_prefix(schema).unwrap_or(message);
    let rest = rest.trim_start_matches([':', ' ']);
    let text = match rest.strip_prefix('.').and_then(|rest| rest.split_once(": ")) {
        Some((field, what)) => format!("`{field}`: {what}"),
        None => rest.to_owned(),
    };
    let ways: Vec<&str> = line.ways.iter().copied().collect();
    if ways.is_empty() { text } else { format!("{text} ({})", ways.join(", ")) }
}

/// The direction, by the kind of the change.
fn direction(kind: &str) -> Option<&'static str> {
    if kind.starts_with("response-") {
        Some("received")
    } else if kind.starts_with("request-") || kind.contains("request-property") {
        Some("sent")
    } else {
        None
    }
}

/// The operations of a change, in any version.
fn operations(change: &Change) -> BTreeSet<String> {
    let named = |operation: &super::report::OperationVersion| match (&operation.moved_from, &operation.version) {
        (Some(from), Some(to)) if change.is_move() => format!("`{}` from {from} to {to}", operation.operation_id),
        _ => format!("`{}`", operation.operation_id),
    };
    change.operations.iter().map(named).collect()
}

/// The first names and the number of further ones.
fn name_list(names: &BTreeSet<String>, what: &str) -> String {
    let shown: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
    match names.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} {what} ({} and {more} more)", names.len(), shown.join(", ")),
    }
}
