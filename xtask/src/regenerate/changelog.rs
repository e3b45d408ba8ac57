//! The changelog entry for a new document: a short summary for a user of the bindings.

use std::collections::BTreeSet;

use crate::diff::report::{Change, Report};

/// The changelog.
pub(crate) const CHANGELOG: &str = "CHANGELOG.md";

/// Maximum number of names or changes listed before the rest is counted.
const LISTED: usize = 12;

/// The changelog with an entry for the report at the end of its first section.
pub(crate) fn with_entry(text: &str, report: &Report) -> String {
    let entry = entry(report);
    let sections: Vec<usize> = text.match_indices("\n## ").map(|(at, _)| at + 1).collect();
    let (head, rest) = match sections.as_slice() {
        [] => (format!("{}\n\n## Unreleased\n", text.trim_end()), String::new()),
        [_] => (text.to_owned(), String::new()),
        [_, second, ..] => (text[..*second].to_owned(), format!("\n{}", &text[*second..])),
    };
    let gap = if head.trim_end().lines().last().is_some_and(|line| line.starts_with("## ")) { "\n\n" } else { "\n" };
    format!("{}{gap}{entry}{rest}", head.trim_end())
}

fn entry(report: &Report) -> String {
    let of = report.new.date.as_ref().unwrap_or(&report.new.name);
    let summary = &report.summary;
    let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let mut lines = format!(
        "- Bindings from the specification of {of}: {} in {}, {}.\n",
        count(summary.changes, "change"),
        count(summary.operations, "operation"),
        summary.breaking_words()
    );
    let named = |fits: &dyn Fn(&Change) -> bool| -> BTreeSet<String> {
        let changes = report.changes.iter().filter(|change| fits(change));
        changes.map(|change| format!("`{}`", change.operation_id)).collect()
    };
    let added = named(&|change| change.kind == "endpoint-added");
    let gone = named(&|change| change.kind.starts_with("api-removed-") || change.kind.starts_with("api-path-removed-"));
    for (title, names) in [("New", added), ("Removed", gone)] {
        if !names.is_empty() {
            lines += &wrapped(&format!("{title}: {}.", join_names(names.into_iter().collect(), ", ")));
        }
    }
    let other = report.changes.iter().filter(|change| change.breaking && !change.kind.contains("-removed-with"));
    let other: BTreeSet<String> = other
        .map(|change| format!("{} (`{}`, {})", change.message, change.operation_id, change.break_words()))
        .collect();
    if !other.is_empty() {
        lines += &wrapped(&format!("Breaking: {}.", join_names(other.into_iter().collect(), "; ")));
    }
    lines
}

fn join_names(mut names: Vec<String>, between: &str) -> String {
    let more = names.len().saturating_sub(LISTED);
    names.truncate(LISTED);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    names.join(between)
}

/// One item of an inner list, wrapped like the rest of the file.
fn wrapped(text: &str) -> String {
    const WIDTH: usize = 120;
    let (mut lines, mut line) = (String::new(), "  -".to_owned());
    for word in text.split(' ') {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines += &line;
            lines.push('\n');
            line = "   ".to_owned();
        }
        line.push(' ');
        line += word;
    }
    lines + &line + "\n"
}
